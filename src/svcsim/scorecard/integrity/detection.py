"""What detectors return: tests of units, and the detections that are left after all were made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.text import Text

Floats = NDArray[np.float64]

FDR = 0.10
"""Expected share of false ones among the units that a detector names (Benjamini-Hochberg)."""
LEAST_P = 1e-9
"""No model of chance is trusted beyond this."""
MOST_TICKETS = 20
"""Ticket ids listed with a detection."""

NAMES = {
    "short_handlings": Text("short handlings", "超短处理"),
    "empty_first_responses": Text("empty first responses", "空首响"),
    "bunching": Text("bunching under a limit", "压线"),
    "reopen_after_close": Text("back soon after closing", "关单后即返"),
    "self_created": Text("self-created tickets", "自建工单"),
    "survey_steering": Text("survey steering", "选择性邀评"),
    "reassigned_after_bad_rating": Text("reassigned after a bad rating", "差评后改派"),
    "cherry_picking": Text("cherry-picking", "挑单"),
}
"""Detectors in the order in which they run, and what people call them."""


@dataclass(frozen=True)
class Tests:
    """What a detector found about every unit that it could test.

    Parameters
    ----------
    table : DataFrame
        ``kind, unit, n, share, expected, p, sure, strong``, one row a test, and whatever ``say``
        and ``tickets`` need. ``p``: one-sided; ``strong``: the effect is worth looking at.
    say : function
        Row of the table -> sentence.
    tickets : function
        Row of the table -> ticket ids to look at, those that show it best first.
    note : Text
        What is a proxy in this log; empty when nothing is.
    """

    table: pd.DataFrame
    say: Callable[[pd.Series], Text]
    tickets: Callable[[pd.Series], list[str]]
    note: Text = Text("")


@dataclass(frozen=True)
class Detection:
    """One unit in which a detector found its pattern; a reason to check, never a verdict.

    Parameters
    ----------
    detector, kind, unit : str
        Which of `NAMES`; ``agent``, ``team`` or ``desk``; its name (empty for the desk).
    n : int
        What was looked at: handlings, picks, contacts near a limit.
    share, expected : float
        What was found and what it would be without the pattern, as ``text`` says.
    p, q : float
        One-sided p value of the unit; adjusted over the units of the detector.
    sure : float
        How sure: probability that the effect is real and of a size that matters (each detector
        says which).
    text : Text
    tickets : tuple of str
        Up to twenty ticket ids to look at.
    """

    detector: str
    kind: str
    unit: str
    n: int
    share: float
    expected: float
    p: float
    q: float
    sure: float
    text: Text
    tickets: tuple[str, ...]

    def to_json_dict(self) -> dict[str, Any]:
        """Return the detection as ``scores.json`` holds it."""
        numbers = {name: _known(getattr(self, name)) for name in ("share", "expected", "sure")}
        return {
            "detector": self.detector,
            "name": NAMES[self.detector].data(),
            "kind": self.kind,
            "unit": self.unit,
            "n": self.n,
            **numbers,
            "p": self.p,
            "q": self.q,
            "text": self.text.data(),
            "tickets": list(self.tickets),
        }


@dataclass(frozen=True)
class IntegrityTable:
    """What all detectors found in one period.

    Parameters
    ----------
    detections : tuple of Detection
        Units with q <= `FDR` and an effect that matters, in the order of `NAMES`, surest first.
    tested : mapping
        Detector -> how many units it tested.
    not_possible : mapping
        Detector -> why these data do not allow it.
    notes : mapping
        Detector -> what is a proxy in these data.
    """

    detections: tuple[Detection, ...] = ()
    tested: Mapping[str, int] = field(default_factory=dict)
    not_possible: Mapping[str, Text] = field(default_factory=dict)
    notes: Mapping[str, Text] = field(default_factory=dict)

    def of(self, kind: str, unit: str) -> tuple[Detection, ...]:
        """Return the detections of one unit; every desk has the same name here."""
        return tuple(
            d for d in self.detections if d.kind == kind and (kind == "desk" or d.unit == unit)
        )

    def to_json_dict(self) -> dict[str, Any]:
        """Return the part ``integrity`` of ``scores.json``."""
        return {
            "fdr": FDR,
            "detections": [one.to_json_dict() for one in self.detections],
            "tested": dict(self.tested),
            "not_possible": {name: text.data() for name, text in self.not_possible.items()},
            "notes": {name: text.data() for name, text in self.notes.items()},
        }


def adjusted(p: Floats) -> Floats:
    """Return Benjamini-Hochberg q values: the least FDR at which each test is named.

    q_(i) = min over j >= i of m·p_(j)/j. Source: Benjamini and Hochberg 1995.
    """
    m = len(p)
    order = np.argsort(p, kind="stable")
    ratio = p[order] * m / np.arange(1, m + 1)
    q = np.empty(m)
    q[order] = np.minimum.accumulate(ratio[::-1])[::-1] if m else ratio
    return np.minimum(q, 1.0)


def named(detector: str, tests: Tests) -> list[Detection]:
    """Return the units with q <= `FDR` and a strong effect, surest first."""
    p = np.maximum(tests.table["p"].to_numpy(dtype=float), LEAST_P)
    table = tests.table.assign(p=p, q=adjusted(p))
    found = table[(table["q"] <= FDR) & table["strong"]].sort_values(["p", "unit"], kind="stable")
    return [
        Detection(
            detector=detector,
            kind=str(row["kind"]),
            unit=str(row["unit"]),
            n=int(row["n"]),
            share=float(row["share"]),
            expected=float(row["expected"]),
            p=float(row["p"]),
            q=float(row["q"]),
            sure=float(row["sure"]),
            text=tests.say(row),
            tickets=tuple(tests.tickets(row)[:MOST_TICKETS]),
        )
        for _, row in found.iterrows()
    ]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
