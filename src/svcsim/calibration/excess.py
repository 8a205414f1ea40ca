"""Excess hazard: customers who come back because of the last contact, among those who just do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, ndtr

Array = NDArray[np.float64]

DAY = 86400.0


@dataclass(frozen=True)
class ExcessFit:
    """``S(t) = (1 - p F(t)) exp(-eta t)``: F lognormal with ``mean`` (seconds) and ``sigma``."""

    p: float
    p_logit_sd: float
    mean: float
    mean_log_sd: float
    sigma: float
    sigma_log_sd: float
    eta: float
    """Contacts of the same customer and matter that have nothing to do with the last, per day."""

    def share_by(self, seconds: float) -> float:
        """Return P(come back because of the contact within ``seconds``)."""
        mu = np.log(self.mean) - 0.5 * self.sigma**2
        return float(self.p * ndtr((np.log(seconds) - mu) / self.sigma))


def fit_excess(time: Array, event: NDArray[np.bool_], horizon: float) -> ExcessFit | None:
    """Fit the excess hazard by maximum likelihood, or None when there are under 30 events.

    A resolved contact is followed by a next one of the same case after ``time`` seconds (event)
    or not yet (censored). The contact brings the customer back with probability p after a
    lognormal time F, and besides customers come at a constant rate eta anyway; without the second
    part every busy customer would look unhappy. F is held to a log sd of at most about 2 and to
    90 % within the horizon: a wider law would be a constant rate in disguise.
    """
    if event.sum() < 30:
        return None
    t, seen, weight = _binned(time / DAY, event)
    span = horizon / DAY
    share = float(event.mean())

    def loss(x: Array) -> float:
        p, mu, sigma, eta = expit(x[0]), x[1], np.exp(x[2]), np.exp(x[3])
        z = (np.log(t) - mu) / sigma
        come = ndtr(z)
        density = np.exp(-0.5 * z * z) / (t * sigma * np.sqrt(2 * np.pi))
        alive = 1.0 - p * come
        hazard = p * density / alive + eta
        fit = weight * (seen * np.log(hazard) + np.log(alive) - eta * t)
        prior = 0.5 * ((x[2] - 0.0) / 0.5) ** 2
        prior += 0.5 * (max(mu + 1.28 * sigma - np.log(span), 0.0) / 0.05) ** 2
        prior += 0.5 * (max(x[2] - np.log(2.0), 0.0) / 0.05) ** 2
        prior += 0.5 * ((x[3] - np.log(share / span)) / 4.0) ** 2
        return float(-fit.sum() + prior)

    middle = np.log(max(float(np.median(time[event])) / DAY, 1e-3))
    best = None
    for part in (0.7, 0.3):
        begin = np.array(
            [np.log(share * part / (1 - share * part)), middle, 0.0, np.log(share * part / span)]
        )
        found = minimize(
            loss, begin, method="Nelder-Mead", options={"maxiter": 1500, "xatol": 1e-4}
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    sd = np.sqrt(np.maximum(np.diag(_inverse(_curvature(loss, best.x))), 1e-8))
    sigma = float(np.exp(best.x[2]))
    mean = float(np.exp(best.x[1] + 0.5 * sigma**2)) * DAY
    return ExcessFit(
        p=float(expit(best.x[0])),
        p_logit_sd=float(sd[0]),
        mean=mean,
        mean_log_sd=float(min(sd[1] + 0.5 * sigma**2 * sd[2], 2.0)),
        sigma=sigma,
        sigma_log_sd=float(min(sd[2], 1.0)),
        eta=float(np.exp(best.x[3])),
    )


def _binned(time: Array, event: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Return distinct times (on a fine log grid), whether an event, and how many of each."""
    t = np.maximum(time, 1e-4)
    grid = np.exp(np.round(np.log(t) * 100) / 100)
    pairs = np.column_stack([grid, event.astype(float)])
    key, count = np.unique(pairs, axis=0, return_counts=True)
    return key[:, 0], key[:, 1], count.astype(float)


def _curvature(loss: Callable[[Array], float], x: Array) -> Array:
    """Return the matrix of second differences of a function at ``x``."""
    n, step = len(x), 1e-3 * np.maximum(np.abs(x), 1.0)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            total = 0.0
            for a in (1, -1):
                for b in (1, -1):
                    y = x.copy()
                    y[i] += a * step[i]
                    y[j] += b * step[j]
                    total += a * b * loss(y)
            out[i, j] = out[j, i] = total / (4 * step[i] * step[j])
    return out


def _inverse(matrix: Array) -> Array:
    """Return the inverse with eigenvalues held above 0.01 (a flat direction is nearly unknown)."""
    values, vectors = np.linalg.eigh(matrix)
    inverse: Array = (vectors / np.maximum(values, 0.01)) @ vectors.T
    return inverse
