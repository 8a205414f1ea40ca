"""What calibration found of one desk of known truth, by family of parameters.

A row is one parameter of one data set: its truth, what was learned, its 90 % interval (or none).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from svcsim.calendar.days import WEEKDAYS
from svcsim.calibration.shape import table_scv
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration, Patience
from svcsim.model.service import ServiceModel
from svcsim.samples.recovery import compare

Array = NDArray[np.float64]
Row = dict[str, Any]

STEP = 15
"""Minutes of the grid on which calendars are compared."""
FAMILIES = {
    "arrivals.level": "level",
    "arrivals.day_cv": "day cv",
    "arrivals.day_ar": "day ar",
    "share": "category shares",
    "work": "difficulty work",
    "returns": "difficulty returns",
    "handling.mean": "handling mean",
    "handling.cv": "handling cv",
    "again": "again",
    "onward": "onward",
    "pending.mean": "pending mean",
    "pending.cv": "pending cv",
    "transfer": "transfer",
    "reopen": "reopen",
    "repeat": "repeat",
    "reopen_after.mean": "reopen delay",
    "repeat_after.mean": "repeat delay",
    "repeat_after.cv": "repeat delay",
    "balk": "balk",
    "speed": "speed",
    "quality": "quality",
    "asked": "survey asked",
    "answered": "survey answered",
    "wait_effect": "survey wait effect",
    "return_effect": "survey return effect",
    "quality_effect": "survey quality effect",
    "delay.mean": "survey delay",
}
ADDED = frozenset({"day ar", "quality", "survey wait effect", "survey return effect",
                   "survey quality effect", "tau"})  # fmt: skip
"""Families whose error is a difference; of the others it is relative."""
AT = (60.0, 180.0, 600.0)
"""Seconds of waiting at which patience is compared."""


def score(truth: ServiceModel, learned: ServiceModel, log: ContactLog) -> list[Row]:
    """Return every comparison of one data set."""
    rows = []
    same = _in_learned_units(truth, learned, log)
    for row in compare(truth, learned):
        family = _family(row.path)
        if family is not None:
            true = same.get(row.path, row.truth)
            rows.append(_row(family, row.path, true, row.learned, (row.low, row.high), row.grade))
    rows += _cvs(truth, learned)
    rows += _mixes(truth, learned, log)
    rows += _profile(truth, learned, log)
    rows += _patience(truth, learned, log)
    rows += _tau(truth, learned)
    rows += _calendars(truth, learned)
    return rows


def _family(path: str) -> str | None:
    if path.startswith(("routing", "chats", "behaviour", "staffing")):
        return None
    parts = path.split(".")
    return FAMILIES.get(path) or FAMILIES.get(".".join(parts[-2:])) or FAMILIES.get(parts[-1])


def _in_learned_units(
    truth: ServiceModel, learned: ServiceModel, log: ContactLog
) -> dict[str, float]:
    """Return the true value of what has a scale in common with tiers and agents.

    Handling means and return rates of a category are those at work, returns, speed and quality of
    one; who defines the tiers or the mean agent otherwise has other values and the same desk. The
    true value in the learned units is the one that, with the learned tiers and agents, gives the
    contacts of the log the mean work and the chance of returning that they truly had.
    """
    out = {}
    for name, rows in log.frame[log.frame["agent"].notna()].groupby("category"):
        if name not in learned.categories:
            continue
        sides = []
        for model in (truth, learned):
            work = rows["difficulty"].map({k: t.work.value for k, t in model.difficulty.items()})
            odds = rows["difficulty"].map({k: t.returns.value for k, t in model.difficulty.items()})
            speed = rows["agent"].map({k: a.speed.value for k, a in model.agents.items()})
            quality = rows["agent"].map({k: a.quality.value for k, a in model.agents.items()})
            pace = (_norm(model, str(name), work) / speed.fillna(1.0)).mean()
            sides.append((pace, odds.fillna(1.0) * np.exp(-quality.fillna(0.0))))
        (true_pace, true_odds), (pace, own_odds) = sides
        one = truth.categories[str(name)]
        out[f"categories.{name}.handling.mean"] = one.handling.mean.value * true_pace / pace
        for rate in ("reopen", "repeat"):
            wanted = _mean_chance(getattr(one, rate).value, true_odds)
            gap = lambda p, wanted=wanted, odds=own_odds: _mean_chance(p, odds) - wanted  # noqa: E731
            out[f"categories.{name}.{rate}"] = float(brentq(gap, 1e-6, 0.95))
    return out


def _norm(model: ServiceModel, name: str, work: pd.Series) -> pd.Series:
    """Return work relative to the mean of the category over all tiers; unknown tiers are 1."""
    shares = model.categories[name].difficulty
    middle = sum(share * model.difficulty[tier].work.value for tier, share in shares.items())
    return (work / middle).fillna(1.0)


def _mean_chance(p: float, odds: pd.Series) -> float:
    moved = p / (1.0 - p) * odds
    return float((moved / (1.0 + moved)).mean())


def _row(
    family: str,
    path: str,
    truth: float,
    learned: float,
    interval: tuple[float, float] | None = None,
    grade: str = "",
) -> Row:
    low, high = (None, None) if interval is None else interval
    covered = None if interval is None else bool(interval[0] <= truth <= interval[1])
    added = family in ADDED or truth == 0
    error = learned - truth if added else learned / truth - 1.0
    return {
        "family": family, "path": path, "truth": float(truth), "learned": float(learned),
        "low": low, "high": high, "covered": covered, "error": float(error), "grade": grade,
    }  # fmt: skip


def cv_of(law: Duration) -> float:
    """Return the coefficient of variation of a duration."""
    if law.law == "table" and law.table is not None:
        return table_scv(law.table) ** 0.5
    if law.law == "lognormal" and law.cv is not None:
        return law.cv.value
    return 1.0 if law.law == "exponential" else 0.0


def _cvs(truth: ServiceModel, learned: ServiceModel) -> Iterable[Row]:
    """Spread of handling times where the law has no cv of its own (tables)."""
    for name, one in learned.categories.items():
        if name in truth.categories and one.handling.law != "lognormal":
            true = cv_of(truth.categories[name].handling)
            yield _row("handling cv (table)", name, true, cv_of(one.handling))


def _mixes(truth: ServiceModel, learned: ServiceModel, log: ContactLog) -> Iterable[Row]:
    """Shares of tiers, priorities and channels within a category, with their intervals if any."""
    for name, one in learned.categories.items():
        if name not in truth.categories:
            continue
        for kind in ("difficulty", "priorities", "channels"):
            true, found = getattr(truth.categories[name], kind), getattr(one, kind)
            for key, share in found.items():
                if key in true and 0 < true[key] < 1:
                    row = _row(f"mix of {kind}", f"{name}.{key}", true[key], share)
                    yield row | {"error": share - true[key]}
    if truth.survey is not None and learned.survey is not None:
        for i, share in enumerate(truth.survey.scores):
            row = _row("survey scores", str(i + 1), share, learned.survey.scores[i])
            yield row | {"error": learned.survey.scores[i] - share}


def _profile(truth: ServiceModel, learned: ServiceModel, log: ContactLog) -> Iterable[Row]:
    """Excess Poisson deviance of the learned profile, x 1000 a contact (methods: table C1)."""
    true, found = (
        np.concatenate([m.arrivals.profile[day] for day in WEEKDAYS]) for m in (truth, learned)
    )
    safe = np.maximum(found, 1e-9)
    excess = 2 * float(np.sum(true * np.log(np.maximum(true, 1e-12) / safe) - (true - safe)))
    yield _row("profile deviance x 1000", "arrivals.profile", 0.0, 1000 * excess)


def hazard(patience: Patience, until: float) -> float:
    """Return the cumulative hazard of leaving by ``until`` seconds, balking included."""
    edges = [*patience.edges, np.inf]
    hours = [max(min(until, b) - a, 0.0) / 3600.0 for a, b in zip(edges, edges[1:], strict=False)]
    total = sum(h * rate for h, rate in zip(hours, patience.hazard, strict=True))
    return patience.level.value * total - float(np.log1p(-patience.balk.value))


def _patience(truth: ServiceModel, learned: ServiceModel, log: ContactLog) -> Iterable[Row]:
    for name, channel in learned.channels.items():
        known = truth.channels[name].patience if name in truth.channels else None
        found = channel.patience
        if known is None or found is None or found.level.interval is None:
            continue
        left = int(((log.frame["channel"] == name) & (log.frame["outcome"] == "abandoned")).sum())
        for at in AT:
            true, value = hazard(known, at), hazard(found, at)
            scale = [bound / found.level.value for bound in found.level.interval]
            interval = (value * scale[0], value * scale[1])
            row = _row(f"patience to {at:g} s", name, true, value, interval)
            yield row | {"n": left}


def _tau(truth: ServiceModel, learned: ServiceModel) -> Iterable[Row]:
    """Spread of log speeds between agents of the desk: of the agents' estimates, shrunk."""
    names = [name for name in learned.agents if name in truth.agents]
    if len(names) >= 5:
        true, found = (
            float(np.std(np.log([m.agents[n].speed.value for n in names]), ddof=1))
            for m in (truth, learned)
        )
        yield _row("tau", "agents.*.speed", true, found)


