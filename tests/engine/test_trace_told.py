"""The trace: a small log word for word; every event of a run once, in order, with its state."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from english import english_of_lines
from small_desks import MONDAY, category, desk, run_clock
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.demand import Horizon
from svcsim.engine.joins import joins_of, spells_of
from svcsim.engine.simpy_clock import SimpyClock
from svcsim.engine.simulate import simulate
from svcsim.engine.trace import TAKE, Event, events
from svcsim.engine.trace_floor import Floor, at_once
from svcsim.engine.trace_lines import WORDS, trace

NINE = pd.Timestamp("2025-03-03 09:00", tz="Asia/Shanghai").timestamp()


def hand_made() -> ContactLog:
    """A call served at once, a ticket that waits, is transferred and pends, a call that gives up.

    Anna (L1) works 9:00 to 9:20 and goes on to 9:22; Bo (L2) from 9:00 to 10:00.
    """
    about = {"difficulty": "hard", "priority": "high", "category": "billing"}
    rows = [
        {"ticket_id": "C0-1", "channel": "call", "opened_s": 60, "wait_s": 0, "resolved_s": 300,
         "handlings": 1, "survey_s": 3000, "csat": 4, "first_resolved_s": 300},
        {"ticket_id": "C1-1", "channel": "web", "opened_s": 120, "handlings": 3, "transfers": 1,
         "pending_s": 600, "resolved_s": 2400, "first_resolved_s": 2400, "difficulty": "easy"},
        {"ticket_id": "C2-1", "channel": "call", "opened_s": 130, "abandoned_s": 175,
         "wait_s": 45, "handlings": 0, "team": "L1"},
    ]  # fmt: skip
    for row in rows:
        for name in ("opened_s", "resolved_s", "first_resolved_s", "survey_s", "abandoned_s"):
            if name in row:
                row[name] += NINE
    work = pd.DataFrame(
        [("Anna", "L1", "C0-1", 60, 300, 305), ("Anna", "L1", "C1-1", 305, 1290, 1320),
         ("Bo", "L2", "C1-1", 1290, 1500, 1500), ("Bo", "L2", "C1-1", 2100, 2400, 2400)],
        columns=["agent", "team", "ticket_id", "start_s", "end_s", "free_s"],
    )  # fmt: skip
    staffed = pd.DataFrame(
        [("Anna", "L1", 0, 1200), ("Bo", "L2", 0, 3600), ("Anna", "L1", 1200, 1320)],
        columns=["agent", "team", "start_s", "end_s"],
    )
    work[["start_s", "end_s", "free_s"]] += NINE
    staffed[["start_s", "end_s"]] += NINE
    frame = [{**about, "replication": 1, **row} for row in rows]
    meta = {"start": NINE, "end": NINE + 3600, "observed_until": NINE + 3600}
    return make_log(frame, **meta, timezone="Asia/Shanghai", work=work, staffed=staffed)


def test_a_hand_made_log_word_for_word():
    assert trace(hand_made()) == [
        "Replication 1: what happened from Mon 2025-03-03 09:00 to Mon 2025-03-03 10:00, "
        "local time of Asia/Shanghai",
        "After each event: contacts waiting for a team / agents of that team who are free.",
        "Not told by this run: time off the queue (breaks, other work). Agents count as free then.",
        "",
        "Mon 2025-03-03",
        "          L1       L2       (waiting/free)",
        "09:00:00  0/1      0/0      Anna starts (L1)",
        "09:00:00  0/1      0/1      Bo starts (L2)",
        "09:01:00  1/1      0/1      C0-1 arrives (call, billing, hard, high) -> waits for L1",
        "09:01:00  0/0      0/1      Anna takes C0-1 at once",
        "09:02:00  1/0      0/1      C1-1 arrives (web, billing, easy, high) -> waits for L1",
        "09:02:10  2/0      0/1      C2-1 arrives (call, billing, hard, high) -> waits for L1",
        "09:02:55  1/0      0/1      C2-1 gives up after 45 s",
        "09:05:00  1/0      0/1      Anna ends C0-1 (4 min): resolved",
        "09:05:05  1/1      0/1      Anna is through with C0-1, 5 s after its end",
        "09:05:05  0/0      0/1      Anna takes C1-1 after 3 min 5 s",
        "09:20:00  0/0      0/1      Anna's shift ends; still to finish: C1-1",
        "09:21:30  0/0      1/1      Anna ends C1-1 (16 min 25 s): transferred -> waits for L2",
        "09:21:30  0/0      0/0      Bo takes C1-1 at once",
        "09:22:00  0/0      0/0      Anna is through with C1-1 and goes, 2 min overtime",
        "09:25:00  0/0      0/1      Bo ends C1-1 (3 min 30 s): pending, waits for the customer "
        "until 09:35",
        "09:35:00  0/0      1/1      C1-1 is back from the customer -> waits for L2",
        "09:35:00  0/0      0/0      Bo takes C1-1 at once",
        "09:40:00  0/0      0/1      Bo ends C1-1 (5 min): resolved",
        "09:50:00  0/0      0/1      the customer of C0-1 answers the survey: 4",
    ]


def test_a_part_of_it_in_chinese_keeps_the_state_of_what_came_before():
    found = trace(hand_made(), "zh", NINE + 160, NINE + 310)
    assert found[-6:] == [
        "周一 2025-03-03",
        "          L1       L2       (等待/空闲)",
        "09:02:55  1/0      0/1      C2-1 放弃，已等待 45 秒",
        "09:05:00  1/0      0/1      Anna 结束 C0-1（4 分）：已解决",
        "09:05:05  1/1      0/1      Anna 做完 C0-1 的后续工作，用时 5 秒",
        "09:05:05  0/0      0/1      Anna 接手 C1-1，已等待 3 分 5 秒",
    ]


def three_chats() -> ContactLog:
    """Anna's shift ends at 9:10 with two of three chats open; the first was opened before it."""
    rows = [
        {"ticket_id": name, "channel": "chat", "opened_s": opened, "wait_s": 0, "handlings": 1,
         "resolved_s": end, "first_resolved_s": end, "replication": 1, "case_id": case,
         "contact_no": no}
        for name, case, no, opened, end in [
            ("T7-2", "T7", 2, 60, 900), ("C0-1", "C0", 1, 120, 300), ("C0-2", "C0", 2, 480, 660),
        ]
    ]  # fmt: skip
    work = pd.DataFrame(
        [("Anna", "L1", row["ticket_id"], row["opened_s"], row["resolved_s"]) for row in rows],
        columns=["agent", "team", "ticket_id", "start_s", "end_s"],
    )
    staffed = pd.DataFrame(
        [("Anna", "L1", 0, 600), ("Anna", "L1", 600, 900)],
        columns=["agent", "team", "start_s", "end_s"],
    )
    for row in rows:
        for name in ("opened_s", "resolved_s", "first_resolved_s"):
            row[name] += NINE
    work[["start_s", "end_s"]] += NINE
    staffed[["start_s", "end_s"]] += NINE
    meta = {"start": NINE, "end": NINE + 3600, "observed_until": NINE + 3600}
    return make_log(rows, **meta, timezone="Asia/Shanghai", work=work, staffed=staffed)


