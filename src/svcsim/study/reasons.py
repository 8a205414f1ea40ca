"""What speaks for and against a baseline, one sentence each, in both languages."""

from __future__ import annotations

from svcsim.metrics.catalogue import named
from svcsim.model.fidelity import Coverage, Fidelity
from svcsim.text import Text, listed

UNLIKELY = 0.05
ORIGINS = Text(
    "{n} time splits, {weeks} periods held out: fitted anew each time on what was known then",
    "{n} 个时间切分点，共留出 {weeks} 个周期：每次只用当时已知的数据重新校准",
)
ONE_SPLIT = Text(
    "one time split only: the history is too short for three, so luck weighs more",
    "只有 1 个时间切分点：历史太短，不足以切分三次，偶然性影响较大",
)
INSIDE = Text(
    "inside the 90 % band: {share:.0%} of {cells} values (90 % interval {low:.0%} to {high:.0%}, "
    "weeks as the unit)",
    "落在 90% 带内：{cells} 个值中占 {share:.0%}（以周为单位的 90% 区间 {low:.0%}–{high:.0%}）",
)
CHANCE = Text(
    "a right model would have as few inside in {p:.0%} of cases",
    "即使模型正确，也有 {p:.0%} 的情形带内值这么少",
)
WORST = Text(
    "worst value: {kpi} {period}, z = {z:+.1f} (allowed for {cells} values: {limit:.1f})",
    "偏离最大：{kpi} {period}，z = {z:+.1f}（{cells} 个值时允许 {limit:.1f}）",
)
FORECAST = Text(
    "with forecast arrivals {share:.0%} of {cells} values inside the 90 % band",
    "改用预测到达量后，{cells} 个值中 {share:.0%} 落在 90% 带内",
)
NARROW = Text(
    "the bands are too narrow: {share:.0%} of the values lie in the {band:.0%} band",
    "区间带过窄：{band:.0%} 带内只有 {share:.0%} 的值",
)
WIDE = Text(
    "the bands are too wide: {share:.0%} of the values lie in the {band:.0%} band",
    "区间带过宽：{band:.0%} 带内有 {share:.0%} 的值",
)
OFF = Text(
    "{kpi}: recorded values lie {error} from the simulated ones on average (tolerated: {limit})",
    "{kpi}：记录值平均比模拟值 {error}（可容许 {limit}）",
)
FAR = Text(
    "distributions that differ by more than chance: {kinds}",
    "超出偶然的分布差异：{kinds}",
)
VOLUME = Text(
    "volume {key}: {observed:,.0f} came, {expected:,.0f} were forecast (z = {z:+.1f})",
    "业务量 {key}：实际 {observed:,.0f}，预测 {expected:,.0f}（z = {z:+.1f}）",
)
SHAPES = {
    "U": Text("values pile up at both ends of their bands: the bands are too narrow",
              "观测值集中在区间两端：区间带过窄"),
    "hump": Text("values crowd in the middle of their bands: the bands are too wide",
                 "观测值集中在区间中部：区间带过宽"),
    "low": Text("values lie in the lower part of their bands: what is simulated is biased upwards",
                "观测值偏向区间下部：模拟值系统性偏高"),
    "high": Text("values lie in the upper part of their bands: what is simulated is biased "
                 "downwards", "观测值偏向区间上部：模拟值系统性偏低"),
}  # fmt: skip
KINDS = {
    "arrivals": Text("arrivals by hour", "逐小时到达"),
    "circadian_openings": Text("openings by hour of week", "一周各时段的进线"),
    "circadian_work": Text("work by hour of week", "一周各时段的处理"),
    "workforce": Text("people at work", "在岗处理人数"),
    "cycle_time": Text("resolution time", "解决时长"),
    "response": Text("time to first response", "首次响应时长"),
}
"""Kinds of distances in words."""


def reasons_of(found: Fidelity) -> tuple[Text, ...]:
    """Return everything that a reader of the verdict should know, the weightiest first."""
    if not found.cells:
        return ()
    periods = len({(cell.origin, cell.period) for cell in found.cells})
    number = len(found.origins)
    split = ORIGINS.fill(n=number, weeks=periods) if number > 1 else ONE_SPLIT
    return (split, *_shares(found), *_worst(found), *_rest(found))


def _shares(found: Fidelity) -> list[Text]:
    out = []
    own = {c.band: c for c in found.coverage if c.arrivals == found.arrivals and not c.metric}
    if 0.9 in own:
        c = own[0.9]
        out.append(INSIDE.fill(share=c.share, cells=c.cells, low=c.low, high=c.high))
    if found.by_chance is not None:
        out.append(CHANCE.fill(p=found.by_chance))
    out += [t for t in (_off_nominal(c) for b, c in own.items() if b != 0.9) if t is not None]
    drawn = [c for c in found.coverage if (c.arrivals, c.band, c.metric) == ("forecast", 0.9, "")]
    if drawn and found.arrivals == "real":
        out.append(FORECAST.fill(share=drawn[0].share, cells=drawn[0].cells))
    return out


def _off_nominal(c: Coverage) -> Text | None:
    if c.low <= c.band <= c.high:
        return None
    text = NARROW if c.share < c.band else WIDE
    return text.fill(share=c.share, band=c.band)


def _worst(found: Fidelity) -> list[Text]:
    worst = max(found.cells, key=lambda cell: abs(cell.z))
    when = worst.origin if worst.period == "all" else worst.period
    return [
        WORST.fill(
            kpi=named(worst.metric), period=when, z=worst.z, cells=len(found.cells),
            limit=found.limit or 3.0,
        )
    ]  # fmt: skip


def _rest(found: Fidelity) -> list[Text]:
    out = [
        OFF.fill(
            kpi=named(level.metric),
            error=_signed(level.error, level.relative),
            limit=_signed(level.limit, level.relative, "±"),
        )
        for level in found.levels
        if not level.within
    ]
    out += [
        VOLUME.fill(key=check.key, observed=check.observed, expected=check.expected, z=check.z)
        for check in found.volume
        if abs(check.z) > 3
    ]
    out += [SHAPES[p.shape] for p in found.pit if p.metric == "all" and p.shape in SHAPES]
    far = [KINDS[d.kind] for d in found.distances if d.p < UNLIKELY]
    return [*out, FAR.fill(kinds=listed(far, (", ", "、")))] if far else out


def _signed(value: float, relative: bool, sign: str = "") -> Text:
    number = f"{100 * value:+.0f}" if not sign else f"{sign}{100 * value:.0f}"
    return (
        Text(f"{number} %", f"{number}%")
        if relative
        else Text(f"{number} points", f"{number} 个百分点")
    )
