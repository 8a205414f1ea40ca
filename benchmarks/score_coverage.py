"""How often 95 % intervals of scores hold the true score, where KPIs depend on each other.

python benchmarks/score_coverage.py scores simulated months of a desk whose customers are less
satisfied when they wait, and whose good agents are good at everything. The true value of every
KPI is known, so is the true score.
"""

from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtr

from svcsim.contacts.log import ContactLog, make_log
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard

START = pd.Timestamp("2026-03-01", tz="UTC").timestamp()
DAY = 86400.0
CUTS = np.array([-1.6, -1.2, -0.84, 0.3])
"""A customer answers 1 to 5 by where the latent satisfaction lies among these."""
SPEED = 0.8
"""Standard deviation of the log of the response time."""
CARD = Scorecard(
    name="three",
    kpis=(
        Kpi(metric="csat_top2", weight=0.35, target=0.82, floor=0.4, stretch=1.0),
        Kpi(metric="csat_mean", weight=0.35, target=4.0, floor=2.5, stretch=4.9),
        Kpi(metric="frt", weight=0.3, target=1200.0, floor=6000.0, stretch=300.0),
    ),
)


def true_values(quality: float, slowness: float) -> tuple[float, float, float]:
    """KPIs of a unit that shifts latent satisfaction and log response time by so much."""
    over = ndtr(quality - CUTS)
    mean_time = 1000.0 * np.exp(slowness + SPEED**2 / 2)
    return float(over[2]), float(1 + over.sum()), float(mean_time)


def month(
    rng: np.random.Generator,
    talents: np.ndarray,
    contacts: int,
    dependence: float,
    teams: int,
    *,
    by_team: bool = False,
) -> ContactLog:
    """One month of ``contacts`` contacts an agent (row of ``talents``: quality, slowness)."""
    n = len(talents) * contacts
    agent = np.repeat(np.arange(len(talents)), contacts)
    latent = rng.standard_normal((n, 2))
    mood = dependence * latent[:, 0] + np.sqrt(1 - dependence**2) * latent[:, 1]
    unit = agent % teams if by_team else agent
    quality, slowness = talents[unit, 0], talents[unit, 1]
    frt = np.round(1000.0 * np.exp(slowness - SPEED * latent[:, 0]))
    csat = 1.0 + ((mood + quality)[:, None] > CUTS).sum(axis=1)
    opened = np.floor(START + rng.random(n) * 30 * DAY)
    frame = {
        "ticket_id": [str(i) for i in range(n)],
        "agent": [f"a{i:02d}" for i in agent],
        "team": [f"t{i % teams}" for i in agent],
        "category": ["A"] * n,
        "opened_s": opened,
        "first_response_s": opened + frt,
        "resolved_s": opened + frt + 3600,
        "csat": csat,
        "survey_s": opened + frt + 7200,
    }
    rows = pd.DataFrame(frame).to_dict("records")
    return make_log(
        rows, start=START, end=START + 31 * DAY, observed_until=START + 60 * DAY, timezone="UTC"
    )


def true_score(quality: float, slowness: float, curves: dict[str, object]) -> float:
    """Weighted points of the true values."""
    names = ("csat_top2", "csat_mean", "frt")
    points = (
        curves[m].points(x) for m, x in zip(names, true_values(quality, slowness), strict=True)
    )
    return float(sum(k.weight * p for k, p in zip(CARD.kpis, points, strict=True)))


def coverage(
    months: int,
    dependence: float,
    halo: float,
    seed: int = 1,
    agents: int = 16,
    contacts: int = 40,
    spread: float = 0.15,
    teams: int = 4,
) -> dict[str, float]:
    """Share of 95 % intervals that hold the true score: agents, and teams with a truth each.

    ``dependence``: correlation of waiting and dissatisfaction within a contact; ``halo``: of the
    agents' true quality and speed.
    """
    rng = np.random.default_rng(seed)
    held: dict[str, list[bool]] = {"agent": [], "team": [], "desk": []}
    root = np.linalg.cholesky(np.array([[1.0, -halo], [-halo, 1.0]]))
    for _ in range(months):
        talents = spread * rng.standard_normal((agents, 2)) @ root.T
        table = score(month(rng, talents, contacts, dependence, teams), CARD)
        curves = {one.kpi.metric: one.curve for one in table.kpis}
        of_agents = {f"a{i:02d}": true_score(q, s, curves) for i, (q, s) in enumerate(talents)}
        table_team = score(
            month(rng, talents, contacts, dependence, teams, by_team=True), CARD, by=["team"]
        )
        curves = {one.kpi.metric: one.curve for one in table_team.kpis}
        of_teams = {f"t{i}": true_score(*talents[i], curves) for i in range(teams)}
        mean = np.mean([true_values(*talents[i]) for i in range(teams)], axis=0)
        of_desk = sum(
            k.weight * float(curves[k.metric].points(x))
            for k, x in zip(CARD.kpis, mean, strict=True)
        )
        for unit in table.units:
            if unit.kind == "agent":
                held["agent"].append(unit.lower <= of_agents[unit.unit] <= unit.upper)
        for unit in table_team.units:
            truth = of_desk if unit.kind == "desk" else of_teams[unit.unit]
            held[unit.kind].append(unit.lower <= truth <= unit.upper)
    return {kind: float(np.mean(flags)) for kind, flags in held.items()}


def main() -> None:
    """Print coverage by dependence and halo."""
    print("dependence  halo  contacts   agents    teams     desk")
    for dependence, halo, contacts in product((-0.6, 0.0, 0.6), (-0.5, 0.0, 0.7), (15, 60)):
        found = coverage(60, dependence, halo, contacts=contacts)
        cells = " ".join(f"{found[kind]:8.3f}" for kind in ("agent", "team", "desk"))
        print(f"{dependence:10.1f} {halo:5.1f} {contacts:9d} {cells}", flush=True)


if __name__ == "__main__":
    main()
