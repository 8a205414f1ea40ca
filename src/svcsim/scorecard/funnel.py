"""Funnels: which units lie further from the others than luck and the usual spread explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric
from svcsim.scorecard.compare import compare
from svcsim.scorecard.compared import Compared
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.funnel_limits import (
    ACT,
    WATCH,
    binomial_limits,
    law_limits,
    order_limits,
    over_dispersion,
    stretched,
)
from svcsim.scorecard.kpi_rows import KpiRows
from svcsim.scorecard.measure import Question

Floats = NDArray[np.float64]
Status = Literal["inside", "watch", "act", "not comparable"]
Side = Literal["better", "worse", ""]
Limits = tuple[Floats, Floats]

GRID = 40
"""Numbers of contacts at which the curves of a funnel are drawn."""


@dataclass(frozen=True)
class FunnelPoint:
    """One unit in the funnel of a KPI; values in the metric's unit, at the desk's mix.

    Parameters
    ----------
    value : float
        Adjusted value where values are compared at equal mix, else as measured.
    centre : float
        What the others reach at the desk's mix.
    n : int
        Contacts.
    n_effective : float
        Contacts at the desk's mix that would know as much: where the unit stands in the picture.
    watch, act : tuple of float
        Limits within which 95 % and 99.8 % of values of equal units lie.
    status, side : str
        ``inside``, ``watch`` (beyond the 95 % limit) or ``act`` (beyond the 99.8 % limit), and on
        which side; ``not comparable`` where nobody else handles most of the unit's kinds.
    target_status, target_side : str
        The same against the target instead of the others.
    """

    unit: str
    value: float
    centre: float
    n: int
    n_effective: float
    watch: tuple[float, float]
    act: tuple[float, float]
    status: Status
    side: Side
    target_status: Status
    target_side: Side


@dataclass(frozen=True)
class Funnel:
    """The funnel of one KPI over the units of a kind (agents: of one role, where they have any).

    Parameters
    ----------
    centre : float
        Value of all units together.
    over_dispersion : float
        φ ≥ 1: how many times the spread of z² exceeds chance (limits are widened by √φ).
    design : float
        By how much contacts of a day that move together widen the variance.
    law : str
        ``binomial``, ``gamma``, ``normal`` or ``order`` (statistics of a quantile).
    curve : tuple
        ``(n, act low, watch low, watch high, act high)`` around the centre, for the picture.
    """

    metric: str
    kind: str
    centre: float
    over_dispersion: float
    design: float
    law: str
    adjusted: bool
    points: tuple[FunnelPoint, ...]
    curve: tuple[tuple[float, float, float, float, float], ...]
    role: str = ""

    def point(self, unit: str) -> FunnelPoint | None:
        """Return the point of a unit, None where it has no value."""
        return next((point for point in self.points if point.unit == unit), None)


def funnel(
    log: ContactLog,
    question: Question,
    rows: KpiRows | None,
    kind: str,
    names: Sequence[str],
    better: Direction,
    target: float = float("nan"),
    strength: float | None = None,
) -> Funnel | None:
    """Return the funnel of a KPI; None where fewer than two units have a value.

    The value O of a unit is held against E, what the *others* reach on its kinds of contact.
    Limits are those of `funnel_limits` for its law at E (exact binomial for shares, gamma for
    times, normal for scores, order statistics for quantiles), stretched to the standard error of
    O − E (`Compared.error`) times √(φ·design), and moved to the desk's mix together with O.
    """
    found = compare(log, question, rows, kind, names, strength)
    if found is None:
        return None
    metric = question.metric
    with np.errstate(invalid="ignore"):
        phi = over_dispersion(found.z / np.sqrt(found.design))
    widen = float(np.sqrt(phi * found.design))
    limits = [_own_limits(found, level, widen) for level in (WATCH, ACT)]
    value = found.at_mix(found.observed, metric.unit)
    size = effective_n(found, metric)
    aims = [_limits_at(found, metric, target, size, level, widen) for level in (WATCH, ACT)]
    points = []
    for i in np.flatnonzero(found.n > 0).tolist():
        watch, act = (_pair(found, metric, pair, i) for pair in limits)
        own = float(value[i])
        status, side = placed(own, watch, act, better)
        if not found.comparable[i]:
            status, side = "not comparable", ""
        near, far = ((float(low[i]), float(high[i])) for low, high in aims)
        aim, aim_side = placed(own, near, far, better)
        points.append(
            FunnelPoint(
                names[i],
                own,
                float(found.reference[i]),
                int(found.n[i]),
                float(size[i]),
                watch,
                act,
                status,
                side,
                aim,
                aim_side,
            )
        )
    return Funnel(
        metric.id,
        kind,
        found.centre,
        phi,
        found.design,
        found.law,
        found.adjusted,
        tuple(points),
        _curve(found, metric, size[found.n > 0], widen),
    )


def placed(
    value: float, watch: tuple[float, float], act: tuple[float, float], better: Direction
) -> tuple[Status, Side]:
    """Return where a value lies against its limits, and whether that is the better side."""
    for status, (low, high) in (("act", act), ("watch", watch)):
        if value < low or value > high:
            good = (value > high) == (better == "higher")
            return status, "better" if good else "worse"  # type: ignore[return-value]
    return "inside", ""


def effective_n(found: Compared, metric: Metric) -> Floats:
    """Return how many contacts at the desk's mix know as much as a unit's own: σ²/se²."""
    if found.law == "order":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(found.n / found.stretch**2)
    up, down = (found.at_mix(found.expected + s * found.error / 2, metric.unit) for s in (1, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        size = _spread(found) ** 2 / (up - down) ** 2
    return np.where(found.n > 0, np.clip(size, 1.0, None), np.nan)


def _spread(found: Compared) -> float:
    """Return the standard deviation of one contact at the desk's mix."""
    if found.law == "binomial":
        return float(np.sqrt(max(found.centre * (1 - found.centre), 1e-12)))
    return found.contact_sd


