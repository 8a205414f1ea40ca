"""The names that formulas of users' own metrics may use: columns, facts of the window, notions.

Every name has a type, so that a time is never compared with a share; what a name needs of a log
follows from it. `metrics.formula` turns names into expressions, `metrics.grammar` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import narwhals as nw

from svcsim.contacts.columns import Column, columns
from svcsim.metrics import expressions
from svcsim.metrics.workload import handled
from svcsim.text import Text

Type = Literal["text", "condition", "time", "duration", "share", "ratio", "number"]

TYPES: dict[Type, Text] = {
    "text": Text("a text", "文本"),
    "condition": Text("a condition", "条件"),
    "time": Text("an instant", "时刻"),
    "duration": Text("a duration", "时长"),
    "share": Text("a share", "占比"),
    "ratio": Text("a ratio", "比值"),
    "number": Text("a number", "数值"),
}
"""What people call each type. A ratio (hours by hours) is as good as a share or a number."""


@dataclass(frozen=True, eq=False)
class Word:
    """One name: its type, what it is as an expression, and what it needs of a log.

    ``total`` says that it is never missing. A column of yes and no (1, 0) is a condition with a
    third possibility; a notion is a condition that always has an answer.
    """

    name: str
    type: Type
    meaning: Text
    expression: nw.Expr
    needs: tuple[str, ...] = ()
    total: bool = False
    is_flag_column: bool = False


_FACTS: tuple[tuple[str, Type, tuple[str, ...], bool, Text], ...] = (
    ("observed_until", "time", (), True, Text("end of knowledge of the log", "数据截止时刻")),
    (
        "openings_until", "time", (), True,
        Text(
            "until when contacts that were opened are in the log",
            "数据收录新建联络的截止时刻",
        ),
    ),
    (
        "next_contact_gap_s", "duration", ("case_id", "resolved_s"), False,
        Text(
            "from the resolution to the next opening of the same case",
            "解决到同一个案下一次联络创建的时长",
        ),
    ),
    (
        "same_problem_gap_s", "duration", ("customer", "category", "resolved_s"), False,
        Text(
            "from the resolution to the customer's next opening in the same category",
            "解决到该客户同一类别下一次联络创建的时长",
        ),
    ),
    (
        "opened_hour", "number", (), True,
        Text("local hour of the opening (0-23)", "创建时的当地小时（0–23）"),
    ),
    (
        "difficulty_index", "number", ("handle_s",), False,
        Text(
            "expected handling time / mean, from what is known at arrival",
            "按受理时已知信息预期的处理时长 / 均值",
        ),
    ),
    (
        "since_alert_s", "duration", ("alerts",), False,
        Text(
            "from the last confirmed alert to the customer to the opening",
            "最近一次已确认的主动预警到创建的时长",
        ),
    ),
    (
        "open_response_s", "duration", ("first_response_s", "hours"), False,
        Text(
            "business hours between opening and first response",
            "创建到首次响应之间的营业时间",
        ),
    ),
    (
        "open_resolution_s", "duration", ("resolved_s", "hours"), False,
        Text("business hours between opening and resolution", "创建到解决之间的营业时间"),
    ),
    (
        "open_age_s", "duration", ("hours",), False,
        Text(
            "business hours between opening and the end of knowledge",
            "创建到数据截止之间的营业时间",
        ),
    ),
    (
        "own_resolution_s", "duration", ("resolved_s", "pending_customer_s|stages"), False,
        Text(
            "from opening to resolution without waiting for the customer",
            "创建到解决，扣除等待客户的时间",
        ),
    ),
    (
        "own_open_resolution_s", "duration", ("resolved_s", "hours", "stages"), False,
        Text(
            "the same in business hours (needs the stages of contacts)",
            "同上，按营业时间计（需要各环节记录）",
        ),
    ),
)  # fmt: skip
"""Facts of the window (`metrics.facts`) that formulas may use: name, type, needs, total."""

_NOTIONS: tuple[tuple[str, nw.Expr, tuple[str, ...], Text], ...] = (
    ("everyone", expressions.everyone, (), Text("every contact", "全部联络")),
    (
        "resolved", expressions.resolved, (),
        Text("the contact ended resolved", "联络以解决结束"),
    ),
    (
        "abandoned", expressions.abandoned, (),
        Text("the customer left before being served", "客户未获接待即离开"),
    ),
    ("kept", expressions.kept, (), Text("not abandoned", "未放弃")),
    (
        "answered", expressions.answered, (),
        Text("reached an agent, not abandoned", "已由坐席受理且未放弃"),
    ),
    ("offered", expressions.offered, (), Text("answered or abandoned", "已受理或已放弃")),
    (
        "waiting", expressions.waiting, (),
        Text("still in the queue at the end of knowledge", "数据截止时仍在排队"),
    ),
    (
        "waited", expressions.waited, ("wait_s",),
        Text("the time in the queue is known", "排队时长已知"),
    ),
    (
        "responded", expressions.responded, ("first_response_s",),
        Text("has a first response by a person", "已有首次人工响应"),
    ),
    (
        "timed", expressions.timed, ("resolved_s",),
        Text("resolved at a known instant", "解决且解决时刻已知"),
    ),
    (
        "stamped", expressions.stamped, (),
        Text(
            "the resolution time is the export's own, not another stamp in its place",
            "解决时刻为导出自带，而非以其他时间戳代替",
        ),
    ),
    (
        "handled", handled, ("handle_s",),
        Text(
            "not abandoned, a handling time above 0 and (where the log names agents) an agent",
            "未放弃、处理时长大于 0 且（数据有坐席姓名时）坐席已知",
        ),
    ),
)  # fmt: skip


@cache
def vocabulary() -> dict[str, Word]:
    """Return every name by itself: columns of the log, then facts, then notions."""
    words = [_of_column(column) for column in columns().values() if column.name != "replication"]
    words += [
        Word(name, kind, meaning, nw.col(name), needs, total)
        for name, kind, needs, total, meaning in _FACTS
    ]
    words += [
        Word(name, "condition", meaning, notion, needs, total=True)
        for name, notion, needs, meaning in _NOTIONS
    ]
    return {word.name: word for word in words}


def _of_column(column: Column) -> Word:
    kinds: dict[str, Type] = {"time": "time", "flag": "condition"}
    plain: Type = "duration" if column.unit == "s" else "number"
    return Word(
        column.name,
        kinds.get(column.type, plain) if column.is_number else "text",
        Text(column.description, column.zh),
        nw.col(column.name),
        () if column.status == "required" else (column.name,),
        is_flag_column=column.type == "flag",
    )


def markdown() -> str:
    """Return the table of names for docs/own-metrics.md."""
    rows = [
        f"| `{word.name}` | {TYPES[word.type].en.removeprefix('a ').removeprefix('an ')} "
        f"| {word.meaning.en}<br>{word.meaning.zh} |"
        for word in vocabulary().values()
    ]
    return "\n".join(["| name | type | meaning |", "| --- | --- | --- |", *rows]) + "\n"
