"""Fit on world A, predict world B: two agents have left and volume is 10 % higher.

``python benchmarks/counterfactual.py`` draws desks of known truth (`desks_of_truth`), simulates a
history of each (world A), learns a baseline from it as a user would (`study.learn`, tuning
included), changes the baseline by a scenario, and compares the predicted bands (parameters
redrawn) with the true desk under the same changes. Told by kind of desk and KPI: how often the
90 % band holds the KPIs that world B realised, and the bias of the prediction (the median of its
replications) against world B (the median of its own): the mean of redrawn replications is no
prediction of a queue near its capacity, a few draws beyond it rule the mean. Results:
benchmarks/results/counterfactual.json; finished worlds stay in ``--store``.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from desks_of_truth import START, Desk, broken, history, random_desk
from svcsim.calibration.fit import calibrate
from svcsim.contacts.log import ContactLog
from svcsim.model.baseline import Baseline, Source
from svcsim.model.service import ServiceModel
from svcsim.model.times import minutes_of_day as minute_of
from svcsim.scenario.changes import Change
from svcsim.scenario.scenario import Scenario
from svcsim.study.experiment import Plan, run_experiment
from svcsim.study.learn import Effort, learn

RESULT = Path(__file__).parent / "results" / "counterfactual.json"
METRICS = {
    "ticket": ("volume", "frt", "frt_p50", "frt_p90", "frt_within(1h)", "res_full", "res_full_p50",
               "res_within(24h)", "aht", "transfers", "reopen", "repeat(7d)", "csat_top2",
               "csat_response"),
    "live": ("volume", "wait", "frt", "answered_within(20s)", "answered_within(60s)", "abandon",
             "aht", "transfers", "reopen", "repeat(7d)", "csat_top2", "csat_response"),
}  # fmt: skip
SHARES = ("within", "abandon", "reopen", "repeat", "csat")
LOAD = {"ticket": (0.55, 0.75), "live": (0.5, 0.7)}
"""Of world A; world B has about a tenth to a third less capacity for a tenth more volume."""
DAYS, WARM_UP, WEEKS = 28, 28, 26


def world(kind: str, seed: int, breaking: bool = False) -> Desk:
    """Return the desk of a world: 10 to 30 agents, 26 weeks of history."""
    make = broken if breaking else random_desk
    return make(
        5000 + seed, live=kind == "live", load=LOAD[kind], agents=(10, 30), weeks=(WEEKS, WEEKS)
    )


def rostered(desk: Desk, whole: ContactLog) -> pd.DataFrame:
    """Return who was on duty when, as a roster corrected for absences tells it.

    The spells of the simulated log cut to the windows of the shifts: agents finish what they work
    on, and that time is no capacity which a roster plans.
    """
    assert whole.staffed is not None
    spells = whole.staffed[whole.staffed["start_s"] >= whole.start].reset_index(drop=True)
    local = pd.to_datetime(spells["start_s"], unit="s", utc=True).dt.tz_convert(whole.timezone)
    day = local.dt.normalize()
    minute = ((local - day) / pd.Timedelta(minutes=1)).to_numpy()
    windows = {
        (minute_of(a), minute_of(b))
        for shift in desk.model.staffing.shifts.values()
        for a, b in shift
    }
    stop = np.full(len(spells), -1.0)
    for a, b in windows:
        stop = np.where(np.abs(minute - a) < 1.0, b, stop)
    end = spells["start_s"] + 60.0 * (stop - minute)
    out = spells.assign(end_s=np.minimum(spells["end_s"], end))
    return out[(stop > 0) & (out["end_s"] > out["start_s"])]


def changes(desk: Desk, seed: int) -> tuple[Change, ...]:
    """Return what world B changes: two agents of large teams leave, arrivals grow by a tenth."""
    rng = np.random.default_rng([20250108, seed])
    sizes = pd.Series([agent.team for agent in desk.model.agents.values()]).value_counts()
    able = [n for n, agent in desk.model.agents.items() if sizes[agent.team] >= 4]
    gone = rng.choice(able or list(desk.model.agents), 2, replace=False)
    leaving = (Change(path=f"agents.{name}.leaves", add="2020-01-01") for name in gone)
    return (Change(path="arrivals.level", times=1.1), *leaving)


def baseline_of(model: ServiceModel) -> Baseline:
    """Wrap a true desk as a baseline."""
    source = Source(log="truth", rows=0, start="", end="")
    return Baseline(svcsim="0", name="truth", source=source, model=model)


def predicted(
    baseline: Baseline,
    change: Sequence[Change],
    metrics: Sequence[str],
    *,
    replications: int,
    seed: int,
    redraw: bool,
) -> pd.DataFrame:
    """Return the KPI values of every replication of a changed baseline."""
    scenario = Scenario(name="B", baseline="A", changes=tuple(change))
    plan = Plan(
        start=START + timedelta(weeks=WEEKS + 4), days=DAYS, warm_up_days=WARM_UP,
        replications=replications, seed=seed, workers=1,
    )  # fmt: skip
    return run_experiment(baseline, {"B": scenario}, plan, metrics=metrics, redraw=redraw)


def one(
    kind: str, seed: int, replications: int, breaking: bool = False, recorded: bool = False
) -> list[dict[str, Any]]:
    """Return one row a KPI of one world; ``recorded``: the history tells who was on duty when."""
    desk = world(kind, seed, breaking)
    log, whole = history(desk, 7000 + seed)
    if recorded:
        log = replace(log, staffed=rostered(desk, whole))
    effort = Effort(fidelity_replications=20, workers=1)
    learned = learn(log, lambda part: calibrate(part), effort=effort)
    change, metrics = changes(desk, seed), METRICS[kind]
    found = predicted(learned, change, metrics, replications=replications, seed=11, redraw=True)
    true = predicted(
        baseline_of(desk.model), change, metrics, replications=40, seed=900 + seed, redraw=False
    )
    plain = predicted(baseline_of(desk.model), (), metrics, replications=10, seed=13, redraw=False)
    own = predicted(learned, (), metrics, replications=20, seed=13, redraw=True)
    out = []
    for metric in metrics:
        bands = _values(found, metric)
        reality = _values(true, metric)
        if len(bands) < 20 or len(reality) < 20:
            continue
        low, high = np.quantile(bands, [0.05, 0.95])
        out.append(
            {
                "kind": kind, "broken": breaking, "recorded": recorded,
                "seed": seed, "metric": metric, "load": desk.load,
                "agents": len(desk.model.agents), "roster": desk.roster,
                "slowdown": learned.model.staffing.slowdown.value,
                "true slowdown": desk.model.staffing.slowdown.value,
                "verdict": learned.fidelity.verdict,
                "truth": float(reality.mean()), "truth median": float(np.median(reality)),
                "predicted": float(bands.mean()),
                "predicted median": float(np.median(bands)),
                "low": float(low), "high": float(high),
                "realised inside": float(((reality >= low) & (reality <= high)).mean()),
                "A truth": float(_values(plain, metric).mean()),
                "A learned": float(_values(own, metric).mean()),
            }
        )  # fmt: skip
    return out


def _values(table: pd.DataFrame, metric: str) -> np.ndarray:
    return table.loc[table["metric"] == metric, "value"].dropna().to_numpy(dtype=float)


def is_share(metric: str) -> bool:
    """Tell whether the bias of a KPI is told in percentage points."""
    return any(part in metric for part in SHARES)


def summary(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return one line a kind of desk and KPI: coverage and bias, in B and (as learned) in A."""
    lines = []
    keys = ["kind", "broken", "recorded", *by, "metric"]
    for key, part in rows.groupby(keys, sort=False):
        metric = key[-1]
        share = is_share(str(metric))
        bias = {
            name: 100 * (part[a] - part[b]) / (1.0 if share else part[b])
            for name, a, b in (
                ("B", "predicted median", "truth median"),
                ("mean", "predicted", "truth"),
                ("A", "A learned", "A truth"),
            )
        }
        effect = 100 * (part["truth"] - part["A truth"]) / (1.0 if share else part["A truth"])
        lines.append(
            {
                **dict(zip(keys, key, strict=True)), "worlds": len(part),
                "coverage": part["realised inside"].mean(),
                "coverage se": part["realised inside"].std() / len(part) ** 0.5,
                "bias": bias["B"].mean(), "bias se": bias["B"].std() / len(part) ** 0.5,
                "bias of the mean": bias["mean"].mean(), "mean |bias|": bias["B"].abs().mean(),
                "bias in A": bias["A"].mean(), "effect of the change": effect.mean(),
                "unit": "percentage points" if share else "%",
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def run(
    number: int,
    replications: int,
    store: Path,
    breaking: bool,
    recorded: bool,
    kinds: Sequence[str] = tuple(METRICS),
) -> pd.DataFrame:
    """Run the worlds that are not in the store yet; return all rows of the store."""
    store.mkdir(parents=True, exist_ok=True)
    for seed in range(1, number + 1):
        for kind in kinds:
            what = ("broken-" if breaking else "") + ("recorded-" if recorded else "")
            file = store / f"{what}{kind}-{seed:03d}.json"
            if not file.exists():
                file.write_text(json.dumps(one(kind, seed, replications, breaking, recorded)))
                print(file.stem, flush=True)
    return read(store)


def read(store: Path) -> pd.DataFrame:
    """Return all rows of a store."""
    files = sorted(store.glob("*.json"))
    rows = pd.DataFrame([row for file in files for row in json.loads(file.read_text())])
    return rows if rows.empty else rows.fillna({"recorded": False})


def main() -> None:
    """Run, print the table, write the results."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("-n", type=int, default=30, help="worlds of each kind")
    ask.add_argument("-r", type=int, default=200, help="replications of a prediction")
    ask.add_argument("--store", type=Path, default=Path("results/counterfactual"))
    ask.add_argument("--broken", action="store_true", help="desks that break assumptions")
    ask.add_argument("--recorded", action="store_true", help="histories tell who was on duty")
    ask.add_argument("--kinds", nargs="+", choices=list(METRICS), default=list(METRICS))
    ask.add_argument("--dry", action="store_true", help="print only")
    given = ask.parse_args()
    warnings.simplefilter("ignore")
    rows = run(given.n, given.r, given.store, given.broken, given.recorded, given.kinds)
    table = summary(rows)
    by_roster = summary(rows[rows["metric"].isin(["frt", "wait"])], ["roster"])
    print(by_roster.round(2).to_string(index=False))
    print(table.round(2).to_string(index=False))
    if not given.dry:
        found = {"replications": given.r, "lines": json.loads(table.to_json(orient="records"))}
        found["by roster"] = json.loads(by_roster.to_json(orient="records"))
        RESULT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
