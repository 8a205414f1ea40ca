"""Conditional logit: which of the contacts waiting was taken, given what each looked like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, xlogy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RIDGE = 1e-4
"""Half the inverse prior variance of a coefficient: keeps those of a perfect rule finite."""
MOST_BINS = 600
SOFTNESS = 8
"""Points of the grid of how soft a threshold is."""
LAPSES = np.array([0.0, 0.02, 0.1, 0.3])
"""Grid of the share of decisions that ignore the threshold."""
HEEDED = np.linspace(0.1, 1.0, 10)
"""Grid of the share of cases to which the threshold applies at all."""
HEEDED_PRIOR = np.append(np.full(9, 0.5 / 9), 0.5)
"""A rule applies to all cases as likely as to some of them only."""


@dataclass(frozen=True)
class Logit:
    """A fitted conditional logit."""

    coefficient: Floats
    error: Floats
    explained: float
    """McFadden's pseudo-R^2: ``1 - log L / log L(all alike)``."""


def conditional_logit(features: Floats, first: Ints, chosen: Ints) -> Logit:
    """Fit ``P(i) = exp(x_i b) / sum_j exp(x_j b)`` over each set by maximum likelihood.

    Parameters
    ----------
    features : array, alternatives x features
    first : array of int
        Where each set begins among the alternatives.
    chosen : array of int
        Position of the alternative taken in each set.

    References
    ----------
    McFadden, *Conditional logit analysis of qualitative choice behavior* (1974).
    """
    sets, width = len(first), features.shape[1]
    size = np.diff(np.append(first, len(features)))
    null = float(np.log(size).sum())
    pick = np.repeat(np.arange(sets), size)
    middle = features.mean(axis=0)
    scale = np.where(features.std(axis=0) > 0, features.std(axis=0), 1.0)
    x = (features - middle) / scale
    taken = x[chosen].sum(axis=0)

    def chances(b: Floats) -> tuple[Floats, float]:
        score = x @ b
        score = score - np.maximum.reduceat(score, first)[pick]
        weight = np.exp(score)
        total = np.add.reduceat(weight, first)
        return weight / total[pick], float(score[chosen].sum() - np.log(total).sum())

    def loss(b: Floats) -> tuple[float, Floats]:
        p, fit = chances(b)
        slope = taken - x.T @ p - 2.0 * RIDGE * sets * b
        return -fit + RIDGE * sets * float(b @ b), -slope

    def curvature(b: Floats) -> Floats:
        p, _ = chances(b)
        mean = np.add.reduceat(x * p[:, None], first, axis=0)
        out: Floats = (x * p[:, None]).T @ x - mean.T @ mean
        return out + 2.0 * RIDGE * sets * np.eye(width)

    found = minimize(loss, np.zeros(width), jac=True, hess=curvature, method="trust-exact")
    error = np.sqrt(np.diag(np.linalg.pinv(curvature(found.x))))
    explained = 1.0 + chances(found.x)[1] / null if null > 0 else 0.0
    return Logit(found.x / scale, error / scale, max(explained, 0.0))


@dataclass(frozen=True)
class Threshold:
    """Posterior of the lead at which a decision turns."""

    value: float
    low: float
    high: float
    """Ends of the central 90 % interval."""
    n: int
    share: float
    """Share of cases to which it applies (posterior mean); the others turn at 0."""
    beyond: bool
    """The data do not reach far enough to see it turn: at least ``value``."""


def threshold(lead: Floats, yes: NDArray[np.bool_], points: int = 81) -> Threshold:
    """Return where a yes turns into a no as the lead grows.

    ``P(yes) = e / 2 + (1 - e) (m f(c) + (1 - m) f(0))``, ``f(x) = 1 / (1 + exp((lead - x) / s))``:
    for a share ``m`` of cases yes below the threshold ``c``, for the others below 0; soft over
    ``s``, and a share ``e`` of decisions at random, so that a few odd ones cannot move ``c``. The
    posterior is taken on a grid (flat in ``c`` and ``log s``, over a few ``e``, half of the prior
    at ``m = 1``), first over the whole range of leads and then where its mass lies. A rule without
    any noise leaves ``c`` anywhere between two leads: the interval then spans the gap.
    """
    data = _binned(lead, yes)
    reach = float(np.max(np.abs(data.value), initial=1.0))
    soft = np.geomspace(reach / 2000.0, reach / 4.0, SOFTNESS)
    low, high, at_zero = -1.02 * reach, 1.02 * reach, soft
    for _ in range(3):
        centre = np.linspace(low, high, points)
        post = _posterior(data, centre, soft, at_zero)
        mass, share = post.sum(axis=(1, 2, 3)), float(post.sum(axis=(0, 1, 2)) @ HEEDED)
        at_zero = _softness_at_zero(data, centre, soft, post)
        total, step = np.cumsum(mass), centre[1] - centre[0]
        inside = centre[np.clip(np.searchsorted(total, [5e-4, 1 - 5e-4]), 0, points - 1)]
        low, high = max(inside[0] - 2 * step, low), min(inside[1] + 2 * step, high)
    edges = np.interp([0.05, 0.5, 0.95], np.cumsum(mass) - 0.5 * mass, centre)
    beyond = bool(mass[centre > 0.9 * reach].sum() > 0.05)
    return Threshold(float(edges[1]), float(edges[0]), float(edges[2]), len(lead), share, beyond)


