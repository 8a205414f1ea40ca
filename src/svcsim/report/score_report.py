"""The report of a scored period: scores with their uncertainty, what to look into, every KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
    Picture,
    Pictures,
    Section,
    Tone,
    kept,
    section,
    table,
)
from svcsim.report.names import KpiWords, Names
from svcsim.report.phrases import SIGN, Phrases, as_number
from svcsim.report.proposal_terms import kpi_cell
from svcsim.report.render import to_html
from svcsim.report.scales import Bar
from svcsim.report.score_bonus import beside_section, total_facts
from svcsim.report.score_details import detail_rows, number
from svcsim.report.score_integrity import alerts_section, integrity_section
from svcsim.report.score_review import review_sections
from svcsim.text import Text

KINDS = ("desk", "team", "agent")
BAND_TONE: dict[str, Tone] = {"on target": "good", "below target": "warn", "support": "warn"}
LEVEL_TONE: dict[str, Tone] = {"error": "bad", "warning": "warn", "note": ""}

Row = Mapping[str, Any]


def render_scores(scores: Row, lang: str = "en") -> str:
    """Return the report of ``scores.json`` as one HTML file in ``en`` or ``zh``."""
    return to_html(scores_document(scores, lang))


def scores_document(scores: Row, lang: str = "en") -> Document:
    """Return the report of ``scores.json`` as a document."""
    w, names = Phrases(lang), _names(scores)
    card, period = scores.get("card") or {}, scores.get("period") or {}
    title = w("title_scores", name=w.own(card, "name") if lang == "en" else _zh_name(card))
    subtitle = w(
        "subtitle_scores",
        period=period.get("label", "–"),
        span=w.stretch(period.get("start", "?"), period.get("end", "?")),
        log=(scores.get("log") or {}).get("name", "–"),
        level=_level(scores, w),
    )
    sections = [
        beside_section(scores, w, names),
        _asked(scores, w, names),
        *(_kind(scores, kind, w) for kind in KINDS[1:]),
        *review_sections(scores, w, names),
        integrity_section(scores, w),
        alerts_section(scores, w),
        _flags(scores, w, names),
        _details(scores, w, names),
        definitions_section((str(k.get("metric", "")) for k in scores.get("kpis") or ()), w, names),
    ]
    return Document(
        lang=lang,
        title=title,
        subtitle=subtitle,
        front=kept(*_front(scores, w)),
        sections=tuple(s for s in sections if s is not None),
        foot=w("foot", version=scores.get("svcsim", "")),
        banner=w("banner_card") if card.get("exploratory") else "",
        banner_detail=w("banner_card_why") if card.get("exploratory") else "",
        stamp=w("stamp_exploratory"),
        contents=w("contents"),
    )


def _zh_name(card: Row) -> str:
    return str(card.get("zh") or card.get("name") or "")


def _names(scores: Row) -> Names:
    return Names(
        KpiWords(
            str(k.get("metric", "")),
            str(k.get("zh") or ""),
            str(k.get("en") or ""),
            str(k.get("unit") or ""),
            str(k.get("direction") or "none"),
            Text.of(k.get("formula") or ""),
            str(k.get("definition") or ""),
        )
        for k in (*(scores.get("kpis") or ()), *(scores.get("gates") or ()))
    )


def _level(scores: Row, w: Phrases) -> str:
    return w.p(as_number(scores.get("level")) or 0.95)


def _units(scores: Row, kind: str) -> list[Row]:
    return [unit for unit in scores.get("units") or () if unit.get("kind") == kind]


def _front(scores: Row, w: Phrases) -> list[Block]:
    """Return the first page: the desk's score, how far it can be trusted, what was found."""
    facts: list[Fact] = []
    for desk in _units(scores, "desk"):
        tone = BAND_TONE.get(str(desk.get("band", "")), "")
        note = w("interval_note", level=_level(scores, w), range=_range(desk))
        facts.append(Fact(w("desk_score"), number(desk.get("score")), note, tone))
        facts += total_facts(scores, desk, w)
        facts.append(Fact(w("group"), w.own(desk, "band") or "–", _on_target(desk, w), tone))
        facts.append(Fact(w("contacts"), w.count(desk.get("contacts"))))
    agents = _units(scores, "agent")
    facts.append(Fact(w("agents"), w.count(float(len(agents)))))
    reliability = as_number(scores.get("score_reliability"))
    if reliability is not None:
        facts.append(Fact(w("score_reliability"), f"{reliability:.2f}", w("reliability_note")))
    blocks: list[Block] = [Facts(tuple(facts)), _picture(scores, w), Paragraph(w("scores_note"))]
    found = [
        Bullet(_finding(f, w), _where(f, scores, w), LEVEL_TONE.get(str(f.get("level")), ""))
        for f in scores.get("findings") or ()
    ]
    if found:
        blocks.append(Bullets(tuple(found), w("findings_title")))
    return blocks


def _where(found: Row, scores: Row, w: Phrases) -> str:
    """Return what a finding is about, unless it is about the card as a whole."""
    about = str(found.get("where") or "")
    whole = ((scores.get("card") or {}).get("name"), (scores.get("log") or {}).get("name"))
    return "" if not about or about in whole else about + w("colon")


def _finding(found: Row, w: Phrases) -> str:
    """Return a finding in one sentence; without Chinese of its own it stays English."""
    if w.lang == "zh" and found.get("zh"):
        return str(found["zh"])
    parts = [str(found.get(name) or "") for name in ("found", "expected", "mend")]
    return "; ".join(part for part in parts if part)


def _on_target(unit: Row, w: Phrases) -> str:
    chance = as_number(unit.get("p_on_target"))
    return w("p_on_target", p=w.p(chance)) if chance is not None else ""


