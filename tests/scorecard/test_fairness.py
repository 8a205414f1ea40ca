"""Case mix by hand, and handlings too short to be real."""

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import make_log
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.fairness import can_standardise, standardise
from svcsim.scorecard.integrity.short_handlings import short_handlings
from svcsim.scorecard.period import Period

# A takes the easy contacts and B the hard ones.
TWO = pd.DataFrame(
    [
        ("A", "easy", 0.9, 90),
        ("A", "hard", 0.5, 10),
        ("B", "easy", 0.8, 10),
        ("B", "hard", 0.6, 90),
    ],
    columns=["unit", "stratum", "value", "n"],
)


def test_expected_is_what_the_others_reach_on_the_same_contacts() -> None:
    table = standardise(TWO, "share")
    assert table.loc["A", "observed"] == pytest.approx(0.86)
    assert table.loc["A", "expected"] == pytest.approx((90 * 0.8 + 10 * 0.6) / 100)
    assert table.loc["B", "observed"] == pytest.approx(0.62)
    assert table.loc["B", "expected"] == pytest.approx((10 * 0.9 + 90 * 0.5) / 100)


def test_a_large_share_is_adjusted_by_the_ratio_of_misses() -> None:
    adjusted = standardise(TWO, "share")["adjusted"]
    # At the desk's mix, half easy and half hard, either of the others misses 30 %.
    assert adjusted["A"] == pytest.approx(1 - 0.14 * 0.30 / 0.22)
    assert adjusted["B"] == pytest.approx(1 - 0.38 * 0.30 / 0.46)


def test_with_the_same_mix_values_stay_as_they_are_however_few_the_units() -> None:
    cells = pd.DataFrame(
        [("A", "x", 0.9, 50), ("A", "y", 0.7, 50), ("B", "x", 0.8, 300), ("B", "y", 0.6, 300)],
        columns=["unit", "stratum", "value", "n"],
    )
    table = standardise(cells, "share")
    assert table["adjusted"].to_dict() == pytest.approx({"A": 0.8, "B": 0.7})
    assert table["reference"].to_dict() == pytest.approx({"A": 0.7, "B": 0.8})


def test_two_units_with_swapped_mixes_are_told_apart_by_their_work() -> None:
    # Both miss half as often on x as on y; A misses 10 % fewer on either, but gets y.
    cells = pd.DataFrame(
        [
            *(("A", "x", 1 - 0.09, 100), ("A", "y", 1 - 0.18, 900)),
            *(("B", "x", 1 - 0.10, 900), ("B", "y", 1 - 0.20, 100)),
        ],
        columns=["unit", "stratum", "value", "n"],
    )
    table = standardise(cells, "share")
    assert table.loc["A", "observed"] < table.loc["B", "observed"]
    assert table.loc["A", "adjusted"] == pytest.approx(1 - 0.09 * 0.5 - 0.18 * 0.5)
    assert table.loc["B", "adjusted"] == pytest.approx(1 - 0.10 * 0.5 - 0.20 * 0.5)


def test_own_rows_do_not_enter_the_expectation() -> None:
    other = TWO.assign(value=[0.1, 0.1, 0.8, 0.6])
    before, after = (standardise(cells, "share")["expected"] for cells in (TWO, other))
    assert after["A"] == pytest.approx(before["A"])
    assert after["B"] != pytest.approx(before["B"])


def test_strength_holds_rare_kinds_near_the_mean_of_the_others() -> None:
    table = standardise(TWO, "share", strength=10)
    easy, hard = (8 + 10 * 0.62) / 20, (54 + 10 * 0.62) / 100
    assert table.loc["A", "expected"] == pytest.approx((90 * easy + 10 * hard) / 100)


def test_kinds_that_do_not_differ_leave_the_expectation_at_the_others_mean() -> None:
    table = standardise(TWO, "share", strength=float("inf"))
    assert table.loc["A", "expected"] == pytest.approx(0.62)
    assert table.loc["B", "expected"] == pytest.approx(0.86)


