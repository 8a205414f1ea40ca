"""One KPI of one unit in a score report: measured, expected, adjusted, used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.report.document import Cell, Cells, Tone
from svcsim.report.phrases import Phrases, as_number

STATUS_TONE: dict[str, Tone] = {"met": "good", "not met": "warn"}

Row = Mapping[str, Any]


def number(value: Any) -> str:
    """Return a score or points with one decimal, or a dash."""
    found = as_number(value)
    return "–" if found is None else f"{found:.1f}"


def detail_rows(unit: Row, metric: str, measure: str, w: Phrases) -> list[Cells]:
    """Return the row of a unit in the table of one KPI (none where it is not asked)."""
    name = w("kind_desk") if unit.get("kind") == "desk" else str(unit.get("unit", ""))
    out: list[Cells] = []
    for m in unit.get("metrics") or ():
        if m.get("metric") != metric:
            continue
        reliability = as_number(m.get("reliability"))
        status = str(m.get("status") or "")
        spread = w.band(m.get("lower"), m.get("upper"), measure)
        out.append(
            [
                name,
                Cell(w.value(m.get("value"), measure), spread),
                w.count(m.get("n")),
                number(m.get("points")),
                Cell(w.value(m.get("adjusted_value"), measure), _expected(m, measure, w)),
                Cell(w.value(m.get("used_value"), measure), _baseline(m, measure, w)),
                Cell("–" if reliability is None else f"{reliability:.2f}", w.own(m, "use")),
                Cell(w.own(m, "status") or "–", tone=STATUS_TONE.get(status, "muted")),
            ]
        )
    return out


def _expected(m: Row, measure: str, w: Phrases) -> str:
    """Return what the others reach on the same kinds of contact, where values are compared."""
    if as_number(m.get("adjusted_value")) is None:
        return ""
    return w("expected_note", value=w.value(m.get("expected_value"), measure))


def _baseline(m: Row, measure: str, w: Phrases) -> str:
    """Return what an improvement is measured from, where it is asked for."""
    if as_number(m.get("baseline")) is None:
        return ""
    return w("baseline_from", value=w.value(m.get("baseline"), measure))
