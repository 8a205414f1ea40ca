"""What stands beside the weighted score: bonus and penalty, gates, and the total of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcsim.report.document import Block, Cell, Cells, Fact, Paragraph, Section, section, table
from svcsim.report.names import Names
from svcsim.report.phrases import SIGN, Phrases, as_number
from svcsim.report.score_details import number

Row = Mapping[str, Any]
GATE_TONE = {"failed": "bad", "passed": "good"}


def has_total(scores: Row) -> bool:
    """Tell whether totals differ from scores: the card has a bonus or a gate."""
    return bool((scores.get("card") or {}).get("bonus") or scores.get("gates"))


def total_facts(scores: Row, unit: Row, w: Phrases) -> list[Fact]:
    """Return the total of a unit as a fact of the first page; nothing where it is the score."""
    if not has_total(scores) or as_number(unit.get("total")) is None:
        return []
    note = w(
        "total_note",
        score=number(unit.get("score")),
        bonus=number(unit.get("bonus")),
        penalty=number(unit.get("penalty")),
    )
    return [Fact(w("total"), number(unit.get("total")), note)]


def beside_section(scores: Row, w: Phrases, names: Names) -> Section | None:
    """Return totals, the items behind them and the gates; None where the card has neither."""
    if not has_total(scores):
        return None
    counted = (scores.get("card") or {}).get("bonus_in_ranks")
    intro = w("beside_intro") + (w("beside_counted") if counted else w("beside_apart"))
    blocks: list[Block] = [Paragraph(intro), _totals(scores, w)]
    blocks += [_items(scores, w, names), _gates(scores, w, names)]
    return section("beside", w("beside_title"), *blocks)


def _who(unit: Row, w: Phrases) -> str:
    return w("kind_desk") if unit.get("kind") == "desk" else str(unit.get("unit", ""))


def _totals(scores: Row, w: Phrases) -> Block:
    rows: list[Cells] = [
        [
            Cell(_who(unit, w), str(unit.get("role") or unit.get("team") or "")),
            number(unit.get("score")),
            _signed(unit.get("bonus")),
            _signed(-(as_number(unit.get("penalty")) or 0.0)),
            Cell(number(unit.get("total")), _range(unit)),
            Cell(w.own(unit, "band") or "–", tone="bad" if unit.get("band") == "gated" else ""),
        ]
        for unit in scores.get("units") or ()
    ]
    keys = ("unit_title", "score", "bonus", "penalty", "total", "group")
    return table(tuple(w(key) for key in keys), rows, numbers=(1, 2, 3, 4))


def _items(scores: Row, w: Phrases, names: Names) -> Block:
    """Return every item that gave or took points, with its reasons."""
    rows: list[Cells] = []
    zh = {i.get("item"): i.get("zh") for i in (scores.get("card") or {}).get("bonus") or ()}
    for unit in scores.get("units") or ():
        for extra in unit.get("extras") or ():
            points = as_number(extra.get("points")) or 0.0
            reasons = w("list_comma").join(extra.get("reasons") or ())
            if not points and not reasons:
                continue
            note = w("capped") if extra.get("cut") else ""
            item = str(extra.get("item", ""))
            item = w.pick(str(zh.get(item) or ""), item) if item in zh else names.show(item, w)
            count = as_number(extra.get("count"))
            shown = "–" if count is None else f"{count:.4g}"
            rows.append(
                [_who(unit, w), item, shown, Cell(_signed(points), note), Cell(reasons or "–")]
            )
    keys = ("unit_title", "bonus_item", "bonus_count", "points", "remark")
    return table(tuple(w(key) for key in keys), rows, caption=w("bonus_title"), numbers=(2, 3))


def _gates(scores: Row, w: Phrases, names: Names) -> Block:
    """Return the gates of the desk, and of every unit that missed one or cannot be judged."""
    kinds = {gate.get("metric"): gate for gate in scores.get("gates") or ()}
    rows: list[Cells] = []
    for unit in scores.get("units") or ():
        for gate in unit.get("gates") or ():
            if gate.get("status") == "passed" and unit.get("kind") != "desk":
                continue
            kpi = kinds.get(gate.get("metric"), {})
            measure, sign = str(kpi.get("unit") or ""), SIGN.get(str(kpi.get("direction")), "")
            tone = GATE_TONE.get(str(gate.get("status")), "muted")
            rows.append(
                [
                    names.show(str(gate.get("metric", "")), w),
                    _who(unit, w),
                    w.value(gate.get("value"), measure),
                    w.count(gate.get("n")),
                    f"{sign} {w.value(gate.get('target'), measure)}".strip(),
                    Cell(w.own(gate, "status") or "–", tone=tone),  # type: ignore[arg-type]
                    w.p(gate.get("p_failed")),
                    number(gate.get("cap")),
                ]
            )
    keys = ("gate_kpi", "unit_title", "value", "n", "target", "status", "p_failed", "gate_cap")
    heads = tuple(w(key) for key in keys)
    return table(heads, rows, caption=w("gates_title"), numbers=(2, 3, 4, 6, 7))


def _signed(value: Any) -> str:
    found = as_number(value)
    return f"{found:+.1f}" if found else "–"


def _range(unit: Row) -> str:
    low, high = as_number(unit.get("total_lower")), as_number(unit.get("total_upper"))
    return "–" if low is None or high is None else f"{low:.1f}–{high:.1f}"
