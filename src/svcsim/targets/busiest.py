"""The busiest hour for calls: offered load against agents on duty, and what Erlang C would staff.

A reference, not a forecast: it is as if calls were all that agents do. Where the same agents also
work tickets, a call waits for a running handling, so real waits are longer.
"""

from __future__ import annotations

from typing import Any

from svcsim.calendar.days import WEEKDAYS
from svcsim.model.load import handling_work
from svcsim.model.service import ServiceModel
from svcsim.stats.queueing import erlang_c, mean_wait, servers_for

ANSWERED, WITHIN = 0.8, 20.0
"""The planner's customary service level: 80 % of calls answered within 20 seconds."""


def busiest_hour(model: ServiceModel) -> dict[str, Any] | None:
    """Return the local hour of the week and the team with the largest live load; None without.

    ``calls`` an hour, ``load`` = calls x busy time of one (erlangs), ``agents`` on duty on average
    over the roster days (presence included), ``needed`` agents by Erlang C for 80 % in 20 s, and
    with the whole agents on duty ``p_wait`` and ``wait_s``, the mean wait of all callers (None
    where the load exceeds them).
    """
    team, calls_a_week, hours = max(_live_work(model), key=lambda row: row[1] * row[2])
    if calls_a_week * hours == 0:
        return None
    profile = model.arrivals.profile
    day, hour = max(
        ((day, hour) for day in WEEKDAYS for hour in range(24)),
        key=lambda at: profile[at[0]][at[1]],
    )
    calls, agents = calls_a_week * profile[day][hour], agents_on_duty(model, team, day, hour)
    load = calls * hours
    whole = int(agents + 1e-9)
    enough = whole > load
    return {
        "team": team,
        "weekday": day,
        "hour": hour,
        "calls": round(calls, 2),
        "load": round(load, 3),
        "agents": round(agents, 2),
        "needed": servers_for(calls, 1.0 / hours, WITHIN / 3600.0, ANSWERED),
        "p_wait": round(erlang_c(whole, load), 4) if enough else None,
        "wait_s": round(3600.0 * mean_wait(calls, 1.0 / hours, whole), 1) if enough else None,
    }


def agents_on_duty(model: ServiceModel, team: str, weekday: str, hour: int) -> float:
    """Return the team's agents on duty in an hour, averaged over the roster days of a weekday."""
    staffing = model.staffing
    days = [day for day in staffing.days if day.weekday == weekday]
    first, last = 60 * hour, 60 * hour + 60
    minutes = sum(
        max(0, min(b, last) - max(a, first))
        for day in days
        for name, windows in staffing.duty(day)
        if model.agents[name].team == team
        for a, b in windows
    )
    return minutes / 60.0 / len(days) * staffing.presence.value if days else 0.0


def _live_work(model: ServiceModel) -> list[tuple[str, float, float]]:
    """Return (team, live contacts a week, busy hours of one) for the teams they reach first."""
    out = []
    for team in model.teams:
        calls = busy = 0.0
        for category in model.categories.values():
            if category.team != team:
                continue
            cases = model.arrivals.level.value * category.share.value * model.live_share(category)
            contacts = cases * category.contacts_per_case()
            calls += contacts
            busy += contacts * handling_work(model, category) * model.staffing.busy_factor(team)
        out.append((team, calls, busy / calls if calls else 0.0))
    return out
