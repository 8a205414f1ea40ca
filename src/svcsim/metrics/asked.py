"""What a call of `evaluate` asks for, whoever carries it out: metrics, groups, periods."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from svcsim.contacts.columns import columns
from svcsim.contacts.log import Windowed
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.metric import Metric
from svcsim.metrics.periods import Periods, local_periods


def asked_metrics(metrics: str | Metric | Iterable[str | Metric]) -> list[Metric]:
    """Return the metrics by name.

    Raises
    ------
    InputError
        For unknown metrics, all of them at once.
    """
    names = [metrics] if isinstance(metrics, (str, Metric)) else list(metrics)
    found: list[Metric] = []
    findings: list[Finding] = []
    for name in names:
        try:
            found.append(name if isinstance(name, Metric) else get_metric(name))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return found


def check_by(by: tuple[str, ...]) -> None:
    """Refuse a group that is not a text column.

    Raises
    ------
    InputError
        Naming every such group.
    """
    text = [name for name, column in columns().items() if not column.is_number]
    findings = [
        Finding("--by", f"'{name}'", f"expected among {', '.join(text)}", nearest(name, text))
        for name in by
        if name not in text
    ]
    if findings:
        raise InputError(findings)


def alternatives(metric: Metric) -> list[str]:
    """Return every column that a metric needs or could do with."""
    return [name for need in metric.needs for name in need.split("|")]


def cut_periods(window: Windowed, period: str | Periods) -> Periods:
    """Return the periods of the window, the outer ones cut to it."""
    whole = (
        local_periods(window.start, window.end, window.timezone, period)
        if isinstance(period, str)
        else period
    )
    return Periods(np.clip(whole.edges, window.start, window.end), whole.labels)
