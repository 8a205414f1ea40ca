"""Several live contacts at once: how much each slows the others, and how many an agent takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from svcsim.calibration.estimator import Z90, Estimator, category_of
from svcsim.calibration.groups import channel_modes
from svcsim.contacts.log import ContactLog
from svcsim.model.handling import Chats
from svcsim.model.quantity import Factor
from svcsim.model.staffing import Agent
from svcsim.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEVERAL = 0.15
"""Share of a channel's contacts that must begin while another one of the agent is going on."""
OVERLAP = 10.0
"""Seconds that two contacts must go on together: clocks and wrap-up overlap by less."""
FEW_CHATS = 200
"""Chats from which the most at once is the agent's own number, and slowing down is learned."""
MOST = 0.99
MOST_SLOTS = 20
STEEPEST = 3.0
"""Largest slow-down looked for."""
LEAST_SPREAD = 0.01
"""Spread of log work below which durations count as copies of each other."""


@dataclass(frozen=True)
class _Chats:
    """Chats of known agents: rows of the frame, begin, end, codes of agent and category."""

    row: Ints
    begin: Floats
    end: Floats
    agent: Ints
    kind: Ints


class ChatsEstimator(Estimator):
    """Learn `Chats.slowdown` and the slots of agents from live contacts that overlap.

    Each of ``k`` chats of an agent goes ``s(k) = 1 / (1 + slowdown (k - 1))`` as fast, so a chat
    holds the work ``W = integral of s(k(t)) dt`` over its duration. The slow-down maximises
    ``sum log f(W_i) + log s(k at the end of i)``, the density of the durations, with ``f``
    lognormal or gamma (whichever fits better) around a mean by category and by agent. A duration
    taken for work would hold the waiting for the others as well.

    Learned only where 15 % of a live channel's contacts begin while another one of the same agent
    goes on for 10 s or more, and 200 chats are known; else everybody serves one at a time.

    Attributes
    ----------
    chats_ : Chats
    channels_ : tuple of str
        Channels on which agents serve several at once.
    slots_ : dict of agent to int
        99 % quantile of chats at once, at the moments a chat begins: of the agent with 200 chats,
        else of all together.
    """

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log``."""
        self.chats_ = Chats()
        self.slots_: dict[str, int] = {}
        self.channels_: tuple[str, ...] = ()
        live = [name for name, mode in channel_modes(log).items() if mode == "live"]
        self.channels_ = tuple(name for name in live if _several(_chats_of(log, (name,))))
        if not self.channels_:
            return self
        chats = _chats_of(log, self.channels_)
        if len(chats.row) < FEW_CHATS:
            self.channels_ = ()
            return self
        self._slow(chats)
        self._slots(log.frame, chats)
        self._chats = chats
        self._tell(live)
        return self

    def as_work(self, log: ContactLog) -> ContactLog:
        """Return the log with the work of chats, not their duration, as handling time."""
        if not self.channels_:
            return log
        seconds = log.frame["handle_s"].to_numpy(float).copy()
        pieces = _pieces(self._chats)
        seconds[self._chats.row] = _work(pieces, self.chats_.slowdown.value, len(self._chats.row))
        return replace(log, frame=log.frame.assign(handle_s=seconds))

    def with_slots(self, agents: dict[str, Agent]) -> dict[str, Agent]:
        """Return the agents with as many slots as they were seen to use."""
        return {
            name: agent.model_copy(update={"slots": self.slots_.get(name, self._usual)})
            if self.channels_
            else agent
            for name, agent in agents.items()
        }

    def _slow(self, chats: _Chats) -> None:
        pieces = _pieces(chats)

        def loss(slowdown: float) -> float:
            return -_fit(chats, pieces, slowdown)

        best = minimize_scalar(loss, bounds=(0.0, STEEPEST), method="bounded").x
        value, step = float(best), 0.02
        bend = (loss(value + step) - 2 * loss(value) + loss(max(value - step, 0.0))) / step**2
        error = float(bend**-0.5) if bend > 0 else STEEPEST
        low, high = max(value - Z90 * error, 0.0), value + Z90 * error
        work, length = _work(pieces, value, len(chats.row)), chats.end - chats.begin
        self._excess = float(length.sum() / work.sum())
        self.chats_ = Chats(
            slowdown=Factor(
                value=value,
                interval=(low, high),
                n=len(chats.row),
                grade="measured",
                how="durations of chats against how many went on at once (work-clock likelihood)",
            )
        )

    def _slots(self, frame: pd.DataFrame, chats: _Chats) -> None:
        """Count chats at once just after each begins."""
        at_once = _at_begin(chats)
        names = frame["agent"].to_numpy()[chats.row]
        together = pd.Series(at_once).groupby(names)
        self._usual = _most(at_once)
        self.slots_ = {
            str(name): _most(own.to_numpy()) if len(own) >= FEW_CHATS else self._usual
            for name, own in together
        }

    def _tell(self, live: list[str]) -> None:
        slow = self.chats_.slowdown
        assert slow.interval is not None
        named = ", ".join(self.channels_)
        self.notes_.append(
            Text(
                f"chats: on {named} agents serve up to {self._usual} at once; each further one "
                f"slows the others by {slow.value:.0%} of the pace of one (90 % interval "
                f"{slow.interval[0]:.0%} to {slow.interval[1]:.0%}); handling is their work, "
                f"durations are {self._excess:.2f} times as long",
                f"会话：{named} 渠道上坐席最多同时接待 {self._usual} 个；"
                f"每多一个，其余各个按单个速度的 {slow.value:.0%} 放慢"
                f"（90% 区间 {slow.interval[0]:.0%} 至 {slow.interval[1]:.0%}）；"
                f"处理时间取其工作量，时长是工作量的 {self._excess:.2f} 倍",
            )
        )
        single = [name for name in live if name not in self.channels_]
        if single:
            self.notes_.append(
                Text(
                    f"chats: slots count for every live channel of the model, so also for "
                    f"{', '.join(single)}, where agents serve one at a time",
                    f"会话：模型中的并行数对所有实时渠道有效，因此也用于 {'、'.join(single)}，"
                    "而这些渠道上实际一次只接待一个",
                )
            )


def _chats_of(log: ContactLog, channels: tuple[str, ...]) -> _Chats:
    """Return the answered contacts of channels, as long as they held a place at their agent.

    A contact begins at its answer and ends after its recorded handling time, which holds the
    wrap-up; where none is recorded, at its resolution.
    """
    frame = log.frame
    begin = frame["first_response_s"]
    end = (begin + frame["handle_s"].where(frame["handle_s"] > 0)).fillna(frame["resolved_s"])
    use = frame["channel"].isin(channels) & frame["agent"].notna() & (end > begin)
    once = frame["transfers"].fillna(0).eq(0) & frame["reopens"].fillna(0).eq(0)
    row = np.flatnonzero(use & once)
    agent = pd.factorize(frame["agent"].iloc[row])[0].astype(np.int64)
    kind = pd.factorize(category_of(frame).iloc[row])[0].astype(np.int64)
    order = np.lexsort((begin.to_numpy()[row], agent))
    row = row[order]
    return _Chats(
        row, begin.to_numpy(float)[row], end.to_numpy(float)[row], agent[order], kind[order]
    )


def _several(chats: _Chats) -> bool:
    """Tell whether a good share of contacts begin while another of the agent goes on."""
    if len(chats.row) < FEW_CHATS:
        return False
    shift = _shift(chats)
    latest = np.maximum.accumulate(chats.end + shift)
    together = np.minimum(latest[:-1], (chats.end + shift)[1:]) - (chats.begin + shift)[1:]
    return bool((together >= OVERLAP).mean() >= SEVERAL)


def _shift(chats: _Chats) -> Floats:
    """Return an offset that sets the agents' times apart, one after the other."""
    span = float(chats.end.max() - chats.begin.min()) + 1.0
    return np.asarray(chats.agent * span - chats.begin.min(), dtype=np.float64)


