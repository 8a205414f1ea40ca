"""What comes on top of ordinary days, drawn at random: incidents, campaigns, comings and goings."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from svcsim.model.demand import WEEKDAYS

Dice = random.Random
Has = Callable[[str], bool]
Parts = dict[str, list[str]]


def shares(dice: Dice, names: list[str]) -> dict[str, float]:
    """Shares of names that add up to 1."""
    weights = [dice.uniform(0.2, 1.0) for _ in names]
    out = {name: round(w / sum(weights), 3) for name, w in zip(names, weights, strict=True)}
    out[names[0]] = round(1.0 - sum(list(out.values())[1:]), 3)
    return out


def profile(dice: Dice) -> dict[str, tuple[float, ...]]:
    """New cases of the hours of a week: from 8:00 to 22:00."""
    return {
        day: (0.0,) * 8 + tuple(dice.uniform(0.5, 2.0) for _ in range(14)) + (0.0,) * 2
        for day in WEEKDAYS
    }


def arrivals(dice: Dice, has: Has, level: float) -> dict[str, Any]:
    """Ordinary new cases: their level, days that differ, growth."""
    out: dict[str, Any] = {"level": level, "profile": profile(dice)}
    if has("day effect"):
        out["day_cv"] = 0.3
        if has("day correlation"):
            out["day_ar"] = dice.uniform(-0.5, 0.9)
        if has("lognormal days"):
            out["day_law"] = "lognormal"
    if has("trend"):
        out["trend"] = dice.uniform(-0.8, 0.8)
    if has("holidays"):
        out["holiday"] = dice.uniform(0.2, 1.5)
    return out


def further_demand(dice: Dice, has: Has, parts: Parts) -> dict[str, Any]:
    """Holidays, campaigns, incidents and groups of customers."""
    out: dict[str, Any] = {}
    days = parts["days"]
    if has("holidays"):
        out["holidays"] = dice.sample(days, 2)
    if has("campaigns"):
        first = dice.randrange(len(days) - 1)
        out["campaigns"] = {
            "sale": {
                "from": days[first],
                "until": days[dice.randrange(first + 1, len(days))],
                "times": dice.uniform(0.3, 2.5),
                "categories": dice.sample(parts["kinds"], dice.randint(0, len(parts["kinds"]))),
            }
        }
    out["bursts"] = {}
    if has("bursts"):
        out["bursts"]["outage"] = burst(dice, parts) | {"at": f"{dice.choice(days)} 10:{30:02d}"}
    if has("random bursts"):
        out["bursts"]["recall"] = burst(dice, parts) | {"per_week": dice.uniform(2.0, 10.0)}
    if has("segments"):
        first, *_ = names = ["contract", "others"]
        out["segments"] = {name: {"share": s} for name, s in shares(dice, names).items()}
        if has("segment priority"):
            out["segments"][first]["priority"] = dice.choice(parts["priorities"])
    if has("cost"):
        out["cost"] = {"currency": "EUR", "per_hour": 30.0, "per_contact": 1.0, "per_minute": 0.2}
    return out


def burst(dice: Dice, parts: Parts) -> dict[str, Any]:
    """An incident, without when it happens."""
    out: dict[str, Any] = {
        "category": dice.choice(parts["kinds"]),
        "size": dice.uniform(3.0, 20.0),
        "size_law": dice.choice(["poisson", "geometric"]),
        "over": dice.choice([600.0, 7200.0]),
    }
    if dice.random() < 0.5:
        out["difficulty"] = shares(dice, parts["tiers"])
    return out


def comings_and_goings(dice: Dice, has: Has, parts: Parts) -> dict[str, Any]:
    """Meetings, added agents, departures and absence: what moves a roster.

    Shares of a year are extreme: a run lasts some days, and much is to happen in it.
    """
    out: dict[str, Any] = {}
    if has("meetings"):
        out["meetings"] = [meeting(dice, parts) for _ in range(dice.randint(1, 3))]
    if has("extra agents"):
        out["extra"] = {dice.choice(parts["teams"]): dice.choice([-1, 1, 2])}
    if has("attrition"):
        out["attrition"] = {"per_year": 1.0 - 1e-12}
        if has("replacements"):
            out["attrition"]["replaced_after"] = {
                "law": "exponential", "mean": dice.choice([30_000.0, 86_400.0]),
            }  # fmt: skip
    if has("absence"):
        out["absence"] = {"per_year": dice.uniform(20.0, 150.0), "days": dice.uniform(1.0, 2.5)}
    return out


def meeting(dice: Dice, parts: Parts) -> dict[str, Any]:
    """A weekly meeting of everybody, of a team or of some agents."""
    start = dice.randint(8, 19)
    out: dict[str, Any] = {
        "weekday": dice.choice(WEEKDAYS),
        "from": f"{start:02d}:{dice.choice([0, 7, 30]):02d}",
        "to": f"{start + 1:02d}:{dice.choice([0, 30]):02d}",
    }
    if out["to"] <= out["from"]:
        out["to"] = f"{start + 2:02d}:00"
    who = dice.random()
    if who < 0.4:
        out["teams"] = dice.sample(parts["teams"], 1)
    elif who < 0.8:
        out["agents"] = dice.sample(parts["agents"], min(2, len(parts["agents"])))
    return out
