"""The KPIs of a unit believed together: draws of one KPI are put in step with those of the others.

Every KPI is believed on its own (`reliability.believe`); a score adds several of them, and its
interval depends on how they move together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.contributions import error_correlation
from svcsim.scorecard.judge import SEED, Judged, Line
from svcsim.scorecard.measure import DESK, kind_of
from svcsim.scorecard.reliability import MIN_UNITS

Floats = NDArray[np.float64]

HALO = 0.5
"""Prior sd of the correlation between agents' true values on two KPIs, around that of errors."""
MOST = 0.95
"""True values of two KPIs are never taken to be the same."""


def in_step(log: ContactLog, lines: Sequence[Line], group: str, names: Sequence[str]) -> list[Line]:
    """Return the lines with the draws of a group of units correlated as their errors are.

    The error of a shrunk value is (1 − R)·(what is left of the talent) + R·(noise), so for unit i
    and KPIs j, k its correlation is

        √((1 − R_ij)(1 − R_ik))·t_jk + √(R_ij·R_ik)·r_jk

    with the reliabilities R, t the correlation of true values between agents (`talent`) and r that
    of the errors (`error_correlation`). Desk and teams are not shrunk: R = 1. The draws keep their
    values and are only put in another order (a normal copula: Iman and Conover 1982).
    """
    places = [
        i for i, line in enumerate(lines) if group in line.judged and line.asked.kpi.curve != "gate"
    ]
    judged = [lines[i].judged[group] for i in places]
    if len(places) < 2 or not names:
        return list(lines)
    questions = [lines[i].asked.question for i in places]
    mix = group != DESK and bool(log.frame["category"].notna().any())
    r = error_correlation(log, questions, kind_of(group), names, mix=mix)
    pull = np.array([_pull(one) for one in judged])
    t = talent(judged, r, pull)
    # Draws are of points, which fall as the value of a lower-is-better KPI grows.
    better = np.array([-1.0 if lines[i].asked.curve.direction == "lower" else 1.0 for i in places])
    r, t = r * np.outer(better, better), t * np.outer(better, better)
    rng = np.random.default_rng([SEED, len(lines), len(group)])
    draws = [one.draws.copy() for one in judged]
    for i in range(len(names)):
        own = pull[:, i]
        keep, rest = np.sqrt(own), np.sqrt(1 - own)
        correlation = np.outer(rest, rest) * t + np.outer(keep, keep) * r
        normal = _root(correlation) @ rng.standard_normal((len(places), draws[0].shape[1]))
        for part, order in zip(draws, normal, strict=True):
            part[i] = _reordered(part[i], order)
    out = list(lines)
    for place, one, part in zip(places, judged, draws, strict=True):
        also: Mapping[str, Judged] = {**lines[place].judged, group: replace(one, draws=part)}
        out[place] = replace(lines[place], judged=also)
    return out


def talent(judged: Sequence[Judged], r: Floats, pull: Floats) -> Floats:
    """Return the correlation of the units' true values on every two KPIs.

    Moments: (cov(y_j, y_k) − mean(r_jk·s_j·s_k)) / (τ_j·τ_k) over the units that have both, shrunk
    to r_jk as far as it is noise (KPIs that measure nearly the same err together and are good
    together): its standard error is 1/√((I − 1)·R_j·R_k) with I units of mean reliability R, the
    prior sd `HALO`.
    """
    t = np.eye(len(judged))
    for j in range(len(judged)):
        for k in range(j):
            t[j, k] = t[k, j] = _pair(judged[j], judged[k], r[j, k], pull[j], pull[k])
    return t


def _pair(one: Judged, other: Judged, r: float, r_one: Floats, r_other: Floats) -> float:
    y, z = one.scaled, other.scaled
    known = np.isfinite(y) & np.isfinite(z)
    if known.sum() < MIN_UNITS:
        return float(np.clip(r, -MOST, MOST))
    tau = one.posterior.tau * other.posterior.tau
    worth = (known.sum() - 1) * float(r_one[known].mean()) * float(r_other[known].mean())
    if not (tau > 0 and worth > 0):
        return float(np.clip(r, -MOST, MOST))
    noise = r * float((one.error[known] * other.error[known]).mean())
    found = (float(np.cov(y[known], z[known])[0, 1]) - noise) / tau
    share = HALO**2 / (HALO**2 + 1.0 / worth)
    return float(np.clip(r + share * (np.clip(found, -1.0, 1.0) - r), -MOST, MOST))


def _pull(one: Judged) -> Floats:
    """Return R of every unit where values are shrunk, else 1."""
    if not one.shrunk:
        return np.ones(len(one.table))
    return np.clip(np.nan_to_num(one.posterior.reliability), 0.0, 1.0)


def _root(correlation: Floats) -> Floats:
    """Return a square root of a correlation matrix; negative eigenvalues count as 0."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))


def _reordered(values: Floats, like: Floats) -> Floats:
    """Return the values in the order of ``like``: the smallest where it is smallest."""
    rank = rankdata(like, method="ordinal").astype(np.int64) - 1
    return np.asarray(np.sort(values)[rank])
