"""Who works when: agents, shifts, rosters, breaks, and the factor that ties model to minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator, model_validator

from svcsim.model.duration import Duration
from svcsim.model.people import Absence, Attrition, Learning, Meeting
from svcsim.model.quantity import Effect, Factor, Share
from svcsim.model.times import iso_date as iso_date
from svcsim.model.times import minutes_of_day, minutes_of_spans
from svcsim.spec import Spec

MOST_SHRINKAGE = 0.9


class Agent(Spec):
    """One person. ``speed`` 1.1 = 10 % faster; ``quality`` lowers the logit of coming back."""

    team: str
    serves: tuple[str, ...] = ()
    """Further teams whose contacts the agent takes when the own team's queue is empty."""
    speed: Factor = Factor(value=1.0)
    quality: Effect = Effect(value=0.0)
    take: Factor = Factor(value=1.0)
    """How readily the agent is given work: idle time counts this many times."""
    extra: bool = False
    """Added by a scenario."""
    slots: int = Field(default=1, ge=1, le=20)
    """Live contacts handled at once; a ticket takes the whole agent."""
    tiers: tuple[str, ...] = ()
    """Tiers of difficulty the agent takes, the preferred first; empty: all alike."""
    languages: tuple[str, ...] = ()
    """Languages the agent speaks; empty: all."""
    hired: str | None = None
    """First local day of work (ISO); absent: long before, nothing left to learn."""
    leaves: str | None = None
    """First local day on which the agent no longer works (ISO)."""

    @field_validator("hired", "leaves")
    @classmethod
    def _date(cls, day: str | None) -> str | None:
        return None if day is None else iso_date(day)

    @model_validator(mode="after")
    def _stays(self) -> Agent:
        if self.hired is not None and self.leaves is not None and self.leaves <= self.hired:
            message = f"leaves on {self.leaves}, not after being hired on {self.hired}"
            raise ValueError(message)
        return self


class RosterDay(Spec):
    """Who is on which shift on one kind of day, or on one recorded day."""

    weekday: str
    """mon ... sun."""
    label: str = ""
    """The recorded date, where the roster replays recorded days."""
    on: dict[str, tuple[str, ...]] = {}
    """Shift -> names of the agents who work it."""
    worked: dict[str, str] = {}
    """Agent -> hours of that day, ``08:02-10:31 10:45-12:10``, where no shift describes them."""

    @field_validator("worked")
    @classmethod
    def _hours(cls, worked: dict[str, str]) -> dict[str, str]:
        for text in worked.values():
            minutes_of_spans(text)
        return worked

    def agents(self) -> list[str]:
        """Return everybody who works that day (a name twice where it has two shifts)."""
        return [name for names in self.on.values() for name in names] + list(self.worked)


class Staffing(Spec):
    """The roster: each simulated day takes one of the roster days of its weekday at random."""

    shifts: dict[str, tuple[tuple[str, str], ...]] = {}
    """Name -> windows of local time, as ``[["09:00", "12:00"], ["13:00", "18:00"]]``."""
    days: tuple[RosterDay, ...]
    presence: Share = Share(value=1.0)
    """Probability that a rostered agent comes (absence is drawn per agent and day)."""
    off_share: Share = Share(value=0.0)
    """Probability that an agent takes time off the queue after a handling (break, other work)."""
    off_time: Duration | None = None
    """How long such time off lasts."""
    quiet_share: Share | None = None
    """Probability of time off after a handling that ends while nobody waits whom the agent serves;
    absent: ``off_share``. People rest, write notes and ask each other when the queue is empty."""
    shrinkage: dict[str, Share] = {}
    """Team -> share of the staffed time that goes to other things than contacts (meetings,
    training, breaks that the roster does not show). An agent is busy ``slowdown / (1 - share)``
    times the recorded handling time."""
    slowdown: Factor = Factor(value=1.0)
    """An agent is busy this many times the recorded handling time; tuned so that waits match."""
    week_cv: Factor = Factor(value=0.0)
    """Coefficient of variation of handling times from one week to the next: one lognormal factor
    with mean 1 a week, common to all categories."""
    capacity_cv: Factor = Factor(value=0.0)
    """Coefficient of variation of how long agents are busy per handled minute from one week to the
    next: one lognormal factor with mean 1 a week on ``slowdown``. It stands for people who are
    rostered and not there, and for work that nobody records."""
    at_shift_end: Literal["finish", "hand_back"] = "finish"
    """A ticket still worked on when a window closes is finished, or handed back to the queue."""
    extra: dict[str, int] = {}
    """Team -> agents to add (clones of the team's median roster) or, negative, to take away."""
    meetings: tuple[Meeting, ...] = ()
    """Weekly hours that are cut out of shifts."""
    attrition: Attrition | None = None
    absence: Absence | None = None
    """Spells of absence, besides the single days of ``presence``."""
    learning: Learning | None = None
    """How new hires (`Agent.hired`, replacements) come up to speed."""

    @model_validator(mode="after")
    def _some_time_left(self) -> Staffing:
        for team, share in self.shrinkage.items():
            if share.value > MOST_SHRINKAGE:
                message = f"shrinkage.{team} is {share.show(share.value)}; 90% at most"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _time_off(self) -> Staffing:
        shares = {"off_share": self.off_share, "quiet_share": self.quiet_share}
        for name, share in shares.items():
            if share is not None and share.value > 0 and self.off_time is None:
                message = f"{name} is above 0%, so off_time (how long time off lasts) is needed"
                raise ValueError(message)
        return self

    def busy_factor(self, team: str) -> float:
        """Return busy time of a team's agents per handled minute: slowdown / (1 - shrinkage)."""
        away = self.shrinkage[team].value if team in self.shrinkage else 0.0
        return self.slowdown.value / (1.0 - away)

    def hours_per_week(self) -> dict[str, float]:
        """Return agent -> rostered hours of a week, averaged over the roster days of each weekday.

        Absences, meetings and agents added or taken away (``extra``) are left out.
        """
        out: dict[str, float] = {}
        for weekday in dict.fromkeys(day.weekday for day in self.days):
            days = [day for day in self.days if day.weekday == weekday]
            total: Counter[str] = Counter()
            for day in days:
                for name, windows in self.duty(day):
                    total[name] += sum(b - a for a, b in windows)
            for name, number in total.items():
                out[name] = out.get(name, 0.0) + number / len(days) / 60.0
        return out

    @field_validator("shifts")
    @classmethod
    def _windows(
        cls, shifts: dict[str, tuple[tuple[str, str], ...]]
    ) -> dict[str, tuple[tuple[str, str], ...]]:
        for name, windows in shifts.items():
            last = -1
            for window in windows:
                start, end = (minutes_of_day(text) for text in window)
                if not last <= start < end:
                    message = (
                        f"shift {name}: window {window[0]}-{window[1]} must start after the one "
                        "before and end later than it starts (24:00 is allowed)"
                    )
                    raise ValueError(message)
                last = end
            if not windows:
                message = f"shift {name} never opens; give it at least one window"
                raise ValueError(message)
        return shifts

    def duty(self, day: RosterDay) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
        """Yield (agent, windows in minutes after midnight) of a roster day."""
        for shift, names in day.on.items():
            windows = tuple((minutes_of_day(a), minutes_of_day(b)) for a, b in self.shifts[shift])
            for name in names:
                yield name, windows
        for name, text in day.worked.items():
            yield name, minutes_of_spans(text)
