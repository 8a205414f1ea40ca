"""The report of a baseline: what the desk looks like, how well it fits, what is assumed."""

from __future__ import annotations

from svcsim.model.baseline import Baseline
from svcsim.model.quantity import GRADES, Quantity, walk
from svcsim.report.baseline_parts import (
    VERDICT_TONE,
    arrivals_section,
    cells_section,
    drift_bullets,
    fidelity_section,
    grades_table,
    verdict_of,
)
from svcsim.report.baseline_questions import (
    ladder_section,
    questions_section,
    satisfaction_section,
)
from svcsim.report.baseline_tuning import tuning_section
from svcsim.report.baseline_weeks import weeks_section
from svcsim.report.definitions import definitions_section
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
    Section,
    kept,
    section,
    table,
)
from svcsim.report.fit_parts import fit_sections
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.render import to_html
from svcsim.study.gate import gate


def render_baseline(baseline: Baseline, lang: str = "en") -> str:
    """Return the report of a baseline as one HTML file in ``en`` or ``zh``."""
    return to_html(baseline_document(baseline, lang))


def baseline_document(baseline: Baseline, lang: str = "en") -> Document:
    """Return the report of a baseline as a document."""
    w, names = Phrases(lang), Names()
    fidelity = baseline.fidelity.model_dump()
    verdict = verdict_of(fidelity)
    loose = verdict in ("fail", "none")
    week = {
        "profile": [
            [share * baseline.model.arrivals.level.value for share in day]
            for day in baseline.model.arrivals.profile.values()
        ]
    }
    sections = [
        fidelity_section(fidelity, w, names),
        *fit_sections(baseline.fidelity, w, names),
        tuning_section(baseline.tuning, w),
        arrivals_section(week, w),
        weeks_section(baseline, w),
        _categories(baseline, w),
        _agents(baseline, w),
        questions_section(baseline, w),
        ladder_section(baseline, w),
        satisfaction_section(baseline, w),
        _sources(baseline, w),
        _numbers(baseline, w),
        cells_section(fidelity, w, names),
        definitions_section(
            [cell.metric for cell in baseline.fidelity.cells], w, names,
            baseline.fidelity.definitions,
        ),
    ]  # fmt: skip
    return Document(
        lang=lang,
        title=w("title_baseline", name=w.pick(baseline.zh, baseline.name)),
        subtitle=w(
            "subtitle_baseline",
            rows=w.count(baseline.source.rows),
            span=w.stretch(baseline.source.start, baseline.source.end),
        ),
        front=kept(*_front(baseline, w)),
        sections=tuple(s for s in sections if s is not None),
        foot=w("foot", version=baseline.svcsim),
        banner=w("banner_exploratory") if loose else "",
        banner_detail=(w.own(baseline.fidelity, "why") or w(f"banner_{verdict}")) if loose else "",
        stamp=w("stamp_exploratory"),
        contents=w("contents"),
    )


def _front(baseline: Baseline, w: Phrases) -> list[Block]:
    verdict = verdict_of(baseline.fidelity.model_dump())
    inside = as_number(baseline.fidelity.inside_share)
    note = w("fidelity_note", share=w.p(inside)) if inside is not None else ""
    grades = baseline.grades().values()
    counts = {grade: sum(part[grade] for part in grades) for grade in GRADES}
    model = baseline.model
    facts = [
        Fact(w("fact_fidelity"), w(f"verdict_{verdict}"), note, VERDICT_TONE[verdict]),
        Fact(w("fact_week"), w.count(model.arrivals.level.value)),
        Fact(w("fact_agents"), w.count(float(len(model.agents)))),
        Fact(
            w("fact_measured"),
            w.count(counts["measured"]),
            w("of_all", n=w.count(sum(counts.values()))),
        ),
        Fact(
            w("fact_slowdown"),
            f"{model.staffing.slowdown.value:.2f}",
            w(f"slowdown_{'kept' if model.staffing.slowdown.grade == 'assumed' else 'note'}"),
        ),
    ]
    drift = drift_bullets([d.model_dump() for d in baseline.drift], w)
    notes = tuple(Bullet(text) for text in w.own_all(baseline, "notes"))
    shut = tuple(Bullet(why.in_(w.lang), tone="warn") for why in gate(baseline))
    before = Bullets(shut or (Bullet(w("gate_open"), tone="good"),), w("gate_title"))
    return [Facts(tuple(facts)), before, drift, Bullets(notes, w("notes_title"))]


def _categories(baseline: Baseline, w: Phrases) -> Section | None:
    rows: list[Cells] = [
        [
            name,
            c.team,
            _quantity(c.share),
            _quantity(c.handling.mean),
            _quantity(c.reopen),
            _quantity(c.repeat),
        ]
        for name, c in baseline.model.categories.items()
    ]
    keys = ("category", "team", "share", "handling", "reopen", "repeat")
    body = table([w(key) for key in keys], rows, numbers=(2, 3, 4, 5))
    return section("categories", w("categories_title"), body, Paragraph(w("quantity_note"), "note"))


def _agents(baseline: Baseline, w: Phrases) -> Section | None:
    rows: list[Cells] = [
        [name, agent.team, _quantity(agent.speed), _quantity(agent.quality)]
        for name, agent in baseline.model.agents.items()
    ]
    head = [w(key) for key in ("agent", "team", "speed", "quality")]
    body = table(head, rows, numbers=(2, 3))
    return section("agents", w("agents_title"), Paragraph(w("agents_intro")), body)


def _sources(baseline: Baseline, w: Phrases) -> Section | None:
    intro = Paragraph(w("grades_intro"))
    return section("sources", w("sources_title"), intro, grades_table(baseline.grades(), w))


def _numbers(baseline: Baseline, w: Phrases) -> Section | None:
    """Return every quantity but those of single agents, with how it was learned."""
    rows: list[Cells] = [
        [path, _quantity(q), "–" if q.n is None else w.count(q.n), w(f"grade_{q.grade}"), q.how]
        for path, q in walk(baseline.model)
        if not path.startswith("agents.")
    ]
    head = [w(key) for key in ("path", "value", "n", "grade", "how")]
    return section("numbers", w("numbers_title"), table(head, rows, numbers=(1, 2)))


def _quantity(quantity: Quantity) -> Cell:
    """Return a quantity as people write it, with its 90 % interval below."""
    shown = _shown(quantity, quantity.value)
    if quantity.interval is None:
        return Cell(shown, tone="muted" if quantity.grade == "assumed" else "")
    low, high = (_shown(quantity, bound) for bound in quantity.interval)
    return Cell(shown, f"{low} – {high}", "muted" if quantity.grade == "assumed" else "")


def _shown(quantity: Quantity, value: float) -> str:
    unit = {"Time": "s", "Share": "share"}.get(type(quantity).__name__, "count")
    return Phrases().value(value, unit)
