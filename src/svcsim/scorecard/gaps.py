"""Skill gaps: on which kinds of contact an agent differs from the others by more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric, Share
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.kpi_rows import KpiRows, codes, labels, unit_codes
from svcsim.scorecard.reliability import PRIOR
from svcsim.stats.interval import LEVEL
from svcsim.stats.shrink import shrink_normal

Floats = NDArray[np.float64]

SIZE = {"share": 0.05, "score": 0.2}
"""A gap worth training for: 5 points of a share, 0.2 of a 1-5 score; times 15 % (log scale)."""
RATIO = 0.15
SURE = 0.80
"""How probable a gap of that size must be before it is listed."""
Z = float(norm.ppf(0.5 + LEVEL / 2))
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
    of the *other* agents (`difficulty.expected_values`). Its error is that of the agent's own n
    contacts in the category and of the m of the others: √(1 + n/m) times the former. All y of a
    KPI are shrunk to 0 together (y ~ N(θ, s²), θ ~ N(0, τ²), τ averaged over its posterior), so
    among many cells the extreme ones are not taken at their word.
    """
    if not rows.adds_up:
        return []
    agent = unit_codes(log.frame, "agent", names, rows.row)
    category, kinds = codes(log.frame, ("category",), rows.row)
    use = (agent >= 0) & np.isfinite(expected)
    cells = _cells(metric, rows.taken(use), expected[use], agent[use], category[use], len(names))
    relative = metric.unit in ("s", "count", "per day", "money")
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.log(cells.observed / cells.expected)
        per_kind = cells.n.reshape(len(names), kinds)
        others = (per_kind.sum(axis=0) - per_kind).ravel()
        own = cells.error * np.sqrt(1 + cells.n / others)
        error = own / cells.expected
        y, error = (y, error) if relative else (cells.observed - cells.expected, own)
    y = y if better == "lower" else -y
    known = (cells.n >= LEAST) & np.isfinite(y) & np.isfinite(error) & (error > 0)
    if not known.any():
        return []
    usual = PRIOR.get(metric.unit, 0.1 * abs(float(rows.top.sum() / rows.bottom.sum())))
    prior = PRIOR["log"] if relative else usual
    shrunk = shrink_normal(y[known], error[known], prior_scale=prior, centre=0.0)
    worth = float(np.log1p(RATIO)) if relative else SIZE.get(metric.unit, 2 * prior)
    first = np.zeros(kinds, dtype=np.int64)
    first[category] = rows.row
    label = labels(log.frame, "category", first)
    out = []
    for at, mean, sd in zip(np.flatnonzero(known).tolist(), shrunk.mean, shrunk.sd, strict=True):
        who, what = divmod(at, kinds)
        believed = _Belief(float(mean), float(sd), worth, relative)
        out.append(believed.gap(metric.id, names[who], label[what], cells, at))
    return out


class _Cells(NamedTuple):
    """Agents times categories: contacts, value, expectation, standard error of the value."""

    n: Floats
    observed: Floats
    expected: Floats
    error: Floats


class _Belief(NamedTuple):
    """Posterior of one difference, positive = worse, on the scale of comparison."""

    mean: float
    sd: float
    worth: float
    relative: bool

    def gap(self, metric: str, agent: str, category: str, cells: _Cells, at: int) -> Gap:
        """Return the difference as it is told."""
        worse = float(norm.sf((self.worth - self.mean) / max(self.sd, 1e-12)))
        good = float(norm.cdf((-self.worth - self.mean) / max(self.sd, 1e-12)))
        return Gap(
            metric,
            agent,
            category,
            int(cells.n[at]),
            float(cells.observed[at]),
            float(cells.expected[at]),
            self._shown(self.mean),
            self._shown(self.mean - Z * self.sd),
            self._shown(self.mean + Z * self.sd),
            self.relative,
            self._shown(self.worth),
            worse,
            good,
            "train" if worse >= SURE else "shows how" if good >= SURE else "",
        )

    def _shown(self, value: float) -> float:
        return float(np.expm1(value)) if self.relative else value


def _cells(
    metric: Metric,
    rows: KpiRows,
    expected: Floats,
    agent: NDArray[np.int64],
    category: NDArray[np.int64],
    agents: int,
) -> _Cells:
    """Return every agent in every category; the error is the spread of its category's residuals."""
    kinds = int(category.max(initial=-1)) + 1
    cell, size = agent * kinds + category, agents * kinds
    n = np.bincount(cell, minlength=size).astype(float)
    top, bottom, aim = (
        np.bincount(cell, weights, size)
        for weights in (rows.top, rows.bottom, expected * rows.bottom)
    )
    residual = rows.top - expected * rows.bottom
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.bincount(category, residual**2, kinds) / np.bincount(category, minlength=kinds)
        spread = np.tile(within, agents)
        if isinstance(metric.kind, Share):
            # A cell of few misses must not look surer than its own share allows.
            own = (top + 1) / (n + 2)
            spread = np.fmax(spread, own * (1 - own))
        return _Cells(n, top / bottom, aim / bottom, np.sqrt(spread * n) / bottom)
