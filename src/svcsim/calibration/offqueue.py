"""Time off the queue: what agents on shift do while customers wait and they serve nobody."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import on_log, share_from_counts
from svcsim.model.duration import Duration
from svcsim.model.quantity import Factor, Share, Time
from svcsim.stats.survival import SurvivalCurve, kaplan_meier

Array = NDArray[np.float64]

LATENCY = 5.0
"""Seconds that a contact may wait while the agent who takes it is being connected."""
PROMPT = 10.0
"""Seconds between two services that do not count as time off."""
TRIALS = 200
"""Ends of service with a customer waiting, needed to learn anything."""
FEW = 30
"""Times off, seen to their end, needed to learn how long they are."""
WAITED = 5 * 3600.0
"""Seconds with somebody waiting, needed to learn anything."""


@dataclass(frozen=True)
class Spans:
    """Spans of time of some team: ``team, start, end`` arrays of equal length (epoch seconds).

    ``agent`` says whose they are; empty where nobody's.
    """

    team: NDArray[np.str_]
    start: Array
    end: Array
    agent: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype=np.str_))

    def of(self, team: str) -> tuple[Array, Array]:
        """Return starts and ends of one team."""
        here = self.team == team
        return self.start[here], self.end[here]


@dataclass(frozen=True)
class OffQueue:
    """Time off the queue: probability after a handling, how long, and the share that it makes."""

    share: Share
    time: Duration | None
    """None: nobody was seen to take any."""
    unavailable: float
    """Share of rostered time not spent serving while customers wait."""


def off_queue(
    waits: Spans,
    staffed: Spans,
    services: Spans,
    longest: float = np.inf,
) -> OffQueue | None:
    """Return the time off the queue, or None when too little waiting was seen.

    An available agent serves while a contact waits (longer than 5 s). So of the services that end
    while somebody waits, and goes on waiting 10 s, those not followed by another within 10 s are
    followed by time off: their share is its probability. Its length is the time to the agent's
    next service, right-censored when nobody waits any more or the agent's rostered window ends
    (Kaplan-Meier; beyond the last event an exponential rest). The share of rostered time not spent
    serving while customers wait is reported beside it; it is larger, because customers wait when
    many agents are away.

    Parameters
    ----------
    waits, staffed, services : Spans
        Contacts waiting, agents rostered, agents serving; the last two name their agents.
    longest : float
        Seconds from which time without work is an absence that the roster shows.
    """
    total = np.zeros(3)
    gaps: list[Array] = []
    ended: list[NDArray[np.bool_]] = []
    for team in np.unique(waits.team):
        start, end = _union(
            waits.start[waits.team == team] + LATENCY, waits.end[waits.team == team]
        )
        if not len(start):
            continue
        spent = np.column_stack(
            [
                end - start,
                _overlap(start, end, *staffed.of(team)),
                _overlap(start, end, *services.of(team)),
            ]
        )
        total += spent.sum(axis=0)
        gap, happened = _after_service(start, end, services, staffed, str(team))
        gaps.append(gap)
        ended.append(happened)
    if total[0] < WAITED or total[1] <= 0 or sum(map(len, gaps)) < TRIALS:
        return None
    gap, seen = np.concatenate(gaps), np.concatenate(ended)
    away = gap > PROMPT
    unavailable = float(1.0 - total[2] / total[1])
    n = int((seen & away & (gap < longest)).sum())
    if n < FEW:
        how = "hardly a service that ended while a customer waited was followed by time off"
        rare = share_from_counts(n, len(gap), how=how)
        return OffQueue(rare.model_copy(update={"value": 0.0}), None, unavailable)
    how = "services that ended while a customer waited, not followed by another within 10 s"
    how += f" but within {longest / 60:.0f} min" if np.isfinite(longest) else ""
    curve, beyond = _up_to(kaplan_meier(gap[away], seen[away]), longest)
    share = share_from_counts((1.0 - beyond) * float(away.sum()), len(gap), how=how)
    mean, cv = _moments(curve)
    how = "time to the next service while customers wait, censored when nobody does"
    bounds = (cv / 1.3, cv * 1.3)
    time = Duration(
        law="lognormal",
        mean=on_log(Time, mean, cv / max(n, 1) ** 0.5, n, how=how),
        cv=Factor(value=cv, interval=bounds, n=n, grade="measured", how=how),
    )
    return OffQueue(share, time, unavailable)


def _after_service(
    start: Array, end: Array, services: Spans, staffed: Spans, team: str
) -> tuple[Array, NDArray[np.bool_]]:
    """Return times to the next service after services that ended while somebody waited."""
    here = services.team == team
    table = pd.DataFrame(
        {"agent": services.agent[here], "start": services.start[here], "end": services.end[here]}
    ).sort_values(["agent", "start"])
    following = table.groupby("agent")["start"].shift(-1)
    done = table["end"].to_numpy()
    home = _end_of_duty(table["agent"], done, staffed)
    gap = (following - table["end"]).to_numpy()
    place = np.searchsorted(start, done, side="right") - 1
    waiting = (place >= 0) & (done < end[np.maximum(place, 0)]) & np.isfinite(gap)
    # whoever goes home, or to lunch as rostered, takes no time off the queue
    left = np.minimum(end[np.maximum(place, 0)], home) - done
    # nobody waits any more before 10 s are over: this tells nothing about the agent
    told = waiting & ((left > PROMPT) | (gap <= PROMPT))
    time = np.minimum(gap, left)[told]
    return np.maximum(time, 0.0), (gap <= left)[told]


def _end_of_duty(agent: pd.Series, done: Array, staffed: Spans) -> Array:
    """Return the end of the rostered window in which each service ended (the service's end: none).

    A handling may run on after its window: nothing is left of it then.
    """
    asked = pd.DataFrame({"agent": agent.to_numpy(), "done": done, "row": np.arange(len(done))})
    windows = pd.DataFrame({"agent": staffed.agent, "begin": staffed.start, "end": staffed.end})
    found = pd.merge_asof(
        asked.sort_values("done"), windows.sort_values("begin"),
        left_on="done", right_on="begin", by="agent",
    ).sort_values("row")  # fmt: skip
    return np.asarray(np.fmax(found["end"].to_numpy(dtype=float), done), dtype=np.float64)


def _up_to(curve: SurvivalCurve, longest: float) -> tuple[SurvivalCurve, float]:
    """Return the law of the times below ``longest``, and the share of those beyond."""
    below = curve.time < longest
    if not np.isfinite(longest):
        return curve, 0.0
    alive = curve.survival[below]
    rest = float(alive[-1])
    inside = replace(curve, time=curve.time[below], survival=(alive - rest) / (1.0 - rest))
    return inside, rest


def _moments(curve: SurvivalCurve) -> tuple[float, float]:
    """Return mean and sd / mean (held between 0.5 and 4) of a time from its survival curve."""
    time = np.concatenate([[0.0], curve.time])
    alive = np.concatenate([[1.0], curve.survival])
    mean = float((alive[:-1] * np.diff(time)).sum())
    square = float((alive[:-1] * (time[1:] ** 2 - time[:-1] ** 2)).sum())
    # beyond the last event: an exponential rest with the mean so far
    rest = float(alive[-1])
    square += rest * (2 * mean * time[-1] + 2 * mean**2)
    mean += rest * mean
    cv = np.sqrt(max(square / mean**2 - 1.0, 0.0))
    return mean, float(np.clip(cv, 0.5, 4.0))


def _union(start: Array, end: Array) -> tuple[Array, Array]:
    """Return the disjoint spans that the given ones cover, in order."""
    keep = end > start
    order = np.argsort(start[keep], kind="stable")
    a, b = start[keep][order], np.maximum.accumulate(end[keep][order])
    if not len(a):
        return a, b
    fresh = np.concatenate([[True], a[1:] > b[:-1]])
    first = np.flatnonzero(fresh)
    return a[first], b[np.concatenate([first[1:] - 1, [len(a) - 1]])]


def _overlap(start: Array, end: Array, a: Array, b: Array) -> Array:
    """Return how much of the spans ``a..b`` (summed over them) lies in each of ``start..end``."""
    return _covered(end, a, b) - _covered(start, a, b)


def _covered(instant: Array, a: Array, b: Array) -> Array:
    """Return the total time of the spans ``a..b`` up to each instant."""
    total = np.zeros(len(instant))
    for edges, sign in ((np.sort(a), 1.0), (np.sort(b), -1.0)):
        sums = np.concatenate([[0.0], np.cumsum(edges)])
        count = np.searchsorted(edges, instant, side="right")
        total += sign * (count * instant - sums[count])
    return total
