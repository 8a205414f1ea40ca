import numpy as np
import pandas as pd
import pytest

from svcsim.study.summary import half_width, summarise, widest


def table(values, unit="s", metric="frt"):
    return pd.DataFrame(
        {
            "scenario": "a", "replication": range(1, len(values) + 1), "period": "all",
            "metric": metric, "value": values, "n": 10, "unit": unit,
        }
    )  # fmt: skip


def test_quantiles_are_of_replications_and_the_mean_has_a_t_interval():
    entry = summarise(table([1.0, 2.0, 3.0, 4.0, 5.0]))[0]
    assert entry["mean"] == 3.0
    assert entry["p50"] == 3.0
    assert entry["half_width"] == pytest.approx(2.776445 * np.sqrt(2.5) / np.sqrt(5), rel=1e-6)


def test_a_missing_value_is_counted_and_left_out():
    entry = summarise(table([1.0, np.nan, 3.0]))[0]
    assert entry["missing"] == 1
    assert entry["mean"] == 2.0


def test_history_is_not_a_replication():
    history = table([99.0]).assign(replication=0)
    assert summarise(pd.concat([history, table([1.0, 3.0])]))[0]["mean"] == 2.0


def test_shares_are_judged_in_points_because_near_zero_relative_width_never_ends():
    rare = table([0.001, 0.003] * 50, unit="share", metric="abandon")
    name, width = widest(rare)
    assert name == "abandon"
    assert width == pytest.approx(half_width(rare["value"].to_numpy()) / 0.01 * 0.05)
    assert width < 0.05
