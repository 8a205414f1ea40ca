"""One replication of a desk: draw its parameters, demand and roster, let time pass, return rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcsim import compiler
from svcsim.contacts.log import ContactLog
from svcsim.engine import events
from svcsim.engine.carried import carry_over
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Cases, Horizon, attributes, generate
from svcsim.engine.opening import Opening
from svcsim.engine.redraw import redraw
from svcsim.engine.roster import shifts
from svcsim.engine.rows import Tables
from svcsim.engine.setting import Setting
from svcsim.engine.to_log import to_log
from svcsim.errors import Finding, InputError
from svcsim.model.service import ServiceModel

Engine = Literal["compiled", "simpy"]
Windows = NDArray[np.int64] | Sequence[tuple[int, int, int]]
LONG_AGO = -(1 << 40)
"""Hired so long ago that nothing is left to learn."""


def simulate(
    model: ServiceModel,
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
    opening: Opening | None = None,
    redraw_parameters: bool = True,
    arrivals: NDArray[np.int64] | None = None,
    cases: Cases | None = None,
    windows: Windows | None = None,
    engine: Engine = "compiled",
    named: bool = True,
    notes: bool = False,
) -> ContactLog:
    """Simulate one replication.

    Parameters
    ----------
    model : ServiceModel
        The desk.
    horizon : Horizon
        Local days that count and the follow-up tail.
    seed, replication : int
        Chance is a function of both; replications are numbered from 1.
    opening : Opening, optional
        Open contacts (and recent resolutions) at the start; none: the desk starts empty.
    redraw_parameters : bool
        Draw each uncertain parameter from its interval (default) or use best values.
    arrivals : array of epoch seconds, optional
        Replay these arrival times of new cases instead of drawing them.
    cases : Cases, optional
        Replay whole cases (category, channel, tier, priority as well).
    windows : rows of (start_s, end_s, agent position), optional
        Replay these staffed windows instead of drawing roster days.
    engine : {"compiled", "simpy"}
        The clock; both give the same rows. Without the compiler, SimPy is taken.
    named : bool
        False leaves texts and ids coded (see `to_log`): quicker for logs that are only measured.
    notes : bool
        Also return ``joins`` and ``off`` of the log, for a trace; SimPy is taken then.

    Returns
    -------
    ContactLog
        Window = the days that count; contacts opened before (backlog) and in the tail are rows
        too; ``work`` and ``staffed`` are known.
    """
    setting = prepare(
        model, horizon, seed=seed, replication=replication, opening=opening,
        redraw_parameters=redraw_parameters, arrivals=arrivals, cases=cases, windows=windows,
    )  # fmt: skip
    setting.notes = notes
    desk, tables = setting.desk, run(setting, engine)
    del setting  # its cases are as large as a log
    bounds = horizon.bounds(model.timezone)
    return to_log(tables, desk, replication, bounds, f"replication {replication}", named)


def run(setting: Setting, engine: Engine = "compiled") -> Tables:
    """Let time pass under one of the clocks; the tables are the same."""
    if engine == "compiled" and not setting.notes and compiler.available():
        from svcsim.engine.compiled_clock import run_compiled

        return run_compiled(setting)
    from svcsim.engine.simpy_clock import SimpyClock

    return SimpyClock(setting).run().tables()


def prepare(
    model: ServiceModel,
    horizon: Horizon,
    *,
    seed: int,
    replication: int,
    opening: Opening | None = None,
    redraw_parameters: bool = True,
    arrivals: NDArray[np.int64] | None = None,
    cases: Cases | None = None,
    windows: Windows | None = None,
) -> Setting:
    """Draw everything that is known before the clock starts; parameters as `simulate` says."""
    values = redraw(model, seed, replication) if redraw_parameters else None
    desk, rostered, hired = shifts(compile_desk(model, values), horizon, seed, replication)
    start, _, stop = horizon.bounds(model.timezone)
    if stop - start > events.LONGEST:
        days, most = (stop - start) // 86400, events.LONGEST // 86400 - 1
        raise InputError(Finding("horizon", f"{days} days", f"a run lasts at most {most} days"))
    if cases is None:
        if arrivals is None:
            cases = generate(desk, horizon, seed, replication)
        else:
            cases = attributes(desk, np.asarray(arrivals, dtype=np.int64), seed, replication)
    on = rostered if windows is None else np.array(windows, dtype=np.int64).reshape(-1, 3)
    since = [LONG_AGO if instant == -math.inf else int(instant) for instant in hired]
    setting = Setting(desk, cases, on, seed, replication, start, stop, since)
    if opening is not None:
        carry_over(setting, opening)
    return setting
