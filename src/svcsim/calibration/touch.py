"""Working time from touches alone: gaps between an agent's touches = work + idle time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize
from scipy.special import ndtr

from svcsim.calibration.estimator import category_of, local_days, local_time, team_of
from svcsim.contacts.log import ContactLog

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FEW_GAPS = 300
FEW_TOUCHES = 300
"""Categories with fewer gaps are pooled."""
MOST_KINDS = 12
BINS = 300
USUAL_HOUR = 0.25
"""An hour of the week belongs to an agent's hours when touched in this share of the weeks."""
SAME_TOUCH = 60.0
PROGRAM = 0.5
BULK = 5
"""Touches of this many tickets at one stamp are one action on many, not work on each."""
PAUSE = 2.0
"""Hours outside the agent's usual hours that end a spell of work."""
POOLED = "(all others)"


@dataclass(frozen=True)
class TouchFit:
    """Work per touch by category (seconds), its cv, and the gaps it was read from.

    ``gaps`` has ``agent, team, category, ticket_id, seconds``; ``touches`` counts the touches of
    each ticket; ``idle`` is the share of gaps with a long idle time in them.
    """

    means: dict[str, float]
    counts: dict[str, int]
    cv: float
    idle: float
    overall: float
    gaps: pd.DataFrame
    touches: Mapping[str, int]

    def mean_of(self, category: str) -> float:
        """Return the mean work per touch of a category (pooled where it was too thin)."""
        return self.means.get(category, self.means.get(POOLED, self.overall))

    def n_of(self, category: str) -> int:
        """Return the gaps seen of a category."""
        return self.counts.get(category, 0)


def touches_of(log: ContactLog) -> tuple[pd.DataFrame, int]:
    """Return the touches of agents and the level of the record.

    Level 3: every touch (``log.work``); level 2: first response and resolution of each contact,
    by its agent; 0: nothing. Columns: ``agent, team, category, ticket_id, end_s, since_s`` (when
    the ticket became available: opened, or last touched), ``week`` (local hours since Monday)
    and ``day`` (local day number).
    """
    frame = log.frame
    if log.work is not None and len(log.work):
        touches, level = log.work[["agent", "ticket_id", "end_s"]].copy(), 3
    else:
        stamps = [
            frame[["agent", "ticket_id", name]].set_axis(["agent", "ticket_id", "end_s"], axis=1)
            for name in ("first_response_s", "resolved_s")
        ]
        touches, level = pd.concat(stamps, ignore_index=True), 2
    touches = touches.dropna().sort_values(["ticket_id", "end_s"], kind="stable")
    if touches.empty:
        return touches, 0
    again = touches.duplicated(["ticket_id", "agent"]) & (
        touches.groupby("ticket_id")["end_s"].diff() < SAME_TOUCH
    )
    touches = touches[~again]
    about = pd.DataFrame(
        {
            "ticket_id": frame["ticket_id"],
            "category": category_of(frame),
            "team": team_of(frame),
            "opened": frame["opened_s"],
        }
    ).drop_duplicates("ticket_id")
    touches = touches.merge(about, on="ticket_id", how="inner")
    last = touches.groupby("ticket_id")["end_s"].shift()
    touches["since_s"] = last.fillna(touches["opened"])
    local = local_time(touches["end_s"], log.timezone)
    hours = local.hour + local.minute / 60 + local.second / 3600
    touches["week"] = local.day_of_week * 24 + hours
    touches["day"] = (local_days(touches["end_s"], log.timezone) - pd.Timestamp(0)).days
    return touches.drop(columns="opened").reset_index(drop=True), level


def by_people(touches: pd.DataFrame) -> pd.DataFrame:
    """Leave out accounts whose touches mostly share a stamp with the one before: programs."""
    ordered = touches.sort_values(["agent", "end_s"], kind="stable")
    same = ordered.groupby("agent")["end_s"].diff() == 0
    share = same.groupby(ordered["agent"]).mean()
    people: pd.DataFrame = touches[touches["agent"].isin(share.index[share <= PROGRAM])]
    return people.reset_index(drop=True)


