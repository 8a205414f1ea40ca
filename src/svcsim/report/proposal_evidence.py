"""The evidence sections of a proposal: pictures, tables, definitions, how to reproduce it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svcsim.report.baseline_parts import (
    arrivals_section,
    drift_bullets,
    fidelity_section,
    grades_table,
)
from svcsim.report.definitions import definitions_section
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
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.proposal_agents import agents_section
from svcsim.report.proposal_pictures import kpis_section, used_metrics
from svcsim.report.proposal_terms import AS_IS, kpi_cell, lever_name, p_cell
from svcsim.targets.proposal import CardVerdict, Proposal, Warn
from svcsim.text import LANGUAGES, Text

STAFFING_PANELS = 3
"""KPI medians drawn beside P(stage 1) in the staffing picture."""


def evidence_sections(proposal: Proposal, w: Phrases, names: Names) -> list[Section | None]:
    """Return every section after stages and weights, in reading order."""
    return [
        agents_section(proposal, w, names),
        kpis_section(proposal, w, names),
        _levers(proposal, w, names),
        _staffing(proposal, w, names),
        arrivals_section(proposal.arrivals, w),
        section("cards", w("cards_title"), *_cards(proposal, w, names)),
        section(
            "warnings",
            w("warnings_title"),
            Bullets(warning_bullets(proposal.warnings, w, names)),
        ),
        _not_proposed(proposal, w, names),
        section("gaming", w("gaming_title"), _free_table(proposal.gaming, w)),
        section("incentives", w("incentives_title"), _pairs(proposal.incentives, w)),
        section("pilot", w("pilot_title"), _pairs(proposal.pilot, w)),
        fidelity_section(proposal.fidelity, w, names),
        _sources(proposal, w),
        _method(w),
        _definitions(proposal, w, names),
        _reproduce(proposal, w),
    ]


def _levers(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    if not proposal.levers:
        return None
    now = next((dict(p.medians) for p in proposal.staffing if p.delta == 0), {})
    now |= {t.metric: t.median_as_is for s in proposal.stages for t in s.targets}
    shown = list(dict.fromkeys(m for x in proposal.levers for m in x.medians))
    rows: list[Cells] = []
    if now and not any(lever.name == AS_IS for lever in proposal.levers):
        rows.append([w("as_is"), *(w.value(now.get(m), names.unit(m)) for m in shown)])
    for lever in proposal.levers:
        medians = [w.value(lever.medians.get(m), names.unit(m)) for m in shown]
        rows.append([Cell(lever_name(lever.name, proposal, w), w.own(lever, "what")), *medians])
    head = [w("lever"), *(names.show(m, w) for m in shown)]
    numbers = range(1, len(head))
    return section(
        "levers",
        w("levers_title"),
        Paragraph(w("levers_intro")),
        table(head, rows, numbers=numbers),
    )


def _staffing(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    points = sorted(proposal.staffing, key=lambda point: point.delta)
    if not points:
        return None
    known = [m for m in used_metrics(proposal) if all(m in p.medians for p in points)]
    known.sort(key=lambda m: -_swing([p.medians[m] for p in points]))
    busy = [m for m in ("occupancy",) if all(m in p.medians for p in points)]
    shown = list(dict.fromkeys([*busy, *known]))[:STAFFING_PANELS]
    now = next((p.agents for p in points if p.delta == 0), points[0].agents)

    def draw() -> str:
        from svcsim.report import figures

        medians = {names.show(m, w): (names.unit(m), [p.medians[m] for p in points]) for m in shown}
        share = [(p.p_stage.value, p.p_stage.low, p.p_stage.high) for p in points]
        agents = [p.agents for p in points]
        figure = figures.staffing_curve(agents, share, now, medians, w)
        return figures.svg(figure, w("alt_staffing"))

    rows: list[Cells] = [
        [
            Cell(w.count(p.agents), w("as_now") if p.delta == 0 else f"{p.delta:+d}"),
            p_cell(p.p_stage, w),
            *(w.value(p.medians.get(m), names.unit(m)) for m in shown),
        ]
        for p in points
    ]
    head = [w("agents"), w("p_stage1"), *(w("median_of", kpi=names.show(m, w)) for m in shown)]
    return section(
        "staffing",
        w("staffing_title"),
        Paragraph(w("staffing_intro")),
        Pictures((Picture(draw, w("alt_staffing")),)),
        table(head, rows, numbers=range(len(head))),
    )


def _swing(values: Sequence[float]) -> float:
    """Return how far values lie apart relative to the largest: what agents change most."""
    top = max(abs(v) for v in values)
    return (max(values) - min(values)) / top if top > 0 else 0.0


def _cards(proposal: Proposal, w: Phrases, names: Names) -> list[Block]:
    blocks: list[Block] = [Paragraph(w("cards_intro"))] if proposal.cards else []
    for card in proposal.cards:
        blocks += _card(card, w, names)
    return blocks


def _card(card: CardVerdict, w: Phrases, names: Names) -> list[Block]:
    """Return one card in force: its targets with P(met), the joint chance, the verdict."""
    rows: list[Cells] = []
    for row in card.targets:
        metric = str(row.get("metric", ""))
        kpi = names[metric]
        target = row.get("target", row.get("value"))
        sign = str(row.get("direction", kpi.better))
        number = as_number(target)
        asked = w.value(target, kpi.unit) if number is not None else str(target or "–")
        if number is not None and sign in ("lower", "higher"):
            asked = w.target(sign, number, kpi.unit)
        weight = as_number(row.get("weight"))
        reason = w.own(row, "why") or w.own(row, "reason")
        rows.append(
            [
                kpi_cell(metric, w, names),
                asked,
                "–" if weight is None else f"{100 * weight if weight <= 1 else weight:g}%",
                w.length(str(row.get("period", "") or "–")),
                p_cell(row.get("p_met"), w, reason),
            ]
        )
    foot = card.p_joint is not None
    if foot:
        rows.append([w("all_together"), "", "", "", p_cell(card.p_joint, w)])
    head = tuple(w(key) for key in ("kpi", "target", "weight", "period", "p_as_is"))
    caption = w.pick(card.zh, card.card)
    blocks: list[Block] = [table(head, rows, caption=caption, numbers=(1, 2, 4), foot=foot)]
    blocks.append(Paragraph(w.own(card, "verdict")))
    warnings = tuple(Bullet(text, tone="warn") for text in w.own_all(card, "warnings"))
    return [*blocks, Bullets(warnings)] if warnings else blocks


def warning_bullets(warnings: Sequence[Warn], w: Phrases, names: Names) -> tuple[Bullet, ...]:
    """Return warnings in the report's language, each with the KPI it is about."""
    return tuple(
        Bullet(
            w.pick(x.zh, x.text),
            (names.show(x.metric, w) + w("colon")) if x.metric else "",
            tone="warn",
        )
        for x in warnings
    )


