"""Distances: by hand, against the package that they come from, and against their floor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import make_log
from svcsim.study.distances import between, circadian, cycle_time, distances, workforce
from svcsim.study.sketch import LOG_STEP, Sketch, log_bins, quantiles, sketch


def test_moving_all_mass_by_three_bins_is_three():
    a, b = np.zeros(10), np.zeros(10)
    a[2], b[5] = 4, 1  # mass is normalised: four against one
    assert between(a, b) == pytest.approx(3.0)
    assert np.isnan(between(a, np.zeros(10)))


def test_half_of_the_mass_moved_by_two_is_one():
    assert between(np.array([2.0, 0, 0]), np.array([1.0, 0, 1.0])) == pytest.approx(1.0)


def test_hours_are_not_circular_and_a_missing_weekday_counts_23():
    late, early = np.zeros(168), np.zeros(168)
    late[23], early[0] = 1, 1
    assert circadian(late, early) == pytest.approx(23 / 7)
    tuesday = np.zeros(168)
    tuesday[24] = 1
    assert circadian(late, tuesday) == pytest.approx(2 * 23 / 7)


def test_volume_does_not_show():
    week = np.random.default_rng(1).poisson(5, 168).astype(float)
    assert circadian(week, 2 * week) == pytest.approx(0.0)


def test_ten_percent_longer_is_the_same_shift_for_minutes_and_days():
    """On the log scale the distance is log 1.1 whatever the level (bins: 5 %)."""
    rng = np.random.default_rng(2)
    for level in (600.0, 86400.0):
        times = level * np.exp(rng.normal(size=20000))
        far = between(log_bins(times), log_bins(1.1 * times)) * LOG_STEP
        assert far == pytest.approx(np.log(1.1), abs=0.003)


def test_quantiles_of_a_histogram_are_known_to_a_bin():
    times = np.exp(np.random.default_rng(3).normal(6, 1, 5000))
    found = quantiles(log_bins(times), np.array([0.1, 0.5, 0.9]))
    assert found == pytest.approx(np.quantile(times, [0.1, 0.5, 0.9]), rel=LOG_STEP)


def log_of(opened: np.ndarray, rng: np.random.Generator):
    resolved = opened + np.round(np.exp(rng.normal(8, 1, len(opened))))
    return make_log(
        pd.DataFrame(
            {
                "ticket_id": [str(k) for k in range(len(opened))],
                "opened_s": opened,
                "first_response_s": np.round((opened + resolved) / 2),
                "resolved_s": resolved,
                "agent": rng.choice(["a", "b", "c"], len(opened)),
                "category": "x",
                "channel": "ticket",
            }
        ),
        start=0.0, end=14 * 86400.0, timezone="UTC",
    )  # fmt: skip


def sample_log(seed: int, slower: float = 1.0):
    rng = np.random.default_rng(seed)
    log = log_of(np.sort(rng.integers(0, 14 * 86400, 400)).astype(float), rng)
    frame = log.frame
    longer = np.round(frame["opened_s"] + slower * (frame["resolved_s"] - frame["opened_s"]))
    return replace(log, frame=frame.assign(resolved_s=longer))


def test_a_sketch_counts_what_the_window_holds():
    log = sample_log(1)
    found = sketch(log)
    assert found.hours.sum() == found.openings.sum() == found.cycle.sum() == 400
    assert found.days.sum() == 400
    assert len(found.days) == 14
    assert found.categories == {"x": 400.0}
    # 1970-01-01 was a Thursday
    assert found.openings[72:96].sum() == found.days[0] + found.days[7]
    assert found.at_work.max() <= 3
    assert found.on_duty is None


def test_the_rank_of_a_like_log_is_ordinary_and_of_another_extreme():
    """p is uniform for a log of the same kind; a third longer is beyond all simulated ones."""
    sims = [sketch(sample_log(10 + k)) for k in range(20)]
    ranks = [
        {d.kind: d for d in distances([sketch(sample_log(100 + k))], [sims], "real")}["cycle_time"]
        for k in range(8)
    ]
    assert sum(r.p < 0.1 for r in ranks) <= 4
    assert np.median([r.relative for r in ranks]) == pytest.approx(1.0, abs=0.4)
    slow = {d.kind: d for d in distances([sketch(sample_log(3, 2.0))], [sims], "real")}
    assert slow["cycle_time"].p == pytest.approx(1 / 21)
    assert slow["cycle_time"].relative > 2


def test_kinds_are_judged_with_their_arrivals():
    sims: list[Sketch] = [sketch(sample_log(k)) for k in range(6)]
    real = {d.kind for d in distances([sims[0]], [sims[1:]], "real")}
    drawn = {d.kind for d in distances([sims[0]], [sims[1:]], "forecast")}
    assert drawn == {"arrivals", "circadian_openings"}
    assert real == {"circadian_work", "workforce", "cycle_time", "response"}


@pytest.fixture
def package():
    return pytest.importorskip("log_distance_measures")


def events(log) -> pd.DataFrame:
    """One activity a contact, from the first response to the resolution, as the package reads."""
    frame = log.frame
    times = {
        name: pd.to_datetime(frame[column], unit="s", utc=True)
        for name, column in (("start_time", "first_response_s"), ("end_time", "resolved_s"))
    }
    own = frame[["ticket_id", "agent"]].rename(columns={"ticket_id": "case_id"})
    rows = own.rename(columns={"agent": "Resource"}).assign(Activity="x", **times)
    return rows[frame["resolved_s"].to_numpy() < log.end].reset_index(drop=True)


def test_the_package_gives_the_same_distances(package):
    """log-distance-measures 2.2.0 on two logs whose work lies inside the window."""
    from log_distance_measures.case_arrival_distribution import case_arrival_distribution_distance
    from log_distance_measures.circadian_event_distribution import (
        circadian_event_distribution_distance,
    )
    from log_distance_measures.circadian_workforce_distribution import (
        circadian_workforce_distribution_distance,
    )
    from log_distance_measures.config import DEFAULT_CSV_IDS
    from log_distance_measures.cycle_time_distribution import cycle_time_distribution_distance

    logs = [sample_log(1), sample_log(2, 1.3)]
    inside = [x.frame["resolved_s"].to_numpy() < x.end for x in logs]
    kept = [
        replace(x, frame=x.frame[keep].reset_index(drop=True))
        for x, keep in zip(logs, inside, strict=True)
    ]
    ids = DEFAULT_CSV_IDS
    one, other = (events(x) for x in kept)
    a, b = (sketch(x) for x in kept)
    theirs = circadian_event_distribution_distance(one, ids, other, ids)
    assert circadian(a.events, b.events) == pytest.approx(theirs)
    theirs = circadian_workforce_distribution_distance(one, ids, other, ids)
    assert workforce(a.at_work, b.at_work) == pytest.approx(theirs)
    lengths = [(x.frame["resolved_s"] - x.frame["first_response_s"]).to_numpy() for x in kept]
    theirs = cycle_time_distribution_distance(one, ids, other, ids, timedelta(hours=1))
    assert cycle_time(*lengths, 3600.0) == pytest.approx(theirs)
    opened = [x.assign(start_time=pd.to_datetime(y.frame["opened_s"], unit="s", utc=True))
              for x, y in zip((one, other), kept, strict=True)]  # fmt: skip
    theirs = case_arrival_distribution_distance(opened[0], ids, opened[1], ids)
    assert between(a.hours, b.hours) == pytest.approx(theirs)
