"""The desk with a compiled clock: the functions of `kernel`, in machine code.

It gives the rows of the SimPy clock, equal in every field, in a small part of the time. The
interpreter lock is released while it runs, so replications run side by side in threads.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from svcsim.compiler import CompiledInMemory
from svcsim.engine import draws, durations, events, outcomes, queues, rules, rules_people
from svcsim.engine.kernel import (
    aftermath,
    agents,
    chats,
    contacts,
    drawn,
    lists,
    loop,
    matching,
    worktime,
)
from svcsim.engine.kernel.pack import pack, with_room
from svcsim.engine.kernel.state import FIELDS, State
from svcsim.engine.rows import WINDOW, Tables
from svcsim.engine.setting import Setting

_GROWS = ("rows", "scratch", "spells", "heap", "overtime")


def _functions(module: Any) -> list[Callable[..., Any]]:
    """Return the plain functions a module defines, in the order of their names."""
    return [
        function
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    ]


_DRAWS: list[Callable[..., Any]] = [
    draws.philox,
    draws.block,
    draws.uniform,
    draws.normal,
    draws._ratio,
]
_MODULES = (lists, drawn, matching, contacts, aftermath, worktime, chats, agents, loop)
_KERNEL = [f for m in _MODULES for f in _functions(m)]
_RULES = [f for m in (durations, rules, rules_people, outcomes) for f in _functions(m)]
USES: list[Callable[..., Any]] = [*_DRAWS, *_RULES, events.event_key, queues.queue_of, *_KERNEL]

advance = CompiledInMemory(loop.advance, USES, FIELDS)


def run_compiled(setting: Setting, clock: Callable[[State], int] = advance) -> Tables:
    """Run one replication; ``clock`` may be the plain `kernel.loop.advance` for checking."""
    state = pack(setting)
    while clock(state) == loop.FULL:
        state = grown(state)
    now = state.clock[0]
    rows = state.rows[: now.rows]
    staffed = np.concatenate([_windows(setting), state.overtime[: now.overtime]])
    return Tables(
        setting.start, rows, state.spells[: now.spells], staffed, setting.known, setting.names,
        int(now.capped),
    )  # fmt: skip


def grown(state: State) -> State:
    """Return the state with its growing arrays twice as long."""
    longer = {}
    for name in _GROWS:
        old = getattr(state, name)
        new = np.empty(2 * len(old), dtype=old.dtype).view(type(old))
        new[: len(old)] = old
        longer[name] = new
    return with_room(state._replace(**longer))


def _windows(setting: Setting) -> Any:
    """Return the staffed windows as both clocks write them down."""
    begin, end, who = setting.windows.T
    out = np.empty(len(who), dtype=WINDOW)
    out["start"], out["end"], out["agent"] = begin - setting.start, end - setting.start, who
    return out
