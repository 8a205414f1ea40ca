"""The model as plain numbers: what every clock reads, names reduced to positions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from svcsim.engine import rules
from svcsim.engine.plain_demand import PlainDemand, plain_demand
from svcsim.engine.plain_people import PlainPeople, plain_people
from svcsim.engine.rules import NOTHING, Law
from svcsim.model.demand import Category
from svcsim.model.duration import Duration, Patience
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel

Value = Callable[[str], float]
DISCIPLINES = {"waited": rules.WAITED, "due": rules.DUE}
ASSIGN = {
    "longest_idle": rules.LONGEST_IDLE,
    "least_busy": rules.LEAST_BUSY,
    "fewest_open": rules.FEWEST_OPEN,
}


@dataclass(frozen=True)
class PlainCategory:
    """One category; laws are in seconds, odds multiply those of the category's own chance."""

    name: str
    team: int
    transfer_to: int
    pickup: Law | None
    first_reply: Law | None
    handling: Law
    wrap_up: Law | None
    hold: float
    hold_time: Law
    help: float
    help_time: Law
    help_team: int
    """Team of which an agent is held; -1: only a delay."""
    reasons: tuple[Law, ...]
    """Laws of the pending times, one a reason."""
    reason_cuts: tuple[float, ...]
    customer_reason: int
    """Position of the reason ``customer``; -1: not told apart."""
    again: float
    transfer: float
    onward: float
    reopen: float
    repeat: float
    rework: float
    knowledge: float
    knowledge_time: float
    published: int
    """Epoch second of publication; -1: the start of the run."""
    channel_cuts: tuple[float, ...]
    tier_cuts: tuple[float, ...]
    priority_cuts: tuple[float, ...]
    priorities: tuple[int, ...]
    work: tuple[float, ...]

    @property
    def pending(self) -> Law:
        """Return the law of the pending time where there is but one reason."""
        return self.reasons[0]


@dataclass(frozen=True)
class PlainPatience:
    """Hazard per second by piece, the share that balks, who tries again."""

    edges: tuple[float, ...]
    rates: tuple[float, ...]
    balk: float

    def deadline(self, queued: int, u: float, u_balk: float, tick: int) -> int:
        """R6: when the customer leaves who began to wait at ``queued``."""
        n = len(self.edges)
        return rules.patience_deadline(
            self.edges, self.rates, 0, n, self.balk, queued, u, u_balk, tick
        )


@dataclass(frozen=True)
class PlainSurvey:
    """Survey: reference cumulative shares and effects on their logits."""

    asked: float
    answered: float
    cumulative: tuple[float, ...]
    lowest: int
    wait: float
    returned: float
    quality: float
    delay: Law


@dataclass(frozen=True)
class PlainOutcomes:
    """Shares and effects of what may become of a resolved contact; 0 where not declared."""

    complaint: float = 0.0
    complaint_wait: float = 0.0
    complaint_returned: float = 0.0
    churn: float = 0.0
    churn_complaint: float = 0.0
    churn_repeat: float = 0.0
    sample: float = 0.0
    check_mean: float = 0.0
    check_sd: float = 0.0
    check_quality: float = 0.0

    @property
    def any(self) -> bool:
        """Return whether anything is declared."""
        return self.complaint > 0 or self.churn > 0 or self.sample > 0


@dataclass(frozen=True)
class PlainBehaviour:
    """R9: what agents do under an incentive; all zero unless assumed."""

    cherry: float = 0.0
    window: int = 1
    rush: float = 0.0
    rush_odds: float = 1.0
    empty_reply: float = 0.0
    empty_reply_time: Law = NOTHING
    premature: float = 0.0
    steering: float = 0.0