def test_who_ends_one_of_several_chats_is_not_free():
    """And a repeat says which case it is about where the contact before it is not in the log."""
    told = trace(three_chats())
    assert told[2].startswith("Free: nothing at hand.")
    assert [line for line in told if line[2:3] == ":"] == [
        "09:00:00  0/1      Anna starts (L1)",
        "09:01:00  1/1      T7-2 arrives again about case T7, known from before the start (chat) "
        "-> waits for L1",
        "09:01:00  0/0      Anna takes T7-2 at once",
        "09:02:00  1/0      C0-1 arrives (chat) -> waits for L1",
        "09:02:00  0/0      Anna takes C0-1 at once, beside T7-2",
        "09:05:00  0/0      Anna ends C0-1 (3 min): resolved; Anna still has T7-2",
        "09:08:00  1/0      C0-2 arrives, a repeat of C0-1 (chat) -> waits for L1",
        "09:08:00  0/0      Anna takes C0-2 at once, beside T7-2",
        "09:10:00  0/0      Anna's shift ends; still to finish: T7-2, C0-2",
        "09:11:00  0/0      Anna ends C0-2 (3 min): resolved; Anna still has T7-2",
        "09:15:00  0/0      Anna ends T7-2 (14 min): resolved",
        "09:15:00  0/0      Anna is through with T7-2 and goes, 5 min overtime",
    ]
    chinese = trace(three_chats(), "zh")
    assert chinese[2].startswith("空闲指手头没有联络")
    assert [line[19:] for line in chinese[8:15]] == [
        "T7-2 到达，为期初之前的 T7 再次来访（chat） -> 等待 L1",
        "Anna 接手 T7-2，无等待",
        "C0-1 到达（chat） -> 等待 L1",
        "Anna 接手 C0-1，无等待，同时还在处理 T7-2",
        "Anna 结束 C0-1（3 分）：已解决；Anna 手头还有 T7-2",
        "C0-2 到达，是 C0-1 的重复来访（chat） -> 等待 L1",
        "Anna 接手 C0-2，无等待，同时还在处理 T7-2",
    ]
    assert not at_once(events(hand_made()))


