"""Who is on when in one replication: roster days, absences, meetings, people who come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws, rules
from svcsim.engine.demand import Horizon
from svcsim.engine.plain import PlainDesk
from svcsim.engine.turnover import absent_days, holder, tenures
from svcsim.model.demand import WEEKDAYS
from svcsim.model.staffing import RosterDay
from svcsim.model.times import minutes_of_day


def with_extra(desk: PlainDesk) -> tuple[PlainDesk, dict[str, list[str]], set[str]]:
    """Return the desk with the agents that ``staffing.extra`` adds, who copies whom, who is gone.

    An added agent works the shifts of an agent whose rostered time is closest to the team's
    median, at the team's median speed and quality; a negative number takes such agents away.
    """
    extra = desk.model.staffing.extra
    copies: dict[str, list[str]] = {}
    gone: set[str] = set()
    new: list[tuple[str, int]] = []
    for team, number in extra.items():
        order = _typical(desk, desk.teams.index(team))
        if number < 0:
            gone |= set(order[:-number])
        for i in range(max(number, 0)):
            like = order[i % len(order)]
            name = f"+{team} {i + 1}"
            copies.setdefault(like, []).append(name)
            new.append((name, desk.agents.index(like)))
    return desk.with_agents(new), copies, gone


def shifts(
    desk: PlainDesk, horizon: Horizon, seed: int, replication: int
) -> tuple[PlainDesk, NDArray[np.int64], list[float]]:
    """Return the desk (with added agents), staffed windows ``[start_s, end_s, agent]``, and hires.

    Each local day takes one recorded (or weekly) roster day of its weekday, drawn by the day; a
    day that was itself recorded (history replayed) takes its own. Meetings are cut out of the
    windows, and windows lie on the grid of the desk's clock. The last list is the instant (epoch
    s) at which each agent was hired, -inf for long ago.
    """
    desk, copies, gone = with_extra(desk)
    index = {name: i for i, name in enumerate(desk.agents)}
    desk, places, hired = tenures(desk, horizon, seed, replication)
    staffing = desk.model.staffing
    by_weekday: dict[str, list[RosterDay]] = {day: [] for day in WEEKDAYS}
    for recorded in staffing.days:
        by_weekday[recorded.weekday].append(recorded)
    zone, tick = ZoneInfo(desk.model.timezone), desk.demand.tick
    away: dict[tuple[int, int], set[date]] = {}
    out: list[tuple[int, int, int]] = []
    for number, day in enumerate(horizon.local_days()):
        choices = by_weekday[WEEKDAYS[day.weekday()]]
        if not choices:
            continue
        chosen = choices[0]
        if len(choices) > 1:
            u = draws.uniform(seed, replication, number, 0, 0, draws.DAY_ROSTER)
            same = [recorded for recorded in choices if recorded.label == day.isoformat()]
            chosen = same[0] if same else choices[int(u * len(choices))]
        instant = _instants(day, zone, tick)
        for like, windows in staffing.duty(chosen):
            for name in (like, *copies.get(like, ())):
                root = index[name]
                person = None if name in gone else holder(places[root], day)
                if person is None:
                    continue
                who = (root, person.generation)
                if who not in away:
                    away[who] = absent_days(desk, *who, horizon, seed, replication)
                u = 0.0
                if desk.presence < 1.0:
                    u = draws.uniform(
                        seed, replication, number, root + 1, person.generation, draws.PRESENCE
                    )
                if day not in away[who] and rules.is_present(desk.presence, u):
                    cut = _without_meetings(desk, person.who, day, windows)
                    out += [(instant(a), instant(b), person.who) for a, b in cut]
    return desk, _joined(out), hired


def _without_meetings(
    desk: PlainDesk, who: int, day: date, windows: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Return windows (minutes of the day) without the agent's meetings of that weekday."""
    for meeting in desk.model.staffing.meetings:
        named = desk.agents[who] in meeting.agents
        invited = desk.teams[desk.agent_team[who]] in meeting.teams
        if meeting.weekday == WEEKDAYS[day.weekday()] and (
            named or invited or not (meeting.agents or meeting.teams)
        ):
            start, end = minutes_of_day(meeting.from_), minutes_of_day(meeting.to)
            pieces = [((a, min(b, start)), (max(a, end), b)) for a, b in windows]
            windows = tuple(piece for pair in pieces for piece in pair if piece[0] < piece[1])
    return windows


def _instants(day: date, zone: ZoneInfo, tick: int) -> Callable[[int], int]:
    """Return what turns minutes of a local day into epoch seconds on the grid."""
    first, following = (
        int(datetime.combine(at, time(), zone).timestamp()) for at in (day, day + timedelta(days=1))
    )
    if following - first == 86400:
        return lambda minutes: (first + 60 * minutes) // tick * tick

    def instant(minutes: int) -> int:  # clocks change on this day
        at = day + timedelta(days=minutes // 1440)
        local = datetime.combine(at, time(minutes // 60 % 24, minutes % 60), zone)
        return int(local.timestamp()) // tick * tick

    return instant


def _joined(windows: list[tuple[int, int, int]]) -> NDArray[np.int64]:
    """Join windows of one agent that overlap or touch, so that no second is staffed twice.

    The rows are in order of (start, end, agent).
    """
    every = np.array(windows, dtype=np.int64).reshape(-1, 3)
    every = every[every[:, 0] < every[:, 1]]
    begin, end, who = every[np.lexsort((every[:, 1], every[:, 0], every[:, 2]))].T
    if not len(who):
        return every
    # the latest end of an agent's windows so far; agents are kept apart by a span of their own
    span = int(end.max()) + 1
    reach = np.maximum.accumulate(end + who * span) - who * span
    first = np.ones(len(who), dtype=np.bool_)
    first[1:] = (who[1:] != who[:-1]) | (begin[1:] > reach[:-1])
    last = np.append(first[1:], True)
    out = np.column_stack([begin[first], reach[last], who[first]])
    return np.asarray(out[np.lexsort((out[:, 2], out[:, 1], out[:, 0]))])


def _typical(desk: PlainDesk, team: int) -> list[str]:
    """Return the team's agents, those with rostered time closest to the median first."""
    hours = desk.model.staffing.hours_per_week()
    members = [a for a, t in zip(desk.agents, desk.agent_team, strict=True) if t == team]
    middle = _median([hours.get(a, 0.0) for a in members]) if members else 0.0
    return sorted(members, key=lambda a: (abs(hours.get(a, 0.0) - middle), a))


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])
