from datetime import date

import numpy as np
import pandas as pd
import pytest

from svcsim.scenario.scenario import Scenario
from svcsim.study.experiment import Plan, run_experiment

METRICS = ["volume", "frt_p50", "aht", "reopen", "occupancy"]


def plan(**changes):
    return Plan(
        **{"start": date(2025, 3, 3), "days": 5, "follow_up_days": 0, "replications": 4,
           "workers": 1, **changes}
    )  # fmt: skip


def test_a_change_of_nothing_changes_nothing(small_baseline):
    same = Scenario(name="same", changes={"categories.repair.handling.mean": {"times": 1.0}})
    table = run_experiment(small_baseline, {"base": None, "same": same}, plan(), metrics=METRICS)
    base, changed = (
        table[table["scenario"] == name]["value"].to_numpy() for name in ("base", "same")
    )
    assert len(base) == 4 * len(METRICS)
    np.testing.assert_array_equal(base, changed)


def test_scenarios_share_chance_so_differences_are_far_steadier_than_values(small_baseline):
    faster = Scenario(name="f", changes={"categories.repair.handling.mean": {"times": 0.9}})
    table = run_experiment(
        small_baseline, {"base": None, "fast": faster}, plan(replications=8), metrics=["aht"]
    )
    wide = table.pivot(index="replication", columns="scenario", values="value")
    difference = wide["base"] - wide["fast"]
    assert (difference > 0).all()
    assert difference.std() < 0.5 * wide["base"].std()


def test_workers_do_not_change_a_single_value(small_baseline):
    one = run_experiment(small_baseline, {"a": None}, plan(replications=12), metrics=METRICS)
    two = run_experiment(
        small_baseline, {"a": None}, plan(replications=12, workers=2), metrics=METRICS
    )
    pd.testing.assert_frame_equal(one, two)


def test_an_interrupted_run_goes_on_where_it_stopped(small_baseline, tmp_path):
    whole = run_experiment(small_baseline, {"a": None}, plan(replications=12), metrics=METRICS)
    seen = []

    def stop(done: int, total: int) -> None:
        seen.append(done)
        if done >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(
            small_baseline, {"a": None}, plan(replications=12), metrics=METRICS,
            store=tmp_path, progress=stop,
        )  # fmt: skip
    parts = sorted(tmp_path.glob("parts/*.parquet"))
    assert len(parts) == 1
    stamp = parts[0].stat().st_mtime_ns
    again = run_experiment(
        small_baseline, {"a": None}, plan(replications=12), metrics=METRICS, store=tmp_path
    )
    assert parts[0].stat().st_mtime_ns == stamp
    pd.testing.assert_frame_equal(whole, again, check_dtype=False)


def test_replications_can_be_fewer_for_one_scenario(small_baseline):
    table = run_experiment(
        small_baseline, {"a": None, "b": None}, plan(), metrics=["volume"], replications={"b": 2}
    )
    assert table.groupby("scenario")["replication"].max().to_dict() == {"a": 4, "b": 2}


def test_measuring_by_agent_beside_leaves_the_desk_as_it_is(small_baseline, tmp_path):
    plain = run_experiment(small_baseline, {"a": None}, plan(), metrics=["aht", "reopen"])
    both = run_experiment(
        small_baseline, {"a": None, "b": Scenario(name="b", changes={})}, plan(),
        metrics=["aht", "reopen"], beside={"a": ["agent"]}, store=tmp_path,
    )  # fmt: skip
    again = run_experiment(
        small_baseline, {"a": None, "b": Scenario(name="b", changes={})}, plan(),
        metrics=["aht", "reopen"], beside={"a": ["agent"]}, store=tmp_path,
    )  # fmt: skip
    whole = both[both["agent"].isna() & (both["scenario"] == "a")]
    np.testing.assert_array_equal(whole["value"].to_numpy(), plain["value"].to_numpy())
    parts = both[both["agent"].notna()]
    assert set(parts["scenario"]) == {"a"}
    # Every handled contact is some agent's: counts add up.
    keys = ["replication", "metric"]
    of_agents = parts.groupby(keys)["n"].sum()
    of_desk = whole.groupby(keys)["n"].sum()
    pd.testing.assert_series_equal(of_agents, of_desk)
    assert again["agent"].isna().tolist() == both["agent"].isna().tolist()
    np.testing.assert_array_equal(again["value"].to_numpy(), both["value"].to_numpy())