def test_of_two_chats_that_end_together_one_lets_the_agent_go():
    log = three_chats()
    work, frame = log.work.copy(), log.frame.copy()
    work.loc[2, "end_s"] = NINE + 900
    frame.loc[2, ["resolved_s", "first_resolved_s"]] = NINE + 900
    told = trace(replace(log, work=work, frame=frame))
    assert [line[19:] for line in told[-3:]] == [
        "Anna ends T7-2 (14 min): resolved; Anna still has C0-2",
        "Anna ends C0-2 (7 min): resolved",
        "Anna is through with C0-2 and goes, 5 min overtime",
    ]


def test_who_is_free_is_who_has_no_work_in_the_rows():
    """Three chats at once at a busy desk: the floor after each instant against the spells."""
    some = category(handling={"law": "exponential", "mean": 900.0}, repeat=0.2)
    model = desk(
        per_hour=20.0,
        hours=[("08:00", "12:00"), ("12:30", "17:00")],
        agents={f"a{i}": {"team": "team", "slots": 1 + i} for i in range(3)},
        chats={"slowdown": 0.3},
        categories={"all": some},
        patience={"hazard": (4.0,), "balk": 0.05},
    )
    log = simulate(model, Horizon(MONDAY, 1, 1), seed=2, replication=1, notes=True)
    told, work = events(log), log.work
    assert at_once(told)
    floor = Floor({f"a{i}": "team" for i in range(3)})
    most = 0
    for event, after in zip(told, [*told[1:], None], strict=True):
        floor.apply(event)
        if after is None or after.time > event.time:
            open_now = work[(work["start_s"] <= event.time) & (work["free_s"] > event.time)]
            for who, rows in floor.at_hand.items():
                ids = log.frame["ticket_id"].iloc[rows]
                assert sorted(ids) == sorted(open_now.loc[open_now["agent"] == who, "ticket_id"])
                most = max(most, len(rows))
    assert most == 3


class Noting(SimpyClock):
    """Writes down joins and time off the queue from the state alone, as an observer would."""

    def __init__(self, *args, **kwargs):
        self.seen, self.joined, self.away = {}, [], []
        super().__init__(*args, **kwargs)

    def join_queue(self, contact, why=None):
        reopens, transfers, team = self.seen.get(contact.number, (0, 0, contact.team))
        seen = "first" if contact.handlings == 0 else "pending"
        if contact.transfers > transfers:
            seen = "handed_on" if contact.team == team else "transferred"
        if contact.reopens > reopens:
            seen = "reopened"
        self.seen[contact.number] = (contact.reopens, contact.transfers, contact.team)
        self.joined.append((contact.number, self.desk.teams[contact.team], float(self.now), seen))
        super().join_queue(contact, why)

    def agent_ends(self, who):
        agent = self.floor.agents[who]
        if agent.on_shift and agent.off_if:
            back = float(self.now + agent.off_for)
            self.away.append((self.desk.agents[who], float(self.now), back))
        super().agent_ends(who)


