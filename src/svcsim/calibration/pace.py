"""The pace of weeks: how much handling times differ from one week to the next."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from svcsim.calibration.estimator import Z90, on_log
from svcsim.model.quantity import Factor, Time


def week_spread(
    week: NDArray[np.float64], seconds: NDArray[np.float64], expected: NDArray[np.float64]
) -> Factor:
    """Return the coefficient of variation of recorded / expected work between weeks.

    Moments: variance of the weekly ratios less the mean squared standard error that the spread of
    single records gives; exactly 0 below four weeks. The interval is that of a variance estimated
    from as many weeks (chi square), shifted by the noise.

    Parameters
    ----------
    week : ndarray
        Week of each record; records of a week below 0 (not whole) are left out.
    seconds, expected : ndarray
        Recorded work, and the work expected of alike records.
    """
    table = pd.DataFrame({"week": week, "seconds": seconds, "expected": expected})
    table = table[table["week"] >= 0]
    table["gap"] = (table["seconds"] - table["expected"]) ** 2
    weeks = table.groupby("week").sum()
    weeks = weeks[weeks["expected"] > 0.2 * weeks["expected"].median()]
    n = len(weeks)
    if n < 4:
        return Factor(value=0.0, n=n, how="under four weeks: differences of weeks are not known")
    noise = float((weeks["gap"] / weeks["expected"] ** 2).mean())
    seen = float((weeks["seconds"] / weeks["expected"]).var(ddof=1))
    ends = [seen * (n - 1) / chi2.ppf(p, n - 1) for p in (0.95, 0.05)]
    low, value, high = (max(x - noise, 0.0) ** 0.5 for x in (ends[0], seen, ends[1]))
    how = "spread of weekly handling times beyond sampling noise, by moments"
    return Factor(value=value, interval=(low, high), n=n, grade="measured", how=how)


def with_weeks(mean: Time, spread: Factor) -> Time:
    """Widen a mean's interval by what the weeks of the history were off: cv / sqrt(weeks)."""
    if spread.value <= 0 or not spread.n or mean.interval is None or mean.value <= 0:
        return mean
    own = float(np.log(mean.interval[1] / mean.interval[0])) / 2.0 / Z90
    both = float(np.hypot(own, spread.value / spread.n**0.5))
    wide = on_log(Time, mean.value, both, mean.n or 0, mean.grade)
    return mean.model_copy(update={"interval": wide.interval})
