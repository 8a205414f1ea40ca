"""Attainability: the share of simulated periods that meet a target, alone and with others.

P(met) = replications that meet the target / replications, with the Wilson (1927) interval at
90 %; after a change, from its own replications and those of the desk as is (`paired`). A
replication in which a KPI has no value (NaN) does not meet its target and is counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy.special import betainc

from svcsim.stats.interval import wilson
from svcsim.stats.two_phase import two_phase_share
from svcsim.targets.proposal import Probability

Runs = TypeVar("Runs", pd.DataFrame, pd.Series)

LEVEL = 0.90
"""Confidence of every interval of a probability."""

_TIME_STEPS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (90.0, (1, 2, 5)),
    (5400.0, (6, 15, 30, 60, 120, 300)),
    (172800.0, (360, 900, 1800, 3600, 7200)),
    (math.inf, (8640, 21600, 43200, 86400)),
)
"""Below so many seconds: steps that read well in seconds, minutes, hours, days (tenths or more)."""
_COARSEST = 0.075
"""A rounding step is at most this part of the value (times and counts)."""


def wide(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return one scenario of a KpiTable as replications x metrics (missing values stay NaN)."""
    rows = table[table["scenario"] == scenario]
    return rows.pivot(index="replication", columns="metric", values="value").sort_index()


def chooses(replications: Any) -> np.ndarray:
    """Return which replications choose targets: the odd ones (`judging` gives the others)."""
    odd: np.ndarray = np.asarray(replications) % 2 == 1
    return odd


def choosing(runs: Runs) -> Runs:
    """Return the replications that choose targets, by index."""
    return runs[chooses(runs.index)]


def judging(runs: Runs) -> Runs:
    """Return the replications that no target has seen, by index: every P(met) is theirs."""
    return runs[~chooses(runs.index)]


def met(values: Any, target: float, better: str) -> np.ndarray:
    """Return which values meet the target; a missing value does not."""
    found = np.asarray(values, dtype=float)
    return found <= target if better == "lower" else found >= target


def probability(hits: int, n: int, level: float = LEVEL) -> Probability:
    """Return hits / n with its Wilson interval; nothing observed is 0 to 1 around .5."""
    if n == 0:
        return Probability(value=0.5, low=0.0, high=1.0, n=0)
    low, high = wilson(hits, n, level)
    return Probability(
        value=hits / n,
        low=0.0 if hits == 0 else float(low),
        high=1.0 if hits == n else float(high),
        n=n,
    )


def in_words(chance: Probability, *, zh: bool = False) -> str:
    """Return ``65% of periods``; all or none of the replications are counted, not called 100 %."""
    if 0.0 < chance.value < 1.0:
        return f"{chance.value:.0%}" if zh else f"{chance.value:.0%} of periods"
    hits = round(chance.value * chance.n)
    return f"{chance.n} 期中 {hits} 期" if zh else f"{hits} of {chance.n} periods"


def p_met(values: Any, target: float, better: str) -> Probability:
    """Return P(target met) over replications."""
    hits = met(values, target, better)
    return probability(int(hits.sum()), len(hits))


def curve(
    values: pd.Series, grid: Sequence[float], better: str, before: pd.Series | None = None
) -> np.ndarray:
    """Return P(target met) at each target value of ``grid``, which rises.

    With ``before`` (the desk as it is, more replications) as `paired` gives it, smoothed so that
    an easier target is never less likely.
    """
    if before is None or len(before) <= len(values):
        return np.array([met(values, float(target), better).mean() for target in grid])
    moved = np.array(
        [
            paired(*(pd.Series(met(v, t, better), index=v.index) for v in (values, before))).value
            for t in grid
        ]
    )
    if better == "lower":
        return np.maximum.accumulate(moved)
    return np.maximum.accumulate(moved[::-1])[::-1]


def joint(
    table: pd.DataFrame, targets: Mapping[str, tuple[float, str]], scenario: str | None = None
) -> Probability:
    """Return P(all targets met in the same replication).

    Parameters
    ----------
    table : DataFrame
        Replications x metrics (`wide`), or a KpiTable when ``scenario`` is given.
    targets : mapping
        Metric -> (target value, ``lower`` or ``higher``).
    """
    values = table if scenario is None else wide(table, scenario)
    together = all_met(values, targets)
    return probability(int(together.sum()), len(values))


def all_met(values: pd.DataFrame, targets: Mapping[str, tuple[float, str]]) -> pd.Series:
    """Return for every replication whether it meets all targets."""
    together = np.ones(len(values), dtype=bool)
    for metric, (target, better) in targets.items():
        column = values[metric] if metric in values else np.full(len(values), np.nan)
        together &= met(column, target, better)
    return pd.Series(together, index=values.index)


