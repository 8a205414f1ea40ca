"""Who comes back after a resolution: reopened tickets and further contacts of the same case."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from svcsim.calibration.estimator import Estimator, on_log
from svcsim.calibration.excess import DAY, ExcessFit, fit_excess
from svcsim.calibration.pending import sessions_of
from svcsim.calibration.reopening import UNDATED, undated_times
from svcsim.calibration.shape import shape_of
from svcsim.contacts.chains import REPEAT_WITHIN, next_contacts
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration
from svcsim.model.outcome import Returns
from svcsim.model.quantity import Factor, Grade, Share, Time
from svcsim.stats.shrink import beta_moments
from svcsim.stats.survival import kaplan_meier
from svcsim.text import Text

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MATURE = 7 * DAY
"""Time after a resolution by which a reopening is seen."""
FEW = 30


class RepeatsEstimator(Estimator):
    """Learn reopening and repeat probabilities of every category, and when customers come back.

    Reopening: reopenings / resolutions of contacts first resolved long enough (7 days, or a third
    of a short history) before the end of observation. Repeats: the next contact of the same case
    within 30 days, right-censored (Kaplan-Meier); an excess-hazard fit tells how many of them
    would have come anyway. Small categories lean on all (beta prior from Kleinman's moments).

    Parameters
    ----------
    corrected : bool
        True: only contacts that the last one caused count as repeats. False: repeats as the desk
        counts them, so that a simulated repeat rate compares with the recorded one.

    Attributes
    ----------
    reopen_, repeat_ : dict of category to Share
    returns_ : Returns
    excess_ : ExcessFit or None
    naive_ : float
        Share of resolved contacts with a next one within the window (Kaplan-Meier).
    """

    def __init__(self, corrected: bool = True) -> None:
        super().__init__()
        self.corrected = corrected

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log``."""
        names = [str(name) for name in log.frame["category"].value_counts().index]
        reopen_after = self._reopen(log, names)
        repeat_after = self._repeat(log, names)
        self.returns_ = Returns(reopen_after=reopen_after, repeat_after=repeat_after)
        return self

    def _reopen(self, log: ContactLog, names: list[str]) -> Duration:
        frame = log.frame
        first = frame["first_resolved_s"].fillna(frame["resolved_s"])
        wait = min(MATURE, (log.observed_until - log.start) / 3)
        use = (first <= log.observed_until - wait) & frame["reopens"].notna()
        use &= frame["outcome"] != "abandoned"
        if not use.any():
            how = "reopenings are not recorded"
            none = Share(value=0.0, grade="assumed", how=how)
            self.reopen_ = dict.fromkeys(names, none)
            return _assumed_after(DAY)
        again = frame.loc[use, "reopens"].clip(lower=0)
        by = again.groupby(frame.loc[use, "category"])
        hits = by.sum().reindex(names, fill_value=0.0).to_numpy(dtype=float)
        trials = hits + _counts(frame.loc[use, "category"], names)
        how = f"reopenings per resolution, resolved {wait / DAY:.0f} days or more ago"
        self.reopen_ = _shrunk(names, hits, trials, 1.0, "measured", how)
        return self._reopen_after(log, use)

    def _reopen_after(self, log: ContactLog, use: pd.Series) -> Duration:
        """Return how long after the resolution a reopening comes."""
        frame = log.frame
        cases = frame[use & (frame["reopens"] > 0) & frame["first_resolved_s"].notna()]
        if log.work is not None and len(cases) >= FEW:
            table = sessions_of(log.work[log.work["ticket_id"].isin(cases["ticket_id"])])
            table = table.merge(cases[["ticket_id", "first_resolved_s"]], on="ticket_id")
            later = table[table["start_s"] > table["first_resolved_s"] + 60.0]
            wait = (later["start_s"] - later["first_resolved_s"]).groupby(later["ticket_id"]).min()
            how, grade = "first touch after the first resolution", "proxy"
            error = 0.0
        else:
            wait = undated_times(log, cases)
            how = "time to the last resolution, less the queue and closed hours (reopenings are "
            how, grade = how + "not dated)", "proxy"
            error = UNDATED
        wait = wait[wait > 0]
        if len(wait) < 5:
            return _assumed_after(DAY)
        return _delay(wait.to_numpy(dtype=float), grade, how, error=error)  # type: ignore[arg-type]

    def _repeat(self, log: ContactLog, names: list[str]) -> Duration:
        self.excess_: ExcessFit | None = None
        self.naive_ = 0.0
        time, event, rest, category = times_to_next(log)
        if not event.any():
            return self._no_repeats(log, names)
        # links never go further than the export's own rule: beyond, nothing can be seen
        reach = np.ceil(float(np.quantile(time[event], 0.999)) / DAY) * DAY
        window = min(REPEAT_WITHIN, reach, (log.end - log.start) / 2)
        early = min(MATURE, window)
        event = event & (time <= window)
        time = np.minimum(time, window)
        fit = self.excess_ = fit_excess(time, event, window)
        old = rest >= early
        soon = event & (time <= early)
        self.naive_ = 1.0 - kaplan_meier(time, event).at(window)
        true = self.naive_ if fit is None else min(fit.share_by(window), self.naive_)
        base = float(soon[old].mean()) if old.any() else 0.0
        ratio = (true if self.corrected else self.naive_) / base if base > 0 else 0.0
        counts = pd.DataFrame({"category": category[old], "event": soon[old].astype(float)})
        by = counts.groupby("category")["event"]
        hits = by.sum().reindex(names, fill_value=0.0).to_numpy(dtype=float)
        trials = _counts(counts["category"], names)
        days = window / DAY
        how = f"next contact of the case within {days:.0f} days: {self.naive_:.2%} of all"
        if fit is not None:
            how += f", {true:.2%} without contacts that come anyway"
            self.notes_.append(
                Text(
                    f"repeats: {self.naive_:.2%} of the resolved contacts are followed by another "
                    f"of the same case within {days:.0f} days, {true:.2%} because of the contact; "
                    f"the model repeats {'the latter' if self.corrected else 'the former'}",
                    f"重复来访：{self.naive_:.2%} 的已解决联络在 {days:.0f} 天内有同一个案的后续"
                    f"联络，{true:.2%} 是由该联络引起的；"
                    f"模型按{'后者' if self.corrected else '前者'}模拟",
                )
            )
        grade = self._grade(log)
        self.repeat_ = _shrunk(names, hits, trials, ratio, grade, how)
        if fit is None or not self.corrected:
            return _counted_after(time, event, grade)
        return self._caused_after(fit, int(event.sum()), grade)

    def _no_repeats(self, log: ContactLog, names: list[str]) -> Duration:
        linked = bool((log.frame["contact_no"] > 1).any())
        why = (
            Text("no contact follows a resolution", "解决之后没有后续联络")
            if linked
            else Text("contacts are not linked to cases", "联络没有归到个案")
        )
        self.repeat_ = dict.fromkeys(names, Share(value=0.0, grade="assumed", how=why.en))
        self.notes_.append(
            Text(
                "repeats: {why}; repeat contacts are not modelled",
                "重复来访：{why}，不模拟重复来访",
            ).fill(why=why)
        )
        return _assumed_after(3 * DAY)

    def _grade(self, log: ContactLog) -> Grade:
        missing = float(log.frame["customer"].isna().mean())
        if not 0.02 < missing < 1:
            return "measured"
        self.notes_.append(
            Text(
                f"repeats: {missing:.0%} of the contacts have no customer; repeats among them "
                "cannot be seen, so the rate is a lower bound",
                f"重复来访：{missing:.0%} 的联络没有客户标识，其中的重复看不到，该比率只是下限",
            )
        )
        return "proxy"

    def _caused_after(self, fit: ExcessFit, n: int, grade: Grade) -> Duration:
        how = "lognormal of the excess-hazard fit"
        cv = float(np.sqrt(np.expm1(min(fit.sigma**2, 6.0))))
        spread = float(np.exp(1.645 * min(2 * fit.sigma_log_sd, 1.0)))
        return Duration(
            law="lognormal",
            mean=on_log(Time, fit.mean, fit.mean_log_sd, n, grade, how),
            cv=Factor(value=cv, interval=(cv / spread, cv * spread), n=n, grade=grade, how=how),
        )


def _counted_after(time: Array, event: Mask, grade: Grade) -> Duration:
    """Return when the next contact comes, among those that come within the window."""
    if event.sum() < 5:
        return _assumed_after(3 * DAY)
    curve = kaplan_meier(time, event)
    come = 1.0 - curve.survival
    p = (np.arange(500) + 0.5) / 500 * come[-1]
    law = curve.time[np.minimum(np.searchsorted(come, p), len(come) - 1)]
    how = "next contacts of the same case within the window, Kaplan-Meier"
    return _delay(law, grade, how, int(event.sum()))


def times_to_next(log: ContactLog) -> tuple[Array, Mask, Array, NDArray[np.str_]]:
    """Return time from each resolution to the next contact of the case, whether one was seen.

    Also how long each was watched, and its category.

    Without a next contact the time is censored at the end of the window of *openings*: a contact
    opened later would not be in the log. Contacts opened before the resolution do not count.
    """
    frame = log.frame
    until = min(log.end, log.observed_until)
    follower = next_contacts(frame)
    resolved, opened = frame["resolved_s"].to_numpy(), frame["opened_s"].to_numpy()
    done = (frame["outcome"] == "resolved").to_numpy() & (resolved < until)
    # of two resolutions before the same next contact only the later one led to it
    order = np.lexsort((resolved, follower))
    last = np.ones(len(frame), dtype=bool)
    last[order[:-1]] = follower[order[1:]] != follower[order[:-1]]
    seen = (follower >= 0) & last
    time = np.where(seen, opened[follower] - resolved, until - resolved)
    category = frame["category"].to_numpy(dtype=str)
    return time[done], seen[done], (until - resolved)[done], category[done]


def _counts(values: pd.Series, names: list[str]) -> Array:
    return np.asarray(values.value_counts().reindex(names, fill_value=0), dtype=np.float64)


def _shrunk(
    names: list[str], hits: Array, trials: Array, ratio: float, grade: Grade, how: str
) -> dict[str, Share]:
    """Return the share of every category, small ones leaning on all; ``ratio`` scales each."""
    if trials.sum() == 0:
        return dict.fromkeys(names, Share(value=0.0, grade="assumed", how="nothing matured yet"))
    if hits.sum() == 0:
        high = float(beta.ppf(0.95, 0.5, trials.sum() + 0.5))
        none = Share(value=0.0, interval=(0.0, high), n=int(trials.sum()), grade=grade, how=how)
        return dict.fromkeys(names, none)
    most = max(float(trials.sum()), 10.0)
    a, b = beta_moments(hits, trials, most=most, least=min(10.0, most))
    out = {}
    for name, k, n in zip(names, hits, trials, strict=True):
        low, high = (float(beta.ppf(q, a + k, b + n - k)) for q in (0.05, 0.95))
        value = (a + k) / (a + b + n)
        out[name] = Share(
            value=min(value * ratio, 0.95),
            interval=(min(low * ratio, 0.95), min(high * ratio, 0.95)),
            n=int(n),
            grade=grade,
            how=how + "; small categories lean on all",
        )
    return out


def _delay(
    wait: Array, grade: Grade, how: str, number: int | None = None, error: float = 0.0
) -> Duration:
    n = len(wait) if number is None else number
    log_sd = float(np.hypot(np.std(wait) / np.mean(wait) / n**0.5, error))
    mean = on_log(Time, float(np.mean(wait)), log_sd, n, grade, how)
    return shape_of(wait).with_mean(mean, grade, how)


def _assumed_after(mean: float) -> Duration:
    how = "assumed: the log does not tell when customers come back"
    time = Time(value=mean, interval=(mean / 3, mean * 3), grade="assumed", how=how)
    return Duration(law="exponential", mean=time)
