"""Simulated desks for the benchmark of detectors: clean ones, and ones where somebody cheats a KPI.

Behaviours that the simulator knows (R9) are switched on in the data of a desk; the others are put
into the simulated log by the rule that each function states.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import prepare, simulate
from svcsim.model.service import ServiceModel
from svcsim.spec import read_yaml

START = date(2025, 2, 3)
WARM_UP = 26
TAIL = 8
PERIODS = {"month": ("2025-03", 31), "quarter": ("2025-03-01/2025-06-01", 92)}
SHORT_SHARE, SHORT_SCATTER = 0.03, 0.003
"""Clean desks have short handlings as well: 3 %, with correlation .003 within an agent."""
Data = dict[str, Any]
Rule = Callable[[ContactLog, np.random.Generator, float], tuple[ContactLog, set[str]]]


# -- desks ------------------------------------------------------------------------------------


def sample() -> Data:
    """The sample desk as plain data."""
    return copy.deepcopy(read_yaml(str(files("svcsim.samples").joinpath("truth.yaml"))))


def variant(seed: int) -> Data:
    """The sample desk with other volumes, shares, handling times, agents and returns."""
    rng, data = np.random.default_rng(seed), sample()
    data["arrivals"]["level"] = int(790 * rng.uniform(0.8, 1.12))
    shares = rng.dirichlet(np.array([36, 28, 23, 13]) * 0.6)
    for one, share in zip(data["categories"].values(), np.round(shares, 3), strict=True):
        one["share"] = f"{100 * share:.1f}%"
        one["handling"]["cv"] = float(round(rng.uniform(0.5, 1.3), 2))
        one["reopen"] = f"{rng.uniform(2, 9):.1f}%"
        one["again"] = f"{rng.uniform(10, 40):.1f}%"
    last = [*data["categories"].values()][-1]
    rest = sum(float(one["share"][:-1]) for one in data["categories"].values()) - 100
    last["share"] = f"{float(last['share'][:-1]) - rest:.1f}%"
    for one in data["agents"].values():
        one["speed"] = float(round(np.exp(rng.normal(0, 0.15)), 2))
        one["quality"] = float(round(rng.normal(0, 0.3), 2))
    data["routing"]["own_first"] = bool(rng.random() < 0.5)
    return data


VARIANTS: Mapping[str, Callable[[], Data]] = {
    "sample desk": sample,
    "variant 1": lambda: variant(11),
    "variant 2": lambda: variant(12),
    "specialists first": lambda: _with(sample(), ("routing", "by_preference", True)),
}


def _with(data: Data, change: tuple[str, str, Any]) -> Data:
    part, name, value = change
    data[part][name] = value
    return data


def history(data: Data, replication: int, period: str = "month") -> tuple[ContactLog, Any]:
    """One simulated period of a desk with natural short handlings, and its prepared setting."""
    model = ServiceModel.from_data(data, "truth.yaml")
    horizon = Horizon(START, WARM_UP + PERIODS[period][1], TAIL)
    keys: dict[str, Any] = {"seed": 5, "replication": replication, "redraw_parameters": False}
    log = simulate(model, horizon, **keys)
    setting = prepare(model, horizon, **keys) if "behaviour" in data else None
    return cut_short(log, np.random.default_rng([7, replication])), setting


def cut_short(
    log: ContactLog, rng: np.random.Generator, scatter: float = SHORT_SCATTER
) -> ContactLog:
    """Some handlings are naturally under 10 s; agents differ in how many."""
    weight = 1 / scatter - 1
    names = sorted(log.frame["agent"].dropna().unique())
    drawn = rng.beta(SHORT_SHARE * weight, (1 - SHORT_SHARE) * weight, len(names))
    own = log.frame["agent"].map(dict(zip(names, drawn, strict=True))).fillna(0).to_numpy(float)
    short = rng.random(len(log)) < own
    handle = np.where(short, rng.uniform(1, 9, len(log)), log.frame["handle_s"])
    return replace(log, frame=log.frame.assign(handle_s=handle))


def flat(log: ContactLog) -> ContactLog:
    """The log as a plain export has it: no spells of work, nobody says which replies are empty."""
    return replace(unsaid(log), work=None, staffed=None)


def unsaid(log: ContactLog) -> ContactLog:
    """The log of a desk that does not know which replies are empty."""
    return replace(log, frame=log.frame.assign(empty_reply=np.nan))


def unlabelled(log: ContactLog) -> ContactLog:
    """The plain log without labels of difficulty."""
    return replace(flat(log), frame=flat(log).frame.assign(difficulty=pd.Series(None, dtype="str")))


SEEN: Mapping[str, Callable[[ContactLog], ContactLog]] = {
    "whole": lambda log: log,
    "unsaid": unsaid,
    "plain": flat,
    "unlabelled": unlabelled,
}
"""What the detector gets to see of a simulated log."""


# -- behaviours put into a log ------------------------------------------------------------------


def someone(log: ContactLog, rng: np.random.Generator) -> str:
    """An agent of the first line, by chance."""
    names = log.frame.loc[log.frame["team"] == "L1", "agent"].value_counts()
    return str(rng.choice(sorted(names.index[names > 50])))


def hang_up(log: ContactLog, rng: np.random.Generator, share: float) -> tuple[ContactLog, set[str]]:
    """Of one agent's handlings that share lasts 1-9 s."""
    who = someone(log, rng)
    hit = (log.frame["agent"] == who).to_numpy() & (rng.random(len(log)) < share)
    handle = np.where(hit, rng.uniform(1, 9, len(log)), log.frame["handle_s"])
    return replace(log, frame=log.frame.assign(handle_s=handle)), {who}


