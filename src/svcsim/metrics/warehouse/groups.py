"""Groups of a table as whole numbers, where the rows are.

Every label gets a number in the engine (by a count over the ordered different labels), rows carry
the number of their replication and labels, and only numbers come back. Which number is which
label is asked once; order and codes are then those of `metrics.groups`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.codes import dense
from svcsim.metrics.groups import Groups
from svcsim.metrics.warehouse.keeping import Keeper
from svcsim.metrics.warehouse.rows import Table, fetch

Ints = NDArray[np.int64]
KEY = "group_key"
_NUMBER = "label_number"


@dataclass(frozen=True)
class Grouped:
    """Rows with the key of their group, and what the keys stand for.

    Parameters
    ----------
    table : LazyFrame
        The rows, with a column `KEY`.
    groups : Groups
        The groups of the result (without rows).
    known : ndarray of int
        The keys that occur, ascending.
    place : ndarray of int
        Group of each of them.
    """

    table: Table
    groups: Groups
    known: Ints
    place: Ints

    def of(self, keys: Ints) -> Ints:
        """Return the group of each key."""
        return self.place[np.searchsorted(self.known, keys)]


def group(table: Table, by: tuple[str, ...], keeper: Keeper) -> Grouped:
    """Return the rows with keys of every replication with every combination of labels."""
    key, sizes, digits = nw.col("replication"), [], []
    for name in by:
        numbers = keeper.keep(_numbered(table, name))
        own = fetch(numbers)
        labels, digit = _in_order(own[name], own[_NUMBER].astype(np.int64))
        digits.append((name, labels, digit))
        sizes.append(len(labels) + 1)
        table = table.join(numbers, on=name, how="left")
        table = table.with_columns(
            **{f"{_NUMBER}_{name}": nw.col(_NUMBER).fill_null(0).cast(nw.Int64())}
        ).drop(_NUMBER)
        key = key * sizes[-1] + nw.col(f"{_NUMBER}_{name}")
    table = table.with_columns(**{KEY: key.cast(nw.Int64())})
    known = np.sort(fetch(table.select(KEY).unique())[KEY].astype(np.int64))
    rest, code, span = known, np.zeros(len(known), dtype=np.int64), 1
    for (_, _, digit), size in zip(reversed(digits), reversed(sizes), strict=True):
        rest, own_number = np.divmod(rest, size)
        code, span = code + span * digit[own_number], span * size
    row, different = dense(code)
    replication, numbers_of = dense(rest)
    groups = Groups(row, numbers_of, {name: labels for name, labels, _ in digits}, different)
    return Grouped(table, groups, known, replication * len(different) + row)


def _numbered(table: Table, name: str) -> Table:
    """Return the different labels of a column with a number each, from 1."""
    different = table.select(name).filter(~nw.col(name).is_null()).unique()
    ones = different.with_columns(**{_NUMBER: nw.lit(1)})
    return ones.with_columns(
        **{_NUMBER: nw.col(_NUMBER).cum_sum().over(order_by=name).cast(nw.Int64())}
    )


def _in_order(labels: Any, numbers: Ints) -> tuple[pd.Index, Ints]:
    """Return labels ascending, and by the engine's number the place among them (0: missing)."""
    order = np.argsort(labels, kind="stable")
    digit = np.zeros(len(labels) + 1, dtype=np.int64)
    digit[numbers[order]] = np.arange(1, len(labels) + 1)
    return pd.Index(labels[order], dtype="str"), digit
