"""What a score report says about data to check, and about KPIs that have got worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.report.document import (
    Block,
    Bullet,
    Bullets,
    Cell,
    Cells,
    Paragraph,
    Section,
    section,
    table,
)
from svcsim.report.phrases import Phrases, as_number

Row = Mapping[str, Any]

SHOWN_TICKETS = 5


def integrity_section(scores: Row, w: Phrases) -> Section | None:
    """Return the detections, and which detectors these data do not allow (None in older files)."""
    found = scores.get("integrity")
    if not found:
        return None
    rows: list[Cells] = [
        [
            Cell(_who(one, w), w(f"kind_{one.get('kind')}") if one.get("kind") != "desk" else ""),
            w.own(one, "name"),
            w.own(one, "text"),
            Cell(w.p(one.get("sure")), _adjusted(one)),
            Cell(_tickets(one), tone="muted"),
        ]
        for one in found.get("detections") or ()
    ]
    keys = ("who", "integrity_what", "integrity_found", "integrity_sure", "integrity_tickets")
    blocks: list[Block] = [
        Paragraph(w("integrity_intro", fdr=w.p(found.get("fdr")))),
        table(tuple(w(key) for key in keys), rows, numbers=(3,)),
    ]
    if not rows:
        blocks.append(Paragraph(w("integrity_none"), "lead"))
    blocks.append(_said(found.get("not_possible") or {}, w("integrity_not"), w))
    blocks.append(_said(found.get("notes") or {}, w("integrity_proxy"), w))
    return section("integrity", w("integrity_title"), *blocks)


def alerts_section(scores: Row, w: Phrases) -> Section | None:
    """Return the alerts and the miss budgets, where they were asked for."""
    found = scores.get("alerts")
    if not found:
        return None
    rows: list[Cells] = [
        [
            Cell(_who(one, w)),
            w(f"alert_rule_{one.get('rule')}"),
            w.own(one, "text"),
            w("alerts_weeks", n=w.count(one["arl"])) if _weekly(one) else "–",
        ]
        for one in found.get("alerts") or ()
    ]
    head = (w("who"), w("alerts_rule"), w("integrity_found"), w("alerts_arl"))
    budgets = found.get("budgets") or {}
    notes = [Bullet(w.own({"note": note}, "note")) for note in found.get("notes") or ()]
    if not rows:
        notes.insert(0, Bullet(w("alerts_none")))
    return section(
        "alerts",
        w("alerts_title"),
        table(head, rows, numbers=(3,)),
        Bullets(tuple(notes)),
        Bullets(
            tuple(Bullet(w.own(one, "text"), name + w("colon")) for name, one in budgets.items()),
            w("alerts_budget"),
        ),
    )


def _said(texts: Row, title: str, w: Phrases) -> Bullets:
    """Return what is said of detectors, one a line."""
    return Bullets(tuple(Bullet(w.own(texts, name), _name(name, w)) for name in texts), title)


def _who(one: Row, w: Phrases) -> str:
    return w("kind_desk") if one.get("kind") == "desk" else str(one.get("unit", ""))


def _name(detector: str, w: Phrases) -> str:
    from svcsim.scorecard.integrity.detection import NAMES

    known = NAMES.get(detector)
    return (known.in_(w.lang) if known else detector) + w("colon")


def _adjusted(one: Row) -> str:
    q = as_number(one.get("q"))
    return "" if q is None else f"q {q:.2g}"


def _tickets(one: Row) -> str:
    every = [str(ticket) for ticket in one.get("tickets") or ()]
    more = f" … ({len(every)})" if len(every) > SHOWN_TICKETS else ""
    return ", ".join(every[:SHOWN_TICKETS]) + more


def _weekly(one: Row) -> bool:
    return as_number(one.get("arl")) is not None and one.get("rule") != "limit"
