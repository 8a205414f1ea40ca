"""Kitagawa's symmetric split of a difference into rate and mix, nested and exact.

A value over a whole is Σ_k s_k·r_k with shares s and rates r of its parts, so between two periods

    Δ = Σ_k ½(s₀ + s₁)(r₁ − r₀)  [rate]  +  Σ_k ½(r₀ + r₁)(s₁ − s₀)  [mix]

exactly. The rate part of every group is split again over the groups inside it, and so on; what is
left is the rate part of the innermost groups. Source: Kitagawa 1955, Components of a difference
between two rates, JASA 50.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def split(top: Floats, bottom: Floats, parents: Sequence[Ints]) -> list[Floats]:
    """Return the rate part and the mix part of every level, outermost first.

    Parameters
    ----------
    top, bottom : ndarray
        Sums of the innermost cells, draws x 2 periods x cells.
    parents : sequence of ndarray
        For every level from the innermost to the outermost, the group of each of its cells in the
        level around it; the outermost level lies in one group.

    Returns
    -------
    list of ndarray
        One value a draw: rate within the innermost cells, then mix of each level from outside.
    """
    mixes: list[Floats] = []
    sums = [(top, bottom)]
    for parent in parents:
        sums.append(tuple(_grouped(values, parent) for values in sums[-1]))  # type: ignore[arg-type]
    # Weight of a whole is 1; walking inwards it is ½(s₀ + s₁) of every cell within its group.
    weight = np.ones((len(top), 1))
    for level in range(len(parents) - 1, -1, -1):
        parent, (inner, size) = parents[level], sums[level]
        around = sums[level + 1][1][:, :, parent]
        rate = rates_of(inner, size)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(around > 0, size / around, np.nan)
        # A group that one period lacks has no shares there: it keeps those of the other.
        share = np.where(np.isnan(share), share[:, ::-1], share)
        outer = weight[:, parent]
        moved = np.nan_to_num(share[:, 1] - share[:, 0])
        mixes.append((outer * rate.mean(axis=1) * moved).sum(axis=1))
        weight = outer * np.nan_to_num(share.mean(axis=1))
    rate = rates_of(*sums[0])
    within = (weight * (rate[:, 1] - rate[:, 0])).sum(axis=1)
    return [within, *mixes]


def rates_of(top: Floats, bottom: Floats) -> Floats:
    """Return top/bottom (draws x 2 periods x cells); a cell that one lacks has the other's."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(bottom > 0, top / bottom, np.nan)
    return np.nan_to_num(np.where(np.isnan(rate), rate[:, ::-1], rate))


def _grouped(values: Floats, parent: Ints) -> Floats:
    size = int(parent.max()) + 1
    order = np.argsort(parent, kind="stable")
    starts = np.searchsorted(parent[order], np.arange(size))
    return np.asarray(np.add.reduceat(values[:, :, order], starts, axis=2))
