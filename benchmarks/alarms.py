"""How often alerts are false, how soon they see a change: python benchmarks/alarms.py.

Run lengths by the Markov chain beside simulation; a card watched on simulated years of the sample
desk, as they are and with something getting worse; miss budgets beside what became of them. Writes
benchmarks/results/alarms.json and the page docs/integrity.md again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from desks_with_behaviours import sample
from detectors_page import write_page
from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel
from svcsim.scorecard.alerts import (
    CUSUM,
    CUSUM_QUICK,
    CUSUM_SLOW,
    EWMA,
    SHEWHART,
    ControlChart,
)
from svcsim.scorecard.alerts_budget import burn
from svcsim.scorecard.alerts_limits import control_limit
from svcsim.scorecard.alerts_watch import watch
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.period import parse_period
from svcsim.scorecard.scorecard import Scorecard

CHARTS = {
    "CUSUM h=3": CUSUM_QUICK,
    "CUSUM h=4": CUSUM,
    "CUSUM h=5": CUSUM_SLOW,
    "EWMA .2/2.86": EWMA,
    "Shewhart 2": SHEWHART,
}
SHIFTS = (0.0, 0.5, 1.0, 2.0)
TARGETS = (
    *(("frt_within(1h)", 0.8), ("frt", 3600.0), ("fcr_window(7d)", 0.85), ("csat_mean", 4.2)),
    ("res_within(24h)", 0.7),
)
CARD = Scorecard(name="five", kpis=tuple(Kpi(metric=m, weight=0.2, target=t) for m, t in TARGETS))
WARM_UP, WEEKS, WORSE = 28, 40, 8
"""Days before, weeks of a year that are seen, and the last weeks in which something is worse."""


def run_length(chart: ControlChart, shift: float, runs: int, seed: int = 1) -> tuple[float, float]:
    """Mean run length of simulated charts, and its standard error."""
    rng = np.random.default_rng(seed)
    state, length = np.zeros(runs), np.zeros(runs)
    alive, t = np.ones(runs, dtype=bool), 0
    while alive.any():
        t += 1
        z = rng.standard_normal(runs) + shift
        if chart.kind == "cusum":
            state = np.maximum(0.0, state + z - chart.k)
            statistic = state
        elif chart.kind == "ewma":
            state = chart.weight * z + (1 - chart.weight) * state
            spread = chart.weight / (2 - chart.weight) * (1 - (1 - chart.weight) ** (2 * t))
            statistic = state / np.sqrt(spread)
        else:
            statistic = z
        length[alive] = t
        alive &= statistic < chart.bound
    return float(length.mean()), float(length.std() / np.sqrt(runs))


def run_lengths(runs: int) -> list[dict[str, Any]]:
    """Computed and simulated run lengths of every chart."""
    out = []
    for name, chart in CHARTS.items():
        for shift in SHIFTS:
            mean, error = run_length(chart, shift, runs)
            row = {"chart": name, "shift": shift, "computed": chart.arl(shift)}
            out.append({**row, "simulated": mean, "error": error})
    return out


def slower(log: ContactLog, who: str | None, since: float) -> ContactLog:
    """First responses of an agent, or all, take half as long again from an instant on."""
    frame = log.frame
    hit = (frame["opened_s"] >= since) & ((frame["agent"] == who) if who else True)
    took = frame["first_response_s"] - frame["opened_s"]
    first = frame["opened_s"] + np.where(hit, 1.5 * took, took)
    return replace(log, frame=frame.assign(first_response_s=first))


def unhappier(log: ContactLog, who: str | None, since: float) -> ContactLog:
    """Answers about an agent are one star lower from an instant on."""
    frame = log.frame
    hit = (frame["survey_s"] >= since) & (frame["agent"] == who)
    csat = np.where(hit, np.maximum(frame["csat"] - 1, 1), frame["csat"])
    return replace(log, frame=frame.assign(csat=csat))


Change = Callable[[ContactLog, str | None, float], ContactLog]
Case = tuple[str, str, Change | None, bool]
CHANGES: list[Case] = [
    ("nothing", "", None, False),
    ("one agent's first responses x 1.5", "frt", slower, True),
    ("one agent's answers a star lower", "csat_mean", unhappier, True),
    ("everybody's first responses x 1.5", "frt", slower, False),
]


def watched(years: int, changes: Sequence[Case] = CHANGES) -> list[dict[str, Any]]:
    """Alerts on simulated years."""
    model = ServiceModel.from_data(sample(), "truth.yaml")
    horizon = Horizon(date(2025, 1, 6), WARM_UP + 7 * WEEKS, 8)
    rows = [
        {"what": what, "years": years, "charts": 0, "alerts": 0, "alarmed": 0, "seen": 0}
        for what, *_ in changes
    ]
    for replication in range(1, years + 1):
        log = simulate(model, horizon, seed=9, replication=replication, redraw_parameters=False)
        log = log.window(log.start + WARM_UP * 86400, log.end)
        span = parse_period("2025-10-13/2025-11-10", log.timezone)
        who = sorted(log.frame["agent"].dropna().unique())[replication % 24]
        for row, (_, metric, change, single) in zip(rows, changes, strict=True):
            unit = who if single else None
            seen = change(log, unit, span.end - WORSE * 7 * 86400) if change else log
            table = watch(seen, CARD, span)
            found = [one for one in table.alerts if one.rule == "cusum"]
            row["charts"] += table.watched
            row["alerts"] += len(found)
            row["alarmed"] += bool(found)
            kind = "agent" if single else "desk"
            row["seen"] += any(
                one.metric == metric and one.kind == kind and unit in (None, one.unit)
                for one in found
            )
    return rows


def limits(runs: int, seed: int = 2) -> list[dict[str, Any]]:
    """How often a further lognormal period crosses the limit."""
    rng, out = np.random.default_rng(seed), []
    for replications in (100, 200, 400, 1000):
        for rate in (0.01, 0.05):
            crossed, held = [], []
            for _ in range(runs):
                found = control_limit(np.exp(rng.standard_normal(replications)), rate, "up")
                # P(a further period exceeds it), exactly
                crossed.append(float(ndtr(-np.log(found.value))) if found.value > 0 else np.nan)
                held.append(found.rate_lower <= crossed[-1] <= found.rate_upper)
            row = {"replications": replications, "rate": rate}
            known = np.isfinite(crossed)
            mean = float(np.mean(np.array(crossed)[known])) if known.any() else None
            holds = float(np.mean(held)) if known.any() else None
            out.append({**row, "crossed": mean, "interval_holds": holds})
    return out


def budgets(months: int, seed: int = 3) -> list[dict[str, Any]]:
    """P(over budget) after 10 of 30 days beside how often the budget was exceeded."""
    rng = np.random.default_rng(seed)
    said, came = np.empty(months), np.empty(months)
    rho, budget, n = 0.02, 0.10, 40.0
    for month in range(months):
        p, weight = rng.uniform(0.06, 0.14), 1 / rho - 1
        missed = rng.binomial(int(n), rng.beta(p * weight, (1 - p) * weight, 30)).astype(float)
        said[month] = burn(missed[:10], np.full(10, n), budget, 20 * n, rho).p_exceed
        came[month] = missed.sum() > budget * 30 * n
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
    out = []
    for low, high in zip(edges, edges[1:], strict=False):
        use = (said >= low) & ((said < high) | (high == 1.0))
        out.append({"from": low, "to": high, "months": int(use.sum()),
                    "said": float(said[use].mean()), "came": float(came[use].mean())})  # fmt: skip
    return out


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--years", type=int, default=60)
    options = parser.parse_args()
    results = {
        "run_lengths": run_lengths(4000),
        "watched": watched(options.years),
        "limits": limits(2000),
        "budgets": budgets(20000),
    }
    place = Path(__file__).parent / "results" / "alarms.json"
    place.write_text(json.dumps(results, indent=1) + "\n")
    write_page()


if __name__ == "__main__":
    main()
