"""Handling time: the mean per category and a spread net of difficulty and of who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.estimator import (
    Estimator,
    category_of,
    handlings_of,
    on_log,
)
from svcsim.calibration.pace import week_spread, with_weeks
from svcsim.calibration.records import by_one_agent, recorded, zero_share
from svcsim.calibration.shape import Shape, shape_of
from svcsim.calibration.speed import Speeds, learn_speeds
from svcsim.calibration.touch import TouchFit, deconvolve, touches_of
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration
from svcsim.model.quantity import Factor, Grade, Share, Time
from svcsim.stats.shrink import shrink_normal
from svcsim.text import Text

Array = NDArray[np.float64]

FEW = 30
"""Handlings below which a category's mean is pulled to the mean of all."""
FEW_FOR_SHAPE = 300
"""Handlings below which a category has the shape of all."""
LOG_SPREAD = 0.5
"""Prior scale of the differences of log means between categories."""
SHORT = 10.0
HEAVY_TAIL = 0.1
ASSUMED = (600.0, 1.2)
"""Mean (seconds) and cv where the log tells nothing about work."""
METHOD_ERROR = {3: 0.12, 2: 0.25}
"""Sd of the log error of work inferred from touches (3) or from two stamps a contact (2)."""


@dataclass(frozen=True)
class _Parts:
    """Per record: its category and how long it would take at the category's mean of 1."""

    category: pd.Series
    seconds: Array
    times: Array
    base: Array


