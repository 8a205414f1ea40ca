"""The single contacts behind one KPI over several periods, coded for sums over any group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric
from svcsim.metrics.periods import day_index
from svcsim.scorecard.contributions import parts_of
from svcsim.scorecard.measure import SCOPE, Question
from svcsim.scorecard.period import Period
from svcsim.stats.interval import MIN_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUPS = 60
"""Random groups of contacts that stand in for days where fewer than eight are seen."""
UNKNOWN = "-"


@dataclass(frozen=True)
class KpiRows:
    """Contacts that count for one KPI, dated inside one of several periods.

    Parameters
    ----------
    row : ndarray of int
        Row of each contact in the frame of the log, by opening time and ticket.
    period : ndarray of int
        Which of the periods it is dated in; the last one is the scored period.
    top, bottom : ndarray
        The KPI of any group is Σ top / Σ bottom; of a quantile ``top`` is the value.
    p : float
        Which quantile; NaN for a ratio.
    """

    row: Ints
    period: Ints
    top: Floats
    bottom: Floats
    p: float
    periods: int
    """How many periods there are."""

    @property
    def adds_up(self) -> bool:
        """Whether values of parts add up to the whole (shares, means, ratios of sums)."""
        return bool(np.isnan(self.p))

    def of_period(self, period: int) -> KpiRows:
        """Return the rows of one period."""
        return self.taken(self.period == period)

    def taken(self, which: NDArray[np.bool_] | Ints) -> KpiRows:
        """Return some of the rows."""
        return replace(
            self,
            row=self.row[which],
            period=self.period[which],
            top=self.top[which],
            bottom=self.bottom[which],
        )


def kpi_rows(log: ContactLog, question: Question, periods: Sequence[Period]) -> KpiRows | None:
    """Return the rows of a KPI in consecutive periods; None where it has no single contacts."""
    edges = np.array([periods[0].start, *(period.end for period in periods)])
    edges = np.clip(edges, log.start, log.end)  # as the metric code cuts periods to the window
    whole = Period("all", float(edges[0]), float(edges[-1]))
    parts = parts_of(log, replace(question, period=whole))
    if parts is None:
        return None
    used = parts.used
    if SCOPE in log.frame:  # the card is not for everybody
        used = used & log.frame[SCOPE].to_numpy(dtype=bool)
    row = _in_order(log.frame, np.flatnonzero(used))
    dates = np.full(len(row), np.nan)
    for name in question.metric.dated_by:
        dates = np.where(np.isnan(dates), log.frame[name].to_numpy()[row], dates)
    period = np.searchsorted(edges, dates, side="right").astype(np.int64) - 1
    return KpiRows(row, period, parts.top[row], parts.bottom[row], parts.p, len(periods))


def _in_order(frame: pd.DataFrame, row: Ints) -> Ints:
    """Return rows by opening time, then ticket: results must not depend on the order of a file."""
    opened = frame["opened_s"].to_numpy()
    row = row[np.argsort(opened[row], kind="stable")]
    same = opened[row][1:] == opened[row][:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):
        ticket = frame["ticket_id"].iloc[row[tied]].astype("str").to_numpy(dtype=object)
        row[tied] = row[tied][np.lexsort((ticket, opened[row[tied]]))]
    return row


def codes(frame: pd.DataFrame, columns: Sequence[str], row: Ints) -> tuple[Ints, int]:
    """Return a dense code of each row's labels in some text columns, and how many there are."""
    code = np.zeros(len(row), dtype=np.int64)
    for name in columns:
        own = coded(frame, name).sorted()
        code = code * (len(own.labels) + 1) + own.code[row] + 1
        code = np.unique(code, return_inverse=True)[1].astype(np.int64)
    return code, int(code.max(initial=-1)) + 1


def unit_codes(frame: pd.DataFrame, kind: str, names: Sequence[str], row: Ints) -> Ints:
    """Return the place of each row's unit among the names, -1 for none of them."""
    own = coded(frame, kind)
    place = pd.Index(list(names)).get_indexer(pd.Index(own.labels).astype(object))
    return np.append(place, -1).astype(np.int64)[own.code[row]]


def clusters(log: ContactLog, rows: KpiRows, dates: Sequence[str]) -> Ints:
    """Return what moves together: the local day of a contact's date within its period.

    Contacts of a day share one queue. Where a period holds fewer than eight days, its contacts
    fall into 60 groups in turn, as good as single contacts for an error that ignores days.
    """
    at = np.full(len(rows.row), np.nan)
    for name in dates:
        at = np.where(np.isnan(at), log.frame[name].to_numpy()[rows.row], at)
    out = day_index(at, log.timezone).astype(np.int64)
    for period in np.unique(rows.period):
        inside = np.flatnonzero(rows.period == period)
        if len(np.unique(out[inside])) < MIN_DAYS:
            out[inside] = np.arange(len(inside)) % GROUPS
    return out


def design_effect(
    log: ContactLog, metric: Metric, rows: KpiRows, unit: Ints, residual: Floats
) -> float:
    """Return Σ_g(Σ e)²/Σ e² over the local days g of each unit, e the residual in its kind."""
    own = np.bincount(unit, residual) / np.maximum(np.bincount(unit), 1)
    left = residual - own[unit]
    dates = np.full(len(rows.row), np.nan)
    for name in metric.dated_by:
        dates = np.where(np.isnan(dates), log.frame[name].to_numpy()[rows.row], dates)
    day = day_index(dates, log.timezone)
    total = float((left**2).sum())
    if len(np.unique(day)) < MIN_DAYS or total == 0:
        return 1.0
    group = np.unique(unit * (int(day.max()) + 1) + day, return_inverse=True)[1]
    return max(float((np.bincount(group, left) ** 2).sum()) / total, 1.0)


def labels(frame: pd.DataFrame, column: str, row: Ints) -> list[str]:
    """Return the label of each row in a text column; a missing one is ``-``."""
    text = frame[column].iloc[row].astype(object)
    return [UNKNOWN if pd.isna(value) else str(value) for value in text]
