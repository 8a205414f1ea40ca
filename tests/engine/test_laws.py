"""What holds in every run of every desk on either clock, told from what the run wrote down.

The desks are drawn at random (`twins.random_desks`): teams, languages, tiers, channels, chats,
returns, breaks, behaviour. No law here knows how a clock works.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk, run_clock
from svcsim.engine import rules
from svcsim.engine.demand import Horizon
from svcsim.engine.queues import OWN, plans
from svcsim.engine.rows import NEVER, Tables
from svcsim.engine.setting import Setting
from svcsim.engine.simpy_clock import SimpyClock
from svcsim.engine.simulate import prepare, run
from twins.random_desks import random_desk

DESKS = range(1000, 1060)


@dataclass(frozen=True)
class Ran:
    """One replication of a random desk; times are seconds since the start."""

    setting: Setting
    tables: Tables
    features: set[str]
    windows: dict[int, list[tuple[int, int]]]
    spells: pd.DataFrame
    """Work on contacts, in order of time; `first`: the contact's first."""
    helping: pd.DataFrame
    """Agents held to help another one, who works on the contact."""

    @property
    def rows(self) -> np.ndarray:
        return self.tables.rows

    @property
    def stop(self) -> int:
        return self.setting.stop - self.setting.start


@cache
def ran(number: int, engine: str) -> Ran:
    model, horizon, features = random_desk(number)
    setting = prepare(model, horizon, seed=number, replication=1, redraw_parameters=False)
    tables = run(setting, engine)
    work = pd.DataFrame(
        {name: tables.work[name].astype(np.int64) for name in tables.work.dtype.names}
    )
    work["live"] = tables.rows["live"][work["contact"]]
    # who helps begins in the same second as who is helped, and is written down before
    helps = work.duplicated(["contact", "start"], keep="last")
    spells = work[~helps].sort_values(["start", "contact"], kind="stable")
    spells["first"] = ~spells.duplicated("contact")
    windows = defaultdict(list)
    for begin, end, who in np.asarray(setting.windows).tolist():
        windows[who].append((begin - setting.start, end - setting.start))
    return Ran(setting, tables, features, windows, spells, work[helps])


@pytest.fixture(params=["compiled", "simpy"])
def runs(request):
    return (ran(number, request.param) for number in DESKS)


def known(values):
    return values != NEVER


def test_every_case_is_resolved_abandoned_or_open_at_the_end(runs):
    outcomes = np.zeros(3, dtype=int)
    for r in runs:
        rows, cases = r.rows, r.setting.cases
        opened = cases.opened[cases.opened < r.setting.stop] - r.setting.start
        assert np.array_equal(np.sort(rows["opened"][rows["no"] == 1]), np.sort(opened))
        resolved, left = known(rows["resolved"]), known(rows["abandoned"])
        assert not (resolved & left).any()
        assert (rows["live"][left] == 1).all()
        assert (rows["handlings"][left] == 0).all()
        # the contacts of a case are numbered 1, 2, ...; all but the last have come to an end
        order = np.lexsort((rows["no"], rows["case"]))
        case, no = rows["case"][order], rows["no"][order]
        follows = np.diff(case) == 0
        assert np.array_equal(np.diff(no)[follows], np.ones(follows.sum()))
        assert (no[np.concatenate([[True], ~follows])] == 1).all()
        before, after = order[:-1][follows], order[1:][follows]
        ended = np.maximum(rows["resolved"][before], rows["abandoned"][before])
        assert known(ended).all()
        assert (rows["opened"][after] >= ended).all()
        last = order[np.concatenate([~follows, [True]])]
        ends = [resolved[last].sum(), left[last].sum(), (~resolved & ~left)[last].sum()]
        assert sum(ends) == len(opened)
        outcomes += ends
    assert outcomes.min() > 100


def test_stamps_come_in_their_order(runs):
    for r in runs:
        rows = r.rows
        answered, resolved = known(rows["first_response"]), known(rows["resolved"])
        assert (rows["first_response"] >= rows["opened"])[answered].all()
        assert (rows["resolved"] >= rows["first_resolved"])[resolved].all()
        assert (rows["first_resolved"] >= rows["first_response"])[
            known(rows["first_resolved"])
        ].all()
        assert answered[resolved].all()
        for name in ("first_response", "first_resolved", "resolved", "abandoned", "survey"):
            assert rows[name].max(initial=0) < r.stop
        assert (rows["opened"] % r.setting.desk.tick == 0).all()


