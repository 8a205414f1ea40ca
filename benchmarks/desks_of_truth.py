"""Random desks of known truth, and their history as an export would show it.

`random_desk` draws a desk from what the model can say; `broken` changes one so that it breaks what
calibration assumes. `history` simulates a desk and returns what an export of it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.calibration.shape import quantile_table
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel

Data = dict[str, Any]
Array = NDArray[np.float64]

START = date(2025, 1, 6)
WARM_UP = 28
ZONE = "Asia/Shanghai"
TIERS = {"simple": 0.65, "normal": 1.0, "hard": 2.0}
ROSTERS: Mapping[str, Mapping[str, list[list[str]]]] = {
    "office": {"day": [["09:00", "12:30"], ["13:30", "18:00"]]},
    "early and late": {
        "early": [["08:00", "12:00"], ["13:00", "17:00"]],
        "late": [["12:00", "16:00"], ["17:00", "21:00"]],
    },
    "rotating": {
        "early": [["08:00", "12:00"], ["12:30", "16:30"]],
        "late": [["13:00", "17:00"], ["17:30", "21:30"]],
    },
}
"""Patterns of shifts. ``office`` works from Monday to Friday; the others all week, each agent five
days; in ``rotating`` agents change between early and late every week."""


@dataclass(frozen=True)
class Desk:
    """A true desk, and what its export does not say of it."""

    model: ServiceModel
    roster: str
    load: float
    weeks: int
    live: bool
    sessions: bool = False
    """Agents stamp at the end of a session of work, all of its tickets at once."""
    happy: float = 0.0
    """Log odds by which customers who give 4 or 5 answer more readily than the others."""


def random_desk(
    seed: int,
    *,
    live: bool | None = None,
    load: tuple[float, float] = (0.6, 0.9),
    agents: tuple[int, int] = (5, 30),
    weeks: tuple[int, int] = (16, 30),
) -> Desk:
    """Draw a desk: its channels, categories, tiers, teams, agents, roster, returns, survey."""
    rng = np.random.default_rng([20250106, seed])
    live = seed % 5 in (0, 2) if live is None else live
    teams = [f"team {i + 1}" for i in range(int(rng.integers(1, 4)))]
    number = max(int(rng.integers(agents[0], agents[1] + 1)), 3 * len(teams))
    roster = str(rng.choice(list(ROSTERS)))
    tiers = dict(list(TIERS.items())[: int(rng.integers(1, 4))]) if not live else {"normal": 1.0}
    categories = {
        f"matter {i + 1}": _category(rng, teams, tiers, live, i)
        for i in range(int(rng.integers(max(2, len(teams)), 6)))
    }
    for one, share in zip(
        categories.values(), rng.dirichlet(np.full(len(categories), 6.0)), strict=True
    ):
        one["share"] = float(share)
    people = _people(rng, teams, categories, number)
    wanted = float(rng.uniform(*load))
    data: Data = {
        "timezone": ZONE,
        "difficulty": {
            name: {"work": work, "returns": float(work ** rng.uniform(0.0, 1.0))}
            for name, work in tiers.items()
        },
        "channels": _channels(rng, live),
        "categories": categories,
        "teams": teams,
        "agents": people,
        "staffing": {
            "shifts": ROSTERS[roster],
            "days": _roster_days(rng, roster, list(people)),
            "presence": float(rng.uniform(0.92, 1.0)),
            "off_share": float(rng.uniform(0.0, 0.06)),
            "off_time": {"law": "exponential", "mean": "10min"},
            "slowdown": float(rng.uniform(1.0, 1.15)),
        },
        "returns": {
            "reopen_after": {"law": "exponential", "mean": f"{rng.uniform(12, 40):.1f}h"},
            "repeat_after": {"mean": f"{rng.uniform(30, 72):.1f}h", "cv": 1.0},
        },
        "survey": _survey(rng),
        "max_contacts": 8,
    }
    data["arrivals"] = {
        "day_cv": float(rng.uniform(0.05, 0.3)),
        "day_ar": float(rng.uniform(0.0, 0.6)),
        "profile": _profile(rng, roster),
        "level": _level(data, wanted),
    }
    model = ServiceModel.from_data(data, f"desk {seed}")
    return Desk(model, roster, wanted, int(rng.integers(weeks[0], weeks[1] + 1)), live)


def broken(seed: int, **limits: Any) -> Desk:
    """Draw a desk that breaks assumptions of calibration.

    Agents pick the easiest of the first five waiting contacts (70 % of them) and stamp their
    tickets at the end of each hour of work; breaks (10 to 20 % of the handlings, 12 min) stand in
    no record; handling times are gamma or Weibull; happy customers answer the survey more readily
    (log odds .75).
    """
    desk = random_desk(seed, **limits)
    rng = np.random.default_rng([20250107, seed])
    data = desk.model.model_dump()
    data["behaviour"] |= {"cherry_picking": 0.7}
    data["staffing"]["off_share"] = float(rng.uniform(0.10, 0.20))
    data["staffing"]["off_time"] = {"law": "exponential", "mean": "12min"}
    p = (np.arange(20000) + 0.5) / 20000
    for one in data["categories"].values():
        cv = one["handling"]["cv"]["value"]
        law = stats.gamma(1 / cv**2) if rng.random() < 0.5 else _weibull(cv)
        mean = one["handling"]["mean"]["value"]
        one["handling"] = {"law": "table", "mean": mean, "table": quantile_table(law.ppf(p))}
    model = ServiceModel.model_validate(data)
    return replace(desk, model=model, sessions=not desk.live, happy=0.75)


def history(
    desk: Desk, seed: int, *, weeks: int | None = None, replication: int = 1
) -> tuple[ContactLog, ContactLog]:
    """Return a desk's history as exported, and the whole one (spells of work, every survey)."""
    days = 7 * (desk.weeks if weeks is None else weeks)
    horizon = Horizon(START - timedelta(days=WARM_UP), WARM_UP + days, 0)
    whole = simulate(
        desk.model, horizon, seed=seed, replication=replication, redraw_parameters=False
    )
    start = float(midnight(START, ZONE))
    end = float(midnight(START + timedelta(days=days), ZONE))
    whole = whole.between(start, end)
    seen = replace(whole, work=None, staffed=None, name="desk")
    rng = np.random.default_rng([seed, replication, 5])
    if desk.sessions:
        seen = replace(seen, frame=_at_session_ends(seen.frame))
    if desk.happy:
        seen = replace(seen, frame=_happy_answers(seen.frame, desk.happy, rng))
    return seen.known_at(end), whole