def _own_limits(found: Compared, level: float, widen: float) -> Limits:
    """Return the limits of every unit on the scale of its own mix."""
    if found.law == "order":
        limits = found.order[0 if level == WATCH else 1]
        on_log = bool(found.pool[0] > 0)
        return stretched(found.expected, limits, found.stretch * widen, on_log=on_log)
    if found.law == "binomial":
        total = max(float(found.n.sum()), 1.0)
        chance = np.clip(found.expected, 0.5 / total, 1 - 0.5 / total)
        with np.errstate(invalid="ignore", divide="ignore"):
            plain = np.sqrt(chance * (1 - chance) / found.n)
            limits = binomial_limits(np.where(found.n > 0, found.n, 1.0), chance, level)
            low, high = stretched(found.expected, limits, found.error / plain * widen)
        # Kinds that differ make the error smaller than the binomial one; an exact limit at the end
        # of the scale stays there, or every perfect small unit would lie beyond it.
        low, high = np.where(limits[0] <= 0, 0.0, low), np.where(limits[1] >= 1, 1.0, high)
        return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    return law_limits(found.law, found.expected, found.error * widen, level)


def _limits_at(
    found: Compared, metric: Metric, centre: float, size: Floats, level: float, widen: float
) -> Limits:
    """Return limits around any centre at the desk's mix for effective numbers of contacts."""
    known = np.where(np.isfinite(size), size, 1.0)
    if not np.isfinite(centre):
        return np.full(len(known), -np.inf), np.full(len(known), np.inf)
    if found.law == "order":
        around = order_limits(found.pool, found.p, known, level)
        if found.pool[0] > 0 and centre > 0:
            scaled = (centre * around[0] / found.centre, centre * around[1] / found.centre)
            return stretched(centre, scaled, widen, on_log=True)
        shift = centre - found.centre
        return stretched(centre, (around[0] + shift, around[1] + shift), widen)
    if found.law == "binomial":
        low, high = stretched(centre, binomial_limits(known, centre, level), widen)
        return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    ratio = centre / found.centre if found.law == "gamma" and found.centre else 1.0
    return law_limits(found.law, centre, _spread(found) * ratio * widen / np.sqrt(known), level)


def _curve(
    found: Compared, metric: Metric, sizes: Floats, widen: float
) -> tuple[tuple[float, float, float, float, float], ...]:
    known = sizes[np.isfinite(sizes)]
    if not known.size:
        return ()
    least, most = max(float(known.min()) * 0.7, 2.0), max(float(known.max()) * 1.1, 10.0)
    grid = np.unique(np.round(np.geomspace(least, most, GRID)))
    watch, act = (_limits_at(found, metric, found.centre, grid, v, widen) for v in (WATCH, ACT))
    lines = np.column_stack([grid, act[0], watch[0], watch[1], act[1]])
    return tuple(tuple(float(x) for x in line) for line in lines)  # type: ignore[misc]


def _pair(found: Compared, metric: Metric, limits: Limits, i: int) -> tuple[float, float]:
    low, high = (float(found.at_mix(limit, metric.unit)[i]) for limit in limits)
    return low, high