def usable_gaps(touches: pd.DataFrame) -> pd.DataFrame:
    """Return gaps ``end - max(previous touch of the agent, ticket available)`` on the work clock.

    The work clock runs in the agent's usual hours of the week. Dropped: the first gap of a day or
    after a longer pause, touches at unusual hours and bulk actions (one stamp, many tickets).
    """
    t = touches.sort_values(["agent", "end_s"], kind="stable").reset_index(drop=True)
    code = pd.factorize(t["agent"])[0]
    hour = np.minimum(t["week"].to_numpy().astype(int), 167)
    day = t["day"].to_numpy()
    usual = _usual_hours(code, hour, day)
    end, since = t["end_s"].to_numpy(), t["since_s"].to_numpy()
    follows = np.concatenate([[False], code[1:] == code[:-1]])
    before = np.concatenate([[0.0], end[:-1]])
    start = np.maximum(before, since)
    clock = _work_clock(code, t["week"].to_numpy(), day, usual)
    previous = np.concatenate([[0.0], clock[:-1]])
    worked = clock - previous
    # a ticket that came after the last touch shortens the gap, at most to nothing
    gap = np.clip(np.minimum(worked, end - start), 0.0, None)
    same_day = np.concatenate([[False], day[1:] == day[:-1]])
    paused = (end - before) - worked > PAUSE * 3600
    size = t.groupby(["agent", "end_s"], sort=False)["ticket_id"].transform("size")
    bulk = size.to_numpy() >= BULK
    keep = follows & same_day & ~paused & ~bulk & usual[code, hour]
    gaps = t[["agent", "team", "category", "ticket_id"]].assign(seconds=gap)
    usable: pd.DataFrame = gaps[keep].reset_index(drop=True)
    return usable


def deconvolve(touches: pd.DataFrame) -> TouchFit | None:
    """Fit ``gap = W + U``: work W lognormal by category, U nothing, short overhead or idle time.

    W has one median per category and a common sd of its logarithm (weak prior 0.6 +- 0.3); U is
    0, exponential with a short mean or exponential with a long one. Gaps are binned by the minute
    (10 s where they are short), the law of the sum comes from discrete convolution, and the
    multinomial likelihood is maximised from three starts. None when there are under 300 gaps.

    Idle time that always follows work of a kind cannot be told from work: expect errors of some
    -10 to +20 %, more for short work among long breaks.
    """
    touches = by_people(touches)
    if touches.empty:
        return None
    gaps = usable_gaps(touches)
    if len(gaps) < FEW_GAPS:
        return None
    stamps = touches["end_s"].to_numpy()
    by_minute = bool((stamps % 60 == 0).mean() > 0.95)
    width = 60.0 if by_minute or gaps["seconds"].median() > 180 else 10.0
    counts = gaps["category"].value_counts()
    own = [str(name) for name in counts.index[:MOST_KINDS] if counts[name] >= FEW_TOUCHES]
    label = gaps["category"].where(gaps["category"].isin(own), POOLED)
    kinds, names = pd.factorize(label)
    bin_ = np.minimum(gaps["seconds"].to_numpy() / width + (0.5 if by_minute else 0.0), BINS)
    table = np.zeros((len(names), BINS + 1))
    np.add.at(table, (kinds, bin_.astype(int)), 1.0)
    medians, sigma, idle = _fit(table, by_minute)
    means = medians * np.exp(sigma**2 / 2) * width
    size = np.bincount(kinds)
    return TouchFit(
        means={str(name): float(means[i]) for i, name in enumerate(names)},
        counts={str(name): int(n) for name, n in counts.items()},
        cv=float(np.sqrt(np.expm1(sigma**2))),
        idle=idle,
        overall=float((means * size).sum() / size.sum()),
        gaps=gaps,
        touches={str(k): int(n) for k, n in touches["ticket_id"].value_counts().items()},
    )


