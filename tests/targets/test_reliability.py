"""Reliability of agents' values: known truth in, known truth out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, show_day
from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.stats.interval import wilson
from svcsim.targets.reliability import agent_reliability, reliability_at

TARGET = {"aht": "3h", "csat_top2": "80%", "fcr_window(7d)": "80%"}
CSAT, SCORE = get_metric("csat_top2"), get_metric("csat_mean")


def shares(agents: int, n: int, tau: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = np.clip(0.8 + tau * rng.normal(size=agents), 0.0, 1.0)
    hits = rng.binomial(n, level)
    low, high = wilson(hits, np.full(agents, n))
    return pd.DataFrame(
        {"value": hits / n, "n": n, "lower": low, "upper": high, "adjusted": np.nan}
    )


def scores(agents: int, n: int, tau: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    error = 1.1 / np.sqrt(n)
    value = 4.0 + tau * rng.normal(size=agents) + error * rng.normal(size=agents)
    return pd.DataFrame(
        {
            "value": value,
            "n": n,
            "lower": value - 1.96 * error,
            "upper": value + 1.96 * error,
            "adjusted": np.nan,
        }
    )


def mean_of(found: list[float | None]) -> float:
    return float(np.mean([value for value in found if value is not None]))


def test_shares_of_many_agents_give_back_the_true_reliability_of_a_period() -> None:
    # tau .05, p .8: R at 100 contacts a period = .0025 / (.0025 + .16 / 100) = .61
    found = [reliability_at(shares(40, 600, 0.05, s), CSAT, 6).value for s in range(20)]
    assert mean_of(found) == pytest.approx(0.61, abs=0.05)


def test_scores_of_many_agents_give_back_the_true_reliability_of_a_period() -> None:
    # tau .15, sd 1.1, n 126: R = .7 (the sample size for pay)
    found = [reliability_at(scores(40, 1260, 0.15, s), SCORE, 10) for s in range(20)]
    assert mean_of([f.value for f in found]) == pytest.approx(0.70, abs=0.05)
    assert np.median([f.n_for_pay for f in found]) == pytest.approx(126, rel=0.2)


def test_agents_who_are_all_alike_are_not_told_apart() -> None:
    found = [reliability_at(shares(40, 1200, 0.0, s), CSAT, 6).value for s in range(10)]
    assert mean_of(found) < 0.1


def test_few_agents_tell_nothing() -> None:
    assert reliability_at(shares(3, 600, 0.05, 1), CSAT, 6).value is None


def test_a_longer_period_is_more_reliable(tier_log: ContactLog) -> None:
    short, long = (agent_reliability(tier_log, ["aht"], days)["aht"] for days in (7, 28))
    assert short.value is not None
    assert long.value is not None
    assert short.value < long.value
    assert long.n == pytest.approx(4 * short.n)


def test_what_the_queue_decides_is_nobodys_own_value(tier_log: ContactLog) -> None:
    found = agent_reliability(tier_log, ["abandon", "answered_within(60s)"], 28)
    assert {row.value for row in found.values()} == {None}


def test_a_log_without_agents_gives_none(tier_log: ContactLog) -> None:
    nobody = tier_log.frame.assign(agent=pd.array([None] * len(tier_log), dtype="str"))
    found = agent_reliability(replace(tier_log, frame=nobody), ["aht"], 28)
    assert found["aht"].value is None
    assert agent_reliability(None, ["aht"], 28)["aht"].value is None


def test_the_scorecard_and_the_proposal_tell_the_same_reliability(tier_log: ContactLog) -> None:
    # one period as long as the history: the card's R at the median agent's contacts is the same
    for metric in ("aht", "csat_top2", "fcr_window(7d)"):
        card = Scorecard.from_data(
            {"name": "c", "kpis": [{"metric": metric, "weight": "100%", "target": TARGET[metric]}]},
            "c",
        )
        span = f"{show_day(tier_log.start, 'UTC')[:10]}/{show_day(tier_log.end, 'UTC')[:10]}"
        kpi = score(tier_log, card, span).to_json_dict()["kpis"][0]
        days = round((tier_log.end - tier_log.start) / 86400)
        found = agent_reliability(tier_log, [metric], days)[metric]
        assert found.value == pytest.approx(kpi["reliability"], rel=1e-6)
        assert found.n == kpi["contacts_median"]
