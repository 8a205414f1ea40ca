"""Who takes the easy contacts out of the queue and leaves the hard ones waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.text import Text, listed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_PICKS = 30
"""Fewer choices between contacts of different difficulty show nothing."""
MIN_KIND = 20
"""A kind of contact has an expected handling time from so many handlings."""
OWN_SHARE = 0.01
"""An agent serves a category that makes up this share of the agent's contacts, or five of them."""
WORTH = 0.2
"""Worth a look from this coefficient: odds of being taken, per doubling of the work, down 13 %."""


@dataclass(frozen=True)
class Picks:
    """First handlings with a choice: what was taken beside what was waiting.

    ``gain``: log expected work taken less the mean of those waiting; ``spread``: its variance if
    any of them had been taken alike.
    """

    agent: NDArray[np.object_]
    row: NDArray[np.int64]
    gain: Floats
    spread: Floats
    taken: Floats
    waiting: Floats


def find(scene: Scene) -> Tests | Text:
    """Return the coefficient of difficulty in what every agent takes from the queue.

    At the start of each first handling the contacts waiting in the same queue are the choice: same
    team, channel, priority, customer group and language, and of a category that the agent serves;
    where difficulty is labelled, also the same category, so that skills and specialities cannot
    show. Calls and chats are left out: they are given to agents. With x = log of the expected
    handling time of a contact's kind (category, difficulty), the conditional logit
    P(i taken) ∝ exp(β·x_i) has at β = 0 the score U = Σ(x_taken − mean x) and the information
    V = Σ var x; z = U/√V, coefficient β = U/V (one step), p = Φ(z).

    Who takes contacts in their order of arrival has β = 0, or above 0 beside a colleague who picks
    (the hard ones are left). Where the starts of handlings are proxies, long handlings seem to
    wait for long; then β is compared with the others' pooled one. ``share``, ``expected``: mean
    minutes of expected work taken and waiting; ``sure``: probability that β lies below −.2.
    Source: methods of discrete choice (McFadden 1974); one-step estimate from the score.
    """
    if not scene.knows("handle_s"):
        return Text(
            "handling times are not in the data, so no kind of contact is easy or hard",
            "数据没有处理时长，无法区分难易",
        )
    if scene.live.all():
        return Text(
            "all contacts are calls or chats, which agents are given and do not pick",
            "全部联络都是电话或在线会话，由系统分配，坐席无从挑选",
        )
    work = expected_work(scene)
    parts = list(_queues(scene, work))
    if not parts:
        return Text(
            "there was no choice: nobody took a contact while others of another difficulty waited "
            "in the same queue",
            "没有可挑的情形：接单时同一队列中没有难度不同的其他联络在等",
        )
    picks = Picks(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    table = _coefficients(picks, relative=not scene.timed)
    if table.empty:
        return Text(
            f"no agent chose {MIN_PICKS} times between contacts of different difficulty",
            f"没有坐席有 {MIN_PICKS} 次以上的难易选择",
        )

    def say(row: pd.Series) -> Text:
        return Text(
            "contacts taken from the queue are expected to last {own:.1f} min, those waiting "
            "beside them {rest:.1f} min ({n:.0f} choices, coefficient {beta:.2f}); please check",
            "从队列中接的工单预计 {own:.1f} 分钟，同时在等的为 {rest:.1f} 分钟"
            "（{n:.0f} 次选择，系数 {beta:.2f}），请核实",
        ).fill(own=row["share"], rest=row["expected"], n=row["n"], beta=row["beta"])

    def tickets(row: pd.Series) -> list[str]:
        mine = np.flatnonzero(picks.agent == row["unit"])
        order = mine[np.argsort(picks.gain[mine], kind="stable")]
        return [str(t) for t in scene.frame["ticket_id"].to_numpy()[picks.row[order[:20]]]]

    return Tests(table, say, tickets, _note(scene))


def _note(scene: Scene) -> Text:
    """Return what is a proxy here."""
    said = []
    if not scene.timed:
        said.append(
            Text(
                "starts of handlings are not in the data: taken from first responses, and agents "
                "are compared with each other",
                "数据没有处理开始时刻，以首次响应推算，并只在坐席之间比较",
            )
        )
    if not scene.knows("difficulty"):
        said.append(
            Text(
                "difficulty is not labelled, so the category stands for it: an agent who is given "
                "one category first looks like one who picks it",
                "数据没有难度标签，以类别代替：优先分到某一类别的坐席看上去也像在挑单",
            )
        )
    return listed(said) if said else Text("")


def expected_work(scene: Scene) -> Floats:
    """Return the log of the mean handling time of each contact's kind (NaN: too few handled)."""
    handled = scene.frame["handle_s"].where(scene.frame["handle_s"] > 0)
    groups = handled.groupby(scene.stratum)
    mean = groups.transform("mean").where(groups.transform("count") >= MIN_KIND)
    return np.asarray(np.log(mean.to_numpy(dtype=float)))


def _queues(scene: Scene, work: Floats) -> Iterator[tuple[NDArray[np.generic], ...]]:
    """Yield the columns of `Picks`, queue by queue."""
    frame, first = scene.frame, scene.first
    team = first["team"].astype("object").where(first["team"].notna(), frame["team"])
    keys = [frame[name].astype("object").fillna("-") for name in
            ("channel", "priority", "segment", "language")]  # fmt: skip
    category = frame["category"].astype("object").fillna("-")
    if frame["difficulty"].notna().any():
        keys.append(category)
    queue = pd.Series(list(zip(team.fillna("-"), *keys, strict=True)), index=frame.index)
    joined = scene.seconds("queued_s")
    left = np.fmin(first["start_s"].to_numpy(dtype=float), scene.seconds("abandoned_s"))
    left = np.fmin(left, scene.seconds("resolved_s"))
    left = np.where(np.isnan(left), np.inf, left)
    usable = np.isfinite(work) & np.isfinite(joined) & ~scene.live
    serves = _serves(first["agent"], category)
    picked = usable & first["agent"].notna().to_numpy() & first["start_s"].notna().to_numpy()
    start = first["start_s"].to_numpy(dtype=float)
    picked &= (start >= scene.span.start) & (start < scene.span.end)
    for rows in queue[usable].groupby(queue[usable]).indices.values():
        inside = np.flatnonzero(usable)[rows]
        taken = inside[picked[inside]]
        if len(taken) and len(np.unique(work[inside])) > 1:
            yield from _choices(inside, taken, start, joined, left, work, category, first, serves)


def _choices(
    inside: NDArray[np.int64], taken: NDArray[np.int64], start: Floats, joined: Floats,
    left: Floats, work: Floats, category: pd.Series, first: pd.DataFrame,
    serves: set[tuple[str, str]],
) -> Iterator[tuple[NDArray[np.generic], ...]]:  # fmt: skip
    """Yield the picks of one queue: how many of each kind waited at the instant of each."""
    at, agents = start[taken], first["agent"].to_numpy(dtype=object)[taken]
    count = np.zeros(len(taken))
    total, square, minutes = np.zeros((3, len(taken)))
    names = category.to_numpy(dtype=object)[inside]
    for name in pd.unique(names):
        may = np.fromiter(((agent, name) in serves for agent in agents), bool, len(agents))
        for x in np.unique(work[inside[names == name]]):
            kind = inside[(names == name) & (work[inside] == x)]
            # a contact waits from its joining to its own start, which still is a choice
            n = np.searchsorted(np.sort(joined[kind]), at, side="right")
            n = (n - np.searchsorted(np.sort(left[kind]), at, side="left")) * may
            count += n
            total += n * x
            square += n * x * x
            minutes += n * np.exp(x) / 60
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
        spread = square / count - mean**2
    use = (count >= 2) & (spread > 1e-9)
    own = work[taken]
    yield (
        agents[use], taken[use], (own - mean)[use], spread[use],
        np.exp(own)[use] / 60, (minutes[use] / count[use]),
    )  # fmt: skip


def _serves(agent: pd.Series, category: pd.Series) -> set[tuple[str, str]]:
    """Return who serves which category, by what they handled in the whole log."""
    pairs = pd.DataFrame({"agent": agent.astype("object"), "category": category}).dropna()
    count = pairs.value_counts()
    share = count / count.groupby("agent").transform("sum")
    return {(a, c) for a, c in count[(share >= OWN_SHARE) | (count >= 5)].index}


def _coefficients(picks: Picks, *, relative: bool) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "unit": picks.agent, "gain": picks.gain, "spread": picks.spread,
            "share": picks.taken, "expected": picks.waiting,
        }
    )  # fmt: skip
    groups = rows.groupby("unit")
    table = groups[["gain", "spread"]].sum().join(groups[["share", "expected"]].mean())
    table["n"] = groups.size()
    table = table[table["n"] >= MIN_PICKS]
    beta, error = table["gain"] / table["spread"], 1 / np.sqrt(table["spread"])
    if relative and len(table) > 1:
        whole = table[["gain", "spread"]].sum()
        elsewhere = (whole["spread"] - table["spread"]).clip(lower=1e-9)
        beta = beta - (whole["gain"] - table["gain"]) / elsewhere
        error = np.sqrt(error**2 + 1 / elsewhere)
    table = table.assign(kind="agent", beta=beta, p=ndtr(beta / error))
    table["sure"] = ndtr((-WORTH - beta) / error)
    table["strong"] = beta <= -WORTH
    return table.reset_index()
