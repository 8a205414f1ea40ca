"""Capacity on the first page: occupancy and load, and why the two are not the same number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.report.document import Bullet, Bullets, Fact
from svcsim.report.phrases import Phrases, as_number

WORTH_A_LINE = 0.005
"""Share of the rostered hours below which a part is not told."""
WORTH_A_REST = 0.01
"""Share of the work offered from which the simulated work is said to differ from it."""


def capacity_facts(capacity: Mapping[str, Any], w: Phrases) -> list[Fact]:
    """Return occupancy, hours offered and rostered, and agents."""
    low, mid, high = _three(capacity.get("occupancy"))
    offered, rostered = _hours(capacity)
    load = w.p(offered / rostered) if offered is not None and rostered else "–"
    return [
        Fact(
            w("fact_occupancy"),
            w.p(mid),
            w("p10_p90", range=w.band(low, high, "share")) if low is not None else "",
        ),
        Fact(
            w("fact_hours"),
            w("hours_of", offered=w.count(offered), staffed=w.count(rostered)),
            w("hours_note", load=load),
        ),
        Fact(w("fact_agents"), w.count(capacity.get("agents"))),
    ]


def capacity_reasons(capacity: Mapping[str, Any], w: Phrases) -> Bullets | None:
    """Return what occupancy and load are made of, and each reason why they differ, in hours.

    None where the proposal does not say where a simulated week goes.
    """
    week, (offered, rostered) = capacity.get("week") or {}, _hours(capacity)
    parts = {name: as_number(value) for name, value in week.items()}
    recorded, duty = parts.get("recorded"), parts.get("on_duty")
    if not (offered and rostered and recorded and duty):
        return None
    sums = w(
        "hours_why",
        occupancy=w.p(recorded / duty), recorded=w.count(recorded), duty=w.count(duty),
        load=w.p(offered / rostered), offered=w.count(offered), rostered=w.count(rostered),
    )  # fmt: skip
    factor = as_number(capacity.get("busy_factor")) or 1.0
    told = {
        "unrecorded": w(
            "hours_factor", factor=f"{factor:.2f}", hours=f"{parts.get('unrecorded') or 0.0:+,.0f}"
        ),
        "overtime": w("hours_overtime", hours=w.count(parts.get("overtime"))),
        "off_queue": w("hours_off", hours=w.count(parts.get("off_queue"))),
    }
    reasons = [Bullet(sums)]
    reasons += [
        Bullet(text)
        for name, text in told.items()
        if abs(parts.get(name) or 0.0) > WORTH_A_LINE * rostered
    ]
    rest = recorded + (parts.get("unrecorded") or 0.0) - offered
    if abs(rest) > WORTH_A_REST * offered:
        reasons.append(Bullet(w("hours_rest", hours=f"{rest:+,.0f}")))
    return Bullets(tuple(reasons), w("hours_title"))


def _hours(capacity: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return hours of work offered and hours rostered a week."""
    offered = as_number(capacity.get("offered_hours_per_week"))
    return offered, as_number(capacity.get("staffed_hours_per_week"))


def _three(value: Any) -> tuple[float | None, float | None, float | None]:
    """Return low, median and high of a number given as a mapping, a triple or a plain number."""
    if isinstance(value, dict):
        found = [value.get("p10", value.get("low")), value.get("median", value.get("value"))]
        found.append(value.get("p90", value.get("high")))
        return as_number(found[0]), as_number(found[1]), as_number(found[2])
    if isinstance(value, (list, tuple)) and len(value) == 3:
        low, mid, high = sorted(float(v) for v in value)
        return low, mid, high
    return None, as_number(value), None