def paired(after: pd.Series, before: pd.Series) -> Probability:
    """Return P(met) after a change that was run on some of the replications of the desk as is.

    With common random numbers the few replications of a change need not be as lucky as the many
    without it: P = P(before, all)·P(after | met before) + P(not met before, all)·P(after | not met
    before), the conditional shares from the replications that both have (`two_phase_share`).
    """
    shared = after.index.intersection(before.index)
    few, many = len(shared), len(before)
    if few < 2 or many <= few:
        return probability(int(after.sum()), len(after))
    value, low, high = (float(x) for x in two_phase_share(*_counts(after, before, shared), LEVEL))
    return Probability(value=value, low=min(low, value), high=max(high, value), n=few)


def _counts(
    after: pd.Series, before: pd.Series, shared: pd.Index
) -> tuple[int, int, int, int, int, int]:
    """Return how many shared replications meet it twice, after, before, never; and the others."""
    a, b = (series.loc[shared].to_numpy(dtype=bool) for series in (after, before))
    hits = int(before.sum()) - int(b.sum())
    each = (a & b, a & ~b, ~a & b, ~a & ~b)
    both, gained, lost, neither = (int(mask.sum()) for mask in each)
    return both, gained, lost, neither, hits, len(before) - len(shared)


def quantile_target(values: Any, p: float, better: str) -> float:
    """Return the value that a period meets with probability ``p`` (NaN when none can be).

    Harrell and Davis (1982) where at least 5 replications lie on either side, else the linear
    order-statistic quantile. Replications without a value count as misses, so ``p`` of all
    replications is looked for among those that have one.
    """
    found = np.asarray(values, dtype=float)
    finite = np.sort(found[np.isfinite(found)])
    if finite.size == 0:
        return math.nan
    among = p * found.size / finite.size
    if among > 1.0:
        return math.nan
    at = among if better == "lower" else 1.0 - among
    if finite.size * min(at, 1.0 - at) < 5:
        return float(np.quantile(finite, at))
    return harrell_davis(finite, at)


def harrell_davis(ordered: np.ndarray, p: float) -> float:
    """Return the Harrell-Davis quantile: a beta-weighted mean of the ordered values."""
    n = len(ordered)
    a, b = (n + 1) * p, (n + 1) * (1 - p)
    steps = betainc(a, b, np.arange(n + 1) / n)
    return float(np.diff(steps) @ ordered)


def grid_step(value: float, unit: str, sd: float = math.inf) -> float:
    """Return the step of the publishable grid at a value.

    Shares: 1 pp, .5 pp within 10 pp of 0 or 100 %, .1 pp within 2 pp; scores .05. Times: whole
    seconds, tenths to 5 minutes, tenths to 2 hours, tenths to whole days as the value grows; other
    numbers 1, 2, 5 x a power of ten: the largest step up to 7.5 % of the value. Where the step is
    larger than ``sd``, the noise of a period, a finer one is taken: rounding must not give away
    more than chance does.
    """
    size = abs(value)
    steps, widest = _steps(size, unit)
    fitting = [step for step in steps if step <= min(widest, max(sd, 0.0)) * (1 + 1e-9)]
    return float(max(fitting, default=min(steps)))


def _steps(size: float, unit: str) -> tuple[tuple[float, ...], float]:
    """Return the steps that read well at a value, and the widest one allowed."""
    if unit == "share":
        edge = min(size, 1.0 - size)
        return (0.001, 0.002, 0.005, 0.01), 0.001 if edge < 0.02 else 0.005 if edge < 0.1 else 0.01
    if unit == "score":
        return (0.01, 0.02, 0.05), 0.05
    if size == 0 or not math.isfinite(size):
        return (1.0,), 1.0
    if unit == "s":
        return next(steps for limit, steps in _TIME_STEPS if size < limit), _COARSEST * size
    power = 10.0 ** math.floor(math.log10(_COARSEST * size))
    return tuple(m * power / 10 for m in (1, 2, 5, 10, 20, 50)), _COARSEST * size


def round_easier(value: float, unit: str, better: str, sd: float = math.inf) -> float:
    """Round to the publishable grid towards the side that is easier to meet."""
    if not math.isfinite(value):
        return value
    step = grid_step(value, unit, sd)
    # A value that is on the grid but for the last bits of a float stays where it is.
    steps = round(value / step, 9)
    whole = math.ceil(steps) if better == "lower" else math.floor(steps)
    return float(f"{whole * step:.10g}")


def next_target(value: float, unit: str, better: str, sd: float, *, harder: bool) -> float:
    """Return the neighbouring target on the publishable grid."""
    step = grid_step(value, unit, sd)
    sign = 1.0 if (better == "higher") is harder else -1.0
    return float(f"{value + sign * step:.10g}")


def harder(a: float, b: float, better: str) -> float:
    """Return the target that is harder to meet; a missing one counts as the easiest."""
    if math.isnan(a) or math.isnan(b):
        return b if math.isnan(a) else a
    return min(a, b) if better == "lower" else max(a, b)


def easier(a: float, b: float, better: str) -> float:
    """Return the target that is easier to meet; a missing one counts as the easiest."""
    if math.isnan(a) or math.isnan(b):
        return math.nan
    return max(a, b) if better == "lower" else min(a, b)
