"""Own metrics in use: which were asked for, and texts in their formulas that no contact has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.catalogue import get_metric, list_metrics
from svcsim.metrics.metric import Metric
from svcsim.metrics.own import read_own_metrics
from svcsim.metrics.own_kinds import Declared


def metrics_asked(names: Iterable[str], file: str | Path | None) -> list[Metric]:
    """Return the metrics that were named, of the file and the catalogue; without names all.

    Raises
    ------
    InputError
        For mistakes in the file; else for unknown names, all at once.
    """
    own = None if file is None else read_own_metrics(file)
    wanted = list(names)
    if not wanted:
        return [*list_metrics(), *(own.listed() if own is not None else ())]
    found: list[Metric] = []
    findings: list[Finding] = []
    for name in wanted:
        try:
            found.append(get_metric(name) if own is None else own.get(name))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return found


def texts_not_there(log: ContactLog, metrics: Iterable[Metric]) -> list[Finding]:
    """Return a warning for each text that an own metric names and no contact of the log has."""
    findings = []
    for metric in metrics:
        for column, text in metric.texts if isinstance(metric, Declared) else ():
            labels = [str(label) for label in coded(log.frame, column).labels]
            if labels and text not in labels:
                few = f"it has {', '.join(labels)}" if len(labels) <= 8 else ""
                told = f'no contact has {column} "{text}"'
                mend = nearest(text, labels) or few
                findings.append(Finding(metric.id, told, "", mend, level="warning"))
    return findings
