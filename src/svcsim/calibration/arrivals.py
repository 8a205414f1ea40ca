"""New cases: the shape of the week, the level, special days, and how much days differ from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar.days import WEEKDAYS
from svcsim.calendar.special import SpecialDays
from svcsim.calibration.days import DaySpread, DayTable, day_spread, day_table
from svcsim.calibration.estimator import Z90, Estimator, category_of, effect_from_normal, on_log
from svcsim.calibration.holidays import Special, special_factors
from svcsim.calibration.level import Level, local_level, week_level
from svcsim.calibration.ordinary import OrdinaryDays, listing, ordinary_days, week_of
from svcsim.calibration.starts import batch_note, start_notes
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.model.demand import Arrivals
from svcsim.model.quantity import Effect, Factor, Rate
from svcsim.text import Text

Array = NDArray[np.float64]

FEW_WEEKS = 4.0
LISTED = "holiday"
"""Kind of the days that are holidays without a name."""


class ArrivalsEstimator(Estimator):
    """Learn `Arrivals` from the openings of new cases.

    Parameters
    ----------
    holidays : iterable of str
        Local days (ISO) that are holidays, all of one kind; default: those that the log's own
        business hours name.
    calendar : SpecialDays or None
        Holidays by name, the days around them, make-up days and days named by a planner.

    Attributes
    ----------
    arrivals_ : Arrivals
    incidents_ : tuple of Incident
        Days and hours set aside as incidents.
    suspects_ : tuple of str
        Local days (ISO) that look like holidays and are in no calendar; set aside as well.
    observed_ : ndarray (7, 24)
        Mean openings seen per hour of the week (Monday first), days left out aside.
    expected_daily_ : Series
        Expected new cases of every local day of the window at the learned level (and trend), with
        the factors of special days, no day factor.
    observed_daily_ : Series
        Openings of the same days.
    left_out_ : tuple of str
        Local days (ISO) not used: missing or closed without notice.
    """

    def __init__(self, holidays: Iterable[str] = (), calendar: SpecialDays | None = None) -> None:
        super().__init__()
        self.holidays = tuple(holidays)
        self.calendar = calendar

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log``; only new cases (`new_cases`) are arrivals.

        Raises
        ------
        InputError
            When the log holds no new case.
        """
        fresh = new_cases(log.frame)
        cases = pd.DataFrame(
            {"opened_s": log.frame["opened_s"], "category": category_of(log.frame)}
        )[fresh].sort_values("opened_s", ignore_index=True)
        if not len(cases):
            raise InputError(
                Finding(log.name, "no new case in the log", "contacts that follow no other")
            )
        self._special = self._special_days(log)
        opened = cases["opened_s"].to_numpy()
        table = day_table(opened, log.start, log.end, log.timezone, self._special.worked)
        self._fit(table, cases, log.timezone)
        self.notes_ += start_notes(log, fresh)
        if batch := batch_note(opened, log.timezone):
            self.notes_.append(batch)
        return self

    def fit_counts(self, table: DayTable) -> Self:
        """Learn from counts by local day and hour alone; incidents are not told by category."""
        off = {date.fromisoformat(day) for day in self.holidays}
        listed_ = SpecialDays(dict.fromkeys(off, LISTED), {}, frozenset(off))
        self._special = listed_ if self.calendar is None else self.calendar
        none = pd.DataFrame({"opened_s": np.zeros(0), "category": np.zeros(0, dtype=str)})
        self._fit(table, none, "UTC")
        return self

    def _fit(self, table: DayTable, cases: pd.DataFrame, timezone: str) -> None:
        kinds = {day.isoformat(): kind for day, kind in self._special.kinds.items()}
        days = ordinary_days(table, kinds, cases, timezone)
        self.left_out_, self.suspects_ = days.left_out, days.suspects
        self.incidents_ = days.incidents
        self.notes_ += days.notes()
        self._learn(days, int(table.counts.sum()))

    def special_fields(self) -> dict[str, Any]:
        """Return the special days as fields of `ServiceModel`."""
        special = self._special
        known = self.arrivals_.special
        worked = {day.isoformat(): WEEKDAYS[like] for day, like in sorted(special.worked.items())}
        kinds = {day.isoformat(): kind for day, kind in sorted(special.kinds.items())}
        return {
            "holidays": tuple(sorted(day.isoformat() for day in special.off)),
            "special_days": {day: kind for day, kind in kinds.items() if kind in known},
            "worked": worked,
        }

    def _special_days(self, log: ContactLog) -> SpecialDays:
        """Return the special days of the options, else those of the log's business hours."""
        if self.calendar is not None:
            return self.calendar
        off = {date.fromisoformat(day) for day in self.holidays}
        off = off or set(getattr(log.hours, "holidays", ()))
        worked = {} if self.holidays else dict(getattr(log.hours, "makeup", {}))
        off -= set(worked)
        return SpecialDays(dict.fromkeys(off, LISTED), worked, frozenset(off))

    def _learn(self, days: OrdinaryDays, number: int) -> None:
        """Learn level, spread and factors from clean days."""
        day = np.flatnonzero(days.kept)
        y, share = days.calm.counts[days.kept].sum(axis=1), days.calm_share[days.kept]
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
        every = np.arange(len(days.kept))
        path = local_level(y, share, day, every) if level.moves else level.value
        common, factors = self._factors(days, path, spread.v)
        shares = days.fit.rate / days.fit.rate.sum()
        self.arrivals_ = Arrivals(
            level=on_log(
                Rate,
                level.value,
                level.log_sd * (1.5 if few else 1.0),
                number,
                how=f"new cases, {level.how}; day factors are in the interval",
            ),
            profile={name: tuple(map(float, shares[i])) for i, name in enumerate(WEEKDAYS)},
            day_cv=_day_cv(spread, few),
            day_ar=_day_ar(spread, few),
            holiday=common,
            special=factors,
            trend=self._trend(level),
        )
        self._keep(days, level)

    def _factors(
        self, days: OrdinaryDays, path: Array | float, v: float
    ) -> tuple[Factor, dict[str, Factor]]:
        """Return the factors of holidays and of kinds of special day; say which are unknown."""
        kinds = set(self._special.kinds.values()) - {LISTED}
        if not self._special.kinds:
            return Factor(value=1.0), {}
        where = np.flatnonzero([bool(kind) for kind in days.kind])
        special = Special(
            tuple(days.kind[i] for i in where),
            days.table.counts.sum(axis=1)[where],
            (path * days.share)[where],
        )
        off = {self._special.kinds[day] for day in self._special.off}
        common, factors = special_factors(special, kinds, off, v)
        last = max(self._special.kinds).year
        official = self._special.official_until
        if official is not None and last > official:
            self.notes_.append(
                Text(
                    f"arrivals: days off and make-up working days are official until {official}; "
                    f"those of {official + 1} to {last} follow the law alone and may be arranged "
                    "otherwise",
                    f"到达：放假和调休安排仅公布至 {official} 年；{official + 1} 至 {last} 年的"
                    "仅按法定假日推算，实际安排可能不同",
                )
            )
        unknown = sorted(kind for kind in kinds if kind not in special.kind)
        if unknown:
            self.notes_.append(
                Text(
                    "arrivals: no such day in the history; holidays are taken as the others, "
                    "other days as ordinary: {kinds}",
                    "到达：历史中没有这类日子；节假日按其他节假日处理，其余按普通日处理：{kinds}",
                ).fill(kinds=listing(unknown))
            )
        return common, factors

    def _trend(self, level: Level) -> Effect | None:
        if level.trend == 0:
            return None
        growth = np.expm1(level.trend)
        up = growth > 0
        self.notes_.append(
            Text(
                f"arrivals: demand {'grows' if up else 'falls'} by {abs(growth):.1%} a week; the "
                "trend forecast clearly better than a level and is carried on: end it "
                "(arrivals.trend: 0) where it will not last",
                f"到达：需求每周{'增长' if up else '下降'} {abs(growth):.1%}；带趋势的预测明显更准"
                "，因此趋势会延续；若不会持续，请将 arrivals.trend 设为 0",
            )
        )
        how = "straight line through the logs of weeks; it won the rolling backtest"
        weeks = len(level.by_week)
        return effect_from_normal(level.trend, level.trend_sd, weeks, how=how)

    def _keep(self, days: OrdinaryDays, level: Level) -> None:
        table = days.table
        counts, watched = week_of(table, days.kept)
        self.observed_ = np.where(watched > 0, counts / np.where(watched > 0, watched, 1.0), 0.0)
        index = table.names(np.ones(len(table.dates), dtype=bool))
        arrivals = self.arrivals_
        off = {self._special.kinds[day] for day in self._special.off}
        factors = dict.fromkeys(off, arrivals.holiday.value)
        factors |= {kind: factor.value for kind, factor in arrivals.special.items()}
        weeks_ago = (len(index) - 1 - np.arange(len(index))) / 7.0
        expected = level.value * np.exp(-level.trend * weeks_ago) * days.share
        expected *= [factors.get(kind, 1.0) for kind in days.kind]
        self.expected_daily_ = pd.Series(expected, index=index)
        self.observed_daily_ = pd.Series(table.counts.sum(axis=1), index=index)


def _spread_and_level(
    y: Array, share: Array, day: NDArray[np.int64], weeks: float
) -> tuple[DaySpread, Level]:
    """Return day factors and level, day factors around a level that may move slowly."""
    mu = y.sum() / share.sum() * share
    rich = mu > 0.05 * mu.max()
    spread = day_spread(y[rich], mu[rich], day[rich], weeks)
    v, phi = (max(spread.v, 0.15**2), 0.4) if weeks < FEW_WEEKS else (spread.v, spread.phi)
    level = week_level(y, share, day, v, phi)
    if level.moves:
        # the wander of the level is not a day factor: take it out and look again
        calm = local_level(y, share, day, day)
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
