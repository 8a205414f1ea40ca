"""Moments: the numbers by which a replayed desk and the recorded one are held together.

Every moment is a ratio of sums over the local days of a window, m = g(sum a_d / sum c_d) with g
the identity or the logarithm, so that its error follows from the days (delta method). What is
random in a recorded moment once the arrivals are given is the difference of each day from the
mean of its replays; its long-run variance takes the days with their neighbours (Bartlett weights,
the moving-block bootstrap in closed form: Künsch 1989).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from svcsim import compiler
from svcsim.calendar.days import local_day, midnight
from svcsim.contacts.log import ContactLog
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span
from svcsim.study.daily_sums import DailySums
from svcsim.text import Text

Floats = NDArray[np.float64]

PARTS = {
    "day": Text("working hours (Mon-Fri 8-18)", "工作时段（周一至周五 8–18 点）"),
    "evening": Text("evenings and nights (Mon-Fri)", "晚间与夜间（周一至周五）"),
    "weekend": Text("weekends", "周末"),
}
"""Parts of the week; contacts belong to the part in which they were opened."""
LEAST = 50
"""Contacts below which a moment of a part of the week is left out."""
LIMITS = (3600.0, 4 * 3600.0, 24 * 3600.0)
"""Times to first response of which one is counted on: where the history is nearest to half."""

LABELS = {
    "frt": Text("first responses of tickets, {part}", "工单首次响应时间，{part}"),
    "wait": Text("waits of live contacts, {part}", "实时渠道等待时间，{part}"),
    "mean_wait": Text("mean wait of live contacts", "实时渠道平均等待"),
    "level": Text("live contacts answered within 20 s", "实时渠道 20 秒内接起占比"),
    "in_time": Text("tickets answered within {hours} h", "{hours} 小时内首次响应的工单占比"),
    "abandon": Text("live contacts abandoned", "实时渠道放弃占比"),
    "backlog": Text("tickets open at the end of a day", "每日结束时未结工单"),
    "resolved": Text("contacts resolved a day", "每日解决量"),
    "repeat": Text("repeat contacts per resolved contact", "每条已解决联络的重复来访"),
    "handling": Text("handling time", "处理时间"),
    "spread": Text("spread of daily volumes", "每日来量的离散程度"),
}
LOGS = ("mean_wait", "resolved", "repeat", "abandon", "handling", "spread")
"""Kinds of moment that are the logarithm of their ratio."""


def label_of(name: str) -> Text:
    """Return what a moment is called in sentences: ``frt.day``, ``in_time.4``, ``backlog``."""
    kind, _, rest = name.partition(".")
    blanks = {"frt": "part", "wait": "part", "in_time": "hours"}
    if kind not in blanks:
        return LABELS[kind]
    return LABELS[kind].fill(**{blanks[kind]: PARTS.get(rest, rest)})


@dataclass(frozen=True)
class Moments:
    """Which moments are taken of a log, and the days by which they are summed."""

    names: tuple[str, ...]
    live: tuple[str, ...]
    edges: tuple[float, ...]
    """Local midnights: the days of the window and the end of the last."""
    weekdays: tuple[int, ...]
    expected: tuple[float, ...] = ()
    """New contacts expected on each day, for the spread of volumes."""

    @classmethod
    def of(cls, observed: ContactLog, model: ServiceModel, beside: tuple[str, ...] = ()) -> Moments:
        """Choose the moments that the window of a log bears.

        ``beside`` names kinds that replays of real arrivals leave as they are (``handling``,
        ``spread``): nothing to tune by, but they tell parameters apart.
        """
        first, day = local_day(observed.start, observed.timezone), timedelta(days=1)
        number = (local_day(observed.end - 1, observed.timezone) - first).days + 1
        edges = tuple(float(midnight(first + i * day, observed.timezone)) for i in range(number))
        live = tuple(name for name, channel in model.channels.items() if channel.mode == "live")
        every = cls(
            (), live, (*edges, float(observed.end)),
            tuple((first + i * day).weekday() for i in range(number)),
            _expected(observed, edges),
        )  # fmt: skip
        names = [f"{kind}.{part}" for kind in ("frt", "wait") for part in PARTS]
        names += ["mean_wait", "level", "abandon", "backlog", "resolved", "repeat", *beside]
        names += [f"in_time.{limit / 3600:g}" for limit in LIMITS]
        totals = cls(tuple(names), live, every.edges, every.weekdays, every.expected)(observed)
        sums, counts = totals.sum(axis=2)
        borne = [
            name
            for name, a, c in zip(names, sums, counts, strict=True)
            if _bears(name, a, c) and not (name == "repeat" and _no_repeats(model))
        ]
        shares = {n: a / c for n, a, c in zip(names, sums, counts, strict=True) if n in borne}
        limits = sorted((n for n in borne if "in_time" in n), key=lambda n: abs(shares[n] - 0.5))
        kept = tuple(name for name in borne if name not in limits[1:])
        return cls(kept, live, every.edges, every.weekdays, every.expected)

    def __call__(self, log: ContactLog) -> Floats:
        """Return numerators and denominators by moment and day: shape (2, moments, days)."""
        seen = DailySums(log, self.live, self.edges, self.weekdays, self.expected)
        return np.array(
            [[seen.sums(name) for name in self.names], [seen.counts(name) for name in self.names]]
        )

    @property
    def labels(self) -> tuple[Text, ...]:
        """What the moments are called."""
        return tuple(label_of(name) for name in self.names)

    @property
    def logs(self) -> NDArray[np.bool_]:
        """Which moments are the logarithm of their ratio."""
        return np.array([name.partition(".")[0] in LOGS for name in self.names])

    def value(self, totals: Floats) -> Floats:
        """Return the moments of totals (any leading axes before moment and day are kept)."""
        sums, counts = np.moveaxis(totals.sum(axis=-1), -2, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = sums / counts
            # half an event: a replay without any must not give minus infinity
            return np.asarray(np.where(self.logs, np.log(np.maximum(ratio, 0.5 / counts)), ratio))

    def influence(self, totals: Floats, mean: Floats) -> Floats:
        """Return what each day adds to the difference of a log from the mean of its replays.

        g'(m) [(a_d - A_d) - m (c_d - C_d)] / C, with the replays' means in capitals and m = A / C.
        """
        sums, counts = mean.sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = sums / counts
            slope = np.where(self.logs, 1.0 / np.maximum(ratio, 0.5 / counts), 1.0)
            scale = (slope / counts)[:, None]
        gap = totals - mean
        out = scale * (gap[..., 0, :, :] - ratio[:, None] * gap[..., 1, :, :])
        return np.asarray(np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0))


def long_run(days: Floats, lags: int, centre: bool = True) -> Floats:
    """Return the covariance of the sums of ``days`` (moments x days), neighbours included.

    sum over lags h of (1 - |h| / (lags + 1)) sum_d x_d x'_{d+h}; days less their mean and scaled
    by D / (D - 1), unless their mean is known to be 0.
    """
    number = days.shape[1]
    x = days - days.mean(axis=1, keepdims=True) if centre else days
    out = x @ x.T
    for lag in range(1, min(lags, number - 2) + 1):
        part = x[:, lag:] @ x[:, :-lag].T
        out += (1.0 - lag / (lags + 1.0)) * (part + part.T)
    return np.asarray(out * number / max(number - 1.0, 1.0) if centre else out)


def replayed(
    model: ServiceModel,
    span: Span,
    moments: Moments,
    *,
    replications: int,
    seed: int,
    workers: int | None = None,
) -> Floats:
    """Return the totals of every replication: (replications, 2, moments, days).

    Best values are not redrawn and chance is that of (seed, replication): common to all models.
    """
    jobs = min(workers or os.cpu_count() or 1, replications)
    # The compiled clock lets go of the interpreter lock: threads share its code and the cases.
    backend = "threading" if compiler.available() else "loky"
    tasks = (
        delayed(_one)(model, span, moments, seed, replication)
        for replication in range(1, replications + 1)
    )
    return np.array(Parallel(n_jobs=jobs, backend=backend)(tasks))


def _one(model: ServiceModel, span: Span, moments: Moments, seed: int, replication: int) -> Floats:
    log = simulate(
        model, span.horizon, seed=seed, replication=replication, opening=span.opening,
        cases=span.cases, redraw_parameters=False, named=False,
    )  # fmt: skip
    return moments(log)


def _expected(observed: ContactLog, edges: tuple[float, ...]) -> tuple[float, ...]:
    """Return the mean new contacts of each day's weekday in the window."""
    frame = observed.frame
    new = frame["opened_s"].to_numpy()[~(frame["contact_no"].to_numpy(dtype=float) > 1)]
    new = new[(new >= edges[0]) & (new < observed.end)]
    counts = np.bincount(np.searchsorted(edges, new, "right") - 1, minlength=len(edges))
    by = pd.Series(counts, dtype=float).groupby(np.arange(len(edges)) % 7)
    return tuple(float(x) for x in np.maximum(by.transform("mean"), 0.5))


def _bears(name: str, sums: float, counts: float) -> bool:
    """Tell whether a window has enough of what a moment averages."""
    kind = name.partition(".")[0]
    if kind == "backlog":
        return bool(sums / max(counts, 1.0) >= np.log1p(2.0))
    if kind in ("resolved", "spread"):
        return bool(sums > 0)
    if kind in ("level", "in_time", "abandon", "repeat"):
        # shares of hardly anybody, or of nearly everybody, tell nothing
        rest = counts - sums if kind != "repeat" else sums
        return bool(counts >= LEAST and sums >= 20 and rest >= 20)
    return bool(counts >= LEAST and sums > 0)


def _no_repeats(model: ServiceModel) -> bool:
    return all(category.repeat.value == 0 for category in model.categories.values())
