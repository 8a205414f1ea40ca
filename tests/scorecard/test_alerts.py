"""Control charts, limits and budgets: printed run lengths, exact laws, simulation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import alarms as bench
from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog
from svcsim.contacts.store import write_frame
from svcsim.errors import InputError
from svcsim.samples.history import simulate_truth
from svcsim.scorecard.alerts import (
    CUSUM,
    CUSUM_QUICK,
    CUSUM_SLOW,
    EWMA,
    SHEWHART,
    ControlChart,
    null_tail,
)
from svcsim.scorecard.alerts_budget import burn
from svcsim.scorecard.alerts_limits import control_limit, replications_for
from svcsim.scorecard.alerts_series import scatter_of_days, standardised
from svcsim.scorecard.alerts_watch import watch, with_alerts
from svcsim.scorecard.period import Period, parse_period
from svcsim.scorecard.score import score

PRINTED = [
    (CUSUM, (343.0, 27.0, 8.4, 3.3)),
    (CUSUM_QUICK, (115.0, 17.0, 6.4, 2.6)),
    (EWMA, (729.0, 35.0, 8.5, 2.7)),
]
"""Run lengths at shifts 0, .5, 1, 2 as others simulated them (two or three digits)."""


@pytest.mark.parametrize(("chart", "lengths"), PRINTED)
def test_run_lengths_are_the_printed_ones(
    chart: ControlChart, lengths: tuple[float, float, float, float]
) -> None:
    found = [chart.arl(shift) for shift in (0.0, 0.5, 1.0, 2.0)]
    assert found == pytest.approx(lengths, rel=0.04)


def test_run_lengths_of_the_cusum_agree_with_published_tables() -> None:
    # Hawkins and Olwell 1998, one-sided, k = .5
    assert CUSUM.arl() == pytest.approx(335.4, rel=0.001)
    assert CUSUM_SLOW.arl() == pytest.approx(930.9, rel=0.001)
    assert CUSUM_SLOW.arl(1.0) == pytest.approx(10.38, rel=0.002)


def test_a_single_value_alarms_with_its_own_probability() -> None:
    for shift in (0.0, 0.5, 1.0, 2.0):
        assert SHEWHART.arl(shift) == pytest.approx(1 / stats.norm.sf(2.0 - shift))


@pytest.mark.parametrize("chart", [CUSUM_QUICK, EWMA, SHEWHART], ids=lambda c: c.kind)
@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_computed_run_lengths_are_simulated_ones(chart: ControlChart, shift: float) -> None:
    mean, error = bench.run_length(chart, shift, 3000, seed=11)
    assert chart.arl(shift) == pytest.approx(mean, abs=4 * error)


def test_the_path_is_what_the_run_lengths_are_of() -> None:
    z = np.array([1.0, 2.0, np.nan, -3.0, 4.0])
    assert CUSUM.path(z) == pytest.approx([0.5, 2.0, 2.0, 0.0, 3.5])
    assert SHEWHART.path(z) == pytest.approx([1.0, 2.0, 2.0, -3.0, 4.0])
    assert EWMA.path(z)[:2] == pytest.approx([1.0, (0.2 * 2 + 0.8 * 0.2) / np.sqrt(0.04 * 1.64)])


def test_the_tail_of_a_quiet_chart_is_its_simulated_one() -> None:
    rng = np.random.default_rng(12)
    last = [CUSUM.path(rng.standard_normal(12))[-1] for _ in range(4000)]
    for bound in (1.0, 2.0, 3.0):
        assert null_tail(CUSUM, bound, 12) == pytest.approx(
            np.mean(np.array(last) >= bound), abs=0.02
        )
    assert null_tail(CUSUM, 4.0, 12) < null_tail(CUSUM, 3.0, 12)


# --- limits ---------------------------------------------------------------------------------------


def test_a_further_period_crosses_the_limit_as_rarely_as_stated() -> None:
    rng = np.random.default_rng(13)
    crossed = [
        1 - control_limit(rng.random(200), 0.05, "up").value for _ in range(3000)
    ]  # of uniform periods the rate is 1 - limit; exactly 1 - r/(n + 1) on average
    assert np.mean(crossed) == pytest.approx(1 - 191 / 201, abs=0.001)


def test_a_limit_below_is_the_mirrored_one() -> None:
    x = np.random.default_rng(14).normal(size=400)
    above, below = control_limit(x, 0.01, "up"), control_limit(-x, 0.01, "down")
    assert below.value == -above.value
    assert (below.lower, below.upper) == (-above.upper, -above.lower)
    assert above.lower <= above.value <= above.upper


def test_too_few_replications_give_no_limit_and_say_how_many_are_needed() -> None:
    found = control_limit(np.arange(50.0), 0.01, "up")
    assert np.isnan(found.value)
    assert found.needed == replications_for(0.01) == 368
    closed = control_limit(np.arange(368.0), 0.01, "up")
    assert np.isfinite(closed.upper)
    assert np.isinf(control_limit(np.arange(300.0), 0.01, "up").upper)


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="false-alarm rate"):
        control_limit(np.arange(10.0), 0.7, "up")


# --- budgets --------------------------------------------------------------------------------------


def test_a_budget_used_in_step_with_time_burns_at_one() -> None:
    state = burn(np.full(10, 4.0), np.full(10, 40.0), 0.10, 800.0)
    assert (state.used, state.elapsed, state.rate) == pytest.approx((1 / 3, 1 / 3, 1.0))
    assert 0.3 < state.p_exceed < 0.7
    assert not state.alert


def test_an_overdrawn_budget_is_surely_exceeded_and_an_unused_one_hardly() -> None:
    n = np.full(10, 40.0)
    assert burn(np.full(10, 13.0), n, 0.10, 800.0).p_exceed == 1.0
    assert burn(np.zeros(10), n, 0.10, 800.0).p_exceed < 0.001
    assert burn(np.full(10, 4.0), n, 0.10, 0.0).p_exceed == 0.0


def test_an_alert_needs_a_long_window_and_that_it_goes_on() -> None:
    n = np.full(12, 40.0)
    lasting = burn(np.array([4.0] * 5 + [8.0] * 7), n, 0.10, 720.0)
    over = burn(np.array([4.0] * 5 + [9.0] * 6 + [2.0]), n, 0.10, 720.0)
    assert lasting.alert
    assert not over.alert
    assert not burn(np.full(30, 8.0), np.full(30, 40.0), 0.10, 0.0).alert  # nothing to be done


def test_the_state_of_a_budget_in_words() -> None:
    running = burn(np.full(10, 8.0), np.full(10, 40.0), 0.10, 800.0).text()
    assert running.en.startswith("67% of the period's misses (10% may miss) are used after 33%")
    over = burn(np.full(30, 8.0), np.full(30, 40.0), 0.10, 0.0).text()
    assert over.en == "the period has used 200% of the misses that its target allows (10%)"
    assert "200%" in over.zh


def test_the_probability_of_exceeding_a_budget_comes_true() -> None:
    rows = [row for row in bench.budgets(4000) if row["months"] > 200]
    assert len(rows) >= 5
    for row in rows:
        assert row["came"] == pytest.approx(row["said"], abs=0.06)


def test_days_that_differ_by_chance_alone_have_no_scatter() -> None:
    rng = np.random.default_rng(15)
    n = np.full(200, 50.0)
    assert scatter_of_days(rng.binomial(50, 0.1, 200).astype(float), n) < 0.004
    day = rng.beta(0.1 * 49, 0.9 * 49, 200)
    found = scatter_of_days(rng.binomial(50, day).astype(float), n)
    assert found == pytest.approx(0.02, abs=0.012)


# --- a card watched -------------------------------------------------------------------------------


def test_z_has_variance_one_while_nothing_changes_and_moves_by_the_shift() -> None:
    rng = np.random.default_rng(16)
    z = []
    for _ in range(300):
        n = rng.poisson(20, 7 * 28).astype(float)
        total = rng.binomial(n.astype(int), 0.3).astype(float)
        found = standardised(n, total, 16)
        assert found is not None
        z.append(found[0])
    assert np.mean(z) == pytest.approx(0.0, abs=0.1)
    assert 0.6 < np.std(z) < 1.05  # wider on purpose: the weeks share the error of the usual value


def test_what_befalls_the_whole_desk_is_nobodys_own() -> None:
    rng = np.random.default_rng(17)
    n = np.full(7 * 28, 20.0)
    busy = np.repeat(rng.uniform(0.2, 0.5, 28), 7)
    mine, rest = (rng.binomial(k, busy).astype(float) for k in (20, 400))
    alone, beside = standardised(n, mine, 16), standardised(n, mine, 16, (20 * n, rest))
    assert alone is not None
    assert beside is not None
    assert np.corrcoef(alone[0], busy.reshape(-1, 7)[16:, 0])[0, 1] > 0.9
    assert abs(np.corrcoef(beside[0], busy.reshape(-1, 7)[16:, 0])[0, 1]) < 0.6


@pytest.fixture(scope="module")
def year() -> tuple[ContactLog, Period]:
    log = simulate_truth(seed=21)
    log = log.window(log.start + 28 * 86400, log.end)
    return log, parse_period("2025-10-01/2025-10-29", log.timezone)


def test_one_agent_who_gets_worse_is_seen_and_the_alert_states_its_run_length(
    year: tuple[ContactLog, Period],
) -> None:
    log, span = year
    since = span.end - 56 * 86400
    table = watch(bench.unhappier(log, "Hu Bo", since), bench.CARD, span)
    found = [one for one in table.alerts if (one.unit, one.metric) == ("Hu Bo", "csat_mean")]
    assert len(found) == 1
    assert found[0].arl == pytest.approx(335.4, rel=0.001)
    assert "335 weeks" in found[0].text.en
    assert "335 周" in found[0].text.zh
    assert found[0].q <= 0.10


def test_quiet_years_are_mostly_left_alone() -> None:
    nothing, star_lower = bench.watched(4, [bench.CHANGES[0], bench.CHANGES[2]])
    assert nothing["alarmed"] <= 2  # measured: one year in ten
    assert star_lower["seen"] >= 1  # measured: about three in four


def test_a_short_log_has_no_charts_and_that_is_said(year: tuple[ContactLog, Period]) -> None:
    log, _ = year
    table = watch(log, bench.CARD, parse_period("2025-02", log.timezone))
    assert table.watched == 0
    assert "8 whole weeks" in table.notes[0].en
    assert table.notes[0].zh


def test_a_period_is_held_against_simulated_ones_and_their_length(
    year: tuple[ContactLog, Period], tmp_path: Path
) -> None:
    log, span = year
    rng = np.random.default_rng(18)
    runs = pd.DataFrame(
        {
            "scenario": "s",
            "replication": np.arange(1, 501),
            "metric": "csat_mean",
            "value": rng.normal(4.9, 0.02, 500),
        }
    )
    table = watch(log, bench.CARD, span, simulated=runs)
    limits = [one for one in table.alerts if one.rule == "limit"]
    assert [one.metric for one in limits] == ["csat_mean"]
    assert "500 replications" in limits[0].text.en
    few = watch(log, bench.CARD, span, simulated=runs.head(40))
    assert any("368" in note.en for note in few.notes)

    write_frame(runs, tmp_path / "kpis.parquet")
    (tmp_path / "summary.json").write_text('{"days": 91}')
    scored = score(log, bench.CARD, span, by=["team"])
    with pytest.raises(InputError, match="--days 28"):
        with_alerts(scored, tmp_path / "kpis.parquet")
    (tmp_path / "summary.json").write_text('{"days": 28}')
    again = with_alerts(scored, tmp_path / "kpis.parquet")
    assert again.to_json_dict()["alerts"]["alerts"]
    assert "alerts" not in replace(again, alerts=None).to_json_dict()


def test_alerts_on_the_terminal_and_in_the_file(
    year: tuple[ContactLog, Period], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, span = year
    worse = bench.unhappier(log, "Hu Bo", span.end - 56 * 86400)
    worse.to_parquet(tmp_path / "log.parquet")
    (tmp_path / "card.yaml").write_text(bench.CARD.to_yaml(), encoding="utf-8")
    said = ["score", str(tmp_path / "log.parquet"), "--scorecard", str(tmp_path / "card.yaml")]
    said += ["--period", "2025-10-01/2025-10-29", "--alerts"]
    assert run([*said, "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "Got worse:" in shown
    assert "a false alarm of one chart every 335 weeks" in shown
    assert run([*said, "--json", "-q"]) == 0
    alerts = json.loads(capsys.readouterr().out)["alerts"]
    assert {"csat_mean"} <= {one["metric"] for one in alerts["alerts"] if one["unit"] == "Hu Bo"}
    assert alerts["arl_weeks"] == pytest.approx(335.4, rel=0.001)
    missing = str(tmp_path / "nowhere.parquet")
    assert run([*said, "--simulated", missing, "--lang", "en"]) == 2
    assert "nowhere.parquet" in capsys.readouterr().err
