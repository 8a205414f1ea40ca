"""Trends: planted ones are found, luck is not named too often."""

import numpy as np
import pytest

from review_desks import DAY, asked, drawn, names_of
from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.periods import Periods
from svcsim.scorecard.period import Period
from svcsim.scorecard.trend import Trend, name_trends, trends

SPANS = tuple(Period(f"p{i}", i * 28 * DAY, (i + 1) * 28 * DAY) for i in range(6))


def found(log: ContactLog, metric: str = "csat_top2") -> list[Trend]:
    return trends(log, asked(metric), SPANS, "agent", names_of(log), "higher")


def test_values_are_those_of_the_common_metric_code() -> None:
    log = drawn(np.random.default_rng(1), agents=4, n=200, days=168)
    edges = np.array([span.start for span in SPANS] + [SPANS[-1].end])
    labels = tuple(span.label for span in SPANS)
    table = evaluate(log, "csat_top2", by="agent", period=Periods(edges, labels))
    for trend in found(log):
        own = table[table["agent"] == trend.unit]
        assert trend.values == pytest.approx(tuple(own["value"]))
        assert trend.n == tuple(own["n"])


def test_a_planted_decline_is_named_and_its_slope_covered() -> None:
    log = drawn(np.random.default_rng(2), n=900, days=168, mix=False, drift={"a07": -0.06})
    named = [t for t in name_trends(found(log)) if t.verdict != "no change seen"]
    assert [(t.unit, t.verdict, t.side) for t in named] == [("a07", "falling", "worse")]
    (trend,) = named
    assert trend.lower <= -0.06 <= trend.upper


def test_among_equal_agents_a_trend_is_seldom_named() -> None:
    rng = np.random.default_rng(3)
    with_any = sum(
        any(t.verdict != "no change seen" for t in name_trends(found(drawn(rng, n=150, days=168))))
        for _ in range(20)
    )
    # The false discovery rate is 10 %: 2 of 20 desks; 7 would come with probability .002.
    assert with_any <= 6


def test_intervals_hold_the_true_slope() -> None:
    rng = np.random.default_rng(4)
    held = [
        trend.lower <= 0 <= trend.upper
        for _ in range(10)
        for trend in found(drawn(rng, n=150, days=168))
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.045)  # 200 lines


def test_times_have_a_relative_slope() -> None:
    log = drawn(np.random.default_rng(5), n=300, days=168, mix=False)
    slower = 1.1 ** (log.frame["opened_s"] // (28 * DAY))
    frame = log.frame.assign(handle_s=log.frame["handle_s"] * slower)
    grown = found(ContactLog(frame, log.start, log.end, log.observed_until), "aht")
    assert all(trend.relative for trend in grown)
    assert np.mean([trend.slope for trend in grown]) == pytest.approx(0.1, abs=0.03)
    assert sum(trend.lower <= 0.1 <= trend.upper for trend in grown) >= 16  # of 20


def test_two_periods_show_no_trend() -> None:
    log = drawn(np.random.default_rng(6), agents=3, n=100, days=56)
    two = trends(log, asked("csat_top2"), SPANS[:2], "agent", names_of(log), "higher")
    assert all(np.isnan(trend.slope) for trend in two)
    assert {trend.verdict for trend in name_trends(two)} == {"no change seen"}
