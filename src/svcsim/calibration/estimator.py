"""What every estimator shares: quantities with honest intervals, labels, and who came back.

An estimator takes options in its constructor, learns in ``fit(log, ...) -> self``, and its
learned names end in ``_``. What it wants a reader to know stands in ``notes_``.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Effect, Factor, Grade, Rate, Share, Time
from svcsim.text import Text

Z90 = 1.6448536269514722
"""A standard normal value lies within -Z90..Z90 with probability 90 %."""
FOLLOW_UP = 7 * 86400.0
"""A resolved contact counts as matured this long (seconds) after it was first resolved."""
NO_CATEGORY = "other"
NO_TEAM = "desk"

LogScale = TypeVar("LogScale", Time, Rate, Factor)


class Estimator:
    """Base of the estimators; ``notes_`` collects sentences for the baseline, in both languages."""

    def __init__(self) -> None:
        self.notes_: list[Text] = []


def on_log(
    kind: type[LogScale],
    value: float,
    log_sd: float,
    n: int,
    grade: Grade = "measured",
    how: str = "",
) -> LogScale:
    """Return a positive quantity with the interval ``value * exp(-+Z90 log_sd)``."""
    spread = float(np.exp(min(Z90 * log_sd, 50.0)))
    return kind(value=value, interval=(value / spread, value * spread), n=n, grade=grade, how=how)


def share_from_counts(k: float, n: float, grade: Grade = "measured", how: str = "") -> Share:
    """Return ``k / n`` with Jeffreys' interval (beta quantiles with half a hit and half a miss).

    With no trials the share is unknown: 0 with the interval 0..1, graded assumed.
    """
    if n <= 0:
        return Share(value=0.0, interval=(0.0, 1.0), n=0, grade="assumed", how=how or "no data")
    low = 0.0 if k <= 0 else float(beta.ppf(0.05, k + 0.5, n - k + 0.5))
    high = 1.0 if k >= n else float(beta.ppf(0.95, k + 0.5, n - k + 0.5))
    value = min(max(k / n, 0.0), 1.0)
    bounds = (min(low, value), max(high, value))
    return Share(value=value, interval=bounds, n=int(n), grade=grade, how=how)


def effect_from_normal(
    value: float, sd: float, n: int, grade: Grade = "measured", how: str = ""
) -> Effect:
    """Return an effect with the interval ``value -+ Z90 sd``."""
    bounds = (value - Z90 * sd, value + Z90 * sd)
    return Effect(value=value, interval=bounds, n=n, grade=grade, how=how)


def category_of(frame: pd.DataFrame) -> pd.Series:
    """Return the category of every row; rows without one are ``other``."""
    return frame["category"].fillna(NO_CATEGORY).astype("str")


def team_of(frame: pd.DataFrame) -> pd.Series:
    """Return the team of every row; without one: the agent's most usual team, else ``desk``."""
    team = frame["team"]
    gaps = team.isna()
    if gaps.any() and not gaps.all():
        seen = frame.loc[~gaps & frame["agent"].notna(), ["agent", "team"]]
        usual = most_usual(seen["agent"], seen["team"])
        team = team.where(~gaps, frame["agent"].map(usual))
    return team.fillna(NO_TEAM).astype("str")


def most_usual(of: pd.Series, what: pd.Series) -> dict[str, str]:
    """Return for every value of ``of`` the value of ``what`` seen most often with it."""
    counts = pd.DataFrame({"of": of, "what": what}).value_counts(sort=False).reset_index()
    counts = counts.sort_values(["of", "count", "what"], ascending=[True, False, True])
    first = counts.drop_duplicates("of")
    return dict(zip(first["of"].astype(str), first["what"].astype(str), strict=True))


def local_time(seconds: pd.Series | NDArray[np.float64], timezone: str) -> pd.DatetimeIndex:
    """Return epoch seconds as local times of the desk."""
    whole = pd.DatetimeIndex(pd.to_datetime(np.asarray(seconds, dtype=float), unit="s", utc=True))
    return whole.tz_convert(timezone)


def local_days(seconds: pd.Series | NDArray[np.float64], timezone: str) -> pd.DatetimeIndex:
    """Return the local day of each instant, as a midnight without a zone."""
    return local_time(seconds, timezone).tz_localize(None).normalize()


def local_weeks(
    seconds: pd.Series | NDArray[np.float64], log: ContactLog
) -> tuple[NDArray[np.int64], pd.Timestamp]:
    """Return the week of each instant and the local day on which week 0 begins.

    Weeks are seven local days from the first day that lies whole in the log; before it they are
    negative. Instants must be known.
    """
    start = local_time(np.array([log.start]), log.timezone).tz_localize(None)[0]
    first = start.normalize() + pd.Timedelta(days=int(start > start.normalize()))
    return np.asarray((local_days(seconds, log.timezone) - first).days // 7, np.int64), first


def came_back(
    log: ContactLog, follow_up: float = FOLLOW_UP
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return per row whether the customer came back (reopen or next contact) and if it matured.

    Only rows whose first resolution lies ``follow_up`` seconds or more before the end of
    observation have matured: the others had no full chance to come back yet.
    """
    frame = log.frame
    number = frame["contact_no"].fillna(1)
    last = number.groupby([frame["replication"], frame["case_id"]]).transform("max")
    back = (frame["reopens"].fillna(0) > 0) | (number < last)
    first = frame["first_resolved_s"].fillna(frame["resolved_s"])
    matured = first.notna() & (first <= log.observed_until - follow_up)
    return back.to_numpy(dtype=bool), matured.to_numpy(dtype=bool)


def expected_chance(
    group: pd.Series, hit: NDArray[np.bool_], strength: float = 10.0
) -> NDArray[np.float64]:
    """Return for every row the hit rate of its group, small groups leaning on the mean of all.

    ``(hits + strength x mean) / (n + strength)``: no row is expected to do what only it did.
    """
    code, _ = pd.factorize(group)
    size, hits = np.bincount(code), np.bincount(code, hit.astype(float))
    chance: NDArray[np.float64] = ((hits + strength * hit.mean()) / (size + strength))[code]
    return chance


def handlings_of(frame: pd.DataFrame) -> pd.Series:
    """Return how many handlings each contact took.

    Where the export does not count them: one, one more after a pending spell, and one more for
    every reopen.
    """
    pending = (frame["pending_s"].fillna(0) > 0).astype(float)
    usual = 1.0 + pending + frame["reopens"].fillna(0).clip(lower=0)
    counted = frame["handlings"]
    return counted.where(counted >= 1, usual)
