"""Desks drawn at random: each has a random part of everything a desk can have.

The numbers are such that queues form, shifts end in the middle of work, and (on coarse clocks)
many things happen at one instant.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from svcsim.calendar.days import WEEKDAYS
from svcsim.engine.demand import Horizon
from svcsim.model.service import ServiceModel
from twins.random_events import (
    Dice,
    Has,
    Parts,
    arrivals,
    comings_and_goings,
    further_demand,
    profile,
    shares,
)

MONDAY = date(2025, 3, 3)
CHANGES = (date(2025, 3, 28), date(2025, 10, 24))
"""Fridays before a change of the clock in Berlin."""
CLOCKS = ("1s", "60s", "15min")
REPLAYED = ("replayed cases", "replayed times", "replayed windows")
"""What is not the desk's but the run's, see `test_twins.settings`."""


def duration(dice: Dice, mean: float) -> dict[str, Any]:
    """A duration of some law with about this mean in seconds."""
    mean *= dice.uniform(0.5, 1.5)
    law = dice.choice(["lognormal", "exponential", "fixed", "table"])
    out: dict[str, Any] = {"law": law, "mean": mean}
    if law == "lognormal":
        out["cv"] = dice.uniform(0.2, 1.5)
    if law == "table":
        out["table"] = (0.1, 0.5, 0.9, 1.2, 2.6)
    if dice.random() < 0.2:
        out["zero"] = dice.uniform(0.05, 0.3)
    return out


def category(dice: Dice, has: Has, parts: Parts) -> dict[str, Any]:
    """One category; the teams, channels, tiers and priorities are those of the desk."""
    team = dice.choice(parts["teams"])
    out: dict[str, Any] = {
        "team": team,
        "channels": shares(dice, parts["channels"]),
        "difficulty": shares(dice, parts["tiers"]),
        "priorities": shares(dice, parts["priorities"]),
        "handling": duration(dice, 1500.0),
        "repeat": dice.uniform(0.0, 0.3) if has("repeat") else 0.0,
        "reopen": dice.uniform(0.0, 0.3) if has("reopen") else 0.0,
        "rework": dice.uniform(0.0, 0.2) if has("rework") else 0.0,
        "onward": dice.uniform(0.0, 0.2) if has("onward") else 0.0,
    }
    if has("pending"):
        out |= {"again": dice.uniform(0.1, 0.5), "pending": duration(dice, 7200.0)}
        if has("reasons"):
            reasons = shares(dice, ["customer", "vendor", "team"])
            out["pending_by"] = {
                name: {"share": share, "time": duration(dice, 7200.0)}
                for name, share in reasons.items()
            }
    if has("transfer"):
        out |= {"transfer": dice.uniform(0.1, 0.4), "transfer_to": dice.choice(parts["teams"])}
    if has("pickup"):
        out["pickup"] = duration(dice, 1800.0)
    if has("first reply"):
        out["first_reply"] = duration(dice, 200.0)
    if has("wrap up"):
        out["wrap_up"] = duration(dice, 300.0)
    if has("hold"):
        out["hold"] = {"share": 0.4, "time": duration(dice, 300.0)}
    if has("help"):
        out["help"] = {"share": 0.3, "time": duration(dice, 600.0)}
        if has("second agent"):
            out["help"]["team"] = dice.choice(parts["teams"])
    if has("knowledge"):
        out["knowledge"] = {"effect": 0.5, "time": "1d", "published": parts["days"][0]}
    if has("own profile"):
        out["profile"] = profile(dice)
    return out


def people(dice: Dice, has: Has, parts: Parts) -> dict[str, Any]:
    """Agents; the first of each team takes everything, so that everything can be served."""
    out: dict[str, Any] = {}
    for team in parts["teams"]:
        for i in range(dice.randint(2, 4)):
            agent: dict[str, Any] = {
                "team": team,
                "speed": dice.uniform(0.7, 1.4),
                "quality": dice.uniform(-0.5, 0.5),
            }
            others = [name for name in parts["teams"] if name != team]
            if has("further teams"):
                agent["serves"] = dice.sample(others, dice.randint(0, len(others)))
            if has("take"):
                agent["take"] = dice.uniform(0.5, 2.0)
            if has("slots"):
                agent["slots"] = dice.randint(1, 3)
            if has("hired") and dice.random() < 0.5:
                agent["hired"] = dice.choice([parts["hired"][0], *parts["days"][:3]])
            if has("leaves") and dice.random() < 0.3:
                agent["leaves"] = dice.choice(parts["days"][3:6])
            if i and has("tiers"):
                agent["tiers"] = dice.sample(parts["tiers"], dice.randint(1, len(parts["tiers"])))
            if i and has("languages"):
                agent["languages"] = dice.sample(parts["languages"], 1)
            out[f"{team} {i}"] = agent
    return out


def roster(dice: Dice, has: Has, agents: list[str]) -> dict[str, Any]:
    """Two shifts with breaks, drawn anew for each weekday."""
    days = [
        {
            "weekday": day,
            "on": {"early": [a for a in agents if dice.random() < 0.8 or a.endswith("0")],
                   "late": [a for a in agents if dice.random() < 0.3]},
        }
        for day in WEEKDAYS
    ]  # fmt: skip
    out: dict[str, Any] = {
        "shifts": {
            "early": (("08:00", "12:00"), ("12:45", "17:00")),
            "late": (("15:30", "19:07"), ("19:30", "23:00")),
        },
        "days": days,
        "slowdown": dice.uniform(0.8, 1.4) if has("slowdown") else 1.0,
        "presence": 0.85 if has("presence") else 1.0,
        "week_cv": 0.2 if has("week pace") else 0.0,
        "at_shift_end": "hand_back" if has("hand back") else "finish",
    }
    if out["slowdown"] != 1.0:
        out["shrinkage"] = {"L1": 0.15}  # every desk has a team L1
    if has("off queue"):
        out |= {"off_share": 0.3, "off_time": duration(dice, 400.0)}
        if has("quiet"):
            out["quiet_share"] = dice.choice([0.0, 0.8, 1.0])
    if has("capacity of weeks"):
        out["capacity_cv"] = 0.2
    if has("learning"):
        out["learning"] = {"start": 0.5, "time": "20d"}
    return out


def routing(dice: Dice, has: Has, priorities: list[str]) -> dict[str, Any]:
    """A discipline and an assignment."""
    out: dict[str, Any] = {
        "live_first": not has("mixed modes"),
        "assign": dice.choice(["longest_idle", "longest_idle", "least_busy", "fewest_open"]),
        "by_preference": has("preference"),
        "pooled": has("pooled"),
        "own_first": has("own first"),
        "own_wait": dice.choice([0.0, 900.0, 7200.0]),
        "own_customer": has("own customer"),
    }
    out["own_customer"] &= out["own_first"]  # it needs own_first
    if has("due"):
        out |= {"discipline": "due", "due": {p: dice.uniform(600, 20_000) for p in priorities}}
        if has("sla hours"):
            hours = (("09:00", "12:00"), ("13:00", "18:00"))
            out["sla_hours"] = dict.fromkeys(WEEKDAYS[:6], hours)
    elif has("credit"):
        out["credit"] = {p: dice.choice([0.0, 600.0, 86_400.0 * 10_000]) for p in priorities}
    return out


def random_desk(number: int) -> tuple[ServiceModel, Horizon, set[str]]:
    """The desk of a number, its horizon, and which features it drew."""
    dice = random.Random(number)
    share = dice.choice([0.15, 0.4, 0.7])
    drawn: dict[str, bool] = {}

    def has(feature: str) -> bool:
        return drawn.setdefault(feature, dice.random() < share)

    start = dice.choice(CHANGES) if has("clock change") else MONDAY
    parts = {
        "teams": ["L1", "L2", "L3"][: dice.randint(1, 3)],
        "tiers": ["easy", "normal", "hard"][: dice.randint(1, 3)],
        "priorities": ["high", "normal", "low"][: dice.randint(1, 3)],
        "channels": dice.choice([["phone"], ["mail"], ["phone", "mail"], ["chat", "mail"]]),
        "languages": ["zh", "en"],
        "days": [(start + timedelta(days=i)).isoformat() for i in range(8)],
        "hired": [(start - timedelta(days=11)).isoformat()],
    }
    kinds = [f"kind {i}" for i in range(dice.randint(1, 3))]
    categories = {name: category(dice, has, parts) for name in kinds}
    for name, part in shares(dice, kinds).items():
        categories[name]["share"] = part
    agents = people(dice, has, parts)
    parts |= {"kinds": kinds, "agents": list(agents)}
    live = {"mode": "live", "patience": None}
    if has("patience"):
        live["patience"] = {
            "edges": (0.0, 120.0), "hazard": (6.0, 2.0), "balk": 0.1 if has("balk") else 0.0,
        }  # fmt: skip
    channels: dict[str, Any] = {"phone": live, "chat": live, "mail": {"mode": "ticket"}}
    if has("auto reply"):
        channels["mail"]["auto_reply"] = "2min"
    data: dict[str, Any] = {
        "timezone": dice.choice(["UTC", "Asia/Shanghai", "Europe/Berlin"]),
        "arrivals": arrivals(dice, has, 7 * len(agents) * dice.choice([4, 8, 12, 20])),
        "difficulty": {
            tier: {
                "work": 0.6 + 0.5 * i,
                "returns": 0.7 + 0.5 * i,
                "transfers": 0.5 + i,
                "return_delay": 0.8 + 0.4 * i,
            }
            for i, tier in enumerate(parts["tiers"])
        },
        "channels": {name: channels[name] for name in parts["channels"]},
        "categories": categories,
        "teams": parts["teams"],
        "agents": agents,
        "staffing": roster(dice, has, list(agents)) | comings_and_goings(dice, has, parts),
        "routing": routing(dice, has, parts["priorities"]),
        "returns": {
            "reopen_after": duration(dice, 7200.0),
            "repeat_after": duration(dice, 7200.0),
            "rework_after": duration(dice, 3600.0),
            "redial": 0.5 if has("redial") else 0.0,
            "redial_after": duration(dice, 900.0),
        },
        "chats": {"slowdown": dice.uniform(0.0, 0.6)},
        "clock": dice.choice(CLOCKS),
        "max_contacts": dice.choice([2, 8]),
        "max_handlings": dice.choice([3, 40]),
    }
    data["languages"] = shares(dice, parts["languages"]) if drawn.get("languages") else {}
    if has("customers") or drawn.get("own customer"):
        data["customers"] = {"number": dice.randint(5, 60)}
    data |= outcomes(dice, has) | further_demand(dice, has, parts)
    for feature in REPLAYED:
        has(feature)
    return ServiceModel.model_validate(data), Horizon(start, dice.randint(1, 3), 1), {
        name for name, on in drawn.items() if on
    }  # fmt: skip


def outcomes(dice: Dice, has: Has) -> dict[str, Any]:
    """What may become of contacts, and what agents may do about it."""
    out: dict[str, Any] = {}
    if has("survey"):
        nps = has("nps")
        out["survey"] = {
            "asked": 0.7, "answered": 0.6, "kind": "nps" if nps else "csat",
            "scores": (1 / 11,) * 11 if nps else (0.1, 0.1, 0.2, 0.3, 0.3),
            "wait_effect": -0.3, "return_effect": -0.8, "quality_effect": 0.6,
            "work_effect": -0.1, "answer_wait_effect": -0.2, "answer_work_effect": 0.1,
            "answer_return_effect": 0.5, "answer_quality_effect": -0.3,
            "delay": duration(dice, 3600.0),
        }  # fmt: skip
    if has("complaint"):
        out["complaint"] = {"share": 0.1, "wait_effect": 0.4, "return_effect": 1.0}
    if has("churn"):
        out["churn"] = {"share": 0.1, "complaint_effect": 1.5, "repeat_effect": 0.5}
    if has("quality check"):
        out["quality_check"] = {"sample": 0.3}
    if has("fatigue"):
        out["fatigue"] = {"effect": 0.8, "threshold": 0.5}
    behaviour: dict[str, Any] = {}
    if has("cherry picking"):
        behaviour |= {"cherry_picking": 0.6, "cherry_window": dice.randint(2, 6)}
    if has("rush"):
        behaviour |= {"rush": 0.2, "rush_returns": 1.5}
    if has("empty reply"):
        behaviour |= {"empty_reply": 0.4, "empty_reply_time": duration(dice, 60.0)}
    if has("premature close"):
        behaviour["premature_close"] = 0.4
    if has("survey steering"):
        behaviour["survey_steering"] = 0.7
    out["behaviour"] = behaviour
    return out
