"""Who is on when: the roster if there is one, else hours inferred from what agents did."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.calendars import calendar_days, refined, rich_enough
from svcsim.calibration.estimator import (
    Estimator,
    handlings_of,
    local_days,
    local_time,
    most_usual,
)
from svcsim.calibration.groups import channel_modes, live_rows
from svcsim.calibration.offqueue import OffQueue, Spans, off_queue
from svcsim.calibration.presence import (
    AWAY,
    LIVE_GAP,
    TICKET_GAP,
    Activity,
    activity_of,
    by_local_day,
    fuller_hours,
    is_stray,
    mean_idle,
    spells_of,
    without,
)
from svcsim.calibration.roster import Roster
from svcsim.calibration.templates import Templates, Windows, templates_of
from svcsim.calibration.workdays import (
    disjoint,
    inside,
    of_roster,
    of_spells,
    recorded_days,
    roster_day,
    rostered_spans,
    without_overlap,
)
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.model.demand import WEEKDAYS
from svcsim.model.quantity import Factor, Grade, Share
from svcsim.model.staffing import RosterDay, Staffing
from svcsim.text import Text
from svcsim.units import format_duration

MOST_EDGE = 10.0
"""Minutes added at most on each side of a spell for the idle time that nobody sees."""
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
            self.agent_days_, shifts = self._infer(log, activity, bool(live.mean() > 0.5))
        days = self._days(log)
        if not any(day.agents() for day in days):
            raise _nobody(log)
        used = {shift for day in days for shift in day.on}
        off = self._off_queue(log, activity, live, shifts)
        self.staffing_ = Staffing(
            shifts={name: windows for name, windows in shifts.items() if name in used},
            days=tuple(days),
            presence=Share(value=1.0, grade=self.grade_, how=self._presence()),
            off_share=off.share if off else _no_time_off(),
            off_time=off.time if off else None,
            slowdown=Factor(value=1.0, grade="assumed", how="not tuned yet"),
        )
        return self

    def _infer(
        self, log: ContactLog, activity: Activity, live: bool
    ) -> tuple[pd.DataFrame, dict[str, Windows]]:
        spells = spells_of(activity, LIVE_GAP if live else TICKET_GAP)
        stray = is_stray(spells)
        if stray.any():
            self.notes_.append(
                Text(
                    f"staffing: {int(stray.sum())} of {len(spells)} spells of agents with one or "
                    "two touches, unusual for them, are left out as passers-by",
                    f"排班：{len(spells)} 个工作时段中有 {int(stray.sum())} 个只有一两次操作、"
                    "且与该坐席平时不符，视为顺手处理而剔除",
                )
            )
        if stray.all():
            raise _nobody(log)
        if live and activity.exact:
            return self._worked(log, without(activity, spells[stray]))
        spells = spells[~stray].reset_index(drop=True)
        days = inside(by_local_day(spells, log.timezone), log)
        if live:
            self.source_ = Text(
                "first to last of {seen}, idle times up to 2 h included",
                "每天首末一次{seen}之间的时段（含 2 小时以内的空闲）",
            ).fill(seen=activity.source)
            days = _widened(days, min(mean_idle(activity, LIVE_GAP) / 60.0, MOST_EDGE))
        else:
            days = self._ticket_hours(log, activity, days)
        days = disjoint(days)
        templates = templates_of(days)
        days["shift"] = templates.of
        self._check(days, templates)
        return without_overlap(days, templates.shifts), templates.shifts

    def _worked(
        self, log: ContactLog, activity: Activity
    ) -> tuple[pd.DataFrame, dict[str, Windows]]:
        """Return the hours of every agent-day as worked: away after ten minutes without work.

        Who is away when follows the load of the day and the colleagues: breaks at random times
        would empty the desk more often than people do. Shorter idle times are part of the work.
        """
        self.source_ = Text(
            "{seen}, split at {away:.0f} min without work",
            "{seen}，超过 {away:.0f} 分钟没有工作即断开",
        ).fill(seen=activity.source, away=AWAY / 60)
        days = _widened(
            inside(by_local_day(spells_of(activity, AWAY), log.timezone), log),
            mean_idle(activity, AWAY) / 60.0,
        )
        days = disjoint(days)
        hours = float((days["end"] - days["start"]).sum()) / 60.0
        number = len(days.drop_duplicates(["agent", "day"]))
        self.notes_.append(
            Text(
                "staffing: hours of {number} agent-days as worked ({source}): {hours:.1f} h a day "
                "on average",
                "排班：{number} 个人日按实际工作的时段计（{source}），平均每天 {hours:.1f} 小时",
            ).fill(number=number, source=self.source_, hours=hours / max(number, 1))
        )
        return days, {}

    def _ticket_hours(
        self, log: ContactLog, activity: Activity, days: pd.DataFrame
    ) -> pd.DataFrame:
        """Return agent-days with hours from calendars where they can be learned, else widened."""
        stamps = activity.touches
        at = local_time(stamps["end_s"], log.timezone).tz_localize(None)
        rich = rich_enough(at, stamps["agent"], (log.end - log.start) / 604800.0)
        first = local_days(np.array([log.start]), log.timezone)[0]
        span = int(np.ceil((log.end - log.start) / 86400.0))
        table = inside(calendar_days(at[rich], stamps.loc[rich, "agent"], first, span), log)
        table = refined(table, at[rich], stamps.loc[rich, "agent"], _spill(log.frame, table))
        agents = set(table["agent"])
        rest = days[~days["agent"].isin(agents)]
        parts = [table] if agents else []
        if len(rest):
            parts.append(fuller_hours(rest, stamps, log.timezone))
            self.source_ = Text(
                "first to last of {seen} of a day, widened for few stamps",
                "每天首末一次{seen}之间的时段（记录稀少时放宽）",
            ).fill(seen=activity.source)
            self.notes_.append(
                Text(
                    f"staffing: hours of {rest['agent'].nunique()} agents run from the first to "
                    "the last stamp of a day, widened where stamps are few: too few stamps, or no "
                    "weekly pattern, for a calendar",
                    f"排班：{rest['agent'].nunique()} 名坐席的时间戳太少或没有每周规律，推不出"
                    "班历；其工时取当天首末时间戳之间，记录稀少时放宽",
                )
            )
        if agents:
            self.source_ = Text("weekly calendars from {seen}", "由{seen}推出的每周班历").fill(
                seen=activity.source
            )
            self.notes_.append(
                Text(
                    f"staffing: hours of {len(agents)} agents come from weekly calendars "
                    "(two-rate mixture of active and idle hours), on the dates they were seen",
                    f"排班：{len(agents)} 名坐席的工时来自每周班历（活跃与空闲两种频率的混合），"
                    "只计其出现过的日期",
                )
            )
        return pd.concat(parts, ignore_index=True) if parts else days

    def _check(self, days: pd.DataFrame, templates: Templates) -> None:
        breaks = (days["idle_end"] - days["idle_start"]).where(days["known"]).fillna(0.0)
        seen = float((days["end"] - days["start"] - breaks).sum()) / 60.0
        carried = float(templates.hours().sum())
        self.notes_.append(
            Text(
                "staffing: inferred from {source}; {n} shift templates carry {share} of the "
                "inferred agent hours",
                "排班：来源为{source}；{n} 个班次模板覆盖推断工时的 {share}",
            ).fill(
                source=self.source_,
                n=len(templates.shifts),
                share=f"{carried / max(seen, 1e-9):.1%}",
            )
        )

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
        )
        longest = AWAY if "shift" not in self.agent_days_ else np.inf
        agent = touches["agent"].to_numpy(dtype=str)
        off = off_queue(waits, staffed, services, agent, longest)
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
        self.notes_.append(
            Text(
                "staffing: after {share} of the services that ended while customers waited, the "
                "agent was off the queue for {time} on average; {unavailable} of the rostered "
                "time while customers waited was not spent serving",
                "排班：有客户排队时结束的服务中，{share} 之后坐席离队（小休、示忙），平均 {time}；"
                "有客户排队的排班时间里，{unavailable} 不在接待客户",
            ).fill(
                share=f"{off.share.value:.0%}",
                time=format_duration(off.time.mean.value, 2),
                unavailable=f"{off.unavailable:.0%}",
            )
        )
        return off

    def _presence(self) -> str:
        if self.roster is not None and self.roster.weekly:
            return "the weekly roster is taken as worked in full"
        return "recorded days are replayed, absences included"


def _widened(days: pd.DataFrame, edge: float) -> pd.DataFrame:
    """Return agent-days ``edge`` minutes longer on both sides.

    Somebody ready to serve is idle before the first service and after the last one, about as long
    as between two.
    """
    start, end = (days["start"] - edge).clip(lower=0.0), (days["end"] + edge).clip(upper=1440.0)
    return days.assign(start=start, end=end)


def _spill(frame: pd.DataFrame, days: pd.DataFrame) -> float:
    """Return minutes by which handlings outlast a shift: mean handling x share of time busy."""
    seconds = frame["handle_s"].where(frame["agent"].notna())
    times = handlings_of(frame).where(seconds.notna())
    hours = float((days["end"] - days["start"]).sum()) / 60.0
    if not float(seconds.sum()) > 0 or hours <= 0:
        return 0.0
    busy = min(float(seconds.sum()) / 3600.0 / hours, 1.0)
    return min(float(seconds.sum() / times.sum()) / 60.0, 60.0) * busy


def _nobody(log: ContactLog) -> InputError:
    return InputError(
        Finding(
            log.name,
            "no agent can be placed on any day",
            "stamps with agents' names, staffed spells, or a roster",
            "give the roster: --roster FILE (agent, team, date or weekday, start, end)",
        )
    )


def _no_time_off() -> Share:
    return Share(value=0.0, grade="assumed", how="no exact waits to learn time off the queue from")


def _exact_waits(frame: pd.DataFrame) -> bool:
    served = frame[frame["first_response_s"].notna()]
    if len(served) == 0 or float(served["wait_s"].notna().mean()) < FINE_STAMPS:
        return False
    return float((served["first_response_s"] % 60 != 0).mean()) > FINE_STAMPS


def _waits(frame: pd.DataFrame) -> Spans:
    """Return when contacts waited; one that left counts for the usual team of its category."""
    served = frame["agent"].notna()
    usual = most_usual(frame.loc[served, "category"], frame.loc[served, "team"])
    team = frame["team"].where(served, frame["category"].map(usual).fillna(frame["team"]))
    end = frame["first_response_s"].where(frame["abandoned_s"].isna(), frame["abandoned_s"])
    known = (frame["queued_s"].notna() & end.notna()).to_numpy()
    return Spans(
        team[known].to_numpy(dtype=str),
        frame["queued_s"][known].to_numpy(),
        end[known].to_numpy(),
    )
