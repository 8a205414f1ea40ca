"""What holds in every run, whatever the desk: checked from what the run wrote down."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk, run_clock
from svcsim.contacts.log import ContactLog
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, generate
from svcsim.engine.simpy_clock import SimpyClock
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth

HORIZON = Horizon(MONDAY, 21, 7)


def three_teams() -> ServiceModel:
    """Live and ticket channels, partly overlapping skills, transfers, overtime, own queues."""
    agents = {f"one {i}": {"team": "one", "speed": 0.9 + 0.05 * i} for i in range(5)}
    agents |= {f"two {i}": {"team": "two"} for i in range(3)}
    agents |= {"both": {"team": "two", "serves": ["one"], "take": 2.0}}
    agents |= {"three 1": {"team": "three"}, "three 2": {"team": "three", "serves": ["two"]}}
    common = {
        "channels": {"call": 0.4, "mail": 0.6},
        "priorities": {"normal": 0.8, "high": 0.2},
        "again": 0.3,
        "pending": {"mean": 40_000.0, "cv": 1.0},
        "reopen": 0.1,
        "repeat": 0.2,
    }
    return desk(
        per_hour=5.0,
        channels={
            "call": {"mode": "live", "patience": {"hazard": (4.0,), "balk": 0.05}},
            "mail": {"mode": "ticket"},
        },
        categories={
            "a": category(**common, share=0.6, team="one", transfer=0.3, transfer_to="two"),
            "b": category(**common, share=0.3, team="two", transfer=0.2, transfer_to="three"),
            "c": category(**common, share=0.1, team="three"),
        },
        teams=["one", "two", "three"],
        agents=agents,
        hours=(("08:00", "12:00"), ("13:00", "19:00")),
        staffing={"presence": 0.9, "off_share": 0.1, "slowdown": 1.2,
                  "off_time": {"law": "exponential", "mean": 900.0}},
        routing={"credit": {"high": "4h"}, "own_wait": "2h"},
        returns={"repeat_after": {"law": "exponential", "mean": 100_000.0}},
        survey={"asked": 0.8, "answered": 0.5, "scores": (0.1, 0.1, 0.1, 0.3, 0.4)},
        max_contacts=3,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["sample desk", "three teams"])
def run(request) -> tuple[ServiceModel, ContactLog]:
    model = truth() if request.param == "sample desk" else three_teams()
    return model, simulate(model, HORIZON, seed=2, replication=1, redraw_parameters=False)


def first_and_last(work: pd.DataFrame) -> pd.DataFrame:
    return work.groupby("ticket_id").agg(
        first_start=("start_s", "min"),
        first_end=("end_s", "min"),
        last_end=("end_s", "max"),
        spells=("end_s", "size"),
        handle=("handle", "sum"),
    )


@pytest.fixture(scope="module")
def by_ticket(run) -> pd.DataFrame:
    _, log = run
    work = log.work.assign(handle=log.work["end_s"] - log.work["start_s"])
    return log.frame.set_index("ticket_id").join(first_and_last(work))


def test_every_arrival_is_a_row_and_every_row_has_one_outcome(run):
    model, log = run
    frame = log.frame
    arrived = generate(compile_desk(model), HORIZON, 2, 1).opened
    firsts = frame[frame["contact_no"] == 1].sort_values("opened_s")
    assert np.array_equal(firsts["opened_s"].to_numpy(), arrived)
    ended = frame[["resolved_s", "abandoned_s"]].notna()
    assert not ended.all(axis=1).any()
    expected = np.select(
        [ended["resolved_s"], ended["abandoned_s"]], ["resolved", "abandoned"], "open"
    )
    assert frame["outcome"].to_list() == expected.tolist()
    assert frame["outcome"].value_counts().reindex(["resolved", "abandoned", "open"]).min() > 10
    assert frame["ticket_id"].is_unique


def test_a_case_is_a_chain_of_contacts_each_opened_after_the_one_before(run):
    model, log = run
    frame = log.frame.sort_values(["case_id", "contact_no"])
    grouped = frame.groupby("case_id")
    assert (grouped.cumcount() + 1).eq(frame["contact_no"]).all()
    assert frame["contact_no"].max() <= model.max_contacts
    before = grouped["resolved_s"].shift()
    later = frame["contact_no"] > 1
    assert (frame.loc[later, "opened_s"] >= before[later]).all()
    for column in ("category", "channel", "difficulty", "priority"):
        assert (grouped[column].nunique() == 1).all()


def test_stamps_are_whole_seconds_in_their_order(run):
    model, log = run
    frame = log.frame
    stamps = [c for c in frame.columns if c.endswith("_s") and c not in ("handle_s", "pending_s")]
    values = frame[stamps].to_numpy()
    assert np.array_equal(values, np.round(values), equal_nan=True)
    done = frame[frame["outcome"] == "resolved"]
    assert (done["first_response_s"] >= done["opened_s"]).all()
    assert (done["first_resolved_s"] >= done["first_response_s"]).all()
    assert (done["resolved_s"] >= done["first_resolved_s"]).all()
    assert (done["resolved_s"].gt(done["first_resolved_s"]) == done["reopens"].gt(0)).all()
    start, _, stop = HORIZON.bounds(model.timezone)
    events = frame[["opened_s", "resolved_s", "abandoned_s", "survey_s", "first_response_s"]]
    assert np.nanmin(events) >= start
    assert np.nanmax(events) < stop


def test_handling_time_and_handlings_are_those_of_the_spells(run, by_ticket):
    worked = by_ticket[by_ticket["handlings"] > 0]
    assert (worked["handlings"] == worked["spells"]).all()
    assert (worked["handle_s"] == worked["handle"]).all()
    idle = by_ticket[by_ticket["handlings"] == 0]
    assert idle["spells"].isna().all()
    assert not idle["outcome"].eq("resolved").any()
    done = worked[worked["outcome"] == "resolved"]
    assert (done["resolved_s"] == done["last_end"]).all()


def test_first_response_is_the_start_of_service_live_and_its_end_for_tickets(run, by_ticket):
    model, log = run
    live = by_ticket["channel"].map({k: c.mode == "live" for k, c in model.channels.items()})
    live = live.astype(bool)
    calls, tickets = by_ticket[live], by_ticket[~live]
    served = calls[calls["handlings"] > 0]
    assert (served["first_response_s"] == served["first_start"]).all()
    assert (served["wait_s"] == served["first_start"] - served["opened_s"]).all()
    answered = tickets[tickets["first_response_s"].notna()]
    assert (answered["first_response_s"] == answered["first_end"]).all()
    assert tickets.loc[tickets["first_response_s"].isna(), "outcome"].eq("open").all()
    lost = calls[calls["outcome"] == "abandoned"]
    assert lost["first_response_s"].isna().all()
    assert (lost["abandoned_s"] == lost["opened_s"] + lost["wait_s"]).all()
    assert not tickets["outcome"].eq("abandoned").any()


def test_nothing_starts_off_shift(run):
    _, log = run
    begin = log.work["start_s"].to_numpy()
    agent = log.work["agent"].to_numpy()
    inside = np.zeros(len(begin), dtype=bool)
    # Overtime spells follow a window: nothing new starts in them, so only windows count here.
    for who, spells in log.staffed.groupby("agent"):
        mine = agent == who
        for a, b in spells[["start_s", "end_s"]].to_numpy():
            inside[mine] |= (a <= begin[mine]) & (begin[mine] < b)
    assert inside.all()
    local = pd.to_datetime(log.work["start_s"], unit="s", utc=True).dt.tz_convert(log.timezone)
    minute = local.dt.hour * 60 + local.dt.minute
    assert minute.min() >= 8 * 60
    assert minute.max() < 21 * 60


def test_agents_serve_only_their_teams_and_one_contact_at_a_time(run):
    model, log = run
    serves = {name: {a.team, *a.serves} for name, a in model.agents.items()}
    assert all(t in serves[a] for a, t in zip(log.work["agent"], log.work["team"], strict=True))
    for _, spells in log.work.sort_values("start_s").groupby("agent"):
        assert (spells["start_s"].to_numpy()[1:] >= spells["free_s"].to_numpy()[:-1]).all()
    spells = log.work.sort_values("start_s").groupby("ticket_id")
    assert (log.work["start_s"] >= spells["end_s"].shift().reindex(log.work.index).fillna(0)).all()


def test_staffed_spells_of_an_agent_do_not_overlap(run):
    _, log = run
    for _, spells in log.staffed.sort_values("start_s").groupby("agent"):
        assert (spells["start_s"].to_numpy()[1:] >= spells["end_s"].to_numpy()[:-1]).all()
    busy = (log.work["free_s"] - log.work["start_s"]).sum()
    assert busy < (log.staffed["end_s"] - log.staffed["start_s"]).sum() + 86400 * len(log.staffed)


def test_agents_are_staffed_while_they_are_busy(run):
    """Overtime counts: every busy spell that is over lies inside staffed spells of its agent."""
    _, log = run
    for name, work in log.work.groupby("agent"):
        staffed = log.staffed[log.staffed["agent"] == name].sort_values("start_s")
        begin, end = staffed["start_s"].to_numpy(), staffed["end_s"].to_numpy()
        total = np.concatenate([[0.0], np.cumsum(end - begin)])

        def before(x, begin=begin, total=total, end=end):
            i = np.searchsorted(begin, x, "right")
            inside = np.minimum(x, end[np.maximum(i - 1, 0)]) - begin[np.maximum(i - 1, 0)]
            return np.where(i > 0, total[np.maximum(i - 1, 0)] + inside, 0.0)

        over = work[work["free_s"] < log.observed_until]
        spell = over["free_s"].to_numpy() - over["start_s"].to_numpy()
        covered = before(over["free_s"].to_numpy()) - before(over["start_s"].to_numpy())
        assert np.array_equal(spell, covered)


def test_a_transferred_contact_is_resolved_by_the_team_it_went_to(run, by_ticket):
    model, log = run
    moved = by_ticket[(by_ticket["transfers"] > 0) & (by_ticket["handlings"] > 1)]
    target = moved["category"].map({k: c.transfer_to for k, c in model.categories.items()})
    assert len(moved) > 20
    assert (moved["team"] == target).all()
    assert by_ticket["transfers"].max() == 1


def test_surveys_are_only_answered_when_asked(run):
    model, log = run
    frame = log.frame
    answered = frame["csat"].notna()
    assert (frame.loc[answered, "survey_sent"] == 1).all()
    assert (frame["survey_s"].notna() == answered).all()
    assert frame.loc[answered, "csat"].isin([1, 2, 3, 4, 5]).all()
    assert (frame.loc[answered, "survey_s"] >= frame.loc[answered, "resolved_s"]).all()


def queue_spells(log: ContactLog, model: ServiceModel) -> dict[str, list[tuple[float, float]]]:
    """Team -> spells in its queue: from opening to the first start, from transfer to the next."""
    end = log.observed_until
    team = {name: c.team for name, c in model.categories.items()}
    moved_to = {name: c.transfer_to for name, c in model.categories.items()}
    starts = log.work.sort_values("start_s").groupby("ticket_id")["start_s"].apply(list)
    ends = log.work.sort_values("start_s").groupby("ticket_id")["end_s"].apply(list)
    out = defaultdict(list)
    for row in log.frame.itertuples():
        mine = starts.get(row.ticket_id, [])
        left = row.abandoned_s if row.abandoned_s == row.abandoned_s else end
        out[team[row.category]].append((row.opened_s, mine[0] if mine else left))
        if row.transfers:
            again = mine[1] if len(mine) > 1 else end
            out[moved_to[row.category]].append((ends[row.ticket_id][0], again))
    return out


def level(spells, at):
    """How many spells [a, b) cover each instant of `at`."""
    a, b = (np.sort(np.array(column)) for column in zip(*spells, strict=True))
    return np.searchsorted(a, at, "right") - np.searchsorted(b, at, "right")


def test_nobody_idles_while_a_contact_of_theirs_waits():
    """Work conservation, second by second at every change, rebuilt from the records alone.

    Without pending, reopens and time off, the records tell every spell in a queue.
    """
    base = three_teams()
    data = base.model_dump()
    for each in data["categories"].values():
        each |= {"again": 0.0, "reopen": 0.0}
    data["staffing"]["off_share"] = 0.0
    data["routing"]["own_wait"] = 0.0
    data["channels"]["call"]["patience"]["balk"] = 0.0
    model = ServiceModel.model_validate(data)
    log = simulate(model, HORIZON, seed=4, replication=1)
    assert log.frame["contact_no"].max() == 3
    queues = queue_spells(log, model)
    changes = {x for spells in queues.values() for spell in spells for x in spell}
    changes |= {*log.staffed["start_s"], *log.staffed["end_s"], *log.work["free_s"]}
    at = np.array(sorted(x for x in changes if x < log.observed_until))
    waiting = {team: level(spells, at) for team, spells in queues.items()}
    assert all((w > 0).mean() > 0.1 for w in waiting.values())
    checked = 0
    for name, agent in model.agents.items():
        # Windows only: in an overtime spell (the last part of a handling) the agent is busy.
        on = log.staffed.loc[log.staffed["agent"] == name, ["start_s", "end_s"]].to_numpy()
        spells = log.work.loc[log.work["agent"] == name, ["start_s", "free_s"]].to_numpy()
        idle = level(on, at) - level(spells, at)
        assert set(idle[level(on, at) > 0]) <= {0, 1}
        for team in (agent.team, *agent.serves):
            assert not ((idle > 0) & (level(on, at) > 0) & (waiting[team] > 0)).any()
            checked += int(((idle > 0) & (waiting[team] == 0)).sum())
    assert checked > 300


class Watched(SimpyClock):
    """Notes how many live contacts are in the queue at every instant, dispatching at each."""

    def __init__(self, setting) -> None:
        super().__init__(setting)
        self.seen = []
        self.floor.matchable = lambda: True

    def dispatch(self) -> None:
        super().dispatch()
        waiting = 0
        for queue in self.floor.queues:
            for _, number, version in queue:
                contact = self.record.contacts[number]
                here = contact.version == version and not 0 <= contact.deadline < self.now
                waiting += contact.live and here
        self.seen.append((self.now, waiting))


def test_littles_law_holds_exactly():
    """Area under the queue the clock saw = sum of the waits in its rows; starts and ends empty."""
    profile = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (0.0,) * 24)
    profile["mon"] = (0.0,) * 9 + (1.0,) * 4 + (0.0,) * 11
    model = desk(servers=9, arrivals={"level": 60.0, "profile": profile})
    clock, record = run_clock(model, Horizon(MONDAY, 1, 0), seed=3, clock_type=Watched)
    times, lengths = np.array(clock.seen).T
    assert lengths[0] == lengths[-1] == 0
    area = (lengths[:-1] * np.diff(times)).sum()
    assert area == sum(c.wait for c in record.contacts) > 0
    assert all(c.resolved == c.resolved for c in record.contacts)


def test_an_instant_with_nothing_to_match_may_go_undispatched():
    """The clock skips such dispatches; the rows are those of a clock that never skips."""
    for model in (truth(), three_teams()):
        _, quick = run_clock(model, Horizon(MONDAY, 5, 0), seed=5)
        _, patient = run_clock(model, Horizon(MONDAY, 5, 0), seed=5, clock_type=Watched)
        assert quick.work == patient.work
        assert len(quick.work) > 150


def test_same_seed_same_rows_and_replications_differ():
    model = truth()
    horizon = Horizon(MONDAY, 7, 0)
    one, two = (simulate(model, horizon, seed=4, replication=1) for _ in range(2))
    pd.testing.assert_frame_equal(one.frame, two.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.work, two.work, check_exact=True)
    pd.testing.assert_frame_equal(one.staffed, two.staffed, check_exact=True)
    for other in ({"seed": 5, "replication": 1}, {"seed": 4, "replication": 2}):
        log = simulate(model, horizon, **other)
        assert not np.isin(log.frame["opened_s"], one.frame["opened_s"]).mean() > 0.2


def test_agents_with_more_speed_take_less_time_for_the_same_work():
    model = truth()
    log = simulate(model, Horizon(date(2025, 1, 6), 28, 0), seed=1, replication=1)
    minutes = (log.work["end_s"] - log.work["start_s"]).groupby(log.work["agent"]).mean() / 60
    speed = pd.Series({name: a.speed.value for name, a in model.agents.items()})
    tier_one = [name for name, a in model.agents.items() if a.team == "L1"]
    assert np.corrcoef(np.log(speed[tier_one]), np.log(minutes[tier_one]))[0, 1] < -0.7
