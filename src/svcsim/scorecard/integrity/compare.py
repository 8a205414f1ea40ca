"""The share of one unit beside the others': over-dispersed counts, tested and believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from svcsim.scorecard.fairness import standardise

Floats = NDArray[np.float64]

MIN_UNITS = 3
"""Fewer units than this cannot be compared with each other."""
KIND_STRENGTH = 30.0
"""Contacts of a kind that the others' mean over all kinds is worth, when mixes are made equal."""
WINSORISED = 0.6786
"""Mean of z² of a standard normal whose tails of 10 % are winsorised."""
MOST_PRIOR = 200.0
"""The other units never outweigh so many of a unit's own contacts: somebody may be unlike all."""
LEAST_PRIOR = 2.0


def compare(
    flag: NDArray[np.bool_], unit: pd.Series, stratum: pd.Series, times: float
) -> pd.DataFrame:
    """Return every unit's share of flagged rows beside the one expected of it.

    ``expected``: the share that the *other* units have at the unit's own mix of strata
    (`standardise`). The others' true shares scatter: with intra-unit correlation ρ (`scatter`) a
    unit's count is beta-binomial(n, e·m, (1 − e)·m), m = 1/ρ − 1. ``p`` = P(count ≥ x) under it.
    ``sure``: with that beta as prior (m at most 200), the posterior probability that the unit's
    true share exceeds ``times`` the expected one.

    Returns
    -------
    DataFrame
        Indexed by unit: ``n, x, share, expected, p, sure``.
    """
    rows = pd.DataFrame(
        {"unit": unit.astype("object"), "stratum": stratum.fillna("-"), "flag": flag.astype(float)}
    )
    rows = rows[rows["unit"].notna()]
    count = rows.groupby("unit")["flag"].agg(["size", "sum"])
    cells = rows.groupby(["unit", "stratum"])["flag"].agg(["mean", "size"]).reset_index()
    cells = cells.rename(columns={"mean": "value", "size": "n"})
    n, x = count["size"].to_numpy(dtype=float), count["sum"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        others = (x.sum() - x) / (n.sum() - n)
    expected = standardise(cells, "share", KIND_STRENGTH)["expected"].reindex(count.index)
    wanted = np.where(expected.notna(), expected, others)
    p, sure = exceeds(x, n, wanted, times)
    return pd.DataFrame(
        {"n": n, "x": x, "share": x / n, "expected": wanted, "p": p, "sure": sure},
        index=count.index,
    )


def exceeds(x: Floats, n: Floats, expected: Floats, times: float) -> tuple[Floats, Floats]:
    """Return ``p`` and ``sure`` of counts beside expected shares, see `compare`."""
    least = 0.5 / max(float(n.sum()), 1.0)
    share = np.clip(np.nan_to_num(expected, nan=1.0), least, 1 - least)
    rho = scatter(x, n, share)
    if rho > 0:
        weight = 1 / rho - 1
        p = stats.betabinom.sf(x - 1, n, share * weight, (1 - share) * weight)
    else:
        weight = np.inf
        p = stats.binom.sf(x - 1, n, share)
    weight = float(np.clip(weight, LEAST_PRIOR, MOST_PRIOR))
    bound = np.minimum(times * share, 1.0)
    sure = stats.beta.sf(bound, share * weight + x, (1 - share) * weight + n - x)
    return np.asarray(p, dtype=float), np.asarray(sure, dtype=float)


def scatter(x: Floats, n: Floats, share: Floats) -> float:
    """Return ρ, the intra-unit correlation beyond chance: 0 when chance explains the spread.

    The ρ at which the mean of z² = (x − n·e)²/(n·e(1 − e)(1 + (n − 1)ρ)), z winsorised by 10 % at
    each tail, is what it is for a standard normal (.679), so that a few odd units do not hide
    themselves. Source: Spiegelhalter 2005 (winsorised over-dispersion), with the tail correction.
    """
    use = n > 0
    z0 = (x[use] - n[use] * share[use]) / np.sqrt(n[use] * share[use] * (1 - share[use]))
    if z0.size < MIN_UNITS:
        return 0.0

    def excess(rho: float) -> float:
        z = z0 / np.sqrt(1 + (n[use] - 1) * rho)
        low, high = np.quantile(z, [0.1, 0.9])
        return float((np.clip(z, low, high) ** 2).mean()) - WINSORISED

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, 0.9)) if excess(0.9) < 0 else 0.9
