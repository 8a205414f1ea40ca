"""Side tables put beside a log, and what messages and stages tell of single contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WAITS_FOR_DESK = ("new", "open", "hold")
"""Stages in which the customer waits for the desk."""
DESKS_TURN = ("new", "open")
"""Stages in which it is the agents' turn."""


def with_tables(log: ContactLog, frames: Mapping[str, pd.DataFrame]) -> ContactLog:
    """Return the log with side tables; messages and stages fill columns that it does not hold.

    What a contact's own columns say stays; a contact that the table does not know keeps nothing.
    """
    found: dict[str, pd.Series] = {}
    if "messages" in frames:
        found |= of_messages(frames["messages"])
    if "stages" in frames:
        found |= of_stages(frames["stages"], log.observed_until)
    frame = log.frame
    if found:
        ticket = frame["ticket_id"].astype("str")
        filled = {
            name: frame[name].where(frame[name].notna(), ticket.map(values))
            for name, values in found.items()
        }
        frame = frame.assign(**filled)
    return replace(log, frame=frame, tables={**log.tables, **frames})


def of_messages(messages: pd.DataFrame) -> dict[str, pd.Series]:
    """Return columns of contacts, by ticket.

    A turn of the customer is a run of the customer's messages; it is answered by the next public
    reply of a person. Machines and internal notes neither answer nor interrupt a turn. At one
    instant the customer comes first.
    """
    public = messages[messages["author"].isin(["customer", "agent"])]
    customer = (public["author"] == "customer").to_numpy()
    order = np.lexsort((~customer, public["time_s"].to_numpy(), public["ticket_id"].to_numpy(str)))
    rows, customer = public.iloc[order].reset_index(drop=True), customer[order]
    ticket, time = rows["ticket_id"].to_numpy(str), rows["time_s"].to_numpy()
    same = np.r_[False, ticket[1:] == ticket[:-1]]
    begins = customer & ~(same & np.r_[False, customer[:-1]])
    answers = ~customer & same & np.r_[False, customer[:-1]]
    begun = np.where(begins, time, np.nan)
    start = pd.Series(begun).ffill().to_numpy()
    turns = pd.DataFrame({"ticket": ticket[answers], "wait": (time - start)[answers]})
    of_ticket = turns.groupby("ticket")["wait"]
    talk = pd.Series(customer).groupby(ticket)
    reply = pd.Series(~customer).groupby(ticket)
    notes = messages[messages["author"] == "note"]
    moved = rows[~customer & (rows["moves"] == 1).to_numpy()]
    every = pd.Index(messages["ticket_id"].dropna().unique())
    return {
        "replies": reply.sum().reindex(every, fill_value=0).astype(float),
        "customer_messages": (talk.sum() - 1).clip(lower=0).reindex(every, fill_value=0.0),
        "commenters": notes.groupby("ticket_id")["agent"].nunique().reindex(every, fill_value=0.0),
        "meaningful_s": moved.groupby("ticket_id")["time_s"].min(),
        "turns": of_ticket.size().reindex(every, fill_value=0).astype(float),
        "turn_wait_s": of_ticket.sum().reindex(every, fill_value=0.0),
    }


def of_stages(stages: pd.DataFrame, until: float) -> dict[str, pd.Series]:
    """Return seconds of contacts in kinds of stages, by ticket; a running one ends at ``until``."""
    seconds = stage_seconds(stages, until)
    stage, customer = stages["stage"].str.lower(), waits_for_customer(stages)

    def total(among: pd.Series) -> pd.Series:
        return pd.Series(np.where(among, seconds, 0.0)).groupby(stages["ticket_id"]).sum()

    return {
        "requester_wait_s": total(stage.isin(WAITS_FOR_DESK)),
        "desk_turn_s": total(stage.isin(DESKS_TURN)),
        "pending_customer_s": total(customer),
    }


def waits_for_customer(stages: pd.DataFrame) -> pd.Series:
    """Return which stages wait for the customer: those that say so, or say nothing as pending."""
    turn = stages["waiting_for"]
    return (turn == "customer") | (turn.isna() & (stages["stage"].str.lower() == "pending"))


def stage_seconds(stages: pd.DataFrame, until: float) -> Floats:
    """Return how long each visit of a stage lasted, up to the end of knowledge."""
    end = np.fmin(stages["end_s"].fillna(until).to_numpy(), until)
    return np.asarray(np.maximum(end - stages["start_s"].to_numpy(), 0.0), dtype=np.float64)
