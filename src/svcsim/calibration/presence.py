"""When agents were at work: spells of activity, local windows of a day, and passers-by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from svcsim.calibration.estimator import local_time
from svcsim.contacts.log import ContactLog
from svcsim.text import Text

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LIVE_GAP = 2 * 3600.0
"""Idle time (seconds) that ends a spell on a live desk."""
AWAY = 600.0
"""Idle time (seconds) from which an agent of a live desk may be away, where work is exact."""
PASSED = 4
"""Contacts that colleagues idle for less time took meanwhile, from which the agent was away."""
TICKET_GAP = 8 * 3600.0
"""Idle time (seconds) that ends a spell where agents leave few stamps a day."""
TOO_LONG, SPLIT = 13 * 3600.0, 2 * 3600.0
"""A spell longer than this (seconds) is two shifts when its longest idle time is this long."""
UNSEEN = 0.05
"""Share of the work in tickets from which the services of live contacts are not all there is."""
FEW = 2
"""A spell of so few touches may be a passer-by."""
SURE = 5
"""Touches in a spell from which its own first and last touch tell its hours."""
LONGEST = 540.0
"""Minutes that a spell with few touches is given at most."""
STAMPED = 10
"""Stamps from which an agent's own usual hours are used rather than the desk's."""
SCRAP = 15.0
"""Minutes of a spell on another day that only finish its last contact."""
DAY = 1440.0


@dataclass(frozen=True)
class Activity:
    """Touches of agents: ``agent, start_s, end_s`` (equal where only an end is known)."""

    touches: pd.DataFrame
    source: Text
    """What the touches were read from, for people."""
    exact: bool
    """Whether starts and ends of work are known, not only moments."""


def activity_of(log: ContactLog, live: Mask) -> Activity:
    """Return what agents were seen doing.

    Spells of work when they name the agents of the contacts; else the service of live contacts
    and the resolutions of tickets (and their first response where they never changed hands).
    """
    frame, work = log.frame, log.work
    if work is not None and len(work):
        known = set(frame["agent"].dropna())
        rows = work[work["agent"].isin(known)]
        if len(rows) >= 0.5 * len(work):
            start = rows["start_s"].where(rows["start_s"].notna(), rows["end_s"])
            touches = _table(rows["agent"], np.minimum(start, rows["end_s"]), rows["end_s"])
            exact = float(rows["start_s"].notna().mean()) > 0.5
            return Activity(touches, Text("recorded work", "操作记录"), exact)
    stamped = frame["resolved_s"].notna() & (frame["resolved_filled"].fillna(0) == 0)
    named = (frame["agent"].notna() & stamped).to_numpy()
    talks = frame[named & live]
    each = talks["handle_s"].fillna(0.0) / talks["handlings"].fillna(1.0).clip(lower=1.0)
    start = talks["first_response_s"].fillna(talks["resolved_s"] - each)
    # one reopened or passed on was not served from the first answer to the last resolution
    broken = (talks["reopens"].fillna(0) > 0) | (talks["transfers"].fillna(0) > 0)
    start = start.where(~broken, talks["resolved_s"] - each)
    parts = [_table(talks["agent"], np.minimum(start, talks["resolved_s"]), talks["resolved_s"])]
    tickets = frame[named & ~live]
    parts.append(_table(tickets["agent"], tickets["resolved_s"], tickets["resolved_s"]))
    # whoever answered first need not be who resolved it: only where it was one piece of work
    one = (tickets["transfers"].fillna(0) == 0) & ~(tickets["handlings"] > 1)
    soon = tickets["resolved_s"] - tickets["first_response_s"] <= TICKET_GAP / 2
    own = tickets[one & soon]
    parts.append(_table(own["agent"], own["first_response_s"], own["first_response_s"]))
    touches = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
    source = Text("services and resolutions", "接待或解决")
    return Activity(touches, source, _seen_whole(frame, live))


def _seen_whole(frame: pd.DataFrame, live: Mask) -> bool:
    """Tell whether services of live contacts show nearly all the work of agents.

    Of tickets only moments are known: whoever works on one looks idle, or away.
    """
    seconds = frame["handle_s"].fillna(0.0).clip(lower=0.0).to_numpy()
    if not seconds.sum() > 0:
        return bool(live.mean() >= 1.0 - UNSEEN)
    return bool(seconds[~live].sum() <= UNSEEN * seconds.sum())


def worked_spells(activity: Activity, team: Mapping[str, str]) -> pd.DataFrame:
    """Return the spells (see `spells_of`) that agents of a live desk worked.

    Ten minutes without work end a spell if the agent was passed over in them: if colleagues of
    the team who had been idle for less time took four contacts or more. On a quiet desk everybody
    waits long for the next contact, and that is no absence. Two hours always end it.
    """
    return spells_of(activity, LIVE_GAP, lambda t: _passed_over(t, team))


def _passed_over(t: pd.DataFrame, team: Mapping[str, str]) -> Mask:
    """Return which touches come after an absence of ten minutes or more (``t`` by agent)."""
    last = t.groupby("agent", sort=False)["end_s"].cummax()
    before = last.groupby(t["agent"], sort=False).shift().to_numpy()
    start = t["start_s"].to_numpy()
    of_team = t["agent"].map(team).fillna("").to_numpy(dtype=str)
    away = np.zeros(len(t), dtype=bool)
    long = (start - before > AWAY) & (start - before <= LIVE_GAP)
    for name in np.unique(of_team[long]):
        here = np.flatnonzero(of_team == name)
        order = here[np.argsort(start[here], kind="stable")]
        begins, idle_since = start[order], before[order]
        for i in here[long[here]]:
            low, high = np.searchsorted(begins, [before[i], start[i]], side="left")
            away[i] = int((idle_since[low:high] >= before[i]).sum()) >= PASSED
    return away


def spells_of(
    activity: Activity, gap: float, ended: Callable[[pd.DataFrame], Mask] | None = None
) -> pd.DataFrame:
    """Return spells: touches of an agent with no idle time longer than ``gap`` between them.

    ``ended`` tells, of the touches by agent and start, which others begin a spell as well.

    A spell of over 13 hours is cut at its longest idle time, if that is two hours or more: two
    shifts on end. Columns ``agent, start_s, end_s, touches, idle_start_s, idle_end_s`` (the
    longest idle time inside the spell).
    """
    t = activity.touches.sort_values(["agent", "start_s", "end_s"], ignore_index=True)
    if t.empty:
        empty: list[float] = []
        names = ("start_s", "end_s", "touches", "idle_start_s", "idle_end_s")
        return pd.DataFrame({"agent": pd.Series([], dtype="str"), **dict.fromkeys(names, empty)})
    last = t.groupby("agent", sort=False)["end_s"].cummax()
    before = last.groupby(t["agent"], sort=False).shift()
    idle = t["start_s"] - before
    fresh = (idle.isna() | (idle > gap)).to_numpy().copy()
    if ended is not None:
        fresh |= ended(t)
    inner = np.where(fresh, 0.0, idle.fillna(0.0))
    while True:
        spell = np.cumsum(fresh)
        longest = pd.Series(inner).groupby(spell).idxmax().to_numpy()
        start = t["start_s"].groupby(spell).min().to_numpy()
        end = t["end_s"].groupby(spell).max().to_numpy()
        cut = longest[(end - start > TOO_LONG) & (inner[longest] >= SPLIT)]
        if not len(cut):
            break
        fresh[cut], inner[cut] = True, 0.0
    out = pd.DataFrame(
        {
            "agent": t["agent"].groupby(spell).first().to_numpy(),
            "start_s": start,
            "end_s": end,
            "touches": np.bincount(spell)[1:],
            "idle_start_s": before.to_numpy()[longest],
            "idle_end_s": t["start_s"].to_numpy()[longest],
        }
    ).astype({"agent": "str"})
    out.loc[inner[longest] <= 0, ["idle_start_s", "idle_end_s"]] = np.nan
    return out


def mean_idle(activity: Activity, gap: float) -> float:
    """Return the mean idle time (seconds) between touches of an agent within a spell."""
    t = activity.touches.sort_values(["agent", "start_s", "end_s"])
    last = t.groupby("agent", sort=False)["end_s"].cummax()
    idle = t["start_s"] - last.groupby(t["agent"], sort=False).shift()
    inside = idle[idle <= gap].clip(lower=0.0)
    return float(inside.mean()) if len(inside) else 0.0


def is_stray(spells: pd.DataFrame) -> Mask:
    """Return which spells are passers-by: one or two touches that are unusual for the agent.

    Unusual: under a quarter of the agent's median spell, or an agent with fewer than three spells
    none of which has more touches. An agent who always leaves few stamps is no passer-by.
    """
    by = spells.groupby("agent")["touches"]
    usual, most, number = by.transform("median"), by.transform("max"), by.transform("size")
    few = spells["touches"] <= FEW
    odd = (spells["touches"] < 0.25 * usual) | ((most <= FEW) & (number < 3))
    return (few & odd).to_numpy(dtype=bool)


def without(activity: Activity, spells: pd.DataFrame) -> Activity:
    """Return the activity without the touches inside the given spells."""
    t = activity.touches
    cut = spells.sort_values("start_s")[["agent", "start_s", "end_s"]]
    cut = cut.rename(columns={"start_s": "from_s", "end_s": "to_s"})
    order = t.reset_index().sort_values("start_s", kind="stable")
    found = pd.merge_asof(order, cut, left_on="start_s", right_on="from_s", by="agent")
    kept = found.loc[~(found["end_s"] <= found["to_s"]), "index"]
    return replace(activity, touches=t.loc[np.sort(kept)].reset_index(drop=True))


def by_local_day(spells: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return one row a spell and local day: ``agent, day`` (midnight), ``start, end`` (minutes).

    A spell over midnight becomes two rows, unless one of them would be a scrap of under 15
    minutes (a running contact that was finished after midnight). ``idle_start, idle_end`` are
    minutes too, NaN when the longest idle time lies on another day.
    """
    start = local_time(spells["start_s"], timezone).tz_localize(None)
    end = local_time(spells["end_s"], timezone).tz_localize(None)
    first, last = start.normalize(), end.normalize()
    span = (last - first).days.to_numpy()
    row = np.repeat(np.arange(len(spells)), span + 1)
    step = np.arange(len(row)) - np.repeat(np.cumsum(span + 1) - span - 1, span + 1)
    day = first[row] + pd.to_timedelta(step, unit="D")
    out = pd.DataFrame({"agent": spells["agent"].to_numpy()[row], "day": day})
    out["start"] = np.clip(_minutes(start[row], day), 0.0, DAY)
    out["end"] = np.clip(_minutes(end[row], day), 0.0, DAY)
    out["touches"] = spells["touches"].to_numpy()[row]
    for name in ("idle_start", "idle_end"):
        stamp = local_time(spells[f"{name}_s"], timezone).tz_localize(None)
        out[name] = _minutes(stamp[row], day)
    outside = ~((out["idle_start"] >= 0) & (out["idle_end"] <= DAY))
    out.loc[outside, ["idle_start", "idle_end"]] = np.nan
    scrap = (out["end"] - out["start"] < SCRAP) & (np.repeat(span, span + 1) > 0)
    return out[~scrap.to_numpy()].reset_index(drop=True)


