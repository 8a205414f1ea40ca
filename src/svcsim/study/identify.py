"""Which parameters the moments can tell apart: singular values of their weighted Jacobian.

G = dm / dlog(theta) by central differences, replays sharing chance; each row is divided by the
standard error of its moment. A singular value s says that moving the parameters by 1 (log scale)
along its direction moves the moments by s standard errors in all, so the direction is known to
1 / s. A direction is a ridge when the largest singular value is more than 30 times as large
(Belsley 1991), when 30 % along it could go unseen (1 / s > log(1.3) / 2), or when it does not rise
above the noise of the differences. Per ridge all parameters but one are frozen: the first in the
order given stays free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.model.service import ServiceModel
from svcsim.model.tuning import Ridge, Tuning
from svcsim.study.fit_moments import Replays
from svcsim.study.knobs import KNOBS, OF_ARRIVALS, Knob
from svcsim.study.moments import Moments, replayed
from svcsim.text import Text, listed

Floats = NDArray[np.float64]
STEP = 0.15
WORST = 30.0
"""Condition number beyond which a direction is a ridge."""
UNSEEN = float(np.log(1.3)) / 2
MEMBER = 0.3
"""Effect along a direction, relative to the largest, from which a parameter belongs to a ridge."""

INVISIBLE = Text(
    "{one}: the moments hardly show it, so it is kept as it is",
    "{one}：各项指标几乎看不出它，故保持不变",
)
PRODUCT = Text(
    "{one} x {other}: only their product shows in the moments; {frozen} is kept as it is",
    "{one} × {other}：各项指标只反映两者之积；{frozen}保持不变",
)
RATIO = Text(
    "{one} / {other}: only their ratio shows in the moments; {frozen} is kept as it is",
    "{one} / {other}：各项指标只反映两者之比；{frozen}保持不变",
)
TOGETHER = Text(
    "{up} up and {down} down together leave the moments as they are; kept as they are: {frozen}",
    "{up}上升而{down}下降时，各项指标保持不变；保持不变的参数：{frozen}",
)
ALL_UP = Text(
    "{up} moving together leave the moments as they are; kept as they are: {frozen}",
    "{up}同向变动时，各项指标保持不变；保持不变的参数：{frozen}",
)


@dataclass(frozen=True)
class Jacobian:
    """Weighted Jacobian: standard errors of the moments by which a log unit moves them."""

    knobs: tuple[Knob, ...]
    matrix: Floats
    noise: Floats
    """Standard error of each column's length that simulation leaves."""

    def only(self, keep: Sequence[int]) -> Jacobian:
        """Return the Jacobian of some of the parameters."""
        index = list(keep)
        chosen = tuple(self.knobs[i] for i in index)
        return Jacobian(chosen, self.matrix[:, index], self.noise[index])

    def directions(self) -> tuple[Floats, Floats]:
        """Return singular values, the largest first, and their directions as rows."""
        _, values, rows = np.linalg.svd(self.matrix, full_matrices=True)
        values = np.append(values, np.zeros(max(len(self.knobs) - len(values), 0)))
        return values, rows


def jacobian(
    model: ServiceModel, replays: Replays, knobs: Sequence[Knob], replications: int = 4
) -> Jacobian:
    """Return the weighted Jacobian of a model's moments at its own values.

    ``replays`` says which span, moments and seed; weights are 1 / sd of its moments (chance of the
    history, without simulation noise). A parameter that cannot grow is turned down only.
    """
    present = tuple(knob for knob in knobs if knob.present(model))
    moments = replays.moments
    start = Replays(
        model, replays.span, moments, replications, replays.seed, replays.workers
    )  # fmt: skip
    now = start.totals({})
    error = np.sqrt(np.diag(start.covariance({})))
    columns, noise = [], []
    for knob in present:
        high = min(STEP, float(np.log(knob.highest(model))))
        ends = [
            (x, now if knob.shift else _turned(knob, x, model, replays, replications))
            for x in (high, high - 2 * STEP)
        ]
        value = [moments.value(t.mean(axis=0)) for _, t in ends]
        if knob.shift:
            turns = [float(np.exp(x)) for x, _ in ends]
            value = [knob.shift(moments, v, x) for v, x in zip(value, turns, strict=True)]
        columns.append((value[0] - value[1]) / (2 * STEP) / error)
        mean = now.mean(axis=0)
        apart = (moments.influence(ends[0][1], mean) - moments.influence(ends[1][1], mean)).sum(-1)
        spread = apart.std(axis=0, ddof=1) / np.sqrt(replications) / (2 * STEP) / error
        noise.append(float(np.linalg.norm(spread)))
    return Jacobian(present, np.array(columns).T, np.array(noise))


