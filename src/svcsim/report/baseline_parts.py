"""Parts that the reports of a baseline and of a proposal share: fidelity, arrivals, grades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from svcsim.calendar.days import WEEKDAYS
from svcsim.model.quantity import GRADES
from svcsim.report.document import (
    Block,
    Bullet,
    Bullets,
    Cell,
    Cells,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Tone,
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.scales import Band
from svcsim.units import spoken_duration

VERDICT_TONE: dict[str, Tone] = {"pass": "good", "warn": "warn", "fail": "bad", "none": "bad"}


MOST_ROWS = 90
"""Cells up to which all of them stand in the first table."""


def verdict_of(fidelity: Mapping[str, Any]) -> str:
    """Return ``pass``, ``warn``, ``fail`` or ``none``."""
    found = str(fidelity.get("verdict", "none"))
    return found if found in VERDICT_TONE else "none"


def fidelity_section(fidelity: Mapping[str, Any], w: Phrases, names: Names) -> Section | None:
    """Return the verdict in words, the picture of the bands and the table of the cells."""
    cells = _by_kpi(fidelity.get("cells") or ())
    verdict = verdict_of(fidelity)
    inside = as_number(fidelity.get("inside_share"))
    text = w(f"fidelity_{verdict}")
    if inside is not None:
        text += " " + w("fidelity_share", share=w.p(inside), n=len(cells))
    items = (Bullet(text, tone=VERDICT_TONE[verdict]), *_reasons(fidelity, w))
    short = [c for c in cells if not c.get("inside")] if len(cells) > MOST_ROWS else cells
    shown = _cell_table(short, w, names, w("only_outside") if len(short) < len(cells) else "")
    return section(
        "fidelity",
        w("fidelity_title"),
        Paragraph(w("fidelity_intro")),
        Bullets(items),
        _bands_picture(cells, w, names),
        shown,
    )


def cells_section(fidelity: Mapping[str, Any], w: Phrases, names: Names) -> Section | None:
    """Return the table of all cells where the first section shows only those outside."""
    cells = _by_kpi(fidelity.get("cells") or ())
    if len(cells) <= MOST_ROWS:
        return None
    return section("cells", w("cells_title"), _cell_table(cells, w, names))


def _cell_table(
    cells: Sequence[Mapping[str, Any]], w: Phrases, names: Names, caption: str = ""
) -> Block:
    rows: list[Cells] = []
    for cell in cells:
        row = _cell_row(cell, w, names)
        # A KPI is named at the first of its periods.
        again = bool(rows) and cell.get("metric") == cells[len(rows) - 1].get("metric")
        rows.append(["", *row[1:]] if again else row)
    head = [
        w(key) for key in ("kpi", "period", "observed_head", "n", "band", "median", "z", "inside")
    ]
    return table(head, rows, numbers=(1, 2, 3, 4, 5, 6), caption=caption)


def _by_kpi(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the cells with those of a KPI together, KPIs in the order they first appear."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        groups.setdefault(str(cell.get("metric", "")), []).append(cell)
    return [cell for group in groups.values() for cell in group]


def _reasons(fidelity: Mapping[str, Any], w: Phrases) -> tuple[Bullet, ...]:
    why = w.own(fidelity, "why")
    reasons = w.own_all(fidelity, "reasons")
    return tuple(Bullet(text) for text in (reasons or ((why,) if why else ())))


def _cell_row(cell: Mapping[str, Any], w: Phrases, names: Names) -> Cells:
    metric = str(cell.get("metric", ""))
    unit = str(cell.get("unit") or names.unit(metric))
    z, inside = as_number(cell.get("z")), bool(cell.get("inside"))
    return [
        names.show(metric, w),
        w.day(_when(cell)),
        w.value(cell.get("observed"), unit),
        w.count(cell.get("n")),
        w.band(cell.get("low"), cell.get("high"), unit),
        w.value(cell.get("median"), unit),
        "–" if z is None else f"{z:+.1f}",
        Cell(w("yes")) if inside else Cell(w("no"), tone="bad"),
    ]


def _when(cell: Mapping[str, Any]) -> str:
    """Return the period of a cell; a span that is one period goes by its first day."""
    period = str(cell.get("period", ""))
    return str(cell.get("origin") or period) if period == "all" else period


def _bands_picture(cells: Sequence[Mapping[str, Any]], w: Phrases, names: Names) -> Pictures | None:
    panels: dict[str, tuple[str, list[Band]]] = {}
    for cell in cells:
        numbers = [as_number(cell.get(k)) for k in ("low", "median", "high", "observed")]
        if None in numbers:
            continue
        metric = str(cell.get("metric", ""))
        unit = str(cell.get("unit") or names.unit(metric))
        label = _when(cell)
        low, median, high, seen = (float(v) for v in numbers if v is not None)
        q: Sequence[float] = cell.get("quantiles") or ()
        further = ((q[0], q[8]), (q[2], q[6]), (q[3], q[5])) if len(q) == 9 else ()
        inside = bool(cell.get("inside"))
        band = Band(w.short_day(label), low, median, high, seen, inside, further)
        panels.setdefault(names.show(metric, w), (unit, []))[1].append(band)
    if not panels:
        return None

    def draw() -> str:
        from svcsim.report import figures

        return figures.svg(figures.fidelity_bands(panels, w), w("alt_fidelity"))

    return Pictures((Picture(draw, w("alt_fidelity")),))


def arrivals_section(arrivals: Mapping[str, Any], w: Phrases) -> Section | None:
    """Return the heat map of expected new cases by local hour of week (7 x 24, Monday first)."""
    profile = arrivals.get("profile")
    rows = list(profile.values()) if isinstance(profile, Mapping) else profile
    if not rows or len(rows) != len(WEEKDAYS) or any(len(day) != 24 for day in rows):
        return None

    def draw() -> str:
        from svcsim.report import figures

        return figures.svg(figures.arrivals_week(rows, w), w("alt_arrivals"))

    week = w.count(sum(as_number(rate) or 0.0 for day in rows for rate in day))
    return section(
        "arrivals",
        w("arrivals_title"),
        Paragraph(w("arrivals_intro", week=week)),
        Pictures((Picture(draw, w("alt_arrivals")),)),
        *_busiest(arrivals.get("busiest"), w),
    )


def _busiest(hour: Mapping[str, Any] | None, w: Phrases) -> list[Block]:
    """Return the busiest hour for calls in words: load, agents on duty, what Erlang C says."""
    if not hour:
        return []
    day = w("weekdays").split()[WEEKDAYS.index(hour["weekday"])]
    said = w(
        "busiest", team=hour["team"], day=day, first=hour["hour"], last=hour["hour"] + 1,
        calls=f"{hour['calls']:.3g}", load=f"{hour['load']:.3g}", agents=f"{hour['agents']:.3g}",
        needed=hour["needed"],
    )  # fmt: skip
    if hour["p_wait"] is None:
        return [Paragraph(said + w("busiest_over"))]
    wait = w.value(hour["wait_s"], "s")
    return [Paragraph(said + w("busiest_wait", p=w.p(hour["p_wait"]), wait=wait))]


def grades_table(grades: Mapping[str, Mapping[str, int]], w: Phrases) -> Block:
    """Return how many numbers of each part of the desk have each grade (`GRADES`)."""
    rows: list[Cells] = [
        [w.known("part", part), *(w.count(counts.get(kind, 0)) for kind in GRADES)]
        for part, counts in grades.items()
    ]
    head = (w("part"), *(w(f"grade_{kind}") for kind in GRADES))
    return table(head, rows, numbers=tuple(range(1, len(head))))


def drift_bullets(drift: Iterable[Mapping[str, Any]], w: Phrases) -> Bullets:
    """Return the changes found inside the fit window, strongest first."""
    ranked = sorted(drift, key=lambda d: -abs(as_number(d.get("strength")) or 0.0))
    items = [
        Bullet(
            w(
                "drift",
                what=w.own(d, "what"),
                day=w.day(d.get("when", "")),
                before=spoken_duration(str(d.get("before", ""))),
                after=spoken_duration(str(d.get("after", ""))),
                z=f"{abs(as_number(d.get('strength')) or 0.0):.1f}",
            )
        )
        for d in ranked
    ]
    return Bullets(tuple(items), w("drift_title"))