@dataclass(frozen=True)
class _Mixture:
    """Law of binned gaps; parameters: log medians, log sigma, 2 log odds, 2 log mean times."""

    table: Array
    work_edges: Array
    idle_edges: Array
    centre: Array
    """Middle of the weak priors of the idle part; its odds keep short overhead the exception."""

    def law(self, x: Array) -> Array:
        """Return P(bin) by category, the last bin for all longer gaps."""
        number = len(self.table)
        z = (np.log(np.maximum(self.work_edges, 1e-9)) - x[:number, None]) / np.exp(x[number])
        work = np.diff(ndtr(z), axis=1)
        odds = np.exp(np.concatenate([[0.0], x[number + 1 : number + 3]]))
        share = odds / odds.sum()
        short = np.exp(x[number + 3])
        idle = share[1] * _steps(self.idle_edges, short)
        idle += share[2] * _steps(self.idle_edges, short + np.exp(x[number + 4]))
        idle[0] += share[0]
        size = 2 * BINS
        spectrum = np.fft.rfft(work, size, axis=1) * np.fft.rfft(idle, size)
        p = np.maximum(np.fft.irfft(spectrum, size, axis=1)[:, :BINS], 1e-12)
        return np.column_stack([p, np.maximum(1.0 - p.sum(axis=1), 1e-12)])

    def loss(self, x: Array) -> float:
        """Return minus the log likelihood and priors."""
        number = len(self.table)
        off = (x[number + 1 :] - self.centre) / np.array([1.0, 2.0, 1.0, 1.0])
        prior = 0.5 * ((np.exp(x[number]) - 0.6) / 0.3) ** 2 + 0.5 * float((off**2).sum())
        return float(prior - (self.table * np.log(self.law(x))).sum())


def _fit(table: Array, by_minute: bool) -> tuple[Array, float, float]:
    """Return medians of work (in bins), sd of its log, and the share of idle gaps."""
    number = len(table)
    typical = np.array([_median_bin(row[:-1]) for row in table])
    middle = max(float(np.median(typical)), 1.0)
    steps = np.arange(1, BINS + 1)
    # stamps cut to the minute: a gap of j minutes lies around j, not between j and j + 1
    work_edges = np.concatenate([[0.0], steps - (0.5 if by_minute else 0.0)])
    centre = np.array([-2.0, -1.0, np.log(0.5 * middle), np.log(4 * middle)])
    mixture = _Mixture(table, work_edges, np.concatenate([[0.0], steps - 0.5]), centre)
    least = np.array([-3.0] * number + [-2.3, -6.0, -6.0, -3.0, -1.0])
    most = np.array([6.0] * number + [0.6, 4.0, 4.0, 5.0, 7.0])
    found = []
    for scale, sigma in ((0.9, 0.6), (0.5, 0.4), (0.3, 0.9)):
        start = np.concatenate([np.log(np.maximum(typical * scale, 0.3)), [np.log(sigma)], centre])
        end = minimize(
            mixture.loss,
            np.clip(start, least, most),
            method="L-BFGS-B",
            bounds=Bounds(least, most),
            options={"maxiter": 150},
        )
        found.append((float(end.fun), np.asarray(end.x, dtype=np.float64)))
    x = min(found, key=lambda pair: pair[0])[1]
    odds = np.exp(np.concatenate([[0.0], x[number + 1 : number + 3]]))
    return np.exp(x[:number]), float(np.exp(x[number])), float(odds[2] / odds.sum())


def _steps(edges: Array, mean: float) -> Array:
    """Return the mass of an exponential between edges."""
    return -np.diff(np.exp(-edges / mean))


def _median_bin(counts: Array) -> float:
    total = np.cumsum(counts)
    return float(np.searchsorted(total, total[-1] / 2)) + 0.5


def _usual_hours(code: Codes, hour: Codes, day: Codes) -> NDArray[np.bool_]:
    """Return agent x hour of week: touched in a quarter of the agent's weeks (or between)."""
    number = int(code.max()) + 1
    week = (day + 3) // 7
    cell = np.unique(np.column_stack([code, hour, week]), axis=0)
    seen = np.zeros((number, 168))
    np.add.at(seen, (cell[:, 0], cell[:, 1]), 1.0)
    both = np.unique(np.column_stack([code, week]), axis=0)
    weeks = np.bincount(both[:, 0], minlength=number)
    busy = seen >= USUAL_HOUR * weeks[:, None]
    # an hour between two usual ones is usual: an agent there need not touch every hour
    between = np.roll(busy, 1, axis=1) & np.roll(busy, -1, axis=1)
    return np.asarray(busy | between, dtype=bool)


def _work_clock(code: Codes, week: Array, day: Codes, usual: NDArray[np.bool_]) -> Array:
    """Return seconds of the agent's usual hours since a fixed Monday."""
    passed = np.concatenate([np.zeros((len(usual), 1)), np.cumsum(usual, axis=1)], axis=1)
    hour = np.minimum(week.astype(int), 167)
    monday = (day + 3) // 7
    inside = (week - hour) * usual[code, hour]
    hours = monday * passed[code, -1] + passed[code, hour] + inside
    clock: Array = hours * 3600.0
    return clock
