"""Who else was waiting when an agent took a contact: the choice sets behind a desk's discipline.

A pick is the start of work on a new contact by a known agent. Its set holds the contacts of the
same team and mode (live or ticket) that had joined the queue, had neither been taken nor left, and
that the agent serves at all. A contact that this agent would never be given is no alternative:
counted in, it would look overtaken (another language, a category of colleagues).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import category_of, most_usual, team_of
from svcsim.calibration.groups import channel_modes, live_rows
from svcsim.contacts.chains import next_contacts
from svcsim.contacts.log import ContactLog

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_PICKS = 12_000
"""Sets looked at; of more picks a random sample is taken."""
LOOK_BACK = 3000
"""A set is sought among this many contacts before the pick; longer queues are left out."""
SERVED = 0.1
"""A kind of contact is served by an agent who takes at least this share of an equal part of it."""
FEW_EXPECTED = 3.0
"""Below so many expected contacts of a kind nothing tells that an agent does not serve it."""


@dataclass(frozen=True)
class Starts:
    """When every contact joined, when it was taken and by whom; one entry a row of the frame."""

    joined: Floats
    taken: Floats
    """NaN: never, or not recorded."""
    gone: Floats
    """When it no longer waited: taken or abandoned; NaN: not known."""
    agent: Ints
    """Code of who took it, -1 unknown."""
    names: tuple[str, ...]
    team: Ints
    live: Flags
    owner: Ints
    """Who served the case (else the customer) before; -1 nobody."""
    returned: Flags
    """A later contact of its case."""
    tick: float
    """Resolution of the stamps in seconds."""


@dataclass(frozen=True)
class Sets:
    """Choice sets of two or more, one after the other."""

    row: Ints
    """Row of the frame of every alternative, in the order in which they joined."""
    first: Ints
    """Where each set begins in ``row``."""
    chosen: Ints
    """Position in ``row`` of the contact that was taken."""
    at: Floats
    """When it was taken."""
    agent: Ints
    live: Flags

    def __len__(self) -> int:
        return len(self.first)

    @property
    def size(self) -> Ints:
        """Return how many alternatives each set has."""
        return np.diff(np.append(self.first, len(self.row)))

    @property
    def pick(self) -> Ints:
        """Return the set of every alternative."""
        return np.repeat(np.arange(len(self)), self.size)

    def of(self, keep: Flags) -> Sets:
        """Return some of the sets."""
        size = self.size
        row = self.row[np.repeat(keep, size)]
        first = np.cumsum(size[keep]) - size[keep]
        chosen = first + (self.chosen - self.first)[keep]
        return Sets(row, first, chosen, self.at[keep], self.agent[keep], self.live[keep])


def starts_of(log: ContactLog) -> Starts:
    """Return when contacts joined and were taken, as far as the log records it.

    A live contact is taken at its first response; a ticket at the start of the first spell of
    work on it. A first response ends the first handling of a ticket, so without spells that have
    a start nothing is known of when it was taken.
    """
    frame = log.frame
    live = live_rows(frame, channel_modes(log))
    spells = _first_spells(log)
    at = frame["first_response_s"].where(live, frame["ticket_id"].map(spells["start_s"]))
    who = frame["agent"].where(live, frame["ticket_id"].map(spells["agent"]))
    own_team = team_of(frame)
    if "team" in spells:
        first = frame["ticket_id"].map(spells["team"])
        own_team = first.where(first.notna() & ~live, own_team)
    # a transferred contact without spells shows its last team, not the queue it was taken from
    moved = (frame["transfers"].fillna(0) > 0) & frame["ticket_id"].map(spells["start_s"]).isna()
    joined = frame["queued_s"].fillna(frame["opened_s"]).to_numpy(float)
    taken = at.where(~moved).to_numpy(float)
    waited = joined + frame["wait_s"].to_numpy(float)
    left = frame["abandoned_s"].to_numpy(float)
    gone = np.where(np.isnan(taken), left, np.fmin(taken, np.where(live, waited, np.nan)))
    agent, names = pd.factorize(who.where(pd.Series(taken, frame.index).notna()))
    team = _queue_team(frame, own_team, pd.Series(taken, frame.index))
    known = taken[np.isfinite(taken)]
    whole_minutes = len(known) > 0 and bool((known % 60 == 0).all())
    owner, returned = _owners(frame, agent)
    return Starts(
        joined, taken, gone, agent.astype(np.int64), tuple(str(n) for n in names),
        pd.factorize(team)[0].astype(np.int64), live, owner, returned,
        60.0 if whole_minutes else 1.0,
    )  # fmt: skip


def choice_sets(log: ContactLog, starts: Starts, seed: int = 1) -> Sets:
    """Return the choice sets of (a sample of) the picks that had a choice."""
    rng = np.random.default_rng(seed)
    serves = _Served(log.frame, starts)
    found: list[tuple[int, Ints, int]] = []
    queue = starts.team * 2 + starts.live
    for name in np.unique(queue[queue >= 0]):
        inside = np.flatnonzero((queue == name) & np.isfinite(starts.gone))
        found += list(_of_queue(inside, starts, serves, rng))
    if not found:
        none = np.zeros(0, np.int64)
        return Sets(none, none, none, np.zeros(0), none, np.zeros(0, bool))
    if len(found) > MOST_PICKS:
        found = [found[i] for i in np.sort(rng.permutation(len(found))[:MOST_PICKS])]
    size = np.array([len(row) for _, row, _ in found])
    first = np.cumsum(size) - size
    pick = np.array([row for row, _, _ in found])
    return Sets(
        np.concatenate([row for _, row, _ in found]),
        first,
        first + np.array([place for _, _, place in found]),
        starts.taken[pick],
        starts.agent[pick],
        starts.live[pick],
    )


def _of_queue(
    inside: Ints, starts: Starts, serves: _Served, rng: np.random.Generator
) -> Iterator[tuple[int, Ints, int]]:
    """Yield (row taken, rows of its set by time of joining, place of the row taken) of a queue."""
    order = inside[np.argsort(starts.joined[inside], kind="stable")]
    joined, gone = starts.joined[order], starts.gone[order]
    # nothing before the first place whose running latest end lies after t can still wait at t
    latest = np.maximum.accumulate(gone)
    places = np.flatnonzero(np.isfinite(starts.taken[order]) & (starts.agent[order] >= 0))
    if len(places) > 3 * MOST_PICKS:
        places = np.sort(rng.permutation(places)[: 3 * MOST_PICKS])
    at = starts.taken[order[places]]
    low = np.minimum(np.searchsorted(latest, at, side="right"), places)
    high = np.searchsorted(joined, at, side="right")
    for place, t, a, b in zip(places, at, low, high, strict=True):
        if place >= b or b - a < 2 or b - a > LOOK_BACK:
            continue
        # stamps that differ by no more than their resolution do not tell who was taken first
        waits = gone[a:b] > t + starts.tick
        waits[place - a] = True
        rows = order[a:b][waits]
        if len(rows) < 2:
            continue
        rows = rows[serves.by(int(starts.agent[order[place]]), rows) | (rows == order[place])]
        if len(rows) >= 2:
            yield int(order[place]), rows, int(np.flatnonzero(rows == order[place])[0])


class _Served:
    """Which kinds of contact (category and language) each agent takes at all."""

    def __init__(self, frame: pd.DataFrame, starts: Starts) -> None:
        language = frame["language"].astype("object").fillna("").astype(str)
        self.kind = pd.factorize(category_of(frame) + "\n" + language)[0]
        kinds, people = int(self.kind.max(initial=0)) + 1, max(len(starts.names), 1)
        known = (starts.agent >= 0) & np.isfinite(starts.taken)
        team = starts.team[known]
        teams = int(team.max(initial=0)) + 1
        own = np.zeros((people, kinds))
        np.add.at(own, (starts.agent[known], self.kind[known]), 1.0)
        mix = np.zeros((teams, kinds))
        np.add.at(mix, (team, self.kind[known]), 1.0)
        mix = mix / np.maximum(mix.sum(axis=1, keepdims=True), 1.0)
        picks = np.zeros((people, teams))
        np.add.at(picks, (starts.agent[known], team), 1.0)
        expected = picks @ mix
        self._may = (own >= SERVED * expected) | (expected < FEW_EXPECTED)

    def by(self, agent: int, rows: Ints) -> Flags:
        """Return which rows the agent serves."""
        may: Flags = self._may[agent, self.kind[rows]]
        return may


def _first_spells(log: ContactLog) -> pd.DataFrame:
    """Return ticket -> agent, team and start of the first spell of work with a start."""
    work = log.work
    if work is None or work["start_s"].isna().all():
        return pd.DataFrame({"agent": [], "start_s": []}, dtype=object).astype({"start_s": float})
    first = work[work["start_s"].notna()].sort_values("start_s", kind="stable")
    return first.drop_duplicates("ticket_id").set_index("ticket_id")


def _queue_team(frame: pd.DataFrame, team: pd.Series, taken: pd.Series) -> pd.Series:
    """Return the team whose queue each contact waited in; missing where that cannot be told.

    A contact that left has no agent to tell its team: it takes the one that nearly all (80 %)
    contacts of its category went to.
    """
    category = category_of(frame)
    seen = taken.notna()
    if not seen.any():
        return team
    usual = most_usual(category[seen], team[seen])
    home = category.map(usual)
    clear = (team == home)[seen].groupby(category[seen]).mean()
    return team.where(seen, home.where(category.map(clear) >= 0.8))


def _owners(frame: pd.DataFrame, agent: NDArray[np.intp]) -> tuple[Ints, Flags]:
    """Return who served the case before (else, for a new case, the customer), and if it returned.

    The owner of a case is the agent of its contact before this one.
    """
    owner = np.full(len(frame), -1, dtype=np.int64)
    following = next_contacts(frame)
    before = np.flatnonzero(following >= 0)
    owner[following[before]] = agent[before]
    returned = (frame["contact_no"].fillna(1) > 1).to_numpy(bool)
    served = pd.DataFrame({"customer": frame["customer"], "agent": agent, "at": frame["opened_s"]})
    served = served[served["customer"].notna().to_numpy()].sort_values("at", kind="stable")
    last = served.groupby("customer", sort=False)["agent"].shift(1).fillna(-1).astype(np.int64)
    known = np.full(len(frame), -1, dtype=np.int64)
    known[frame.index.get_indexer(last.index)] = last.to_numpy()
    return np.where(returned, owner, known), returned


def without_returns(starts: Starts, sets: Sets) -> Sets:
    """Return the sets in which nobody's own returning contact waits: plain choices by urgency."""
    own = starts.returned & (starts.owner >= 0)
    touched = np.logical_or.reduceat(own[sets.row], sets.first) if len(sets) else own[:0]
    return replace(sets.of(~touched))
