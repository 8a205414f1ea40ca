"""The state of the desk as arrays: what each holds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from svcsim.engine.rows import ROW, SPELL, WINDOW

Array = Any


def _ints(*names: str) -> list[tuple[str, Any]]:
    return [(name, np.int32) for name in names]


def _longs(*names: str) -> list[tuple[str, Any]]:
    return [(name, np.int64) for name in names]


def _floats(*names: str) -> list[tuple[str, Any]]:
    return [(name, np.float64) for name in names]


CLOCK = np.dtype(
    _longs(
        "now", "stop", "dirty", "heap", "rows", "spells", "overtime", "next_case", "next_shift",
        "waiting", "owners", "capped", "margin", "cases", "shifts",
        "row_room", "spell_room", "heap_room", "overtime_room",
        "plan_count", "list_count", "agent_count", "queue_count", "tier_count", "sla_count",
        "survey_steps",
        # the desk
        "seed", "replication", "tick", "own_wait", "own_first", "own_customer", "hand_back",
        "discipline", "assign", "by_preference", "fast_claim", "priorities", "languages", "tiers",
        "max_contacts", "max_handlings",
        "off_time", "reopen_after", "repeat_after", "rework_after", "redial_after",
        "survey", "survey_lowest", "survey_delay", "outcomes", "empty_reply_time",
    )
    + _floats(
        "off_share", "quiet_share", "chat_slowdown", "fatigue", "fatigue_from", "redial",
        "learn_start", "learn_time",
        "asked", "answered", "survey_wait", "survey_work", "survey_returned", "survey_quality",
        "answer_wait", "answer_work", "answer_returned", "answer_quality",
        "complaint", "complaint_wait", "complaint_returned", "churn", "churn_complaint",
        "churn_repeat", "sample", "check_mean", "check_sd", "check_quality",
        "rush", "rush_odds", "empty_reply", "premature", "steering",
    )
)  # fmt: skip
"""One row: where the run stands, and the desk's single numbers (times: positions of laws)."""

SCRATCH = np.dtype(
    _longs("key", "stream", "urgency")
    + _floats("left")
    + _ints(
        "queue", "list", "next", "prev", "owner", "own_next", "own_prev",
        "queued", "queued_from", "deadline", "kept_until", "own", "serving", "begun", "ends",
        "since", "wrap", "spell", "replying", "replies", "rework_due", "waiting", "team",
        "held", "resumes", "earlier",
    )
)  # fmt: skip
"""Beside each row of ``ROW``: what the clock remembers of a contact, links of its lists."""

AGENT = np.dtype(
    _longs("hired")
    + _floats("speed", "quality", "odds", "takes", "busy")
    + _ints(
        "team", "slots", "plan", "room_plan", "group", "on_shift", "open", "off", "off_for",
        "off_if", "frees", "contact", "idle_since", "shift_ended", "window_start", "busy_in_window",
        "busy_since",
        "next", "prev", "own_head", "own_tail", "owner_place", "looks_at", "chats", "chat_first",
    )
)  # fmt: skip

PLAN = np.dtype(_ints("head", "tail", "idle", "first", "last", "own_level", "uniform"))
"""A plan (see `queues`): its idle agents, its levels, whether all take alike."""

LEVEL = np.dtype(_ints("first", "last", "own"))
LIST = np.dtype(_ints("head", "tail"))

CATEGORY = np.dtype(
    _ints(
        "team", "transfer_to", "pickup", "first_reply", "handling", "wrap_up", "hold_time",
        "help_time", "help_team", "reason_law", "cut_first", "cut_last", "customer_reason",
        "published",
    )
    + _floats(
        "hold", "help", "again", "transfer", "onward", "reopen", "repeats", "rework",
        "knowledge", "knowledge_time",
    )
)  # fmt: skip

CHANNEL = np.dtype(_ints("live", "auto_reply", "first", "last") + _floats("balk"))
"""A way in; ``first`` to ``last``: its pieces of patience, none where equal."""

LAW = np.dtype(_ints("kind", "first", "last") + _floats("seconds", "sigma", "zero"))
"""A law of duration, see `durations.Law`."""

INT, FLOAT = np.dtype(np.int64), np.dtype(np.float64)


class State(NamedTuple):
    """The tables of one run; `FIELDS` has what each holds."""

    clock: Array
    rows: Array
    scratch: Array
    spells: Array
    overtime: Array
    heap: Array
    case_opened: Array
    case_key: Array
    case_stream: Array
    case_category: Array
    case_channel: Array
    case_tier: Array
    case_priority: Array
    case_customer: Array
    case_segment: Array
    case_language: Array
    shifts: Array
    agents: Array
    plans: Array
    levels: Array
    level_queues: Array
    can: Array
    lists: Array
    counts: Array
    chats: Array
    owners: Array
    categories: Array
    channels: Array
    laws: Array
    tables: Array
    cuts: Array
    edges: Array
    rates: Array
    work: Array
    effort: Array
    tier_odds: Array
    tier_delay: Array
    tier_transfers: Array
    credit: Array
    due: Array
    sla_begins: Array
    sla_ends: Array
    sla_done: Array
    pace: Array
    capacity: Array
    cumulative: Array
    served_by: Array


FIELDS: tuple[tuple[str, np.dtype[Any]], ...] = (
    ("clock", CLOCK),
    ("rows", ROW),
    ("scratch", SCRATCH),
    ("spells", SPELL),
    ("overtime", WINDOW),
    ("heap", INT),
    ("case_opened", INT),
    ("case_key", INT),
    ("case_stream", INT),
    ("case_category", INT),
    ("case_channel", INT),
    ("case_tier", INT),
    ("case_priority", INT),
    ("case_customer", INT),
    ("case_segment", INT),
    ("case_language", INT),
    ("shifts", INT),
    ("agents", AGENT),
    ("plans", PLAN),
    ("levels", LEVEL),
    ("level_queues", INT),
    ("can", INT),
    ("lists", LIST),
    ("counts", INT),
    ("chats", INT),
    ("owners", INT),
    ("categories", CATEGORY),
    ("channels", CHANNEL),
    ("laws", LAW),
    ("tables", FLOAT),
    ("cuts", FLOAT),
    ("edges", FLOAT),
    ("rates", FLOAT),
    ("work", FLOAT),
    ("effort", FLOAT),
    ("tier_odds", FLOAT),
    ("tier_delay", FLOAT),
    ("tier_transfers", FLOAT),
    ("credit", INT),
    ("due", INT),
    ("sla_begins", INT),
    ("sla_ends", INT),
    ("sla_done", INT),
    ("pace", FLOAT),
    ("capacity", FLOAT),
    ("cumulative", FLOAT),
    ("served_by", INT),
)
"""Name and kind of every table, in the order of `State`. Tables of two dimensions (``can`` by plan
and queue, ``work`` and ``effort`` by category and tier) lie row after row.
"""

__all__ = [
    "AGENT", "CATEGORY", "CHANNEL", "CLOCK", "FIELDS", "LAW", "LEVEL", "LIST", "PLAN",
    "ROW", "SCRATCH", "SPELL", "WINDOW", "State",
]  # fmt: skip