def test_times_are_adjusted_by_the_ratio() -> None:
    cells = pd.DataFrame(
        [("A", "x", 100.0, 10), ("B", "x", 200.0, 10)], columns=["unit", "stratum", "value", "n"]
    )
    assert standardise(cells, "s")["adjusted"].to_dict() == {"A": 100.0, "B": 200.0}
    mixed = pd.DataFrame(
        [
            ("A", "x", 100.0, 30),
            ("A", "y", 200.0, 10),
            ("B", "x", 110.0, 10),
            ("B", "y", 220.0, 30),
        ],
        columns=["unit", "stratum", "value", "n"],
    )
    assert standardise(mixed, "s")["adjusted"].to_dict() == pytest.approx({"A": 150, "B": 165})


def test_scores_are_adjusted_by_the_difference() -> None:
    cells = TWO.assign(value=[4.5, 3.5, 4.0, 3.0])
    table = standardise(cells, "score")
    expected = (4.0 * 90 + 3.0 * 10) / 100
    assert table.loc["A", "adjusted"] == pytest.approx(4.4 + (4.0 + 3.0) / 2 - expected)


def test_what_nobody_else_handles_is_not_compared() -> None:
    extra = pd.DataFrame([("A", "only A", 0.1, 50)], columns=list(TWO.columns))
    table = standardise(pd.concat([TWO, extra]), "share")
    assert table.loc["A", "comparable"] == pytest.approx(100 / 150)
    assert table.loc["A", "observed"] == pytest.approx(0.86)
    assert table.loc["B", "comparable"] == 1.0


def test_without_common_contacts_there_is_no_adjusted_value() -> None:
    cells = pd.DataFrame(
        [("A", "x", 0.9, 90), ("B", "y", 0.6, 90)], columns=["unit", "stratum", "value", "n"]
    )
    table = standardise(cells, "share")
    assert table["adjusted"].isna().all()
    assert (table["comparable"] == 0).all()


def test_equal_agents_with_unequal_mixes_come_out_equal() -> None:
    rng = np.random.default_rng(3)
    rate = {"easy": 0.95, "hard": 0.60}
    rows = []
    for i in range(20):
        hard = 0.1 + 0.8 * i / 19
        for kind, share in (("easy", 1 - hard), ("hard", hard)):
            n = round(400 * share)
            rows.append((f"a{i:02d}", kind, rng.binomial(n, rate[kind]) / n, n))
    cells = pd.DataFrame(rows, columns=["unit", "stratum", "value", "n"])
    table = standardise(cells, "share", strength=5)
    assert table["observed"].std() > 0.07
    assert table["adjusted"].std() < 0.03
    assert table["adjusted"].mean() == pytest.approx(0.775, abs=0.02)


@pytest.mark.parametrize(
    ("metric", "adds_up"),
    [("csat_top2", True), ("frt", True), ("frt_p90", False), ("throughput", False)],
)
def test_only_shares_and_means_add_up_over_kinds(metric: str, adds_up: bool) -> None:
    assert can_standardise(get_metric(metric)) is adds_up


def handled(short: dict[str, int], n: int = 400) -> pd.DataFrame:
    rows = [
        {
            "ticket_id": f"{agent}{i}",
            "agent": agent,
            "opened_s": float(i),
            "resolved_s": float(i + 200),
            "handle_s": 5.0 if i < count else 120.0,
        }
        for agent, count in short.items()
        for i in range(n)
    ]
    return short_handlings(make_log(rows), Period("all", 0.0, float(n)))


def test_an_agent_with_many_handlings_under_10_s_is_named() -> None:
    odd = handled({f"a{i}": 10 + i % 4 for i in range(10)} | {"odd": 72})
    assert list(odd.index) == ["odd"]
    assert odd.loc["odd", "share"] == pytest.approx(0.18)
    assert odd.loc["odd", "others"] < 0.03


def test_nobody_is_named_when_all_are_alike() -> None:
    rng = np.random.default_rng(1)
    assert handled({f"a{i}": int(rng.binomial(400, 0.03)) for i in range(25)}).empty


def test_few_handlings_name_nobody() -> None:
    assert handled({f"a{i}": 1 for i in range(6)} | {"odd": 20}, n=40).empty