def fuller_hours(days: pd.DataFrame, stamps: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return agent-days of a ticket desk with the hours that few stamps do not show.

    The first and last of n stamps spread over a shift leave out about range / (n - 1) on each
    side (the order statistics of a uniform sample); that much is added, one hour at most. With
    fewer than five stamps the agent's usual hours (5 % to 95 % of all its stamps, widened by as
    much; those of all agents when it has fewer than ten) are taken, nine hours at most, around
    the stamps of that day.
    """
    out = days.copy()
    n = out["touches"].to_numpy(dtype=float)
    start, end = out["start"].to_numpy(), out["end"].to_numpy()
    grow = np.minimum((end - start) / np.maximum(n - 1.0, 1.0), 60.0)
    low, high = _usual_hours(out["agent"], stamps, timezone)
    middle = np.clip(0.5 * (start + end), low + LONGEST / 2, high - LONGEST / 2)
    middle = np.where(high - low <= LONGEST, 0.5 * (low + high), middle)
    half = np.minimum(high - low, LONGEST) / 2
    sure = n >= SURE
    out["start"] = np.where(sure, start - grow, np.minimum(middle - half, start)).clip(0, DAY)
    out["end"] = np.where(sure, end + grow, np.maximum(middle + half, end)).clip(0, DAY)
    return out


def _usual_hours(agent: pd.Series, stamps: pd.DataFrame, timezone: str) -> tuple[Array, Array]:
    local = local_time(stamps["end_s"], timezone).tz_localize(None)
    minute = pd.Series(_minutes(local, local.normalize()), index=stamps.index)
    by = minute.groupby(stamps["agent"])
    known = by.size() >= STAMPED
    edges = [
        np.asarray(
            agent.map(by.quantile(share).where(known)).fillna(float(minute.quantile(share))),
            dtype=np.float64,
        )
        for share in (0.05, 0.95)
    ]
    more = (edges[1] - edges[0]) * 0.05 / 0.9
    return np.maximum(edges[0] - more, 0.0), np.minimum(edges[1] + more, DAY)


def _minutes(stamp: pd.DatetimeIndex, day: pd.DatetimeIndex) -> Array:
    return np.asarray((stamp - day) / pd.Timedelta(minutes=1), dtype=float)


def _table(agent: pd.Series, start: ArrayLike, end: ArrayLike) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "agent": agent.to_numpy(),
            "start_s": np.asarray(start, dtype=float),
            "end_s": np.asarray(end, dtype=float),
        }
    ).astype({"agent": "str"})
