"""The one free factor, tuned by simulated moments: how long an agent is busy per handled minute.

Stamps tell how long contacts were handled, not what else holds agents up (notes, other systems,
meetings inside a shift). All of it goes into ``staffing.slowdown`` k: the value for which the
replayed desk waits as long as the real one did. Moment: on a live desk the mean wait of all
contacts, served or not (the length of the queue, by Little's law); for tickets the mean of
log(1 + time to first response), which a few very old tickets do not rule. Replications share
chance for all k, so the moment is smooth in k and the root is found by Brent's method (simulated
method of moments, McFadden 1989).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from svcsim.contacts.log import ContactLog
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span, replay, with_slowdown
from svcsim.study.pace import at_the_pace_of
from svcsim.study.pickup import with_pickup
from svcsim.text import Text

LOWEST, HIGHEST = 0.6, 1.8
USUAL_STEPS = 7
"""Factors that are usually tried, for the progress shown."""

NO_WAITS = Text(
    "no waits in the log to tune the busy time with",
    "数据中没有等待时间，无从调校占用系数",
)
INDIFFERENT = Text(
    "waits hardly depend on how busy agents are here, so the data cannot tell the busy time per "
    "handled minute; it is left at 1",
    "这里的等待几乎与坐席忙闲无关，数据看不出每处理一分钟实际占用多久，该系数保持 1",
)
PICKED_UP = Text(
    "{note}. First responses take longer than capacity explains: tickets wait to be picked up for "
    "as long as recorded, whatever the staffing, so more agents would not show here",
    "{note}。首次响应比产能所能解释的更慢：无论人数多少，工单都按记录的时长等人领取，"
    "所以增员在这里看不出效果",
)
OUT_OF_RANGE = Text(
    f"no busy time per handled minute between {LOWEST} and {HIGHEST} gives the waits of the "
    "history; {best} comes closest: the roster or the handling times are off",
    f"占用系数在 {LOWEST} 到 {HIGHEST} 之间都得不出历史的等待，"
    "{best} 最接近：班表或处理时间有偏差",
)


@dataclass(frozen=True)
class Tuned:
    """Outcome of the tuning: the model and what to tell the reader."""

    model: ServiceModel
    factor: float
    identified: bool
    note: Text
    pickup: bool = False
    """Whether tickets got a delay before they are up for work."""


@dataclass(frozen=True)
class Moment:
    """Mean wait (live) or mean log(1 + time to first response) of the window's contacts."""

    live: tuple[str, ...]
    use_live: bool

    @property
    def name(self) -> str:
        """What is averaged, in words."""
        return "mean wait in seconds" if self.use_live else "mean log time to first response"

    def per_day(self, log: ContactLog) -> tuple[np.ndarray, np.ndarray]:
        """Return sums and counts of what is averaged, by day of the window."""
        frame = log.frame
        live = frame["channel"].isin(self.live).to_numpy()
        opened = frame["opened_s"].to_numpy()
        wait = np.where(
            live, frame["wait_s"].to_numpy(), frame["first_response_s"].to_numpy() - opened
        )
        use = (live == self.use_live) & (opened >= log.start) & (opened < log.end) & ~np.isnan(wait)
        day = ((opened[use] - log.start) // 86400).astype(int)
        days = int(np.ceil((log.end - log.start) / 86400))
        value = np.maximum(wait[use], 0.0)
        sums = np.bincount(day, value if self.use_live else np.log1p(value), minlength=days)
        return sums, np.bincount(day, minlength=days).astype(float)

    def __call__(self, log: ContactLog) -> float:
        """Return the moment of one log."""
        sums, counts = self.per_day(log)
        return float(sums.sum() / counts.sum()) if counts.sum() else float("nan")


def tune_slowdown(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    seed: int = 1,
    replications: int = 4,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Return the model whose replay of ``[start, end)`` waits as long as the log did.

    Where the waits of the span hardly depend on the factor it stays at 1; tickets that then still
    take longer to be answered than capacity explains get a delay (`with_pickup`).
    """
    effort: dict[str, Any] = {"seed": seed, "replications": replications, "workers": workers}
    span = Span.of(log, model, start, end)
    moment = _moment(model, span.observed)
    error = _bootstrap_error(moment, span.observed)
    if not np.isfinite(error):
        return Tuned(model, 1.0, False, NO_WAITS)
    gap = _Gap(at_the_pace_of(span, model, **effort), span, moment, effort, progress)
    low, high = _bracket(gap)
    slope = (gap(high) - gap(low)) / np.log(high / low)
    if slope <= 0 or slope * np.log(1.3) < 2 * error:
        if moment.use_live or gap(1.0) > -2 * error:
            return Tuned(model, 1.0, False, INDIFFERENT)
        slow = with_pickup(model, log, start, end, **effort)
        return Tuned(slow, 1.0, False, PICKED_UP.fill(note=INDIFFERENT), pickup=True)
    if gap(low) > 0 or gap(high) < 0:
        best = low if gap(low) > 0 else high
        note = OUT_OF_RANGE.fill(best=f"{best:g}")
        return Tuned(with_slowdown(model, best, how=note.en), best, False, note)
    best = float(np.exp(brentq(lambda x: gap(float(np.exp(x))), *np.log([low, high]), xtol=0.005)))
    # what the span shows is uncertain, and so is its replay
    spread = min(1.645 * error * float(np.sqrt(1 + 1 / replications)) / slope, 0.35)
    days = (end - start).days
    tuned = with_slowdown(
        model,
        best,
        interval=(best * float(np.exp(-spread)), best * float(np.exp(spread))),
        n=days,
        grade="proxy",
        how=f"tuned so that a replay of {days} days waits as long as recorded "
        f"({moment.name} {gap.observed:.3g} +- {1.645 * error:.2g})",
    )
    return Tuned(tuned, best, True, Text(""))


@dataclass
class _Gap:
    """Moment of the replays at a factor less that of the log; each factor is replayed once."""

    model: ServiceModel
    span: Span
    moment: Moment
    effort: dict[str, Any]
    progress: Callable[[int, int], None] | None
    seen: dict[float, float] = field(default_factory=dict)

    @property
    def observed(self) -> float:
        """Moment of the log."""
        return self.moment(self.span.observed)

    def __call__(self, k: float) -> float:
        """Return the gap at factor ``k``."""
        if k not in self.seen:
            values = replay(
                with_slowdown(self.model, k), self.span, self.moment, redraw=False, **self.effort
            )
            self.seen[k] = float(np.mean(values)) - self.observed
            if self.progress is not None:
                self.progress(len(self.seen), max(USUAL_STEPS, len(self.seen)))
        return self.seen[k]


def _bracket(gap: _Gap) -> tuple[float, float]:
    """Return factors between which the gap changes its sign, as far as the range allows."""
    low, high = 0.9, 1.15
    while gap(low) > 0 and low > LOWEST:
        high, low = low, max(low - 0.15, LOWEST)
    while gap(high) < 0 and high < HIGHEST:
        low, high = high, min(high + 0.25, HIGHEST)
    return low, high


def _moment(model: ServiceModel, observed: ContactLog) -> Moment:
    live = tuple(name for name, channel in model.channels.items() if channel.mode == "live")
    share = observed.frame["channel"].isin(live).mean() if live else 0.0
    return Moment(live, bool(share > 0.5))


def _bootstrap_error(moment: Moment, observed: ContactLog, draws: int = 400) -> float:
    """Return the standard error of the moment, resampling whole days."""
    sums, counts = moment.per_day(observed)
    keep = counts > 0
    if keep.sum() < 3:
        return float("nan")
    sums, counts = sums[keep], counts[keep]
    pick = np.random.default_rng(20240701).integers(0, len(sums), (draws, len(sums)))
    means = sums[pick].sum(axis=1) / counts[pick].sum(axis=1)
    return float(pd.Series(means).std())
