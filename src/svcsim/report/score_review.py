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
from svcsim.report.score_review_pictures import (
    change_pictures,
    funnel_pictures,
    gap_pictures,
    trend_picture,
)
from svcsim.scorecard.gaps import SURE
from svcsim.scorecard.trend import LEAST

Row = Mapping[str, Any]

TYPES = 5
"""Categories shown of a KPI's change."""
GAPS = 20
"""Differences by type listed on the page."""
OUTSIDE = 40
"""Units beyond the watch limit that are listed; those beyond the outer limit are all listed."""
TEAMS = 4
"""Teams whose cases are shown, those with most contacts."""
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
        _gaps(scores, review, w, names),
        _cases(scores, w, names),
    ]


def _changes(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
    changes = list(review.get("changes") or ())
    if not changes:
        return None
    desk = [change for change in changes if change.get("kind") == "desk"]
    told = [
        Bullet(_own(change, w), _who(change, w) + w("colon"), _clear_tone(change, scores))
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


def _who(thing: Row, w: Phrases) -> str:
    return w("kind_desk") if thing.get("kind") == "desk" else str(thing.get("unit", ""))


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
            _signed(one.get("rate"), unit, w),
            _signed(one.get("mix"), unit, w),
        ]
        for one in list(change.get("categories") or ())[:TYPES]
    ]
    keys = ("type", "share_of", "value_of", "by_rate", "by_mix")
    head = tuple(w(key) for key in keys)
    caption = w("change_types", kpi=names.show(metric, w))
    return table(head, rows, caption=caption, numbers=(1, 2, 3, 4))


def _signed(value: Any, unit: str, w: Phrases) -> str:
    """Return a difference with its sign; of shares in percentage points."""
    number = as_number(value)
    if number is None:
        return "–"
    number = round(number, 3) if unit == "share" else number
    sign = "+" if number > 0 else "−" if number < 0 else ""
    if unit == "share":
        return f"{sign}{abs(100 * number):.1f} {w('points_of_share')}"
    return sign + w.value(abs(number), unit, 2)


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
    texts = [
        w.p_signed(trend.get(name))
        if trend.get("relative")
        else _signed(trend.get(name), measure, w)
        for name in ("slope", "lower", "upper")
    ]
    text = w(
        "trend_moves",
        who=_who(unit, w),
        kpi=names.show(metric, w),
        verdict=w.own(trend, "verdict"),
        slope=texts[0],
        range=w("from_to", before=texts[1], now=texts[2]).replace("→", "…"),
    )
    return Bullet(text, tone=TONE.get(str(trend.get("side")), ""))


def _gaps(scores: Row, review: Row, w: Phrases, names: Names) -> Section | None:
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
                w.p_signed(size) if gap.get("relative") else _signed(size, unit, w),
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
    return _signed(gap.get("size"), unit, w).lstrip("+")


def _cases(scores: Row, w: Phrases, names: Names) -> Section | None:
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
                        _who(unit, w),
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
