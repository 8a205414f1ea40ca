"""A change in one sentence: how much, whether luck explains it, and where it came from."""

from __future__ import annotations

from svcsim.metrics.metric import Metric
from svcsim.scorecard.change import Change, Part
from svcsim.scorecard.curve import Direction
from svcsim.text import LANGUAGES, Text
from svcsim.units import format_value

SMALL = 0.1
"""A part below this share of all parts together is not worth a word."""
_BECAUSE = {
    ("mix_category", True): Text("because easier types came", "因为来的类型更容易"),
    ("mix_category", False): Text("because harder types came", "因为来的类型更难"),
    ("mix_difficulty", True): Text(
        "because contacts within the types were easier", "因为同类型内的工单更容易"
    ),
    ("mix_difficulty", False): Text(
        "because contacts within the types were harder", "因为同类型内的工单更难"
    ),
    ("mix_agent", True): Text(
        "because people who do better on them handled more", "因为更多由做得更好的人处理"
    ),
    ("mix_agent", False): Text(
        "because people who do worse on them handled more", "因为更多由做得较差的人处理"
    ),
}
_SAME = {
    True: Text("on the same kinds with the same people", "来自同一批人处理同类工单"),
    False: Text("on the same kinds", "来自同类工单"),
}
PARTS = ("rate", "mix_category", "mix_difficulty", "mix_agent")


def sentence(change: Change, metric: Metric, better: Direction) -> Text:
    """Return ``CSAT fell 2.9 points (85% to 82%): -4.3 because harder types came, +1.4 ...``.

    Within noise (the interval of the total holds zero) the sentence says so, and only parts that
    are clear by themselves are named.
    """
    total = change.total
    moved = abs(total.value)
    sizes = [difference(moved, metric, lang) for lang in LANGUAGES]
    spans = [_span(total, metric, lang) for lang in LANGUAGES]
    size, span = Text(*sizes), Text(*spans)
    before, now = (format_value(v, metric.unit) for v in (change.before, change.now))
    up = total.value >= 0
    why = _reasons(change, metric, better)
    if total.clear:
        return Text(
            f"{metric.en} {'rose' if up else 'fell'} {size.en} ({before.en} to {now.en}; "
            f"95 %: {span.en}){_tail(why, 'en')}",
            f"{metric.zh}{'上升' if up else '下降'} {size.zh}（{before.zh} → {now.zh}；"
            f"95%：{span.zh}）{_tail(why, 'zh')}",
        )
    return Text(
        f"{metric.en}: {before.en} to {now.en}, {_signed(total.value, metric, 'en')}, within what "
        f"luck moves (95 %: {span.en}){_tail(why, 'en')}",
        f"{metric.zh}：{before.zh} → {now.zh}，{_signed(total.value, metric, 'zh')}，"
        f"在偶然波动范围内（95%：{span.zh}）{_tail(why, 'zh')}",
    )


def difference(value: float, metric: Metric, lang: str) -> str:
    """Return a difference in the unit of a KPI; those of shares are percentage points."""
    if metric.unit == "share":
        word = "points" if lang == "en" else "个百分点"
        return f"{round(100 * value, 1) + 0.0:.1f} {word}"  # + 0.0: no minus before a zero
    sign = "-" if value < 0 else ""
    return sign + format_value(abs(value), metric.unit, 2).in_(lang)


def _signed(value: float, metric: Metric, lang: str) -> str:
    return ("+" if value >= 0 else "") + difference(value, metric, lang)


def _span(part: Part, metric: Metric, lang: str) -> str:
    low, high = (_signed(v, metric, lang) for v in (part.lower, part.upper))
    if metric.unit == "share":
        low = low.split(" ", maxsplit=1)[0]
    return f"{low} to {high}" if lang == "en" else f"{low} 至 {high}"


def _reasons(change: Change, metric: Metric, better: Direction) -> list[Text]:
    parts = {name: getattr(change, name) for name in PARTS}
    whole = sum(abs(part.value) for part in parts.values())
    out = []
    for name, part in sorted(parts.items(), key=lambda item: -abs(item[1].value)):
        told = abs(part.value) >= SMALL * whole if change.total.clear else part.clear
        if whole > 0 and told and part.value != 0:
            good = (part.value > 0) == (better == "higher")
            why = _SAME[change.by_agent] if name == "rate" else _BECAUSE[name, good]
            values = [_signed(part.value, metric, lang) for lang in ("en", "zh")]
            out.append(Text(f"{values[0]} {why.en}", f"{values[1]} {why.zh}"))
    return out


def _tail(why: list[Text], lang: str) -> str:
    if not why:
        return ""
    if lang == "en":
        return ": " + ", ".join(text.en for text in why)
    return "：" + "，".join(text.zh for text in why)
