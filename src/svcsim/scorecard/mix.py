"""Units on equal terms: measured rows, and what their case mix explains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.metric import Metric
from svcsim.scorecard.fairness import can_standardise, standardise
from svcsim.scorecard.measure import DESK, STRATUM, Question, measure
from svcsim.scorecard.reliability import Measured, contact_noise, prior_contacts

MIX = ("expected", "adjusted", "comparable")


def measured_of(rows: pd.DataFrame, metric: Metric) -> Measured:
    """Return rows ``value, n, lower, upper`` of alike units as one KPI of a metric."""
    value, n, lower, upper = (
        rows[name].to_numpy(dtype=float) for name in ("value", "n", "lower", "upper")
    )
    workload = metric.family == "workload" or metric.id == "throughput"
    return Measured(value, n, lower, upper, metric.unit, workload)


def standardised(
    log: ContactLog, question: Question, kind: str, among: Collection[str] | None = None
) -> pd.DataFrame | None:
    """Return the units of a kind at equal case mix (`standardise`), None where it cannot be done.

    Tiers and shifts do different work; the spread that comes from it is not one between people.
    ``among`` keeps the comparison to some of the units, those of one role.
    """
    metric = question.metric
    if kind == DESK or not can_standardise(metric) or not log.frame["category"].notna().any():
        return None
    cells = measure(log, question, kind, strata=True)
    if among is not None:
        cells = cells[cells["unit"].isin(list(among))]
    if cells["unit"].nunique() < 2:
        return None
    strength = prior_contacts(measured_of(measure(log, question, STRATUM), metric))
    return standardise(cells, metric.unit, strength)


def case_mix(
    log: ContactLog, question: Question, kind: str, among: Collection[str] | None = None
) -> pd.DataFrame:
    """Return `MIX` of the units of a kind, indexed by unit; empty where mix cannot be compared."""
    table = standardised(log, question, kind, among)
    return pd.DataFrame(columns=list(MIX), dtype=float) if table is None else table[list(MIX)]


def on_equal_terms(rows: pd.DataFrame, metric: Metric) -> tuple[Measured, float]:
    """Return units ``value, n, lower, upper, adjusted`` as they compare, and σ of one contact.

    The adjusted value counts where there is one; the noise of a contact is that of the values as
    they were measured, since an adjustment does not make a contact more or less certain.
    """
    measured = measured_of(rows, metric)
    own = rows["adjusted"].notna().to_numpy()
    value = np.where(own, rows["adjusted"].to_numpy(dtype=float), measured.value)
    return replace(measured, value=value), contact_noise(measured)