@dataclass(frozen=True)
class PlainDesk:
    """The whole desk in numbers, names reduced to positions in the tuples of names."""

    model: ServiceModel
    demand: PlainDemand
    people: PlainPeople
    tick: int
    tables: tuple[float, ...]
    level: float
    day_cv: float
    day_ar: float
    holiday: float
    week_cv: float
    categories: tuple[PlainCategory, ...]
    category_cuts: tuple[float, ...]
    channels: tuple[str, ...]
    live: tuple[bool, ...]
    patience: tuple[PlainPatience | None, ...]
    auto_reply: tuple[int, ...]
    """Seconds to the automatic reply of each channel; -1: none."""
    tiers: tuple[str, ...]
    tier_odds: tuple[float, ...]
    tier_delay: tuple[float, ...]
    tier_transfers: tuple[float, ...]
    priorities: tuple[str, ...]
    credit: tuple[int, ...]
    due: tuple[int, ...]
    teams: tuple[str, ...]
    languages: tuple[str, ...]
    agents: tuple[str, ...]
    agent_team: tuple[int, ...]
    serves: tuple[tuple[int, ...], ...]
    speed: tuple[float, ...]
    quality: tuple[float, ...]
    take: tuple[float, ...]
    slots: tuple[int, ...]
    agent_tiers: tuple[tuple[int, ...], ...]
    agent_languages: tuple[tuple[int, ...], ...]
    presence: float
    off_share: float
    off_time: Law
    slowdown: float
    hand_back: bool
    chat_slowdown: float
    fatigue: float
    fatigue_from: float
    discipline: int
    assign: int
    pooled: bool
    by_preference: bool
    live_first: bool
    own_first: bool
    own_wait: int
    own_customer: bool
    reopen_after: Law
    repeat_after: Law
    rework_after: Law
    redial: float
    redial_after: Law
    survey: PlainSurvey | None
    outcomes: PlainOutcomes
    behaviour: PlainBehaviour

    def with_agents(self, new: Sequence[tuple[str, int]]) -> PlainDesk:
        """Return the desk with further agents, each named and like another one (a position).

        They work at the median speed, quality and readiness of the other's team.
        """
        if not new:
            return self
        like = [who for _, who in new]

        def median(values: tuple[float, ...], who: int) -> float:
            team = self.agent_team[who]
            return _median([v for v, t in zip(values, self.agent_team, strict=True) if t == team])

        grown: dict[str, Any] = {
            name: (*getattr(self, name), *(getattr(self, name)[who] for who in like))
            for name in ("agent_team", "serves", "slots", "agent_tiers", "agent_languages")
        }
        grown |= {
            name: (*getattr(self, name), *(median(getattr(self, name), who) for who in like))
            for name in ("speed", "quality", "take")
        }
        return replace(self, agents=(*self.agents, *(name for name, _ in new)), **grown)


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])


class _Laws:
    """Turns declared durations into laws; their tables are laid one after the other."""

    def __init__(self, get: Value) -> None:
        self.get = get
        self.tables: list[float] = []

    def __call__(self, law: Duration, at: str) -> Law:
        zero = self.get(f"{at}.zero") if law.zero is not None else 0.0
        mean = self.get(f"{at}.mean")
        if law.law == "lognormal":
            cv = self.get(f"{at}.cv")
            return Law(rules.LOGNORMAL, mean, math.sqrt(math.log1p(cv * cv)), zero, 0, 0)
        if law.law == "exponential":
            return Law(rules.EXPONENTIAL, mean, 0.0, zero, 0, 0)
        if law.law == "table":
            assert law.table is not None
            first = len(self.tables)
            self.tables += law.table
            return Law(rules.TABLE, mean, 0.0, zero, first, len(self.tables))
        return Law(rules.FIXED, mean, 0.0, zero, 0, 0)

    def maybe(self, law: Duration | None, at: str) -> Law | None:
        """Return the law of a declared duration, None of none."""
        return None if law is None else self(law, at)


