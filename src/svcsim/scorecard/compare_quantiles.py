"""Quantiles of units against those of the others on the same kinds of contact.

Quantiles of parts do not add up, but distributions do: with the others' contacts weighted to the
unit's own mix of kinds, any quantile of them is what the unit would have had as one of the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric
from svcsim.scorecard.compared import Compared
from svcsim.scorecard.fairness import MIN_COMPARABLE, MIN_OTHERS
from svcsim.scorecard.funnel_limits import ACT, WATCH, order_shares
from svcsim.scorecard.kpi_rows import KpiRows, codes, design_effect
from svcsim.scorecard.measure import kinds_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def compare_quantiles(
    log: ContactLog, metric: Metric, rows: KpiRows, unit: Ints, n: Floats
) -> Compared:
    """Return the units compared on a quantile p.

    The others' contacts of kind k weigh n_k/others_k, so that together they have the unit's mix;
    kinds that the others handled fewer than five times are left out. The expectation E is the
    weighted p quantile; limits are the weighted quantiles at the shares between which the sample
    quantile of n contacts lies (`funnel_limits.order_shares`). z is the number of own contacts
    beyond E, standardised with Σ n_k·p_k(1 − p_k)·(1 + n_k/others_k), p_k the others' share of
    kind k beyond E.
    """
    order = np.argsort(rows.top, kind="stable")
    value, owner = rows.top[order], unit[order]
    centre = float(np.quantile(value, rows.p))
    mixed = bool(log.frame["category"].notna().any())
    kind, kinds = codes(log.frame, kinds_of(metric), rows.row) if mixed else (0 * unit, 1)
    kind = kind[order]
    count = np.bincount(unit * kinds + _unsorted(kind, order), minlength=len(n) * kinds)
    count = count.reshape(len(n), kinds).astype(float)
    total = count.sum(axis=0)
    found = [
        _against(value, owner, kind, rows.p, i, count[i], total) if n[i] > 0 else None
        for i in range(len(n))
    ]
    blank = _Peers(np.nan, np.nan, 1.0, 0.0, ((np.nan, np.nan), (np.nan, np.nan)))
    peers = [one or blank for one in found]
    own = pd.Series(rows.top).groupby(unit).quantile(rows.p)  # as the metric code interpolates
    observed: Floats = np.asarray(own.reindex(range(len(n))), dtype=np.float64)
    comparable = np.array([one.comparable >= MIN_COMPARABLE for one in peers])
    z = np.array([one.z for one in peers])
    expected = np.array([one.expected for one in peers])
    beyond = (rows.top > expected[unit]) - (1 - rows.p)
    return Compared(
        observed=observed,
        expected=expected,
        reference=np.where(np.isfinite(expected), centre, np.nan),
        n=n,
        error=np.full(len(n), np.nan),
        z=np.where(comparable, z, np.nan),
        contact_sd=float("nan"),
        centre=centre,
        law="order",
        design=design_effect(log, metric, rows, unit, beyond.astype(float)),
        adjusted=mixed and kinds > 1,
        comparable=comparable,
        pool=value,
        p=rows.p,
        order=tuple(
            (
                np.array([one.limits[level][0] for one in peers]),
                np.array([one.limits[level][1] for one in peers]),
            )
            for level in (0, 1)
        ),
        stretch=np.array([one.stretch for one in peers]),
    )


class _Peers(NamedTuple):
    """What the others make of one unit's mix."""

    expected: float
    z: float
    stretch: float
    comparable: float
    limits: tuple[tuple[float, float], tuple[float, float]]


def _unsorted(kind: Ints, order: Ints) -> Ints:
    out = np.empty_like(kind)
    out[order] = kind
    return out


def _against(
    value: Floats, owner: Ints, kind: Ints, p: float, unit: int, count: Floats, total: Floats
) -> _Peers | None:
    """Return a unit (its contacts by kind in ``count``) against the ascending values of all."""
    others = total - count
    usable = (others >= MIN_OTHERS) & (count > 0)
    if not usable.any():
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(usable, count / others, 0.0)[kind]
    mine = owner == unit
    reach = np.cumsum(np.where(mine, 0.0, weight))
    reach /= reach[-1]

    def at(share: float) -> float:
        return float(value[min(int(np.searchsorted(reach, share)), len(value) - 1)])

    expected = at(p)
    size = float(count[usable].sum())
    beyond = value > expected
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.bincount(kind[beyond & ~mine], minlength=len(count)) / others
        chance = np.where(usable, chance, 0.0)
        spread = np.where(usable, count * chance * (1 - chance), 0.0)
        variance = float((spread * (1 + np.where(usable, count / others, 0.0))).sum())
    excess = float((beyond & mine & usable[kind]).sum() - (count * chance)[usable].sum())
    plain = size * p * (1 - p)
    watch, act = (order_shares(p, size, level) for level in (WATCH, ACT))
    return _Peers(
        expected,
        excess / variance**0.5 if variance > 0 else 0.0,
        (variance / plain) ** 0.5 if plain > 0 else 1.0,
        size / float(count.sum()),
        ((at(watch[0]), at(watch[1])), (at(act[0]), at(act[1]))),
    )
