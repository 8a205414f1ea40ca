"""A setting laid out in arrays: what the kernel reads and what it writes to."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcsim.engine import draws, durations, events, rules
from svcsim.engine.demand import Cases
from svcsim.engine.kernel import state as kinds
from svcsim.engine.kernel.state import State
from svcsim.engine.plain import PlainCategory, PlainDesk, PlainEffects
from svcsim.engine.queues import OWN, plans
from svcsim.engine.rows import COUNTS, NEVER, TIMES, Contact
from svcsim.engine.setting import Setting


def table(size: int, dtype: np.dtype[Any]) -> Any:
    """Return an empty table whose rows have their fields as attributes."""
    return np.zeros(size, dtype=dtype).view(np.recarray)


def _floats(values: Any) -> NDArray[np.float64]:
    """Return numbers as an array that is never empty: the compiler wants one type."""
    out = np.array(values, dtype=np.float64)
    return out if out.size else np.zeros(1)


class _Laws:
    """Laws by position."""

    def __init__(self) -> None:
        self.rows: list[durations.Law] = []

    def add(self, law: durations.Law | None) -> int:
        """Return the position of a law, -1 of none."""
        if law is None:
            return -1
        self.rows.append(law)
        return len(self.rows) - 1


def pack(setting: Setting) -> State:
    """Return the state of a run before its first event."""
    desk, cases, start = setting.desk, setting.cases, setting.start
    laws = _Laws()
    categories = _categories(desk, laws, start)
    channels, edges, rates = _channels(desk)
    layout, every, own_plan, room_plan = plans(desk)
    plan_table, levels, level_queues, can = _plans(desk, every, layout.size)
    carried, new = len(setting.contacts), len(cases.opened)
    size = carried + int(1.25 * new) + 64
    slots = sum(desk.slots)
    margin = slots * (max(desk.slots) + 3) + 64
    clock = _clock(setting, laws, layout.languages, layout.tiers, margin)
    rows, scratch = _rows(setting.contacts, size, start)
    heap = np.zeros(len(setting.planned) + size // 8 + 4 * margin, dtype=np.int64)
    planned = sorted(events.event_key(t - start, kind, n) for t, kind, n in setting.planned)
    heap[: len(planned)] = planned
    clock[0].heap, clock[0].rows, clock[0].capped = len(planned), carried, setting.capped
    shifts = _shifts(setting)
    clock[0].shifts, clock[0].cases = len(shifts), new
    clock[0].plan_count, clock[0].queue_count = len(every), layout.size
    clock[0].sla_count = len(setting.sla[0])
    priorities = max(len(desk.priorities), 1)
    last = max((contact.customer for contact in setting.contacts), default=-1)
    customers = int(cases.customer.max(initial=last)) + 1
    begins, ends, done = (np.array(part, dtype=np.int64) for part in setting.sla)
    survey = desk.survey
    lists = table(layout.size * priorities, kinds.LIST)
    lists["head"] = lists["tail"] = -1
    clock[0].list_count = len(lists)
    state = State(
        clock=clock, rows=rows, scratch=scratch,
        spells=table(int(1.5 * size) + 2 * margin, kinds.SPELL),
        overtime=table(2 * margin + len(shifts), kinds.WINDOW),
        heap=heap, shifts=shifts, **_cases(setting),
        agents=_agents(setting, own_plan, room_plan), plans=plan_table, levels=levels,
        level_queues=level_queues, can=can, lists=lists,
        counts=np.zeros(layout.size, dtype=np.int64),
        chats=np.zeros(slots, dtype=np.int64), owners=np.zeros(len(desk.agents), dtype=np.int64),
        categories=categories, channels=channels,
        laws=_laws(laws.rows),
        tables=_floats(desk.tables),
        cuts=_floats([cut for c in desk.categories for cut in c.reason_cuts]),
        edges=edges, rates=rates,
        work=_floats([w for c in desk.categories for w in c.work]),
        effort=_floats([work for c in desk.categories for work in c.expected_work]),
        tier_odds=_floats(desk.tier_odds), tier_delay=_floats(desk.tier_delay),
        tier_transfers=_floats(desk.tier_transfers),
        credit=np.array(desk.credit, dtype=np.int64), due=np.array(desk.due, dtype=np.int64),
        sla_begins=begins - start, sla_ends=ends - start, sla_done=done,
        pace=_floats(setting.pace), capacity=_floats(setting.capacity),
        cumulative=_floats(() if survey is None else survey.cumulative),
        served_by=np.full(customers + 1, -1, dtype=np.int64),
    )  # fmt: skip
    return with_room(state)


def with_room(state: State) -> State:
    """Return the state with the sizes of its growing tables written down."""
    clock = state.clock[0]
    clock.row_room, clock.spell_room = len(state.rows), len(state.spells)
    clock.heap_room, clock.overtime_room = len(state.heap), len(state.overtime)
    return state


def _laws(laws: list[durations.Law]) -> Any:
    out = table(len(laws), kinds.LAW)
    for name in durations.Law._fields:
        out["seconds" if name == "mean" else name] = [getattr(law, name) for law in laws]
    return out


def _clock(setting: Setting, laws: _Laws, languages: int, tiers: int, margin: int) -> Any:
    desk, o, b = setting.desk, setting.desk.outcomes, setting.desk.behaviour
    survey = desk.survey
    values: dict[str, Any] = {
        "now": 0, "stop": setting.stop - setting.start, "margin": margin,
        "seed": draws.signed(setting.seed), "replication": setting.replication, "tick": desk.tick,
        "own_wait": desk.own_wait, "own_first": desk.own_first,
        "own_customer": desk.own_customer, "hand_back": desk.hand_back,
        "discipline": desk.discipline, "assign": desk.assign,
        "by_preference": desk.by_preference, "fast_claim": desk.assign == rules.LONGEST_IDLE,
        "priorities": max(len(desk.priorities), 1), "languages": languages, "tiers": tiers,
        "agent_count": len(desk.agents), "tier_count": len(desk.tiers),
        "survey_steps": 0 if survey is None else len(survey.cumulative),
        "max_contacts": desk.model.max_contacts, "max_handlings": desk.model.max_handlings,
        "off_time": laws.add(desk.off_time), "reopen_after": laws.add(desk.reopen_after),
        "repeat_after": laws.add(desk.repeat_after), "rework_after": laws.add(desk.rework_after),
        "redial_after": laws.add(desk.redial_after),
        "survey": survey is not None,
        "survey_lowest": 0 if survey is None else survey.lowest,
        "survey_delay": -1 if survey is None else laws.add(survey.delay),
        "outcomes": o.any, "empty_reply_time": laws.add(b.empty_reply_time),
        "off_share": desk.off_share, "quiet_share": desk.quiet_share,
        "chat_slowdown": desk.chat_slowdown, "fatigue": desk.fatigue,
        "fatigue_from": desk.fatigue_from, "redial": desk.redial,
        "learn_start": desk.people.start, "learn_time": desk.people.learning_s,
        "complaint": o.complaint, "complaint_wait": o.complaint_wait,
        "complaint_returned": o.complaint_returned, "churn": o.churn,
        "churn_complaint": o.churn_complaint, "churn_repeat": o.churn_repeat,
        "sample": o.sample, "check_mean": o.check_mean, "check_sd": o.check_sd,
        "check_quality": o.check_quality, "rush": b.rush, "rush_odds": b.rush_odds,
        "empty_reply": b.empty_reply, "premature": b.premature, "steering": b.steering,
    }  # fmt: skip
    if survey is not None:
        values |= {"asked": survey.asked, "answered": survey.answered}
        for name in PlainEffects._fields:
            values[f"survey_{name}"] = getattr(survey.score, name)
            values[f"answer_{name}"] = getattr(survey.answer, name)
    clock = table(1, kinds.CLOCK)
    for name, value in values.items():
        clock[name] = value
    return clock


def _categories(desk: PlainDesk, laws: _Laws, start: int) -> Any:
    out = table(len(desk.categories), kinds.CATEGORY)
    cut = 0
    for i, c in enumerate(desk.categories):
        for name, value in _category(c, laws, start).items():
            out[name][i] = value
        out["cut_first"][i], cut = cut, cut + len(c.reason_cuts)
        out["cut_last"][i] = cut
    return out


def _category(c: PlainCategory, laws: _Laws, start: int) -> dict[str, Any]:
    reasons = [laws.add(law) for law in c.reasons]
    return {
        "team": c.team, "transfer_to": c.transfer_to, "pickup": laws.add(c.pickup),
        "first_reply": laws.add(c.first_reply), "handling": laws.add(c.handling),
        "wrap_up": laws.add(c.wrap_up), "hold_time": laws.add(c.hold_time),
        "help_time": laws.add(c.help_time), "help_team": c.help_team,
        "reason_law": reasons[0], "customer_reason": c.customer_reason,
        "published": 0 if c.published < 0 else c.published - start,
        "hold": c.hold, "help": c.help, "again": c.again, "transfer": c.transfer,
        "onward": c.onward, "reopen": c.reopen, "repeats": c.repeat, "rework": c.rework,
        "knowledge": c.knowledge, "knowledge_time": c.knowledge_time,
    }  # fmt: skip


def _channels(desk: PlainDesk) -> tuple[Any, NDArray[np.float64], NDArray[np.float64]]:
    out = table(len(desk.channels), kinds.CHANNEL)
    edges: list[float] = []
    rates: list[float] = []
    for i, patience in enumerate(desk.patience):
        out["live"][i], out["auto_reply"][i] = desk.live[i], desk.auto_reply[i]
        out["first"][i] = len(edges)
        if patience is not None:
            edges += patience.edges
            rates += patience.rates
            out["balk"][i] = patience.balk
        out["last"][i] = len(edges)
    return out, _floats(edges), _floats(rates)


def _plans(
    desk: PlainDesk, every: list[Any], queues: int
) -> tuple[Any, Any, NDArray[np.int64], NDArray[np.int64]]:
    out = table(len(every), kinds.PLAN)
    out["head"] = out["tail"] = -1
    out["uniform"] = len(set(desk.take)) <= 1
    levels: list[tuple[int, int, int]] = []
    flat: list[int] = []
    can = np.zeros((len(every), queues), dtype=np.int64)
    for i, plan in enumerate(every):
        out["first"][i] = len(levels)
        out["own_level"][i] = plan.index(OWN) if OWN in plan else len(plan)
        for level in plan:
            levels.append((len(flat), len(flat) + len(level), int(level == OWN)))
            flat += level
            can[i, list(level)] = 1
        out["last"][i] = len(levels)
    level_table = table(len(levels), kinds.LEVEL)
    for place, (first, last, own) in enumerate(levels):
        level_table[place] = (first, last, own)
    return out, level_table, np.array(flat, dtype=np.int64), can.ravel()


def _agents(setting: Setting, own_plan: list[int], room_plan: list[int]) -> Any:
    desk = setting.desk
    out = table(len(desk.agents), kinds.AGENT)
    out["hired"] = np.array(setting.hired, dtype=np.int64) - setting.start
    out["speed"], out["takes"] = desk.speed, desk.take
    out["quality"], out["odds"] = desk.quality, desk.agent_odds
    out["busy"] = desk.busy
    out["team"], out["slots"] = desk.agent_team, desk.slots
    out["plan"], out["room_plan"] = own_plan, room_plan
    for name in ("group", "contact", "next", "prev", "own_head", "own_tail", "owner_place"):
        out[name] = -1
    out["frees"] = NEVER
    out["looks_at"] = setting.looks_at
    out["chat_first"] = np.cumsum([0, *desk.slots])[:-1]
    return out


def _rows(contacts: list[Contact], size: int, start: int) -> tuple[Any, Any]:
    """Return tables for all contacts, those carried over from history filled in."""
    rows = np.empty(size, dtype=kinds.ROW).view(np.recarray)
    scratch = np.empty(size, dtype=kinds.SCRATCH).view(np.recarray)
    known = slice(0, len(contacts))

    def column(name: str, default: float = 0) -> list[Any]:
        return [getattr(contact, name, default) for contact in contacts]

    for name in TIMES:
        rows[name][known] = [_known(value, start) for value in column(name)]
    for name in COUNTS:
        values = [_known(v, 0) for v in column("last_team" if name == "team" else name)]
        # case numbers from 2^31 wrap
        rows[name][known] = [(value + 2**31) % 2**32 - 2**31 for value in values]
    rows["checked"][known] = column("checked")
    for name in kinds.SCRATCH.names or ():
        scratch[name][known] = -1 if name in _LINKS else column(name)
    scratch["queued_from"][known] = [t - start if t >= 0 else NEVER for t in column("queued_from")]
    scratch["queued"][known] = [t - start for t in column("queued")]
    scratch["deadline"][known] = scratch["kept_until"][known] = NEVER
    return rows, scratch


_LINKS = ("queue", "list", "next", "prev", "owner", "own_next", "own_prev")


def _known(value: float, start: int) -> int:
    return NEVER if value != value else int(value) - start


def _cases(setting: Setting) -> dict[str, NDArray[np.int64]]:
    """Return the columns of the new cases, opened in seconds since the start."""
    columns = {f"case_{field.name}": getattr(setting.cases, field.name) for field in fields(Cases)}
    columns["case_opened"] = columns["case_opened"] - setting.start
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def _shifts(setting: Setting) -> NDArray[np.int64]:
    """Return starts and ends of windows as events in order."""
    begin, end, who = setting.windows.T
    keys = [
        since << events.TIME_SHIFT | np.int64(kind) << events.KIND_SHIFT | who
        for since, kind in (
            (begin - setting.start, events.SHIFT_START),
            (end - setting.start, events.SHIFT_END),
        )
    ]
    return np.sort(np.concatenate(keys))
