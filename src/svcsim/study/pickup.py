"""What capacity does not explain of the time to first response: the delay until a ticket is up.

Where agents have time to spare, tickets still wait: for triage, for the right group, for somebody
to look. The delay is what is left of the recorded first responses after those of a replay, quantile
by quantile; a category with few tickets takes the delay of all. It is a proxy: the
model keeps the delay as it is, whatever the staffing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration
from svcsim.model.quantity import Time
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span, replay

POINTS = 41
ROUNDS = 3
LEAST = 200
"""Tickets below which a category takes the delay of all."""


@dataclass(frozen=True)
class FirstResponses:
    """Category -> time to first response of the tickets opened in the window; ``""`` is all."""

    live: tuple[str, ...]
    categories: tuple[str, ...]

    def __call__(self, log: ContactLog) -> dict[str, NDArray[np.float64]]:
        """Return the answered tickets' times (with the day of opening kept for `spread`)."""
        frame = log.frame
        opened = frame["opened_s"].to_numpy()
        use = (opened >= log.start) & (opened < log.end) & ~frame["channel"].isin(self.live)
        rows = frame[use & frame["first_response_s"].notna()]
        times = (rows["first_response_s"] - rows["opened_s"]).to_numpy()
        names = rows["category"].where(rows["category"].isin(self.categories), "other").to_numpy()
        out = {name: times[names == name] for name in self.categories}
        out[""] = times
        return out


def with_pickup(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    seed: int,
    replications: int,
    workers: int | None = None,
) -> ServiceModel:
    """Return the model whose tickets wait for pickup as long as capacity leaves unexplained.

    The delay adds to waits that do not know of it, so differences of quantiles alone would spread
    too far: after the first round they are corrected by replays with the delay, twice.
    """
    span = Span.of(log, model, start, end)
    live = tuple(name for name, channel in model.channels.items() if channel.mode == "live")
    reduce = FirstResponses(live, tuple(model.categories))
    observed = reduce(span.observed)
    keys = {name: name if len(observed[name]) >= LEAST else "" for name in model.categories}
    target = {key: _quantiles(observed[key]) for key in {"", *keys.values()}}
    delay = {key: np.zeros(POINTS) for key in target}
    for _ in range(ROUNDS):
        runs = replay(
            model, span, reduce,
            replications=replications, seed=seed, redraw=False, workers=workers,
        )  # fmt: skip
        for key, law in delay.items():
            found = _quantiles(np.concatenate([run[key] for run in runs]))
            if np.isfinite(target[key] - found).all():
                delay[key] = np.maximum.accumulate(np.maximum(law + target[key] - found, 0.0))
        categories = {}
        for name, category in model.categories.items():
            pickup = _law(delay[keys[name]], observed[keys[name]])
            categories[name] = category.model_copy(update={"pickup": pickup})
        model = model.model_copy(update={"categories": categories})
    return model


def _quantiles(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantiles of times to first response (NaN below 20 tickets)."""
    if len(times) < 20:
        return np.full(POINTS, np.nan)
    level = np.linspace(0.0, 1.0, POINTS)
    level[-1] = 1.0 - 0.5 / POINTS / 2  # the very longest ticket is no quantile to rely on
    return np.asarray(np.quantile(times, level), dtype=np.float64)


def _law(delay: NDArray[np.float64], observed: NDArray[np.float64]) -> Duration | None:
    """Return the delay as a law; None below a second on average."""
    mean = float(np.trapezoid(delay, dx=1.0 / (POINTS - 1)))
    if mean < 1.0:
        return None
    spread = float(np.std(observed) / np.sqrt(len(observed)) / mean)
    half = min(1.645 * spread, 1.0)
    return Duration(
        law="table",
        mean=Time(
            value=mean,
            interval=(mean * float(np.exp(-half)), mean * float(np.exp(half))),
            n=len(observed),
            grade="proxy",
            how="recorded first responses less those of a replay without this delay",
        ),
        table=tuple(float(x) for x in delay / mean),
    )
