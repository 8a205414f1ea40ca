"""Expected standard work of a contact from what is known when it arrives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.model.expected import ExpectedWork

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

KNOWN_AT_ARRIVAL = ("category", "channel", "priority", "segment", "language")
"""Columns of a log that are known when a contact arrives and may tell of its work."""
AGENT = "agent"
LEAST_ROWS = 300
MOST_ROWS = 40_000
"""Records looked at; of more a random sample is taken."""
MOST_LEVELS = 300
"""Levels of a column; rarer ones count as unknown."""
FOLDS = 5
STEPS = 25
TIERS = ("easy", "normal", "hard")
MISSING = ""


@dataclass(frozen=True)
class Learned:
    """What is known at arrival, and how well it predicts."""

    rule: ExpectedWork
    explained: float
    """Cross-validated share of the variance of log work within categories that it predicts."""


@dataclass(frozen=True)
class _Records:
    y: Array
    codes: list[Codes]
    """By column, the agent last; -1 unknown."""
    sizes: list[int]


def learn_expected_work(frame: pd.DataFrame, seconds: Array, within: pd.Series) -> Learned | None:
    """Learn the rule that gives a contact its tier, or None where nothing can be learned.

    ``log seconds = mean + sum_columns effect(level) + effect(agent) + noise``: every effect is
    drawn towards 0 by a variance of its own column, learned with the noise by EM (a mixed model;
    ridge with a penalty per column). The agents' effects keep skill routing out: work given to
    fast people does not look easier. Tiers are thirds of the total expected work
    ``exp(fit without agent)``, cut between levels of it.

    The check is honest: five parts by random, each predicted from the other four, against the
    same model that knows nothing but the model's category; the share of the remaining variance
    that goes away is `Learned.explained` (it may be negative).

    Parameters
    ----------
    frame : DataFrame
        Canonical columns; those of `KNOWN_AT_ARRIVAL` that vary are used. What happens later
        (transfers, reopens, resolution) is never looked at.
    seconds : array
        Work per handling, NaN unknown.
    within : Series
        Category of the model by row: what is known without tiers.

    References
    ----------
    Searle, Casella, McCulloch, *Variance Components* (1992), chapter 8 (EM for mixed models).
    """
    known = np.flatnonzero(np.isfinite(seconds) & (seconds > 0))
    if len(known) < LEAST_ROWS:
        return None
    rng = np.random.default_rng(4)
    if len(known) > MOST_ROWS:
        known = np.sort(rng.permutation(known)[:MOST_ROWS])
    rows = frame.iloc[known]
    columns = {name: _levels(rows[name]) for name in KNOWN_AT_ARRIVAL if name in rows}
    columns = {name: levels for name, levels in columns.items() if len(levels) > 1}
    if not columns:
        return None
    y = np.log(np.maximum(seconds[known], 1.0))
    full = _records(rows, columns, y)
    plain = _records(
        pd.DataFrame({"within": within.iloc[known], AGENT: rows[AGENT]}),
        {"within": _levels(within.iloc[known])}, y,
    )  # fmt: skip
    fold = rng.integers(0, FOLDS, len(y))
    explained = 1.0 - _left(full, fold) / _left(plain, fold)
    mean, effects, noise = _solve(full)
    rule = _rule(columns, mean, effects[:-1], noise, full)
    return None if rule is None else Learned(rule, explained)


def _levels(column: pd.Series) -> list[str]:
    """Return the values of a column that occur often enough to be told apart, most common first."""
    counts = column.astype("object").map(_text).value_counts()
    return [str(name) for name in counts.index[: MOST_LEVELS + 1] if name != MISSING][:MOST_LEVELS]


def _text(value: object) -> str:
    """Return a value as the rule names it; a missing one is empty."""
    return MISSING if value is None or value != value else str(value)


def _records(rows: pd.DataFrame, columns: dict[str, list[str]], y: Array) -> _Records:
    codes: list[Codes] = []
    sizes: list[int] = []
    for name, levels in columns.items():
        place = {level: i for i, level in enumerate(levels)}
        code = rows[name].astype("object").map(_text).map(place).fillna(-1)
        codes.append(np.asarray(code, dtype=np.int64))
        sizes.append(len(levels))
    agent, names = pd.factorize(rows[AGENT])
    return _Records(y, [*codes, np.asarray(agent, dtype=np.int64)], [*sizes, max(len(names), 1)])


def _solve(data: _Records) -> tuple[float, list[Array], float]:
    """Return mean, effects by column and noise variance of the mixed model.

    Each column's effects are solved given the others (``sum of residuals / (n + noise / tau^2)``)
    and its variance is the mean of ``effect^2 + posterior variance``, by turns until they rest.
    """
    mean = float(data.y.mean())
    rest = data.y - mean
    noise = float(rest.var())
    effects = [np.zeros(size) for size in data.sizes]
    spread = [0.25 * noise] * len(data.sizes)
    counts = [
        np.bincount(c[c >= 0], minlength=k) for c, k in zip(data.codes, data.sizes, strict=True)
    ]
    for _ in range(STEPS):
        before = [effect.copy() for effect in effects]
        for i, code in enumerate(data.codes):
            known = code >= 0
            rest[known] += effects[i][code[known]]
            total = np.bincount(code[known], rest[known], minlength=data.sizes[i])
            strength = counts[i] + noise / max(spread[i], 1e-9)
            effects[i] = total / strength
            rest[known] -= effects[i][code[known]]
            seen = counts[i] > 0
            if seen.any():
                spread[i] = float((effects[i] ** 2 + noise / strength)[seen].mean())
        shift = float(rest.mean())
        mean, rest = mean + shift, rest - shift
        noise = max(float((rest**2).mean()), 1e-9)
        if max(np.abs(a - b).max() for a, b in zip(effects, before, strict=True)) < 1e-4:
            break
    return mean, effects, noise


def _left(data: _Records, fold: Codes) -> float:
    """Return the squared error of predicting each part from the others."""
    total = 0.0
    for part in range(FOLDS):
        inside = fold != part
        train = _Records(data.y[inside], [code[inside] for code in data.codes], data.sizes)
        mean, effects, _ = _solve(train)
        fit = np.full(int((~inside).sum()), mean)
        for code, effect in zip(data.codes, effects, strict=True):
            own = code[~inside]
            fit += np.where(own >= 0, effect[own], 0.0)
        total += float(((data.y[~inside] - fit) ** 2).sum())
    return total


def _rule(
    columns: dict[str, list[str]], mean: float, effects: list[Array], noise: float, data: _Records
) -> ExpectedWork | None:
    """Return the rule whose tiers hold a third of the expected work each; None for one tier."""
    score = np.full(len(data.y), mean + 0.5 * noise)
    for code, effect in zip(data.codes, effects, strict=False):
        score += np.where(code >= 0, effect[code], 0.0)
    value, place = np.unique(np.round(score, 9), return_inverse=True)
    work = np.bincount(place, np.exp(score))
    middle = (np.cumsum(work) - work / 2) / work.sum()
    tier = np.minimum((middle * 3).astype(int), 2)
    steps = np.flatnonzero(np.diff(tier))
    if not len(steps):
        return None
    names = [TIERS[tier[i]] for i in [*steps, len(tier) - 1]]
    return ExpectedWork(
        mean=mean + 0.5 * noise,
        effects={
            name: dict(zip(levels, (float(x) for x in effect), strict=True))
            for (name, levels), effect in zip(columns.items(), effects, strict=True)
        },
        cuts=tuple(float(0.5 * (value[i] + value[i + 1])) for i in steps),
        tiers=tuple(names),
    )


def tiers_by(rule: ExpectedWork, frame: pd.DataFrame) -> pd.Series:
    """Return the tier of every row of a log's frame (`ExpectedWork.tier`, a column at a time)."""
    score = np.full(len(frame), rule.mean)
    for name, effects in rule.effects.items():
        score += frame[name].astype("object").map(_text).map(effects).fillna(0.0).to_numpy(float)
    place = np.searchsorted(np.asarray(rule.cuts), score, side="right")
    return pd.Series(np.asarray(rule.tiers, dtype=object)[place], index=frame.index, dtype="str")
