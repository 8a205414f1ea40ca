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
        Hashes kept with the result. One that is not the hash of today's catalogue says that the
        numbers were measured by another rule: today's rule is then not shown for it.
    """
    rows: list[Cells] = []
    for metric in dict.fromkeys(name for name in metrics if name):
        kpi, today = names[metric], listed(metric)
        kept = str((hashes or {}).get(metric) or kpi.definition)
        other_rule = today is not None and kept not in ("", today.definition)
        if other_rule and today is not None and kpi.formula == today.formula:
            rule = Cell("–", w("definition_changed", now=today.definition))
        else:
            which = "" if today is None or other_rule else which_of(metric).in_(w.lang)
            rule = Cell(w.own(kpi, "formula") or "–", which)
        rows.append([kpi_cell(metric, w, names), rule, Cell(kept or "–")])
    head = (w("kpi"), w("formula"), w("hash"))
    return section("definitions", w("definitions_title"), table(head, rows, numbers=(2,)))
