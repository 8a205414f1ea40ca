"""New cases: the shape of the week, the level, and how much days differ from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.days import (
    DaySpread,
    DayTable,
    Level,
    day_spread,
    day_table,
    week_level,
    winsorise,
)
from svcsim.calibration.estimator import Z90, Estimator, effect_from_normal, on_log
from svcsim.calibration.profile import WeekFit, fit_week
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.model.demand import Arrivals
from svcsim.model.quantity import Effect, Factor, Rate
from svcsim.text import Text, listed

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SURELY_SOME = 7.0
"""A day without contacts is taken as missing where its weekday has more than this (P < 0.001)."""
FEW_WEEKS = 4.0
HOLIDAY_STRENGTH = 30.0
"""Contacts that the prior of the holiday factor is worth."""


@dataclass(frozen=True)
class _Days:
    """The days kept for the fit, with what is expected of each."""

    table: DayTable
    kept: Mask
    holiday: Mask
    counts: Array
    fit: WeekFit

    @property
    def share(self) -> Array:
        """Share of a week's contacts expected on each day."""
        rate = self.fit.rate
        shares: Array = (rate[self.table.weekday] * self.table.watched).sum(axis=1) / rate.sum()
        return shares


class ArrivalsEstimator(Estimator):
    """Learn `Arrivals` from the openings of new cases.

    Attributes
    ----------
    arrivals_ : Arrivals
    observed_ : ndarray (7, 24)
        Mean openings seen per hour of the week (Monday first), days left out aside.
    expected_daily_ : Series
        Expected new cases of every local day of the window at the learned level, no day factor.
    observed_daily_ : Series
        Openings of the same days.
    left_out_ : tuple of str
        Local days (ISO) not used: missing or closed without notice.
    """

    def __init__(self, holidays: Iterable[str] = ()) -> None:
        super().__init__()
        self.holidays = tuple(holidays)

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log``; only new cases (`new_cases`) are arrivals.

        Raises
        ------
        InputError
            When the log holds no new case.
        """
        frame = log.frame
        opened = frame["opened_s"].to_numpy()[new_cases(frame)]
        if len(opened) == 0:
            raise InputError(
                Finding(log.name, "no new case in the log", "contacts that follow no other")
            )
        table = day_table(opened, log.start, log.end, log.timezone)
        days = self._clean(table)
        day = np.flatnonzero(days.kept)
        y = days.counts[days.kept].sum(axis=1)
        share = days.share[days.kept]
        weeks = len(day) / 7.0
        spread, level = _spread_and_level(y, share, day, weeks)
        few = weeks < FEW_WEEKS
        if few:
            self.notes_.append(
                Text(
                    f"arrivals: only {len(day)} days of history; how much days differ is assumed",
                    f"到达：历史仅 {len(day)} 天，日间波动幅度取假设值",
                )
            )
        self._keep(days, level)
        shares = days.fit.rate / days.fit.rate.sum()
        self.arrivals_ = Arrivals(
            level=on_log(
                Rate,
                level.value,
                level.log_sd * (1.5 if few else 1.0),
                len(opened),
                how=f"new cases, {level.how}; day factors are in the interval",
            ),
            profile={name: tuple(map(float, shares[i])) for i, name in enumerate(WEEKDAYS)},
            day_cv=_day_cv(spread, few),
            day_ar=_day_ar(spread, few),
            holiday=self._holiday(days, level, spread.v),
        )
        return self

    def _clean(self, table: DayTable) -> _Days:
        """Leave out missing days, pull in incidents, and fit the week to the rest."""
        listed = set(self.holidays)
        holiday = np.array([stamp.date().isoformat() in listed for stamp in table.dates])
        total = table.counts.sum(axis=1)
        kept = ~holiday
        usual = _usual(total, table.weekday, kept)
        missing = kept & (total == 0) & (usual > SURELY_SOME) & (table.watched.sum(axis=1) > 23)
        kept &= ~missing
        if not kept.any() or total[kept].sum() == 0:
            kept = table.watched.sum(axis=1) > 0
        self.left_out_ = tuple(stamp.date().isoformat() for stamp in table.dates[missing & ~kept])
        if self.left_out_:
            self.notes_.append(
                Text(
                    "arrivals: days without any contact, left out as closed or missing data: "
                    "{days}",
                    "到达：没有任何联络的日子，视为休息或缺数据而剔除：{days}",
                ).fill(days=_listing(self.left_out_))
            )
        counts = self._calm(table, kept)
        fit = fit_week(*_week(table, kept, counts))
        return _Days(table, kept, holiday, counts, fit)

    def _calm(self, table: DayTable, kept: Mask) -> Array:
        """Return the counts with outage and spike days (and hours) pulled in to 5 sd."""
        counts = table.counts.copy()
        usual = np.zeros_like(counts)
        for weekday in range(7):
            here = kept & (table.weekday == weekday)
            if here.sum() >= 4:
                # medians are not moved by the very incidents that are looked for
                usual[here] = np.median(counts[here], axis=0)
        day_usual = _usual(counts.sum(axis=1), table.weekday, kept)
        partly = table.watched.sum(axis=1) < 23
        day_usual[partly | ~(usual.sum(axis=1) > 0)] = 0.0
        usual *= table.watched
        calm, odd = winsorise(counts.sum(axis=1)[kept], day_usual[kept])
        hours, odd_hours = winsorise(counts[kept], usual[kept])
        # whole days first; a single hour only where the day as a whole was usual
        total = np.maximum(counts[kept].sum(axis=1), 1e-9)
        counts[kept] = np.where(odd[:, None], counts[kept] * (calm / total)[:, None], hours)
        if odd.any():
            names = [stamp.date().isoformat() for stamp in table.dates[np.flatnonzero(kept)[odd]]]
            self.notes_.append(
                Text(
                    "arrivals: incident days beyond 5 standard deviations, pulled in: {days}",
                    "到达：偏离超过 5 个标准差的异常日，已拉回：{days}",
                ).fill(days=_listing(names))
            )
        single = int((odd_hours & ~odd[:, None]).sum())
        if single:
            self.notes_.append(
                Text(
                    f"arrivals: single hours with a spike or gap, pulled in: {single}",
                    f"到达：个别小时的突增或缺口，已拉回：{single} 处",
                )
            )
        return counts

    def _keep(self, days: _Days, level: Level) -> None:
        table = days.table
        counts, watched = _week(table, days.kept, table.counts)
        self.observed_ = np.where(watched > 0, counts / np.where(watched > 0, watched, 1.0), 0.0)
        index = [stamp.date().isoformat() for stamp in table.dates]
        self.expected_daily_ = pd.Series(level.value * days.share, index=index)
        self.observed_daily_ = pd.Series(table.counts.sum(axis=1), index=index)

    def _holiday(self, days: _Days, level: Level, v: float) -> Factor:
        """Return (seen + k prior) / (expected + k) over the holidays of the window, k = 30."""
        if not self.holidays:
            return Factor(value=1.0)
        expected = level.value * days.share[days.holiday]
        if expected.sum() <= 0:
            how = "no listed holiday lies in the history"
            return Factor(value=1.0, interval=(0.5, 2.0), n=0, grade="assumed", how=how)
        seen, mass = float(days.table.counts[days.holiday].sum()), float(expected.sum())
        if seen == 0 and mass > SURELY_SOME:
            high = 3.0 / mass
            how = "no contact came on the listed holidays"
            return Factor(value=0.0, interval=(0.0, high), n=0, grade="measured", how=how)
        factor = (seen + HOLIDAY_STRENGTH) / (mass + HOLIDAY_STRENGTH)
        noise = 1.0 / (seen + HOLIDAY_STRENGTH)
        noise += v * float((expected**2).sum()) / (mass + HOLIDAY_STRENGTH) ** 2
        how = f"{int(days.holiday.sum())} listed holidays against ordinary days, shrunk to 1"
        return on_log(Factor, factor, noise**0.5, int(seen), how=how)


def _spread_and_level(
    y: Array, share: Array, day: NDArray[np.int64], weeks: float
) -> tuple[DaySpread, Level]:
    """Return day factors and level, day factors around a level that may move slowly."""
    mu = y.sum() / share.sum() * share
    rich = mu > 0.05 * mu.max()
    spread = day_spread(y[rich], mu[rich], day[rich], weeks)
    v, phi = (max(spread.v, 0.15**2), 0.4) if weeks < FEW_WEEKS else (spread.v, spread.phi)
    level = week_level(y, share, day, v, phi)
    if level.how.startswith("exp"):
        # the wander of the level is not a day factor: take it out and look again
        block = (day.max() - day) // 7
        local = np.bincount(block, y) / np.maximum(np.bincount(block, share), 1e-9)
        padded = np.pad(local, 2, mode="edge")
        calm = np.convolve(padded, np.ones(5) / 5, mode="valid")[block]
        around = calm * share * (y.sum() / (calm * share).sum())
        spread = day_spread(y[rich], around[rich], day[rich], weeks)
        level = week_level(y, share, day, spread.v, spread.phi)
    return spread, level


def _day_cv(spread: DaySpread, few: bool) -> Factor:
    if few:
        how = "assumed: under four weeks of history"
        return Factor(value=0.15, interval=(0.05, 0.3), n=spread.n, grade="assumed", how=how)
    high = max(spread.v, 0.0) + Z90 * spread.v_sd
    if not spread.clear:
        how = "not distinguishable from Poisson noise"
        bounds = (0.0, high**0.5)
        return Factor(value=0.0, interval=bounds, n=spread.n, grade="measured", how=how)
    value, low = spread.v**0.5, max(spread.v - Z90 * spread.v_sd, 0.04 * spread.v) ** 0.5
    how = "spread of days around their weekday beyond Poisson noise, by moments"
    bounds = (low, high**0.5)
    return Factor(value=value, interval=bounds, n=spread.n, grade="measured", how=how)


def _day_ar(spread: DaySpread, few: bool) -> Effect:
    if few:
        how = "assumed: under four weeks of history"
        return Effect(value=0.4, interval=(0.0, 0.8), n=spread.n, grade="assumed", how=how)
    if not spread.clear:
        how = "no day factor to correlate"
        return Effect(value=0.0, interval=(0.0, 0.0), n=spread.n, grade="measured", how=how)
    how = "correlation of day factors from one day to the next, by moments"
    return effect_from_normal(spread.phi, spread.phi_sd, spread.n, how=how)


def _week(table: DayTable, kept: Mask, counts: Array) -> tuple[Array, Array]:
    """Return counts and watched hours of the days kept, by weekday and hour."""
    both = []
    for values in (counts, table.watched):
        week = np.zeros((7, 24))
        np.add.at(week, table.weekday[kept], values[kept])
        both.append(week)
    return both[0], both[1]


def _usual(total: Array, weekday: NDArray[np.int64], kept: Mask) -> Array:
    """Return the median total of each day's weekday."""
    usual = np.zeros_like(total)
    for day in range(7):
        here = weekday == day
        if (here & kept).any():
            usual[here] = np.median(total[here & kept])
    return usual


def _listing(names: Iterable[str], most: int = 8) -> Text:
    """Return at most ``most`` days one after the other."""
    days = list(names)
    left = len(days) - most
    shown = listed(map(Text.same, days[:most]), (", ", "、"))
    more = Text("{days} and {left} more", "{days} 等 {all} 天")
    return more.fill(days=shown, left=left, all=len(days)) if left > 0 else shown
