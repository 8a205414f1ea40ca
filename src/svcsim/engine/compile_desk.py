"""From the declarations of a desk to its plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from svcsim.engine import durations, rules
from svcsim.engine.durations import NOTHING, Law
from svcsim.engine.plain import (
    PlainBehaviour,
    PlainCategory,
    PlainCost,
    PlainDesk,
    PlainEffects,
    PlainOutcomes,
    PlainPatience,
    PlainSurvey,
)
from svcsim.engine.plain_demand import cuts, plain_demand
from svcsim.engine.plain_people import plain_people
from svcsim.model.demand import Category
from svcsim.model.duration import Duration, Patience
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel

Value = Callable[[str], float]
_EFFECTS = ("wait", "work", "return", "quality")
DISCIPLINES = {"waited": rules.WAITED, "due": rules.DUE}
ASSIGN = {
    "longest_idle": rules.LONGEST_IDLE,
    "least_busy": rules.LEAST_BUSY,
    "fewest_open": rules.FEWEST_OPEN,
}


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
            return Law(durations.LOGNORMAL, mean, math.sqrt(math.log1p(cv * cv)), zero, 0, 0)
        if law.law == "exponential":
            return Law(durations.EXPONENTIAL, mean, 0.0, zero, 0, 0)
        if law.law == "table":
            assert law.table is not None
            first = len(self.tables)
            # relative to the mean: between its points a table is linear, so its own mean is this
            own = sum(a + b for a, b in pairwise(law.table)) / (2.0 * (len(law.table) - 1))
            self.tables += [x / own for x in law.table]
            return Law(durations.TABLE, mean, 0.0, zero, first, len(self.tables))
        return Law(durations.FIXED, mean, 0.0, zero, 0, 0)

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
        capacity_cv=get("staffing.capacity_cv"),
        categories=categories,
        category_cuts=cuts([get(f"categories.{c}.share") for c in model.categories]),
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
        quiet_share=get(f"staffing.{'off' if staffing.quiet_share is None else 'quiet'}_share"),
        off_time=NOTHING if off is None else law(off, "staffing.off_time"),
        slowdown=get("staffing.slowdown"),
        busy=tuple(_busy(model, person.team, get) for person in people),
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
        cost=_cost(model, get),
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
        channel_cuts=cuts([category.channels.get(c, 0.0) for c in channels]),
        tier_cuts=cuts(shares),
        priority_cuts=cuts([category.priorities[p] for p in own]),
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
    between = cuts([category.pending_by[r].share for r in names])
    return laws, between, names.index("customer") if "customer" in names else -1


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


def _busy(model: ServiceModel, team: str, get: Value) -> float:
    """Return busy seconds of an agent per second of handling: slowdown / (1 - shrinkage)."""
    away = get(f"staffing.shrinkage.{team}") if team in model.staffing.shrinkage else 0.0
    return get("staffing.slowdown") / max(1.0 - away, 0.05)


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
        score=PlainEffects(*(get(f"survey.{name}_effect") for name in _EFFECTS)),
        answer=PlainEffects(*(get(f"survey.answer_{name}_effect") for name in _EFFECTS)),
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


def _cost(model: ServiceModel, get: Value) -> PlainCost | None:
    if model.cost is None:
        return None
    return PlainCost(
        get("cost.per_contact"), get("cost.per_minute"), get("cost.per_waiting_minute")
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
