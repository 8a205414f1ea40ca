"""Comparing like with like: case mix, and handlings too short to be real."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Mean, Metric, Share
from svcsim.scorecard.period import Period

Floats = NDArray[np.float64]

MIN_OTHERS = 5
"""A kind of contact counts only where the others handled at least so many of it."""
MIN_COMPARABLE = 0.5
"""Below this share of contacts that others handle too, a value is not adjusted for mix."""
SHORT = 10.0
"""Seconds below which a handling is hardly one."""
MIN_HANDLED = 50
FUNNEL = 3.09
"""Standard errors of a two-sided 99.8 % control limit."""


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
    be worse than not adjusting. With the value D of the whole desk the adjusted value is

    - D·O/E for times, counts and shares up to one half;
    - 1 − (1 − D)·(1 − O)/(1 − E) for larger shares (the ratio of the misses), cut to 0..1;
    - D + O − E for scores, and wherever the ratio does not exist.

    Kinds that the others handled fewer than five times are left out of O and E; where less than
    half of the contacts remain there is no adjusted value.

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
        Indexed by unit: ``observed, expected, adjusted, comparable`` (share of contacts used).
    """
    rows = cells[cells["n"] > 0].dropna(subset=["value"]).copy()
    rows["sum"] = rows["value"] * rows["n"]
    others = rows.groupby("stratum")[["n", "sum"]].transform("sum") - rows[["n", "sum"]]
    elsewhere = rows[["n", "sum"]].sum() - rows.groupby("unit")[["n", "sum"]].transform("sum")
    mean = elsewhere["sum"] / elsewhere["n"].where(elsewhere["n"] > 0)
    rate = mean
    if np.isfinite(strength):
        rate = (others["sum"] + strength * mean) / (others["n"] + strength).replace(0, np.nan)
    usable = others["n"] >= MIN_OTHERS
    used = rows.assign(
        used=rows["n"].where(usable, 0),
        own=rows["sum"].where(usable, 0),
        by_mix=(rate * rows["n"]).where(usable, 0),
    )
    total = used.groupby("unit")[["n", "used", "own", "by_mix"]].sum()
    comparable = total["used"] / total["n"]
    used_n = total["used"].where(comparable >= MIN_COMPARABLE)
    observed = (total["own"] / used_n).to_numpy(dtype=float)
    expected = (total["by_mix"] / used_n).to_numpy(dtype=float)
    whole = float(rows["sum"].sum() / rows["n"].sum()) if len(rows) else float("nan")
    return pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "adjusted": _adjusted(observed, expected, whole, unit),
            "comparable": comparable.to_numpy(dtype=float),
        },
        index=total.index,
    )


def _adjusted(observed: Floats, expected: Floats, whole: float, unit: str) -> Floats:
    difference = whole + observed - expected
    with np.errstate(invalid="ignore", divide="ignore"):
        if unit == "share" and whole > 0.5:
            ratio = 1 - (1 - whole) * (1 - observed) / (1 - expected)
            possible = expected < 1
        else:
            ratio = whole * observed / expected
            possible = (expected > 0) & (unit != "score")
    value = np.where(possible, ratio, difference)
    return np.clip(value, 0.0, 1.0) if unit == "share" else value


def short_handlings(log: ContactLog, span: Period) -> pd.DataFrame:
    """Return the agents whose share of handlings under 10 s lies outside the funnel.

    z = (x − n·p)/√(n·p(1 − p)·φ) with p the share of the *other* agents and φ ≥ 1 the
    over-dispersion: the mean of z² winsorised by 10 % at each tail. Named from z > 3.09 (99.8 %
    limit) and twice the share of the others, with at least 50 handlings. A reason to look, never
    a verdict. Source: Spiegelhalter 2005 (funnel plots).

    Returns
    -------
    DataFrame
        Indexed by agent: ``share, others, n, z``.
    """
    frame = log.frame
    opened, handled = frame["opened_s"], frame["handle_s"]
    use = handled.notna() & frame["agent"].notna()
    rows = frame[use & (opened >= span.start) & (opened < span.end)]
    short = (rows["handle_s"] < SHORT).groupby(rows["agent"]).agg(["sum", "size"])
    x, n = short["sum"].to_numpy(dtype=float), short["size"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        others = (x.sum() - x) / (n.sum() - n)
        p = np.clip(others, 0.5 / max(n.sum(), 1.0), 1.0)
        z = (x - n * p) / np.sqrt(n * p * (1 - p))
    z = z / np.sqrt(_over_dispersion(z))
    table = pd.DataFrame({"share": x / n, "others": others, "n": n, "z": z}, index=short.index)
    odd = (table["z"] > FUNNEL) & (table["share"] > 2 * table["others"])
    return table[odd & (table["n"] >= MIN_HANDLED)]


def _over_dispersion(z: Floats) -> float:
    """Return φ: the mean of winsorised z², at least 1."""
    known = np.sort(z[np.isfinite(z)])
    if known.size < 3:
        return 1.0
    low, high = np.quantile(known, [0.1, 0.9])
    return max(float((np.clip(known, low, high) ** 2).mean()), 1.0)
