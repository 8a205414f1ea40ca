"""Every kind against a slow, obvious calculation of each cell from its rows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
import pytest

from svcsim.compiler import Compiled, given
from svcsim.metrics import metric as kinds
from svcsim.metrics.compiled_reduce import run_arrivals, run_locate
from svcsim.metrics.reduce import Cells, reduce
from svcsim.stats.survival import kaplan_meier

SIZE, ROWS = 9, 400
AMONG, COUNTS, VALUE, OTHER = (nw.col(name) for name in ("among", "counts", "value", "other"))


class Rows:
    """Random rows in random cells; two cells stay empty and one holds a single row."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.cell = rng.integers(-1, SIZE - 3, ROWS)
        self.cell[7] = SIZE - 1
        self.among = rng.random(ROWS) < 0.7
        self.among[7] = True
        self.counts = rng.random(ROWS) < 0.4
        self.value = np.round(rng.lognormal(3, 2, ROWS), 2)
        self.other = np.round(rng.uniform(0, 5, ROWS), 1)
        self.code = rng.integers(-1, 6, ROWS)

    def cells(self) -> Cells:
        return Cells(
            given(self.cell, "i8"),
            SIZE,
            {id(AMONG): given(self.among, "?"), id(COUNTS): given(self.counts, "?")},
            {id(VALUE): given(self.value, "f8"), id(OTHER): given(self.other, "f8")},
            {"agent": (given(self.code, "i8"), 6)},
            None,
        )

    def of(self, cell: int) -> list[int]:
        return [i for i in range(ROWS) if self.cell[i] == cell and self.among[i]]


@pytest.fixture(params=["compiled", "plain"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the loops as machine code, and as the plain functions they are."""
    if request.param == "plain":
        monkeypatch.setattr(Compiled, "__call__", lambda self, *values: self.function(*values))


def km_quantile(rows: Rows, part: list[int], p: float) -> float:
    observed = [bool(rows.counts[i]) for i in part]
    times = [rows.value[i] for i in part]
    if all(observed):
        return float(np.quantile(times, p))
    return kaplan_meier(times, observed).quantile(p)


def known(rows: Rows, part: list[int]) -> list[int]:
    return [i for i in part if rows.code[i] >= 0]


def different(rows: Rows, part: list[int]) -> int:
    return len({int(rows.code[i]) for i in known(rows, part)})


CASES: dict[str, tuple[kinds.Kind, Callable[[Rows, list[int]], float]]] = {
    "count": (kinds.Count(AMONG), lambda r, part: len(part)),
    "mean": (kinds.Mean(AMONG, VALUE), lambda r, part: math.fsum(r.value[part]) / len(part)),
    "spread": (
        kinds.Spread(AMONG, VALUE),
        lambda r, part: statistics.stdev(r.value[part]) if len(part) > 1 else math.nan,
    ),
    "share": (kinds.Share(AMONG, COUNTS), lambda r, part: sum(r.counts[part]) / len(part)),
    "ratio": (
        kinds.RatioOfSums(AMONG, VALUE, OTHER),
        lambda r, part: math.fsum(r.value[part]) / math.fsum(r.other[part]),
    ),
    "median": (kinds.Quantile(AMONG, VALUE, 0.5), lambda r, part: np.quantile(r.value[part], 0.5)),
    "p90": (kinds.Quantile(AMONG, VALUE, 0.9), lambda r, part: np.quantile(r.value[part], 0.9)),
    "running": (
        kinds.Quantile(AMONG, VALUE, 0.3, COUNTS),
        lambda r, part: km_quantile(r, part, 0.3),
    ),
    "survival": (
        kinds.Survival(AMONG, VALUE, COUNTS, 20.0),
        lambda r, part: kaplan_meier(r.value[part], r.counts[part], "half").at(20.0),
    ),
    "distinct": (kinds.Distinct(AMONG, "agent"), different),
    "per distinct": (
        kinds.PerDistinct(AMONG, "agent"),
        lambda r, part: len(known(r, part)) / different(r, part),
    ),
}


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES)
def test_every_cell_is_what_its_rows_say(case: str, seed: int) -> None:
    kind, obvious = CASES[case]
    rows = Rows(seed)
    found = reduce(kind, rows.cells())
    for cell in range(SIZE):
        part = rows.of(cell)
        if "distinct" in case:
            part = known(rows, part)
        assert found.n[cell] == len(part)
        expected = obvious(rows, part) if part else math.nan
        assert found.value[cell] == pytest.approx(expected, rel=1e-12, nan_ok=True)


@pytest.mark.usefixtures("how")
def test_sums_add_up_in_the_order_of_the_rows() -> None:
    """1e16 + 1 + 1 − 1e16 depends on the order: history and simulation must use the same one."""
    rows = Rows(1)
    rows.cell[:], rows.among[:] = -1, True
    rows.cell[:4], rows.value[:4] = 0, [1e16, 1.0, 1.0, -1e16]
    n, sums = rows.cells().total(AMONG, VALUE)
    assert (n[0], sums[0]) == (4, ((1e16 + 1.0) + 1.0) - 1e16)


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("edges", [[0, 10, 20, 30], [5, 5, 20, 20], [0, 0, 0, 7]])
def test_a_row_belongs_to_the_last_period_that_has_begun(edges: list[float]) -> None:
    rng = np.random.default_rng(3)
    instants: Any = rng.integers(-5, 36, 200).astype(float)
    instants[::9] = np.nan
    group = rng.integers(0, 3, 200)
    cell = np.empty(200, dtype=np.int64)
    run_locate(given(edges, "f8"), given(instants, "f8"), given(group, "i8"), cell)
    for row, instant in enumerate(instants):
        begun = [i for i, edge in enumerate(edges) if edge <= instant]
        inside = bool(begun) and begun[-1] < len(edges) - 1
        assert cell[row] == (group[row] * (len(edges) - 1) + begun[-1] if inside else -1)


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("at_edge", [False, True])
@pytest.mark.parametrize("edges", [[0, 10, 20, 30], [5, 5, 20, 20]])
def test_arrivals_before_every_edge_and_the_time_since_them(
    edges: list[float], at_edge: bool
) -> None:
    rng = np.random.default_rng(4)
    instants: Any = rng.integers(-5, 36, 200).astype(float)
    instants[::9] = np.nan
    group = rng.integers(-1, 3, 200)
    counts, since = np.zeros((2, 3, len(edges)))
    inputs = given(edges, "f8"), given(instants, "f8"), given(group, "i8")
    run_arrivals(*inputs, at_edge, counts, since)
    for g in range(3):
        for e, edge in enumerate(edges):
            own = instants[group == g]
            before = [x for x in own if x < edge or (at_edge and x == edge)]
            assert counts[g, e] == len(before)
            assert since[g, e] == sum(edge - x for x in before)
