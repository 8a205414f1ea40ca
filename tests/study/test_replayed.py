"""Real new cases of a span, moved by whole weeks to where a scenario starts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from svcsim.calendar.days import midnight
from svcsim.contacts.chains import new_cases
from svcsim.engine.demand import Cases
from svcsim.errors import InputError
from svcsim.scenario.scenario import Scenario
from svcsim.study.replayed import replayed, shifted
from svcsim.study.run import RunRequest, run_scenario

ZONE = "Asia/Shanghai"


def cases_at(*local, zone="America/New_York"):
    opened = np.array([int(pd.Timestamp(t, tz=zone).timestamp()) for t in local], dtype=np.int64)
    kinds = np.arange(len(local), dtype=np.int64)
    return Cases(opened, kinds, kinds, kinds, kinds)


def local(cases, zone="America/New_York"):
    return [f"{pd.Timestamp(t, unit='s', tz=zone):%m-%d %H:%M}" for t in cases.opened]


def test_cases_keep_their_local_times_when_the_clock_changes():
    cases = cases_at("2025-03-03 09:15", "2025-03-05 23:59")
    assert local(shifted(cases, 1, "America/New_York")) == ["03-10 09:15", "03-12 23:59"]
    assert shifted(cases, 1, "America/New_York").opened[0] - cases.opened[0] == 167 * 3600
    missing = cases_at("2025-03-02 02:30", "2025-03-02 03:10")
    assert local(shifted(missing, 1, "America/New_York")) == ["03-09 03:00", "03-09 03:10"]


def test_cases_stay_in_order_of_time_in_the_hour_that_comes_twice():
    """Both 01:50 (summer) and 01:10 (winter) become winter times, so they change places."""
    cases = cases_at("2025-11-02 00:30", "2025-11-02 03:30")
    twice = np.array([cases.opened[0] + 80 * 60, cases.opened[0] + 100 * 60], dtype=np.int64)
    both = shifted(Cases(twice, *[np.array([7, 8])] * 4), -1, "America/New_York")
    assert local(both) == ["10-26 01:10", "10-26 01:50"]
    assert both.category.tolist() == [8, 7]
    assert both.key.tolist() == [0, 1]


def test_no_shift_changes_nothing_but_the_grid():
    cases = cases_at("2025-03-03 09:15:07", "2025-03-03 09:15:59")
    assert np.array_equal(shifted(cases, 0, "America/New_York").opened, cases.opened)
    assert (shifted(cases, 0, "America/New_York", 60).opened % 60 == 0).all()


def asked(log, model, text, start=None, days=None, follow_up_days=0):
    return replayed(
        text, log, model, start,
        earliest=date(2025, 4, 28), days=days, follow_up_days=follow_up_days,
    )  # fmt: skip


def test_the_new_cases_of_the_span_are_replayed_on_the_same_weekdays(true_log, small_baseline):
    real = asked(true_log, small_baseline.model, "2025-03-19/2025-03-26", follow_up_days=2)
    assert (real.start, real.days) == (date(2025, 4, 30), 7)
    first, last = (midnight(d, ZONE) for d in (date(2025, 3, 19), date(2025, 3, 28)))
    frame = true_log.frame
    chosen = frame[new_cases(frame) & frame["opened_s"].between(first, last - 1)]
    assert len(real.cases.opened) == len(chosen) > 300
    weeks = 6 * 7 * 86400
    assert np.array_equal(real.cases.opened, np.sort(chosen["opened_s"]) + weeks)


def test_a_span_replayed_where_it_was_starts_with_what_was_open_then(true_log, small_baseline):
    model = small_baseline.model
    then = asked(true_log, model, "2025-03-24/2025-03-31", start=date(2025, 3, 24))
    later = asked(true_log, model, "2025-03-24/2025-03-31")
    opened = [c.opened_s for c in (*then.opening.waiting, *then.opening.pending)]
    assert len(opened) > 0
    assert max(opened) < midnight(date(2025, 3, 24), ZONE)
    assert max(c.opened_s for c in later.opening.pending) > midnight(date(2025, 4, 1), ZONE)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("2024-03-18/2024-03-25", {}, "is not in the log"),
        ("2025-04-21/2025-05-05", {}, "is not in the log"),
        ("2025-03-18/2025-03-25", {"start": date(2025, 5, 1)}, "start on 2025-05-06"),
        ("2025-03-18/2025-03-25", {"days": 9}, "has 7 days"),
    ],
)
def test_what_cannot_be_replayed_is_refused(true_log, small_baseline, text, options, said):
    with pytest.raises(InputError, match=said):
        asked(true_log, small_baseline.model, text, **options)


def test_a_replay_needs_the_history(small_baseline):
    with pytest.raises(InputError, match="no history to replay"):
        asked(None, small_baseline.model, "2025-03-18/2025-03-25")


def test_every_replication_of_a_replay_has_the_real_number_of_new_cases(
    tmp_path, true_log, small_baseline
):
    scenario = Scenario(name="again", run={"replay": "2025-03-24/2025-04-07", "replications": 3})
    request = RunRequest(tmp_path / "again.yaml", tmp_path / "out", metrics=("volume",))
    request.scenario_file.write_text(scenario.to_yaml(), encoding="utf-8")
    done = run_scenario(scenario, small_baseline, true_log, request)
    assert done.summary["days"] == 14
    assert done.summary["start"] == "2025-04-28"
    drawn = Scenario(name="drawn", run={"days": 14, "replications": 3})
    other = run_scenario(
        drawn, small_baseline, true_log,
        RunRequest(request.scenario_file, tmp_path / "drawn", metrics=("volume",)),
    )  # fmt: skip

    def spread(run):
        table = run.table[(run.table["scenario"] != "history")]
        return table["value"].max() - table["value"].min()

    assert spread(done) < spread(other)
