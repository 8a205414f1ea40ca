"""Which KPIs a model can speak about."""

from datetime import date

import pandas as pd
import pytest

from small_desks import category, desk
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth
from svcsim.study.fidelity import _weeks
from svcsim.study.told import too_short, unspoken, without_value

ASSUMED = {"value": 600.0, "grade": "assumed", "how": "nothing is known"}


def tickets(**changes: object) -> ServiceModel:
    return desk(mode="ticket", categories={"all": category(**changes)})


@pytest.mark.parametrize("metric", ["fcr_window(7d)", "repeat(7d)", "reopen", "csat_top2"])
def test_a_rate_of_0_for_want_of_data_is_not_shown_as_perfect(metric):
    why = unspoken(tickets(), metric)
    assert why is not None
    assert why.zh
    assert unspoken(truth(), metric) is None


def test_repeats_alone_make_first_contact_resolution_speak():
    assert unspoken(tickets(repeat=0.1), "fcr_window(7d)") is None
    assert unspoken(tickets(repeat=0.1), "reopen") is not None


def test_assumed_work_says_nothing_of_handling_times_or_occupancy():
    assumed = tickets(handling={"law": "exponential", "mean": ASSUMED})
    assert unspoken(assumed, "aht") is not None
    assert unspoken(assumed, "occupancy") is not None
    assert unspoken(assumed, "frt_p50") is None
    # a desk written by hand is what its author says
    assert unspoken(tickets(), "aht") is None


def test_a_ticket_desk_has_no_queue_to_leave():
    assert unspoken(tickets(), "abandon") is not None
    assert unspoken(desk(), "abandon") is None


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (13, None),
        (14, ["2025-W10", "2025-W11"]),
        (18, ["2025-W10", "2025-W11"]),
        (19, ["2025-W10", "2025-W11", "2025-W12"]),
    ],
)
def test_a_rest_of_a_week_counts_from_five_days_on(days, labels):
    start = date(2025, 3, 3)
    weeks = _weeks(start, date.fromordinal(start.toordinal() + days), "UTC")
    assert (weeks and list(weeks.labels)) == labels
    if weeks is not None:
        assert len(weeks.edges) == len(weeks.labels) + 1


def test_weeks_that_do_not_begin_on_a_monday_are_named_by_their_day():
    weeks = _weeks(date(2025, 3, 5), date(2025, 3, 19), "UTC")
    assert weeks is not None
    assert list(weeks.labels) == ["2025-03-05", "2025-03-12"]


NPS = {"kind": "nps", "asked": 1.0, "answered": 1.0, "scores": [0.0] * 10 + [1.0]}
HOLD = {"share": 0.1, "time": {"law": "fixed", "mean": 60.0}}


@pytest.mark.parametrize(
    ("metric", "declared"),
    [
        ("complaint", {"complaint": {"share": 0.02}}),
        ("churn", {"churn": {"share": 0.02}}),
        ("quality_score", {"quality_check": {"sample": 0.05}}),
        ("cost_per_contact", {"cost": {"per_contact": 2.0}}),
        ("cost_per_resolved", {"cost": {"per_contact": 2.0}}),
        ("nps", {"survey": NPS}),
        ("hold", {"categories": {"all": category(hold=HOLD)}}),
        ("rework", {"categories": {"all": category(rework=0.1)}}),
        ("empty_reply", {"behaviour": {"empty_reply": 0.1, "empty_reply_time": HOLD["time"]}}),
    ],
)
def test_what_a_desk_does_not_declare_has_no_kpi(metric, declared):
    why = unspoken(desk(), metric)
    assert why is not None
    assert why.zh
    assert unspoken(desk(**declared), metric) is None


def test_a_survey_asks_for_stars_or_for_a_recommendation():
    assert unspoken(truth(), "nps") is not None
    assert unspoken(desk(survey=NPS), "csat_top2") is not None
    assert unspoken(desk(survey=NPS), "csat_response") is None


def test_a_window_longer_than_the_run_has_no_verdict():
    why = too_short("fcr_window(30d)", 21)
    assert why is not None
    assert "30d in a run of 21 days" in why
    assert "21 天" in why.zh
    assert too_short("fcr_window(7d)", 21) is None
    assert too_short("aht", 1) is None


def kpis(metric: str, values: list[float], n: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"metric": metric, "value": values, "n": n})


def test_a_percentile_that_no_replication_reaches_is_hidden_for_that_reason():
    """50 tickets count, but more than a tenth of them are still open at the end: no P90."""
    nan = float("nan")
    table = pd.concat(
        [
            kpis("res_full_p90", [nan, nan], [40, 60]),
            kpis("reopen", [nan, nan], [0, 0]),
            kpis("aht_log_sd", [nan, nan], [1, 1]),
            kpis("frt_p90", [nan, 600.0], [40, 60]),
        ]
    )
    why = without_value(table)
    assert list(why) == ["res_full_p90", "reopen", "aht_log_sd"]
    assert "too few contacts support P90: on average 50 of a run count" in why["res_full_p90"]
    assert "P90" in why["res_full_p90"].zh
    assert "no contact of the run has a value" in why["reopen"]
    assert "too few contacts support it: on average 1 of a run" in why["aht_log_sd"]
