"""Patience: how long customers wait in a live queue before they leave."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from svcsim.calibration.estimator import Estimator, on_log, share_from_counts
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Patience
from svcsim.model.quantity import Factor
from svcsim.text import Text

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

EDGES = (0.0, 15.0, 60.0, 180.0, 300.0, 600.0)
FEW_EVENTS = 30
AT_ONCE = 2.0
"""Leaving within this many seconds may be balking: leaving because there is a queue at all."""
ROUNDED = 0.5
"""Seconds by which a stamp in whole seconds may be off."""


class PatienceEstimator(Estimator):
    """Learn `Patience` of one channel where leaving the queue is observed.

    Being answered ends the observation of a patience without telling it (right-censored), so the
    mean wait of those who left would be far too short. Hazard of each piece = customers who left
    in it / seconds waited in it (occurrence over exposure, the maximum likelihood of a piecewise
    exponential law); a piece with under 30 events joins its neighbour.

    Attributes
    ----------
    patience_ : Patience or None
        None where under 30 customers were seen to leave.
    """

    def fit(self, log: ContactLog, channel: str | None = None) -> Self:
        """Learn from the rows of ``channel`` (None: all rows)."""
        self.patience_: Patience | None = None
        wait, left = _waits(log, channel)
        name = "" if channel is None else f" on {channel}"
        if left.sum() < FEW_EVENTS:
            if left.any() and wait.sum() > 0:
                self.patience_ = _constant(int(left.sum()), float(wait.sum()))
                self.notes_.append(
                    Text(
                        f"patience: only {int(left.sum())} customers left the queue{name}; one "
                        "constant rate of leaving is learned from them",
                        f"耐心：{_where(channel)}只有 {int(left.sum())} 位客户中途离队，"
                        "据此只估一个不变的离队率",
                    )
                )
            return self
        balked, would_wait = _balks(wait, left)
        events, exposure = _pieces(wait, left, balked)
        edges, events, exposure = _merged(EDGES, events, exposure)
        stayed = float(events.sum())
        hazard = events / np.maximum(exposure, 1.0) * 3600.0
        if hazard[-1] <= 0:
            hazard[-1] = stayed / exposure.sum() * 3600.0
        counted = _counted(edges, events, hazard, float(np.median(wait[left])))
        self.patience_ = Patience(
            edges=edges,
            hazard=tuple(float(rate) for rate in hazard),
            level=on_log(
                Factor,
                1.0,
                counted**-0.5,
                round(counted),
                how="common scale of the hazards; customers who left over seconds waited",
            ),
            balk=share_from_counts(
                balked, would_wait, how="left at once beyond what the later hazard explains"
            ),
        )
        self.notes_ += _beyond(wait, left, channel)
        return self


def _constant(left: int, waited: float) -> Patience:
    """Return exponential patience: customers who left / seconds that all of them waited."""
    how = "few customers left: one constant rate, customers who left over seconds waited"
    return Patience(
        hazard=(left / waited * 3600.0,),
        level=on_log(Factor, 1.0, left**-0.5, left, how=how),
    )


def _waits(log: ContactLog, channel: str | None) -> tuple[Array, Mask]:
    """Return seconds in the queue of those who had to wait, and who of them left."""
    frame = log.frame
    if channel is not None:
        frame = frame[frame["channel"] == channel]
    left = (frame["outcome"] == "abandoned").to_numpy()
    until = frame["abandoned_s"].where(left, frame["first_response_s"]) - frame["queued_s"]
    wait = frame["wait_s"].fillna(until).to_numpy(dtype=float)
    # an answer without a wait says nothing about patience; leaving without a wait is balking
    use = np.isfinite(wait) & ((wait > 0) | (left & (wait >= 0)))
    return wait[use], left[use]


def _balks(wait: Array, left: Mask) -> tuple[float, float]:
    """Return how many left at once, and how many had to wait.

    Those who left within 2 s, less what the hazard of the rest of the first 15 s explains;
    0 unless that excess is clear (2 standard errors and what rounding to seconds may add).
    """
    soon = float((left & (wait <= AT_ONCE)).sum())
    later = float((left & (wait > AT_ONCE) & (wait <= EDGES[1])).sum())
    exposed = float((np.clip(wait, AT_ONCE, EDGES[1]) - AT_ONCE).sum())
    expected = later / exposed * float(np.clip(wait, 0, AT_ONCE).sum()) if exposed > 0 else 0.0
    excess = soon - expected
    # whole seconds: one who left after 2.4 s may be written as 2
    clear = excess > 2 * max(expected, 1.0) ** 0.5 + expected * ROUNDED / AT_ONCE
    return (round(excess) if clear else 0.0), float(len(wait))


def _pieces(wait: Array, left: Mask, balked: float) -> tuple[Array, Array]:
    """Return customers who left and seconds waited in each piece, those who balked aside."""
    bounds = np.append(EDGES, np.inf)
    events = np.histogram(wait[left], bounds)[0].astype(float)
    events[0] -= balked
    exposure = np.array(
        [
            (np.clip(wait, low, high) - low).sum()
            for low, high in zip(bounds, bounds[1:], strict=False)
        ]
    )
    return events, exposure


def _merged(
    edges: tuple[float, ...], events: Array, exposure: Array
) -> tuple[tuple[float, ...], Array, Array]:
    """Join pieces with under 30 events to the neighbour with fewer events."""
    starts, n, seconds = list(edges), list(events), list(exposure)
    while len(n) > 1 and min(n) < FEW_EVENTS:
        i = int(np.argmin(n))
        right = i == 0 or (i < len(n) - 1 and n[i + 1] < n[i - 1])
        first = i if right else i - 1
        n[first : first + 2] = [sum(n[first : first + 2])]
        seconds[first : first + 2] = [sum(seconds[first : first + 2])]
        del starts[first + 1]
    return tuple(starts), np.array(n), np.array(seconds)


def _counted(edges: tuple[float, ...], events: Array, hazard: Array, middle: float) -> float:
    """Return to how many events the uncertainty of the hazard up to ``middle`` seconds amounts.

    The cumulative hazard ``H = sum h_i d_i`` of the pieces up to there has the relative variance
    ``sum (h_i d_i)^2 / n_i / H^2``: what those who left later add to the sum of all events says
    nothing about the waits that are usual.
    """
    ends = np.append(np.array(edges[1:]), np.inf)
    spent = np.clip(middle, np.array(edges), ends) - np.array(edges)
    part = hazard * spent
    if part.sum() <= 0:
        return float(events.sum())
    return float(part.sum() ** 2 / (part**2 / np.maximum(events, 1.0)).sum())


def _where(channel: str | None) -> str:
    """Return the channel as a Chinese sentence names it."""
    return "" if channel is None else f"{channel} 渠道"


def _beyond(wait: Array, left: Mask, channel: str | None) -> list[Text]:
    longest = float(wait[left].max())
    at_risk = int((wait >= longest).sum())
    name = "" if channel is None else f" on {channel}"
    if at_risk < FEW_EVENTS and len(wait) > at_risk:
        minutes = f"{np.quantile(wait, 0.999) / 60:.0f}"
        return [
            Text(
                f"patience{name}: beyond about {minutes} min hardly anybody waited; the last "
                "hazard is taken to go on",
                f"耐心：{_where(channel)}等待超过约 {minutes} 分钟的客户极少，"
                "其后沿用最后一段放弃率",
            )
        ]
    return []