@dataclass(frozen=True)
class _Decisions:
    """Leads, how many decisions there were at each, and how many of them said yes."""

    value: Floats
    count: Floats
    hits: Floats

    def fit(self, p: Floats) -> Floats:
        """Return the log likelihood of chances of yes (last axis: leads)."""
        p = np.clip(p, 1e-6, 1 - 1e-6)
        out: Floats = np.log(p) @ self.hits + np.log1p(-p) @ (self.count - self.hits)
        return out


def _posterior(data: _Decisions, centre: Floats, soft: Floats, at_zero: Floats) -> Floats:
    """Return the posterior on the grid centre x softness x lapses x share that heeds it."""
    fit = np.empty((len(centre), len(soft), len(LAPSES), len(HEEDED)))
    for j, (s, s0) in enumerate(zip(soft, at_zero, strict=True)):
        ours = expit((centre[:, None] - data.value[None, :]) / s)
        plain = expit(-data.value / s0)[None, :]
        for k, e in enumerate(LAPSES):
            for i, m in enumerate(HEEDED):
                fit[:, j, k, i] = data.fit(0.5 * e + (1.0 - e) * (m * ours + (1.0 - m) * plain))
    post: Floats = np.exp(fit - fit.max()) * HEEDED_PRIOR
    post /= post.sum()
    return post


def _softness_at_zero(data: _Decisions, centre: Floats, soft: Floats, post: Floats) -> Floats:
    """Return how soft the turn at 0 is: clocks that differ blur it and need not blur ``c``."""
    c, j, k, i = np.unravel_index(int(np.argmax(post)), post.shape)
    ours = expit((centre[c] - data.value) / soft[j])
    plain = expit(-data.value[None, :] / soft[:, None])
    e, m = LAPSES[k], HEEDED[i]
    best = int(np.argmax(data.fit(0.5 * e + (1.0 - e) * (m * ours[None, :] + (1.0 - m) * plain))))
    return np.full(len(soft), soft[best])


@dataclass(frozen=True)
class Turn:
    """A change in how often something happens in a sequence."""

    place: int
    """Index of the first one after the change."""
    before: float
    after: float


def turning_point(yes: NDArray[np.bool_], least: int = 30, strength: float = 15.0) -> Turn | None:
    """Return the one place where the share of yes changes most, if it surely does.

    The likelihood ratio of two Bernoulli shares against one, maximised over the place; it must
    exceed ``strength`` (in log units; 6 to 7 is the 99 % point without any change), with
    ``least`` on either side.
    """
    n = len(yes)
    if n < 2 * least:
        return None
    k = np.arange(1, n)
    hits = np.cumsum(yes)[:-1].astype(float)
    total = float(yes.sum())
    ratio = _loglik(hits, k) + _loglik(total - hits, n - k) - _loglik(np.array([total]), n)
    ratio[: least - 1] = ratio[n - least :] = -np.inf
    best = int(np.argmax(ratio))
    if ratio[best] < strength:
        return None
    place = best + 1
    return Turn(place, float(yes[:place].mean()), float(yes[place:].mean()))


def _loglik(hits: Floats, n: Ints | int) -> Floats:
    """Return the log likelihood of the share that fits best (0 log 0 = 0)."""
    return np.asarray(xlogy(hits, hits / n) + xlogy(n - hits, 1.0 - hits / n), dtype=np.float64)


def _binned(lead: Floats, yes: NDArray[np.bool_]) -> _Decisions:
    """Return the decisions by lead, leads grouped where there are very many."""
    value, place = np.unique(lead, return_inverse=True)
    count = np.bincount(place).astype(float)
    hits = np.asarray(np.bincount(place, yes.astype(float)), dtype=np.float64)
    if len(value) <= MOST_BINS:
        return _Decisions(value, count, hits)
    group = (np.cumsum(count) * MOST_BINS / (count.sum() + 1)).astype(int)
    _, group = np.unique(group, return_inverse=True)
    total, leads, said = (
        np.asarray(np.bincount(group, weight), dtype=np.float64)
        for weight in (count, value * count, hits)
    )
    return _Decisions(leads / total, total, said)
