"""Who is on when: the roster if there is one, else hours inferred from what agents did."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.estimator import Estimator, most_usual
from svcsim.calibration.groups import channel_modes, live_rows
from svcsim.calibration.hours import InferredHours, nobody
from svcsim.calibration.offqueue import OffQueue, Spans, off_queue
from svcsim.calibration.pace import CAPACITY, capacity_spread, spread_of
from svcsim.calibration.presence import AWAY, Activity, activity_of
from svcsim.calibration.roster import Roster
from svcsim.calibration.templates import Windows
from svcsim.calibration.workdays import (
    of_roster,
    of_spells,
    recorded_days,
    roster_day,
    rostered_spans,
    whole_days,
)
from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Factor, Grade, Share
from svcsim.model.staffing import RosterDay, Staffing
from svcsim.text import Text
from svcsim.units import format_duration, spoken_duration

FINE_STAMPS = 0.5
"""Share of answered contacts not on a full minute, for waits to count as exact."""


class StaffingEstimator(Estimator):
    """Learn `Staffing`: recorded days, on shift templates or as worked, and time off the queue.

    Parameters
    ----------
    roster : Roster or None
        A planner's roster; it overrides what the log shows.

    Attributes
    ----------
    staffing_ : Staffing
    source_ : Text
        Where the hours came from: roster file, recorded staffing, or what was inferred.
    grade_ : str
        measured (a roster or recorded spells) or proxy (inferred).
    agent_days_ : DataFrame
        ``agent, day, start, end, shift``: the agent-days behind the roster (without ``shift``,
        and several rows a day, where the hours are those worked).
    unavailable_ : float
        Share of rostered time off the queue while customers wait; NaN when not learned.
    """

    def __init__(self, roster: Roster | None = None) -> None:
        super().__init__()
        self.roster = roster

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log``.

        Raises
        ------
        InputError
            When there is neither a roster nor any stamp with an agent's name.
        """
        live = live_rows(log.frame, channel_modes(log))
        activity = activity_of(log, live)
        self.unavailable_ = float("nan")
        self.grade_: Grade = "measured"
        if self.roster is not None:
            self.source_ = Text.same(self.roster.source)
            self.agent_days_, shifts = of_roster(self.roster)
        elif log.staffed is not None and len(log.staffed):
            self.source_ = Text("staffed spells in the log", "数据中的在岗时段")
            self.agent_days_, shifts = of_spells(log)
        else:
            self.grade_ = "proxy"
            # whoever also works tickets leaves gaps between calls that are no absences
            calls = bool(live.mean() > 0.5) and (activity.exact or bool(live.all()))
            hours = InferredHours().fit(log, activity, calls)
            self.agent_days_, shifts, self.source_ = hours.days_, hours.shifts_, hours.source_
            self.notes_ += hours.notes_
        days = self._days(log)
        if not any(day.agents() for day in days):
            raise nobody(log)
        used = {shift for day in days for shift in day.on}
        off = self._off_queue(log, activity, live, shifts)
        self.staffing_ = Staffing(
            shifts={name: windows for name, windows in shifts.items() if name in used},
            days=tuple(days),
            presence=Share(value=1.0, grade=self.grade_, how=self._presence()),
            off_share=off.share if off else _no_time_off(),
            off_time=off.time if off else None,
            slowdown=Factor(value=1.0, grade="assumed", how="not tuned yet"),
            capacity_cv=self._capacity_cv(log),
        )
        return self

    def _days(self, log: ContactLog) -> list[RosterDay]:
        table = self.agent_days_
        if self.roster is not None and self.roster.weekly:
            return [
                roster_day(WEEKDAYS[i], "", table[table["weekday"] == i])
                for i in range(7)
                if (table["weekday"] == i).any()
            ]
        days, left_out = recorded_days(table, log, self.roster is not None)
        if left_out:
            self.notes_.append(
                Text(
                    "staffing: days with holes in the records are not replayed: "
                    + ", ".join(left_out[:8])
                    + (f" and {len(left_out) - 8} more" if len(left_out) > 8 else ""),
                    "排班：记录有缺口的日子不作回放："
                    + "、".join(left_out[:8])
                    + (f" 等 {len(left_out)} 天" if len(left_out) > 8 else ""),
                )
            )
        return days

    def _capacity_cv(self, log: ContactLog) -> Factor:
        """Return how much agent hours differ between weeks (a weekly roster does not tell)."""
        table = self.agent_days_
        if "day" not in table:
            return spread_of(np.zeros(0), 0.0, CAPACITY, "agent hours")
        days = table[whole_days(pd.DatetimeIndex(table["day"]), log)]
        hours = ((days["end"] - days["start"]) / 60.0).groupby(days["day"]).sum()
        return capacity_spread(pd.DatetimeIndex(hours.index), hours.to_numpy(dtype=float))

    def _off_queue(
        self,
        log: ContactLog,
        activity: Activity,
        live: NDArray[np.bool_],
        shifts: dict[str, Windows],
    ) -> OffQueue | None:
        """Return the time off the queue where waits are exact and rostered days are dated."""
        if not _exact_waits(log.frame[live]) or not activity.exact:
            return None
        if self.roster is not None and self.roster.weekly:
            return None
        team = most_usual(
            log.frame["agent"].dropna(), log.frame.loc[log.frame["agent"].notna(), "team"]
        )
        waits = _waits(log.frame[live])
        staffed = rostered_spans(self.agent_days_, shifts, team, log.timezone)
        touches = activity.touches
        services = Spans(
            touches["agent"].map(team).fillna("").to_numpy(dtype=str),
            touches["start_s"].to_numpy(),
            touches["end_s"].to_numpy(),
            touches["agent"].to_numpy(dtype=str),
        )
        longest = AWAY if "shift" not in self.agent_days_ else np.inf
        off = off_queue(waits, staffed, services, longest)
        if off is None:
            self.notes_.append(
                Text(
                    "staffing: too few customers waited to learn time off the queue; none is "
                    "assumed",
                    "排班：排队等待的客户太少，推不出坐席离队（小休、示忙）时间，按没有处理",
                )
            )
            return None
        self.unavailable_ = off.unavailable
        if off.time is None:
            return off
        self.notes_.append(
            Text(
                "staffing: after {share} of the services that ended while customers waited, the "
                "agent was off the queue for {time} on average; {unavailable} of the rostered "
                "time while customers waited was not spent serving",
                "排班：有客户排队时结束的服务中，{share} 之后坐席离队（小休、示忙），平均 {time}；"
                "有客户排队的排班时间里，{unavailable} 不在接待客户",
            ).fill(
                share=f"{off.share.value:.0%}",
                time=spoken_duration(format_duration(off.time.mean.value, 2)),
                unavailable=f"{off.unavailable:.0%}",
            )
        )
        return off

    def _presence(self) -> str:
        if self.roster is not None and self.roster.weekly:
            return "the weekly roster is taken as worked in full"
        return "recorded days are replayed, absences included"


def _no_time_off() -> Share:
    return Share(value=0.0, grade="assumed", how="no exact waits to learn time off the queue from")


def _exact_waits(frame: pd.DataFrame) -> bool:
    served = frame[frame["first_response_s"].notna()]
    if len(served) == 0 or float(served["wait_s"].notna().mean()) < FINE_STAMPS:
        return False
    return float((served["first_response_s"] % 60 != 0).mean()) > FINE_STAMPS


def _waits(frame: pd.DataFrame) -> Spans:
    """Return when contacts waited, and for whom.

    One that left, or was passed on (its team is that of the last agent), counts for the usual
    team of its category.
    """
    stayed = frame["agent"].notna() & ~(frame["transfers"] > 0)
    usual = most_usual(frame.loc[stayed, "category"], frame.loc[stayed, "team"])
    team = frame["team"].where(stayed, frame["category"].map(usual).fillna(frame["team"]))
    end = frame["first_response_s"].where(frame["abandoned_s"].isna(), frame["abandoned_s"])
    known = (frame["queued_s"].notna() & end.notna()).to_numpy()
    return Spans(
        team[known].to_numpy(dtype=str),
        frame["queued_s"][known].to_numpy(),
        end[known].to_numpy(),
    )
