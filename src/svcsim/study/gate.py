"""The gate before targets: what must hold before numbers of a baseline may be promised.

A proposal leaves as ready only when the rolling backtest passed on three time splits or more, the
tuned busy time is plausible, capacity was not assumed, forecast volume was covered, and FCR was
judged on windows that are over. Everything else is exploratory: it says so on every page, and its
intervals are 10 points wider.
"""

from __future__ import annotations

from scipy.stats import binom

from svcsim.model.baseline import Baseline
from svcsim.model.fidelity import Fidelity
from svcsim.text import Text

SLOWDOWN = (0.8, 1.3)
"""Busy time per recorded minute outside this range: rosters or handling times are wrong."""
LEAST_ORIGINS = 3
VOLUME_COVER, NOMINAL, UNLIKELY = 0.8, 0.9, 0.05
_VERDICTS = {
    "warn": Text("fidelity only with reserve: {why}", "保真度有保留：{why}"),
    "fail": Text("fidelity failed: {why}", "保真度未通过：{why}"),
    "none": Text("fidelity was not checked", "未检验保真度"),
}
_ORIGINS = Text(
    "checked on {n} time split{s}, at least {least} are needed (a longer history gives them)",
    "只在 {n} 个时间切分点上检验，至少需要 {least} 个（历史更长即可）",
)
_SLOWDOWN = Text(
    "busy time per recorded minute {k:.2f} (plausible: {low} to {high}): rosters or handling "
    "times are off",
    "每记录一分钟占用 {k:.2f}（合理范围 {low}–{high}）：班表或处理时间有偏差",
)
_CAPACITY = Text(
    "who was on duty is assumed: give a roster (--roster)",
    "在岗时间为假设值：请提供排班表（--roster）",
)
_VOLUME = Text(
    "forecast volume: {inside} of {n} held-out periods inside the 90 % band (needed: {least:.0%})",
    "预测业务量：{n} 个留出周期中 {inside} 个落在 90% 带内（需要 {least:.0%}）",
)
_NO_VOLUME = Text("forecast volume was not checked on held-out weeks", "未在留出周上检验预测业务量")
_FCR = Text(
    "repeat contacts were judged on no held-out week whose repeat window is over",
    "没有一个留出周的重复来访窗口已结束，未能检验重复来访",
)


def gate(baseline: Baseline) -> tuple[Text, ...]:
    """Return why numbers of a baseline must not yet be promised (empty: they may)."""
    found, why = baseline.fidelity, []
    if found.verdict != "pass":
        why.append(_VERDICTS[found.verdict].fill(why=found.why))
    if found.verdict != "none":
        why += _checked(baseline, found)
    factor = baseline.model.staffing.slowdown.value
    if not SLOWDOWN[0] <= factor <= SLOWDOWN[1]:
        why.append(_SLOWDOWN.fill(k=factor, low=SLOWDOWN[0], high=SLOWDOWN[1]))
    if baseline.model.staffing.presence.grade == "assumed":
        why.append(_CAPACITY)
    return tuple(why)


def _checked(baseline: Baseline, found: Fidelity) -> list[Text]:
    """Return what the check itself lacks."""
    why = []
    number = max(len(found.origins), 1)
    if number < LEAST_ORIGINS:
        why.append(_ORIGINS.fill(n=number, s="s" if number > 1 else "", least=LEAST_ORIGINS))
    volume = volume_cover(found)
    if volume is not None:
        why.append(volume)
    repeats = any(c.repeat.value > 0 for c in baseline.model.categories.values())
    judged = any(c.metric.startswith(("fcr_window", "repeat")) for c in found.cells)
    learned = any(c.repeat.grade == "measured" for c in baseline.model.categories.values())
    if repeats and learned and not judged:
        why.append(_FCR)
    return why


def volume_cover(found: Fidelity) -> Text | None:
    """Return why the forecast of volume does not pass, or None.

    At least 80 % of the held-out periods inside the 90 % band; fewer are let pass where a right
    forecast would have no more inside with probability 5 % or more: weeks of one origin share
    their level and hang together, so that is asked of the simulated logs (binomial where they
    were not kept).
    """
    rows = [c for c in found.coverage if c.metric == "volume" and c.band == NOMINAL]
    if not rows:
        return _NO_VOLUME
    inside, n = rows[0].inside, rows[0].cells
    luck = rows[0].by_chance
    luck = float(binom.cdf(inside, n, NOMINAL)) if luck is None else luck
    if inside >= VOLUME_COVER * n or luck >= UNLIKELY:
        return None
    return _VOLUME.fill(inside=inside, n=n, least=VOLUME_COVER)
