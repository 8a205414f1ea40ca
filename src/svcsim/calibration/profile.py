"""Shape of the week: a smooth rate for each of the 168 local hours from counts and exposure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, xlogy

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

KNOTS = 12
PENALTIES = 10.0 ** np.arange(-2.0, 4.5, 0.5)
CURVES = {
    "one curve": (0, 0, 0, 0, 0, 0, 0),
    "Saturday and Sunday apart": (0, 0, 0, 0, 0, 1, 1),
    "Friday and Saturday apart": (0, 0, 0, 0, 1, 1, 0),
    "a curve for every day": (0, 1, 2, 3, 4, 5, 6),
}
USUAL_CURVES, BETTER = "Saturday and Sunday apart", 4.0
"""Days share curves in this way unless another way has an AIC better by this much: choosing
among several ways by AIC alone costs more than it brings where contacts are few."""
CLOSED_MASS = 7.0
"""An hour without any contact on any day of a curve is closed where this many were expected:
P(0) < 0.001. A smooth curve is too high beside a peak, so that hours of one day alone are closed
where their unbroken run lacks twice as many."""


@dataclass(frozen=True)
class WeekFit:
    """Fitted rates per unit of exposure, 7 x 24 (0 where closed), and how they were chosen."""

    rate: Array
    smooth: Array
    closed: Mask
    curves: str
    penalty: float
    strength: float
    """Gamma shape by which cells are pulled to the smooth fit (large: wholly smooth)."""


def fit_week(counts: Array, exposure: Array) -> WeekFit:
    """Return rates by weekday and hour, smooth where data are thin and faithful where rich.

    ``log rate = weekday + curve(hour)``: a cyclic cubic B-spline with a penalty on second
    differences (Eilers & Marx 1996), fitted by penalised iteratively reweighted least squares;
    the smoothing and which days share a curve by AIC. Each cell is then pulled from its own
    count ``y`` to the fit ``mu``: ``rate x (r + y) / (r + mu)``, the mean of a gamma-Poisson
    posterior, with ``r`` by negative-binomial likelihood.

    Parameters
    ----------
    counts, exposure : ndarray (7, 24)
        Events and the number of times each hour of the week was watched.
    """
    open_ = exposure > 0
    closed = np.zeros((7, 24), dtype=bool)
    for _ in range(4):
        used = open_ & ~closed
        name, penalty, rate = _best(counts, exposure, used)
        more = _closed(counts, rate * exposure, used, np.array(CURVES[name])) & ~closed
        if not more.any():
            break
        closed |= more
    mean = np.where(used, rate * exposure, 0.0)
    strength = _strength(counts[used], mean[used])
    pulled = np.where(used, rate * (strength + counts) / (strength + mean), 0.0)
    # hours never watched keep the smooth rate; closed ones are 0, never log 0
    final = np.where(closed, 0.0, np.where(used, pulled, rate))
    return WeekFit(final, rate, closed, name, penalty, strength)


def _best(counts: Array, exposure: Array, used: Mask) -> tuple[str, float, Array]:
    """Return the curves and penalty with the least AIC, and the smooth rates."""
    found: list[tuple[float, str, float, Array]] = []
    for name, groups in CURVES.items():
        beta = None
        for penalty in PENALTIES[::-1]:
            aic, rate, beta = _smooth(counts, exposure, used, groups, float(penalty), beta)
            lead = BETTER if name == USUAL_CURVES else 0.0
            found.append((aic - lead, name, float(penalty), rate))
    _, name, penalty, rate = min(found, key=lambda entry: entry[0])
    return name, penalty, rate


def _smooth(
    counts: Array,
    exposure: Array,
    used: Mask,
    groups: tuple[int, ...],
    penalty: float,
    beta: Array | None,
) -> tuple[float, Array, Array]:
    """Fit one penalised Poisson regression; return AIC, rates (7 x 24) and coefficients."""
    design, cost = _design(groups, penalty)
    y, seen, weight = counts.ravel(), exposure.ravel(), used.ravel().astype(float)
    level = np.log(max(float((y * weight).sum() / (seen * weight).sum()), 1e-12))
    offset = np.log(np.where(seen > 0, seen, 1.0)) + level
    coefficients = np.zeros(design.shape[1]) if beta is None else beta
    gram = cost
    for _ in range(50):
        eta = np.clip(design @ coefficients, -25.0, 25.0)
        mu = np.exp(eta + offset) * weight
        gram = design.T @ (mu[:, None] * design)
        step = design.T @ (mu * eta + weight * y - mu)
        new = np.linalg.solve(gram + cost, step)
        moved = float(np.max(np.abs(design @ (new - coefficients))))
        coefficients = new if moved < 3 else coefficients + (new - coefficients) * 3 / moved
        if moved < 1e-6:
            break
    eta = np.clip(design @ coefficients, -25.0, 25.0)
    mu = np.exp(eta + offset)
    edf = float(np.trace(np.linalg.solve(gram + cost, gram)))
    deviance = 2.0 * float((weight * (xlogy(y, y) - y * np.log(mu) - y + mu)).sum())
    return deviance + 2.0 * edf, np.exp(eta + level).reshape(7, 24), coefficients


def _design(groups: tuple[int, ...], penalty: float) -> tuple[Array, Array]:
    """Return the design (168 x columns: weekdays, then one spline a group) and its penalty."""
    basis = cyclic_basis(np.arange(24) + 0.5)
    number = max(groups) + 1
    design = np.zeros((168, 7 + KNOTS * number))
    for day, group in enumerate(groups):
        rows = slice(24 * day, 24 * day + 24)
        design[rows, day] = 1.0
        first = 7 + KNOTS * group
        design[rows, first : first + KNOTS] = basis
    second = np.roll(np.eye(KNOTS), 1, axis=1) - 2 * np.eye(KNOTS) + np.roll(np.eye(KNOTS), -1, 1)
    cost = np.zeros((design.shape[1], design.shape[1]))
    # a vague prior keeps an empty weekday finite; a tiny one fixes the free constant
    cost[:7, :7] = 0.1 * np.eye(7)
    for group in range(number):
        part = slice(7 + KNOTS * group, 7 + KNOTS * (group + 1))
        cost[part, part] = penalty * second.T @ second + 1e-4 * np.eye(KNOTS)
    return design, cost


def cyclic_basis(hours: ArrayLike, knots: int = KNOTS, period: float = 24.0) -> Array:
    """Return the cyclic cubic B-spline basis (rows add up to 1) at ``hours``."""
    place = (np.asarray(hours)[:, None] * knots / period - np.arange(knots)[None, :]) % knots
    place = np.minimum(place, knots - place)
    inner = 2.0 / 3.0 - place**2 + place**3 / 2.0
    outer = (2.0 - place) ** 3 / 6.0
    return np.where(place < 1, inner, np.where(place < 2, outer, 0.0))


def _closed(counts: Array, mean: Array, used: Mask, groups: NDArray[np.int64]) -> Mask:
    """Return hours that are empty although the smooth fit expects many: the desk is shut then.

    Emptiness is judged per unbroken run of empty hours of the week, and per hour over the days of
    one curve; it spreads over the run of empty hours around it.
    """
    empty = used & (counts == 0)
    shut = empty & (_mass_of_run(empty, mean) > 2 * CLOSED_MASS)
    for group in np.unique(groups):
        days = np.flatnonzero(groups == group)
        none = (counts[days] * used[days]).sum(axis=0) == 0
        many = (mean[days] * used[days]).sum(axis=0) > CLOSED_MASS
        shut[np.ix_(days, np.flatnonzero(none & many))] = True
    week, run = (shut & empty).ravel(), empty.ravel()
    while True:
        wider = run & (week | np.roll(week, 1) | np.roll(week, -1))
        if (wider == week).all():
            return np.asarray(week.reshape(7, 24), dtype=np.bool_)
        week = wider


def _mass_of_run(empty: Mask, mean: Array) -> Array:
    """Return for each empty hour what is expected in its whole run; the week is a circle."""
    flat, mass = empty.ravel(), np.where(empty, mean, 0.0).ravel()
    if flat.all():
        return np.full(empty.shape, mass.sum())
    first = int(np.flatnonzero(~flat)[0])
    turned, weight = np.roll(flat, -first), np.roll(mass, -first)
    run = np.cumsum(~turned)
    total = np.bincount(run, np.where(turned, weight, 0.0))[run]
    return np.asarray(np.roll(np.where(turned, total, 0.0), first).reshape(7, 24))


def _strength(y: Array, mu: Array) -> float:
    """Return the gamma shape r of the cells around the fit by negative-binomial likelihood."""

    def loss(log_r: float) -> float:
        r = np.exp(log_r)
        return -float(
            (
                gammaln(y + r) - gammaln(r) + r * (log_r - np.log(r + mu)) + xlogy(y, mu / (r + mu))
            ).sum()
        )

    if len(y) < 2:
        return 1e6
    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 14.0), method="bounded").x))