class HandlingEstimator(Estimator):
    """Learn the `Duration` of one handling for every category of the log.

    A handling takes ``mean x work(tier) / speed(agent) x residual``; the mean is the ratio of all
    recorded seconds to all ``work / speed``, so the recorded total is given back, and the spread
    is that of the residual, so the spread of handling times is given back too.

    Attributes
    ----------
    handling_ : dict of category to Duration
    speeds_ : Speeds
        Agents' speeds, learned from the same records.
    difficulty_ : DifficultyEstimator
        The one given to `fit`.
    level_ : int
        4 handling times recorded, 3 touches, 2 two stamps a contact, 0 nothing.
    week_cv_ : Factor
        How much weeks differ, all categories together.
    work_ : DataFrame
        Records used: ``category, tier, team, agent, seconds`` (per handling), ``times``.
    """

    def fit(self, log: ContactLog, difficulty: DifficultyEstimator) -> Self:
        """Learn from ``log``; ``difficulty`` has been fitted on it."""
        times = handlings_of(log.frame)
        self.difficulty_ = difficulty
        self._names = sorted(category_of(log.frame).unique())
        self.speeds_ = Speeds({}, 0.0)
        self.week_cv_ = Factor(value=0.0, how="no recorded handling times to compare weeks by")
        work = recorded(log, difficulty, times)
        if work is not None:
            self.level_, self.work_ = 4, work
            self._learn(difficulty, zero_share(log))
            return self
        touches, level = touches_of(log)
        fit = deconvolve(touches) if len(touches) else None
        if fit is None:
            self._assume()
            return self
        self.level_ = level
        self._infer(log, difficulty, fit, times)
        return self

    def _learn(self, difficulty: DifficultyEstimator, zero: Share | None) -> None:
        work = self.work_
        short = float((work["seconds"] < SHORT).mean())
        if short > 0.005:
            self.notes_.append(
                Text(
                    f"handling: {short:.1%} of the handlings last under {SHORT:.0f} s; they are "
                    "kept",
                    f"处理时间：{short:.1%} 的处理不足 {SHORT:.0f} 秒，予以保留",
                )
            )
        self.speeds_ = learn_speeds(by_one_agent(work))
        relative = _relative_work(work, difficulty)
        base = work["times"].to_numpy() * relative / self.speeds_.of(work["agent"])
        total = (work["seconds"] * work["times"]).to_numpy()
        parts = _Parts(work["category"], total, work["times"].to_numpy(), base)
        means = self._means(parts)
        expected = base * np.array([means[name].value for name in parts.category])
        self.week_cv_ = week_spread(work["week"].to_numpy(), total, expected)
        means = {name: with_weeks(mean, self.week_cv_) for name, mean in means.items()}
        shapes = _shapes(parts, {name: mean.value for name, mean in means.items()})
        how = "spread net of difficulty and of agents"
        self.handling_ = {
            name: shapes[name]
            .with_mean(means[name], "measured", how)
            .model_copy(update={"zero": zero})
            for name in self._names
        }
        tail = max(shape.tail for shape in shapes.values())
        if tail > HEAVY_TAIL:
            self.notes_.append(
                Text(
                    f"handling: the longest 0.5% of handlings hold {tail:.0%} of the work of a "
                    "category; their work is kept, their extremes are smoothed",
                    f"处理时间：个别类别中最长的 0.5% 的处理占去 {tail:.0%} 的工作量；"
                    "工作量照计，极端值经过平滑",
                )
            )

    def _means(self, parts: _Parts) -> dict[str, Time]:
        """Return category -> mean; thin categories are pulled to the mean of all."""
        frame = pd.DataFrame(
            {"category": parts.category.to_numpy(), "seconds": parts.seconds, "base": parts.base}
        )
        table = frame.groupby("category").agg(
            n=("base", "size"), seconds=("seconds", "sum"), base=("base", "sum")
        )
        table = table.reindex(self._names, fill_value=0.0)
        own = table["seconds"] / table["base"].where(table["base"] > 0)
        overall = parts.seconds.sum() / parts.base.sum()
        mean = own.reindex(parts.category).to_numpy()
        rest = pd.Series((parts.seconds - mean * parts.base) ** 2).groupby(frame["category"]).sum()
        n = table["n"].to_numpy(dtype=float)
        pooled = float(rest.sum() / (mean**2 * parts.base**2).sum())
        thin = np.sqrt(np.log1p(pooled) / np.where(n > 0, n, 1.0))
        error = np.sqrt(rest.reindex(table.index).fillna(0.0)) / table["seconds"].where(n > 0)
        error = np.where(n >= FEW, error, np.where(n > 0, thin, np.inf))
        shrunk = shrink_normal(np.log(own), error, prior_scale=LOG_SPREAD)
        out = {}
        for i, name in enumerate(self._names):
            if n[i] >= FEW:
                how = "recorded handling time per handling"
                out[name] = on_log(Time, float(own.iloc[i]), float(error[i]), int(n[i]), how=how)
            else:
                how = f"few handlings: pulled to the mean of all ({overall:.0f} s)"
                value, sd = float(np.exp(shrunk.mean[i])), float(shrunk.sd[i])
                grade: Grade = "measured" if n[i] else "proxy"
                out[name] = on_log(Time, value, sd, int(n[i]), grade, how)
        return out

    def _infer(
        self, log: ContactLog, difficulty: DifficultyEstimator, fit: TouchFit, times: pd.Series
    ) -> None:
        """Use the work per touch that the gaps between touches tell, times touches a handling."""
        gaps = fit.gaps
        tier = pd.Series(
            difficulty.tier_of(log.frame).to_numpy(), index=log.frame["ticket_id"].to_numpy()
        )
        tier = tier[~tier.index.duplicated()]
        self.work_ = gaps.assign(
            tier=gaps["ticket_id"].map(tier).fillna(difficulty.tier_of(log.frame).iloc[0]),
            times=1.0,
        )
        busy = self.work_[self.work_["seconds"] <= 7200.0]
        self.speeds_ = learn_speeds(busy, "proxy")
        per_handling = _touches_per_handling(log, fit, times)
        error = METHOD_ERROR[self.level_]
        source = "touches" if self.level_ == 3 else "first response and resolution stamps"
        how = f"work per touch from gaps between {source} of an agent, x touches per handling"
        self.handling_ = {}
        for name in self._names:
            touches = per_handling[name]
            mean = fit.mean_of(name) * touches
            cv = fit.cv / max(touches, 1.0) ** 0.5
            n = fit.n_of(name)
            # a pooled category may differ from the pool; its own gaps are too few to tell
            chance = fit.cv**2 / n if name in fit.means else 0.3**2
            time = on_log(Time, mean, (error**2 + chance) ** 0.5, n, "proxy", how)
            shape = Shape("lognormal", cv**2, n=len(gaps))
            self.handling_[name] = shape.with_mean(time, "proxy", how)
        self.notes_.append(
            Text(
                "handling: no handling times in the log; work is inferred from gaps between "
                f"{source} ({len(gaps)} gaps, mean {fit.overall / 60:.3g} min a touch)",
                "处理时间：数据中没有处理时长，由同一坐席相邻"
                f"{'操作记录' if self.level_ == 3 else '首次响应与解决时间戳'}之间的间隔推断"
                f"（{len(gaps)} 个间隔，每次操作平均 {fit.overall / 60:.3g} 分钟）",
            )
        )

    def _assume(self) -> None:
        mean, cv = ASSUMED
        how = "assumed: the log holds neither handling times nor enough touches"
        time = Time(value=mean, interval=(mean / 2, mean * 2), n=0, grade="assumed", how=how)
        factor = Factor(value=cv, interval=(0.8, 1.8), n=0, grade="assumed", how=how)
        self.level_ = 0
        self.work_ = pd.DataFrame(columns=["category", "tier", "team", "agent", "seconds", "times"])
        self.handling_ = {
            name: Duration(law="lognormal", mean=time, cv=factor) for name in self._names
        }
        self.notes_.append(
            Text(
                f"handling: no handling times and too few touches; {mean / 60:.0f} min is assumed",
                f"处理时间：没有处理时长，操作记录也太少；暂按 {mean / 60:.0f} 分钟假设",
            )
        )


