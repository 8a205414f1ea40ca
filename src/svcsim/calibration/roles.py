"""Role before skill: how much of the spread of work is its kind, the team's, the agent's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import Estimator, category_of, handlings_of
from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Grade
from svcsim.text import Text

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FEW_ROWS = 300
FEW_AGENTS = 5
MOST_ROWS = 200_000
ROUNDS = 60
WORTH_SAYING = 0.05
CORRELATIONS = np.linspace(-0.98, 0.98, 99)


@dataclass(frozen=True)
class Parts:
    """Adjusted shares of the variance of log work (or log elapsed time)."""

    kind: float
    """By category and tier of difficulty."""
    team: float
    """What teams add to the kind of work."""
    agent: float
    """What agents within their team add to both."""
    team_alone: float
    """Teams by themselves, the kind of work not taken out."""
    agent_alone: float
    """Agents by themselves: skill and role and kind of work together."""
    n: int
    grade: Grade
    """measured: handling time; proxy: elapsed time from opening to resolution."""


class RolesEstimator(Estimator):
    """Split the variance of log work into kind of work, team, and agent within team.

    Nested additive models are fitted by least squares: ``kind``, ``kind + team``, and
    ``kind + team + agent within team``; every share is adjusted for the number of effects,
    ``1 - (rest / (n - p)) / (total / (n - 1))``, so effects without meaning explain nothing on
    average. An agent's raw mean holds his role (his team and the work it gets); only the last part
    can be his own.

    Attributes
    ----------
    parts_ : Parts or None
        None with under 300 records or under five agents.
    correlation_ : (low, median, high) or None
        Of speed and quality over agents, after `compare`.
    """

    def fit(self, log: ContactLog, tier: pd.Series | None = None) -> Self:
        """Learn from ``log`` as recorded (teams and categories not pooled)."""
        self.parts_: Parts | None = None
        self.correlation_: tuple[float, float, float] | None = None
        frame = log.frame
        times = handlings_of(frame)
        work = (frame["handle_s"] / times).where(frame["handle_s"] > 0)
        grade: Grade = "measured"
        if work.notna().sum() < FEW_ROWS:
            elapsed = frame["resolved_s"] - frame["opened_s"]
            work, grade = elapsed.where(elapsed > 0), "proxy"
        use = np.flatnonzero((work.notna() & frame["agent"].notna()).to_numpy())
        if len(use) > MOST_ROWS:
            use = np.random.default_rng(5).permutation(use)[:MOST_ROWS]
        rows = frame.iloc[use]
        if len(use) < FEW_ROWS or rows["agent"].nunique() < FEW_AGENTS:
            return self
        kind = category_of(rows)
        if tier is not None:
            kind = kind + "\n" + tier.iloc[use]
        self.parts_ = parts_of(
            np.log(work.to_numpy(float)[use]),
            _codes(kind),
            _codes(rows["team"].astype("object").fillna("")),
            _codes(rows["agent"]),
            grade,
        )
        if max(self.parts_.team_alone, self.parts_.agent_alone) >= WORTH_SAYING:
            self._tell(self.parts_)
        return self

    def _tell(self, parts: Parts) -> None:
        what = (
            Text("log handling time", "处理时长对数")
            if parts.grade == "measured"
            else Text("log elapsed time", "历时对数")
        )
        own = parts.agent / parts.agent_alone if parts.agent_alone > 0 else 0.0
        verdict = (
            Text("mostly role, not skill", "主要是岗位之别，而非能力之别")
            if own < 0.5
            else Text("mostly differences within teams", "主要是班组内的差别")
        )
        self.notes_.append(
            Text(
                f"roles: of the variance of {what} agents alone explain {parts.agent_alone:.0%} "
                f"and teams alone {parts.team_alone:.0%}; by turns the kind of work explains "
                f"{parts.kind:.0%}, teams {parts.team:.0%} more and agents within their team "
                f"{parts.agent:.0%} more: {verdict}; agents are compared within their team",
                f"岗位：在{what.zh}的方差中，单看坐席可解释 {parts.agent_alone:.0%}，"
                f"单看班组可解释 {parts.team_alone:.0%}；依次计入，工作类型解释 {parts.kind:.0%}，"
                f"班组再解释 {parts.team:.0%}，班组内坐席再解释 {parts.agent:.0%}：{verdict.zh}；"
                "坐席只在班组内比较",
            )
        )

    def compare(self, effects: pd.DataFrame) -> Self:
        """Say how speed and quality go together over agents; ``effects`` as `correlation` takes."""
        self.correlation_ = correlation(effects)
        if self.correlation_ is not None:
            low, middle, high = self.correlation_
            verdict = Text("no relation can be told", "看不出确定的关系")
            if high < 0:
                verdict = Text("faster agents resolve less for good", "处理快的坐席一次解决得更少")
            elif low > 0:
                verdict = Text("faster agents resolve more for good", "处理快的坐席一次解决得更多")
            self.notes_.append(
                Text(
                    f"agents: speed and quality correlate by {middle:+.2f} over {len(effects)} "
                    f"agents (90 % interval {low:+.2f} to {high:+.2f}): {verdict}",
                    f"坐席：{len(effects)} 名坐席的速度与质量相关系数为 {middle:+.2f}"
                    f"（90% 区间 {low:+.2f} 至 {high:+.2f}）：{verdict.zh}",
                )
            )
        return self


def parts_of(y: Array, kind: Codes, team: Codes, agent: Codes, grade: Grade) -> Parts:
    """Return the adjusted shares of variance of ``y``."""
    cell = _pairs(team, agent)
    by_kind = _explained(y, [kind])
    by_team = _explained(y, [kind, team])
    by_agent = _explained(y, [kind, cell])  # a cell lies in one team: teams are in its span
    return Parts(
        kind=by_kind,
        team=max(by_team - by_kind, 0.0),
        agent=max(by_agent - by_team, 0.0),
        team_alone=_explained(y, [team]),
        agent_alone=_explained(y, [agent]),
        n=len(y),
        grade=grade,
    )


def correlation(
    effects: pd.DataFrame, scales: tuple[float, float] = (0.15, 0.3)
) -> tuple[float, float, float] | None:
    """Return low, median and high (90 %) of the correlation of true speed and quality.

    Estimates ``(s_i, q_i)`` with errors ``(e_i, f_i)`` of agents whose true effects are bivariate
    normal with spreads ``tau`` (half-normal priors) and correlation ``rho`` (flat prior):
    ``(s_i, q_i) ~ N(0, [[tau_s^2 + e_i^2, rho tau_s tau_q], [., tau_q^2 + f_i^2]])``. The
    posterior of ``rho`` is summed over a grid of both spreads. The correlation of estimates would
    be drawn to 0 by their noise, that of shrunken ones too.

    Parameters
    ----------
    effects : DataFrame
        ``speed, speed_error, quality, quality_error`` by agent (logs and logits, not shrunken).
    scales : pair of float
        Prior scales of the two spreads.
    """
    known = effects[np.isfinite(effects).all(axis=1)]
    if len(known) < FEW_AGENTS:
        return None
    s, e, q, f = (known[name].to_numpy(float) for name in
                  ("speed", "speed_error", "quality", "quality_error"))  # fmt: skip
    s, q = s - np.average(s, weights=e**-2), q - np.average(q, weights=f**-2)
    grids = [np.linspace(0.05, 4.0, 20) * scale for scale in scales]
    total = np.full((20, 20, len(CORRELATIONS)), -np.inf)
    for i, a in enumerate(grids[0]):
        for j, b in enumerate(grids[1]):
            va, vb = a**2 + e**2, b**2 + f**2
            between = CORRELATIONS[:, None] * a * b
            det = va * vb - between**2
            form = (vb * s**2 - 2 * between * s * q + va * q**2) / det
            prior = -0.5 * ((a / scales[0]) ** 2 + (b / scales[1]) ** 2)
            total[i, j] = prior - 0.5 * (np.log(det) + form).sum(axis=1)
    post = np.exp(total - total.max()).sum(axis=(0, 1))
    post /= post.sum()
    low, middle, high = np.interp([0.05, 0.5, 0.95], np.cumsum(post) - 0.5 * post, CORRELATIONS)
    return float(low), float(middle), float(high)


def _codes(values: pd.Series) -> Codes:
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _pairs(one: Codes, other: Codes) -> Codes:
    both = one * (int(other.max(initial=0)) + 1) + other
    return np.asarray(np.unique(both, return_inverse=True)[1], dtype=np.int64)


def _explained(y: Array, codes: list[Codes]) -> float:
    """Return the adjusted share of variance that additive effects of the codes explain."""
    rest = y - y.mean()
    total = float((rest**2).sum())
    for _ in range(ROUNDS if len(codes) > 1 else 1):
        before = float((rest**2).sum())
        for code in codes:
            rest = rest - (np.bincount(code, rest) / np.maximum(np.bincount(code), 1))[code]
        if before - float((rest**2).sum()) < 1e-7 * total:
            break
    used = 1 + sum(len(np.unique(code)) - 1 for code in codes)
    n = len(y)
    if total <= 0 or n <= used:
        return 0.0
    return max(1.0 - float((rest**2).sum()) / (n - used) / (total / (n - 1)), 0.0)
