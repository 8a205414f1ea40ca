"""A warm-up is simulated before the period, fills the desk, and is not counted."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from small_desks import MONDAY, category, desk
from svcsim.contacts.store import read_log
from svcsim.engine.simulate import simulate
from svcsim.errors import InputError
from svcsim.metrics.evaluate import evaluate
from svcsim.model.baseline import Baseline, Source
from svcsim.scenario.scenario import Scenario
from svcsim.study.experiment import Plan
from svcsim.study.run import RunRequest, run_scenario

DAY_LONG = {"law": "fixed", "mean": 86400.0}
SOURCE = Source(log="none", rows=0, start="2025-01-06", end="2025-03-03")


def baseline():
    """One ticket an hour, a day of work each: after a day 24 are always open (Little's law)."""
    model = desk(1.0, 40, mode="ticket", categories={"all": category(handling=DAY_LONG)})
    return Baseline(svcsim="0", name="small", source=SOURCE, model=model)


def run(folder, warm_up, log=None, **changes):
    setting = {"days": 7, "replications": 20, "start": "2025-03-03", "follow_up": 0.0}
    scenario = Scenario(name="s", run=setting | {"warm_up": warm_up * 86400.0} | changes)
    request = RunRequest(
        scenario_file=folder / "s.yaml", folder=folder / f"{warm_up}", workers=1,
        metrics=("volume", "occupancy"), keep_contacts=True,
    )  # fmt: skip
    (folder / "s.yaml").write_text("name: s\nrun:\n  warm_up: 2d\n", encoding="utf-8")
    return run_scenario(scenario, baseline(), log, request)


def mean(done, metric):
    table = done.table
    return table.loc[table["metric"] == metric, "value"].mean()


def test_the_period_begins_with_a_full_desk_and_counts_its_own_contacts_alone(tmp_path):
    """24 of 40 agents are busy all the time; from empty the first day has half of that."""
    cold, warm = run(tmp_path, 0), run(tmp_path, 2)
    assert mean(warm, "volume") == pytest.approx(168, rel=0.06)
    assert mean(warm, "occupancy") == pytest.approx(24 / 40, rel=0.06)
    assert mean(cold, "occupancy") == pytest.approx(24 / 40 * 6.5 / 7, rel=0.06)
    kept = read_log(tmp_path / "2" / "contacts.parquet")
    assert kept.end - kept.start == 7 * 86400
    assert kept.frame["opened_s"].min() < kept.start - 86400
    again = evaluate(kept, ["volume"], intervals=False)["value"].iloc[0]
    first = warm.table.query("metric == 'volume' and replication == 1")["value"].iloc[0]
    assert again == first


def test_the_summary_tells_what_was_simulated_and_not_counted(tmp_path):
    run(tmp_path, 2, replications=1, follow_up=86400.0)
    summary = json.loads((tmp_path / "2" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["warm_up_days"], summary["days"], summary["follow_up_days"]) == (2, 7, 1)


def test_a_warm_up_of_part_of_a_day_is_refused():
    with pytest.raises(ValueError, match=r"warm_up is 1.5 days; expected whole days"):
        Scenario(name="s", run={"warm_up": 36 * 3600.0})


def test_the_plan_simulates_whole_days_before_the_period():
    plan = Plan(MONDAY, days=5, follow_up_days=1, warm_up_days=3)
    assert plan.horizon.local_days()[0] == MONDAY - timedelta(days=3)
    assert len(plan.horizon.local_days()) == 9
    log = simulate(desk(), plan.horizon, seed=1, replication=1)
    assert plan.counted(log).start - log.start == 3 * 86400
    assert plan.counted(log).end == log.end
    assert Plan(MONDAY).counted(log) is log


def test_a_horizon_shorter_than_the_warm_up_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"s.yaml:3  run.warm_up: a warm-up of 8 days .* lengthen"):
        run(tmp_path, 8)
    assert not (tmp_path / "8").exists()


def test_a_warm_up_before_a_known_state_is_refused(tmp_path):
    log = simulate(baseline().model, Plan(date(2025, 2, 3), 14, 0).horizon, seed=1, replication=1)
    with pytest.raises(InputError, match=r"s.yaml:3  run.warm_up: .* leave run.warm_up out"):
        run(tmp_path, 2, log=log)


@pytest.mark.parametrize("days", [-1.0, float("nan"), float("inf")])
def test_a_warm_up_is_no_less_than_nothing(days):
    with pytest.raises(ValueError, match="warm_up is .* days; expected 0 or more"):
        Scenario(name="s", run={"warm_up": days * 86400.0})
