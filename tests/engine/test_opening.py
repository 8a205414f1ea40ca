"""What was open yesterday is served tomorrow, and nothing of tomorrow is known today."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from small_desks import MONDAY, category, desk
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine import durations
from svcsim.engine.demand import Horizon
from svcsim.engine.opening import OpenContact, Opening, opening_state, replay_cases
from svcsim.engine.simulate import simulate
from svcsim.samples.history import truth

HOUR = 3600.0
NAN = float("nan")
START = Horizon(MONDAY, 1).bounds("UTC")[0]


def ticket_desk(servers=2, **changes):
    fixed = {"handling": {"law": "fixed", "mean": 600.0}, "again": 0.4, "reopen": 0.2,
             "repeat": 0.3, "pending": {"law": "fixed", "mean": 36_000.0}}  # fmt: skip
    quiet = {"level": 0.0, "profile": desk().arrivals.profile}
    return desk(
        servers=servers, mode="ticket", arrivals=quiet, categories={"all": category(**fixed)},
        **changes,
    )  # fmt: skip


def history(rows, **meta):
    common = {"channel": "in", "category": "all", "difficulty": "normal", "priority": "normal",
              "contact_no": 1}  # fmt: skip
    return make_log([common | row for row in rows], timezone="UTC", **meta)


def run(model, log, days=5, **options):
    opening = opening_state(log, START, model)
    horizon = Horizon(MONDAY, days, 0)
    return simulate(model, horizon, seed=1, replication=1, opening=opening, **options)


def test_an_unanswered_ticket_is_served_with_its_original_opening():
    log = history([{"ticket_id": "T1", "opened_s": START - 30 * HOUR}])
    out = run(ticket_desk(), log)
    row = out.frame.set_index("ticket_id").loc["T1"]
    assert row["opened_s"] == START - 30 * HOUR
    assert row["first_response_s"] == START + 600
    assert row["case_id"] == "T1"


def test_older_tickets_are_served_before_newer_ones():
    ages = [5, 50, 20, 35]
    log = history([{"ticket_id": f"T{a}", "opened_s": START - a * HOUR} for a in ages])
    model = desk(servers=1, mode="ticket", categories={"all": category()})
    work = run(model, log, days=2).work.sort_values("start_s")
    first = work.drop_duplicates("ticket_id")["ticket_id"].to_list()
    assert [t for t in first if t.startswith("T")] == ["T50", "T35", "T20", "T5"]


def test_a_pending_ticket_returns_when_the_rest_of_its_time_is_over():
    log = history(
        [{"ticket_id": "T1", "opened_s": START - 9 * HOUR, "first_response_s": START - 4 * HOUR,
          "agent": "agent 01"}]
    )  # fmt: skip
    out = run(ticket_desk(routing={"own_wait": "1h"}), log)
    mine = out.work[out.work["ticket_id"] == "T1"]
    assert mine["start_s"].min() == START + 6 * HOUR  # 10 h pending, 4 h of it are over
    assert mine.sort_values("start_s")["agent"].iloc[0] == "agent 01"  # kept for its agent
    row = out.frame.set_index("ticket_id").loc["T1"]
    assert row["first_response_s"] == START - 4 * HOUR
    assert row["handlings"] == 1 + len(mine)


def test_the_rest_of_pending_follows_the_conditional_law():
    law = {"mean": 40_000.0, "cv": 1.2}
    model = ticket_desk(servers=200)
    data = model.model_dump()
    data["categories"]["all"] |= {"pending": law, "again": 0.0}
    model = type(model).model_validate(data)
    tickets = tuple(
        OpenContact(
            f"T{i}", 1, "all", "in", "normal", "normal", int(START - 90_000), START - 80_000.0,
            START - 20_000.0, None, NAN, 1,
        )
        for i in range(600)
    )  # fmt: skip
    horizon = Horizon(MONDAY, 40, 0)
    out = simulate(model, horizon, seed=3, replication=1, opening=Opening(pending=tickets))
    known = out.work[~out.work["ticket_id"].str.contains("-")]
    first = known.groupby("ticket_id")["start_s"].min() - START
    assert len(first) == 600
    sigma = np.sqrt(np.log1p(1.2**2))
    plain = durations.Law(durations.LOGNORMAL, 40_000.0, sigma, 0.0, 0, 0)
    done = durations.elapsed_share(plain, (), 20_000.0)
    for x in (5_000.0, 20_000.0, 60_000.0):
        p = (durations.elapsed_share(plain, (), 20_000 + x) - done) / (1 - done)
        assert (first <= x).mean() == pytest.approx(p, abs=4 * 0.5 / np.sqrt(600))


def test_what_only_the_future_knows_is_not_used():
    """The row tells two handlings by B; at the start nobody had touched the ticket."""
    rows = [
        {"ticket_id": "T1", "opened_s": START - 3 * HOUR, "first_response_s": START + HOUR,
         "resolved_s": START + 9 * HOUR, "agent": "agent 01", "handlings": 2.0, "team": "team"},
        {"ticket_id": "T2", "opened_s": START + HOUR, "resolved_s": START + 2 * HOUR},
        {"ticket_id": "T3", "opened_s": START - 5 * HOUR, "resolved_s": START - HOUR,
         "first_response_s": START - HOUR, "handlings": 1.0},
    ]  # fmt: skip
    log = history(rows)
    opening = opening_state(log, START, ticket_desk())
    assert opening.hindsight == log.observed_until - START == 9 * HOUR + 1
    assert opening_state(log.known_at(START), START, ticket_desk()).hindsight == 0.0
    assert [c.ticket_id for c in opening.waiting] == ["T1"]
    assert opening.pending == ()
    assert [c.ticket_id for c in opening.resolved] == ["T3"]
    ticket = opening.waiting[0]
    assert (ticket.handlings, ticket.agent) == (0, None)
    assert np.isnan(ticket.first_response_s)


def test_touches_tell_how_far_a_ticket_is():
    rows = [{"ticket_id": "T1", "opened_s": START - 9 * HOUR, "agent": "agent 00",
             "handlings": 3.0, "resolved_s": START + HOUR}]  # fmt: skip
    spells = [(-8, -7.5), (-6, -5), (0.5, 1)]
    work = pd.DataFrame(
        {
            "agent": "agent 00", "team": "team", "ticket_id": "T1",
            "start_s": [START + a * HOUR for a, _ in spells],
            "end_s": [START + b * HOUR for _, b in spells],
        }
    )  # fmt: skip
    opening = opening_state(history(rows, work=work), START, ticket_desk())
    (ticket,) = opening.pending
    assert ticket.handlings == 2
    assert ticket.last_s == START - 5 * HOUR
    assert ticket.agent == "agent 00"


def test_live_contacts_do_not_wait_across_the_start_and_followed_ones_do_not_come_back():
    model = truth()
    rows = [
        {"ticket_id": "a", "opened_s": START - 60, "channel": "phone"},
        {"ticket_id": "b", "opened_s": START - 60, "channel": "web"},
        {"ticket_id": "c-1", "case_id": "c", "opened_s": START - 9000,
         "resolved_s": START - 8000},
        {"ticket_id": "c-2", "case_id": "c", "contact_no": 2, "opened_s": START - 5000,
         "resolved_s": START - 4000},
        {"ticket_id": "old", "opened_s": START - 50 * 86400, "resolved_s": START - 40 * 86400},
    ]  # fmt: skip
    log = history(rows)
    opening = opening_state(log, START, model)
    assert [c.ticket_id for c in opening.waiting] == ["b"]
    assert [c.ticket_id for c in opening.resolved] == ["c-2"]


def test_unknown_labels_become_the_most_common_ones():
    rows = [{"ticket_id": "a", "opened_s": START - 60, "channel": "fax", "category": "?",
             "difficulty": "??", "priority": "low"}]  # fmt: skip
    model = truth()
    (ticket,) = opening_state(history(rows), START, model).waiting
    assert (ticket.category, ticket.channel) == ("installation", "web")
    assert (ticket.tier, ticket.priority) == ("simple", "normal")


def resolved(age_hours, number, first=0):
    return tuple(
        OpenContact(
            f"T{i}", 1, "all", "in", "normal", "normal", int(START - 90 * HOUR),
            START - 80 * HOUR, START - age_hours * HOUR, None, START - age_hours * HOUR, 1,
        )
        for i in range(first, first + number)
    )  # fmt: skip


@pytest.mark.parametrize("age", [0.0, 20.0, 70.0])
@pytest.mark.parametrize("hindsight", [0.0, 24.0])
def test_resolved_contacts_come_back_with_the_chance_that_is_left(age, hindsight):
    """Oracle: live through the whole life of many contacts and keep those silent so far."""
    model = ticket_desk(
        servers=200,
        returns={
            "reopen_after": {"law": "exponential", "mean": 30 * HOUR},
            "repeat_after": {"mean": 60 * HOUR, "cv": 1.0},
        },
    )
    r, p, n = 0.2, 0.3, 3000
    rng = np.random.default_rng(5)
    life = 400_000
    sigma = np.sqrt(np.log(2.0))
    reopened = rng.random(life) < r
    repeated = ~reopened & (rng.random(life) < p)
    after = np.where(
        reopened,
        rng.exponential(30.0, life),
        60.0 * np.exp(sigma * rng.standard_normal(life) - sigma**2 / 2),
    )
    silent = ~((reopened & (after <= age + hindsight)) | (repeated & (after <= age)))
    back = np.where(repeated | reopened, after, np.inf)[silent] - age
    opening = Opening(resolved=resolved(age, n), hindsight=hindsight * HOUR)
    horizon = Horizon(MONDAY, 30, 0)
    out = simulate(model, horizon, seed=4, replication=1, opening=opening)
    first = out.frame[out.frame["case_id"].str.startswith("T")]
    again = first[first["contact_no"] == 2].drop_duplicates("case_id")
    reopens = first[(first["contact_no"] == 1) & (first["ticket_id"] == first["case_id"])]
    error = 4 * 0.5 / np.sqrt(n)
    window = 30 * 24.0
    direct = again[~again["case_id"].isin(reopens["case_id"])]
    expected = (repeated[silent] & (back < window)).mean()
    assert len(direct) / n == pytest.approx(expected, abs=error)
    expected = (reopened[silent] & (back < window)).mean()
    assert len(reopens) / n == pytest.approx(expected, abs=error)
    assert (reopens["reopens"] >= 1).all()
    early = (direct["opened_s"] < START + 24 * HOUR).sum() / n
    assert early == pytest.approx((repeated[silent] & (back < 24)).mean(), abs=error)
    returned = out.work.groupby("ticket_id")["start_s"].min().reindex(reopens["ticket_id"])
    if hindsight:
        assert returned.min() >= START + hindsight * HOUR
    soon = (returned < START + 48 * HOUR).sum() / n
    assert soon == pytest.approx((reopened[silent] & (back < 48)).mean(), abs=error)


def test_replayed_cases_are_the_recorded_first_contacts():
    model = truth()
    log = simulate(model, Horizon(MONDAY, 7, 0), seed=2, replication=1)
    start, _, stop = Horizon(MONDAY + timedelta(days=2), 3, 0).bounds(model.timezone)
    cases = replay_cases(log, model, start, stop)
    frame = log.frame
    roots = frame[frame["contact_no"] == 1].sort_values("opened_s")
    roots = roots[roots["opened_s"].between(start, stop, inclusive="left")]
    assert np.array_equal(cases.opened, roots["opened_s"])
    tiers = np.array(list(model.difficulty))[cases.tier]
    assert tiers.tolist() == roots["difficulty"].to_list()
    again = simulate(
        model, Horizon(MONDAY + timedelta(days=2), 3, 0), seed=9, replication=1, cases=cases
    ).frame
    arrived = again[again["contact_no"] == 1]
    assert np.array_equal(np.sort(arrived["opened_s"]), cases.opened)


def test_a_backlog_makes_waits_longer():
    model = desk(12.0, 13, mode="ticket")
    tickets = history(
        [{"ticket_id": f"T{i}", "opened_s": START - i * 60.0 - 60} for i in range(300)]
    )
    horizon = Horizon(MONDAY, 2, 0)
    opening = opening_state(tickets, START, model)
    slow, fast = (
        simulate(model, horizon, seed=1, replication=1, opening=o).frame for o in (opening, None)
    )
    response = [
        (f["first_response_s"] - f["opened_s"])[f["opened_s"] >= START].mean() for f in (slow, fast)
    ]
    assert response[0] > 2 * response[1]


def test_known_at_hides_the_future():
    """Worked example: three tickets seen at 12:00."""
    noon = START + 12 * HOUR
    rows = [
        {"ticket_id": "done", "opened_s": noon - 5 * HOUR, "first_response_s": noon - 4 * HOUR,
         "resolved_s": noon - 3 * HOUR, "handle_s": 600.0, "csat": 5.0, "survey_sent": 1.0,
         "survey_s": noon + HOUR},
        {"ticket_id": "open", "opened_s": noon - 2 * HOUR, "first_response_s": noon - HOUR,
         "resolved_s": noon + HOUR, "handle_s": 900.0, "csat": 1.0, "reopens": 1.0},
        {"ticket_id": "later", "opened_s": noon, "abandoned_s": noon + 60},
        {"ticket_id": "left", "opened_s": noon - 90, "abandoned_s": noon - 30, "wait_s": 60.0},
    ]  # fmt: skip
    seen = history(rows).known_at(noon)
    frame = seen.frame.set_index("ticket_id")
    assert list(frame.index) == ["done", "open", "left"]
    assert frame["outcome"].to_list() == ["resolved", "open", "abandoned"]
    assert frame.loc["done", ["resolved_s", "handle_s"]].to_list() == [noon - 3 * HOUR, 600.0]
    assert frame.loc["done", ["csat", "survey_s"]].isna().all()
    hidden = ["resolved_s", "handle_s", "csat", "reopens"]
    assert frame.loc["open", hidden].isna().all()
    assert frame.loc["open", "first_response_s"] == noon - HOUR
    assert frame.loc["left", "wait_s"] == 60.0
    assert seen.observed_until == noon


def test_a_held_ticket_stays_with_the_team_that_holds_it():
    """A helper of another team is no sign of a transfer; the recorded team is."""
    base = {"opened_s": START - 9 * HOUR, "first_response_s": START - 4 * HOUR, "agent": "b"}
    rows = [
        base | {"ticket_id": "helped", "team": "team"},
        base | {"ticket_id": "unknown"},
        base | {"ticket_id": "moved", "team": "second"},
        base | {"ticket_id": "stranger", "agent": "c"},
        {"ticket_id": "new", "opened_s": START - HOUR, "team": "second", "agent": "b"},
    ]
    model = ticket_desk(
        agents={"a": {"team": "team"}, "b": {"team": "second", "serves": ["team"]},
                "c": {"team": "second"}},
        teams=["team", "second"],
    )  # fmt: skip
    out = run(model, history(rows))
    first = out.work.sort_values("start_s").drop_duplicates("ticket_id").set_index("ticket_id")
    expected = {"helped": "team", "unknown": "team", "moved": "second", "stranger": "second",
                "new": "team"}  # fmt: skip
    assert first["team"].reindex(list(expected)).to_dict() == expected
    frame = out.frame.set_index("ticket_id")["transfers"]
    assert frame.reindex(list(expected)).to_list() == [0, 0, 1, 1, 0]


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_cases_before_the_start_are_refused(engine):
    model = desk()
    cases = replay_cases(
        simulate(model, Horizon(MONDAY, 1, 0), seed=1, replication=1), model, START, START + 86400
    )
    later = Horizon(MONDAY + timedelta(days=1), 1, 0)
    with pytest.raises(ValueError, match="cannot be planned"):
        simulate(model, later, seed=1, replication=1, cases=cases, engine=engine)


def test_a_waiting_ticket_still_has_the_rest_of_its_pickup():
    model = ticket_desk()
    data = model.model_dump()
    data["categories"]["all"]["pickup"] = {"law": "fixed", "mean": 10 * HOUR}
    model = type(model).model_validate(data)
    rows = [{"ticket_id": f"T{age}", "opened_s": START - age * HOUR} for age in (4, 12)]
    out = run(model, history(rows))
    first = (out.work.groupby("ticket_id")["start_s"].min() - START) / HOUR
    assert first[["T4", "T12"]].to_list() == [6.0, 0.0]


DAY = 24 * HOUR


def reopened(**work: object) -> ContactLog:
    """Resolved on day 2, reopened some time, resolved for good on day 9, with all its counts."""
    row = {
        "ticket_id": "t1", "case_id": "t1", "opened_s": START, "first_response_s": START + DAY,
        "first_resolved_s": START + 2 * DAY, "resolved_s": START + 9 * DAY, "reopens": 1,
        "handlings": 4, "handle_s": 900.0, "outcome": "resolved",
    }  # fmt: skip
    return history([row], **work)


def test_who_is_reopened_later_is_resolved_so_far_without_its_later_counts():
    row = reopened().known_at(START + 5 * DAY).frame.iloc[0]
    assert (row["outcome"], row["resolved_s"], row["reopens"]) == ("resolved", START + 2 * DAY, 0)
    assert np.isnan(row["handlings"])
    assert np.isnan(row["handle_s"])


def test_who_was_worked_on_since_the_first_resolution_is_open_again():
    touch = pd.DataFrame(
        {"agent": ["a"], "team": ["L1"], "ticket_id": ["t1"], "start_s": [np.nan],
         "end_s": [START + 4.0 * DAY]}
    )  # fmt: skip
    log = reopened(work=touch)
    assert log.known_at(START + 5 * DAY).frame.iloc[0]["outcome"] == "open"
    assert log.known_at(START + 3 * DAY).frame.iloc[0]["outcome"] == "resolved"


def test_what_is_carried_over_keeps_its_language_segment_and_customer():
    """Nobody is served by an agent without the language, whoever was there before the start."""
    model = ticket_desk(
        agents={"a": {"team": "team", "languages": ["zh"]},
                "b": {"team": "team", "languages": ["en"]}},
        languages={"zh": 0.7, "en": 0.3},
        segments={"vip": {"share": 0.2}, "plain": {"share": 0.8}},
        customers={"number": 50},
    )  # fmt: skip
    said = {"opened_s": START - 5 * HOUR, "segment": "vip"}
    rows = [
        said | {"ticket_id": f"{name}{i}", "language": name, "customer": f"K{i}"}
        for i in range(20)
        for name in ("zh", "en")
    ]
    rows.append({"ticket_id": "mute", "opened_s": START - 9 * HOUR, "customer": "Ms Li"})
    out = run(model, history(rows))
    frame = out.frame.set_index("ticket_id")
    assert (frame.loc[[f"en{i}" for i in range(20)], "segment"] == "vip").all()
    assert frame.loc["en7", "customer"] == "K7"
    assert frame.loc["mute", "language"] == "zh"  # the most common one
    assert frame.loc["mute", "customer"].startswith("K")
    language = out.work["ticket_id"].str.rsplit("-", n=1).str[0].map(frame["language"])
    speaks = out.work["agent"].map({"a": "zh", "b": "en"})
    known = language.notna()
    assert known.sum() >= 41
    assert (language[known] == speaks[known]).all()


def test_replayed_cases_keep_their_customers():
    model = ticket_desk(customers={"number": 9})
    rows = [
        {"ticket_id": f"T{i}", "opened_s": START + i * HOUR, "customer": name}
        for i, name in enumerate(["K3", "acme", "K3", "acme", None])
    ]
    numbers = replay_cases(history(rows), model, START, START + 86400).customer.tolist()
    assert numbers[0] == numbers[2] == 3
    assert numbers[1] == numbers[3]
    assert 0 <= numbers[1] < 9
    assert numbers[4] == -1  # of no one: a customer of its own


def echoing(model, number=1500, days=40, contact_no=1, **options):
    """Share of contacts resolved at the start that come back as a further contact."""
    known = tuple(
        OpenContact(
            f"T{i}", contact_no, "all", "in", "normal", "normal", int(START - 9 * HOUR),
            START - 8 * HOUR, START - HOUR, None, START - 1.0, 1,
        )
        for i in range(number)
    )  # fmt: skip
    out = simulate(
        model, Horizon(MONDAY, days, 0), seed=4, replication=1, redraw_parameters=False,
        opening=Opening(resolved=known), **options,
    )  # fmt: skip
    back = out.frame[out.frame["contact_no"] == contact_no + 1]
    return back["case_id"].nunique() / number, out


def returning(**changes):
    fixed = {"handling": {"law": "fixed", "mean": 60.0}, "repeat": 0.5}
    return desk(
        per_hour=0.0, servers=50, mode="ticket",
        returns={"repeat_after": {"law": "fixed", "mean": 10 * HOUR}},
        categories={"all": category(**fixed | changes.pop("all", {}))}, **changes,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_articles_keep_those_resolved_before_the_start_away_too(engine):
    """Repeat 50 %, articles a year old that prevent 90 % of them: 5 % come back."""
    articles = {"knowledge": {"effect": 0.9, "time": "1d", "published": "2024-03-01"}}
    share, _ = echoing(returning(all=articles), engine=engine)
    assert share == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 1500))


def test_rushing_shows_in_those_resolved_before_the_start():
    """Odds of 1 doubled are a chance of two thirds."""
    hurried = returning(behaviour={"rush": 0.1, "rush_returns": 2.0})
    share, _ = echoing(hurried)
    assert share == pytest.approx(2 / 3, abs=4 * np.sqrt(2 / 9 / 1500))


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_a_case_at_its_last_contact_does_not_come_back_and_is_counted(engine):
    share, out = echoing(returning(max_contacts=3), 400, contact_no=3, engine=engine)
    assert share == 0
    assert out.account["capped"] == pytest.approx(200, abs=50)
    assert out.frame["contact_no"].max() <= 3 or out.frame.empty


def test_a_pending_ticket_whose_touches_are_known_is_no_older_than_its_last():
    """Fixed 10 h of pending, touched 4 h ago for the second time: back in 6 h, three handlings."""
    rows = [{"ticket_id": "T1", "opened_s": START - 99 * HOUR, "agent": "agent 00",
             "first_response_s": START - 90 * HOUR}]  # fmt: skip
    work = pd.DataFrame(
        {
            "agent": "agent 00", "team": "team", "ticket_id": "T1",
            "start_s": [START - 90.5 * HOUR, START - 5 * HOUR],
            "end_s": [START - 90 * HOUR, START - 4 * HOUR],
        }
    )  # fmt: skip
    out = run(ticket_desk(), history(rows, work=work))
    mine = out.work[out.work["ticket_id"] == "T1"]
    assert mine["start_s"].min() == START + 6 * HOUR
    assert out.frame.set_index("ticket_id").loc["T1", "handlings"] == 2 + len(mine)


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_nothing_after_the_end_is_known(engine):
    """Open tickets have not been pending longer than they have been there."""
    fixed = {"handling": {"law": "fixed", "mean": 1800.0}, "again": 0.9,
             "pending_by": {
                 "customer": {"share": 0.5, "time": {"mean": 90 * HOUR, "cv": 1.0}},
                 "vendor": {"share": 0.5, "time": {"mean": 50 * HOUR, "cv": 1.0}}}}  # fmt: skip
    model = desk(
        per_hour=6.0,
        servers=30,
        mode="ticket",
        categories={"all": category(**fixed)},
        channels={"in": {"mode": "ticket", "auto_reply": "10min"}},
    )
    out = simulate(model, Horizon(MONDAY, 2, 0), seed=1, replication=1, engine=engine)
    still = out.frame[out.frame["outcome"] == "open"]
    lived = out.observed_until - still["opened_s"]
    assert len(still) > 100
    assert (still["pending_s"] <= lived).all()
    assert (still["pending_customer_s"] <= still["pending_s"]).all()
    assert (out.frame["auto_reply_s"].dropna() < out.observed_until).all()
    assert (out.work[["end_s", "free_s"]] <= out.observed_until).all(axis=None)
