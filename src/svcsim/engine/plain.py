"""The model as plain numbers: what every clock reads, with parameters redrawn if asked.

A replication redraws each uncertain parameter once, from its 90 % interval: on the log scale
(times, rates, factors), from a Beta with the share's mean and the width of its interval (from its
counts where an end touches 0 or 1), or linearly (effects). A draw is keyed by the parameter's
path, so adding a parameter leaves the draws of all others as they were.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from svcsim.engine import rules
from svcsim.engine.draws import PARAMETER, normal, uniform
from svcsim.engine.plain_demand import PlainDemand, plain_demand
from svcsim.engine.plain_people import PlainPeople, plain_people
from svcsim.model.duration import Duration, Patience
from svcsim.model.quantity import Quantity, walk
from svcsim.model.service import ServiceModel

Z90, Z95 = 1.6448536269514722, 1.959963984540054
"""A standard normal value is within these of 0 with probability 90 % and 95 %."""
Value = Callable[[str], float]


@dataclass(frozen=True)
class PlainCategory:
    """One category; laws are in seconds, odds multiply those of the category's own chance."""

    name: str
    team: int
    transfer_to: int
    pickup: rules.Law | None
    handling: rules.Law
    pending: rules.Law
    again: float
    transfer: float
    onward: float
    reopen: float
    repeat: float
    channel_cuts: tuple[float, ...]
    tier_cuts: tuple[float, ...]
    priority_cuts: tuple[float, ...]
    priorities: tuple[int, ...]
    work: tuple[float, ...]


@dataclass(frozen=True)
class PlainDesk:
    """The whole desk in numbers, names reduced to positions in the tuples of names."""

    model: ServiceModel
    level: float
    day_cv: float
    day_ar: float
    holiday: float
    week_cv: float
    categories: tuple[PlainCategory, ...]
    category_cuts: tuple[float, ...]
    channels: tuple[str, ...]
    live: tuple[bool, ...]
    patience: tuple[tuple[tuple[float, ...], tuple[float, ...], float] | None, ...]
    tiers: tuple[str, ...]
    tier_odds: tuple[float, ...]
    priorities: tuple[str, ...]
    credit: tuple[int, ...]
    teams: tuple[str, ...]
    agents: tuple[str, ...]
    agent_team: tuple[int, ...]
    serves: tuple[tuple[int, ...], ...]
    speed: tuple[float, ...]
    quality: tuple[float, ...]
    take: tuple[float, ...]
    presence: float
    off_share: float
    off_time: rules.Law
    slowdown: float
    live_first: bool
    own_first: bool
    own_wait: int
    reopen_after: rules.Law
    repeat_after: rules.Law
    survey: PlainSurvey | None
    demand: PlainDemand
    people: PlainPeople


@dataclass(frozen=True)
class PlainSurvey:
    """Survey: reference cumulative shares and effects on their logits."""

    asked: float
    answered: float
    cumulative: tuple[float, ...]
    wait: float
    returned: float
    quality: float
    delay: rules.Law


NOTHING: rules.Law = (rules.FIXED, 0.0, 0.0, 0.0, ())


def redraw(model: ServiceModel, seed: int, replication: int) -> dict[str, float]:
    """Return path -> value, one draw of every uncertain quantity of the model."""
    out = {}
    for path, quantity in walk(model):
        if quantity.interval is None or quantity.interval[0] == quantity.interval[1]:
            out[path] = quantity.value
        else:
            key = zlib.crc32(path.encode())
            out[path] = _draw(quantity, uniform(seed, replication, key, 0, 0, PARAMETER))
    return out


def _draw(quantity: Quantity, u: float) -> float:
    assert quantity.interval is not None
    low, high = quantity.interval
    z = normal(u)
    if quantity.scale == "linear":
        return quantity.value + z * (high - low) / (2 * Z90)
    if quantity.scale == "log":
        if low > 0 and quantity.value > 0:
            return quantity.value * math.exp(z * math.log(high / low) / (2 * Z90))
        if quantity.value == 0:
            return high / Z95 * normal(0.5 + 0.5 * u)
        half = (high - quantity.value) if z > 0 else (quantity.value - low)
        return max(quantity.value + z * half / Z90, 0.0)
    return _draw_share(quantity, u)


def _draw_share(quantity: Quantity, u: float) -> float:
    """Return the quantile at ``u`` of the Beta with the share's mean and interval width.

    Where an end of the interval touches 0 or 1 the counts behind the share decide.
    """
    from scipy.special import betaincinv

    assert quantity.interval is not None
    low, high = quantity.interval
    mean = quantity.value
    variance = ((high - low) / (2 * Z90)) ** 2
    if low > 0 and high < 1 and 0 < mean < 1 and variance < mean * (1 - mean):
        size = mean * (1 - mean) / variance - 1.0
        return float(betaincinv(mean * size, (1 - mean) * size, u))
    if quantity.n:
        hits = mean * quantity.n
        return float(betaincinv(hits + 0.5, quantity.n - hits + 0.5, u))
    return min(max(mean + normal(u) * (high - low) / (2 * Z90), 0.0), 1.0)


