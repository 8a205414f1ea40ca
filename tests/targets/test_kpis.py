"""Which KPIs can be asked for, and why not the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.metrics.evaluate import evaluate
from svcsim.model.baseline import Baseline, FidelityCell
from svcsim.targets.benchmarks import Benchmarks
from svcsim.targets.kpis import candidates, explained, history, measured, replayed

HOUR = 3600.0


def cell(metric: str, inside: bool, z: float = 0.5) -> FidelityCell:
    return FidelityCell(
        metric=metric, period="w", observed=0.5, n=100, low=0.4, median=0.5, high=0.6, z=z,
        inside=inside,
    )  # fmt: skip


def with_cells(baseline: Baseline, *cells: FidelityCell) -> Baseline:
    fidelity = baseline.fidelity.model_copy(update={"cells": cells})
    return baseline.model_copy(update={"fidelity": fidelity})


def calls(wait: float, n: int = 200) -> ContactLog:
    rng = np.random.default_rng(1)
    rows = [
        {
            "ticket_id": str(i),
            "channel": "phone",
            "opened_s": HOUR * i,
            "wait_s": wait * rng.exponential(),
            "outcome": "resolved" if i % 10 else "abandoned",
        }
        for i in range(n)
    ]
    for row in rows:
        name = "resolved_s" if row["outcome"] == "resolved" else "abandoned_s"
        row[name] = row["opened_s"] + row["wait_s"] + 60
        if row["outcome"] == "resolved":
            row["first_response_s"] = row["opened_s"] + row["wait_s"]
    return make_log(rows)


def test_calls_are_judged_by_answering_and_tickets_by_first_response(
    tier_log: ContactLog,
) -> None:
    assert candidates(calls(20.0))[0].startswith("answered_within(")
    assert "abandon" in candidates(calls(20.0))
    assert candidates(tier_log)[0].startswith("frt_within(")


@pytest.mark.parametrize("wait", [10.0, 40.0, 90.0])
def test_the_limit_is_one_whose_share_can_still_move_both_ways(wait: float) -> None:
    log = calls(wait)
    first = candidates(log)[0]
    value = evaluate(log, first, intervals=False)["value"].iloc[0]
    assert 0.70 <= value <= 0.92


def test_columns_that_are_missing_and_periods_that_are_thin_are_named(
    tier_log: ContactLog,
) -> None:
    kept, out = measured(tier_log, ["aht", "close_in_time", "csat_top2"], 28)
    assert kept == ["aht", "csat_top2"]
    assert "in_time" in out[0].why
    _, thin = measured(tier_log, ["csat_top2"], 1)
    assert "at least 30 are needed" in thin[0].why


def test_a_history_that_does_not_link_contacts_has_no_first_contact_resolution(
    tier_log: ContactLog,
) -> None:
    frame = tier_log.frame[tier_log.frame["contact_no"] == 1]
    frame = frame.assign(case_id=frame["ticket_id"])
    kept, out = measured(replace(tier_log, frame=frame), ["fcr_window(7d)"], 28)
    assert kept == []
    assert "same case" in out[0].why


def test_a_kpi_outside_its_band_is_out_and_the_same_quantity_with_it(
    tier_baseline: Baseline,
) -> None:
    failed = with_cells(
        tier_baseline, cell("frt_p50", False, 3.0), cell("frt_p50", False), cell("aht", True)
    )
    kept, out = replayed(failed, ["frt_within(1h)", "aht", "csat_top2"])
    assert kept == ["aht", "csat_top2"]
    assert "frt_p50" in out[0].why
    assert "0 of 2" in out[0].why


def test_one_value_far_off_is_enough_and_own_cells_count_before_others(
    tier_baseline: Baseline,
) -> None:
    cells = [cell("aht", True)] * 5 + [cell("aht", False, 6.0)]
    assert replayed(with_cells(tier_baseline, *cells), ["aht"])[0] == []
    mixed = with_cells(tier_baseline, cell("frt_p50", False), cell("frt_within(1h)", True))
    assert replayed(mixed, ["frt_within(1h)"])[0] == ["frt_within(1h)"]


def test_what_the_model_only_assumes_is_not_asked_for(tier_baseline: Baseline) -> None:
    model = tier_baseline.model
    guess = model.categories["setup"].repeat.model_copy(update={"how": "no data"})
    categories = {
        name: c.model_copy(update={"repeat": guess}) for name, c in model.categories.items()
    }
    blind = tier_baseline.model_copy(
        update={"model": model.model_copy(update={"categories": categories, "survey": None})}
    )
    kept, out = explained(blind, ["fcr_window(7d)", "csat_top2", "aht", "answered_within(20s)"])
    assert kept == ["aht"]
    assert {row.metric for row in out} == {"fcr_window(7d)", "csat_top2", "answered_within(20s)"}


def test_history_by_period_ends_with_the_log_and_adds_up(tier_log: ContactLog) -> None:
    found = history(tier_log, ["volume", "fcr_window(7d)"], 14)
    volume = found[found["metric"] == "volume"]
    assert volume["period"].tolist() == ["2025-01-06", "2025-01-20", "2025-02-03", "2025-02-17"]
    assert volume["value"].sum() == len(tier_log)
    assert history(tier_log, ["volume"], 28, most=1)["period"].tolist() == ["2025-02-03"]


def test_benchmarks_are_read_with_units_and_unknown_metrics_refused(tmp_path) -> None:
    file = tmp_path / "marks.yaml"
    file.write_text(
        "benchmarks:\n  - {metric: fcr_window(7d), value: 85%, source: survey}\n"
        "  - {metric: frt_p90, value: 2h}\n"
    )
    assert Benchmarks.from_yaml(file).values() == {"fcr_window(7d)": 0.85, "frt_p90": 7200.0}
    file.write_text("benchmarks:\n  - {metric: fcr_windw(7d), value: 85%}\n")
    with pytest.raises(InputError, match="fcr_window") as caught:
        Benchmarks.from_yaml(file)
    assert ":2" in caught.value.findings[0].where