def _turned(
    knob: Knob, x: float, model: ServiceModel, replays: Replays, replications: int
) -> Floats:
    return replayed(
        knob.turn(model, float(np.exp(x))), replays.span, replays.moments,
        replications=replications, seed=replays.seed, workers=replays.workers,
    )  # fmt: skip


def ridges(found: Jacobian) -> tuple[tuple[Ridge, ...], tuple[str, ...]]:
    """Return the ridges, the flattest first, and the parameters that stay free."""
    out: list[Ridge] = []
    keep = list(range(len(found.knobs)))
    while keep:
        part = found.only(keep)
        values, rows = part.directions()
        flat, row = float(values[-1]), rows[-1]
        noise = float(np.sqrt(np.sum((row * part.noise) ** 2)))
        steep = values[0] <= WORST * flat and flat * UNSEEN >= 1.0 and flat > 2 * noise
        if steep or (len(keep) == 1 and flat * UNSEEN >= 1.0):
            break
        members = _members(part, row)
        frozen = members[1:] or members
        names = [part.knobs[i] for i in members]
        out.append(
            Ridge(
                what=_said(names, row[members], [part.knobs[i].what for i in frozen]),
                direction={
                    k.name: round(float(x), 3) for k, x in zip(part.knobs, row, strict=True)
                },
                frozen=tuple(part.knobs[i].name for i in frozen),
                error=round(1.0 / flat, 3) if flat > 1e-6 else None,
            )
        )
        keep = [number for i, number in enumerate(keep) if i not in frozen]
    return tuple(out), tuple(found.knobs[i].name for i in keep)


def _members(found: Jacobian, row: Floats) -> list[int]:
    """Return the parameters whose effects cancel along a direction.

    One that would go unseen even with all others known is a ridge of its own.
    """
    length = np.linalg.norm(found.matrix, axis=0)
    strongest = int(np.argmax(np.abs(row)))
    if length[strongest] * UNSEEN < 1.0 or length[strongest] <= 2 * found.noise[strongest]:
        return [strongest]
    effect = np.abs(row) * length
    return [i for i in range(len(row)) if effect[i] >= MEMBER * effect.max()]


def _named(knobs: Sequence[Knob], row: Floats) -> dict[str, float]:
    return {knob.name: round(float(x), 3) for knob, x in zip(knobs, row, strict=True)}


def _said(members: Sequence[Knob], signs: Floats, frozen: Sequence[Text]) -> Text:
    """Return a direction in words."""
    one = members[0].what
    kept = listed(frozen, (", ", "、"))
    if len(members) == 1:
        return INVISIBLE.fill(one=one)
    if len(members) == 2:
        text = PRODUCT if signs[0] * signs[1] < 0 else RATIO
        return text.fill(one=one, other=members[1].what, frozen=kept)
    up, down = (
        listed(
            [m.what for m, s in zip(members, signs, strict=True) if (s > 0) == way], (", ", "、")
        )
        for way in (True, False)
    )
    if not up or not down:
        return ALL_UP.fill(up=up or down, frozen=kept)
    return TOGETHER.fill(up=up, down=down, frozen=kept)


def examined(
    model: ServiceModel, replays: Replays, tuning: Tuning, knobs: Sequence[Knob] = KNOBS
) -> Tuning:
    """Return the account with singular values, condition number and ridges of a model.

    Handling times are counted among the moments: where they are recorded they tell work apart from
    the rest. On replayed real arrivals their own parameters are left out.
    """
    if replays.span.cases is not None:
        knobs = [knob for knob in knobs if knob.name not in OF_ARRIVALS]
    moments = Moments.of(replays.span.observed, model, beside=("handling",))
    told = Replays(
        model, replays.span, moments, replays.replications, replays.seed, replays.workers
    )  # fmt: skip
    found = jacobian(model, told, knobs)
    values, _ = found.directions()
    lying, _ = ridges(found)
    flat = float(values[-1])
    update = {
        "parameters": tuple(knob.name for knob in found.knobs),
        "singular": tuple(round(float(x), 3) for x in values),
        "condition": round(float(values[0]) / flat, 1) if flat > 1e-6 else None,
        "ridges": lying,
    }
    return tuning.model_copy(update=update)
