"""Hours of agents where nobody recorded them: inferred from what they were seen doing."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from svcsim.calibration.calendars import calendar_days, refined, rich_enough
from svcsim.calibration.estimator import (
    handlings_of,
    local_days,
    local_time,
    most_usual,
    team_of,
)
from svcsim.calibration.presence import (
    AWAY,
    LIVE_GAP,
    TICKET_GAP,
    Activity,
    by_local_day,
    fuller_hours,
    is_stray,
    mean_idle,
    spells_of,
    without,
    worked_spells,
)
from svcsim.calibration.templates import Templates, Windows, templates_of
from svcsim.calibration.workdays import disjoint, inside, without_overlap
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.text import Text

MOST_EDGE = 10.0
"""Minutes added at most on each side of a spell for the idle time that nobody sees."""


class InferredHours:
    """Agent-days inferred from activity.

    As worked on a live desk with exact stamps; on others from weekly calendars where agents leave
    enough stamps, else from the first to the last stamp of a day.

    Attributes
    ----------
    days_ : DataFrame
        ``agent, day, start, end`` (minutes after midnight), with ``shift`` where templates sum
        them up; as worked, an agent-day has one row for every stretch of work.
    shifts_ : dict of name to windows
        The templates; empty where the hours are those worked.
    source_ : Text
        What the hours were inferred from.
    notes_ : list of Text
        What a reader of the baseline must know.
    """

    def __init__(self) -> None:
        self.notes_: list[Text] = []

    def fit(self, log: ContactLog, activity: Activity, live: bool) -> Self:
        """Learn from what agents did; ``live`` says whether most contacts are.

        Raises
        ------
        InputError
            When no agent can be placed on any day.
        """
        self.shifts_: dict[str, Windows] = {}
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
            raise nobody(log)
        if live and activity.exact:
            self.days_ = self._worked(log, without(activity, spells[stray]))
            return self
        spells = spells[~stray].reset_index(drop=True)
        days = inside(by_local_day(spells, log.timezone), log)
        if days.empty:
            raise nobody(log)
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
        self.days_, self.shifts_ = without_overlap(days, templates.shifts), templates.shifts
        return self

    def _worked(self, log: ContactLog, activity: Activity) -> pd.DataFrame:
        """Return the hours of every agent-day as worked (`worked_spells`).

        Who is away when follows the load of the day and the colleagues: breaks at random times
        would empty the desk more often than people do. Shorter idle times are part of the work.
        """
        self.source_ = Text(
            "{seen}, without absences of {away:.0f} min or more in which colleagues were busier",
            "{seen}，扣除 {away:.0f} 分钟以上、其间同事更忙的离开时间",
        ).fill(seen=activity.source, away=AWAY / 60)
        frame = log.frame[log.frame["agent"].notna()]
        spells = worked_spells(activity, most_usual(frame["agent"], team_of(frame)))
        days = _widened(
            inside(by_local_day(spells, log.timezone), log), mean_idle(activity, AWAY) / 60.0
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
        return days

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
            rotate = table.loc[table["rotates"], "agent"].nunique()
            if rotate:
                self.notes_.append(
                    Text(
                        f"staffing: {rotate} of them work rotating shifts: each date has the hours "
                        "of one of two or three patterns (mixture of patterns, by BIC)",
                        f"排班：其中 {rotate} 名轮班：每个日期取两三种班次之一的工时"
                        "（班次混合模型，按 BIC 选定）",
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


def nobody(log: ContactLog) -> InputError:
    """Return the error of a history that places no agent on any day."""
    return InputError(
        Finding(
            log.name,
            "no agent can be placed on any day",
            "stamps with agents' names, staffed spells, or a roster",
            "give the roster: --roster FILE (agent, team, date or weekday, start, end)",
        )
    )
