"""Why a KPI changed: what came, who handled it, and how the same people did on the same kinds.

The split is Kitagawa's (`kitagawa`), nested: category, difficulty within it, agent within that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.scorecard.kitagawa import rates_of, split
from svcsim.scorecard.kpi_rows import KpiRows, clusters, codes, labels, unit_codes
from svcsim.scorecard.measure import DESK, Question, kinds_of
from svcsim.stats.interval import LEVEL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNNAMED = 0.01
"""Where more contacts than this share name no agent (abandoned ones), people are not told apart."""
KNOWN = 10
"""An agent with fewer contacts of a kind in either period stands in a common rest of that kind."""
DRAWS = 400
"""Bootstrap samples of days."""
SEED = 20240702


@dataclass(frozen=True)
class Part:
    """One part of a change with its 95 % interval (days drawn again), in the metric's unit."""

    value: float
    lower: float
    upper: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True)
class CategoryChange:
    """What one category adds to a change.

    ``rate`` = ½(s₀ + s₁)(r₁ − r₀) and ``mix`` = (½(r₀ + r₁) − r̄)(s₁ − s₀), with r̄ the mean of
    the two values of the whole: shares sum to 1, so taking r̄ off leaves the total and says which
    categories pull it. A category of one period only has no rate of the other: its whole change
    is mix.
    """

    category: str
    share_before: float
    share_now: float
    value_before: float
    value_now: float
    n_before: int
    n_now: int
    rate: float
    mix: float


@dataclass(frozen=True)
class Change:
    """The change of one KPI of the desk or a team against the period before.

    Parameters
    ----------
    before, now : float
        Values of the two periods.
    total : Part
        now − before; ``rate`` + ``mix_category`` + ``mix_difficulty`` + ``mix_agent``.
    rate : Part
        The same people on the same kinds of contact did better or worse.
    mix_category, mix_difficulty, mix_agent : Part
        Other categories came; harder or easier contacts within them (for speed also of other
        priority or channel); other people handled them.
    by_agent : bool
        Whether people were told apart; else ``mix_agent`` is 0 and part of ``rate``.
    """

    metric: str
    kind: str
    unit: str
    period_before: str
    before: float
    now: float
    n_before: int
    n_now: int
    total: Part
    rate: Part
    mix_category: Part
    mix_difficulty: Part
    mix_agent: Part
    by_agent: bool
    categories: tuple[CategoryChange, ...]


def changes(
    log: ContactLog,
    question: Question,
    rows: KpiRows | None,
    before: str,
    kind: str,
    names: Sequence[str],
    least: int = 1,
) -> list[Change]:
    """Return the changes of the units of a kind between the last two periods of ``rows``.

    Only for shares, means and ratios of sums: quantiles do not add up over parts. A unit with
    fewer than ``least`` contacts in one of the periods is left out.
    """
    if rows is None or not rows.adds_up:
        return []
    last = rows.periods - 1
    rows = rows.taken(rows.period >= last - 1)
    unit = np.zeros(len(rows.row), dtype=np.int64)
    if kind != DESK:
        unit = unit_codes(log.frame, kind, names, rows.row)
    found = []
    for place, name in enumerate(names):
        own = rows.taken(unit == place)
        sides = np.bincount(own.period - (last - 1), minlength=2) if len(own.row) else [0, 0]
        if min(sides) >= max(least, 1):
            found.append(_change(log, question, own, last, before, kind, name))
    return found


def _change(
    log: ContactLog,
    question: Question,
    rows: KpiRows,
    last: int,
    before: str,
    kind: str,
    name: str,
) -> Change:
    now = (rows.period == last).astype(np.int64)
    unnamed = float((coded(log.frame, "agent").code[rows.row] < 0).mean())
    by_agent = unnamed <= UNNAMED
    tree = _tree(log, rows, kinds_of(question.metric), by_agent=by_agent)
    day = clusters(log, rows, question.metric.dated_by)
    weights = _draws(day, now)
    cell = tree[-1][0]
    size = int(cell.max()) + 1
    top, bottom = (
        _weighted(values, cell, size, day, now, weights) for values in (rows.top, rows.bottom)
    )
    parents = _parents(tree)
    parts = split(top, bottom, parents)
    value = top.sum(axis=2) / bottom.sum(axis=2)
    total = value[:, 1] - value[:, 0]
    by_category = _categories(log, rows, now, float(value[0].mean()))
    return Change(
        question.metric.id,
        kind,
        name,
        before,
        float(value[0, 0]),
        float(value[0, 1]),
        int((now == 0).sum()),
        int(now.sum()),
        _part(total),
        *(_part(parts[0]), _part(parts[1]), _part(parts[2]), _part(parts[3])),
        by_agent,
        by_category,
    )


