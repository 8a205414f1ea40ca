"""What moves a roster: meetings, people who leave and are replaced, long absences, learning."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator

from svcsim.calendar.days import WEEKDAYS
from svcsim.errors import unknown_name
from svcsim.model.duration import Duration
from svcsim.model.quantity import Factor, Share, Time
from svcsim.model.times import minutes_of_day
from svcsim.spec import Spec


class Meeting(Spec):
    """Local time that is cut out of shifts each week; without teams and agents, out of all."""

    model_config = ConfigDict(**{**Spec.model_config, "populate_by_name": True})

    weekday: str
    """mon ... sun."""
    from_: str = Field(alias="from")
    """Local time, ``HH:MM``."""
    to: str
    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Meeting:
        if self.weekday not in WEEKDAYS:
            message = f"'{self.weekday}' is not a weekday; write one of {', '.join(WEEKDAYS)}"
            raise ValueError(message)
        if minutes_of_day(self.from_) >= minutes_of_day(self.to):
            message = f"a meeting from {self.from_} to {self.to} must end later than it starts"
            raise ValueError(message)
        return self


class Attrition(Spec):
    """Agents leave at a constant rate, ``per_year`` of them in a year; each may be replaced."""

    per_year: Share
    """Share of agents who leave within a year."""
    replaced_after: Duration | None = None
    """Time until a new hire takes over the shifts; absent: nobody does."""

    @model_validator(mode="after")
    def _some_stay(self) -> Attrition:
        if self.per_year.value >= 1:
            message = "per_year is 100%: nobody would be left; write less than 100%"
            raise ValueError(message)
        return self


class Absence(Spec):
    """Spells of absence (illness, leave) besides single days, independent between agents."""

    per_year: Factor
    """Spells of an agent that begin in a year."""
    days: Factor
    """Mean length in calendar days, 1 or more (geometric)."""

    @model_validator(mode="after")
    def _possible(self) -> Absence:
        if self.days.value < 1:
            message = f"days is {self.days.value:g}; a spell is a day or longer"
            raise ValueError(message)
        if self.per_year.value > 365:
            message = f"per_year is {self.per_year.value:g}; at most one spell begins each day"
            raise ValueError(message)
        return self


class Learning(Spec):
    """A new hire works at ``start`` of the own speed and comes up to it exponentially."""

    start: Share
    time: Time
    """After this time the gap has shrunk to 37 % (a factor e)."""

    @model_validator(mode="after")
    def _some_work(self) -> Learning:
        if self.start.value < 0.01:
            message = f"start is {self.start.show(self.start.value)}; write 1% or more"
            raise ValueError(message)
        return self


def staffing_problems(model: Any) -> list[str]:
    """Return what is wrong between the meetings of a roster and the desk.

    A meeting is told by its day and time: its number in the baseline is not the one in a scenario.
    """
    problems = []
    for meeting in model.staffing.meetings:
        at = f"staffing.meetings ({meeting.weekday} {meeting.from_}-{meeting.to})"
        for part, known in (("teams", model.teams), ("agents", model.agents)):
            problems += [
                unknown_name(f"{at}.{part}", name, known)
                for name in getattr(meeting, part)
                if name not in known
            ]
    return problems


def roster_problems(model: Any) -> list[str]:
    """Return the names in the roster days that the desk lacks: each once, where it stands first."""
    places: dict[tuple[str, str], list[str]] = {}
    known = {"weekday": WEEKDAYS, "shift": model.staffing.shifts, "agent": model.agents}
    for number, day in enumerate(model.staffing.days, 1):
        at = f"staffing.days (entry {number})"
        found = [("weekday", day.weekday, f"{at}.weekday")]
        for shift, names in day.on.items():
            found.append(("shift", shift, f"{at}.on.{shift}"))
            found += [
                ("agent", name, f"{at}.on.{shift} (entry {i})") for i, name in enumerate(names, 1)
            ]
        found += [("agent", name, f"{at}.worked.{name}") for name in day.worked]
        for kind, name, place in found:
            if name not in known[kind]:
                places.setdefault((kind, name), []).append(place)
    problems = []
    for (kind, name), where in places.items():
        more = f" (and {len(where) - 1} more places)" if len(where) > 1 else ""
        problems.append(unknown_name(f"{where[0]}{more}", name, known[kind]))
    return problems
