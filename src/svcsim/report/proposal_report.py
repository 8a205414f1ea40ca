"""The report of a proposal: a first page to act on, then the evidence behind it."""

from __future__ import annotations

from collections.abc import Sequence

from svcsim.report.baseline_parts import VERDICT_TONE, verdict_of
from svcsim.report.capacity_parts import capacity_facts, capacity_reasons
from svcsim.report.document import (
    Block,
    Bullet,
    Bullets,
    Cell,
    Cells,
    Document,
    Fact,
    Facts,
    Paragraph,
    Picture,
    Pictures,
    Section,
    kept,
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.proposal_evidence import evidence_sections, warning_bullets
from svcsim.report.proposal_terms import AS_IS, kpi_cell, lever_name, p_after, p_cell, stage_name
from svcsim.report.render import to_html
from svcsim.report.scales import Rung
from svcsim.targets.advice import LOUD, loud
from svcsim.targets.proposal import Proposal, Stage, Target
from svcsim.text import Text, listed

LOUDEST = 3
"""Warnings on the first page beside those that always stand there (`LOUD`)."""


def render_proposal(proposal: Proposal, lang: str = "en") -> str:
    """Return the report of a proposal as one HTML file in ``en`` or ``zh``."""
    return to_html(proposal_document(proposal, lang))


def proposal_document(proposal: Proposal, lang: str = "en") -> Document:
    """Return the report of a proposal as a document."""
    w, names = Phrases(lang), Names.of_proposal(proposal)
    sections = [_stages(proposal, w, names), _weights(proposal, w, names)]
    sections += evidence_sections(proposal, w, names)
    source = proposal.baseline.get("source") or {}
    loose = is_exploratory(proposal)
    return Document(
        lang=lang,
        title=w("title_proposal", name=proposal.name),
        subtitle=w(
            "subtitle_proposal",
            rows=w.count(source.get("rows")),
            span=w.stretch(source.get("start", "?"), source.get("end", "?")),
            n=w.count(proposal.horizon.get("replications")),
        ),
        front=kept(*_front(proposal, w, names)),
        sections=tuple(s for s in sections if s is not None),
        foot=w("foot", version=proposal.svcsim),
        banner=w("banner_exploratory") if loose else "",
        banner_detail=_why_loose(proposal, w) if loose else "",
        stamp=w("stamp_exploratory"),
        contents=w("contents"),
    )


def is_exploratory(proposal: Proposal) -> bool:
    """Tell whether the numbers must not yet be used to judge anybody."""
    return proposal.verdict == "exploratory" or verdict_of(proposal.fidelity) in ("fail", "none")


def _why_loose(proposal: Proposal, w: Phrases) -> str:
    """Return why numbers must not be used: speed alone is asked for, the baseline failed."""
    verdict = verdict_of(proposal.fidelity)
    pace = any(x.kind == "pace only" for x in proposal.warnings)
    found = [w("banner_pace")] if pace else []
    gate = [Text.of(text) for text in proposal.exploratory]
    if gate:
        return " ".join([*found, listed(gate).in_(w.lang)])
    if not pace or verdict in ("fail", "none"):
        found.append(w.own(proposal.fidelity, "why") or w(f"banner_{verdict}"))
    return " ".join(found)


def _front(proposal: Proposal, w: Phrases, names: Names) -> list[Block]:
    """Return the first page: what to ask, how sure, what it needs, what to beware of."""
    first = proposal.stages[0] if proposal.stages else None
    blocks: list[Block] = [Paragraph(_headline(proposal, w, names), "lead"), _facts(proposal, w)]
    if first is not None:
        blocks.append(_asked(first, w, names))
        blocks.append(Bullets(tuple(_needs(proposal, first, w, names)), w("needs_title")))
    others = [x for x in proposal.warnings if x.kind not in LOUD]
    beware = warning_bullets([*loud(proposal.warnings), *others[:LOUDEST]], w, names)
    if beware:
        blocks.append(Bullets(beware, w("beware_title")))
    reasons = capacity_reasons(proposal.capacity, w)
    if reasons is not None:
        blocks.append(reasons)
    if first is not None:
        blocks.append(_ladder(proposal, w, names))
    return blocks


def _headline(proposal: Proposal, w: Phrases, names: Names) -> str:
    own = w.pick(proposal.headline_zh, proposal.headline)
    if own:
        return own
    if not proposal.stages:
        return w("headline_none")
    first = proposal.stages[0]
    asks = w("list_comma").join(
        f"{names.show(t.metric, w)} {w.target(t.direction, t.value, t.unit)}" for t in first.targets
    )
    return w(
        "headline",
        day=w.day(first.start),
        asks=asks,
        period=_period(first, w),
        p=w.p(first.p_joint),
        range=w.p_range(first.p_joint),
    )


def _period(stage: Stage, w: Phrases) -> str:
    return w.length(stage.targets[0].period) if stage.targets else "–"


def _facts(proposal: Proposal, w: Phrases) -> Facts:
    fidelity = proposal.fidelity
    items: list[Fact] = []
    if proposal.stages:
        joint = proposal.stages[0].p_joint
        items.append(Fact(w("fact_joint"), w.p(joint), w.p_note(joint)))
    inside = as_number(fidelity.get("inside_share"))
    verdict = verdict_of(proposal.fidelity)
    items.append(
        Fact(
            w("fact_fidelity"),
            w(f"verdict_{verdict}"),
            w("fidelity_note", share=w.p(inside)) if inside is not None else "",
            VERDICT_TONE[verdict],
        )
    )
    items += capacity_facts(proposal.capacity, w)
    return Facts(tuple(items))


def _asked(stage: Stage, w: Phrases, names: Names) -> Block:
    rows: list[Cells] = [
        [
            names.show(t.metric, w),
            Cell(w.target(t.direction, t.value, t.unit), tone=""),
            _now(t, w),
            p_cell(p_after(t), w),
        ]
        for t in stage.targets
    ]
    together: Cells = [w("all_together"), "", "", p_cell(stage.p_joint, w)]
    head = (w("kpi"), w("target"), _now_head([stage], w), w("p_met"))
    caption = w("asked_caption", day=w.day(stage.start), period=_period(stage, w))
    return table(head, [*rows, together], caption=caption, numbers=(1, 2, 3), foot=True)


def _imagined(stages: Sequence[Stage]) -> bool:
    """Tell whether no value of today was observed: all of them are simulated."""
    return all(t.now_from == "simulation" for stage in stages for t in stage.targets)


def _now_head(stages: Sequence[Stage], w: Phrases) -> str:
    return w("now_simulated" if _imagined(stages) else "now")


def _now(t: Target, w: Phrases) -> Cell:
    """Return the value of today, marked where it is simulated."""
    return Cell(w.value(t.now, t.unit), w("sim_median") if t.now_from == "simulation" else "")


def _needs(proposal: Proposal, stage: Stage, w: Phrases, names: Names) -> list[Bullet]:
    """Return the stage's change and what each of its targets needs, each text once."""
    out: dict[str, Bullet] = {}
    lever = next((x for x in proposal.levers if x.name == stage.lever), None)
    if lever is not None and stage.lever not in ("", AS_IS):
        text = w.own(lever, "what")
        out[text] = Bullet(text, lever_name(stage.lever, proposal, w) + w("colon"))
    for t in stage.targets:
        # What holds as the desk is needs nothing; the table of the stage says so for each KPI.
        text = w("list_semicolon").join(w.own_all(t, "needs"))
        if text and t.p_met_as_is.value < stage.aim:
            out.setdefault(text, Bullet(text, names.show(t.metric, w) + w("colon")))
    return list(out.values()) or [Bullet(w("needs_nothing"))]


def _ladder(proposal: Proposal, w: Phrases, names: Names) -> Pictures:
    """Return the picture of the way from today through the stages."""
    stages = proposal.stages
    columns = [
        (_now_head(stages, w), w("sim_median") if _imagined(stages) else w("last_period"), "")
    ]
    columns += [
        (stage_name(s, i, w), w.day(s.start), lever_name(s.lever, proposal, w))
        for i, s in enumerate(stages)
    ]
    order = list(dict.fromkeys(t.metric for s in stages for t in s.targets))
    rungs = [_rung(metric, stages, w, names) for metric in order]

    def draw() -> str:
        from svcsim.report import figures

        return figures.svg(figures.stage_ladder(columns, rungs), w("alt_ladder"))

    return Pictures((Picture(draw, w("alt_ladder")),), w("ladder_title"))


def _rung(metric: str, stages: tuple[Stage, ...], w: Phrases, names: Names) -> Rung:
    found = [next((t for t in s.targets if t.metric == metric), None) for s in stages]
    some = next(t for t in found if t is not None)
    return Rung(
        names.show(metric, w),
        w(f"better_{some.direction}"),
        (as_number(some.now), *(t.value if t else None for t in found)),
        (
            w.value(some.now, some.unit),
            *(w.target(t.direction, t.value, t.unit) if t else "" for t in found),
        ),
        ("", *(w("p_short", p=w.p(t.p_met_after)) if t else "" for t in found)),
    )


def _stages(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    blocks: list[Block] = []
    for index, stage in enumerate(proposal.stages):
        rows: list[Cells] = [_target_row(t, w, names) for t in stage.targets]
        joint: Cells = [w("all_together"), "", "", "", p_cell(stage.p_joint_as_is, w)]
        joint += [p_cell(stage.p_joint, w)]
        head = ("kpi", "target", "now", "as_is_range", "p_as_is", "p_after")
        caption = w(
            "stage_caption",
            stage=stage_name(stage, index, w),
            day=w.day(stage.start),
            period=_period(stage, w),
            lever=lever_name(stage.lever, proposal, w),
            aim=w.p(stage.aim),
        )
        names_of_head = [_now_head([stage], w) if key == "now" else w(key) for key in head]
        numbers = (1, 2, 3, 4, 5)
        blocks.append(
            table(names_of_head, [*rows, joint], caption=caption, numbers=numbers, foot=True)
        )
        blocks.append(Bullets(_remarks(stage, w, names), w("stage_needs")))
        gate = w.own(stage, "gate")
        if gate:
            blocks.append(Paragraph(w("gate", text=gate)))
    wide = as_number(proposal.evidence.get("widened"))
    blocks.append(Paragraph(w("stages_note"), "note"))
    if wide:
        blocks.append(Paragraph(w("stages_note_wide", n=f"{100 * wide:.0f}"), "note"))
    return section("stages", w("stages_title"), *blocks)


def _remarks(stage: Stage, w: Phrases, names: Names) -> tuple[Bullet, ...]:
    """Return what each target of a stage needs, and what to know about it."""
    out = []
    for t in stage.targets:
        name = names.show(t.metric, w) + w("colon")
        needs = w("list_semicolon").join(w.own_all(t, "needs"))
        warning = w.own(t, "warning")
        out += [Bullet(needs, name)] if needs else []
        out += [Bullet(warning, name, "warn")] if warning else []
    return tuple(out)


def _target_row(t: Target, w: Phrases, names: Names) -> Cells:
    return [
        kpi_cell(t.metric, w, names, "" if t.role == "team" else t.role),
        Cell(
            w.target(t.direction, t.value, t.unit),
            w("n_period", n=w.count(t.n_period)) if t.n_period else "",
        ),
        _now(t, w),
        Cell(w.value(t.median_as_is, t.unit), w.band(t.low_as_is, t.high_as_is, t.unit)),
        p_cell(t.p_met_as_is, w),
        p_cell(p_after(t), w),
    ]


def _weights(proposal: Proposal, w: Phrases, names: Names) -> Section | None:
    rows: list[Cells] = [
        [
            kpi_cell(x.metric, w, names),
            Cell(f"{x.weight:g}%", share=min(x.weight / 100, 1.0)),
            w("team_only") if x.reliability is None else f"{x.reliability:.2f}",
            w.own(x, "why"),
        ]
        for x in proposal.weights
    ]
    head = (w("kpi"), w("weight"), w("reliability"), w("why"))
    return section(
        "weights",
        w("weights_title"),
        table(head, rows, numbers=(1, 2)),
        Paragraph(w("weights_note"), "note"),
    )
