"""Levers: named changes that a planner can decide on, made from the baseline's own numbers.

How large each change is, is an assumption (written in ``what``); what it does to the KPIs is
simulated. Three packages of growing effort belong to the three stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from svcsim.model.service import ServiceModel
from svcsim.scenario.changes import Change
from svcsim.scenario.scenario import Scenario
from svcsim.targets.capacity import bottleneck, team_hours

AS_IS = "as is"
SHOWN_GAIN = 0.0005
"""A smaller mean gain in speed would be shown as 0.0%."""
TRAINING_SMALL = 1.0 / 3.0
TRAINING_LARGE = 2.0 / 3.0
"""Part of the way to the team's top quartile that agents below the median go."""
FEWER_RETURNS = 0.85
"""Repeat contacts and reopens are multiplied by this when answers are written down and reused."""
MIN_TEAM = 4
"""Fewer agents than this have no top quartile to learn from."""


@dataclass(frozen=True)
class Lever:
    """A change to simulate: the scenario and what it means in words."""

    scenario: Scenario
    what: str
    what_zh: str
    parts: tuple[str, ...] = field(default=())
    """Names of the levers joined in a package."""

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name


def packages(model: ServiceModel) -> list[Lever | None]:
    """Return three levers of growing effort, one a stage; None stands for the desk as it is.

    Training and fewer returns first; further agents in the busiest team belong to the last.
    """
    small, large = training(model, TRAINING_SMALL), training(model, TRAINING_LARGE)
    returns = fewer_returns(model)
    one, two = (more_agents(model, bottleneck(model), n) for n in (1, 2))
    if small is not None and large is not None and returns is not None:
        return [small, join(small, returns), join(large, returns, one)]
    if small is not None and large is not None:
        return [small, large, join(large, one)]
    if returns is not None:
        return [returns, join(returns, one), join(returns, two)]
    return [None, one, two]


def singles(model: ServiceModel) -> list[Lever]:
    """Return levers that are simulated alone, beside the packages."""
    found = [fewer_returns(model), cross_serve(model)]
    return [lever for lever in found if lever is not None]


def training(model: ServiceModel, part: float) -> Lever | None:
    """Bring agents slower or weaker than their team's median ``part`` of the way to its best.

    Best = top quartile of the baseline's estimates, which are already shrunk towards the team.
    """
    changes: list[Change] = []
    touched: set[str] = set()
    gain: list[float] = []
    for team in model.teams:
        members = {n: a for n, a in model.agents.items() if a.team == team and not a.extra}
        if len(members) < MIN_TEAM:
            continue
        speed = {name: agent.speed.value for name, agent in members.items()}
        quality = {name: agent.quality.value for name, agent in members.items()}
        for name, step in _towards_best(speed, part).items():
            factor = (speed[name] + step) / speed[name]
            changes.append(Change(path=f"agents.{name}.speed", times=round(factor, 5)))
            touched.add(name)
            gain.append(factor - 1.0)
        for name, step in _towards_best(quality, part).items():
            changes.append(Change(path=f"agents.{name}.quality", plus=round(step, 5)))
            touched.add(name)
    if not changes:
        return None
    way, way_zh = ("a third", "三分之一") if part < 0.5 else ("two thirds", "三分之二")
    name, zh = ("training", "技能培训") if part < 0.5 else ("intensive training", "强化培训")
    who, who_zh, then, then_zh = _trained(gain, returns=len(changes) > len(gain))
    return Lever(
        Scenario(name=name, zh=zh, why="skills below the team median", changes=tuple(changes)),
        what=(
            f"{len(touched)} of {len(model.agents)} agents ({who} than their team's median) are "
            f"brought {way} of the way to their team's top quartile{then}. How far training goes "
            "is an assumption."
        ),
        what_zh=(
            f"{len(model.agents)} 名客服中有 {len(touched)} 名（{who_zh}差于本组中位数）"
            f"向本组前四分之一水平靠近{way_zh}{then_zh}。培训效果为假设。"
        ),
    )


def _trained(gain: Sequence[float], *, returns: bool) -> tuple[str, str, str, str]:
    """Return who is trained and how much faster they become: only what changes.

    Where speeds are not known, or all the same, nothing is said of speed.
    """
    faster = float(np.mean(gain)) if gain else 0.0
    if faster < SHOWN_GAIN:
        return ("with more returns", "返单率", "", "") if returns else ("slower", "速度", "", "")
    told, told_zh = (
        f"; the slower ones become {faster:.1%} faster",
        f"；较慢者平均提速 {faster:.1%}",
    )
    if not returns:
        return "slower", "速度", told, told_zh
    return "slower or with more returns", "速度或返单率", told, told_zh