# -- parts of a desk ----------------------------------------------------------------------------


def _category(
    rng: np.random.Generator, teams: list[str], tiers: Mapping[str, float], live: bool, i: int
) -> Data:
    first = teams[i] if i < len(teams) else str(rng.choice(teams))
    others = [team for team in teams if team != first]
    minutes = rng.uniform(5, 14) if live else np.exp(rng.uniform(np.log(12), np.log(60)))
    out: Data = {
        "team": first,
        "channels": _mix(rng, ["phone", "web"], [8.0, 1.5]) if live else {"web": 1.0},
        "difficulty": _mix(rng, list(tiers), [4.0] * len(tiers)),
        "priorities": _mix(rng, ["normal", "high"], [8.0, 1.0]),
        "handling": {"mean": f"{minutes:.2f}min", "cv": float(rng.uniform(0.5, 1.4))},
        "again": float(rng.uniform(0.1, 0.4)),
        "pending": {"mean": f"{rng.uniform(10, 45):.2f}h", "cv": float(rng.uniform(1.0, 1.8))},
        "reopen": float(rng.uniform(0.02, 0.09)),
        "repeat": float(rng.uniform(0.03, 0.15)),
    }
    if others and rng.random() < 0.6:
        out |= {"transfer": float(rng.uniform(0.03, 0.25)), "transfer_to": str(rng.choice(others))}
    return out


def _mix(rng: np.random.Generator, names: list[str], strength: list[float]) -> dict[str, float]:
    shares = np.round(rng.dirichlet(strength), 4)
    shares[0] += 1.0 - shares.sum()
    return dict(zip(names, shares.tolist(), strict=True))


def _people(
    rng: np.random.Generator, teams: list[str], categories: Mapping[str, Data], number: int
) -> Data:
    """Share agents among teams by the work that reaches them, two each at least."""
    work = dict.fromkeys(teams, 0.0)
    for one in categories.values():
        minutes = one["share"] * float(one["handling"]["mean"][:-3])
        work[one["team"]] += minutes / (1.0 - 0.9 * one["again"])
        if "transfer" in one:
            work[one["transfer_to"]] += one["transfer"] * minutes / (1.0 - 0.9 * one["again"])
    total = sum(work.values())
    sizes = {team: max(round(number * work[team] / total), 2) for team in teams}
    tau, spread = rng.uniform(0.05, 0.25), rng.uniform(0.1, 0.4)
    people: Data = {}
    for team, size in sizes.items():
        for _ in range(size):
            people[f"agent {len(people) + 1:02d}"] = {
                "team": team,
                "serves": [other for other in teams if other != team],
                "speed": float(np.exp(rng.normal(0, tau))),
                "quality": float(rng.normal(0, spread)),
            }
    return people


def _roster_days(rng: np.random.Generator, roster: str, people: list[str]) -> list[Data]:
    shifts = list(ROSTERS[roster])
    if roster == "office":
        return [{"weekday": day, "on": {"day": people}} for day in WEEKDAYS[:5]]
    own = {name: shifts[i % 2] for i, name in enumerate(people)}
    # two days off in a row, more of them at the weekend
    off = {name: int(rng.choice([5, 5, 5, 6, 4, 1, 2])) for name in people}
    days = []
    for turn in range(2 if roster == "rotating" else 1):
        for i, weekday in enumerate(WEEKDAYS):
            on: dict[str, list[str]] = {shift: [] for shift in shifts}
            for name in people:
                if i not in (off[name], (off[name] + 1) % 7):
                    on[shifts[(shifts.index(own[name]) + turn) % 2]].append(name)
            days.append({"weekday": weekday, "on": on})
    return days