def test_handling_is_the_time_that_agents_work(runs):
    """Contact by contact; with wrap-up the agent is busy for longer than the contact lasts."""
    checked = 0
    for r in runs:
        for column, holds in (
            ("end", "wrap up" not in r.features),
            ("free", {*r.setting.desk.busy, *r.setting.capacity} == {1.0}),
        ):  # fmt: skip
            if holds:
                time = (r.spells[column] - r.spells["start"]).groupby(r.spells["contact"]).sum()
                handle = np.zeros(len(r.rows), dtype=np.int64)
                handle[time.index] = time
                assert np.array_equal(handle, r.rows["handle"])
                checked += len(time)
        resumed = "hand back" in r.features  # a spell more, but no handling more
        spells = r.spells["contact"].value_counts().reindex(range(len(r.rows)), fill_value=0)
        more = spells.to_numpy() - r.rows["handlings"]
        assert (more >= 0).all() if resumed else (more == 0).all()
    assert checked > 5000


def test_nothing_begins_off_shift_and_overtime_is_of_what_was_begun(runs):
    overtime = 0
    for r in runs:
        every = pd.concat([r.spells, r.helping])
        for agent, begun in every.groupby("agent")["start"]:
            starts = begun.to_numpy()
            inside = np.zeros(len(starts), dtype=bool)
            for begin, end in r.windows[agent]:
                inside |= (begin <= starts) & (starts < end)
            assert inside.all()
        staffed = {(int(s["start"]), int(s["end"]), int(s["agent"])) for s in r.tables.staffed}
        for begin, end, agent in staffed:
            if (begin, end) in r.windows[agent]:
                continue
            mine = every[every["agent"] == agent]
            assert begin in {b for _, b in r.windows[agent]}
            # it lasts until the agent is free, or until the next window opens
            ending = mine[(mine["start"] < begin) & (mine["free"] >= end)]
            if end not in {a for a, _ in r.windows[agent]}:
                ending = ending[ending["free"] == end]
            assert len(ending) >= 1
            overtime += 1
            if "hand back" in r.features:
                # only live contacts, help, and the work after a contact's end outlast a shift
                helped = ending.index.isin(r.helping.index)
                assert ((ending["live"] == 1) | helped | (ending["end"] <= begin)).any()
    assert overtime > 100


def test_an_agent_has_one_thing_at_a_time_or_as_many_chats_as_slots(runs):
    side_by_side = 0
    for r in runs:
        every = pd.concat([r.spells.assign(help=False), r.helping.assign(help=True)])
        for agent, mine in every.groupby("agent"):
            slots = r.setting.desk.slots[agent]
            alone = mine["help"] | (mine["live"] == 0) | (slots == 1)
            weight = np.where(alone, slots, 1)
            change = pd.DataFrame({
                "at": [*mine["free"], *mine["start"]], "by": [*-weight, *weight],
            }).sort_values(["at", "by"], kind="stable")  # fmt: skip
            level = change["by"].cumsum()
            assert level.max() <= slots
            side_by_side += int((level > 1).sum()) if slots > 1 else 0
    assert side_by_side > 100


def test_contacts_are_served_by_those_who_may(runs):
    restricted = 0
    for r in runs:
        d = r.setting.desk
        for spell in r.spells.itertuples():
            row = r.rows[spell.contact]
            assert spell.team in d.serves[spell.agent]
            if d.agent_tiers[spell.agent]:
                assert row["tier"] in d.agent_tiers[spell.agent]
                restricted += 1
            if d.agent_languages[spell.agent]:
                assert max(row["language"], 0) in d.agent_languages[spell.agent]
                restricted += 1
        for helper in r.helping.itertuples():
            assert d.agent_team[helper.agent] == helper.team
    assert restricted > 200


class Waits:
    """First waits of a run: whose turn it was, for agents who take what is most urgent."""

    def __init__(self, r: Ran) -> None:
        self.r, d = r, r.setting.desk
        rows = r.rows
        self.layout, levels, self.plan, _ = plans(d)
        self.rank = [
            {queue: i for i, level in enumerate(plan) if level != OWN for queue in level}
            for plan in levels
        ]
        self.start = np.full(len(rows), np.iinfo(np.int64).max)
        first = r.spells[r.spells["first"]]
        self.start[first["contact"]] = first["start"]
        self.until = np.where(known(rows["abandoned"]), rows["abandoned"], self.start - 1)
        self.team = np.array([d.categories[c].team for c in rows["category"]], dtype=int)
        ticket = rows["live"] == 0
        kept = d.own_first & ticket & ((rows["no"] > 1) | d.own_customer)
        picked = np.array(
            [d.categories[c].pickup is not None for c in rows["category"]], dtype=bool
        )
        self.clear = ~kept & ~(picked & ticket)
        """Contacts that joined the queue of all when they opened."""
        credit = np.array(d.credit)[rows["priority"]]
        self.urgency = np.array([
            rules.urgency(d.discipline, o, c, r.setting.due(o + r.setting.start, p))
            for o, c, p in zip(
                rows["opened"].tolist(), credit.tolist(), rows["priority"].tolist(), strict=True
            )
        ])  # fmt: skip

    def queue(self, number: int) -> int:
        row = self.r.rows[number]
        return self.layout.queue(
            int(self.team[number]), int(row["language"]), int(row["tier"]), bool(row["live"])
        )

    def passed_over(self) -> tuple[int, list[str]]:
        """How many choices were looked at, and which of them passed a more urgent contact over."""
        rows, looked, wrong = self.r.rows, 0, []
        for spell in self.r.spells[self.r.spells["first"]].itertuples():
            x, at = spell.contact, spell.start
            if not self.clear[x]:
                continue
            rank = self.rank[self.plan[spell.agent]]
            mine = (rank[self.queue(x)], self.urgency[x], x)
            waiting = (rows["opened"] <= at) & (self.until >= at) & self.clear & (self.start > at)
            if self.r.setting.desk.slots[spell.agent] > 1:
                waiting &= rows["live"] == rows["live"][x]
            for y in np.flatnonzero(waiting):
                queue = self.queue(y)
                if queue in rank:
                    looked += 1
                    if (rank[queue], self.urgency[y], y) < mine:
                        wrong.append(f"{y} waited when {x} was taken at {at} by {spell.agent}")
        return looked, wrong


