"""What is wrong between the parts of one KPI of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcsim.scorecard.written import EXAMPLE, show_value

if TYPE_CHECKING:
    from svcsim.scorecard.kpi import Kpi


def mistakes_of(kpi: Kpi) -> list[str]:
    """Return every mistake of a KPI in a sentence of its own."""
    return [
        *_weight_mistakes(kpi),
        *_target_mistakes(kpi),
        *_curve_mistakes(kpi),
        *_order_mistakes(kpi),
    ]


def _targets(kpi: Kpi) -> list[float]:
    return [kpi.target] if kpi.target is not None else list(kpi.stages.values())


def _weight_mistakes(kpi: Kpi) -> list[str]:
    if kpi.curve == "gate" and kpi.weight:
        return [f"{kpi.metric}: a gate carries no weight; leave weight out, or choose a curve"]
    if kpi.curve != "gate" and not kpi.weight:
        return [
            f"{kpi.metric} has no weight above 0%; write weight: 25%, leave the KPI out, or make "
            "it a condition with curve: gate"
        ]
    return []


def _target_mistakes(kpi: Kpi) -> list[str]:
    mistakes = []
    if kpi.target is None and not kpi.stages:
        example = EXAMPLE.get(kpi.kind.unit, "4.5")
        mistakes.append(f"{kpi.metric} has no target; write target: {example} or dated stages")
    if kpi.target is not None and kpi.stages:
        mistakes.append(f"{kpi.metric} has a target and stages; keep one of them")
    if kpi.kind.better == "none" and kpi.direction is None:
        mistakes.append(f"{kpi.metric} has no better side; write direction: lower or higher")
    return mistakes


def _curve_mistakes(kpi: Kpi) -> list[str]:
    """Return which keys do not go with the curve."""
    mistakes = []
    if (kpi.curve == "points") != bool(kpi.points):
        mistakes.append(
            f"{kpi.metric}: curve: points and the list points belong together; give both or none"
        )
    if kpi.curve == "improvement" and (kpi.floor is None or kpi.stretch is None):
        mistakes.append(
            f"{kpi.metric}: curve: improvement needs floor (the threshold, below which there are "
            "no points for achievement) and stretch (the benchmark, worth 100 points)"
        )
    if kpi.baseline is not None and kpi.curve != "improvement":
        mistakes.append(f"{kpi.metric}: baseline belongs to curve: improvement")
    if kpi.curve == "gate" and not (kpi.floor is None and kpi.stretch is None):
        mistakes.append(f"{kpi.metric}: a gate is met or not; leave floor and stretch out")
    if kpi.cap and kpi.curve != "gate":
        mistakes.append(f"{kpi.metric}: cap belongs to curve: gate")
    return mistakes


def _order_mistakes(kpi: Kpi) -> list[str]:
    """Return what contradicts the direction: floor worse than target worse than stretch."""
    targets = _targets(kpi)
    sign = -1.0 if kpi.better == "lower" else 1.0
    unit, mistakes = kpi.kind.unit, []
    if kpi.better == "lower" and kpi.curve != "gate" and any(target <= 0 for target in targets):
        mistakes.append(f"{kpi.metric}: a lower-is-better target must be above 0")
    for name, bound, side in (("floor", kpi.floor, -1.0), ("stretch", kpi.stretch, 1.0)):
        if bound is None:
            continue
        wrong = [target for target in targets if (bound - target) * sign * side <= 0]
        if wrong:
            word = "worse" if name == "floor" else "better"
            mistakes.append(
                f"{kpi.metric}: {name} {show_value(bound, unit)} must be {word} than the target "
                f"{show_value(wrong[0], unit)} ({kpi.better} is better)"
            )
    if kpi.points:
        ranked = sorted(kpi.points, key=lambda knot: sign * knot[0])
        worth = [points for _, points in ranked]
        if len(ranked) < 2 or worth != sorted(worth) or not 0 <= worth[0] <= worth[-1] <= 100:
            mistakes.append(
                f"{kpi.metric}: points need two or more knots between 0 and 100 points that do "
                f"not fall as the value gets better ({kpi.better} is better)"
            )
    return mistakes
