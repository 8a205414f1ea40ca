"""Who is on when in one replication: roster days, absences, meetings, people who come and go."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.engine import draws, rules
from svcsim.engine.demand import Horizon
from svcsim.engine.plain import PlainDesk, median
from svcsim.engine.turnover import Tenure, absent_days, holder, tenures
from svcsim.model.staffing import RosterDay, Staffing
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
    away: dict[tuple[int, int], set[date]] = {}
    steady = _steady(places)
    everybody = steady and desk.presence >= 1.0 and desk.people.spells <= 0
    duties: dict[int, NDArray[np.int64]] = {}
    out: list[NDArray[np.int64]] = [np.zeros((0, 4), dtype=np.int64)]
    for number, day in enumerate(horizon.local_days()):
        choices = by_weekday[WEEKDAYS[day.weekday()]]
        if not choices:
            continue
        chosen = choices[0]
        if len(choices) > 1:
            u = draws.uniform(seed, replication, number, 0, 0, draws.DAY_ROSTER)
            same = [recorded for recorded in choices if recorded.label == day.isoformat()]
            chosen = same[0] if same else choices[int(u * len(choices))]
        if id(chosen) not in duties:
            duties[id(chosen)] = _duty(staffing, chosen, index, copies, gone)
        rows = duties[id(chosen)]
        if not everybody:
            root = rows[:, 2]
            who, generation = root, np.zeros_like(root)
            if not steady:
                who, generation = _holders(places, root, day)
            here = who >= 0
            if desk.presence < 1.0:
                u = draws.uniform(seed, replication, number, root + 1, generation, draws.PRESENCE)
                here &= rules.is_present(desk.presence, u)
            if desk.people.spells > 0:
                for i in np.flatnonzero(here).tolist():
                    person = int(root[i]), int(generation[i])
                    if person not in away:
                        away[person] = absent_days(desk, *person, horizon, seed, replication)
                    here[i] = day not in away[person]
            rows = np.column_stack([rows[:, :2], who])[here]
        if staffing.meetings:
            rows = _without_meetings(desk, day, rows)
        out.append(np.column_stack([rows, np.full(len(rows), number)]))
    windows = _instants(np.concatenate(out), horizon, desk)
    return desk, _joined(windows), hired


def _steady(places: list[list[Tenure]]) -> bool:
    """Return whether nobody comes or goes."""
    return all(
        len(place) == 1 and place[0].first == date.min and place[0].until == date.max
        for place in places
    )


def _duty(
    staffing: Staffing,
    day: RosterDay,
    index: dict[str, int],
    copies: dict[str, list[str]],
    gone: set[str],
) -> NDArray[np.int64]:
    """Return (begin, end, place) of a roster day in minutes; added agents do as those they copy."""
    rows = [
        (begin, end, index[name])
        for like, windows in staffing.duty(day)
        for name in (like, *copies.get(like, ()))
        if name not in gone
        for begin, end in windows
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _holders(
    places: list[list[Tenure]], root: NDArray[np.int64], day: date
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who holds each place on a day (-1: nobody) and of which generation they are."""
    people = [holder(places[place], day) for place in root.tolist()]
    who = np.array([-1 if person is None else person.who for person in people], dtype=np.int64)
    generation = [0 if person is None else person.generation for person in people]
    return who, np.array(generation, dtype=np.int64)


def _without_meetings(desk: PlainDesk, day: date, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return windows (begin, end in minutes of the day, agent) without the day's meetings."""
    for meeting in desk.model.staffing.meetings:
        if meeting.weekday != WEEKDAYS[day.weekday()]:
            continue
        start, end = minutes_of_day(meeting.from_), minutes_of_day(meeting.to)
        everybody = not (meeting.agents or meeting.teams)
        invited = np.array([
            everybody or desk.agents[who] in meeting.agents
            or desk.teams[desk.agent_team[who]] in meeting.teams
            for who in rows[:, 2].tolist()
        ], dtype=np.bool_)  # fmt: skip
        cut, others = rows[invited], rows[~invited]
        before, after = cut.copy(), cut.copy()
        before[:, 1], after[:, 0] = np.minimum(cut[:, 1], start), np.maximum(cut[:, 0], end)
        rows = np.concatenate([others, before, after])
        rows = rows[rows[:, 0] < rows[:, 1]]
    return rows


def _instants(rows: NDArray[np.int64], horizon: Horizon, desk: PlainDesk) -> NDArray[np.int64]:
    """Return windows (begin, end in minutes of the day, agent, day) in epoch seconds on the grid.

    The day is its number in the horizon.
    """
    zone, tick, days = desk.model.timezone, desk.demand.tick, horizon.local_days()
    firsts = [midnight(day, zone) for day in (*days, days[-1] + timedelta(days=1))]
    first = np.array(firsts, dtype=np.int64)
    times = first[rows[:, 3], None] + 60 * rows[:, :2]
    for odd in np.flatnonzero(np.diff(first) != 86400):  # clocks change on this day
        for i in np.flatnonzero(rows[:, 3] == odd).tolist():
            times[i] = [_at(days[odd], minutes, zone) for minutes in rows[i, :2].tolist()]
    return np.column_stack([times // tick * tick, rows[:, 2]])


def _at(day: date, minutes: int, timezone: str) -> int:
    """Return the epoch second at which the local clock shows so many minutes of a day."""
    on = day + timedelta(days=minutes // 1440)
    local = datetime.combine(on, time(minutes // 60 % 24, minutes % 60), ZoneInfo(timezone))
    return int(local.timestamp())


def _joined(every: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join windows of one agent that overlap or touch, so that no second is staffed twice.

    The rows are in order of (start, end, agent).
    """
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
    middle = median([hours.get(a, 0.0) for a in members]) if members else 0.0
    return sorted(members, key=lambda a: (abs(hours.get(a, 0.0) - middle), a))
