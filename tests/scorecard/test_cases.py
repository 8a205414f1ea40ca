"""Typical cases: near the tenth, on the right side, never the wildest."""

import numpy as np
import pandas as pd
import pytest

from review_desks import drawn, names_of, rows_of
from svcsim.contacts.log import ContactLog, make_log
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.cases import Case, typical_cases, usual_values
from svcsim.scorecard.curve import Direction


def cases_of(
    log: ContactLog, metric: str, kind: str, names: list[str], better: Direction
) -> list[Case]:
    rows = rows_of(log, metric)
    usual = usual_values(log, get_metric(metric), rows)
    return typical_cases(log, get_metric(metric), rows, usual, kind, names, better)


def handled(seconds: list[float], agents: int = 1) -> ContactLog:
    frame = pd.DataFrame([
        {"ticket_id": f"a{k}-{i}", "agent": f"a{k}", "category": "x", "opened_s": float(i),
         "resolved_s": float(i + 5), "handle_s": value}
        for k in range(agents) for i, value in enumerate(seconds)
    ])  # fmt: skip
    return make_log(frame, start=0.0, end=1e6, observed_until=2e6, timezone="UTC")


def test_the_wildest_outlier_is_not_typical() -> None:
    log = handled([*(float(100 + i) for i in range(40)), 90_000.0, 1.0], agents=2)
    found = cases_of(log, "aht", "agent", ["a0"], "lower")
    values = {(case.verdict, case.value) for case in found}
    assert len(found) == 6
    assert ("bad", 90_000.0) not in values
    assert ("good", 1.0) not in values


@pytest.mark.parametrize("metric", ["csat_top2", "aht"])
def test_good_is_better_than_expected_and_bad_is_worse(metric: str) -> None:
    log = drawn(np.random.default_rng(1), agents=5, n=80)
    better: Direction = "higher" if metric == "csat_top2" else "lower"
    found = cases_of(log, metric, "agent", names_of(log), better)
    assert len(found) == 30
    for case in found:
        above = case.value > case.expected
        assert above == ((case.verdict == "good") == (better == "higher"))


def test_a_case_is_a_contact_of_its_unit_with_its_true_value() -> None:
    log = drawn(np.random.default_rng(2), agents=4, n=60)
    tickets = log.frame.set_index("ticket_id")
    for case in cases_of(log, "aht", "agent", names_of(log), "lower"):
        row = tickets.loc[case.ticket_id]
        assert (row["agent"], row["category"]) == (case.unit, case.category)
        assert row["handle_s"] == case.value


def test_a_team_shows_different_people() -> None:
    log = drawn(np.random.default_rng(3), agents=6, n=60)
    found = cases_of(log, "csat_top2", "team", ["one"], "higher")
    for verdict in ("good", "bad"):
        people = [case.agent for case in found if case.verdict == verdict]
        assert len(set(people)) == 3


def test_nothing_is_typical_of_nine_contacts() -> None:
    assert cases_of(handled([float(i) for i in range(9)]), "aht", "agent", ["a0"], "lower") == []


def test_who_never_fails_has_no_bad_case() -> None:
    log = drawn(np.random.default_rng(4), agents=3, n=60)
    perfect = ContactLog(
        log.frame.assign(csat=log.frame["csat"].where(log.frame["agent"] != "a01", 5.0)),
        log.start, log.end, log.observed_until,
    )  # fmt: skip
    found = cases_of(perfect, "csat_top2", "agent", names_of(perfect), "higher")
    assert {case.verdict for case in found if case.unit == "a01"} == {"good"}