def _not_proposed(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    rows: list[Cells] = [
        [kpi_cell(row.get("metric", ""), w, names), w.own(row, "why")]
        for row in proposal.not_proposed
    ]
    head = (w("kpi"), w("why_not"))
    return section("not-proposed", w("not_proposed_title"), table(head, rows))


def _sources(proposal: Proposal, w: Phrases) -> Section | None:
    baseline = proposal.baseline
    notes = tuple(Bullet(str(text)) for text in w.own_all(baseline, "notes"))
    return section(
        "sources",
        w("sources_title"),
        Paragraph(w("grades_intro")),
        grades_table(baseline.get("grades") or {}, w),
        Bullets(notes, w("notes_title")),
        drift_bullets(baseline.get("drift") or (), w),
    )


def _method(w: Phrases) -> Section | None:
    steps = tuple(Bullet(w(f"method_{i}")) for i in range(1, 9))
    return section("method", w("method_title"), Bullets(steps))


def _definitions(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    kept = proposal.evidence.get("definitions")
    hashes = {
        str(metric): str(own.get("definition", own.get("hash", "")))
        if isinstance(own, Mapping)
        else str(own)
        for metric, own in (kept.items() if isinstance(kept, Mapping) else ())
    }
    used = used_metrics(proposal) + [x.metric for x in proposal.weights]
    used += [str(row.get("metric", "")) for card in proposal.cards for row in card.targets]
    return definitions_section([*used, *hashes], w, names, hashes)


def _reproduce(proposal: Proposal, w: Phrases) -> Section | None:
    facts: dict[str, Any] = {"svcsim": proposal.svcsim, **proposal.horizon}
    facts["baseline"] = proposal.baseline.get("name", "")
    facts["source"] = proposal.baseline.get("source") or {}
    facts |= {k: v for k, v in proposal.evidence.items() if k != "definitions"}
    return section("reproduce", w("reproduce_title"), _pairs(facts, w))


def _free_table(rows: Sequence[Mapping[str, Any]], w: Phrases) -> Block:
    """Return rows of free form as a table with all their keys."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_free(row.get(key), w) for key in keys] for row in rows]
    return table([w.known("key", key) for key in keys], cells)


def _pairs(data: Mapping[str, Any], w: Phrases) -> Block:
    """Return nested data of free form as a table of names and values."""
    rows: list[Cells] = [[name, value] for name, value in _flat(data, w) if value]
    return table((w("what"), w("value")), rows)


def _flat(data: Mapping[str, Any], w: Phrases, before: str = "") -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{before} · {w.known('key', key)}" if before else w.known("key", key)
        if isinstance(value, Mapping) and set(value) != set(LANGUAGES):
            out += _flat(value, w, name)
        else:
            out.append((name, _free(value, w)))
    return out


def _free(value: Any, w: Phrases) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return w("list_semicolon").join(_free(item, w) for item in value)
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
        return Text.of(value).in_(w.lang)
    if isinstance(value, Mapping):
        return w("list_semicolon").join(f"{name} {text}" for name, text in _flat(value, w))
    return str(value)
