"""What tiers of difficulty differ in: their share, their work and how often customers come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import came_back, expected_chance, team_of
from svcsim.calibration.speed import learn_speeds
from svcsim.contacts.log import ContactLog
from svcsim.stats.shrink import logit_shift, shrink_normal

Array = NDArray[np.float64]

SHARE_STRENGTH = 10.0
"""Contacts that the desk's own mix of tiers is worth in the mix of one category."""
ODDS_SPREAD = 0.5
"""Prior scale of log odds ratios of coming back between tiers."""


def at_usual_speed(frame: pd.DataFrame, category: pd.Series, tier: pd.Series, work: Array) -> Array:
    """Return what the work would have taken an agent of usual speed.

    Where hard work goes to fast agents, plain means would make it look easier than it is.
    """
    kinds = {"category": category, "tier": tier, "team": team_of(frame), "agent": frame["agent"]}
    known = np.isfinite(work)
    speeds = learn_speeds(pd.DataFrame(kinds).assign(seconds=work)[known])
    return np.asarray(work * speeds.of(frame["agent"]), dtype=np.float64)


def work_factors(
    category: pd.Series, tier: pd.Series, work: Array, on_means: bool
) -> dict[str, tuple[float, float, int]]:
    """Return tier -> (factor, sd of its log, n) with mean 1 over the contacts.

    They start at the mean work of a tier against that of all, and stay there as far as categories
    that hold only one tier tell nothing of what is the tier's and what the category's.

    The multiplicative model ``mean = category x tier`` is fitted by its margins (the Poisson
    likelihood equations), which keeps the total work of every category and every tier. Elapsed
    times have no meaningful mean; their factors are ratios of geometric means.
    """
    known = np.isfinite(work)
    kind = pd.factorize(category[known])[0]
    level, names = pd.factorize(tier[known])
    value = work[known] if on_means else np.log(work[known])
    factor, mean = _start(level, value, on_means), np.zeros(kind.max() + 1)
    for _ in range(200):
        before = factor
        if on_means:
            mean = np.bincount(kind, value) / np.bincount(kind, factor[level])
            factor = np.bincount(level, value) / np.bincount(level, mean[kind])
        else:
            mean = np.bincount(kind, value - np.log(factor[level])) / np.bincount(kind)
            factor = np.exp(np.bincount(level, value - mean[kind]) / np.bincount(level))
        factor = factor / factor[level].mean()
        if np.max(np.abs(factor - before)) < 1e-9:
            break
    if on_means:
        rest = value / (mean[kind] * factor[level]) - 1.0
    else:
        rest = value - mean[kind] - np.log(factor[level])
    size = np.bincount(level)
    sd = np.sqrt(np.bincount(level, rest**2) / size / np.maximum(size - 1, 1))
    out = {
        str(name): (float(factor[i]), float(sd[i]), int(size[i])) for i, name in enumerate(names)
    }
    for name in set(tier.unique()) - set(out):
        out[str(name)] = (1.0, 0.5, 0)
    return out


def _start(level: NDArray[np.int64], value: Array, on_means: bool) -> Array:
    """Return the mean work of each tier against that of all contacts."""
    mean = np.bincount(level, value) / np.bincount(level)
    if not on_means:
        mean = np.exp(mean - value.mean())
    start: Array = mean / mean[level].mean()
    return start


def return_odds(
    log: ContactLog, category: pd.Series, tier: pd.Series, names: list[str]
) -> dict[str, tuple[float, float, int]]:
    """Return tier -> (shrunk log odds ratio of coming back, sd, n) against its categories."""
    back, matured = came_back(log)
    out = {name: (0.0, ODDS_SPREAD, 0) for name in names}
    if not matured.any() or not back[matured].any():
        return out
    chance = expected_chance(category[matured], back[matured])
    kind = tier[matured].to_numpy()
    shifts = [
        logit_shift(float(back[matured][kind == name].sum()), chance[kind == name])
        for name in names
    ]
    shrunk = shrink_normal(*zip(*shifts, strict=True), prior_scale=ODDS_SPREAD, centre=0.0)
    for i, name in enumerate(names):
        out[name] = (float(shrunk.mean[i]), float(shrunk.sd[i]), int((kind == name).sum()))
    return out


def tier_shares(
    category: pd.Series, tier: pd.Series, root: NDArray[np.bool_]
) -> dict[str, dict[str, float]]:
    """Return the mix of tiers of new cases by category, leaning on the desk's where it is thin."""
    desk = tier[root].value_counts(normalize=True)
    desk = desk.reindex(sorted(tier.unique()), fill_value=0.0)
    table = pd.crosstab(category[root], tier[root])
    table = table.reindex(index=sorted(category.unique()), columns=desk.index, fill_value=0)
    own = (table + SHARE_STRENGTH * desk).div(table.sum(axis=1) + SHARE_STRENGTH, axis=0)
    return {str(name): {str(k): float(v) for k, v in row.items()} for name, row in own.iterrows()}
