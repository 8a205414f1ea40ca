"""Gates: what must be met whatever else was scored, such as critical compliance.

A gate carries no weight. A unit that measurably misses it has its total cut to the gate's ``cap``
(0 points unless the card says otherwise), bonus included. A gate with too few contacts to judge,
or not followed up, never fires.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from svcsim.scorecard.stand_in import status_of

if TYPE_CHECKING:
    from svcsim.scorecard.judge import Line

GateStatus = Literal["passed", "failed", "not judged"]
PROBABLY_LUCK = 0.8
"""A gate that fires although P(true level misses it) is below this is said to be unsure."""


@dataclass(frozen=True)
class GateScore:
    """One gate of one unit.

    Parameters
    ----------
    value, n, target : float
        As measured, the contacts behind it, and what must be met.
    cap : float
        Most that the total can be where the gate is not met, in points.
    status : str
        ``passed``, ``failed`` or ``not judged`` (too few contacts, no data, not followed up).
    p_failed : float
        P(true level misses the target), from the posterior.
    """

    metric: str
    value: float
    n: int
    target: float
    cap: float
    status: GateStatus
    p_failed: float

    @property
    def unsure(self) -> bool:
        """Whether the gate fired although luck may well explain it."""
        return self.status == "failed" and not self.p_failed >= PROBABLY_LUCK


def gates_of(group: str, place: int, lines: Sequence[Line]) -> tuple[GateScore, ...]:
    """Return the gates of the unit at a place of its group."""
    return tuple(
        _gate(line, group, place)
        for line in lines
        if line.asked.kpi.curve == "gate" and line.asks[group][place]
    )


def cap_of(gates: Sequence[GateScore]) -> float:
    """Return the most points that failed gates leave, 100 and more where none failed."""
    return min((gate.cap for gate in gates if gate.status == "failed"), default=float("inf"))


def _gate(line: Line, group: str, place: int) -> GateScore:
    asked = line.asked
    if group not in line.judged:
        empty = float("nan")
        return GateScore(
            asked.kpi.metric, empty, 0, asked.curve.target, asked.kpi.cap, "not judged", empty
        )
    row = line.judged[group].table.iloc[place]
    value, n = float(row["value"]), int(row["n"])
    found = status_of(n, bool(asked.curve.met(value)), asked.min_n, asked.followed_up)
    words: dict[str, GateStatus] = {"met": "passed", "not met": "failed"}
    return GateScore(
        asked.kpi.metric,
        value,
        n,
        asked.curve.target,
        asked.kpi.cap,
        words.get(found, "not judged"),
        1.0 - float(row["p_met"]),
    )
