"""Typical good and bad cases: contacts where a unit's usual best and worst outcomes lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric
from svcsim.scorecard.curve import Direction
from svcsim.scorecard.difficulty import PEERS, expected_values
from svcsim.scorecard.kpi_rows import KpiRows, labels, unit_codes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Verdict = Literal["good", "bad"]

MOST = 3
"""Cases of either kind of a unit and KPI."""
AT = 0.10
"""Quantile of a unit's own residuals at which its bad cases lie; the good ones at the other end."""
LEAST = 10
"""With fewer contacts nothing is typical."""


@dataclass(frozen=True)
class Case:
    """One contact worth talking about.

    Parameters
    ----------
    value, expected : float
        What happened (1 or 0 for a share) and what is usual for such a contact (`usual_values`).
    verdict : str
        ``good`` or ``bad`` for the KPI.
    """

    metric: str
    kind: str
    unit: str
    agent: str
    verdict: Verdict
    ticket_id: str
    category: str
    value: float
    expected: float


def usual_values(log: ContactLog, metric: Metric, rows: KpiRows) -> Floats:
    """Return what the other people of a team usually reach on such a contact.

    `difficulty.expected_values`; of times the geometric mean, which a few very long ones hardly
    move: a mean lies above most of what happens.
    """
    if metric.unit != "s":
        return expected_values(log, replace(rows, p=np.nan), PEERS)[0]
    plain = replace(rows, top=np.log1p(_value(rows)), bottom=np.ones(len(rows.row)), p=np.nan)
    return np.asarray(np.expm1(expected_values(log, plain, PEERS)[0]))


def typical_cases(
    log: ContactLog,
    metric: Metric,
    rows: KpiRows,
    expected: Floats,
    kind: str,
    names: Sequence[str],
    better: Direction,
) -> list[Case]:
    """Return up to three good and three bad cases of every unit.

    The residual of a contact is its value less the expectation (the logarithm of their ratio for
    times), signed so that more is better. Among a unit's contacts on the bad side of its
    expectation those nearest to the 10 % quantile of all its residuals are taken, among those on
    the good side those nearest to the 90 % quantile; a quantile on the other side is replaced by
    the median of the side. The wildest outlier teaches little: it is often nobody's doing.
    Of equals the latest counts, and a team shows cases of different agents first.
    """
    residual = _residual(metric, rows, expected, better)
    value = _value(rows)
    unit = np.zeros(len(rows.row), dtype=np.int64)
    if kind != "desk":
        unit = unit_codes(log.frame, kind, names, rows.row)
    order = np.argsort(unit, kind="stable")
    bounds = np.searchsorted(unit[order], np.arange(len(names) + 1))
    picks: list[tuple[int, Verdict, int]] = []
    agent = coded(log.frame, "agent").code[rows.row] if kind != "agent" else None
    for place in range(len(names)):
        own = order[bounds[place] : bounds[place + 1]]
        own = own[np.isfinite(residual[own])]
        if len(own) >= LEAST:
            picks += [(place, "bad", i) for i in _near(own, -residual, agent)]
            picks += [(place, "good", i) for i in _near(own, residual, agent)]
    rows_picked = np.array([rows.row[i] for _, _, i in picks], dtype=np.int64)
    agents, categories = (labels(log.frame, name, rows_picked) for name in ("agent", "category"))
    tickets = log.frame["ticket_id"].to_numpy()[rows_picked]
    return [
        Case(
            metric.id,
            kind,
            names[place],
            agents[at],
            verdict,
            str(tickets[at]),
            categories[at],
            float(value[i]),
            float(expected[i]),
        )
        for at, (place, verdict, i) in enumerate(picks)
    ]


def _residual(metric: Metric, rows: KpiRows, expected: Floats, better: Direction) -> Floats:
    value = _value(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        times = metric.unit == "s"
        out = np.log1p(value) - np.log1p(expected) if times else value - expected
    return np.asarray(out if better == "higher" else -out)


def _value(rows: KpiRows) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rows.bottom != 0, rows.top / rows.bottom, np.nan)


def _near(own: Ints, residual: Floats, agent: Ints | None) -> list[int]:
    """Return the contacts on the positive side nearest to the upper quantile of all."""
    values = residual[own]
    side = own[values > 0]
    if not len(side):
        return []
    aim = float(np.quantile(values, 1 - AT))
    if aim <= 0:
        aim = float(np.median(residual[side]))
    ranked = side[np.lexsort((-side, np.round(np.abs(residual[side] - aim), 9)))]
    if agent is None:
        return [int(i) for i in ranked[:MOST]]
    first = np.sort(np.unique(agent[ranked], return_index=True)[1])
    rest = np.setdiff1d(np.arange(min(MOST, len(ranked))), first)
    return [int(ranked[i]) for i in (*first, *rest)][:MOST]
