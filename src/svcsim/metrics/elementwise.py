"""Elementwise values of Narwhals expressions on a log, computed in blocks of rows.

A metric's expression is the one definition of who counts and what value they have. Here it is
carried out on the columns as arrays: parts that expressions share are computed once, and a block
of rows is small enough to stay in the processor's cache. What this knows is what the catalogue and
the grammar of users' own metrics use (columns, missing, arithmetic, comparison, texts that are
equal, logic, choice, logarithm); an expression with anything else is left to Narwhals itself. Both
give the same values (tests/metrics).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from svcsim.compiler import given
from svcsim.contacts.codes import coded
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.metrics.facts import FACTS, fact, with_facts

Array = NDArray[Any]
Step = tuple[Any, ...]
"""An operation with its inputs: numbers of earlier steps, a column's name, a constant or a text."""

BLOCK = 32768
"""Rows computed at a time."""
_CARRY_OUT: dict[str, Callable[..., Any]] = {
    "__invert__": np.logical_not,
    "choice": np.where,
    "log": np.log,
    "__truediv__": np.true_divide,  # by 0: infinite or missing, as an engine says, never an error
    "__rtruediv__": lambda x, y: np.true_divide(y, x),
    **{
        f"__{name}__": getattr(operator, f"__{name}__")
        for name in ("add", "sub", "mul", "eq", "ne", "lt", "le", "gt", "ge", "and", "or")
    },
    "__radd__": lambda x, y: y + x,
    "__rsub__": lambda x, y: y - x,
    "__rmul__": lambda x, y: y * x,
    "__rand__": lambda x, y: y & x,
    "__ror__": lambda x, y: y | x,
}


class Values(NamedTuple):
    """Flags and numbers by the identity of their expression, as `given` returns them."""

    flags: dict[int, NDArray[np.bool_]]
    numbers: dict[int, NDArray[np.float64]]


class UnknownPartError(Exception):
    """An expression holds something that only Narwhals can carry out."""


def elementwise(log: ContactLog, expressions: Iterable[nw.Expr], needs: set[str]) -> Values:
    """Return the values of expressions over the columns of a log and its facts.

    ``needs`` are the columns that the metrics need: they say which facts can be computed.
    """
    return Elementwise(expressions, needs).values(log, log)


class Elementwise:
    """Expressions that are computed on one log after the other; see `elementwise`."""

    def __init__(self, expressions: Iterable[nw.Expr], needs: set[str]) -> None:
        self.needs, self._program = needs, Program()
        self._left: dict[int, nw.Expr] = {}
        for expression in expressions:
            try:
                self._program.results[id(expression)] = self._program.add(expression)
            except UnknownPartError:
                self._left[id(expression)] = expression

    def values(self, log: ContactLog, whole: ContactLog) -> Values:
        """Return the values on a log that is all or a part (some replications) of ``whole``."""
        found = self._program.run(log, whole)
        if self._left:
            table = nw.from_native(with_facts(log, self.needs, whole)).select(
                **{f"e{key}": expression for key, expression in self._left.items()}
            )
            found |= {key: table[f"e{key}"].to_numpy() for key in self._left}
        flags = {key: given(v, "?") for key, v in found.items() if v.dtype == bool}
        numbers = {key: given(v, "f8") for key, v in found.items() if v.dtype != bool}
        return Values(flags, numbers)


