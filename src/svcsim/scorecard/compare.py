"""How a unit did against the others: its own value, theirs on the same kinds, and the error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric, Share
from svcsim.scorecard.compare_quantiles import compare_quantiles
from svcsim.scorecard.compared import Compared
from svcsim.scorecard.fairness import MIN_OTHERS, can_standardise, standardise
from svcsim.scorecard.funnel_limits import Law
from svcsim.scorecard.kpi_rows import KpiRows, codes, design_effect, unit_codes
from svcsim.scorecard.measure import STRATUM, Question, align, kinds_of, measure
from svcsim.scorecard.mix import measured_of
from svcsim.scorecard.reliability import contact_noise, prior_contacts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def compare(
    log: ContactLog,
    question: Question,
    rows: KpiRows | None,
    kind: str,
    names: Sequence[str],
    strength: float | None = None,
) -> Compared | None:
    """Return the units of a kind compared; ``rows`` are those of the question's period.

    None with fewer than two units that have a value. ``strength`` is that of `kind_strength` where
    it is known already.
    """
    metric = question.metric
    if rows is None:
        return _by_interval(log, question, kind, names)
    unit = unit_codes(log.frame, kind, names, rows.row)
    rows, unit = rows.taken(unit >= 0), unit[unit >= 0]
    n = np.bincount(unit, minlength=len(names)).astype(float)
    if (n > 0).sum() < 2:
        return None
    if not rows.adds_up:
        return compare_quantiles(log, metric, rows, unit, n)
    mixed = can_standardise(metric) and bool(log.frame["category"].notna().any())
    if mixed and strength is None:
        strength = kind_strength(log, question)
    return _sums(log, question, rows, unit, n, strength if mixed else None)


def kind_strength(log: ContactLog, question: Question) -> float:
    """Return K of `fairness.standardise`: how many contacts the mean of all kinds is worth."""
    return prior_contacts(measured_of(measure(log, question, STRATUM), question.metric))


def _sums(
    log: ContactLog,
    question: Question,
    rows: KpiRows,
    unit: Ints,
    n: Floats,
    strength: float | None,
) -> Compared:
    """Compare shares, means and ratios; at equal mix where a ``strength`` is given."""
    metric, size = question.metric, len(n)
    stratum, kinds = (
        codes(log.frame, kinds_of(metric), rows.row) if strength is not None else (0 * unit, 1)
    )
    cell = unit * kinds + stratum
    count, top, bottom = (
        np.bincount(cell, weights, size * kinds).reshape(size, kinds).astype(float)
        for weights in (None, rows.top, rows.bottom)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = top.sum(axis=1) / bottom.sum(axis=1)
        rate = top.sum(axis=0) / bottom.sum(axis=0)
        expected = (top.sum() - top.sum(axis=1)) / (bottom.sum() - bottom.sum(axis=1))
        residual = rows.top - rate[stratum] * rows.bottom
        within = np.bincount(stratum, residual**2, kinds) / count.sum(axis=0)
    reference, adjusted = expected, False
    known = np.ones(size, dtype=bool)
    if strength is not None and kinds > 1:
        table = _standardised(count, top, metric, strength)
        known = table["adjusted"].notna().to_numpy()
        if known.any():
            adjusted = True
            observed, expected, reference = (
                np.where(known, table[name].to_numpy(), plain)
                for name, plain in (
                    ("observed", observed),
                    ("expected", expected),
                    ("reference", reference),
                )
            )
    centre = float(top.sum() / bottom.sum())
    within = np.nan_to_num(within)
    if isinstance(metric.kind, Share):
        # A share of all or none still errs: half a contact is added on either side.
        hits = rate * bottom.sum(axis=0)
        smooth = (np.nan_to_num(hits) + centre) / (bottom.sum(axis=0) + 1.0)
        within = smooth * (1 - smooth)
    mean = bottom.sum(axis=1) / np.where(n > 0, n, np.nan)
    variance = _variance(count, within, float("inf") if strength is None else strength)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(variance) / mean
        z = (observed - expected) / error
    sd = float(np.sqrt(np.average(within, weights=count.sum(axis=0))) / (bottom.sum() / n.sum()))
    clustered = not (isinstance(metric.kind, Share) and not metric.kind.queue)
    design = design_effect(log, metric, rows, unit, residual) if clustered else 1.0
    law: Law = "normal" if metric.unit in ("score", "points", "log") else "gamma"
    law = "binomial" if isinstance(metric.kind, Share) else law
    return Compared(
        observed=observed,
        expected=expected,
        reference=reference,
        n=n,
        error=error,
        z=np.where(known, z, np.nan),
        contact_sd=sd,
        centre=centre,
        law=law,
        design=design,
        adjusted=adjusted,
        comparable=known,
        pool=np.empty(0),
    )


def _standardised(count: Floats, top: Floats, metric: Metric, strength: float) -> pd.DataFrame:
    """Return `standardise` of the cells, one row a unit in order."""
    unit, stratum = np.nonzero(count)
    cells = pd.DataFrame(
        {
            "unit": unit,
            "stratum": stratum,
            "value": top[unit, stratum] / count[unit, stratum],
            "n": count[unit, stratum],
        }
    )
    return standardise(cells, metric.unit, strength).reindex(range(len(count)))


def _variance(count: Floats, within: Floats, strength: float) -> Floats:
    """Return the variance of (mean of a unit − expectation from the others), per unit.

    Σ_k n_k·s²_k/n² for the unit's own contacts; for the expectation, whose rates are
    b_k·(others' mean of kind k) + (1 − b_k)·(others' mean) with b_k = others_k/(others_k + K),
    Σ_k w_k²·b_k²·s²_k/others_k + (Σ_k w_k·(1 − b_k))²·s²/others, w_k = n_k/n.
    """
    n = count.sum(axis=1)
    others = count.sum(axis=0) - count
    rest = others.sum(axis=1)
    pooled = float(np.average(within, weights=count.sum(axis=0)))
    usable = others >= MIN_OTHERS
    with np.errstate(invalid="ignore", divide="ignore"):
        keep = others / (others + strength) if np.isfinite(strength) else np.zeros_like(others)
        used = np.where(usable, count, 0.0)
        used = np.where(used.sum(axis=1, keepdims=True) > 0, used, count)
        own = (used * within).sum(axis=1) / used.sum(axis=1) ** 2
        share = used / used.sum(axis=1, keepdims=True)
        kinds = np.where(others > 0, share**2 * keep**2 * within / others, 0.0).sum(axis=1)
        common = (share * (1 - keep)).sum(axis=1) ** 2 * pooled / rest
    return np.asarray(np.where(n > 0, own + kinds + common, np.nan))


def _by_interval(
    log: ContactLog, question: Question, kind: str, names: Sequence[str]
) -> Compared | None:
    """Compare what is not made of single contacts by the noise that its intervals show."""
    table = align(measure(log, question, kind), names)
    measured = measured_of(table, question.metric)
    sigma = contact_noise(measured)
    use = measured.known
    if use.sum() < 2 or not np.isfinite(sigma):
        return None
    n = np.where(use, measured.n, 0.0)
    value = np.where(use, measured.value, np.nan)
    total = np.nansum(n * value)
    centre = float(total / n.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        others = (total - np.nan_to_num(n * value)) / (n.sum() - n)
        size = others if measured.on_log else np.ones(len(n))
        error = sigma * size * np.sqrt(1 / n + 1 / (n.sum() - n))
        z = (value - others) / error
    sd = sigma * (centre if measured.on_log else 1.0)
    law: Law = "gamma" if measured.on_log else "normal"
    everybody = np.ones(len(n), dtype=bool)
    return Compared(
        observed=value,
        expected=others,
        reference=others,
        n=n,
        error=error,
        z=z,
        contact_sd=sd,
        centre=centre,
        law=law,
        design=1.0,
        adjusted=False,
        comparable=everybody,
        pool=np.empty(0),
    )
