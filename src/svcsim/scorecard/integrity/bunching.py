"""Times that crowd just under a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr, ndtri

from svcsim.metrics.expressions import spell
from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.text import Text
from svcsim.units import format_share, parse_duration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WIDTH = 0.10
"""Width of a window beside the limit, as a share of the limit."""
MIN_NEAR = 20
"""Fewer contacts than this in the two windows at the limit show nothing."""
WORTH = 0.05
"""Worth a look when at least this share of the near-misses seems to have been moved."""
PLACEBOS = (0.5, 0.6, 0.7, 1.3, 1.4, 1.5, 1.6)
"""Where a limit might have been, as a share of the limit: far enough from it to show no bunch."""
COARSE = 4.0
"""A window must be this many steps of the stamps wide."""
SEPARATED = 0.98
"""In-time flags tell a limit when this share of contacts in time is quicker than all late ones."""

_WITHIN = re.compile(r"(frt_within|res_within|answered_within)\((.+)\)")


@dataclass(frozen=True)
class Timed:
    """Times of contacts beside one limit: who made them, and where the limit comes from."""

    name: Text
    limit: float
    value: Floats
    agent: pd.Series
    use: Bools


def find(scene: Scene) -> Tests | Text:
    """Test every limit for the desk, its teams and its agents (`bunched`).

    Limits: those of the metrics ``frt_within``, ``res_within`` and ``answered_within`` that are
    asked for, and the one that ``in_time`` shows for a priority, where late contacts are exactly
    the longer ones. ``share``: contacts in the window just under the limit, of those in the two
    windows at it; p: of `bunched`, widened by `waves`; ``sure``: 1 − p, before it is adjusted.
    """
    rows: list[dict[str, object]] = []
    every = [*_asked(scene), *_in_time(scene)]
    if not every:
        return Text(
            "no limit is known: neither the card nor the column in_time names one",
            "没有已知时限：考核表与 in_time 列都未给出",
        )
    fine = [one for one in every if _step(one.value[one.use]) * COARSE <= WIDTH * one.limit]
    if not fine:
        return Text("the stamps are too coarse beside the limits", "时间戳精度相对时限太粗")
    for place, one in enumerate(fine):
        scale = np.sqrt(waves(one.value[one.use], one.limit))
        for kind, unit, mine in _units(scene, one):
            a, b, expected, p = bunched(one.value[one.use & mine], one.limit)
            if a + b >= MIN_NEAR:
                p = float(ndtr(ndtri(p) / scale))
                moved = (a - (a + b) * expected) / max(b + (a - (a + b) * expected), 1.0)
                rows.append(
                    {
                        **{"kind": kind, "unit": unit, "n": a + b, "share": a / (a + b)},
                        **{"expected": expected, "p": p, "sure": 1 - p, "place": place},
                        **{"moved": moved, "strong": moved >= WORTH},
                    }
                )
    if not rows:
        return Text("too few contacts end near a limit", "时限附近的联络太少")

    def say(row: pd.Series) -> Text:
        one = fine[int(row["place"])]
        return Text(
            "{own} of the {n:.0f} times within {width} of {limit} ({name}) lie just under it, "
            "{rest} would be usual: about {moved} of the near-misses seem moved; please check",
            "{name}：{limit} 上下 {width} 以内的 {n:.0f} 条中，{own} 恰在时限之内，通常为 {rest}；"
            "估计约 {moved} 的临界超时被移到时限内，请核实",
        ).fill(
            own=format_share(row["share"], 2), n=row["n"], rest=format_share(row["expected"], 2),
            width=format_share(WIDTH), limit=spell(one.limit), name=one.name,
            moved=format_share(row["moved"], 2),
        )  # fmt: skip

    def tickets(row: pd.Series) -> list[str]:
        one = fine[int(row["place"])]
        mine = next(m for kind, unit, m in _units(scene, one)
                    if (kind, unit) == (row["kind"], row["unit"]))  # fmt: skip
        near = (one.value >= (1 - WIDTH) * one.limit) & (one.value <= one.limit)
        return scene.tickets(one.use & mine & near)

    return Tests(pd.DataFrame(rows), say, tickets)


def waves(value: Floats, limit: float) -> float:
    """Return how far the density is from a smooth one away from the limit: φ, at least 1.

    Times that run over nights come in waves of 24 h, where no straight line holds. The same test at
    limits that nobody set (.5 to .7 and 1.3 to 1.6 times T, windows as wide) gives z values of no
    meaning; φ is the mean of their squares, and the z of the limit is divided by √φ.
    """
    z = []
    for place in PLACEBOS:
        shift = value + limit * (1 - place)
        a, b, expected, _ = bunched(shift, limit)
        if a + b >= MIN_NEAR:
            n = a + b
            z.append((a - n * expected) / np.sqrt(n * expected * (1 - expected)))
    return max(float(np.mean(np.square(z))), 1.0) if z else 1.0


def bunched(value: Floats, limit: float) -> tuple[int, int, float, float]:
    """Return contacts just under and just over a limit, the share expected under it, and p.

    With w = 10 % of the limit T: a = #(T − w, T], b = #(T, T + w], and outside them
    a2 = #(T − 2w, T − w], b2 = #(T + w, T + 2w]. Where the log of the density is a straight line,
    a/b = r = (a2/b2)^(1/3) (half a contact is added to each of a2 and b2); p is the binomial
    probability of a or more under the limit. A time of exactly T is in time, as in the metrics.
    Size .04-.06 at 5 % where the density is smooth.

    Returns
    -------
    tuple
        ``a, b, r/(1 + r), p``.
    """
    w = WIDTH * limit
    edges = limit + w * np.arange(-2, 3)
    place = np.searchsorted(edges, value, side="left")
    a2, a, b, b2 = np.bincount(place, minlength=6)[1:5]
    r = ((a2 + 0.5) / (b2 + 0.5)) ** (1 / 3)
    expected = float(r / (1 + r))
    return int(a), int(b), expected, float(stats.binom.sf(a - 1, a + b, expected))


def _asked(scene: Scene) -> Iterator[Timed]:
    """Yield the times of the metrics that ask for a limit."""
    opened, queued = scene.seconds("opened_s"), scene.seconds("queued_s")
    for metric in dict.fromkeys(scene.limits):
        found = _WITHIN.fullmatch(metric)
        if not found:
            continue
        limit = parse_duration(found[2])
        first, agent = scene.first["agent"], scene.frame["agent"]
        if found[1] == "frt_within":
            value, whose, by = scene.seconds("first_response_s") - opened, first, "opened_s"
        elif found[1] == "res_within":
            value, whose, by = scene.seconds("resolved_s") - opened, agent, "opened_s"
        else:
            answered = scene.seconds("abandoned_s")
            value = np.where(np.isnan(answered), scene.seconds("wait_s"), np.nan)
            whose, by = first, "queued_s"
            value = value + 0.0 * queued
        use = scene.inside(by) & np.isfinite(value)
        if use.any():
            yield Timed(Text.same(metric), limit, value, whose, use)


def _in_time(scene: Scene) -> Iterator[Timed]:
    """Yield the times of contacts whose in-time flag shows a limit, priority by priority."""
    if not scene.knows("in_time"):
        return
    frame = scene.frame
    value = scene.seconds("resolved_s") - scene.seconds("opened_s")
    flag = frame["in_time"].to_numpy(dtype=float)
    known = np.isfinite(value) & np.isfinite(flag) & scene.inside("opened_s")
    priority = frame["priority"].astype("object").fillna("-")
    for name in sorted(priority[known].unique(), key=str):
        use = known & (priority == name).to_numpy()
        met, late = np.sort(value[use & (flag == 1)]), value[use & (flag == 0)]
        if len(met) < MIN_NEAR or len(late) < MIN_NEAR:
            continue
        limit = float(np.quantile(met, SEPARATED))
        if (late > limit).mean() >= SEPARATED:
            title = Text(f"in_time, priority {name}", f"in_time，优先级 {name}")
            yield Timed(title, float(min(late[late > limit].min(), met[-1])), value,
                        frame["agent"], use)  # fmt: skip


def _step(value: Floats) -> float:
    """Return the resolution of times: the largest of 1 s, 1 min, 1 h that most are multiples of."""
    for step in (3600.0, 60.0):
        if len(value) and (value % step == 0).mean() > 0.9:
            return step
    return 1.0


def _units(scene: Scene, one: Timed) -> Iterator[tuple[str, str, Bools]]:
    yield "desk", "", np.ones(len(scene.frame), dtype=bool)
    for kind, column in (("team", scene.frame["team"]), ("agent", one.agent)):
        held = column.astype("object")
        for name in sorted(held[one.use].dropna().unique(), key=str):
            yield kind, str(name), (held == name).to_numpy()
