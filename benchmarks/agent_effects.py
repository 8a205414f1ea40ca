"""Agents' effects of known size, learned back: python benchmarks/agent_effects.py [RUNS].

Writes benchmarks/results/agent_effects.json: for 5, 10 and 25 agents, few and many records each,
work assigned at random or hard work to fast agents, the root mean square error of log speed (raw
means, residuals, shrunken), the learned spread, and how often 90 % intervals hold the truth.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from svcsim.calibration.speed import learn_speeds

SPREAD, NOISE = 0.20, 0.8
KINDS = np.log([300.0, 900.0, 2700.0])
RESULT = Path(__file__).parent / "results" / "agent_effects.json"


def records(
    agents: int, each: int, by_skill: bool, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return records of work of one team, and the agents' true log speeds.

    ``by_skill``: the chance of hard work rises with the agent's speed, as skill routing does.
    """
    speed = rng.normal(0.0, SPREAD, agents)
    agent = np.repeat(np.arange(agents), each)
    pull = 3.0 * speed[agent] / SPREAD if by_skill else np.zeros(len(agent))
    score = pull[:, None] * np.array([-0.5, 0.0, 0.5]) + rng.gumbel(size=(len(agent), 3))
    kind = score.argmax(axis=1)
    y = KINDS[kind] - speed[agent] + rng.normal(0.0, NOISE, len(agent))
    frame = pd.DataFrame(
        {
            "category": kind.astype(str), "tier": "standard", "team": "desk",
            "agent": [f"a{k:03d}" for k in agent], "seconds": np.exp(y),
        }
    )  # fmt: skip
    return frame, speed


def measure(agents: int, each: int, by_skill: bool, runs: int, seed: int = 1) -> dict[str, object]:
    """Return errors and coverage over ``runs`` data sets."""
    rng = np.random.default_rng(seed)
    errors: dict[str, list[float]] = {"raw": [], "residual": [], "shrunken": []}
    held, taus = [], []
    for _ in range(runs):
        frame, speed = records(agents, each, by_skill, rng)
        truth = speed - speed.mean()
        learned = learn_speeds(frame)
        names = sorted(learned.by_agent)
        raw = -np.log(frame["seconds"]).groupby(frame["agent"]).mean()[names].to_numpy()
        residual = np.array([learned.estimates[name][0] for name in names])
        shrunken = np.log([learned.by_agent[name].value for name in names])
        for kind, values in (("raw", raw), ("residual", residual), ("shrunken", shrunken)):
            errors[kind].append(float(np.mean((values - values.mean() - truth) ** 2)))
        ends = [learned.by_agent[name].interval for name in names]
        held += [lo <= np.exp(t) <= hi for (lo, hi), t in zip(ends, truth, strict=True)]
        taus.append(learned.spread)
    return {
        "agents": agents, "records_each": each,
        "assignment": "by skill" if by_skill else "at random",
        "rmse": {kind: round(float(np.mean(v)) ** 0.5, 4) for kind, v in errors.items()},
        "spread": round(float(np.mean(taus)), 4), "cover_90": round(float(np.mean(held)), 4),
        "runs": runs,
    }  # fmt: skip


def main(runs: int) -> None:
    """Print and write the table."""
    rows = [
        measure(agents, each, by_skill, runs)
        for agents in (5, 10, 25)
        for each in (15, 60, 300)
        for by_skill in (False, True)
    ]
    truth = {"spread": SPREAD, "noise": NOISE}
    RESULT.write_text(json.dumps({"truth": truth, "rows": rows}, indent=1) + "\n")
    print(pd.json_normalize(rows).to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
