"""Bands, shares with the week as the unit of chance, what a right model may show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from svcsim.calendar.days import midnight
from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.model.fidelity import FidelityCell
from svcsim.study.bands import Cells, cells_of, chance, clustered, coverage
from svcsim.study.splits import time_splits


def log_of(days: int) -> ContactLog:
    start = midnight(date(2025, 3, 3), "Asia/Shanghai")
    log = make_log([{"ticket_id": "1", "opened_s": start + 10}], timezone="Asia/Shanghai")
    return replace(log, start=float(start), end=float(start + days * 86400))


def table(values, metric: str = "aht", n: int = 100) -> pd.DataFrame:
    rows = [
        {"metric": metric, "period": f"w{k}", "value": v, "n": n, "unit": "s"}
        for k, v in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_a_cell_by_hand():
    """Simulated 0..100: expected ranks 102 p - 1 give 4.1 to 95.9 for the 90 % band."""
    (cell,) = cells_of(table([96.0]), [table([float(v)]) for v in range(101)], "2025-03-03").cells
    assert (cell.low, cell.median, cell.high) == pytest.approx((4.1, 50.0, 95.9))
    assert not cell.inside
    assert [cell.within(band) for band in (0.5, 0.8, 0.9, 0.95)] == [False, False, False, True]
    assert cell.z == pytest.approx(46 / np.std(range(101), ddof=1), abs=1e-3)
    assert cell.pit == pytest.approx(96.5 / 102, abs=0.02)
    assert cell.origin == "2025-03-03"


def test_a_cell_of_few_contacts_is_left_out():
    sims = [table([float(v)], n=19) for v in range(50)]
    assert cells_of(table([1.0], n=19), sims).cells == ()


def test_old_cells_know_their_ninety_percent_band_alone():
    cell = FidelityCell(
        metric="aht", period="w", observed=1, n=9, low=0, median=1, high=2, z=0, inside=True
    )
    assert cell.within(0.9) is True
    assert cell.within(0.5) is None
    (row,) = coverage([cell, cell])
    assert (row.band, row.share, row.periods) == (0.9, 1.0, 1)


def test_weeks_that_rise_and_fall_as_one_count_as_so_many_draws():
    """40 values of 4 weeks, all alike within a week: as wide as 4 draws, not as 40."""
    weeks = np.repeat(np.arange(4), 10)
    alike = np.repeat([1.0, 1.0, 1.0, 0.0], 10)
    free = np.tile([1.0, 1.0, 1.0, 0.0], 10)
    wide, narrow = clustered(alike, weeks), clustered(free, np.arange(40))
    assert wide[0] < 0.45
    assert wide[1] > 0.93
    assert narrow[1] - narrow[0] < 0.5 * (wide[1] - wide[0])


def parts(seed: int, together: float, spread: float = 1.0) -> Cells:
    rng = np.random.default_rng(seed)
    stacked = rng.normal(size=(80, 60)) + together * rng.normal(size=(80, 1))
    stacked[0] *= spread
    return Cells((), stacked)


@pytest.mark.parametrize("together", [0.0, 2.0])
def test_a_right_model_is_held_against_itself_as_often_as_said(together):
    """by_chance below .05 in about one case of twenty, whether cells hang together or not."""
    found = [chance([parts(seed, together)]).by_chance for seed in range(120)]
    assert np.mean([p < 0.05 for p in found]) <= 0.12


def test_bands_too_narrow_are_not_put_down_to_chance():
    found = chance([parts(1, 0.0, spread=2.5)])
    assert found.by_chance is not None
    assert found.by_chance < 0.03


def test_many_cells_allow_a_larger_worst_value_but_never_beyond_four():
    few = chance([Cells((), np.random.default_rng(1).normal(size=(100, 5)))]).limit
    many = chance([Cells((), np.random.default_rng(1).normal(size=(100, 200)))]).limit
    heavy = chance([Cells((), np.random.default_rng(1).standard_t(2, size=(100, 200)))]).limit
    assert few == 3.0
    assert 3.2 < many < 4.0
    assert heavy == 4.0


@pytest.mark.parametrize(
    ("days", "held"),
    [(301, [28, 28, 28]), (112, [14, 14, 14]), (56, [7, 7, 7]), (30, [7, 7]), (21, [7]), (16, [2])],
)
def test_three_disjoint_spans_of_whole_weeks_where_they_leave_half(days, held):
    splits = time_splits(log_of(days))
    assert [(end - start).days for start, end in splits.spans] == held
    assert all(a[1] == b[0] for a, b in zip(splits.spans, splits.spans[1:], strict=False))
    assert splits.spans[-1][1] == splits.last
    assert (splits.spans[0][0] - splits.first).days >= days / 2
    assert bool(splits.note) is (len(held) < 3)


def test_what_is_asked_for_is_given_or_refused():
    log = log_of(56)
    assert len(time_splits(log, 7, 4).spans) == 4
    assert time_splits(log, number=2).spans[0] == (date(2025, 3, 31), date(2025, 4, 14))
    with pytest.raises(InputError, match="cannot spare 5 spans of 7 held-out days"):
        time_splits(log, 7, 5)
    with pytest.raises(InputError, match="cannot spare 29 held-out days"):
        time_splits(log, 29)
