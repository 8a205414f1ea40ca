"""Ordinary days of a history: special, missing and odd ones set aside; the week of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.days import DayTable
from svcsim.calibration.holidays import SURELY_SOME, kinds_by_day, look_like_holidays
from svcsim.calibration.incidents import Usual, find_odd, incidents_of, without
from svcsim.calibration.profile import WeekFit, fit_week
from svcsim.model.incident import Incident
from svcsim.text import Text, listed

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class OrdinaryDays:
    """The days of history, which of them are kept for the fit, and what is expected of each."""

    table: DayTable
    kept: Mask
    kind: tuple[str, ...]
    """Kind of every special day; empty for the others."""
    calm: DayTable
    """Without the hours of incidents."""
    fit: WeekFit
    left_out: tuple[str, ...]
    """Days (ISO) without any contact, closed or missing."""
    suspects: tuple[str, ...]
    """Days (ISO) that look like holidays."""
    incidents: tuple[Incident, ...]

    @property
    def share(self) -> Array:
        """Share of a week's contacts expected on each day, in all hours watched."""
        return self._share(self.table)

    @property
    def calm_share(self) -> Array:
        """Share of a week's contacts expected on each day outside incidents."""
        return self._share(self.calm)

    def _share(self, table: DayTable) -> Array:
        rate = self.fit.rate
        shares: Array = (rate[table.weekday] * table.watched).sum(axis=1) / rate.sum()
        return shares

    def notes(self) -> list[Text]:
        """Return what was set aside, for a reader."""
        notes = []
        if self.left_out:
            notes.append(
                Text(
                    "arrivals: days without any contact, left out as closed or missing data: "
                    "{days}",
                    "到达：没有任何联络的日子，视为休息或缺数据而剔除：{days}",
                ).fill(days=listing(self.left_out))
            )
        if self.suspects:
            notes.append(
                Text(
                    "arrivals: working days far quieter than their weekday in most categories, "
                    "set aside because they look like holidays: {days}; name them with "
                    "--calendar CN (a country's code) or --calendar FILE.yaml (closed: [DATE, "
                    "...]) so that the next ones are forecast",
                    "到达：以下工作日多数类别的联络量远低于同一星期几，像是节假日，已剔除：{days}；"
                    "请用 --calendar CN（国家代码）或 --calendar 文件.yaml（closed: [日期, …]）"
                    "指明，以便预测今后的节假日",
                ).fill(days=listing(self.suspects))
            )
        if self.incidents:
            largest = sorted(self.incidents, key=lambda one: -abs(one.extra))
            number = len(largest)
            notes.append(
                Text(
                    f"arrivals: {number} incident{'s' if number > 1 else ''} beyond 5 standard "
                    "deviations, set aside: {which}; as what-ifs they are scenarios of their own",
                    f"到达：{number} 处偏离超过 5 个标准差的异常，已剔除：{{which}}；"
                    "可作为单独的情景模拟",
                ).fill(which=listed([one.told() for one in largest[:4]], ("; ", "；")))
            )
        return notes


def ordinary_days(
    table: DayTable, kinds: Mapping[str, str], cases: pd.DataFrame, timezone: str
) -> OrdinaryDays:
    """Set special, missing and odd days aside, and fit the week to the rest.

    Parameters
    ----------
    table : DayTable
        Counts by local day and hour.
    kinds : mapping of str to str
        Local day (ISO) -> kind of special day.
    cases : DataFrame
        ``opened_s`` (ascending) and ``category`` of the new cases.
    timezone : str
        IANA zone of the desk.
    """
    kind = kinds_by_day(table, kinds)
    kept, missing = _without_missing(table, np.array([not name for name in kind]))
    usual = Usual.of(table, kept)
    found = find_odd(table, kept, usual)
    suspect = look_like_holidays(table, kept, found.day_z, usual.days, cases, timezone)
    kept = kept & ~suspect
    found = replace(found, days=found.days & kept, hours=found.hours & kept[:, None])
    told = incidents_of(table, kept, usual, found, cases, timezone)
    kept = kept & ~found.days
    calm = without(table, found)
    fit = fit_week(*week_of(calm, kept))
    return OrdinaryDays(
        table, kept, tuple(kind), calm, fit,
        tuple(table.names(missing)), tuple(table.names(suspect)), told,
    )  # fmt: skip


def _without_missing(table: DayTable, ordinary: Mask) -> tuple[Mask, Mask]:
    """Return the ordinary days that are not missing, and those that are."""
    total = table.counts.sum(axis=1)
    usual = np.zeros_like(total)
    for weekday in range(7):
        here = table.weekday == weekday
        if (here & ordinary).any():
            usual[here] = np.median(total[here & ordinary])
    whole = table.watched.sum(axis=1)
    missing = ordinary & (total == 0) & (usual > SURELY_SOME) & (whole > 23)
    kept = ordinary & ~missing
    if not kept.any() or total[kept].sum() == 0:
        kept = whole > 0
    return kept, missing & ~kept


def week_of(table: DayTable, kept: Mask) -> tuple[Array, Array]:
    """Return counts and watched hours of the days kept, by weekday and hour."""
    both = []
    for values in (table.counts, table.watched):
        week = np.zeros((7, 24))
        np.add.at(week, table.weekday[kept], values[kept])
        both.append(week)
    return both[0], both[1]


def listing(names: Iterable[str], most: int = 8) -> Text:
    """Return at most ``most`` days one after the other."""
    days = list(names)
    left = len(days) - most
    shown = listed(map(Text.same, days[:most]), (", ", "、"))
    more = Text("{days} and {left} more", "{days} 等 {all} 个")
    return more.fill(days=shown, left=left, all=len(days)) if left > 0 else shown
