"""What single contacts tell in a score report: differences by type of contact, typical cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.report.document import Cell, Cells, Paragraph, Section, section, table
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.score_review_pictures import gap_pictures
from svcsim.scorecard.gaps import SURE

Row = Mapping[str, Any]

GAPS = 20
"""Differences by type listed on the page."""
TEAMS = 4
"""Teams whose cases are shown, those with most contacts."""


def gaps_section(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
    """Return the differences by type of contact that exceed luck."""
    gaps = list(review.get("gaps") or ())
    if not gaps:
        return None
    listed = [gap for gap in gaps if gap.get("listed")]
    listed.sort(key=lambda gap: (gap["listed"] != "train", -abs(gap["gap"]) * gap["n"]))
    rows: list[Cells] = []
    for gap in listed[:GAPS]:
        metric, train = str(gap.get("metric")), gap.get("listed") == "train"
        unit = names.unit(metric)
        size = gap.get("gap")
        rows.append(
            [
                str(gap.get("category")),
                names.show(metric, w),
                str(gap.get("agent")),
                Cell(
                    w("gap_train") if train else w("gap_shows_how"),
                    tone="warn" if train else "good",
                ),
                w.p_signed(size) if gap.get("relative") else signed(size, unit, w),
                Cell(w.value(gap.get("value"), unit), w.value(gap.get("expected"), unit)),
                w.count(gap.get("n")),
                w.p(gap.get("p_worse" if train else "p_better")),
            ]
        )
    keys = ("type", "kpi", "who", "gap_how", "gap", "value", "n", "gap_p")
    head = tuple(w(key) for key in keys)
    sizes = dict.fromkeys(_size(gap, names.unit(str(gap.get("metric"))), w) for gap in gaps)
    more = len(listed) - GAPS
    return section(
        "gaps",
        w("gaps_title"),
        Paragraph(w("gaps_intro", size=" / ".join(sizes), sure=w.p(SURE))),
        table(head, rows, numbers=(4, 5, 6, 7)),
        Paragraph(w("gap_more", n=more), "note") if more > 0 else None,
        Paragraph(w("gaps_none", n=len(gaps)), "note") if not rows else None,
        gap_pictures(scores, review, w, names),
    )


def _size(gap: Row, unit: str, w: Phrases) -> str:
    """Return the size of a difference that is worth training for."""
    if gap.get("relative"):
        return w.p(gap.get("size"))
    return signed(gap.get("size"), unit, w).lstrip("+")


def cases_section(scores: Row, w: Phrases, names: Names) -> Section | None:
    """Return typical good and bad cases of the teams (of the desk where there are none)."""
    rows: list[Cells] = []
    every = list(scores.get("units") or ())
    teams = [unit for unit in every if unit.get("kind") == "team"]
    teams.sort(key=lambda unit: -(as_number(unit.get("contacts")) or 0))
    for unit in teams[:TEAMS] or [unit for unit in every if unit.get("kind") == "desk"]:
        for m in unit.get("metrics") or ():
            metric = str(m.get("metric"))
            measure = names.unit(metric)
            for case in m.get("cases") or ():
                good = case.get("verdict") == "good"
                value = case.get("value")
                shown = w("yes") if value else w("no")
                rows.append(
                    [
                        who(unit, w),
                        names.show(metric, w),
                        Cell(w(f"case_{case.get('verdict')}"), tone="good" if good else "warn"),
                        str(case.get("ticket_id")),
                        str(case.get("category")),
                        str(case.get("agent")),
                        shown if measure == "share" else w.value(value, measure),
                        w.value(case.get("expected"), measure),
                    ]
                )
    keys = ("kind_team", "kpi", "what", "ticket", "type", "kind_agent", "value", "expected")
    head = tuple(w(key) for key in keys)
    return section(
        "cases", w("cases_title"), Paragraph(w("cases_intro")), table(head, rows, numbers=(6, 7))
    )


def who(thing: Row, w: Phrases) -> str:
    """Return the unit that a row is about."""
    return w("kind_desk") if thing.get("kind") == "desk" else str(thing.get("unit", ""))


def signed(value: Any, unit: str, w: Phrases) -> str:
    """Return a difference with its sign; of shares in percentage points."""
    number = as_number(value)
    if number is None:
        return "–"
    number = round(number, 3) if unit == "share" else number
    sign = "+" if number > 0 else "−" if number < 0 else ""
    if unit == "share":
        return f"{sign}{abs(100 * number):.1f} {w('points_of_share')}"
    return sign + w.value(abs(number), unit, 2)
