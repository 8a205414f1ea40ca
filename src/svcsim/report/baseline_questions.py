"""Parts of a baseline's report: questions to planners, the fallback ladder, satisfaction of all."""

from __future__ import annotations

from svcsim.model.baseline import Baseline
from svcsim.report.document import Cell, Cells, Paragraph, Section, section, table
from svcsim.report.phrases import Phrases


def questions_section(baseline: Baseline, w: Phrases) -> Section | None:
    """Return the answers that would improve the baseline most."""
    rows: list[Cells] = [
        [q.ask.in_(w.lang), q.why.in_(w.lang), q.effect.in_(w.lang), q.how.in_(w.lang)]
        for q in baseline.questions
    ]
    head = [w(key) for key in ("question", "why_asked", "would_change", "how_answered")]
    intro = Paragraph(w("questions_intro"))
    return section("questions", w("questions_title"), intro, table(head, rows)) if rows else None


def ladder_section(baseline: Baseline, w: Phrases) -> Section | None:
    """Return what the history holds, and what stands in for the rest."""
    rows: list[Cells] = [
        [
            rung.what.in_(w.lang),
            Cell(w("yes")) if rung.present else Cell(w("no"), tone="warn"),
            rung.fallback.in_(w.lang),
            w(f"grade_{rung.grade}"),
            rung.effect.in_(w.lang) or "–",
        ]
        for rung in baseline.ladder
    ]
    keys = ("needed_head", "present_head", "used_head", "grade", "effect_head")
    intro = Paragraph(w("ladder_intro"))
    body = table([w(key) for key in keys], rows)
    return section("ladder", w("rungs_title"), intro, body) if rows else None


def satisfaction_section(baseline: Baseline, w: Phrases) -> Section | None:
    """Return satisfaction as answered, of everybody, and under worse assumptions."""
    found = baseline.satisfaction
    if found is None:
        return None

    def shown(value: float) -> str:
        return f"{100 * value:.1f}" if found.kind == "nps" else w.value(value, "share")

    low, high = (shown(bound) for bound in found.interval)
    rows: list[Cells] = [
        [w("as_answered"), shown(found.naive)],
        [w("of_everybody"), Cell(shown(found.value), f"{low} – {high}")],
    ]
    rows += [
        [w("odds_row", odds=odds), shown(value)]
        for odds, value in found.sensitivity.items()
        if odds != "1"
    ]
    intro = w(
        "satisfaction_intro", answers=w.count(found.answers), contacts=w.count(found.contacts),
        method=found.method,
    )  # fmt: skip
    head = [w("assumption"), w("nps_head") if found.kind == "nps" else w("satisfied_head")]
    body = table(head, rows, numbers=(1,))
    return section("satisfaction", w("satisfaction_title"), Paragraph(intro), body)
