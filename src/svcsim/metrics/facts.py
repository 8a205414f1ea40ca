"""Facts beside the canonical columns that expressions of metrics may use, computed once a log.

``observed_until``      end of knowledge, the same on every row
``openings_until``      until when contacts that were opened are in the log, the same on every row
``is_resolved``         outcome is resolved
``is_abandoned``        outcome is abandoned
``names_agents``        whether the log names agents at all
``next_contact_gap_s``  next contact of the same case opened − this contact resolved, seconds
``agent_day``           whole number for (agent, local day of resolution), -1 when unknown
``open_response_s``     open seconds from opening to first response; NaN without business hours
``open_resolution_s``   open seconds from opening to resolution
``open_age_s``          open seconds from opening to the end of knowledge
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.chains import next_contacts
from svcsim.contacts.codes import coded, memory_of
from svcsim.contacts.log import ContactLog
from svcsim.metrics.periods import day_index


def outcome_is(log: ContactLog, outcome: str) -> NDArray[np.bool_]:
    """Return which rows ended with ``outcome``."""
    known = coded(log.frame, "outcome")
    return np.asarray(known.code == known.position(outcome), dtype=bool)


def ended_s(log: ContactLog) -> NDArray[np.float64]:
    """Return when each contact was resolved (else closed) or abandoned, NaN while it is open."""
    frame = log.frame
    ended = np.fmin(frame["resolved_s"].to_numpy(), frame["abandoned_s"].to_numpy())
    ended = np.where(np.isnan(ended), frame["closed_s"].to_numpy(), ended)
    return np.where(outcome_is(log, "open"), np.nan, ended)


def next_contact_gap(log: ContactLog) -> NDArray[np.float64]:
    """Return the first opening within the case at or after the own resolution, minus that.

    A contact opened while this one was still open is not one that follows its resolution.
    """
    follower = next_contacts(log.frame)
    opened, resolved = log.frame["opened_s"].to_numpy(), log.frame["resolved_s"].to_numpy()
    gap = np.full(len(follower), np.nan)
    followed = np.flatnonzero(follower >= 0)
    gap[followed] = opened[follower[followed]] - resolved[followed]
    return gap


def agent_day(log: ContactLog) -> NDArray[np.int64]:
    """Return a code of (agent, local day of resolution), -1 without agent or resolution."""
    agent = coded(log.frame, "agent").code
    resolved = log.frame["resolved_s"].to_numpy()
    day = day_index(resolved, log.timezone)
    span = int(day.max(initial=0)) + 1
    return np.where((agent < 0) | (day < 0), -1, agent * span + day)


def open_seconds(log: ContactLog, until: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the seconds of the desk's business hours between opening and ``until``."""
    opened = log.frame["opened_s"].to_numpy()
    if log.hours is None:
        return np.full(len(opened), np.nan)
    return np.asarray(log.hours.open_seconds(opened, until), dtype=np.float64)


FACTS: dict[str, Callable[[ContactLog], Any]] = {
    "observed_until": lambda log: np.float64(log.observed_until),
    "openings_until": lambda log: np.float64(min(log.openings_until, log.observed_until)),
    "is_resolved": lambda log: outcome_is(log, "resolved"),
    "is_abandoned": lambda log: outcome_is(log, "abandoned"),
    "names_agents": lambda log: (coded(log.frame, "agent").code >= 0).any(),
    "next_contact_gap_s": next_contact_gap,
    "agent_day": agent_day,
    "open_response_s": lambda log: open_seconds(log, log.frame["first_response_s"].to_numpy()),
    "open_resolution_s": lambda log: open_seconds(log, log.frame["resolved_s"].to_numpy()),
    "open_age_s": lambda log: open_seconds(log, log.observed_until),
}
"""How each fact is computed: an array, or one value where it is the same on every row."""
COSTLY = {"next_contact_gap_s": "case_id", "agent_day": "agent"}
"""Facts that are computed only for metrics that need the column behind them."""


OF_THE_WHOLE = {"names_agents"}
"""Facts that are about the whole log, also where only a part of it is computed."""


def fact(name: str, log: ContactLog, whole: ContactLog) -> Any:
    """Return a fact of a log that is all or a part (some replications) of ``whole``."""
    if name not in OF_THE_WHOLE:
        return FACTS[name](log)
    known = memory_of(whole.frame)
    if name not in known:
        known[name] = FACTS[name](whole)
    return known[name]


def with_facts(log: ContactLog, needs: set[str], whole: ContactLog | None = None) -> pd.DataFrame:
    """Return the frame of the log with the facts that metrics with these needs may use."""
    columns = {
        name: fact(name, log, log if whole is None else whole)
        for name in FACTS
        if name not in COSTLY or COSTLY[name] in needs
    }
    return log.frame.assign(**columns)