def compile_desk(model: ServiceModel, values: dict[str, float] | None = None) -> PlainDesk:
    """Return the desk in plain numbers; ``values`` (path -> value) replace the best values."""
    table = values if values is not None else {path: q.value for path, q in walk(model)}
    get = table.__getitem__
    law = _Laws(get)
    teams = {name: i for i, name in enumerate(model.teams)}
    channels, tiers = tuple(model.channels), tuple(model.difficulty)
    priorities = tuple(
        dict.fromkeys(p for category in model.categories.values() for p in category.priorities)
    )
    categories = tuple(
        _category(model, name, get, law, (teams, channels, tiers, priorities))
        for name in model.categories
    )
    agents = tuple(model.agents)
    people = [model.agents[a] for a in agents]
    languages = tuple(model.languages)
    staffing, routing, returns = model.staffing, model.routing, model.returns
    off, tired = staffing.off_time, model.fatigue
    latest = max(routing.due.values(), default=0.0)
    out = PlainDesk(
        model=model,
        demand=plain_demand(model, get, priorities),
        people=plain_people(model, get, law),
        tick=int(model.clock),
        tables=(),
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
        auto_reply=tuple(
            -1 if model.channels[c].auto_reply is None else int(get(f"channels.{c}.auto_reply"))
            for c in channels
        ),
        tiers=tiers,
        tier_odds=tuple(get(f"difficulty.{tier}.returns") for tier in tiers),
        tier_delay=tuple(get(f"difficulty.{tier}.return_delay") for tier in tiers),
        tier_transfers=tuple(get(f"difficulty.{tier}.transfers") for tier in tiers),
        priorities=priorities,
        credit=tuple(int(routing.credit.get(p, 0.0)) for p in priorities),
        due=tuple(int(routing.due.get(p, latest)) for p in priorities),
        teams=tuple(model.teams),
        languages=languages,
        agents=agents,
        agent_team=tuple(teams[agent.team] for agent in people),
        serves=tuple(
            tuple(teams[t] for t in dict.fromkeys((agent.team, *agent.serves))) for agent in people
        ),
        speed=tuple(max(get(f"agents.{a}.speed"), 0.05) for a in agents),
        quality=tuple(get(f"agents.{a}.quality") for a in agents),
        take=tuple(max(get(f"agents.{a}.take"), 1e-6) for a in agents),
        slots=tuple(agent.slots for agent in people),
        agent_tiers=tuple(tuple(tiers.index(t) for t in agent.tiers) for agent in people),
        agent_languages=tuple(
            tuple(languages.index(name) for name in agent.languages) for agent in people
        ),
        presence=get("staffing.presence"),
        off_share=get("staffing.off_share"),
        off_time=NOTHING if off is None else law(off, "staffing.off_time"),
        slowdown=get("staffing.slowdown"),
        hand_back=staffing.at_shift_end == "hand_back",
        chat_slowdown=get("chats.slowdown"),
        fatigue=0.0 if tired is None else get("fatigue.effect"),
        fatigue_from=1.0 if tired is None else tired.threshold,
        discipline=DISCIPLINES[routing.discipline],
        assign=ASSIGN[routing.assign],
        pooled=routing.pooled,
        by_preference=routing.by_preference,
        live_first=routing.live_first,
        own_first=routing.own_first,
        own_wait=int(routing.own_wait),
        own_customer=routing.own_customer,
        reopen_after=law(returns.reopen_after, "returns.reopen_after"),
        repeat_after=law(returns.repeat_after, "returns.repeat_after"),
        rework_after=law(returns.rework_after, "returns.rework_after"),
        redial=get("returns.redial"),
        redial_after=law(returns.redial_after, "returns.redial_after"),
        survey=_survey(model, get, law),
        outcomes=_outcomes(model, get),
        behaviour=_behaviour(model, get, law),
    )
    return replace(out, tables=tuple(law.tables))


def _category(
    model: ServiceModel,
    name: str,
    get: Value,
    law: _Laws,
    names: tuple[dict[str, int], tuple[str, ...], tuple[str, ...], tuple[str, ...]],
) -> PlainCategory:
    teams, channels, tiers, priorities = names
    category = model.categories[name]
    at = f"categories.{name}"
    shares = [category.difficulty.get(tier, 0.0) for tier in tiers]
    work = [get(f"difficulty.{tier}.work") for tier in tiers]
    mean_work = sum(s * w for s, w in zip(shares, work, strict=True)) / sum(shares)
    own = tuple(category.priorities)
    hold, helped, known = category.hold, category.help, category.knowledge
    reasons, reason_cuts, customer = _reasons(category, at, law)
    return PlainCategory(
        name=name,
        team=teams[category.team],
        transfer_to=-1 if category.transfer_to is None else teams[category.transfer_to],
        pickup=law.maybe(category.pickup, f"{at}.pickup"),
        first_reply=law.maybe(category.first_reply, f"{at}.first_reply"),
        handling=law(category.handling, f"{at}.handling"),
        wrap_up=law.maybe(category.wrap_up, f"{at}.wrap_up"),
        hold=0.0 if hold is None else get(f"{at}.hold.share"),
        hold_time=NOTHING if hold is None else law(hold.time, f"{at}.hold.time"),
        help=0.0 if helped is None else get(f"{at}.help.share"),
        help_time=NOTHING if helped is None else law(helped.time, f"{at}.help.time"),
        help_team=-1 if helped is None or helped.team is None else teams[helped.team],
        reasons=reasons,
        reason_cuts=reason_cuts,
        customer_reason=customer,
        again=get(f"{at}.again"),
        transfer=get(f"{at}.transfer"),
        onward=get(f"{at}.onward"),
        reopen=get(f"{at}.reopen"),
        repeat=get(f"{at}.repeat"),
        rework=get(f"{at}.rework"),
        knowledge=0.0 if known is None else get(f"{at}.knowledge.effect"),
        knowledge_time=1.0 if known is None else get(f"{at}.knowledge.time"),
        published=-1 if known is None else _published(known.published, model.timezone),
        channel_cuts=_cuts([category.channels.get(c, 0.0) for c in channels]),
        tier_cuts=_cuts(shares),
        priority_cuts=_cuts([category.priorities[p] for p in own]),
        priorities=tuple(priorities.index(p) for p in own),
        work=tuple(w / mean_work for w in work),
    )


