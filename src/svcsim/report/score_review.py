"""The review in a score report: what changed, who to talk with, who differs, how it moves."""

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
    Tone,
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.score_by_type import cases_section, gaps_section, signed, who
from svcsim.report.score_review_pictures import (
    change_pictures,
    funnel_pictures,
    trend_picture,
)
from svcsim.scorecard.trend import LEAST

Row = Mapping[str, Any]

TYPES = 5
"""Categories shown of a KPI's change."""
OUTSIDE = 40
"""Units beyond the watch limit that are listed; those beyond the outer limit are all listed."""
WIDE_SPREAD = 4.0
"""From this φ on the limits say more about different work than about people."""
TONE: dict[str, Tone] = {"better": "good", "worse": "warn"}


def review_sections(scores: Row, w: Phrases, names: Names) -> list[Section | None]:
    """Return the sections of the review; none for results that were written without one."""
    review = scores.get("review")
    if not isinstance(review, Mapping):
        return []
    return [
        _changes(scores, review, w, names),
        _coaching(review, w, names),
        _funnels(scores, review, w, names),
        _trends(scores, review, w, names),
        gaps_section(scores, review, w, names),
        cases_section(scores, w, names),
    ]


def _changes(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
    changes = list(review.get("changes") or ())
    if not changes:
        return None
    desk = [change for change in changes if change.get("kind") == "desk"]
    told = [
        Bullet(_own(change, w), who(change, w) + w("colon"), _clear_tone(change, scores))
        for change in changes
        if change.get("kind") == "desk" or _is_clear(change)
    ]
    before = w("list_comma").join(dict.fromkeys(str(c.get("period_before")) for c in changes))
    blocks: list[Block | None] = [
        Paragraph(w("change_intro", period=before)),
        Bullets(tuple(told)),
        change_pictures(desk, scores, w, names),
        *(_types(change, w, names) for change in desk if _is_clear(change)),
    ]
    return section("change", w("change_title"), *blocks)


def _own(thing: Row, w: Phrases) -> str:
    return w.pick(str(thing.get("zh") or ""), str(thing.get("text") or ""))


def _is_clear(change: Row) -> bool:
    total = change.get("total") or {}
    low, high = as_number(total.get("lower")), as_number(total.get("upper"))
    return low is not None and high is not None and (low > 0 or high < 0)


def _clear_tone(change: Row, scores: Row) -> Tone:
    if not _is_clear(change):
        return "muted"
    rises = (as_number((change.get("total") or {}).get("value")) or 0) > 0
    better = _kpi(scores, str(change.get("metric"))).get("direction")
    return "good" if rises == (better == "higher") else "warn"


def _kpi(scores: Row, metric: str) -> Row:
    return next((k for k in scores.get("kpis") or () if k.get("metric") == metric), {})


def _types(change: Row, w: Phrases, names: Names) -> Block:
    metric = str(change.get("metric"))
    unit = names.unit(metric)
    rows: list[Cells] = [
        [
            str(one.get("category")),
            w("from_to", before=w.p(one.get("share_before")), now=w.p(one.get("share_now"))),
            w(
                "from_to",
                before=w.value(one.get("value_before"), unit),
                now=w.value(one.get("value_now"), unit),
            ),
            signed(one.get("rate"), unit, w),
            signed(one.get("mix"), unit, w),
        ]
        for one in list(change.get("categories") or ())[:TYPES]
    ]
    keys = ("type", "share_of", "value_of", "by_rate", "by_mix")
    head = tuple(w(key) for key in keys)
    caption = w("change_types", kpi=names.show(metric, w))
    return table(head, rows, caption=caption, numbers=(1, 2, 3, 4))


def _coaching(review: Row, w: Phrases, names: Names) -> Section:
    rows: list[Cells] = []
    for one in review.get("coaching") or ():
        metric = str(one.get("metric") or "")
        unit = names.unit(metric) if metric else ""
        tickets = [str(ticket) for ticket in one.get("tickets") or ()]
        rows.append(
            [
                Cell(str(one.get("unit")), str(one.get("team") or "")),
                names.show(metric, w) if metric else "–",
                _own(one, w),
                w.own(one, "use") or "–",
                w.value(one.get("without_action"), unit),
                Cell(w("list_comma").join(tickets) or "–", tone="muted"),
            ]
        )
    keys = ("who", "kpi", "why_talk", "use", "without_action", "look_at")
    head = tuple(w(key) for key in keys)
    blocks: tuple[Block, ...] = (
        (Paragraph(w("coaching_intro")), table(head, rows, numbers=(3, 4)))
        if rows
        else (Paragraph(w("coaching_none")),)
    )
    return Section("coaching", w("coaching_title"), blocks)


def _funnels(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
    rows: list[Cells] = []
    notes = []
    outside = 0
    for found in review.get("funnels") or ():
        metric, kind = str(found.get("metric")), str(found.get("kind"))
        unit = names.unit(metric)
        spread = as_number(found.get("over_dispersion")) or 1.0
        if kind == "agent" and spread >= WIDE_SPREAD:
            kpi = names.show(metric, w)
            notes.append(Bullet(w("wide_note", kpi=kpi, times=f"{spread:.0f}"), tone="muted"))
        for point in found.get("points") or ():
            if point.get("status") not in ("watch", "act"):
                continue
            outside += 1
            if len(rows) >= OUTSIDE and point.get("status") != "act":
                continue
            side = str(point.get("side"))
            low, high = point.get("watch") or (None, None)
            rows.append(
                [
                    str(point.get("unit")),
                    w(f"kind_{kind}"),
                    names.show(metric, w),
                    w.value(point.get("value"), unit),
                    w.count(point.get("n")),
                    w.value(point.get("centre"), unit),
                    w.band(low, high, unit),
                    Cell(_place(point, w), tone=TONE.get(side, "")),
                ]
            )
    keys = ("unit_title", "what", "kpi", "value", "n", "others", "limits", "where_it_lies")
    head = tuple(w(key) for key in keys)
    return section(
        "funnels",
        w("funnel_title"),
        Paragraph(w("funnel_intro")),
        funnel_pictures(scores, review, w, names),
        Bullets(tuple(notes)),
        table(head, rows, numbers=(3, 4, 5, 6)),
        Paragraph(w("gap_more", n=outside - len(rows)), "note") if outside > len(rows) else None,
    )


def _place(point: Row, w: Phrases) -> str:
    word = w(f"funnel_{point.get('status')}")
    side = w(f"side_{point.get('side')}")
    return word + w("list_comma") + side


def _trends(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
    periods = [str(label) for label in review.get("periods") or ()]
    if len(periods) < 2:
        return None
    moves = []
    seen = 0
    for unit in scores.get("units") or ():
        for m in unit.get("metrics") or ():
            trend = m.get("trend")
            seen += bool(trend)
            if trend and trend.get("verdict") in ("rising", "falling"):
                moves.append(_move(unit, m, trend, w, names))
    few = w("trend_few") if len(periods) < LEAST else w("trend_none", n=seen)
    none = Paragraph(few, "note")
    return section(
        "trends",
        w("trend_title"),
        Paragraph(w("trend_intro", first=periods[0], last=periods[-1])),
        trend_picture(scores, w, names),
        Bullets(tuple(moves)) if moves else none,
    )


def _move(unit: Row, m: Row, trend: Row, w: Phrases, names: Names) -> Bullet:
    metric = str(m.get("metric"))
    measure = names.unit(metric)
    relative, numbers = trend.get("relative"), [trend.get(n) for n in ("slope", "lower", "upper")]
    texts = [w.p_signed(x) if relative else signed(x, measure, w) for x in numbers]
    text = w(
        "trend_moves",
        who=who(unit, w),
        kpi=names.show(metric, w),
        verdict=w.own(trend, "verdict"),
        slope=texts[0],
        range=w("from_to", before=texts[1], now=texts[2]).replace("→", "…"),
    )
    return Bullet(text, tone=TONE.get(str(trend.get("side")), ""))