def fewer_returns(model: ServiceModel) -> Lever | None:
    """Multiply repeat contacts and reopens by 0.85 (knowledge base, closing with confirmation)."""
    changes = [
        Change(path=f"categories.{name}.{kind}", times=FEWER_RETURNS)
        for name, category in model.categories.items()
        for kind in ("repeat", "reopen")
        if getattr(category, kind).value > 0
    ]
    if not changes:
        return None
    less = 1.0 - FEWER_RETURNS
    return Lever(
        Scenario(
            name="knowledge base",
            zh="知识库与规范结单",
            why="fewer customers have to come back",
            changes=tuple(changes),
        ),
        what=(
            f"Repeat contacts and reopens fall by {less:.0%} in every category (knowledge base, "
            f"closing only after confirmation). The {less:.0%} is an assumption."
        ),
        what_zh=f"各类问题的重复咨询和重开减少 {less:.0%}（知识库、确认后结单）。幅度为假设。",
    )


def more_agents(model: ServiceModel, team: str, n: int) -> Lever:
    """Add ``n`` agents with the team's median roster (negative: take away)."""
    who = f"{abs(n)} agent{'s' if abs(n) != 1 else ''}"
    some = len(model.teams) > 1
    where, where_zh = (f" in {team}", f"{team} ") if some else ("", "")
    verb, sign = ("more", "增加") if n > 0 else ("fewer", "减少")
    return Lever(
        Scenario(
            name=f"{n:+d} agent{'s' if abs(n) != 1 else ''}",
            zh=f"{where_zh}{sign} {abs(n)} 人",
            why="capacity",
            changes=(Change(path=f"staffing.extra.{team}", plus=n),),
        ),
        what=f"{who} {verb}{where}, on the team's usual roster and with its average skill.",
        what_zh=f"{where_zh}{sign} {abs(n)} 名客服，班次与技能按本组平均。",
    )


def cross_serve(model: ServiceModel) -> Lever | None:
    """Let the least loaded team also take contacts of the busiest one when its queue is empty."""
    hours = team_hours(model)
    if len(hours) < 2:
        return None
    busiest = bottleneck(model)
    helper = min(
        (h for h in hours.values() if h.team != busiest and h.agents), key=lambda h: h.load,
        default=None,
    )  # fmt: skip
    if helper is None:
        return None
    changes = [
        Change(path=f"agents.{name}.serves", to=[*agent.serves, busiest])
        for name, agent in model.agents.items()
        if agent.team == helper.team and busiest not in agent.serves
    ]
    if not changes:
        return None
    return Lever(
        Scenario(
            name="cross-serving",
            zh="跨组支援",
            why=f"{helper.team} helps {busiest} out",
            changes=tuple(changes),
        ),
        what=(
            f"{len(changes)} agents of {helper.team} also take contacts of {busiest} when their "
            "own queue is empty, with the same skill as there (an assumption)."
        ),
        what_zh=(
            f"{helper.team} 的 {len(changes)} 名客服在本组队列为空时支援 {busiest}，"
            "技能视为相同（假设）。"
        ),
    )


def join(*levers: Lever) -> Lever:
    """Return one lever that makes all changes of several."""
    name = " + ".join(lever.name.removeprefix("+") for lever in levers)
    zh = "＋".join(lever.scenario.zh for lever in levers)
    changes = tuple(change for lever in levers for change in lever.scenario.changes)
    why = "; ".join(lever.scenario.why for lever in levers)
    return Lever(
        Scenario(name=name, zh=zh, why=why, changes=changes),
        what=" ".join(lever.what for lever in levers),
        what_zh="".join(lever.what_zh for lever in levers),
        parts=tuple(lever.name for lever in levers),
    )


def _towards_best(values: dict[str, float], part: float) -> dict[str, float]:
    """Return the steps of those below the median towards the upper quartile (none: no spread)."""
    found = np.array(list(values.values()))
    middle, best = float(np.median(found)), float(np.quantile(found, 0.75))
    steps = {n: part * (best - v) for n, v in values.items() if v < middle}
    return {name: step for name, step in steps.items() if step > 1e-4}