def _relative_work(work: pd.DataFrame, difficulty: DifficultyEstimator) -> Array:
    """Return work factor of each record's tier relative to the mean of its category."""
    factor = {name: tier.work.value for name, tier in difficulty.difficulty_.items()}
    middle = {
        name: sum(share * factor[tier] for tier, share in shares.items())
        for name, shares in difficulty.shares_.items()
    }
    ratio = work["tier"].map(factor) / work["category"].map(middle).fillna(1.0)
    return np.asarray(ratio, dtype=np.float64)


def _shapes(parts: _Parts, means: Mapping[str, float]) -> dict[str, Shape]:
    """Return category -> shape of the residual; categories with few handlings share one."""
    mean = parts.category.map(means).to_numpy(dtype=float)
    rest = parts.seconds / (mean * parts.base)
    single = parts.times == 1
    if single.sum() < FEW_FOR_SHAPE <= len(single):
        # means over several handlings vary less than one handling: widen them
        rest = np.maximum(1 + (rest - 1) * np.sqrt(parts.times), 0.01)
        single = np.ones_like(single)
    common = shape_of(rest[single])
    out = dict.fromkeys(means, common)
    for name, place in parts.category[single].groupby(parts.category[single]).groups.items():
        if len(place) < FEW_FOR_SHAPE:
            continue
        out[str(name)] = shape_of(rest[place])
    return out


def _touches_per_handling(log: ContactLog, fit: TouchFit, times: pd.Series) -> dict[str, float]:
    """Return category -> touches of agents per handling, thin categories near that of all."""
    frame = log.frame
    table = pd.DataFrame(
        {
            "category": category_of(frame),
            "touches": frame["ticket_id"].map(fit.touches).fillna(0.0),
            "times": times,
        }
    )
    done = table[table["touches"] > 0]
    overall = done["touches"].sum() / done["times"].sum()
    sums = done.groupby("category")[["touches", "times"]].sum()
    sums = sums.reindex(table["category"].unique(), fill_value=0.0)
    ratio = (sums["touches"] + FEW * overall) / (sums["times"] + FEW)
    return {str(name): float(value) for name, value in ratio.items()}
