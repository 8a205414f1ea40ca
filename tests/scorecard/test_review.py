"""A review as a whole: what stands in scores.json and scores.csv, and laws it keeps."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from review_desks import DAY, drawn
from svcsim.contacts.log import ContactLog, make_log
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.labels import FUNNEL, TRENDS, USES
from svcsim.scorecard.measure import kinds_of
from svcsim.scorecard.period import Period, parse_period, periods_before
from svcsim.scorecard.review_summary import review_lines
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

CARD = Scorecard(
    name="c",
    period="4w",
    kpis=(
        Kpi(metric="csat_top2", weight=0.4, target=0.8),
        Kpi(metric="aht", weight=0.3, target=600.0),
        Kpi(metric="frt_p90", weight=0.2, target=3600.0),
        Kpi(metric="throughput", weight=0.1, target=3.0),
    ),
)
LAST = Period("1970-02-26/1970-03-26", 56 * DAY, 84 * DAY)


@pytest.fixture(scope="module")
def log() -> ContactLog:
    return drawn(np.random.default_rng(1), agents=10, n=240, days=84, skill={"a04": -0.3})


@pytest.fixture(scope="module")
def table(log: ContactLog) -> ScoreTable:
    return score(log, CARD, LAST)


def test_every_unit_and_kpi_has_a_use_a_place_and_a_trend(table: ScoreTable) -> None:
    plain = table.to_json_dict()
    agents = [unit for unit in plain["units"] if unit["kind"] == "agent"]
    assert len(agents) == 10
    for kpi in (kpi for unit in agents for kpi in unit["metrics"]):
        assert kpi["use"] in USES
        assert kpi["use_zh"] == USES[kpi["use"]]
        assert kpi["funnel"]["status"] in FUNNEL
        assert kpi["trend"]["verdict"] in TRENDS
        assert len(kpi["trend"]["values"]) == len(plain["review"]["periods"]) == 3
    assert json.dumps(plain, allow_nan=False)


def test_the_csv_says_the_same_as_the_json(table: ScoreTable) -> None:
    frame = table.to_frame().set_index(["kind", "unit", "metric"])
    for unit in table.to_json_dict()["units"]:
        for kpi in unit["metrics"]:
            row = frame.loc[(unit["kind"], unit["unit"], kpi["metric"])]
            assert row["use"] == kpi["use"]
            assert row["trend"] == kpi["trend"]["verdict"]
            if kpi["funnel"]:
                assert row["funnel"] == kpi["funnel"]["status"]
                assert row["funnel_lower"] == kpi["funnel"]["watch"][0]


def test_the_review_changes_no_score(log: ContactLog) -> None:
    one, two = score(log, CARD, LAST), score(log, CARD, LAST)
    before = repr(one.units)
    assert one.review.coaching
    assert repr(one.units) == before == repr(two.units)


def test_the_order_of_rows_does_not_matter(log: ContactLog) -> None:
    order = np.random.default_rng(2).permutation(len(log.frame))
    mixed = log.frame.iloc[order].reset_index(drop=True)
    other = ContactLog(mixed, log.start, log.end, log.observed_until)
    one, two = (score(each, CARD, LAST).to_json_dict()["review"] for each in (log, other))
    assert one == two


def test_without_earlier_periods_nothing_is_compared_with_them() -> None:
    alone = drawn(np.random.default_rng(3), agents=6, n=60)
    review = score(alone, CARD, Period("all", 0.0, 28 * DAY)).review
    assert review.changes == ()
    assert review.trends == ()
    assert review.funnels


def test_a_log_without_categories_agents_or_teams_is_reviewed() -> None:
    frame = pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(90)], "opened_s": [i * DAY / 2 for i in range(90)],
        "handle_s": 100.0, "first_response_s": [i * DAY / 2 + 60 for i in range(90)],
        "resolved_s": [i * DAY / 2 + 600 for i in range(90)],
    })  # fmt: skip
    bare = make_log(frame, start=0.0, end=45 * DAY, observed_until=60 * DAY, timezone="UTC")
    plain = score(bare, CARD, Period("all", 0.0, 45 * DAY)).to_json_dict()
    assert plain["review"]["funnels"] == []
    assert plain["review"]["coaching"] == []


def test_the_terminal_tells_the_desk_and_the_talks_in_few_lines(table: ScoreTable) -> None:
    for lang, head in (("en", "Talks before consequences:"), ("zh", "先辅导，后奖惩：")):
        lines = review_lines(table, lang)
        assert head in lines
        assert len(lines) <= 12
    assert any("a04" in line for line in review_lines(table, "en"))


def test_speed_is_compared_within_priority_and_channel() -> None:
    from svcsim.metrics.catalogue import get_metric

    assert kinds_of(get_metric("frt_within(10min)"))[-2:] == ("priority", "channel")
    assert kinds_of(get_metric("csat_top2")) == ("category", "difficulty")


# --- periods before --------------------------------------------------------------------------


def year() -> ContactLog:
    start, end = (
        pd.Timestamp(day, tz="Europe/Berlin").timestamp() for day in ("2025-01-01", "2026-01-01")
    )
    frame = pd.DataFrame({"ticket_id": ["t"], "opened_s": [start + 1]})
    return make_log(frame, start=start, end=end, observed_until=end, timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2025-04", ["2025-01", "2025-02", "2025-03"]),
        ("2025-Q3", ["2025-Q1", "2025-Q2"]),
        ("2025-W15", ["2025-W12", "2025-W13", "2025-W14"]),  # across the change of the clock
        ("2025-03-20/2025-04-10", ["2025-01-16/2025-02-06", "2025-02-06/2025-02-27",
                                   "2025-02-27/2025-03-20"]),
    ],
)  # fmt: skip
def test_periods_of_the_same_length_before(period: str, before: list[str]) -> None:
    log = year()
    found = periods_before(parse_period(period, log.timezone), log, 3)
    assert [span.label for span in found] == before
    ends = [span.end for span in found]
    assert [span.start for span in found[1:]] == ends[:-1]
    assert math.isclose(ends[-1], parse_period(period, log.timezone).start)


def test_periods_before_the_log_are_not_returned() -> None:
    log = year()
    assert periods_before(parse_period("2025-01", log.timezone), log, 6) == ()
    assert len(periods_before(parse_period("2025-12", log.timezone), log, 6)) == 6
