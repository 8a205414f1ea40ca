"""Comparing like with like: values at equal mix of contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.metrics.metric import Mean, Metric, Share

Floats = NDArray[np.float64]

MIN_OTHERS = 5
"""A kind of contact counts only where the others handled at least so many of it."""
MIN_COMPARABLE = 0.5
"""Below this share of contacts that others handle too, a value is not adjusted for mix."""


def can_standardise(metric: Metric) -> bool:
    """Tell whether values of parts add up to the whole: shares and means do, quantiles do not."""
    return isinstance(metric.kind, (Share, Mean))


def standardise(cells: pd.DataFrame, unit: str, strength: float = 0.0) -> pd.DataFrame:
    """Return observed, expected and adjusted value of every unit (indirect standardisation).

    O is the unit's own value and E the value it would have had, had each of its contacts gone as
    that kind of contact goes with the *other* units: E = Σ_k n_k·r_k / Σ_k n_k, where
    r_k = (Σ others' values of kind k + K·r)/(others' contacts of kind k + K) leaves the unit's own
    rows out (otherwise a large unit is compared with itself) and r is the others' mean over all
    kinds. K = ``strength`` holds kinds with few contacts near that mean: adjusting by noise would
    be worse than not adjusting. With M the same rates at the whole desk's mix of contacts
    (M = Σ_k N_k·r_k / Σ_k N_k) the adjusted value, what the unit would have with that mix, is

    - O·M/E for times, counts and shares up to one half;
    - 1 − (1 − O)·(1 − M)/(1 − E) for larger shares (the ratio of the misses), cut to 0..1;
    - O + M − E for scores, and wherever the ratio does not exist.

    A unit with the desk's own mix keeps its value, however large a part of the desk it is. Kinds
    that the others handled fewer than five times are left out of O and E, and enter M with the
    value of all; where less than half of the contacts remain there is no adjusted value.

    Parameters
    ----------
    cells : DataFrame
        ``unit, stratum, value, n``: one row a unit and kind of contact.
    unit : str
        Unit of the metric (``share``, ``s``, ``score``, ``count``, ``per day``).
    strength : float
        K in contacts: variance of one contact / variance between kinds; infinite when the kinds
        do not differ.

    Returns
    -------
    DataFrame
        Indexed by unit: ``observed, expected, reference`` (M)``, adjusted, comparable`` (share of
        contacts used).
    """
    rows = cells[cells["n"] > 0].dropna(subset=["value"])
    rows = rows.assign(sum=rows["value"] * rows["n"])
    table = rows.pivot_table(index="unit", columns="stratum", values=["n", "sum"], aggfunc="sum")
    if table.empty:
        names = ["observed", "expected", "reference", "adjusted", "comparable"]
        return pd.DataFrame(columns=names, dtype=float)
    n, total = (table[name].fillna(0.0).to_numpy(dtype=float) for name in ("n", "sum"))
    others = n.sum(axis=0) - n
    usable = others >= MIN_OTHERS
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = _rates(n, total, usable, strength)
        used = np.where(usable, n, 0.0)
        comparable = used.sum(axis=1) / n.sum(axis=1)
        size = np.where(comparable >= MIN_COMPARABLE, used.sum(axis=1), np.nan)
        observed = np.where(usable, total, 0.0).sum(axis=1) / size
        expected = (used * rate).sum(axis=1) / size
        reference = (n.sum(axis=0) * rate).sum(axis=1) / n.sum()
    whole = float(total.sum() / n.sum())
    return pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "reference": np.where(np.isfinite(size), reference, np.nan),
            "adjusted": at_mix(observed, expected, reference, unit, mostly=whole > 0.5),
            "comparable": comparable,
        },
        index=table.index,
    )


def _rates(n: Floats, total: Floats, usable: NDArray[np.bool_], strength: float) -> Floats:
    """Return, for each unit and kind, the others' value of that kind (of all where unusable)."""
    others, sums = n.sum(axis=0) - n, total.sum(axis=0) - total
    among = np.where(usable, others, n.sum(axis=0))
    value = np.where(usable, sums, total.sum(axis=0))
    elsewhere = others.sum(axis=1, keepdims=True)
    mean = sums.sum(axis=1, keepdims=True) / np.where(elsewhere > 0, elsewhere, np.nan)
    if not np.isfinite(strength):
        return np.broadcast_to(mean, n.shape)
    if strength == 0:
        return np.asarray(value / among)
    return np.asarray((value + strength * mean) / (among + strength))


def at_mix(
    observed: Floats, expected: Floats, reference: Floats, unit: str, *, mostly: bool
) -> Floats:
    """Return values moved from the mix they are expected at to the reference's (`standardise`).

    ``mostly`` says that the share is above one half, so that misses are compared.
    """
    difference = observed + reference - expected
    with np.errstate(invalid="ignore", divide="ignore"):
        if unit == "share" and mostly:
            ratio = 1 - (1 - observed) * (1 - reference) / (1 - expected)
            possible = expected < 1
        else:
            ratio = observed * reference / expected
            possible = expected > 0
    if unit == "score":
        possible = np.zeros_like(possible)
    adjusted = np.where(possible, ratio, difference)
    return np.clip(adjusted, 0.0, 1.0) if unit == "share" else adjusted
