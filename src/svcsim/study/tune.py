"""The one free factor, tuned by simulated moments: how long an agent is busy per handled minute.

Stamps tell how long contacts were handled, not what else holds agents up (notes, other systems,
meetings inside a shift). All of it goes into ``staffing.slowdown`` k: the value for which the
replayed desk waits as long as the real one did. Moment: on a live desk the mean wait of all
contacts, served or not (the length of the queue, by Little's law); for tickets the mean of
log(1 + time to first response), which a few very old tickets do not rule. Replications share
chance for all k, so the moment is smooth in k and the root is found by bisection (simulated method
of moments, McFadden 1989).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.model.quantity import Factor, Time
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span, replay, with_slowdown
from svcsim.study.pickup import with_pickup
from svcsim.text import Text

LOWEST, HIGHEST = 0.6, 1.8


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
    """Return the model whose replay of ``[start, end)`` waits as long as the log did."""
    span = Span.of(log, model, start, end)
    model, own = _at_the_pace_of(span, model, seed, replications, workers), model
    moment = _moment(model, span.observed)
    observed = moment(span.observed)
    error = _bootstrap_error(moment, span.observed)
    if not np.isfinite(observed) or not np.isfinite(error):
        nothing = Text(
            "no waits in the log to tune the busy time with",
            "数据中没有等待时间，无从调校占用系数",
        )
        return Tuned(own, 1.0, False, nothing)
    seen: dict[float, float] = {}

    def gap(k: float) -> float:
        if k not in seen:
            values = replay(
                with_slowdown(model, k), span, moment,
                replications=replications, seed=seed, redraw=False, workers=workers,
            )  # fmt: skip
            seen[k] = float(np.mean(values)) - observed
            if progress is not None:
                progress(len(seen), 9)
        return seen[k]

    low, high = 0.9, 1.15
    while gap(low) > 0 and low > LOWEST:
        high, low = low, max(low - 0.15, LOWEST)
    while gap(high) < 0 and high < HIGHEST:
        low, high = high, min(high + 0.25, HIGHEST)
    slope = (gap(high) - gap(low)) / np.log(high / low)
    if slope <= 0 or slope * np.log(1.3) < 2 * error:
        note = Text(
            "waits hardly depend on how busy agents are here, so the data cannot tell the busy "
            "time per handled minute; it is left at 1",
            "这里的等待几乎与坐席忙闲无关，数据看不出每处理一分钟实际占用多久，该系数保持 1",
        )
        if moment.use_live or gap(1.0) > -2 * error:
            return Tuned(own, 1.0, False, note)
        slow = with_pickup(
            own, log, start, end, seed=seed, replications=replications, workers=workers
        )
        more = Text(
            "{note}. First responses take longer than capacity explains: tickets wait to be "
            "picked up for as long as recorded, whatever the staffing, so more agents would not "
            "show here",
            "{note}。首次响应比产能所能解释的更慢：无论人数多少，工单都按记录的时长等人领取，"
            "所以增员在这里看不出效果",
        )
        note = more.fill(note=note)
        return Tuned(slow, 1.0, False, note, pickup=True)
    if gap(low) > 0 or gap(high) < 0:
        best = low if gap(low) > 0 else high
        note = Text(
            f"no busy time per handled minute between {LOWEST} and {HIGHEST} gives the waits of "
            f"the history; {best:g} comes closest: the roster or the handling times are off",
            f"占用系数在 {LOWEST} 到 {HIGHEST} 之间都得不出历史的等待，{best:g} 最接近："
            "班表或处理时间有偏差",
        )
        return Tuned(with_slowdown(own, best, how=note.en), best, False, note)
    for _ in range(5):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if gap(middle) < 0 else (low, middle)
    steep = max((gap(high) - gap(low)) / np.log(high / low), slope / 3)
    best = float(np.exp(np.log(low) - gap(low) / steep)) if steep > 0 else low
    best = float(np.clip(best, low, high))
    noise = float(np.hypot(error, error / np.sqrt(replications)))
    spread = min(1.645 * noise / steep, 0.35)
    days = (end - start).days
    how = (
        f"tuned so that a replay of {days} days waits as long as recorded "
        f"({moment.name} {observed:.3g} +- {1.645 * error:.2g})"
    )
    tuned = with_slowdown(
        own,
        best,
        interval=(best * float(np.exp(-spread)), best * float(np.exp(spread))),
        n=days,
        grade="proxy",
        how=how,
    )
    return Tuned(tuned, best, True, Text(""))


def mean_handling(log: ContactLog) -> float:
    """Return the mean handling time of the window's resolved contacts (NaN: not recorded)."""
    return float(evaluate(log, ["aht"], intervals=False)["value"].iloc[0])


def _at_the_pace_of(
    span: Span, model: ServiceModel, seed: int, replications: int, workers: int | None
) -> ServiceModel:
    """Return the model with handlings as long as they were in the span, weeks alike.

    Waits follow from handling times and busy time together. The span's handling times are known,
    so what they were off must not be taken for busy time that nobody recorded.
    """
    staffing = model.staffing.model_copy(update={"week_cv": Factor(value=0.0)})
    calm = model.model_copy(update={"staffing": staffing})
    seen = mean_handling(span.observed)
    if not np.isfinite(seen):
        return calm
    replayed = replay(
        calm, span, mean_handling, replications=replications, seed=seed, redraw=False,
        workers=workers,
    )  # fmt: skip
    pace = seen / float(np.mean(replayed))
    categories = {
        name: category.model_copy(
            update={
                "handling": category.handling.model_copy(
                    update={"mean": Time(value=category.handling.mean.value * pace)}
                )
            }
        )
        for name, category in model.categories.items()
    }
    return calm.model_copy(update={"categories": categories})


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
