"""How often nominal 90 % intervals of P(met) after a change hold the truth.

python benchmarks/paired_coverage.py prints the extremes over a grid of chances before and after,
correlations of the underlying period values, and numbers of replications.
"""

from itertools import product

import numpy as np
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from svcsim.stats.two_phase import two_phase_share

LEVEL = 0.90
SIZES = ((20, 140), (20, 200), (25, 200), (35, 100), (70, 140), (70, 200))
BEFORE = (0.03, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97)
AFTER = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97)
CORRELATIONS = (0.0, 0.3, 0.6, 0.9, 0.97, 1.0)


def cells(before: float, after: float, correlation: float) -> np.ndarray:
    """P(both), P(after alone), P(before alone), P(neither) of thresholded normal values."""
    if correlation >= 1:
        both = min(before, after)
    else:
        law = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
        both = float(law.cdf(ndtri([before, after])))
    found = np.clip([both, after - both, before - both, 1 - before - after + both], 0, 1)
    return found / found.sum()


def coverage(
    few: int,
    many: int,
    before: float,
    after: float,
    correlation: float,
    runs: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Share of ``runs`` intervals that hold ``after``, and their mean width."""
    counts = rng.multinomial(few, cells(before, after, correlation), runs)
    more = rng.binomial(many - few, before, runs)
    _, low, high = two_phase_share(*counts.T, more, many - few, LEVEL)
    inside = (low <= after + 1e-12) & (after <= high + 1e-12)
    return float(inside.mean()), float((high - low).mean())


def main() -> None:
    """Print coverage by correlation and the worst cases."""
    rng = np.random.default_rng(1)
    rows = []
    for (few, many), before, after, r in product(SIZES, BEFORE, AFTER, CORRELATIONS):
        found, width = coverage(few, many, before, after, r, 20_000, rng)
        rows.append((found, width, few, many, before, after, r))
    print("correlation  cases  lowest   mean  highest  mean width")
    for r in CORRELATIONS:
        part = np.array([row[:2] for row in rows if row[-1] == r])
        low, mean, high = part[:, 0].min(), part[:, 0].mean(), part[:, 0].max()
        width = part[:, 1].mean()
        print(f"{r:11.2f} {len(part):6d} {low:7.3f} {mean:6.3f} {high:8.3f} {width:11.3f}")
    print("coverage  few many before after correlation")
    for found, _, few, many, before, after, r in sorted(rows)[:5]:
        print(f"{found:8.3f} {few:4d} {many:4d} {before:6.2f} {after:5.2f} {r:11.2f}")


if __name__ == "__main__":
    main()