def _calendars(truth: ServiceModel, learned: ServiceModel) -> Iterable[Row]:
    """F1 of quarter hours of the week on duty, and rostered hours found over true ones."""
    true, found = on_duty(truth), on_duty(learned)
    names = [name for name in true if name in found]
    both = sum(float(np.minimum(true[n] > 0.4, found[n] > 0.4).sum()) for n in names)
    marked = sum(float((table[n] > 0.4).sum()) for table in (true, found) for n in names)
    hours = sum(float(found[n].sum()) for n in found) / sum(float(true[n].sum()) for n in true)
    present = learned.staffing.presence.value / truth.staffing.presence.value
    yield _row("calendar F1", "staffing", 1.0, 2 * both / max(marked, 1.0))
    yield _row("staffed hours", "staffing", 1.0, hours * present)
    yield _row("agents found", "agents", len(truth.agents), len(learned.agents))


def on_duty(model: ServiceModel) -> dict[str, Array]:
    """Return agent -> share of roster days with duty in each quarter hour of the week."""
    out = {name: np.zeros((7, 24 * 60 // STEP)) for name in model.agents}
    for i, weekday in enumerate(WEEKDAYS):
        days = [day for day in model.staffing.days if day.weekday == weekday]
        for day in days:
            for name, windows in model.staffing.duty(day):
                for a, b in windows:
                    if name in out:
                        out[name][i, round(a / STEP) : round(b / STEP)] += 1.0 / len(days)
    return {name: np.minimum(on, 1.0).ravel() for name, on in out.items()}
