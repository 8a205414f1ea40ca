"""How much of a unit's KPI is the unit and how much is luck: reliability, shrinkage, draws.

Reliability R = τ²/(τ² + σ²/n): τ² is the variance between true values of units, σ² the variance
of one contact, n the contacts of the unit. R is the share of the spread between units that would
come back in another period of the same length. Source: Adams 2009 (RAND TR-653).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from svcsim.stats.interval import LEVEL, wilson
from svcsim.stats.shrink import shrink_normal

Floats = NDArray[np.float64]

DRAWS = 2000
"""Posterior draws of every unit and KPI."""
TEAM_ONLY = 0.4
"""Below this reliability a KPI says something about the team, not about one person."""
MAY_PAY = 0.7
"""From this reliability on a KPI may carry pay."""
MIN_UNITS = 3
"""Fewer units than this show no spread from which to learn."""
PRIOR = {"share": 0.05, "log": 0.15, "score": 0.15, "workload": 0.5}
"""Expected size of τ (half-normal prior): shares, log times, 1-5 scores, log volumes."""
WIDER_KINDS = 3.0
"""Kinds of contact differ more than the people who handle them: their τ is expected larger."""

_Z = float(ndtri(0.5 + LEVEL / 2))


@dataclass(frozen=True)
class Measured:
    """One KPI of alike units (all agents, or all teams): value, contacts and interval."""

    value: Floats
    n: Floats
    lower: Floats
    upper: Floats
    unit: str
    workload: bool = False

    @property
    def known(self) -> NDArray[np.bool_]:
        """Units that have a value."""
        return np.isfinite(self.value) & (self.n > 0)

    @property
    def on_log(self) -> bool:
        """Times, counts and rates are compared as ratios, if none of them is zero."""
        positive = bool((self.value[self.known] > 0).all())
        return positive and self.unit in ("s", "count", "per day")

    def scaled(self, value: Floats) -> Floats:
        """Return values on the scale of comparison (log or plain)."""
        if not self.on_log:
            return value
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log(value)

    def unscaled(self, value: Floats) -> Floats:
        """Return values from the scale of comparison; shares stay between 0 and 1."""
        if self.on_log:
            return np.exp(value)
        return np.clip(value, 0.0, 1.0) if self.unit == "share" else value

    def prior_scale(self) -> float:
        """Return the expected τ on the scale of comparison."""
        if self.on_log:
            return PRIOR["workload" if self.workload else "log"]
        if self.unit in PRIOR:
            return PRIOR[self.unit]
        size = np.abs(self.value[self.known])
        return PRIOR["log"] * float(size.mean() if size.size and size.max() > 0 else 1.0)


@dataclass(frozen=True)
class Posterior:
    """What is believed about the true value of each unit."""

    value: Floats
    """Shrunk value (measured value where nothing is shrunk), in the metric's unit."""
    draws: Floats
    """Units x draws, in the metric's unit."""
    reliability: Floats
    """R of each unit at its own n; NaN with fewer than three units."""
    tau: float
    sigma: float
    """σ of one contact on the scale of comparison."""

    def reliability_at(self, n: float) -> float:
        """Return R of a value from ``n`` contacts; NaN where units cannot be told apart."""
        spread = self.tau**2 + self.sigma**2 / n if n > 0 else float("nan")
        return self.tau**2 / spread if np.isfinite(spread) and spread > 0 else float("nan")

    def contacts_for(self, reliability: float) -> float:
        """Return n with R = ``reliability``: n = R/(1 − R)·σ²/τ²."""
        if not (self.tau > 0 and np.isfinite(self.sigma)):
            return float("nan")
        return float(reliability / (1 - reliability) * (self.sigma / self.tau) ** 2)


