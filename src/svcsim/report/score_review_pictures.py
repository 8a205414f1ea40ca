"""Pictures of the review in a score report; every number comes from ``scores.json``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from svcsim.report.document import Picture, Pictures
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number

Row = Mapping[str, Any]

ROWS = 40
"""Units drawn in one picture of trends or gaps."""
COLUMNS = 14
"""Categories drawn in a picture of gaps, those with most contacts."""
PARTS = ("total", "rate", "mix_category", "mix_difficulty", "mix_agent")


def _number(value: Any) -> float:
    found = as_number(value)
    return float("nan") if found is None else found


def change_pictures(
    changes: Sequence[Row], scores: Row, w: Phrases, names: Names
) -> Pictures | None:
    """Return the parts of each change as bars."""
    items = []
    for change in changes:
        metric = str(change.get("metric"))
        kpi = names.show(metric, w)
        alt = w("change_alt", kpi=kpi)
        draw = _change_drawing(change, names.unit(metric), _better(scores, metric), w, alt)
        items.append(Picture(draw, alt, kpi, half=True))
    return Pictures(tuple(items), w("change_picture")) if items else None


def _better(scores: Row, metric: str) -> str:
    kpis = scores.get("kpis") or ()
    return next((str(k.get("direction")) for k in kpis if k.get("metric") == metric), "higher")


def _change_drawing(change: Row, unit: str, better: str, w: Phrases, alt: str) -> Callable[[], str]:
    def draw() -> str:
        from svcsim.report import figures, figures_funnel

        shares = []
        for name in PARTS:
            part = change.get(name) or {}
            low, mid, high = (_number(part.get(end)) for end in ("lower", "value", "upper"))
            word = f"part_{name}"
            if name == "rate" and not change.get("by_agent"):
                word = "part_same_kinds"
            if name in ("total", "rate") or mid or high:
                shares.append(figures_funnel.Share(w(word), mid, low, high))
        return figures.svg(figures_funnel.change_parts(shares, unit, better, w), alt)

    return draw


def funnel_pictures(scores: Row, review: Row, w: Phrases, names: Names) -> Pictures | None:
    """Return one funnel of the agents a KPI; of the teams where agents are not asked."""
    items = []
    found = list(review.get("funnels") or ())
    with_agents = {f.get("metric") for f in found if f.get("kind") == "agent"}
    for one in found:
        metric = str(one.get("metric"))
        if one.get("kind") != "agent" and metric in with_agents:
            continue
        kpi = names.show(metric, w)
        kpi = f"{kpi} · {one['role']}" if one.get("role") else kpi
        alt = w("funnel_alt", kpi=kpi)
        target = next(
            (k.get("target") for k in scores.get("kpis") or () if k.get("metric") == metric), None
        )
        draw = _funnel_drawing(one, names.unit(metric), as_number(target), w, alt)
        items.append(Picture(draw, alt, kpi, half=True))
    return Pictures(tuple(items)) if items else None


def _funnel_drawing(
    one: Row, unit: str, target: float | None, w: Phrases, alt: str
) -> Callable[[], str]:
    def draw() -> str:
        from svcsim.report import figures, figures_funnel

        dots = [
            figures_funnel.Dot(
                str(point.get("unit")),
                _number(point.get("n_effective")),
                _number(point.get("value")),
                str(point.get("status")),
                str(point.get("side")),
            )
            for point in one.get("points") or ()
            if as_number(point.get("n_effective")) is not None
            and as_number(point.get("value")) is not None
        ]
        curve = [[_number(x) for x in line] for line in one.get("curve") or ()]
        centre = _number(one.get("centre"))
        figure = figures_funnel.funnel(dots, curve, centre, unit, w, target=target)
        return figures.svg(figure, alt)

    return draw


def trend_picture(scores: Row, w: Phrases, names: Names) -> Pictures | None:
    """Return a line a unit and KPI: the desk, teams, then agents (those that move first)."""
    kpis = [str(k.get("metric")) for k in scores.get("kpis") or () if not k.get("left_out")]
    units = [u for u in scores.get("units") or () if _moving(u) is not None]
    large = [u for u in units if u.get("kind") != "agent"]
    agents = [u for u in units if u.get("kind") == "agent"]
    if len(large) + len(agents) > ROWS:
        # Those that move come first, the desk always, in the order of the results.
        large = _moving_first(large, ROWS // 2)
        agents = _moving_first(agents, ROWS - len(large))
    shown = [*large, *agents]
    if not shown or not kpis:
        return None

    def draw() -> str:
        from svcsim.report import figures, figures_funnel

        lines = [_line(unit, kpis, w, names) for unit in shown]
        titles = [names.show(kpi, w) for kpi in kpis]
        return figures.svg(figures_funnel.trend_lines(titles, lines, w), w("trend_alt"))

    return Pictures((Picture(draw, w("trend_alt")),))


def _moving_first(units: Sequence[Row], most: int) -> list[Row]:
    ranked = sorted(units, key=lambda u: (u.get("kind") != "desk", not _moving(u)))[:most]
    return [unit for unit in units if any(unit is one for one in ranked)]


def _moving(unit: Row) -> bool | None:
    """Tell whether any KPI of a unit moves; None where it has no trend at all."""
    found = [m.get("trend") for m in unit.get("metrics") or () if m.get("trend")]
    return any(trend.get("side") for trend in found) if found else None


def _line(unit: Row, kpis: Sequence[str], w: Phrases, names: Names) -> Any:
    from svcsim.report import figures_funnel

    own = {str(m.get("metric")): m for m in unit.get("metrics") or ()}
    trends = [(own.get(kpi) or {}).get("trend") or {} for kpi in kpis]
    values = [tuple(_number(v) for v in trend.get("values") or ()) for trend in trends]
    last = [
        w.value(v[-1], names.unit(kpi), 2) if v else "" for v, kpi in zip(values, kpis, strict=True)
    ]
    name = w("kind_desk") if unit.get("kind") == "desk" else str(unit.get("unit"))
    tones = tuple(str(trend.get("side") or "") for trend in trends)
    return figures_funnel.Line(name, tuple(values), tones, tuple(last))


def gap_pictures(scores: Row, review: Row, w: Phrases, names: Names) -> Pictures | None:
    """Return a map of agents by categories for each KPI that has a difference beyond noise."""
    items = []
    gaps = list(review.get("gaps") or ())
    for metric in dict.fromkeys(str(gap.get("metric")) for gap in gaps):
        own = [gap for gap in gaps if gap.get("metric") == metric]
        if not any(gap.get("listed") for gap in own):
            continue
        kpi = names.show(metric, w)
        alt = w("gap_alt", kpi=kpi)
        items.append(Picture(_gap_drawing(own, alt), alt, alt))
    return Pictures(tuple(items)) if items else None


def _gap_drawing(gaps: Sequence[Row], alt: str) -> Callable[[], str]:
    def draw() -> str:
        from svcsim.report import figures, figures_funnel

        beyond = {str(gap["agent"]) for gap in gaps if gap.get("listed")}
        agents = list(dict.fromkeys(str(gap["agent"]) for gap in gaps))
        if len(agents) > ROWS:
            agents = [name for name in agents if name in beyond][:ROWS]
        size: dict[str, float] = {}
        for gap in gaps:
            size[str(gap["category"])] = size.get(str(gap["category"]), 0.0) + gap["n"]
        kinds = sorted(size, key=lambda kind: (-size[kind], kind))[:COLUMNS]
        cell = {(str(gap["agent"]), str(gap["category"])): gap for gap in gaps}
        rows = [[cell.get((agent, kind)) for kind in kinds] for agent in agents]
        values = [[_number(gap["gap"]) if gap else float("nan") for gap in row] for row in rows]
        listed = [[str(gap["listed"]) if gap else "" for gap in row] for row in rows]
        worth = float(gaps[0]["size"])
        return figures.svg(figures_funnel.gap_map(agents, kinds, values, listed, worth), alt)

    return draw
