"""The burn of a miss budget: how fast the misses that a period allows are being used up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from svcsim.errors import Finding, InputError
from svcsim.text import Text
from svcsim.units import format_share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Burn:
    """How fast the misses that a period allows are being used up.

    Parameters
    ----------
    budget : float
        Share of contacts that may miss.
    elapsed : float
        Share of the period's contacts that have come (or of its time, when none are forecast).
    used : float
        Share of the budget used: misses so far / (budget x contacts of the whole period).
    rate : float
        used / elapsed; 1 uses the budget up exactly at the end.
    windows : tuple of (days, rate, bound)
        Burn of the last days alone; an alert needs a long and a short window over the bound.
    p_exceed : float
        P(misses of the whole period exceed the budget).
    alert : bool
    """

    budget: float
    elapsed: float
    used: float
    rate: float
    windows: tuple[tuple[int, float, float], ...]
    p_exceed: float
    alert: bool

    def text(self) -> Text:
        """Return the state of the budget in one sentence."""
        if self.elapsed >= 1:
            return Text(
                "the period has used {used} of the misses that its target allows ({budget})",
                "本期用去目标所容许未达标额度（{budget}）的 {used}",
            ).fill(used=format_share(self.used, 2), budget=format_share(self.budget))
        return Text(
            "{used} of the period's misses ({budget} may miss) are used after {elapsed} of it: "
            "burn rate {rate:.2f}; over budget at the end with probability {p}",
            "本期容许 {budget} 未达标，已过 {elapsed}，额度已用 {used}：消耗率 {rate:.2f}；"
            "期末超出额度的概率为 {p}",
        ).fill(
            used=format_share(self.used, 2), budget=format_share(self.budget), rate=self.rate,
            elapsed=format_share(self.elapsed, 2), p=format_share(self.p_exceed, 2),
        )  # fmt: skip


WINDOWS = ((7, 1), (3, 1))
"""Pairs of a long and a short window, in days: the long one shows that it lasts, the short one
that it goes on."""
BURN_BOUNDS = (1.5, 3.0)
"""Burn rates from which the pairs alert: 1.5 for a week, or 3 for three days."""


def burn(
    missed: ArrayLike, counted: ArrayLike, budget: float, expected: float, scatter: float = 0.0
) -> Burn:
    """Return the burn of a miss budget after some days of a period.

    Parameters
    ----------
    missed, counted : array
        Misses and contacts of each day so far.
    budget : float
        Share of contacts that may miss.
    expected : float
        Contacts still to come until the period's end.
    scatter : float
        Intra-day correlation ρ of misses: a bad day is bad for all; 0 takes contacts as
        independent.

    Notes
    -----
    With x misses among n contacts so far, the rest is beta-binomial: the miss rate is
    Beta(x/d + ½, (n − x)/d + ½), d = 1 + (n/days − 1)·ρ the design effect of days, and the misses
    of the m contacts to come are Binomial given it, widened by the same d; p_exceed = P(x + rest >
    budget·(n + m)). Multi-window alerts, while the period still runs: Beyer et al. 2018, The Site
    Reliability Workbook, ch. 5.
    """
    x, n = np.asarray(missed, dtype=float), np.asarray(counted, dtype=float)
    done, misses = float(n.sum()), float(x.sum())
    whole = done + expected
    if not (0 < budget < 1) or whole <= 0:
        raise InputError(Finding("budget", f"{budget:g}", "a share between 0% and 100%"))
    elapsed = done / whole
    used = misses / (budget * whole)
    windows = []
    alert = False
    for (long, short), bound in zip(WINDOWS, BURN_BOUNDS, strict=True):
        rates = [_rate(x, n, days, budget) for days in (long, short)]
        windows += [(days, rate, bound) for days, rate in zip((long, short), rates, strict=True)]
        alert |= expected > 0 and len(n) >= long and min(rates) >= bound
    d = 1 + max(done / max(len(n), 1) - 1, 0.0) * scatter
    a, b = misses / d + 0.5, (done - misses) / d + 0.5
    left = budget * whole - misses
    trials = int(round(expected / d))
    if left < 0:
        p = 1.0
    elif trials == 0:
        p = 0.0
    else:
        p = float(stats.betabinom.sf(int(np.floor(left / d)), trials, a, b))
    rate = used / elapsed if elapsed > 0 else 0.0
    return Burn(budget, elapsed, used, rate, tuple(windows), p, alert)


def _rate(x: Floats, n: Floats, days: int, budget: float) -> float:
    """Return misses per allowed miss over the last days."""
    seen = float(n[-days:].sum())
    return float(x[-days:].sum()) / (budget * seen) if seen > 0 else 0.0