def model():
    """Two teams apart, calls and tickets, everything that can happen to a contact."""
    some = {
        "channels": {"call": 0.6, "web": 0.4}, "transfer": 0.2, "transfer_to": "back",
        "onward": 0.15, "again": 0.3, "pending": {"law": "exponential", "mean": 5000.0},
        "reopen": 0.15, "repeat": 0.15, "handling": {"law": "exponential", "mean": 500.0},
    }  # fmt: skip
    late = category(**some, team="front", pickup={"law": "exponential", "mean": 3000.0})
    return desk(
        per_hour=9.0,
        hours=[("08:00", "12:00"), ("12:30", "17:00")],
        categories={
            "a": category(**{**some, "team": "front", "share": 0.7}), "b": late | {"share": 0.3},
        },
        agents={f"p{i}": {"team": "front" if i < 4 else "back"} for i in range(6)},
        teams=["front", "back"],
        channels={
            "call": {"mode": "live", "patience": {"hazard": (4.0,), "balk": 0.05}},
            "web": {"mode": "ticket"},
        },
        staffing={"slowdown": 1.2, "off_share": 0.1,
                  "off_time": {"law": "exponential", "mean": 900.0}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> tuple[ContactLog, ContactLog]:
    """One run as its rows tell it, and with joins and time off noted."""
    horizon = Horizon(MONDAY, 5, 2)
    args = {"seed": 3, "replication": 1, "redraw_parameters": False}
    plain, noted = (simulate(model(), horizon, **args, notes=noted) for noted in (False, True))
    assert plain.joins is None
    assert plain.off is None
    pd.testing.assert_frame_equal(plain.frame, noted.frame)
    return plain, noted


def test_the_notes_are_what_an_observer_sees(runs):
    noted = runs[1]
    clock, _ = run_clock(model(), Horizon(MONDAY, 5, 2), seed=3, clock_type=Noting)
    joins = pd.DataFrame(clock.joined, columns=["number", "team", "time_s", "why"])
    ids = noted.frame["ticket_id"].to_numpy()[joins["number"]]
    joins.insert(0, "ticket_id", pd.array(ids, dtype="str"))
    seen = joins.drop(columns="number").astype({"team": "str", "why": "str"})
    pd.testing.assert_frame_equal(noted.joins, seen)
    off = pd.DataFrame(clock.away, columns=["agent", "start_s", "end_s"])
    pd.testing.assert_frame_equal(noted.off, off.astype({"agent": "str"}))


@pytest.mark.parametrize("noted", [0, 1])
def test_every_event_of_a_run_appears_once_and_in_order(runs, noted):
    log = runs[noted]
    told = events(log)
    kinds = [(event.time, event.kind, event.ident) for event in told]
    assert kinds == sorted(kinds)
    assert all(log.start <= event.time < log.observed_until for event in told)
    count = Counter(event.what for event in told)
    frame, work, until = log.frame, log.work, log.observed_until
    first = (frame["contact_no"] == 1).sum()
    assert (count["arrives"], count["repeats"]) == (first, len(frame) - first)
    assert count["takes"] == len(work)
    assert count["ends"] == (work["end_s"] < until).sum()
    assert count["gives_up"] == frame["abandoned_s"].notna().sum()
    ends = Counter(event.row for event in told if event.what == "ends")
    takes = Counter(event.row for event in told if event.what == "takes")
    assert all(takes[row] - ends[row] in (0, 1) for row in takes)
    last = {event.row: event for event in told if event.what == "ends"}
    solved = [r for r, e in last.items() if e.outcome == "resolved" and r not in _back(told, e)]
    assert set(np.flatnonzero(frame["resolved_s"].notna())) <= set(solved)


def _back(told: list[Event], end: Event) -> set[int]:
    """Contacts that came back after an end."""
    return {event.row for event in told if event.joins and event > end and event.row == end.row}


def test_noted_joins_tell_every_outcome(runs):
    log = runs[1]
    count = Counter(event.outcome for event in events(log) if event.what == "ends")
    joined = Counter(log.joins["why"])
    for why in ("transferred", "handed_on"):
        assert count[why] == joined[why] > 0
    assert count["transferred"] + count["handed_on"] == log.frame["transfers"].sum()
    assert count["unfinished"] == count["passed_on"] == 0
    back = Counter(event.what for event in events(log))
    assert back["reopens"] == joined["reopened"] == log.frame["reopens"].sum() > 0
    assert back["is_back"] == joined["pending"] > 0
    assert back["is_up"] > 0
    assert back["leaves"] == len(log.off) > 0


def test_what_the_rows_tell_of_joins_is_so(runs):
    derived, noted = (joins_of(log, spells_of(log)) for log in runs)
    category = runs[0].frame["category"]
    pairs = [
        (one, two)
        for row, (some, every) in enumerate(zip(derived, noted, strict=True))
        for one, two in zip(some, every, strict=False)
        # a pickup is not in the rows: the ticket counts as waiting from its opening
        # and a last transfer does not say to which team
        if one.time == one.time and one.team and not (one.why == "first" and category[row] == "b")
    ]
    known = sum(len(every) for every in noted)
    assert len(pairs) > known / 2
    assert all(one == two for one, two in pairs)


def test_nobody_waits_while_somebody_is_free(runs):
    log = runs[1]
    home = dict(zip(log.staffed["agent"], log.staffed["team"], strict=True))
    floor, told = Floor(home), events(log)
    waited = 0
    for event, after in zip(told, [*told[1:], None], strict=True):
        floor.apply(event)
        if after is None or after.time > event.time:
            for waiting, free in floor.queues(["front", "back"]):
                assert waiting == 0 or free == 0, event
                waited += waiting > 0
    assert waited > 100


def test_waits_are_those_of_the_rows(runs):
    log = runs[0]
    wait = log.frame["wait_s"].to_numpy()
    first: dict[int, float] = {}
    for event in events(log):
        if event.kind == TAKE:
            first.setdefault(event.row, event.value)
    live = [row for row in first if not np.isnan(wait[row])]
    assert len(live) > 100
    assert all(first[row] == wait[row] for row in live)


@pytest.mark.parametrize("noted", [0, 1])
def test_every_sentence_in_both_languages(runs, noted):
    log = runs[noted]
    english, chinese = trace(log), trace(log, "zh")
    assert len(english) == len(chinese) > 1000
    # a line without state, heads of days, names and numbers: what remains has to be Chinese
    assert english_of_lines("\n".join(line[28:] for line in chinese[3:])) == []
    assert not any("\u4e00" <= char <= "\u9fff" for line in english for char in line)


def test_every_word_has_both_languages():
    assert all(text.en and text.zh for text in WORDS.values())


def test_a_span_in_which_nothing_happens_says_so():
    assert trace(hand_made(), "en", NINE + 3100, NINE + 3200)[-1] == (
        "nothing happened in this span"
    )