def _range(unit: Row) -> str:
    low, high = as_number(unit.get("lower")), as_number(unit.get("upper"))
    return "–" if low is None or high is None else f"{low:.1f}–{high:.1f}"


def _belongs(unit: Row) -> str:
    """Return role and team of an agent, as far as they are known."""
    return " · ".join(str(unit[name]) for name in ("role", "team") if unit.get(name))


def _rank(unit: Row) -> str:
    rank = unit.get("rank_interval")
    return f"{rank[0]}–{rank[1]}" if isinstance(rank, Sequence) and len(rank) == 2 else "–"


def _picture(scores: Row, w: Phrases) -> Pictures:
    """Return the scores of teams and agents as bars, in the order of the results."""
    bars = []
    for kind in KINDS:
        for unit in _units(scores, kind):
            value, low = as_number(unit.get("score")), as_number(unit.get("lower"))
            high = as_number(unit.get("upper"))
            if value is None or low is None or high is None:
                continue
            name = w(f"kind_{kind}") if kind == "desk" else str(unit.get("unit", ""))
            rank = _rank(unit)
            note = w("rank_note", range=rank) if rank != "–" else ""
            bars.append(Bar(name, value, low, high, note))

    def draw() -> str:
        from svcsim.report import figures

        return figures.svg(figures.score_bars(bars, w), w("alt_scores"))

    return Pictures((Picture(draw, w("alt_scores")),) if bars else (), w("scores_title"))


def _asked(scores: Row, w: Phrases, names: Names) -> Section | None:
    """Return the card as it was applied."""
    rows: list[Cells] = []
    for k in scores.get("kpis") or ():
        metric, unit = str(k.get("metric", "")), str(k.get("unit") or "")
        reliability = as_number(k.get("reliability"))
        rows.append(
            [
                kpi_cell(metric, w, names),
                f"{SIGN.get(str(k.get('direction')), '')} {w.value(k.get('target'), unit)}".strip(),
                w.p(k.get("weight")),
                w.known("scope", k.get("scope", "")),
                "–" if reliability is None else f"{reliability:.2f}",
                Cell(w.count(k.get("contacts_median")), w("min_n", n=w.count(k.get("min_n")))),
                Cell(w.own(k, "left_out") or str(k.get("why") or ""), tone="muted"),
            ]
        )
    keys = ("kpi", "target", "weight", "scope", "reliability", "per_agent", "remark")
    head = tuple(w(key) for key in keys)
    return section("card", w("card_title"), table(head, rows, numbers=(1, 2, 4, 5)))


def _kind(scores: Row, kind: str, w: Phrases) -> Section | None:
    """Return the scores of one kind of unit as a table."""
    rows: list[Cells] = [
        [
            Cell(str(unit.get("unit", "")), _belongs(unit)),
            w.count(unit.get("contacts")),
            Cell(number(unit.get("score")), _range(unit)),
            number(unit.get("score_as_measured")),
            w.p(unit.get("p_on_target")),
            Cell(w.own(unit, "band") or "–", tone=BAND_TONE.get(str(unit.get("band")), "")),
            _rank(unit),
            w.p(unit.get("weight_scored")),
            w.count(float(len(unit.get("flags") or ()))),
        ]
        for unit in _units(scores, kind)
    ]
    keys = ("contacts", "score", "score_raw", "p_target_short", "group", "rank")
    head = (
        w(f"kind_{kind}"),
        *(w(key) for key in keys),
        w("weight_scored"),
        w("flags"),
    )
    return section(
        f"{kind}s", w(f"scores_{kind}s_title"), table(head, rows, numbers=(1, 2, 3, 4, 6, 7, 8))
    )


def _flags(scores: Row, w: Phrases, names: Names) -> Section | None:
    """Return what to look into: each kind of flag once, with the units it stands at."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind in KINDS:
        for unit in _units(scores, kind):
            who = w("kind_desk") if kind == "desk" else str(unit.get("unit", ""))
            for flag in unit.get("flags") or ():
                text = w.pick(str(flag.get("zh") or ""), str(flag.get("text") or ""))
                key = (str(flag.get("metric") or ""), str(flag.get("kind") or ""))
                found.setdefault(key, []).append((who, text))
    rows: list[Cells] = []
    for (metric, _), cases in found.items():
        same = len({text for _, text in cases}) == 1
        text = cases[0][1] if same else w("for_instance", text=f"{cases[0][0]}, {cases[0][1]}")
        who = w("list_comma").join(who for who, _ in cases)
        rows.append([names.show(metric, w) if metric else "–", who, text])
    head = (w("kpi"), w("who"), w("remark"))
    intro = Paragraph(w("flags_intro"))
    return section("flags", w("flags_title"), intro, table(head, rows))


def _details(scores: Row, w: Phrases, names: Names) -> Section | None:
    """Return one table per KPI with every unit."""
    blocks: list[Block] = [Paragraph(w("detail_intro"))]
    keys = ("value", "n", "points", "adjusted", "used", "reliability", "status")
    head = (w("unit_title"), *(w(key) for key in keys))
    for k in scores.get("kpis") or ():
        metric = str(k.get("metric", ""))
        target = w.value(k.get("target"), str(k.get("unit") or ""))
        sign = SIGN.get(str(k.get("direction")), "")
        rows: list[Cells] = [
            row
            for kind in KINDS
            for unit in _units(scores, kind)
            for row in detail_rows(unit, metric, str(k.get("unit") or ""), w)
        ]
        caption = f"{names.show(metric, w)} {sign} {target}"
        blocks.append(table(head, rows, caption=caption, numbers=(1, 2, 3, 4, 5, 6)))
    return section("details", w("detail_title"), *blocks)