class Program:
    """Steps that compute expressions one after the other, each different step once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.results: dict[int, int] = {}
        self._number: dict[Step, int] = {}

    def add(self, expression: nw.Expr) -> int:
        """Return the number of the step that gives an expression.

        Raises
        ------
        UnknownPartError
            For a part that is not carried out here.
        """
        last = -1
        for node in getattr(expression, "_nodes", ()) or _unknown("expression"):
            words = all(isinstance(part, str) for part in node.exprs)
            parts = () if words else tuple(self._input(part) for part in node.exprs)
            text = last >= 0 and self.steps[last][0] == "text"
            if node.name == "col" and len(node.kwargs["names"]) == 1:
                last = self._step(_kind(node.kwargs["names"][0]), node.kwargs["names"][0])
            elif node.name == "is_null" and self.steps[last][0] in ("column", "text"):
                last = self._step("missing", self.steps[last][1])
            elif node.name == "alias" and last >= 0:
                pass  # only a name
            elif node.name == "lit" and last < 0:
                last = self._input(node.kwargs["value"])
            elif node.name == "when_then" and len(parts) == 3:
                last = self._step("choice", *parts)
            elif node.name == "all_horizontal" and len(parts) == 1:
                last = parts[0]
            elif text and node.name in ("__eq__", "__ne__") and isinstance(node.exprs[0], str):
                last = self._step("text is", self.steps[last][1], node.exprs[0], node.name)
            elif node.name == "log" and node.kwargs["base"] == np.e and not text:
                last = self._step("log", last)
            elif node.name in _CARRY_OUT and len(parts) < 2 and last >= 0 and not text:
                last = self._step(node.name, last, *parts)
            else:
                _unknown(node.name)
        return last if self.steps[last][0] != "text" else _unknown("text")

    def run(self, log: ContactLog, whole: ContactLog) -> dict[int, Array]:
        """Return the values of every expression; one that is only a column is that column."""
        columns = self._load(log, whole)
        found = {k: columns[i] for k, i in self.results.items() if i in columns}
        found = {key: column for key, column in found.items() if column.ndim}
        made = {key: i for key, i in self.results.items() if key not in found}
        n = len(log.frame)
        with np.errstate(all="ignore"):
            for start in range(0, max(n, 1), BLOCK):
                block = slice(start, min(start + BLOCK, n))
                values = self._block(columns, block)
                for key, i in made.items():
                    if key not in found:
                        found[key] = np.empty(n, dtype=np.asarray(values[i]).dtype)
                    found[key][block] = values[i]
        return found

    def _load(self, log: ContactLog, whole: ContactLog) -> dict[int, Array]:
        """Return columns, facts and where they are missing; one value where all rows are equal."""
        found: dict[str, Array] = {}
        out: dict[int, Array] = {}
        for i, (operation, *inputs) in enumerate(self.steps):
            if operation == "text is":
                own = coded(log.frame, inputs[0])
                same = own.code == own.position(inputs[1])
                out[i] = same if inputs[2] == "__eq__" else ~same
            elif operation == "missing" and _kind(inputs[0]) == "text":
                out[i] = coded(log.frame, inputs[0]).code < 0
            elif operation in ("column", "missing"):
                name = inputs[0]
                if name not in found:
                    is_fact = name in FACTS
                    values = fact(name, log, whole) if is_fact else log.frame[name].to_numpy()
                    found[name] = np.asarray(values)
                out[i] = np.isnan(found[name]) if operation == "missing" else found[name]
        return {i: np.asarray(values) for i, values in out.items()}

    def _block(self, columns: dict[int, Array], block: slice) -> list[Any]:
        values: list[Any] = []
        for i, (operation, *inputs) in enumerate(self.steps):
            if i in columns:
                values.append(columns[i][block] if columns[i].ndim else columns[i][()])
            elif operation == "constant":
                values.append(inputs[0])
            elif operation == "text":
                values.append(None)  # its codes are loaded where it is asked for
            else:
                values.append(_CARRY_OUT[operation](*(values[k] for k in inputs)))
        return values

    def _input(self, part: Any) -> int:
        if isinstance(part, nw.Expr):
            return self.add(part)
        is_number = isinstance(part, (bool, int, float))
        return self._step("constant", part) if is_number else _unknown(type(part).__name__)

    def _step(self, operation: str, *inputs: Any) -> int:
        step = (operation, *inputs)
        key = (*step, type(inputs[0]))  # 1, 1.0 and True are different constants
        if key not in self._number:
            self._number[key] = len(self.steps)
            self.steps.append(step)
        return self._number[key]


def _kind(name: str) -> str:
    known = columns().get(name)
    if known is None and name not in FACTS:
        _unknown(name)
    return "text" if known is not None and not known.is_number else "column"


def _unknown(part: object) -> Any:
    raise UnknownPartError(part)