def compile_desk(model: ServiceModel, values: dict[str, float] | None = None) -> PlainDesk:
    """Return the desk in plain numbers; ``values`` (path -> value) replace the best values."""
    table = values if values is not None else {path: q.value for path, q in walk(model)}
    get = table.__getitem__
    teams = {name: i for i, name in enumerate(model.teams)}
    channels = tuple(model.channels)
    tiers = tuple(model.difficulty)
    priorities = tuple(
        dict.fromkeys(p for category in model.categories.values() for p in category.priorities)
    )
    categories = tuple(
        _category(model, name, get, teams, channels, tiers, priorities) for name in model.categories
    )
    agents = tuple(model.agents)
    staffing = model.staffing
    off = staffing.off_time
    return PlainDesk(
        model=model,
        level=get("arrivals.level"),
        day_cv=get("arrivals.day_cv"),
        day_ar=min(max(get("arrivals.day_ar"), -0.95), 0.95),
        holiday=get("arrivals.holiday"),
        week_cv=get("staffing.week_cv"),
        categories=categories,
        category_cuts=_cuts([get(f"categories.{c}.share") for c in model.categories]),
        channels=channels,
        live=tuple(model.channels[c].mode == "live" for c in channels),
        patience=tuple(_patience(model.channels[c].patience, c, get) for c in channels),
        tiers=tiers,
        tier_odds=tuple(get(f"difficulty.{tier}.returns") for tier in tiers),
        priorities=priorities,
        credit=tuple(int(model.routing.credit.get(p, 0.0)) for p in priorities),
        teams=tuple(model.teams),
        agents=agents,
        agent_team=tuple(teams[model.agents[a].team] for a in agents),
        serves=tuple(
            tuple(teams[t] for t in dict.fromkeys((model.agents[a].team, *model.agents[a].serves)))
            for a in agents
        ),
        speed=tuple(max(get(f"agents.{a}.speed"), 0.05) for a in agents),
        quality=tuple(get(f"agents.{a}.quality") for a in agents),
        take=tuple(max(get(f"agents.{a}.take"), 1e-6) for a in agents),
        presence=get("staffing.presence"),
        off_share=get("staffing.off_share"),
        off_time=NOTHING if off is None else _law(off, "staffing.off_time", get),
        slowdown=get("staffing.slowdown"),
        live_first=model.routing.live_first,
        own_first=model.routing.own_first,
        own_wait=int(model.routing.own_wait),
        reopen_after=_law(model.returns.reopen_after, "returns.reopen_after", get),
        repeat_after=_law(model.returns.repeat_after, "returns.repeat_after", get),
        survey=_survey(model, get),
        demand=plain_demand(model, get, priorities),
        people=plain_people(model, get, _law),
    )


def _category(
    model: ServiceModel,
    name: str,
    get: Value,
    teams: dict[str, int],
    channels: tuple[str, ...],
    tiers: tuple[str, ...],
    priorities: tuple[str, ...],
) -> PlainCategory:
    category = model.categories[name]
    at = f"categories.{name}"
    shares = [category.difficulty.get(tier, 0.0) for tier in tiers]
    work = [get(f"difficulty.{tier}.work") for tier in tiers]
    mean_work = sum(s * w for s, w in zip(shares, work, strict=True)) / sum(shares)
    names = tuple(category.priorities)
    pending, pickup = category.pending, category.pickup
    return PlainCategory(
        name=name,
        team=teams[category.team],
        transfer_to=-1 if category.transfer_to is None else teams[category.transfer_to],
        pickup=None if pickup is None else _law(pickup, f"{at}.pickup", get),
        handling=_law(category.handling, f"{at}.handling", get),
        pending=NOTHING if pending is None else _law(pending, f"{at}.pending", get),
        again=get(f"{at}.again"),
        transfer=get(f"{at}.transfer"),
        onward=get(f"{at}.onward"),
        reopen=get(f"{at}.reopen"),
        repeat=get(f"{at}.repeat"),
        channel_cuts=_cuts([category.channels.get(c, 0.0) for c in channels]),
        tier_cuts=_cuts(shares),
        priority_cuts=_cuts([category.priorities[p] for p in names]),
        priorities=tuple(priorities.index(p) for p in names),
        work=tuple(w / mean_work for w in work),
    )


def _law(law: Duration, at: str, get: Value) -> rules.Law:
    zero = get(f"{at}.zero") if law.zero is not None else 0.0
    mean = get(f"{at}.mean")
    if law.law == "lognormal":
        cv = get(f"{at}.cv")
        return (rules.LOGNORMAL, mean, math.sqrt(math.log1p(cv * cv)), zero, ())
    if law.law == "exponential":
        return (rules.EXPONENTIAL, mean, 0.0, zero, ())
    if law.law == "table":
        assert law.table is not None
        return (rules.TABLE, mean, 0.0, zero, law.table)
    return (rules.FIXED, mean, 0.0, zero, ())


def _patience(
    patience: Patience | None, channel: str, get: Value
) -> tuple[tuple[float, ...], tuple[float, ...], float] | None:
    if patience is None:
        return None
    level = get(f"channels.{channel}.patience.level") / 3600.0
    balk = get(f"channels.{channel}.patience.balk")
    return patience.edges, tuple(rate * level for rate in patience.hazard), balk


def _survey(model: ServiceModel, get: Value) -> PlainSurvey | None:
    survey = model.survey
    if survey is None:
        return None
    total = sum(survey.scores)
    return PlainSurvey(
        asked=get("survey.asked"),
        answered=get("survey.answered"),
        cumulative=tuple(sum(survey.scores[k:]) / total for k in range(1, 5)),
        wait=get("survey.wait_effect"),
        returned=get("survey.return_effect"),
        quality=get("survey.quality_effect"),
        delay=_law(survey.delay, "survey.delay", get),
    )


def _cuts(shares: list[float]) -> tuple[float, ...]:
    """Return the inner cut points of a discrete law: bisect them with a uniform."""
    total = sum(shares)
    out, at = [], 0.0
    for share in shares[:-1]:
        at += share / total
        out.append(at)
    return tuple(out)
