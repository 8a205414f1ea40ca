"""What every contact contributes to the error of a KPI, and how the errors of KPIs hang together.

One contact counts for several KPIs: a customer who waited answers the survey, and a case that
comes back is rarely a satisfied one. The KPIs of a unit therefore err together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.facts import with_facts
from svcsim.metrics.metric import Mean, Quantile, RatioOfSums, Share
from svcsim.metrics.periods import day_index
from svcsim.scorecard.measure import DESK, SCOPE, Question, dated_inside, strata_of
from svcsim.stats.interval import MIN_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Parts:
    """Elementwise parts of one KPI over the rows of a log.

    Parameters
    ----------
    used : ndarray of bool
        Contacts that count, dated inside the KPI's period.
    top, bottom : ndarray
        The KPI is Σ top / Σ bottom; of a quantile ``top`` is the value and ``bottom`` is 1.
    p : float
        Which quantile; NaN for a ratio.
    """

    used: NDArray[np.bool_]
    top: Floats
    bottom: Floats
    p: float = float("nan")


def parts_of(log: ContactLog, question: Question) -> Parts | None:
    """Return the elementwise parts of a KPI; None where it is not made of single contacts.

    Volumes, time averages, occupancy, survival shares and whatever side tables hold are not; their
    errors are taken to be independent of the others.
    """
    kind = question.metric.kind
    if question.metric.table != "contacts":
        return None
    if isinstance(kind, Share):
        columns: Mapping[str, nw.Expr] = {"top": kind.counts}
    elif isinstance(kind, (Mean, Quantile)):
        columns = {"top": kind.value}
    elif isinstance(kind, RatioOfSums):
        columns = {"top": kind.numerator, "bottom": kind.denominator}
    else:
        return None
    frame = with_facts(log, {name for need in question.metric.needs for name in need.split("|")})
    table = nw.from_native(frame).select(used=kind.among, **columns)
    used = np.asarray(table["used"].to_numpy(), dtype=bool) & dated_inside(log, question)
    top = np.where(used, table["top"].to_numpy(), 0.0).astype(float)
    bottom = np.ones(len(frame))
    if "bottom" in columns:
        bottom = np.where(used, table["bottom"].to_numpy(), 0.0).astype(float)
    return Parts(used, top, bottom, kind.p if isinstance(kind, Quantile) else float("nan"))


def errors(parts: Parts, unit: Ints, stratum: Ints | None = None) -> Floats:
    """Return what each contact adds to the error of its unit's KPI, up to a factor of the unit.

    Ratios: y − r_k·x less the unit's own mean of it, with r_k the value of the contact's kind over
    all units where values are compared at equal mix. Quantiles: 1{y > q} − (1 − p) with the unit's
    quantile q. Contacts that do not count add nothing. Source: Cochran 1977 (linearisation).
    """
    used = parts.used & (unit >= 0)
    out = np.zeros(len(unit))
    rows, owner = np.flatnonzero(used), unit[used]
    if not rows.size:
        return out
    top, bottom = parts.top[rows], parts.bottom[rows]
    if np.isfinite(parts.p):
        at = pd.Series(top).groupby(owner).transform("quantile", parts.p).to_numpy(dtype=float)
        out[rows] = (top > at) - (1.0 - parts.p)
        return out
    if stratum is not None:
        top = top - _ratio(top, bottom, stratum[rows]) * bottom
    out[rows] = top - _ratio(top, bottom, owner) * bottom
    return out


def error_correlation(
    log: ContactLog, questions: Sequence[Question], kind: str, names: Sequence[str], *, mix: bool
) -> Floats:
    """Return the correlation of the KPIs' errors, pooled over the units of a kind.

    r_jk = Σ_g U_jg·U_kg / √(Σ_g U_jg²·Σ_g U_kg²) with U_jg the sum of `errors` over a cluster g:
    the contacts of one unit whose cases began on one local day (they share the queue, and a case
    stays together); single cases where fewer than eight days are seen.

    Parameters
    ----------
    mix : bool
        Whether values are compared at equal mix of contacts.
    """
    frame = log.frame
    unit = np.zeros(len(frame), dtype=np.int64)
    if kind == DESK and SCOPE in frame:
        unit = np.where(frame[SCOPE].to_numpy(dtype=bool), 0, -1)
    elif kind != DESK:
        unit = pd.Index(names).get_indexer(pd.Index(frame[kind])).astype(np.int64)
    stratum = pd.factorize(strata_of(frame))[0].astype(np.int64) if mix else None
    found = [parts_of(log, question) for question in questions]
    each = [
        np.zeros(len(frame))
        if part is None
        else errors(part, unit, None if np.isfinite(part.p) else stratum)
        for part in found
    ]
    cluster = _clusters(log, unit)
    size = int(cluster.max(initial=0)) + 1
    sums = np.array([np.bincount(cluster, values, size) for values in each])
    cross = sums @ sums.T
    scale = np.sqrt(np.diag(cross))
    with np.errstate(invalid="ignore", divide="ignore"):
        found_r = cross / np.outer(scale, scale)
    # Rounded, so that the order of rows cannot show in the last bits.
    r: Floats = np.round(np.nan_to_num(found_r), 9)
    np.fill_diagonal(r, 1.0)
    return r


def _clusters(log: ContactLog, unit: Ints) -> Ints:
    """Return a code of (unit, local day on which the contact's case began)."""
    frame = log.frame
    case = frame["case_id"].astype("object").fillna(frame["ticket_id"].astype("object"))
    code = pd.factorize(case)[0].astype(np.int64)
    began = frame["opened_s"].groupby(code).transform("min").to_numpy(dtype=float)
    day = day_index(began, log.timezone)
    inner = day if len(np.unique(day)) >= MIN_DAYS else code
    key = (unit + 1) * (int(inner.max(initial=0)) + 2) + inner
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def _ratio(top: Floats, bottom: Floats, group: Ints) -> Floats:
    """Return Σ top / Σ bottom of each row's group (0 where the denominator is)."""
    below = np.bincount(group, bottom)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(below != 0, np.bincount(group, top) / below, 0.0)
    return ratio[group]
