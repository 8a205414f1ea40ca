"""Who to talk with first, and what a number may be used for: coaching comes before punishment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from svcsim.scorecard.cases import Case
from svcsim.scorecard.funnel import Funnel
from svcsim.scorecard.gaps import Gap
from svcsim.scorecard.reliability import MAY_PAY, TEAM_ONLY
from svcsim.scorecard.table import Asked, Flag, KpiScore, UnitScore
from svcsim.text import Text, listed
from svcsim.units import format_value

Use = Literal["team only", "feedback", "may carry pay", ""]

TIMES, OF = 2, 3
"""Periods on the worse side of the limit, of the last so many, before a talk is suggested."""
DATA_FLAGS = frozenset({"left out", "no data", "thin", "immature", "noisy", "mix", "gate", "new"})
"""Flags that speak of the data, not of how contacts were handled."""


@dataclass(frozen=True)
class Evidence:
    """One period in which a unit lay on the worse side of its limit."""

    period: str
    value: float
    expected: float
    limit: float
    n: int
    status: str


@dataclass(frozen=True)
class Coaching:
    """One reason to talk with somebody.

    Parameters
    ----------
    reason : str
        ``below limit`` (the adjusted value, in `TIMES` of the last `OF` periods, the last one
        included) or ``please check`` (a flag on how contacts were handled).
    use : str
        What the KPI may be used for (`use_of`).
    without_action : float
        Where the next value is expected if nothing is done: m + R·(x − m), with the mean m of the
        others and the reliability R. Only what goes beyond it is the effect of a talk.
    topics : tuple of str
        Categories in which the gap exceeds noise.
    tickets : tuple of str
        Typical cases to look at together.
    """

    kind: str
    unit: str
    team: str
    metric: str
    reason: Literal["below limit", "please check"]
    use: Use
    evidence: tuple[Evidence, ...]
    without_action: float
    topics: tuple[str, ...]
    tickets: tuple[str, ...]
    text: Text


def use_of(kind: str, kpi: KpiScore, asked: Asked, *, exploratory: bool) -> Use:
    """Return what the KPI of an agent may be used for, by its reliability in this period.

    Below .4 ``team only``; from .4 ``feedback``; from .7 ``may carry pay``. An unfinished
    follow-up, too few contacts or an exploratory card leave feedback at most. Where agents cannot
    be told apart at all (fewer than three) it is ``team only``. Desk and teams are not judged as
    persons: empty.
    """
    if kind != "agent" or kpi.n == 0:
        return ""
    if not kpi.reliability >= TEAM_ONLY:
        return "team only"
    provisional = kpi.status in ("immature", "too few") or exploratory
    return "may carry pay" if kpi.reliability >= MAY_PAY and not provisional else "feedback"


def below_limit(
    asked: Asked, funnels: Sequence[tuple[str, Funnel | None]], unit: str
) -> tuple[Evidence, ...]:
    """Return the periods on the worse side of the 95 % limit, if they are enough for a talk.

    ``funnels`` are those of the last periods with their labels, the scored one last. By luck
    alone one KPI of one unit gets there with probability 2·.025²: about one in 800 (limits
    are exact or wider).
    """
    found = []
    for label, funnel in funnels[-OF:]:
        point = funnel.point(unit) if funnel is not None else None
        if point is None or point.n < asked.min_n or point.side != "worse":
            continue
        limit = point.watch[0] if asked.curve.direction == "higher" else point.watch[1]
        found.append(Evidence(label, point.value, point.centre, limit, point.n, point.status))
    recent = bool(found) and found[-1].period == funnels[-1][0]
    return tuple(found) if recent and len(found) >= TIMES else ()


def suggestion(
    unit: UnitScore,
    asked: Asked,
    kpi: KpiScore,
    evidence: tuple[Evidence, ...],
    use: Use,
    gaps: Sequence[Gap],
    cases: Sequence[Case],
    periods: int = OF,
) -> Coaching:
    """Return what to say about a unit below its limit in some of the last ``periods``."""
    mean, last = evidence[-1].expected, evidence[-1].value
    share = kpi.reliability if np.isfinite(kpi.reliability) else 0.0
    topics = tuple(gap.category for gap in gaps if gap.listed == "train")
    tickets = tuple(case.ticket_id for case in cases if case.verdict == "bad")
    return Coaching(
        unit.kind,
        unit.unit,
        unit.team,
        kpi.metric,
        "below limit",
        use,
        evidence,
        mean + share * (last - mean),
        topics,
        tickets,
        _talk(asked, evidence, topics, periods),
    )


def checks(unit: UnitScore, uses: Mapping[str, Use]) -> list[Coaching]:
    """Return the flags on how contacts were handled, as reasons to look together."""
    return [
        Coaching(
            unit.kind,
            unit.unit,
            unit.team,
            flag.metric,
            "please check",
            uses.get(flag.metric, ""),
            (),
            float("nan"),
            (),
            (),
            _check(flag),
        )
        for flag in unit.flags
        if flag.kind not in DATA_FLAGS
    ]


def _talk(
    asked: Asked, evidence: tuple[Evidence, ...], topics: Sequence[str], periods: int
) -> Text:
    metric = asked.kpi.kind
    seen = listed([_seen(one, metric.unit) for one in evidence])
    about = Text(f"; begin with {', '.join(topics)}", f"；可先从{'、'.join(topics)}谈起")
    kinds = about if topics else Text("", "")
    return Text(
        f"{len(evidence)} of the last {periods} periods on the worse side of the limit "
        f"({seen.en}). A talk before any consequence{kinds.en}; tools, shifts or the contacts "
        "given may be the cause",
        f"最近 {periods} 个周期中有 {len(evidence)} 个越过较差一侧的控制限（{seen.zh}）。"
        f"先沟通辅导，再谈奖惩{kinds.zh}；原因也可能在工具、班次或分到的工单",
    )


def _seen(one: Evidence, unit: str) -> Text:
    value, others = format_value(one.value, unit), format_value(one.expected, unit)
    return Text(
        f"{one.period}: {value.en}, others {others.en}, n={one.n}",
        f"{one.period}：{value.zh}，他人 {others.zh}，n={one.n}",
    )


def _check(flag: Flag) -> Text:
    return Text(flag.text, flag.zh)
