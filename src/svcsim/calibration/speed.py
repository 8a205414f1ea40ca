"""Speed of agents: what remains of log working time once the kind of work is taken out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.estimator import on_log
from svcsim.model.quantity import Factor, Grade
from svcsim.stats.shrink import shrink_normal

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

LOG_SPREAD = 0.20
"""Prior scale of agents' effects on log working time."""
SHORTEST = 10.0
"""Shorter handlings (seconds) count as this long: their logarithm would drown all others."""


@dataclass(frozen=True)
class Speeds:
    """Speed of every agent (1.1 = 10 % faster than alike work of the team takes)."""

    by_agent: dict[str, Factor]
    spread: float
    """Standard deviation of log speed between agents."""
    estimates: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Log speed of every agent and its standard error, before shrinking."""

    def of(self, agents: pd.Series) -> Array:
        """Return the speed of each named agent; 1 where nothing is known."""
        known = {name: speed.value for name, speed in self.by_agent.items()}
        return np.asarray(agents.map(known).fillna(1.0), dtype=np.float64)


def learn_speeds(work: pd.DataFrame, grade: Grade = "measured") -> Speeds:
    """Learn speeds from records of work.

    ``log seconds = category + tier + team + agent + noise`` by least squares, agents within their
    team averaging 0 over records; agents' effects are then shrunk by a normal hierarchical model
    averaged over its spread (half-normal prior, 0.2 on the log scale). The effect of an agent
    who shares no kind of work with others cannot be told from the work: it counts for nothing.

    Parameters
    ----------
    work : DataFrame
        ``category, tier, team, agent, seconds`` (per handling); rows without agent are used for
        the kind of work only.
    """
    seconds = work["seconds"].to_numpy(dtype=float)
    y = np.log(np.maximum(seconds, SHORTEST))
    agent, names = pd.factorize(work["agent"])
    if len(names) < 2:
        return Speeds({}, 0.0)
    kinds = [pd.factorize(work[name])[0] for name in ("category", "tier", "team")]
    known = agent >= 0
    effect, rest = _fit(y, kinds, agent, len(names))
    size = np.bincount(agent[known], minlength=len(names))
    cells = kinds[0] * (kinds[1].max() + 1) + kinds[1]
    told = _told(cells[known], agent[known], len(names))
    noise = float(np.sqrt((rest**2).sum() / max(len(rest) - len(names), 1)))
    with np.errstate(divide="ignore"):
        errors = noise / np.sqrt(np.where(told > 0.5, told, 0.0))
    shrunk = shrink_normal(effect, errors, prior_scale=LOG_SPREAD, centre=0.0)
    how = "residual log working time within category, tier and team, shrunk to the team"
    by_agent = {
        str(name): on_log(
            Factor, float(np.exp(-shrunk.mean[i])), float(shrunk.sd[i]), int(size[i]), grade, how
        )
        for i, name in enumerate(names)
    }
    estimates = {str(n): (-float(effect[i]), float(errors[i])) for i, n in enumerate(names)}
    return Speeds(by_agent, shrunk.tau, estimates)


def _fit(y: Array, kinds: list[Codes], agent: Codes, number: int) -> tuple[Array, Array]:
    """Fit additive effects by backfitting; return the agents' effects and the residuals."""
    known = agent >= 0
    team = kinds[2]
    size = np.maximum(np.bincount(agent[known], minlength=number), 1)
    rest = y - y.mean()
    effect = np.zeros(number)
    for _ in range(200):
        for kind in kinds:
            mean = np.bincount(kind, rest) / np.maximum(np.bincount(kind), 1)
            rest = rest - mean[kind]
        step = np.bincount(agent[known], rest[known], minlength=number) / size
        rest[known] -= step[agent[known]]
        effect += step
        if np.max(np.abs(step)) < 1e-5:
            break
    # a team's own pace belongs to the team
    total = np.bincount(team[known], effect[agent[known]])
    middle = total / np.maximum(np.bincount(team[known]), 1)
    home = np.zeros(number)
    np.add.at(home, agent[known], middle[team[known]])
    return effect - home / size, rest


def _told(cells: Codes, agent: Codes, number: int) -> Array:
    """Return the records that tell something of each agent: ``sum n_ac (1 - n_ac / n_c)``."""
    pair, count = np.unique(cells * number + agent, return_counts=True)
    total = np.bincount(cells)[pair // number]
    told = np.zeros(number)
    np.add.at(told, pair % number, count * (1.0 - count / total))
    return told
