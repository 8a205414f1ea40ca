"""The expected value of a contact: the others' on such contacts, and never its own agent's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from review_desks import drawn, rows_of
from svcsim.contacts.log import ContactLog, make_log
from svcsim.scorecard.difficulty import AT_ARRIVAL, PEERS, expected_values, out_of_sample
from svcsim.scorecard.kpi_rows import KpiRows


def by_hand() -> tuple[ContactLog, KpiRows]:
    """Return three agents, one kind: a has 1 of 2 good, b 3 of 4, c 2 of 2."""
    answers = {"a": [5, 2], "b": [5, 5, 5, 2], "c": [5, 5]}
    frame = pd.DataFrame([
        {"ticket_id": f"{who}{i}", "agent": who, "category": "x", "opened_s": float(i),
         "resolved_s": float(i + 10), "survey_s": float(i + 20), "csat": float(value)}
        for who, values in answers.items() for i, value in enumerate(values)
    ])  # fmt: skip
    log = make_log(frame, start=0.0, end=1e6, observed_until=2e6, timezone="UTC")
    return log, rows_of(log, "csat_top2")


def test_with_one_kind_it_is_the_value_of_the_others() -> None:
    log, rows = by_hand()
    expected, _ = expected_values(log, rows)
    agent = log.frame["agent"].to_numpy()[rows.row]
    for who, value in (("a", 5 / 6), ("b", 3 / 4), ("c", 4 / 6)):
        assert expected[agent == who] == pytest.approx(value)


def test_the_own_outcome_never_enters() -> None:
    log = drawn(np.random.default_rng(1), agents=6, n=80)
    worse = log.frame.assign(csat=log.frame["csat"].where(log.frame["agent"] != "a02", 2.0))
    other = ContactLog(worse, log.start, log.end, log.observed_until)
    one, two = (rows_of(each, "csat_top2") for each in (log, other))
    mine = log.frame["agent"].to_numpy()[one.row] == "a02"
    # Only K, learned from all, may move; the sums that count leave the agent out.
    before, _ = expected_values(log, one, ())
    after, _ = expected_values(other, two, ())
    assert before[mine] == pytest.approx(after[mine])
    assert (before[~mine] > after[~mine]).all()


def test_kinds_come_near_their_truth_and_thin_ones_stay_at_the_group() -> None:
    log = drawn(np.random.default_rng(2), n=300)
    frame = log.frame.copy()
    rare = frame.index[:3]
    frame["difficulty"] = "usual"
    frame.loc[rare, "difficulty"] = "rare"
    labelled = ContactLog(frame, log.start, log.end, log.observed_until)
    rows = rows_of(labelled, "csat_top2")
    expected, strengths = expected_values(labelled, rows)
    kind = frame["category"].to_numpy()[rows.row]
    assert strengths.columns == ("category", "difficulty")
    for name, truth in (("easy", 0.93), ("hard", 0.6)):
        inside = (kind == name) & ~np.isin(rows.row, rare)
        assert expected[inside] == pytest.approx(truth, abs=0.03)
        thin = (kind == name) & np.isin(rows.row, rare)
        assert expected[thin] == pytest.approx(truth, abs=0.06)


def test_a_column_that_explains_nothing_changes_nothing() -> None:
    log = drawn(np.random.default_rng(3), n=300)
    noise = np.random.default_rng(4).choice(["p1", "p2"], len(log.frame))
    labelled = ContactLog(log.frame.assign(priority=noise), log.start, log.end, log.observed_until)
    rows = rows_of(labelled, "csat_top2")
    plain, _ = expected_values(labelled, rows, ("category",))
    more, _ = expected_values(labelled, rows, ("category", "priority"))
    assert np.abs(more - plain).max() < 0.02


def test_out_of_sample_a_column_that_matters_lowers_the_error() -> None:
    rng = np.random.default_rng(5)
    log = drawn(rng, n=200)
    rows = rows_of(log, "csat_top2")
    half = rng.random(len(rows.row)) < 0.5
    past, future = rows.taken(half), rows.taken(~half)
    error = {
        columns: float(((future.top - out_of_sample(log, past, future, columns)) ** 2).mean())
        for columns in (("category",), ())
    }
    assert error["category",] < error[()] - 0.01


def test_tiers_are_compared_with_their_own_tier() -> None:
    log = drawn(np.random.default_rng(6), agents=8, n=200, mix=False)
    late = log.frame["agent"] >= "a04"
    frame = log.frame.assign(
        team=np.where(late, "two", "one"), csat=log.frame["csat"].where(~late, 2.0)
    )
    tiers = ContactLog(frame, log.start, log.end, log.observed_until)
    rows = rows_of(tiers, "csat_top2")
    second = late.to_numpy()[rows.row]
    everybody, _ = expected_values(tiers, rows, AT_ARRIVAL)
    peers, _ = expected_values(tiers, rows, PEERS)
    assert everybody[second].mean() > 0.3
    assert peers[second].mean() < 0.05


def test_contacts_without_agent_leave_nothing_out() -> None:
    log, rows = by_hand()
    nobody = replace(log, frame=log.frame.assign(agent=pd.array([None] * 8, dtype="str")))
    expected, _ = expected_values(nobody, rows)
    assert expected == pytest.approx(6 / 8)
