"""Who takes part: how each is called, loaded only in the process that runs it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from given import Counts, digest, draw
from workload import HALF_YEAR, Desk, weeks

IDIOMATIC, LIMIT, OURS = "SimPy, idiomatic", "C++ by hand", "svcsim, SimPy clock"


@dataclass(frozen=True)
class Contender:
    """One line of the table."""

    name: str
    module: str
    function: str = "run"
    given: str = "before"
    """When NumPy draws its numbers: ``before`` the clock runs, ``timed``, or ``no`` (own draws)."""
    packages: tuple[str, ...] = ()
    reference: str = ""
    """Whose rows its own must equal."""
    kpis: bool = False
    """Whether it gives a KPI table beside the rows."""

    def missing(self) -> str:
        """Return why it cannot run here, or nothing."""
        for package in self.packages:
            try:
                version(package)
            except PackageNotFoundError:
                return f"{package} is not installed (pip install -e '.[bench]')"
        if self.module == "limit":
            return str(importlib.import_module("limit").missing())
        if self.module == "ours":
            return str(importlib.import_module("ours").missing(self.function))
        return ""


CONTENDERS = (
    Contender(IDIOMATIC, "idiomatic_simpy", packages=("simpy",), reference=LIMIT),
    Contender(OURS, "ours", "simpy_clock", "no"),
    Contender("svcsim, compiled clock", "ours", "compiled_clock", "no", reference=OURS),
    Contender("svcsim, compiled clock + KPIs", "ours", "compiled_with_kpis", "no",
              reference=OURS, kpis=True),
    Contender("SimPy, idiomatic + pandas KPIs", "idiomatic_simpy", "run_with_kpis",
              packages=("simpy", "pandas"), reference=LIMIT, kpis=True),
    Contender("Ciw", "ciw_peer", packages=("ciw",), reference=LIMIT),
    Contender("Cimba", "cimba_peer", given="no", packages=("cimba",)),
    Contender(LIMIT, "limit"),
    Contender("C++ by hand + NumPy draws", "limit", given="timed", reference=LIMIT),
)  # fmt: skip


def by_name(name: str) -> Contender:
    """Return a contender."""
    return next(c for c in CONTENDERS if c.name == name)


class Ready:
    """A contender in its own process, loaded and warm.

    Parameters
    ----------
    contender : Contender
        Who.
    desk : Desk
        What it will simulate.
    """

    def __init__(self, contender: Contender, desk: Desk) -> None:
        self.contender, self.desk = contender, desk
        self.module = importlib.import_module(contender.module)
        self._function: Callable[..., Any] = getattr(self.module, contender.function)
        self.call(weeks(HALF_YEAR, 1), 0)()  # first use: whatever is loaded or compiled lazily
        prepare = getattr(self.module, "experiment", None)
        if prepare is not None:
            prepare(desk)

    def call(self, desk: Desk, replication: int) -> Callable[[], Any]:
        """Return what is timed: one replication, rows out."""
        function = self._function
        if self.contender.given == "no":
            return lambda: function(desk, replication)
        if self.contender.given == "timed":
            return lambda: function(desk, draw(desk, replication))
        numbers = draw(desk, replication)
        return lambda: function(desk, numbers)

    def counts(self, result: Any) -> Counts:
        """Return the counts of a run."""
        rows = result[0] if self.contender.kpis else result
        counted: Counts = self.module.count(rows, self.desk)
        return counted

    def digest(self, result: Any) -> str:
        """Return the hash of a run's rows, where they can equal others'."""
        rows = result[0] if self.contender.kpis else result
        if self.contender.module == "ours":
            return str(self.module.digest(rows))
        return "" if self.contender.given == "no" else digest(self.module.table(rows))
