"""The kernel keeps to its tables. Machine code checks no bounds, so plain Python does it here.

Every access outside a table raises, negative places too. The tables that grow start with no more
than the room that one instant may need, what is added holds rubbish, and the rows at the end are
those of the compiled clock.
"""

from __future__ import annotations

import numpy as np
import pytest

from svcsim.engine import compiled_clock
from svcsim.engine.compiled_clock import run_compiled
from svcsim.engine.kernel import loop
from svcsim.engine.kernel.pack import pack, with_room
from svcsim.engine.kernel.state import FIELDS, State
from svcsim.engine.simulate import run
from twins.random_desks import random_desk
from twins.test_twins import settings
from twins.twins import differences

GROWING = ("rows", "scratch", "spells", "heap", "overtime")
MOST_CASES = 150
RUBBISH = 0x7B


class Checked(np.ndarray):
    """A table whose rows are 0 to n - 1, and no others."""

    def __getitem__(self, place):
        return super().__getitem__(inside(self, place))

    def __setitem__(self, place, value):
        super().__setitem__(inside(self, place), value)


class CheckedRecords(np.recarray):
    """The same for a table whose rows have fields."""

    def __getitem__(self, place):
        return super().__getitem__(inside(self, place))

    def __setitem__(self, place, value):
        super().__setitem__(inside(self, place), value)


def inside(table, place):
    """Return the place, or raise where the table has none such."""
    if isinstance(place, int | np.integer) and not 0 <= place < len(table):
        message = f"place {place} in a table of {len(table)} rows"
        raise IndexError(message)
    return place


def checked(state: State) -> State:
    """The same tables, bounds checked."""
    return State(*(
        table.view(CheckedRecords if isinstance(table, np.recarray) else Checked)
        for table in state
    ))  # fmt: skip


def resized(state: State, sizes: dict[str, int]) -> State:
    """Tables of other lengths, rubbish where they are longer."""
    longer = {}
    for name, size in sizes.items():
        old = getattr(state, name)
        new = np.full(size * old.dtype.itemsize, RUBBISH, dtype=np.uint8).view(old.dtype)
        kept = min(size, len(old))
        new[:kept] = old[:kept]
        longer[name] = new.view(type(old))
    return with_room(state._replace(**longer))


def needed(state: State) -> dict[str, int]:
    """The lengths of growing tables that `has_no_room` asks for."""
    clock = state.clock[0]
    margin, rows = int(clock.margin), int(clock.rows) + 2
    return {
        "rows": rows, "scratch": rows, "spells": int(clock.spells) + margin,
        "heap": int(clock.heap) + margin, "overtime": int(clock.overtime) + margin,
    }  # fmt: skip


def tight(setting) -> State:
    """The state before the first event, with just the room that `has_no_room` asks for."""
    state = pack(setting)
    return resized(state, needed(state))


def by_little(state: State) -> State:
    """Tables lengthened where there is no room, and just enough: each instant meets the margin."""
    sizes = needed(state)
    return resized(state, {n: max(size, len(getattr(state, n))) for n, size in sizes.items()})


def doubled(state: State) -> State:
    """Tables twice as long, as the compiled clock does it."""
    return resized(state, {name: 2 * len(getattr(state, name)) for name in GROWING})


def small_desks(first: int, last: int) -> list[int]:
    """The numbers of desks whose runs are short."""
    return [n for n in range(first, last) if len(next(settings(n)).cases.opened) <= MOST_CASES]


def run_checked(monkeypatch, number, grow):
    """Run a desk on checked tables; return what it wrote down and how often tables grew."""
    setting, grew = next(settings(number)), []
    monkeypatch.setattr(compiled_clock, "pack", tight)
    monkeypatch.setattr(compiled_clock, "grown", lambda state: grew.append(1) or grow(state))
    tables = run_compiled(setting, lambda state: loop.advance(checked(state)))
    monkeypatch.undo()
    return tables, len(grew)


@pytest.mark.parametrize(("first", "last"), [(0, 30), (30, 60), (60, 90), (90, 120)])
def test_the_kernel_stays_inside_its_tables(monkeypatch, first, last):
    numbers = small_desks(first, last)
    for number in numbers:
        compiled = run(next(settings(number)), "compiled")
        for grow in (by_little, doubled) if number % 2 else (by_little,):
            tables, grew = run_checked(monkeypatch, number, grow)
            assert differences(tables, compiled) == [], number
            assert grew > 0 or len(compiled.rows) < 3, number


def test_the_real_growth_of_tight_tables(monkeypatch):
    """The function that lengthens tables keeps all that was written."""
    numbers = small_desks(0, 15)
    for number in numbers:
        setting = next(settings(number))
        monkeypatch.setattr(compiled_clock, "pack", tight)
        compiled = run_compiled(setting)
        monkeypatch.undo()
        assert differences(compiled, run(next(settings(number)), "compiled")) == []
        assert differences(compiled, run(next(settings(number)), "simpy")) == []


def test_enough_desks_are_checked_and_they_have_everything():
    numbers = small_desks(0, 120)
    assert len(numbers) >= 40
    assert len(set().union(*(random_desk(n)[2] for n in numbers))) > 60


def test_every_table_is_checked():
    state = checked(pack(next(settings(1))))
    assert set(compiled_clock._GROWS) == set(GROWING)
    for name, _ in FIELDS:
        table = getattr(state, name)
        for place in (-1, np.int32(-1), len(table), np.int64(len(table) + 5)):
            with pytest.raises(IndexError, match="in a table of"):
                table[place]
        with pytest.raises(IndexError, match="in a table of"):
            table[len(table)] = table[0] if len(table) else 0