def contact_noise(kpi: Measured) -> float:
    """Return σ of one contact on the scale of comparison, pooled over the units.

    Shares: √(p(1 − p)·d) with the pooled share p and the design effect d that the measured
    interval shows beyond the binomial one. Others: √(Σ n·(n·se²)/Σ n), se from the measured
    interval (divided by the value on the log scale). Pooling keeps a unit whose few contacts
    happen to be alike from looking exact. Without intervals a volume is taken as Poisson.
    """
    use = kpi.known
    value, n = kpi.value[use], kpi.n[use]
    if not n.size:
        return float("nan")
    half = (kpi.upper[use] - kpi.lower[use]) / 2
    if kpi.unit == "share":
        p = (float((value * n).sum()) + 0.5) / (float(n.sum()) + 1.0)
        low, high = wilson(value * n, n)
        with np.errstate(invalid="ignore", divide="ignore"):
            effect = np.maximum((2 * half / (high - low)) ** 2, 1.0)
        seen = np.isfinite(effect)
        pooled = float(np.average(effect[seen], weights=n[seen])) if seen.any() else 1.0
        return float(np.sqrt(p * (1 - p) * pooled))
    error = half / _Z / (value if kpi.on_log else 1.0)
    seen = np.isfinite(error)
    if seen.any():
        return float(np.sqrt(np.average(n[seen] * error[seen] ** 2, weights=n[seen])))
    if kpi.unit in ("count", "per day"):
        return 1.0 if kpi.on_log else float(np.sqrt(np.average(value**2 / n, weights=n) * n.mean()))
    return float("nan")


def believe(
    kpi: Measured,
    rng: np.random.Generator,
    *,
    shrink: bool,
    sigma: float | None = None,
    draws: int = DRAWS,
) -> Posterior:
    """Return the posterior of every unit's true value.

    With ``shrink`` the units inform each other (normal hierarchical model, τ averaged over its
    posterior): a unit without contacts gets the mean of all and the spread between units. Without
    it each unit stands alone: its value with its own standard error. ``sigma`` is the noise of a
    contact where it was measured on other values than these (before an adjustment).
    """
    sigma = contact_noise(kpi) if sigma is None else sigma
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(kpi.known, sigma / np.sqrt(kpi.n), np.inf)
    y = kpi.scaled(np.where(kpi.known, kpi.value, np.nan))
    tau, reliability = float("nan"), np.full(y.shape, np.nan)
    enough = int(kpi.known.sum()) >= MIN_UNITS and bool(np.isfinite(sigma))
    if enough:
        shrunk = shrink_normal(y, error, prior_scale=kpi.prior_scale())
        tau = shrunk.tau
        with np.errstate(invalid="ignore"):  # equal values without noise: nothing to tell apart
            reliability = tau**2 / (tau**2 + error**2)
    if shrink and enough:
        mean, sd = shrunk.mean, shrunk.sd
    else:
        mean, sd = y, np.where(np.isfinite(error), error, 0.0)
    noise = rng.standard_normal((len(y), draws))
    values = kpi.unscaled(mean[:, None] + sd[:, None] * noise)
    centre = kpi.unscaled(mean) if shrink and enough else np.where(kpi.known, kpi.value, np.nan)
    return Posterior(centre, values, reliability, tau, sigma)


def prior_contacts(kpi: Measured) -> float:
    """Return K = σ²/τ²: how many contacts the mean of all is worth; infinite for a single kind."""
    sigma = contact_noise(kpi)
    if int(kpi.known.sum()) < 2 or not np.isfinite(sigma):
        return float("inf")
    value = np.where(kpi.known, kpi.value, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(kpi.known, sigma / np.sqrt(kpi.n), np.inf)
    prior = WIDER_KINDS * kpi.prior_scale()
    tau = shrink_normal(kpi.scaled(value), error, prior_scale=prior).tau
    return (sigma / tau) ** 2 if tau > 0 else float("inf")


def standard_error(kpi: Measured, n: float, at: float) -> float:
    """Return the standard error of the KPI with ``n`` contacts at a value, in its own unit."""
    sigma = contact_noise(kpi)
    if not (n > 0 and np.isfinite(sigma)):
        return 0.0
    return float(sigma / np.sqrt(n) * (at if kpi.on_log else 1.0))


def rank_draws(scores: Floats) -> Floats:
    """Return the rank (1 = best, ties share the mean) of every unit in every draw."""
    return np.asarray(rankdata(-scores, method="average", axis=0), dtype=float)


def score_reliability(scores: Floats) -> float:
    """Return the reliability of a composite score from its posterior draws (units x draws).

    Var(posterior means)/(Var(posterior means) + mean posterior variance).
    """
    if len(scores) < MIN_UNITS:
        return float("nan")
    between = float(np.var(scores.mean(axis=1), ddof=1))
    within = float(scores.var(axis=1).mean())
    return between / (between + within) if between + within > 0 else 0.0