@dataclass(frozen=True)
class _Pieces:
    """Spells of each chat in which the number at once did not change."""

    chat: Ints
    length: Floats
    at_once: Ints
    at_end: Ints
    """By chat: how many went on when it ended, itself included."""


def _pieces(chats: _Chats) -> _Pieces:
    shift = _shift(chats)
    begin, end = chats.begin + shift, chats.end + shift
    edges = np.unique(np.concatenate([begin, end]))
    change = np.zeros(len(edges) + 1, dtype=np.int64)
    first, last = np.searchsorted(edges, begin), np.searchsorted(edges, end)
    np.add.at(change, first, 1)
    np.add.at(change, last, -1)
    number = np.cumsum(change)
    size = last - first
    chat = np.repeat(np.arange(len(begin)), size)
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + first[chat]
    gap = np.diff(edges)
    return _Pieces(chat, gap[place], number[place], number[last - 1])


def _pace(slowdown: float, at_once: Ints) -> Floats:
    return np.asarray(1.0 / (1.0 + slowdown * (at_once - 1)), dtype=np.float64)


def _work(pieces: _Pieces, slowdown: float, chats: int) -> Floats:
    done = np.bincount(pieces.chat, pieces.length * _pace(slowdown, pieces.at_once), chats)
    return np.asarray(done, dtype=np.float64)


def _fit(chats: _Chats, pieces: _Pieces, slowdown: float) -> float:
    """Return the log likelihood of durations, means and shape of work at their best."""
    y = np.log(_work(pieces, slowdown, len(chats.row)))
    rest = y - y.mean()
    for _ in range(6):  # means by category and agent, by turns
        for code in (chats.kind, chats.agent):
            rest = rest - (np.bincount(code, rest) / np.maximum(np.bincount(code), 1))[code]
    density = max(_lognormal(rest), _gamma(rest)) - float(y.sum())
    return density + float(np.log(_pace(slowdown, pieces.at_end)).sum())


def _lognormal(rest: Floats) -> float:
    """Return the best log density of residuals of log work, normally distributed."""
    spread = max(float(rest.std()), LEAST_SPREAD)
    return -len(rest) * (float(np.log(spread)) + 0.5 * float(np.log(2 * np.pi)) + 0.5)


def _gamma(rest: Floats) -> float:
    """Return the best log density of residuals of log work, as logs of a gamma law.

    The shape solves ``log k - digamma(k) = log mean W - mean log W`` (Minka's approximation).
    """
    mean = float(np.exp(rest).mean())
    gap = max(float(np.log(mean) - rest.mean()), 0.5 * LEAST_SPREAD**2)
    shape = (3.0 - gap + np.sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap)
    scaled = rest - np.log(mean / shape)
    return float(shape * scaled.sum() - np.exp(scaled).sum() - len(rest) * gammaln(shape))


def _at_begin(chats: _Chats) -> Ints:
    """Return how many chats of its agent go on when each has begun, itself included."""
    shift = _shift(chats)
    begin, end = chats.begin + shift, np.sort(chats.end + shift)
    begun = np.searchsorted(np.sort(begin), begin, side="right")
    return np.asarray(begun - np.searchsorted(end, begin, side="right"), dtype=np.int64)


def _most(at_once: Ints) -> int:
    return int(np.clip(np.ceil(np.quantile(at_once, MOST)), 1, MOST_SLOTS))
