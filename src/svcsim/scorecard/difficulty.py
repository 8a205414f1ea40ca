"""Difficulty: what the others reach on a contact like this one, from what is known at arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.scorecard.kpi_rows import KpiRows, codes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AT_ARRIVAL = ("category", "difficulty", "priority", "channel", "segment", "language")
"""Columns known when a contact arrives, from the one that matters most."""
PEERS = (*AT_ARRIVAL, "team")
"""The same and the team that held it: a tier is given other contacts than the others."""


@dataclass(frozen=True)
class Strengths:
    """K of every level: contacts that the group around a stratum is worth, outermost first."""

    columns: tuple[str, ...]
    contacts: tuple[float, ...]


def expected_values(
    log: ContactLog, rows: KpiRows, columns: Sequence[str] = AT_ARRIVAL
) -> tuple[Floats, Strengths]:
    """Return for every row what the other agents reach on such a contact, without its own agent.

    Strata are nested (category, category and difficulty, ...). With the rows of a contact's own
    agent left out everywhere, the expectation of level l is

        e_l = (Σ others' top in the stratum + K_l·e_(l−1)) / (Σ others' bottom + K_l),

    e_0 the value of all others. K_l = σ²/τ_l² is estimated by moments: σ² the variance of one
    contact within the finest strata, τ_l² the variance of the strata of a level within the group
    around them. So a thin stratum stays near the one around it, and a column that explains nothing
    changes nothing. Source: Bühlmann and Straub 1970 (hierarchical credibility).

    A contact without an agent leaves nothing out; with a single agent there is no expectation
    (NaN).
    """
    known = [name for name in columns if coded(log.frame, name).code[rows.row].max(initial=-1) >= 0]
    agent = coded(log.frame, "agent").code[rows.row]
    strata = [codes(log.frame, known[: depth + 1], rows.row) for depth in range(len(known))]
    finest = strata[-1][0] if strata else np.zeros(len(rows.row), dtype=np.int64)
    variance = _within(rows, finest)
    expected = _others(rows, np.zeros(len(rows.row), dtype=np.int64), agent, 0.0, np.nan)
    strengths = []
    parent = np.zeros(len(rows.row), dtype=np.int64)
    for code, _ in strata:
        strength = _strength(rows, code, parent, variance)
        strengths.append(strength)
        if np.isfinite(strength):
            expected = _others(rows, code, agent, strength, expected)
        parent = code
    return expected, Strengths(tuple(known), tuple(strengths))


def out_of_sample(
    log: ContactLog, past: KpiRows, future: KpiRows, columns: Sequence[str]
) -> Floats:
    """Return the expectation of every future contact learned from past ones (no agent left out).

    Used to measure which columns help (`benchmarks`): the mean squared error of these.
    """
    known = [name for name in columns if coded(log.frame, name).code[past.row].max(initial=-1) >= 0]
    row = np.concatenate([past.row, future.row])
    blank = np.zeros(len(future.row))
    both = KpiRows(
        row,
        np.concatenate([past.period, future.period]),
        np.concatenate([past.top, blank]),
        np.concatenate([past.bottom, blank]),
        past.p,
        past.periods,
    )
    nobody = np.full(len(row), -1, dtype=np.int64)
    strata = [codes(log.frame, known[: depth + 1], row) for depth in range(len(known))]
    start = np.zeros(len(row), dtype=np.int64)
    expected = _others(both, start, nobody, 0.0, np.nan)
    parent, m = start, len(past.row)
    finest = strata[-1][0] if strata else start
    variance = _within(past, finest[:m])
    for code, _ in strata:
        strength = _strength(past, code[:m], parent[:m], variance)
        if np.isfinite(strength):
            expected = _others(both, code, nobody, strength, expected)
        parent = code
    return expected[m:]


def _others(
    rows: KpiRows, code: Ints, agent: Ints, strength: float, around: Floats | float
) -> Floats:
    """Return (others' top + K·around)/(others' bottom + K) in the stratum of every row."""
    own = code * (int(agent.max(initial=-1)) + 2) + agent + 1
    own = np.unique(own, return_inverse=True)[1]
    named = agent >= 0
    sums = []
    for values in (rows.top, rows.bottom):
        mine = np.where(named, np.bincount(own, values)[own], 0.0)
        sums.append(np.bincount(code, values)[code] - mine)
    top, bottom = sums
    middle = np.broadcast_to(np.asarray(around, dtype=float), top.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        pull = strength * middle if strength > 0 else 0.0
        value = (top + pull) / (bottom + strength)
    return np.where(bottom + strength > 1e-9, value, middle)


def _within(rows: KpiRows, code: Ints) -> float:
    """Return the variance of one contact within its stratum."""
    if not len(code):
        return float("nan")
    n = np.bincount(code, rows.bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.nan_to_num(np.bincount(code, rows.top) / n)
    residual = rows.top - rate[code] * rows.bottom
    freedom = len(code) - int((n > 0).sum())
    return float((residual**2).sum() / freedom) if freedom > 0 else float("nan")


def _strength(rows: KpiRows, code: Ints, parent: Ints, variance: float) -> float:
    """Return K = σ²/τ² of the strata within the groups around them; infinite where τ² ≤ 0.

    τ² = (Σ n(r − r̄)² − (strata − groups)σ²) / (Σ n − Σ_groups Σ n²/Σ n).
    """
    if not len(code):
        return float("inf")
    table = pd.DataFrame({"code": code, "parent": parent, "n": rows.bottom, "top": rows.top})
    cell = table.groupby("code").agg(n=("n", "sum"), top=("top", "sum"), parent=("parent", "first"))
    cell = cell[cell["n"] > 0]
    group = cell.groupby("parent")[["n", "top"]].transform("sum")
    rate, mean = cell["top"] / cell["n"], group["top"] / group["n"]
    spread = float((cell["n"] * (rate - mean) ** 2).sum())
    room = float((cell["n"] - cell["n"] ** 2 / group["n"]).sum())
    freedom = len(cell) - cell["parent"].nunique()
    between = (spread - freedom * variance) / room if room > 0 else 0.0
    return variance / between if between > 0 else float("inf")
