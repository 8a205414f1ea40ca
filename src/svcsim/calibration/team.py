"""Agents and roster put together so that every team's contacts have somebody to serve them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from svcsim.calibration.estimator import most_usual
from svcsim.calibration.resolution import ResolutionEstimator
from svcsim.calibration.roster import Roster
from svcsim.calibration.staffing import StaffingEstimator
from svcsim.contacts.log import ContactLog
from svcsim.model.staffing import Agent, Staffing
from svcsim.text import Text

HELPS = 0.10
"""Share of an agent's contacts whose first team is another, from which the agent serves it."""


def staffed_desk(
    desk: ContactLog,
    learned: Mapping[str, Agent],
    staffing: StaffingEstimator,
    resolution: ResolutionEstimator,
    roster: Roster | None,
) -> tuple[Staffing, dict[str, Agent], list[Text]]:
    """Return the staffing, the agents it names, and notes.

    Agents with too few contacts to be learned stay off an inferred roster; a planner's roster is
    taken whole. A model category has one first team, so an agent also serves the first teams of
    10 % or more of the contacts it handled. A team nobody on the roster serves is given to those
    who handled its contacts, else to everybody.
    """
    plan = staffing.staffing_
    notes: list[Text] = []
    names = {name for day in plan.days for name in day.agents()}
    agents = {name: agent for name, agent in learned.items() if name in names}
    unknown = sorted(names - set(agents))
    if unknown and (roster is not None or staffing.grade_ == "measured" or not agents):
        agents |= _newcomers(desk, unknown, roster)
        notes.append(
            Text(
                f"staffing: {len(unknown)} rostered agents have no history of their own",
                f"排班：班表上有 {len(unknown)} 名坐席没有自己的历史",
            )
        )
    elif unknown:
        plan = _without(plan, set(unknown))
        notes.append(
            Text(
                f"staffing: {len(unknown)} agents with a handful of contacts are left off the "
                "roster",
                f"排班：{len(unknown)} 名只有零星联络的坐席不列入班表",
            )
        )
    if roster is not None:
        teams = roster.teams()
        agents = {
            name: agent.model_copy(update={"team": teams.get(name, agent.team)})
            for name, agent in agents.items()
        }
    agents = _helping(desk, agents, resolution)
    agents, uncovered = _covered(desk, agents, resolution)
    notes += [
        Text(
            f"staffing: team {team} has no rostered agent of its own; {count} others serve it",
            f"排班：班组 {team} 没有自己的在班坐席，由另外 {count} 名坐席承接",
        )
        for team, count in uncovered.items()
    ]
    return plan, dict(sorted(agents.items())), notes


def _newcomers(desk: ContactLog, names: list[str], roster: Roster | None) -> dict[str, Agent]:
    frame = desk.frame
    named = frame["agent"].notna()
    usual = most_usual(frame.loc[named, "agent"], frame.loc[named, "team"])
    if desk.staffed is not None and len(desk.staffed):
        spells = desk.staffed.dropna(subset=["agent", "team"])
        usual = most_usual(spells["agent"], spells["team"]) | usual
    if roster is not None:
        usual |= roster.teams()
    main = str(frame["team"].value_counts().index[0])
    return {name: Agent(team=usual.get(name, main)) for name in names}


def _without(plan: Staffing, names: set[str]) -> Staffing:
    days = []
    for day in plan.days:
        on = {s: tuple(n for n in who if n not in names) for s, who in day.on.items()}
        worked = {name: hours for name, hours in day.worked.items() if name not in names}
        on = {shift: who for shift, who in on.items() if who}
        days.append(day.model_copy(update={"on": on, "worked": worked}))
    used = {shift for day in days for shift in day.on}
    shifts = {name: windows for name, windows in plan.shifts.items() if name in used}
    return plan.model_copy(update={"days": tuple(days), "shifts": shifts})


def _helping(
    desk: ContactLog, agents: dict[str, Agent], resolution: ResolutionEstimator
) -> dict[str, Agent]:
    """Return the agents serving the first teams of the contacts they took without a transfer."""
    frame = desk.frame
    rows = frame[frame["agent"].isin(agents) & (frame["transfers"].fillna(0) == 0)]
    table = pd.DataFrame({"agent": rows["agent"], "team": rows["category"].map(resolution.teams_)})
    share = table.value_counts(["agent", "team"])
    share = share / share.groupby("agent").transform("sum")
    out = dict(agents)
    for name, team, value in share.reset_index().itertuples(index=False):
        agent = out[name]
        if value >= HELPS and team not in (agent.team, *agent.serves):
            out[name] = agent.model_copy(update={"serves": (*agent.serves, team)})
    return out


def _covered(
    desk: ContactLog, agents: dict[str, Agent], resolution: ResolutionEstimator
) -> tuple[dict[str, Agent], dict[str, int]]:
    """Return agents such that somebody serves every team that contacts come to."""
    needed = set(resolution.teams_.values())
    needed |= {team for team in resolution.transfer_to_.values() if team is not None}
    out, given = dict(agents), {}
    for team in sorted(needed):
        if any(team in (agent.team, *agent.serves) for agent in out.values()):
            continue
        frame = desk.frame
        about = (frame["team"] == team) | (frame["category"].map(resolution.teams_) == team)
        helpers = set(frame.loc[about, "agent"].dropna()) & set(out) or set(out)
        for name in helpers:
            agent = out[name]
            out[name] = agent.model_copy(update={"serves": (*agent.serves, team)})
        given[team] = len(helpers)
    return out, given
