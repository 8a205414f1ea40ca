"""Skill gaps: on which kinds of contact an agent differs from the others by more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric, Share
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.kpi_rows import KpiRows, codes, labels, unit_codes
from svcsim.scorecard.reliability import PRIOR
from svcsim.stats.shrink import shrink_normal

Floats = NDArray[np.float64]

SIZE = {"share": 0.05, "score": 0.2}
"""A gap worth training for: 5 points of a share, 0.2 of a 1-5 score; times 15 % (log scale)."""
RATIO = 0.15
SURE = 0.80
"""How probable a gap of that size must be before it is listed."""
LEAST = 10
"""Fewer contacts of a kind say nothing about a person."""


@dataclass(frozen=True)
class Gap:
    """One agent, one category, one KPI: difference to the others on such contacts.

    Parameters
    ----------
    value, expected : float
        Measured, and what the other agents reach on the very same kinds of contact.
    gap, lower, upper : float
        Shrunk difference with its 95 % interval in the metric's unit (of times a ratio minus 1),
        positive = worse, whatever the direction of the KPI.
    size : float
        The gap that is worth training for.
    p_worse, p_better : float
        P(true gap worse than ``size``), P(true difference better than ``size``).
    listed : str
        ``train``, ``shows how`` or empty where the difference may be noise.
    """

    metric: str
    agent: str
    category: str
    n: int
    value: float
    expected: float
    gap: float
    lower: float
    upper: float
    relative: bool
    size: float
    p_worse: float
    p_better: float
    listed: str


def skill_gaps(
    log: ContactLog,
    metric: Metric,
    rows: KpiRows,
    expected: Floats,
    names: Sequence[str],
    better: Direction,
) -> list[Gap]:
    """Return the difference of every agent to the others in every category with ten contacts.

    y = observed − expected (log of their ratio for times), with the contact-by-contact expectation
    of the *other* agents (`difficulty.expected_values`). Its error is that of the contacts within
    the category; all y of a KPI are shrunk to 0 together (y ~ N(θ, s²), θ ~ N(0, τ²), τ averaged
    over its posterior), so among many cells the extreme ones are not taken at their word.
    """
    if not rows.adds_up:
        return []
    agent = unit_codes(log.frame, "agent", names, rows.row)
    category, kinds = codes(log.frame, ("category",), rows.row)
    use = (agent >= 0) & np.isfinite(expected)
    cell = (agent * kinds + category)[use]
    size = len(names) * kinds
    n, top, bottom, aim = (
        np.bincount(cell, weights, size)
        for weights in (None, rows.top[use], rows.bottom[use], (expected * rows.bottom)[use])
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        observed, others = top / bottom, aim / bottom
    relative = metric.unit in ("s", "count", "per day", "money")
    error = _error(metric, rows.taken(use), expected[use], category[use], kinds, cell, n, bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.log(observed / others) if relative else observed - others
        error = error / others if relative else error
    y = y if better == "lower" else -y
    known = (n >= LEAST) & np.isfinite(y) & np.isfinite(error) & (error > 0)
    if not known.any():
        return []
    prior = PRIOR["log"] if relative else PRIOR.get(metric.unit, 0.1 * abs(float(top.sum() / bottom.sum())))
    shrunk = shrink_normal(y[known], error[known], prior_scale=prior, centre=0.0)
    worth = np.log1p(RATIO) if relative else SIZE.get(metric.unit, 2 * prior)
    places = np.flatnonzero(known)
    first = np.zeros(kinds, dtype=np.int64)
    first[category] = rows.row
    names_of = labels(log.frame, "category", first)
    out = []
    for k, at in enumerate(places):
        mean, sd = float(shrunk.mean[k]), float(shrunk.sd[k])
        worse = float(norm.sf((worth - mean) / sd)) if sd > 0 else float(mean > worth)
        good = float(norm.cdf((-worth - mean) / sd)) if sd > 0 else float(mean < -worth)
        shown = [np.expm1(x) if relative else x for x in (mean, mean - 1.96 * sd, mean + 1.96 * sd)]
        out.append(
            Gap(
                metric.id,
                names[at // kinds],
                names_of[at % kinds],
                int(n[at]),
                float(observed[at]),
                float(others[at]),
                *(float(x) for x in shown),
                relative,
                float(np.expm1(worth) if relative else worth),
                worse,
                good,
                "train" if worse >= SURE else "shows how" if good >= SURE else "",
            )
        )
    return out


def _error(
    metric: Metric,
    rows: KpiRows,
    expected: Floats,
    category: NDArray[np.int64],
    kinds: int,
    cell: NDArray[np.int64],
    n: Floats,
    bottom: Floats,
) -> Floats:
    """Return the standard error of every cell's value from the spread within its category."""
    residual = rows.top - expected * rows.bottom
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.bincount(category, residual**2, kinds) / np.bincount(category, minlength=kinds)
        spread = np.tile(within, len(n) // kinds)
        if isinstance(metric.kind, Share):
            # A cell of few misses must not look surer than its own share allows.
            own = (np.bincount(cell, rows.top, len(n)) + 1) / (n + 2)
            spread = np.fmax(spread, own * (1 - own))
        return np.asarray(np.sqrt(spread * n) / bottom)
