"""The hand-written C++ desk, built with g++ where there is one and called through ctypes."""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from given import ROW, Counts, Given, counts
from workload import DAY, Desk

SOURCE = Path(__file__).with_name("limit.cpp")
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-std=c++17", "-shared", "-fPIC")
_NUMBERS = (
    "cases",
    "shift_changes",
    "agents",
    "teams",
    "groups",
    "tiers",
    "max_contacts",
)
_ARRAYS = (
    "opened", "category", "tier", "priority", "handling", "patience", "back", "delay",
    "category_team", "chance", "speed", "agent_group", "served_by", "serves",
    "change_time", "change_agent", "change_sign",
)  # fmt: skip


class Input(ctypes.Structure):
    """The struct of limit.cpp."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in _NUMBERS),
        ("stop", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in _ARRAYS),
    ]


def missing() -> str:
    """Return why it cannot run here, or nothing."""
    return "" if shutil.which("g++") else "no g++ on this machine"


def compiler() -> str:
    """Return the compiler's version line."""
    return subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout.splitlines()[
        0
    ]


@cache
def library() -> Any:
    """Build, once a source, and load."""
    key = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    built = Path(tempfile.gettempdir()) / f"svcsim-limit-{key}.so"
    if not built.exists():
        draft = built.with_suffix(f".{id(built)}.tmp")
        subprocess.run(["g++", *FLAGS, "-o", str(draft), str(SOURCE)], check=True)
        draft.replace(built)
    loaded = ctypes.CDLL(str(built))
    loaded.desk_run.restype = ctypes.c_int64
    return loaded


def run(desk: Desk, given: Given) -> np.ndarray:
    """Simulate one replication; rows in order of opening."""
    arrays = {
        "opened": given.opened, "category": given.category, "tier": given.tier,
        "priority": given.priority, "handling": given.handling, "patience": given.patience,
        "back": given.back, "delay": given.delay,
    } | _desk(desk)  # fmt: skip
    given_to = Input(
        cases=len(given.opened),
        shift_changes=len(arrays["change_time"]),
        agents=desk.agents,
        teams=desk.teams,
        groups=len(desk.groups),
        tiers=len(desk.tier_shares),
        max_contacts=desk.max_contacts,
        stop=float(desk.calendar_days * DAY),
        **{name: arrays[name].ctypes.data for name in _ARRAYS},
    )
    rows = np.empty(len(given.opened) * desk.max_contacts, dtype=ROW)
    number = library().desk_run(ctypes.byref(given_to), rows.ctypes.data_as(ctypes.c_void_p))
    return rows[:number]


@cache
def _desk(desk: Desk) -> dict[str, np.ndarray]:
    changes = sorted(
        change for begin, end, who in desk.shifts() for change in ((begin, 1, who), (end, 0, who))
    )
    time, sign, who = (np.array(column) for column in zip(*changes, strict=True))
    return {
        "category_team": np.array([c.team for c in desk.categories], dtype=np.int32),
        "chance": np.ascontiguousarray(desk.return_chance()),
        "speed": np.array(desk.speed),
        "agent_group": np.array(desk.agent_group, dtype=np.int32),
        "serves": _padded(desk.groups, desk.teams),
        "served_by": _padded(
            [[g for g, served in enumerate(desk.groups) if t in served] for t in range(desk.teams)],
            len(desk.groups),
        ),
        "change_time": time.astype(np.float64),
        "change_agent": who.astype(np.int32),
        "change_sign": sign.astype(np.int32),
    }


def _padded(lists: Any, longest: int) -> np.ndarray:
    out = np.full((len(lists), longest + 1), -1, dtype=np.int32)
    for row, values in zip(out, lists, strict=True):
        row[: len(values)] = values
    return out


def table(rows: np.ndarray) -> np.ndarray:
    """Return the rows sorted by case and contact."""
    return np.sort(rows, order=("case", "contact"))


def count(rows: np.ndarray, desk: Desk) -> Counts:
    """Count for the comparison."""
    return counts(rows, desk)