def _tree(
    log: ContactLog, rows: KpiRows, kinds: tuple[str, ...], *, by_agent: bool
) -> list[tuple[Ints, int]]:
    """Return the cell of each row by category, kind within it, and agent within that.

    A person seen in one period only would turn all that changed into a change of people, so
    agents with few contacts of a kind in either period are taken together.
    """
    tree = [codes(log.frame, kinds[:1], rows.row), codes(log.frame, kinds, rows.row)]
    if not by_agent:
        return [*tree, tree[-1]]
    agent, many = codes(log.frame, ("agent",), rows.row)
    cell = tree[-1][0] * (many + 1) + agent
    place, cell = np.unique(cell, return_inverse=True)
    now = rows.period == rows.period.max()
    seen = np.minimum(*(np.bincount(cell[side], minlength=len(place)) for side in (now, ~now)))
    agent = np.where(seen[cell] >= KNOWN, agent, many)
    inner = np.unique(tree[-1][0] * (many + 1) + agent, return_inverse=True)[1].astype(np.int64)
    return [*tree, (inner, int(inner.max()) + 1)]


def _parents(tree: Sequence[tuple[Ints, int]]) -> list[Ints]:
    """Return for every level, the innermost first, the group that each of its cells lies in."""
    out: list[Ints] = []
    for depth in range(len(tree) - 1, -1, -1):
        cell, size = tree[depth]
        parent = np.zeros(size, dtype=np.int64)
        if depth:
            parent[cell] = tree[depth - 1][0]
        out.append(parent)
    return out


def _draws(day: Ints, now: Ints) -> Floats:
    """Return how often each (period, day) counts: as it is first, then days drawn again."""
    rng = np.random.default_rng(SEED)
    key = np.unique(now * (int(day.max()) + 1) + day)
    side = key // (int(day.max()) + 1)
    weights = np.ones((DRAWS + 1, len(key)))
    for period in (0, 1):
        of = np.flatnonzero(side == period)
        weights[1:, of] = rng.multinomial(len(of), np.full(len(of), 1 / len(of)), DRAWS)
    return weights


def _weighted(
    values: Floats, cell: Ints, size: int, day: Ints, now: Ints, weights: Floats
) -> Floats:
    """Return Σ values of every draw, period and cell."""
    key = np.unique(now * (int(day.max()) + 1) + day, return_inverse=True)[1]
    column = now * size + cell
    sums = np.bincount(key * 2 * size + column, values, weights.shape[1] * 2 * size)
    return np.asarray((weights @ sums.reshape(-1, 2 * size)).reshape(len(weights), 2, size))


def _part(draws: Floats) -> Part:
    """Return the first draw (the data as they are) with the interval of the others."""
    alpha = (1 - LEVEL) / 2
    again = draws[1:][np.isfinite(draws[1:])]
    low, high = np.quantile(again, [alpha, 1 - alpha]) if again.size else (np.nan, np.nan)
    return Part(float(draws[0]), float(low), float(high))


def _categories(
    log: ContactLog, rows: KpiRows, now: Ints, middle: float
) -> tuple[CategoryChange, ...]:
    """Return what every category adds, the largest pull first."""
    code, size = codes(log.frame, ("category",), rows.row)
    first = np.zeros(size, dtype=np.int64)
    first[code[::-1]] = rows.row[::-1]
    names = labels(log.frame, "category", first)
    n, top, bottom = (
        np.bincount(now * size + code, values, 2 * size).reshape(1, 2, size).astype(float)
        for values in (None, rows.top, rows.bottom)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        plain = np.where(bottom > 0, top / bottom, np.nan)[0]
    rate, share = rates_of(top, bottom)[0], (bottom / bottom.sum(axis=2, keepdims=True))[0]
    rates = share.mean(axis=0) * (rate[1] - rate[0])
    mixes = (rate.mean(axis=0) - middle) * (share[1] - share[0])
    order = np.argsort(-np.abs(rates + mixes), kind="stable")
    return tuple(
        CategoryChange(
            names[i],
            float(share[0, i]),
            float(share[1, i]),
            float(plain[0, i]),
            float(plain[1, i]),
            int(n[0, 0, i]),
            int(n[0, 1, i]),
            float(rates[i]),
            float(mixes[i]),
        )
        for i in order
    )