def macro(log: ContactLog, rng: np.random.Generator, share: float) -> tuple[ContactLog, set[str]]:
    """One agent answers that share of tickets 60-64 s after they were opened, and works later."""
    who = someone(log, rng)
    frame = log.frame
    hit = (frame["agent"] == who).to_numpy() & frame["wait_s"].isna().to_numpy()
    hit &= (frame["first_response_s"] > frame["opened_s"] + 70).to_numpy()
    hit &= rng.random(len(log)) < share
    first = np.where(
        hit, frame["opened_s"] + rng.integers(60, 65, len(log)), frame["first_response_s"]
    )
    return replace(log, frame=frame.assign(first_response_s=first)), {who}


def moved(log: ContactLog, rng: np.random.Generator, share: float) -> tuple[ContactLog, set[str]]:
    """Of everybody's resolutions up to 10 % after 8 h that share is dated just under 8 h."""
    return _moved(log, rng, share, "resolved_s", 8 * 3600.0), {""}


def answered(
    log: ContactLog, rng: np.random.Generator, share: float
) -> tuple[ContactLog, set[str]]:
    """Of everybody's first responses up to 10 % after 2 h that share is dated just under 2 h."""
    return _moved(log, rng, share, "first_response_s", 2 * 3600.0), {""}


def _moved(
    log: ContactLog, rng: np.random.Generator, share: float, stamp: str, limit: float
) -> ContactLog:
    took = (log.frame[stamp] - log.frame["opened_s"]).to_numpy()
    hit = (took > limit) & (took <= 1.1 * limit) & (rng.random(len(log)) < share)
    took = np.where(hit, np.round(limit * rng.uniform(0.9, 1.0, len(log))), took)
    return replace(log, frame=log.frame.assign(**{stamp: log.frame["opened_s"] + took}))


def too_early(
    log: ContactLog, rng: np.random.Generator, share: float
) -> tuple[ContactLog, set[str]]:
    """Of one agent's resolutions that share was declared 1-20 h before, and reopened since."""
    who = someone(log, rng)
    return _reopened(log, rng, share, (log.frame["agent"] == who).to_numpy()), {who}


def month_end(
    log: ContactLog, rng: np.random.Generator, share: float
) -> tuple[ContactLog, set[str]]:
    """Everybody declares that share early in the last three days of the period."""
    last = log.end - 3 * 86400.0
    late = (log.frame["first_resolved_s"] >= last).to_numpy()
    return _reopened(log, rng, share, late), {""}


def _reopened(
    log: ContactLog, rng: np.random.Generator, share: float, among: np.ndarray
) -> ContactLog:
    frame = log.frame
    hit = among & frame["first_resolved_s"].notna().to_numpy() & (rng.random(len(log)) < share)
    again = frame["first_resolved_s"] + rng.uniform(1, 20, len(log)) * 3600
    resolved = np.where(hit, np.maximum(again, frame["resolved_s"]), frame["resolved_s"])
    soon = np.where(hit, np.minimum(resolved, again), resolved)
    reopens = frame["reopens"] + hit
    return replace(flat(log), frame=frame.assign(resolved_s=soon, reopens=reopens))


def own_tickets(
    log: ContactLog, rng: np.random.Generator, number: float
) -> tuple[ContactLog, set[str]]:
    """One agent opens and closes so many tickets a month for a customer of the agent's name."""
    who = someone(log, rng)
    begin = log.start + WARM_UP * 86400
    months = max(round((log.end - begin) / (31 * 86400)), 1)
    mine = log.frame[(log.frame["agent"] == who) & log.frame["wait_s"].isna()]
    mine = mine[(mine["first_response_s"] >= begin) & (mine["first_response_s"] < log.end)]
    made = mine.sample(int(number) * months, random_state=int(rng.integers(1 << 30)))
    at = made["first_response_s"].to_numpy()
    made = made.assign(
        ticket_id=[f"own{i}" for i in range(len(made))],
        case_id=[f"O{i}" for i in range(len(made))],
        customer=who, opened_s=at, queued_s=at, first_response_s=at + 60, first_resolved_s=at + 90,
        resolved_s=at + 90, closed_s=at + 90, handle_s=80.0, handlings=1.0, transfers=0.0,
        reopens=0.0, csat=np.nan, survey_s=np.nan, survey_sent=0.0,
    )  # fmt: skip
    return replace(log, frame=pd.concat([log.frame, made], ignore_index=True)), {who}


def steer(log: ContactLog, rng: np.random.Generator, share: float) -> tuple[ContactLog, set[str]]:
    """One agent does not ask that share of those who waited longer than half or came back."""
    who, frame = someone(log, rng), log.frame
    wait = frame["first_response_s"] - frame["opened_s"]
    unhappy = (wait > wait.median()) | (frame["reopens"] > 0) | (frame["contact_no"] > 1)
    hit = (unhappy & (frame["agent"] == who)).to_numpy() & (rng.random(len(log)) < share)
    hit &= frame["survey_sent"].notna().to_numpy()
    lost = {name: frame[name].mask(hit) for name in ("csat", "survey_s")}
    return replace(
        log, frame=frame.assign(survey_sent=frame["survey_sent"].mask(hit, 0.0), **lost)
    ), {who}


def reassign(
    log: ContactLog, rng: np.random.Generator, share: float
) -> tuple[ContactLog, set[str]]:
    """Of one agent's ratings of 1 or 2 that share is put under another name."""
    who, frame = someone(log, rng), log.frame
    hit = (frame["agent"] == who).to_numpy() & (frame["csat"] <= 2).to_numpy()
    hit &= rng.random(len(log)) < share
    other = sorted(set(frame["agent"].dropna()) - {who})[0]
    return replace(log, frame=frame.assign(agent=frame["agent"].mask(hit, other))), {who}
