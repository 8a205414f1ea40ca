"""Which metrics and which window a log can support, and in words why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from svcsim.contacts.codes import coded
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.contacts.tables import tables
from svcsim.errors import Finding, InputError
from svcsim.metrics.catalogue import get_metric, list_metrics
from svcsim.metrics.metric import Metric, PlanRatio, SpellRatio
from svcsim.metrics.side import grouped_by, tables_of
from svcsim.text import Text

GROUPS_OF_SPELLS = ("agent", "team")
"""Columns by which work and staffed time can be told apart."""


def missing_columns(log: ContactLog, metric: Metric) -> list[str]:
    """Return the needs of a metric that the log does not hold at all (``a|b``: neither)."""
    return [need for need in metric.needs if not any(_known(log, name) for name in need.split("|"))]


def why_not(log: ContactLog, metric: Metric, by: Sequence[str] = ()) -> Text:
    """Return why a log cannot support a metric, or an empty text when it can.

    Stricter than `missing_columns`: a history without any link between contacts of one case would
    give a first contact resolution near 100 % that nobody should believe.
    """
    unlinked = "case_id" in metric.needs and log.origin == "history" and not _links_cases(log)
    missing = missing_columns(log, metric)
    empty = [need for need in missing if need in log.tables]
    if empty:
        return Text(
            f"the side table {', '.join(empty)} has no row that can be used",
            f"附表 {'、'.join(empty)} 没有可用的行",
        )
    told = reason(metric, missing, by, unlinked=unlinked)
    for table in () if told else tables_of(metric):
        there = grouped_by(log, table)
        other = [name for name in by if name not in there]
        if other:
            return Text(
                f"the table {table} does not say {', '.join(other)}",
                f"表 {table} 没有 {'、'.join(other)}",
            )
    return told


def reason(metric: Metric, missing: list[str], by: Sequence[str], *, unlinked: bool) -> Text:
    """Return `why_not` from the needs that are not there.

    ``unlinked``: a history in which nothing says which contacts are about the same case.
    """
    beside = [need for need in missing if need in tables()]
    if beside and beside == missing:
        names = ", ".join(f"{name}.csv" for name in beside)
        return Text(
            f"the log has no side table {names} (--tables gives it; docs/tables.md)",
            f"没有附表 {names}（用 --tables 给出，见 docs/tables.md）",
        )
    if missing == ["hours"]:
        return Text(
            "the desk's business hours are not known (--hours gives them)",
            "营业时间未知（用 --hours 给出）",
        )
    if missing:
        either = [need.replace("|", " or ") for need in missing]
        either_zh = "、".join(need.replace("|", " 或 ") for need in missing)
        return Text(f"the log has no {', no '.join(either)}", f"数据中没有 {either_zh}")
    if "case_id" in metric.needs and unlinked:
        return Text(
            "the log does not say which contacts are about the same case (customer or case_id)",
            "数据没有说明哪些联络属于同一个案（缺 customer 或 case_id）",
        )
    if isinstance(metric.kind, (SpellRatio, PlanRatio)):
        other = [name for name in by if name not in GROUPS_OF_SPELLS]
        if other:
            return Text(
                f"staffed time is not known by {', '.join(other)}",
                f"在岗时间无法按 {'、'.join(other)} 拆分",
            )
    return Text("")


def _known(log: ContactLog, name: str) -> bool:
    if name == "work":
        return log.work is not None and bool(log.work["start_s"].notna().any())
    if name in tables():
        return len(log.tables.get(name, ())) > 0
    if name == "hours":
        return log.hours is not None
    if name == "staffed":
        return log.staffed is not None and len(log.staffed) > 0
    if columns()[name].is_number:
        values = log.frame[name].to_numpy()
        return any(bool((part == part).any()) for part in (values[:1000], values))
    return bool((coded(log.frame, name).code >= 0).any())


def _links_cases(log: ContactLog) -> bool:
    frame = log.frame
    return bool((frame["case_id"] != frame["ticket_id"]).any() or (frame["contact_no"] > 1).any())


def choose(
    log: ContactLog, names: Iterable[str | Metric] = (), by: Sequence[str] = ()
) -> tuple[list[Metric], dict[str, Text]]:
    """Return the named metrics (default: the catalogue) that the log supports, and why not others.

    Raises
    ------
    InputError
        For unknown metrics, all of them at once.
    """
    findings: list[Finding] = []
    asked: list[Metric] = []
    for name in names:
        try:
            asked.append(name if isinstance(name, Metric) else get_metric(name))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    reasons = {metric: why_not(log, metric, by) for metric in asked or list_metrics()}
    return (
        [metric for metric, why in reasons.items() if not why],
        {metric.id: why for metric, why in reasons.items() if why},
    )


def window(log: ContactLog, since: str | None = None, until: str | None = None) -> ContactLog:
    """Return the log with its window cut to ``[since, until)``, local days.

    Contacts outside stay in the frame as context: `evaluate` counts only those of the window but
    needs the others to know of repeats and backlog.

    Raises
    ------
    InputError
        When a day cannot be read or no contact was opened in the window.
    """
    start = log.start if since is None else local_instant("--from", since, log.timezone)
    end = log.end if until is None else local_instant("--until", until, log.timezone)
    log.between(start, end)  # refuses an empty window in words
    return replace(log, start=max(start, log.start), end=min(end, log.end))


def local_instant(option: str, text: str, timezone: str) -> float:
    """Return the epoch seconds at which a local day begins.

    Raises
    ------
    InputError
        When it cannot be read, naming the option.
    """
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            Finding(option, f"'{text}'", "expected a local day such as 2024-03-01")
        ) from None
    return day.replace(tzinfo=ZoneInfo(timezone)).timestamp()
