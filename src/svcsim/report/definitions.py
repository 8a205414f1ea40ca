"""The section of definitions that every report ends with: rule, which of several, hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from svcsim.metrics.variants import which_of
from svcsim.report.document import Cell, Cells, Section, section, table
from svcsim.report.names import Names, listed
from svcsim.report.phrases import Phrases
from svcsim.report.proposal_terms import kpi_cell


def definitions_section(
    metrics: Iterable[str], w: Phrases, names: Names, hashes: Mapping[str, str] | None = None
) -> Section | None:
    """Return the section: every KPI once, with its rule and the hash of its definition.

    Parameters
    ----------
    metrics : iterable of str
        KPIs that the report shows, in order; empty names are left out.
    w, names
        Language of the report, and what the KPIs are called.
    hashes : mapping, optional
        Hashes kept with the result. Where one is not the hash of today's catalogue, the report says
        that the numbers were measured by another rule than today's.
    """
    rows: list[Cells] = []
    for metric in dict.fromkeys(name for name in metrics if name):
        kpi, today = names[metric], listed(metric)
        kept = str((hashes or {}).get(metric) or kpi.definition)
        if today is not None and kept not in ("", today.definition):
            more = w("definition_changed", now=today.definition)
        else:
            more = "" if today is None else which_of(metric).in_(w.lang)
        rule = Cell(w.own(kpi, "formula") or "–", more)
        rows.append([kpi_cell(metric, w, names), rule, Cell(kept or "–")])
    head = (w("kpi"), w("formula"), w("hash"))
    return section("definitions", w("definitions_title"), table(head, rows, numbers=(2,)))