def _reasons(
    category: Category, at: str, law: _Laws
) -> tuple[tuple[Law, ...], tuple[float, ...], int]:
    """Return laws, cut points and the position of the customer among the reasons to wait."""
    if not category.pending_by:
        pending = category.pending
        return (NOTHING if pending is None else law(pending, f"{at}.pending"),), (), -1
    names = list(category.pending_by)
    laws = tuple(law(category.pending_by[r].time, f"{at}.pending_by.{r}.time") for r in names)
    cuts = _cuts([category.pending_by[r].share for r in names])
    return laws, cuts, names.index("customer") if "customer" in names else -1


def _published(day: str | None, timezone: str) -> int:
    if day is None:
        return -1
    return int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(timezone)).timestamp())


def _patience(patience: Patience | None, channel: str, get: Value) -> PlainPatience | None:
    if patience is None:
        return None
    level = get(f"channels.{channel}.patience.level") / 3600.0
    balk = get(f"channels.{channel}.patience.balk")
    return PlainPatience(patience.edges, tuple(rate * level for rate in patience.hazard), balk)


def _survey(model: ServiceModel, get: Value, law: _Laws) -> PlainSurvey | None:
    survey = model.survey
    if survey is None:
        return None
    total = sum(survey.scores)
    return PlainSurvey(
        asked=get("survey.asked"),
        answered=get("survey.answered"),
        cumulative=tuple(sum(survey.scores[k:]) / total for k in range(1, len(survey.scores))),
        lowest=1 if survey.kind == "csat" else 0,
        wait=get("survey.wait_effect"),
        returned=get("survey.return_effect"),
        quality=get("survey.quality_effect"),
        delay=law(survey.delay, "survey.delay"),
    )


def _outcomes(model: ServiceModel, get: Value) -> PlainOutcomes:
    complaint, churn, check = model.complaint, model.churn, model.quality_check
    return PlainOutcomes(
        complaint=0.0 if complaint is None else get("complaint.share"),
        complaint_wait=0.0 if complaint is None else get("complaint.wait_effect"),
        complaint_returned=0.0 if complaint is None else get("complaint.return_effect"),
        churn=0.0 if churn is None else get("churn.share"),
        churn_complaint=0.0 if churn is None else get("churn.complaint_effect"),
        churn_repeat=0.0 if churn is None else get("churn.repeat_effect"),
        sample=0.0 if check is None else get("quality_check.sample"),
        check_mean=0.0 if check is None else get("quality_check.mean"),
        check_sd=0.0 if check is None else get("quality_check.sd"),
        check_quality=0.0 if check is None else get("quality_check.quality_effect"),
    )


def _behaviour(model: ServiceModel, get: Value, law: _Laws) -> PlainBehaviour:
    empty = model.behaviour.empty_reply_time
    return PlainBehaviour(
        cherry=get("behaviour.cherry_picking"),
        window=model.behaviour.cherry_window,
        rush=get("behaviour.rush"),
        rush_odds=get("behaviour.rush_returns"),
        empty_reply=get("behaviour.empty_reply"),
        empty_reply_time=NOTHING if empty is None else law(empty, "behaviour.empty_reply_time"),
        premature=get("behaviour.premature_close"),
        steering=get("behaviour.survey_steering"),
    )


def _cuts(shares: list[float]) -> tuple[float, ...]:
    """Return the inner cut points of a discrete law: bisect them with a uniform."""
    total = sum(shares)
    out, at = [], 0.0
    for share in shares[:-1]:
        at += share / total
        out.append(at)
    return tuple(out)
