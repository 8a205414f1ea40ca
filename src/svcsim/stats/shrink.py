"""Shrinkage: noisy estimates of many alike units pulled towards each other by what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shrunk:
    """Posterior of every unit: mean and standard deviation, the centre and the spread ``tau``."""

    mean: Array
    sd: Array
    centre: float
    tau: float


def shrink_normal(
    estimates: ArrayLike,
    errors: ArrayLike,
    *,
    prior_scale: float,
    centre: float | None = None,
    points: int = 61,
) -> Shrunk:
    """Return the posterior of ``theta_i`` when ``y_i ~ N(theta_i, s_i^2)``.

    ``theta_i ~ N(centre, tau^2)`` with ``tau ~ half-normal(prior_scale)`` averaged over a grid
    of its posterior, and a flat centre unless it is given. Averaging over tau keeps the intervals
    of few units honest: a point estimate of tau is often 0, which makes all units the same.

    Parameters
    ----------
    estimates, errors : array_like
        Estimates ``y_i`` and their standard errors ``s_i``; an infinite (or NaN) error means
        that the unit tells nothing of its own.
    prior_scale : float
        Scale of the half-normal prior of tau, in the unit of the estimates.
    centre : float or None
        Known centre, or None to learn it.
    points : int
        Points of the grid of tau between 0 and 5 ``prior_scale``.

    References
    ----------
    Gelman, Carlin, Stern, Rubin, *Bayesian Data Analysis*, chapter 5 (normal hierarchical model).
    """
    y = np.asarray(estimates, dtype=float)
    s = np.asarray(errors, dtype=float)
    known = np.isfinite(y) & np.isfinite(s)
    if not known.any():
        middle = 0.0 if centre is None else centre
        # E[tau^2] of a half-normal prior is prior_scale^2
        return Shrunk(np.full(y.shape, middle), np.full(y.shape, prior_scale), middle, 0.0)
    # an exact unit (error 0) would stop the grid at tau = 0
    floor = 1e-6 * prior_scale
    y_used = np.where(known, y, 0.0)[None, :]
    precision_used = known[None, :].astype(float)
    s2 = np.where(known, np.maximum(s, floor), 1.0)[None, :] ** 2
    tau = np.linspace(0.0, 5.0 * prior_scale, points)[:, None]
    weight = precision_used / (s2 + tau**2)
    total = weight.sum(axis=1, keepdims=True)
    if centre is None:
        mu = (weight * y_used).sum(axis=1, keepdims=True) / total
        mu_var = 1.0 / total
        log_post = -0.5 * np.log(total)
    else:
        mu, mu_var = np.full_like(tau, centre), np.zeros_like(tau)
        log_post = np.zeros_like(tau)
    fit = precision_used * (np.log(s2 + tau**2) + (y_used - mu) ** 2 / (s2 + tau**2))
    log_post = log_post - 0.5 * fit.sum(axis=1, keepdims=True) - 0.5 * (tau / prior_scale) ** 2
    post = np.exp(log_post - log_post.max())
    post /= post.sum()
    pull = precision_used * tau**2 / (s2 + tau**2)
    mean_tau = mu + pull * (y_used - mu)
    var_tau = tau**2 * (1.0 - pull) + (1.0 - pull) ** 2 * mu_var
    mean = (post * mean_tau).sum(axis=0)
    var = (post * (var_tau + mean_tau**2)).sum(axis=0) - mean**2
    return Shrunk(
        mean=mean,
        sd=np.sqrt(np.maximum(var, 0.0)),
        centre=float((post * mu).sum()),
        tau=float((post * tau).sum()),
    )


def beta_moments(
    hits: ArrayLike, trials: ArrayLike, *, most: float = 1e4, least: float = 2.0
) -> tuple[float, float]:
    """Return ``(a, b)`` of the beta law from which the units' probabilities seem to come.

    Moments of Kleinman (1973): the spread of ``hits / trials`` beyond binomial noise gives the
    strength ``a + b``, held between ``least`` and ``most`` (no spread at all: ``most``).
    """
    k = np.asarray(hits, dtype=float)
    n = np.asarray(trials, dtype=float)
    k, n = k[n > 0], n[n > 0]
    total = n.sum()
    if total == 0:
        return 0.5 * least, 0.5 * least
    # half a hit and half a miss keep the centre inside (0, 1)
    p = (k.sum() + 0.5) / (total + 1.0)
    strength = most
    if len(n) > 1:
        share = n / total
        spread = float((share * (k / n - p) ** 2).sum())
        noise = float(p * (1 - p) * (share * (1 - share) / n).sum())
        room = float(p * (1 - p) * ((share * (1 - share)).sum() - (share * (1 - share) / n).sum()))
        between = (spread - noise) / room if room > 0 else 0.0
        if between > 0:
            strength = min(max(1.0 / between - 1.0, least), most)
    return float(p * strength), float((1 - p) * strength)


def logit_shift(hits: float, chances: ArrayLike) -> tuple[float, float]:
    """Return ``(shift, standard error)`` on the logit scale of a unit against its expectation.

    The shift solves ``sum expit(logit(p_i) + shift) = hits`` (logistic regression with an
    offset); hits are moved by a vanishing prior (one pseudo-case split by the mean chance), so
    that none or all stay finite. With no trials: ``(0, inf)``.
    """
    p = np.asarray(chances, dtype=float)
    if p.size == 0:
        return 0.0, float("inf")
    offset = logit(np.clip(p, 1e-6, 1 - 1e-6))
    expected = float(p.mean())
    target = float(np.clip(hits + expected, 1e-9, None)) * p.size / (p.size + 1.0)
    target = min(max(target, 1e-9), p.size - 1e-9)
    shift, information = 0.0, 1.0
    for _ in range(60):
        q = expit(offset + shift)
        information = max(float((q * (1 - q)).sum()), 1e-12)
        step = float(np.clip((target - q.sum()) / information, -2.0, 2.0))
        shift += step
        if abs(step) < 1e-10:
            break
    q = expit(offset + shift)
    # a unit without any event gets the information of its expectation, not of its own zero
    information = max(float((q * (1 - q)).sum()), 0.25 * float((p * (1 - p)).sum()), 1e-12)
    return shift, float(information**-0.5)
