"""What an export without a mapping might be: the preset that fits, or a mapping to start from."""

from __future__ import annotations

from svcsim.contacts.columns import columns as canonical_columns
from svcsim.contacts.mapping import Mapping, presets
from svcsim.errors import Finding, InputError
from svcsim.spec import dump_yaml

ENOUGH = 0.5
_WORDS = {
    "ticket_id": ("ticket id", "id", "number", "issue key", "case number", "工单编号", "工单号"),
    "opened_s": ("created", "created at", "created time", "opened", "opened at", "创建时间",
                 "会话开始时间", "开始时间"),
    "first_response_s": ("first response", "first response time", "first reply", "首次响应时间",
                         "客服首次发送消息时间"),
    "resolved_s": ("resolved", "resolved at", "solved at", "resolution time", "resolved time",
                   "解决时间", "完成时间"),
    "closed_s": ("closed", "closed at", "close time", "closed time", "关闭时间"),
    "agent": ("agent", "assignee", "owner", "agent name", "ticket owner", "resolved by", "客服",
              "处理人"),
    "team": ("team", "group", "agent group", "assignment group", "department", "客服组", "技能组"),
    "customer": ("customer", "requester", "caller", "reporter", "contact name", "客户", "用户"),
    "segment": ("segment", "customer segment", "customer type", "客户类型", "客户群"),
    "language": ("language", "locale", "语言"),
    "category": ("category", "topic", "type", "issue type", "request type", "分类", "问题类型"),
    "priority": ("priority", "urgency", "优先级"),
    "channel": ("channel", "source", "via", "contact type", "渠道", "来源"),
    "csat": ("csat", "satisfaction score", "survey results", "survey score", "满意度",
             "满意度评分"),
    "reopens": ("reopens", "reopen count", "number of reopen", "重开次数"),
}  # fmt: skip
"""Headers that exports commonly use (vendors' documents), lower case, for the skeleton only."""


def choose(header: list[str], source: str) -> tuple[Mapping, Finding]:
    """Return the preset whose every column the export has, with a note that says so.

    A preset fits best by the share of its columns present, then by how many it reads.

    Raises
    ------
    InputError
        When no preset fits whole: the error names the nearest one, or gives a mapping to start.
    """
    fits = {name: _fit(preset, header) for name, preset in presets().items()}
    best = max(fits, key=lambda name: (fits[name], len(presets()[name].needed())))
    preset = presets()[best]
    if fits[best] == 1.0:
        zone = f", time zone {preset.timezone}" if preset.timezone else ""
        text = f"read with the preset '{best}' (every column it reads is there{zone})"
        return preset, Finding(source, text, "", "--preset or --mapping chooses another", "note")
    if fits[best] >= ENOUGH:
        lacking = [name for name in preset.needed() if name not in header]
        mend = (
            f"--preset {best} fits best ({fits[best]:.0%} of its columns are there; missing: "
            f"{', '.join(lacking[:6])}); or write a mapping: --mapping FILE"
        )
    else:
        mend = (
            f"write a mapping file and name it with --mapping; to start from:\n{skeleton(header)}"
        )
    raise InputError(
        Finding(
            source,
            f"no preset reads these columns: {', '.join(header[:30])}",
            f"presets: {', '.join(presets())}",
            mend,
        )
    )


def skeleton(header: list[str]) -> str:
    """Return a mapping to start from: canonical columns with the nearest headers of the export."""
    found: dict[str, str] = {}
    plain = {name: _plain(name) for name in header}
    for canonical in canonical_columns():
        words = (*_WORDS.get(canonical, ()), _plain(canonical.removesuffix("_s")))
        for word in words:
            match = next((n for n, p in plain.items() if p == word and n not in found.values()), "")
            if match:
                found[canonical] = match
                break
    for name in ("ticket_id", "opened_s"):
        found.setdefault(name, "???")
    ordered = {name: found[name] for name in canonical_columns() if name in found}
    return dump_yaml({"name": "my-desk", "timezone": "???", "columns": ordered}).rstrip()


def _fit(preset: Mapping, header: list[str]) -> float:
    """Return the share of a preset's columns that an export has."""
    if preset.optional:
        return float({"ticket_id"} <= set(header) and bool({"opened_s", "opened_at"} & set(header)))
    needed = preset.needed()
    return sum(name in header for name in needed) / len(needed)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