def test_nobody_more_urgent_is_passed_over(runs):
    """Within what an agent may take: earlier levels of its plan first, then by urgency (R2).

    Left out: contacts kept for their own agent, and agents who pick what is easy.
    """
    compared = 0
    for r in runs:
        if "cherry picking" not in r.features:
            looked, wrong = Waits(r).passed_over()
            assert not wrong, wrong[:3]
            compared += looked
    assert compared > 5000


class Watched(SimpyClock):
    """Notes how many contacts of each priority wait, at every instant at which anything happens."""

    def dispatch(self) -> None:
        super().dispatch()
        waiting = np.zeros(len(self.desk.priorities))
        for queue in self.floor.queues:
            for _, number, version in queue:
                contact = self.record.contacts[number]
                waiting[contact.priority] += contact.version == version
        if not hasattr(self, "seen"):
            self.seen = []
        self.seen.append((self.now, *waiting))


@pytest.mark.parametrize("credit", ["0s", "10000d", "20min"])
def test_littles_law_holds_for_every_class(credit):
    """Area under the line that one clock saw = sum of the waits that the other wrote down."""
    profile = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (0.0,) * 24)
    profile["mon"] = (0.0,) * 9 + (1.0,) * 6 + (0.0,) * 9
    model = desk(
        servers=9,
        arrivals={"level": 90.0, "profile": profile},
        channels={"in": {"mode": "live"}, "mail": {"mode": "ticket"}},
        categories={
            "all": category(channels={"in": 0.5, "mail": 0.5}, priorities={"high": 0.3, "low": 0.7})
        },
        routing={"credit": {"high": credit}},
    )
    horizon = Horizon(MONDAY, 1, 1)
    clock, _ = run_clock(model, horizon, seed=3, clock_type=Watched)
    times, *lines = np.array(clock.seen).T
    setting = prepare(model, horizon, seed=3, replication=1, redraw_parameters=False)
    rows = run(setting, "compiled").rows
    assert known(rows["resolved"]).all()
    for k, line in enumerate(lines):
        assert line[0] == line[-1] == 0
        area = (line[:-1] * np.diff(times)).sum()
        assert area == rows["wait"][rows["priority"] == k].sum() > 0
        # L = lambda W, over the span from the first to the last instant
        span, own = times[-1] - times[0], rows[rows["priority"] == k]
        assert area / span == pytest.approx(len(own) / span * own["wait"].mean(), rel=1e-9)


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("tickets", [1, 2])
def test_a_ticket_its_agent_is_done_with_is_not_handed_back(engine, tickets):
    """Busy for half of the recorded hour, from 10:45 to 11:15: the shift ends 11:30, all is done.

    The ticket's record ends 11:45; another that comes at 11:20 is handed back after ten minutes,
    with 3000 seconds of its hour left for the next morning.
    """
    model = desk(
        servers=1, mode="ticket", hours=(("09:00", "11:30"),),
        categories={"all": category(handling={"law": "fixed", "mean": 3600.0})},
        staffing={"slowdown": 0.5, "at_shift_end": "hand_back"},
    )  # fmt: skip
    horizon = Horizon(MONDAY, 2, 0)
    came = horizon.bounds("UTC")[0] + np.array([38_700, 40_800])[:tickets]
    setting = prepare(
        model, horizon, seed=1, replication=1, redraw_parameters=False, arrivals=came
    )  # fmt: skip
    tables = run(setting, engine)
    morning = 86_400 + 9 * 3600
    assert tables.rows["resolved"].tolist() == [42_300, morning + 3000][:tickets]
    assert tables.rows["handle"].tolist() == [3600] * tickets
    assert tables.work["end"].tolist() == [42_300, 41_400, morning + 3000][: 2 * tickets - 1]
    assert tables.work["free"].tolist() == [40_500, 41_400, morning + 1500][: 2 * tickets - 1]