def _channels(rng: np.random.Generator, live: bool) -> Data:
    if not live:
        return {"web": {"mode": "ticket"}}
    if rng.random() < 0.5:
        patience: Data = {"hazard": [float(rng.uniform(4, 15))]}
    else:
        patience = {"edges": [0, 60, 300], "hazard": sorted(rng.uniform(3, 14, 3), reverse=True)}
        patience["balk"] = float(rng.uniform(0.01, 0.05))
    return {"phone": {"mode": "live", "patience": patience}, "web": {"mode": "ticket"}}


def _profile(rng: np.random.Generator, roster: str) -> Data:
    """Two humps in the hours of work, little at night, its own strength of each weekday."""
    hour = np.arange(24) + 0.5
    first, second = rng.uniform(9.5, 11.5), rng.uniform(14.5, 19.0 if roster != "office" else 16.5)
    shape = np.exp(-0.5 * ((hour - first) / 1.6) ** 2)
    shape += rng.uniform(0.6, 1.1) * np.exp(-0.5 * ((hour - second) / 2.4) ** 2) + 0.01
    week = np.array([1.2, 1.05, 1.0, 1.0, 0.95, 0.5, 0.4]) * np.exp(rng.normal(0, 0.08, 7))
    if roster == "office":
        week[5:] *= 0.3
    return {day: (shape * week[i]).tolist() for i, day in enumerate(WEEKDAYS)}


def _survey(rng: np.random.Generator) -> Data:
    return {
        "asked": float(rng.uniform(0.6, 1.0)),
        "answered": float(rng.uniform(0.15, 0.4)),
        "scores": _scores(rng),
        "wait_effect": float(rng.uniform(-0.5, 0.0)),
        "return_effect": float(rng.uniform(-1.2, -0.2)),
        "quality_effect": float(rng.uniform(0.2, 0.8)),
        "delay": {"law": "exponential", "mean": f"{rng.uniform(6, 24):.1f}h"},
    }


def _scores(rng: np.random.Generator) -> list[float]:
    shares = np.round(rng.dirichlet([2.0, 2.0, 5.0, 15.0, 20.0]), 4)
    shares[-1] += 1.0 - shares.sum()
    return [float(share) for share in shares]


def _level(data: Data, load: float) -> float:
    """Return the new cases a week that keep the rostered agents busy for ``load`` of their time."""
    staffing = data["staffing"]
    minutes = 0.0
    for days in staffing["days"]:
        for shift, names in days["on"].items():
            windows = staffing["shifts"][shift]
            minutes += len(names) * sum(_minutes(b) - _minutes(a) for a, b in windows)
    turns = len(staffing["days"]) / len({day["weekday"] for day in staffing["days"]})
    staffed = minutes / turns * staffing["presence"]
    per_case = 0.0
    speed = float(np.mean([agent["speed"] for agent in data["agents"].values()]))
    for one in data["categories"].values():
        handlings = (1.0 + one["reopen"]) / (1.0 - one["again"] * one["channels"]["web"])
        handlings += one.get("transfer", 0.0)
        work = float(one["handling"]["mean"][:-3]) * staffing["slowdown"] / speed
        off = staffing["off_share"] * 10.0
        per_case += one["share"] * handlings * (work + off) / (1.0 - one["repeat"])
    return round(load * staffed / per_case, 2)


def _minutes(text: str) -> int:
    return 60 * int(text[:2]) + int(text[3:])


def _weibull(cv: float) -> Any:
    """Return the Weibull law (scale 1) with that coefficient of variation."""
    shapes = np.linspace(0.5, 4.0, 701)
    found = [float(stats.weibull_min(c).std() / stats.weibull_min(c).mean()) for c in shapes[::10]]
    return stats.weibull_min(float(np.interp(-cv, -np.array(found), shapes[::10])))


# -- what breaks the assumptions --------------------------------------------------------------


def _at_session_ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Stamp every ticket of an agent's hour of work with the last stamp of that hour."""
    out = frame.copy()
    for stamp in ("first_response_s", "first_resolved_s", "resolved_s"):
        session = out[stamp] // 3600
        out[stamp] = out.groupby([out["agent"], session])[stamp].transform("max").fillna(out[stamp])
    return out


def _happy_answers(frame: pd.DataFrame, log_odds: float, rng: np.random.Generator) -> pd.DataFrame:
    """Drop answers of 3 or less so that the odds of answering are ``exp(-log_odds)`` times."""
    unhappy = (frame["csat"] <= 3).to_numpy()
    lost = unhappy & (rng.random(len(frame)) > np.exp(-log_odds))
    gone: Data = {name: frame[name].mask(lost) for name in ("csat", "survey_s")}
    return frame.assign(**gone)
