"""Simulated method of moments: minimise the weighted distance of replays from the history.

Q(psi) = sum_j w_j (m_j(replays at psi) - m_j(history))^2 with w_j = 1 / variance of moment j, and
all replays share chance, so that Q is smooth (McFadden 1989). Errors are the sandwich
A G'W V WG A with A = (G'WG)^-1, G = dm / dpsi and V the covariance of history less replays:
V = S (1 + 1/R), R replications. The test of the fit as a whole takes J = r'Wr, a weighted sum of
chi-squared variables as W is diagonal and moments are correlated; it is scaled to the chi-squared
law with the same mean and variance (Rao & Scott 1984, Satterthwaite).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import qmc

from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span
from svcsim.study.free import with_free
from svcsim.study.moments import Moments, long_run, replayed

Floats = NDArray[np.float64]
Point = dict[str, float]

BOUNDS = {
    "slowdown": (float(np.log(0.6)), float(np.log(1.8))),
    "quiet": (0.0, 1.0),
    "off_peak": (float(np.log(0.5)), float(np.log(2.0))),
    "repeat": (float(np.log(0.5)), float(np.log(2.0))),
}
"""Range of each free factor (`free.with_free`)."""
STEP = 0.1
"""Half width of the central differences."""
SURFACE = {2: 15, 3: 25}
"""Points of a quadratic response surface by the number of free factors."""


@dataclass
class Replays:
    """Replays of a span at any value of the free factors; each is made once."""

    model: ServiceModel
    span: Span
    moments: Moments
    replications: int
    seed: int
    workers: int | None = None
    progress: Callable[[int], None] | None = None
    seen: dict[tuple[tuple[str, float], ...], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recorded = self.moments(self.span.observed)
        self.observed = self.moments.value(self.recorded)

    def totals(self, point: Mapping[str, float]) -> Floats:
        """Return the totals of all replications at a point."""
        key = tuple(sorted((name, round(x, 6)) for name, x in point.items()))
        if key not in self.seen:
            self.seen[key] = replayed(
                with_free(self.model, dict(key)), self.span, self.moments,
                replications=self.replications, seed=self.seed, workers=self.workers,
            )  # fmt: skip
            if self.progress is not None:
                self.progress(len(self.seen))
        return self.seen[key]

    def simulated(self, point: Mapping[str, float]) -> Floats:
        """Return the moments of the replays at a point, taken together.

        One that no replay has a contact for says nothing: it counts as met.
        """
        found = self.moments.value(self.totals(point).mean(axis=0))
        return np.where(np.isfinite(found), found, self.observed)

    def slope(self, point: Mapping[str, float], names: tuple[str, ...]) -> Floats:
        """Return dm / dpsi by central differences (one-sided at an end), one column a factor."""
        columns = []
        for name in names:
            at = point.get(name, 0.0)
            down, up = (float(np.clip(at + step, *BOUNDS[name])) for step in (-STEP, STEP))
            gap = self.simulated({**point, name: up}) - self.simulated({**point, name: down})
            columns.append(gap / (up - down))
        return np.array(columns).reshape(len(names), len(self.observed)).T

    def covariance(self, point: Mapping[str, float]) -> Floats:
        """Return S: what chance makes of the moments once the arrivals are given.

        Correlations come from the replays. A variance is that of the replays or, where larger,
        that of the recorded days about their replays: real days vary for reasons no model has.
        """
        totals = self.totals(point)
        mean = totals.mean(axis=0)
        number, days = len(totals), totals.shape[-1]
        lags = min(6, days // 4)
        runs = self.moments.influence(totals, mean).sum(axis=-1)
        each = [long_run(x, lags, centre=False) for x in self.moments.influence(totals, mean)]
        by_day = np.mean(each, axis=0) * number / max(number - 1, 1)
        own = long_run(self.moments.influence(self.recorded, mean), lags) / (1 + 1 / number)
        whole = np.diag(runs.T @ runs / max(number - 1, 1))
        sd = np.sqrt(np.maximum(np.maximum(np.diag(by_day), np.diag(own)), 0.5 * whole))
        scale = np.sqrt(np.maximum(np.diag(by_day), 1e-300))
        correlation = by_day / np.outer(scale, scale)
        np.fill_diagonal(correlation, 1.0)
        # a moment that never varies in replays would count without limit
        sd = np.maximum(sd, 1e-4)
        return np.asarray(correlation * np.outer(sd, sd))


@dataclass(frozen=True)
class Fit:
    """A point of least distance and what follows from it."""

    point: Point
    free: tuple[str, ...]
    residual: Floats
    slope: Floats
    covariance: Floats
    """V: of history less replays, simulation noise included."""

    @property
    def weight(self) -> Floats:
        """Diagonal of W."""
        return np.asarray(1.0 / np.diag(self.covariance))

    def _bread(self, slope: Floats) -> Floats:
        return np.asarray(np.linalg.pinv(slope.T @ (self.weight[:, None] * slope)), dtype=float)

    @property
    def errors(self) -> dict[str, float]:
        """Standard errors of the free factors (log scale) by the sandwich."""
        if not self.free:
            return {}
        bread, filling = self._bread(self.slope), self.slope * self.weight[:, None]
        variance = bread @ (filling.T @ self.covariance @ filling) @ bread
        return dict(zip(self.free, np.sqrt(np.maximum(np.diag(variance), 0.0)), strict=True))

    @property
    def left(self) -> Floats:
        """M with r = M e: what the fitted factors leave of the chance in the moments."""
        identity = np.eye(len(self.residual))
        if not self.free:
            return identity
        hat = self.slope @ self._bread(self.slope) @ (self.slope * self.weight[:, None]).T
        return np.asarray(identity - hat)

    @property
    def test(self) -> tuple[float, float, float]:
        """J scaled to the chi-squared law, its degrees of freedom, and p."""
        root = np.sqrt(self.weight)
        spread = self.left @ self.covariance @ self.left.T * np.outer(root, root)
        first, second = float(np.trace(spread)), float(np.sum(spread * spread))
        if first <= 1e-9 or len(self.residual) <= len(self.free):
            return 0.0, 0.0, 1.0
        j = float(np.sum(self.weight * self.residual**2)) * first / second
        df = first * first / second
        return j, df, float(stats.chi2.sf(j, df))

    def score(self, column: Floats) -> float:
        """Return the score test (standard normal) of a factor that was held fixed.

        Positive: it should be higher.
        """
        rest = self.left @ column
        weighted = rest * self.weight
        variance = float(weighted @ self.left @ self.covariance @ self.left.T @ weighted)
        return float(weighted @ self.residual) / float(np.sqrt(variance)) if variance > 0 else 0.0


def fitted(replays: Replays, free: tuple[str, ...], point: Point) -> Fit:
    """Return the fit with ``free`` freed, starting from ``point``; weights are taken twice.

    First with the covariance at the start, then with that at the first estimate.
    """
    for _ in range(2 if free else 1):
        covariance = replays.covariance(point) * (1 + 1 / replays.replications)
        if len(free) == 1:
            point = _line(replays, free[0], point, 1.0 / np.diag(covariance))
        elif free:
            point = _surface(replays, free, point, 1.0 / np.diag(covariance))
    residual = replays.observed - replays.simulated(point)
    covariance = replays.covariance(point) * (1 + 1 / replays.replications)
    return Fit(point, free, residual, replays.slope(point, free), covariance)


def along(replays: Replays, name: str, fit: Fit) -> Point:
    """Return where a further factor alone would bring the moments closest, the others held."""
    return _line(replays, name, fit.point, fit.weight)


def _line(replays: Replays, name: str, point: Point, weight: Floats) -> Point:
    """Minimise over one factor: moments between replays are interpolated, minima replayed."""
    low, high = BOUNDS[name]
    inner = (-STEP, 0.0, STEP, 0.3) if low < 0 else (0.0, 0.25, 0.5, 0.75)
    grid = {*inner, round(high, 3)}
    best = point.get(name, 0.0)
    for _ in range(12):
        xs = np.array(sorted(grid))
        values = np.array([replays.simulated({**point, name: float(x)}) for x in xs])
        curve = PchipInterpolator(xs, values)

        def distance(x: float, curve: PchipInterpolator = curve) -> float:
            return float(np.sum(weight * (curve(x) - replays.observed) ** 2))

        starts = np.linspace(xs[0], xs[-1], 80)
        start = float(starts[np.argmin([distance(x) for x in starts])])
        near = max(xs[0], start - 0.03), min(xs[-1], start + 0.03)
        found = minimize_scalar(distance, bounds=near, method="bounded", options={"xatol": 1e-4})
        best = round(float(found.x), 3)
        if best - xs[0] < 0.004 and xs[0] > low:  # what is sought may lie below
            grid.add(max(round(low, 3), round(float(xs[0]) - 0.2, 3)))
        elif min(abs(best - x) for x in xs) < 0.004:
            break
        else:
            grid.add(best)
    return {**point, name: best}


def _surface(replays: Replays, free: tuple[str, ...], point: Point, weight: Floats) -> Point:
    """Minimise over two or three factors on quadratic response surfaces, the second one closer."""
    number = SURFACE[len(free)]
    # the part of quiet times has a wider range than the logarithms
    for width in (0.3, 0.2, 0.1) if "quiet" in free else (0.3, 0.1):
        limits = np.array([BOUNDS[name] for name in free]).T
        centre = np.clip(np.array([point.get(name, 0.0) for name in free]), *limits)
        cube = qmc.Sobol(len(free), scramble=True, rng=np.random.default_rng(20240701))
        box = np.clip(np.array([centre - width, centre + width]), *limits)
        at = qmc.scale(cube.random(32)[: number - 1], *box)
        at = np.vstack([centre, at])
        seen = [
            replays.simulated({**point, **dict(zip(free, x.tolist(), strict=True))}) for x in at
        ]
        terms = np.asarray(
            np.linalg.lstsq(_quadratic(at - centre), np.array(seen), rcond=None)[0], dtype=float
        )

        def distance(x: Floats, terms: Floats = terms, centre: Floats = centre) -> float:
            gap = _quadratic(x[None, :] - centre) @ terms - replays.observed
            return float(np.sum(weight * gap[0] ** 2))

        found = minimize(
            distance, centre, method="Nelder-Mead", bounds=list(zip(*box, strict=True)),
            options={"xatol": 1e-4, "fatol": 1e-8},
        )  # fmt: skip
        point = {**point, **{n: round(float(x), 4) for n, x in zip(free, found.x, strict=True)}}
    return point


def _quadratic(x: Floats) -> Floats:
    """Return 1, x_i and x_i x_j as columns."""
    number = x.shape[1]
    cross = [x[:, i] * x[:, j] for i in range(number) for j in range(i, number)]
    return np.column_stack([np.ones(len(x)), x, *cross])
