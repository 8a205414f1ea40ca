"""What a KPI table costs: `evaluate` by agent and week, part by part, beside plain pandas.

python benchmarks/kpi_table.py builds one replication of 26 weeks (about 112,000 contacts of 30
agents) held as a simulation and as a history hold theirs, and prints CPU milliseconds of the
calling thread (medians, warm). The pandas table has the same metrics without their finer rules
(no Kaplan-Meier, no cut of spells at the ends of weeks), so it does less.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from svcsim.contacts.codes import coded
from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog
from svcsim.metrics import evaluate as module
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.elementwise import elementwise
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.facts import next_contact_gap
from svcsim.metrics.groups import group_rows

METRICS = [
    "volume", "frt_p50", "frt_p90", "frt_within(10min)", "wait", "abandon", "aht",
    "fcr_window(7d)", "repeat(7d)", "csat_top2", "occupancy",
]  # fmt: skip
WEEKS, AGENTS, CONTACTS, ZONE = 26, 30, 112_000, "Asia/Shanghai"
START = pd.Timestamp("2024-01-01", tz=ZONE).timestamp()
END = START + WEEKS * 7 * 86400
NAN = np.nan


def texts(code: np.ndarray, stem: str, count: int, kind: str) -> Any:
    """One of a few texts a row, as categories or as ``str``; -1 is missing."""
    names = [f"{stem} {i:02d}" for i in range(count)]
    if kind == "simulation":
        return pd.Categorical.from_codes(code, names)
    return pd.array([*names, None], dtype="str").take(np.where(code < 0, count, code))


def numbered(code: np.ndarray, kind: str) -> Any:
    """Identifiers, as whole numbers or as ``str``."""
    return code if kind == "simulation" else pd.array([f"T{c}" for c in code], dtype="str")


def make(kind: str, seed: int = 1) -> ContactLog:
    """One replication with repeats, abandonment and a few contacts still open at the end."""
    rng, n = np.random.default_rng(seed), CONTACTS
    opened = np.sort(np.floor(rng.uniform(START, END, n)))
    wait, handle = np.floor(rng.exponential(300, n)), np.floor(rng.lognormal(6, 0.8, n))
    fate = rng.choice(3, n, p=[0.94, 0.058, 0.002])
    fate[(fate == 2) & (opened < END - 86400)] = 0
    ok = fate == 0
    resolved = np.where(ok, opened + wait + handle, NAN)
    case = np.arange(n)
    again = rng.random(n) < 0.114
    case[again] = np.maximum(case[again] - rng.integers(1, 3000, again.sum()), 0)
    agent = np.where(ok, rng.integers(0, AGENTS, n), -1)
    team = np.where(agent < 0, -1, agent % 3)
    csat = np.where(ok & (rng.random(n) < 0.3), rng.integers(1, 6, n), NAN)
    outcome = pd.Categorical.from_codes(fate, ["resolved", "abandoned", "open"])
    known: dict[str, Any] = {
        "ticket_id": numbered(np.arange(n), kind),
        "case_id": numbered(case, kind),
        "customer": numbered(case, kind),
        "contact_no": pd.Series(case).groupby(case).cumcount().to_numpy() + 1.0,
        "channel": texts(np.zeros(n, dtype=int), "channel", 1, kind),
        "category": texts(rng.integers(0, 4, n), "category", 4, kind),
        "difficulty": texts(rng.integers(0, 3, n), "difficulty", 3, kind),
        "priority": texts(rng.integers(0, 3, n), "priority", 3, kind),
        "agent": texts(agent, "agent", AGENTS, kind),
        "team": texts(team, "team", 3, kind),
        "outcome": outcome if kind == "simulation" else outcome.astype("str"),
        "opened_s": opened, "queued_s": opened,
        "first_response_s": np.where(ok, opened + wait, NAN),
        "first_resolved_s": resolved, "resolved_s": resolved, "closed_s": resolved,
        "abandoned_s": np.where(fate == 1, opened + wait, NAN),
        "wait_s": np.where(fate == 2, NAN, wait), "handle_s": np.where(ok, handle, 0.0),
        "transfers": (rng.random(n) < 0.1) * 1.0, "in_time": np.full(n, NAN),
        "csat": csat, "survey_s": np.where(np.isnan(csat), NAN, resolved + 3600),
    }  # fmt: skip
    frame = pd.DataFrame({c: known.get(c, np.zeros(n)) for c in columns()})
    rows = np.flatnonzero(ok)
    work = pd.DataFrame(
        {
            "agent": texts(agent[rows], "agent", AGENTS, kind),
            "start_s": (opened + wait)[rows],
            "end_s": resolved[rows],
        }
    )
    shift = START + 86400 * (np.arange(WEEKS)[:, None] * 7 + np.arange(5)).ravel()
    staffed = pd.DataFrame(
        {
            "agent": texts(np.repeat(np.arange(AGENTS), WEEKS * 5), "agent", AGENTS, kind),
            "start_s": np.tile(shift + 9 * 3600, AGENTS),
            "end_s": np.tile(shift + 18 * 3600, AGENTS),
        }
    )
    return ContactLog(
        frame, START, END, END + 7 * 86400, "simulated", ZONE, "run", work=work, staffed=staffed
    )


def by_pandas(log: ContactLog, within: Sequence[str] = ()) -> pd.DataFrame:
    """The same table by groupby: one column a metric; ``within``: columns to keep apart too."""
    f, keys = log.frame, list(within)

    def week(times: pd.Series) -> np.ndarray:
        return np.floor((times - START) / (7 * 86400)).to_numpy()

    def grouped(values: dict[str, Any], date: str, use: Any) -> Any:
        labels = {name: f[name] for name in [*keys, "agent"]}
        part = pd.DataFrame({**labels, "week": week(f[date]), **values})[use]
        return part.groupby([*labels, "week"], observed=True, dropna=False)

    response, kept = f["first_response_s"] - f["opened_s"], f["outcome"] != "abandoned"
    following = f.groupby([*keys, "case_id"], sort=False)["opened_s"].shift(-1)
    done = f["resolved_s"] + 7 * 86400 < log.observed_until
    again = (following - f["resolved_s"]).between(0, 7 * 86400)
    everyone = slice(None)
    first_response = grouped({"frt": response}, "opened_s", kept)["frt"]
    means = {
        "within": (response <= 600, "opened_s", everyone),
        "wait": (f["wait_s"], "queued_s", kept),
        "abandon": (~kept, "queued_s", everyone),
        "aht": (f["handle_s"], "resolved_s", f["handle_s"] > 0),
        "fcr": (~again & (f["reopens"] == 0), "resolved_s", done & (f["contact_no"] == 1)),
        "repeat": (again, "resolved_s", done),
        "csat": (f["csat"] >= 4, "survey_s", f["csat"].notna()),
    }
    parts = [grouped({}, "opened_s", everyone).size()]
    parts += [first_response.quantile(0.5), first_response.quantile(0.9)]
    parts += [grouped({name: v}, date, use)[name].mean() for name, (v, date, use) in means.items()]
    seconds = []
    for spells in (log.work, log.staffed):
        assert spells is not None
        long = spells["end_s"] - spells["start_s"]
        labels = [spells[name] for name in [*keys, "agent"]]
        seconds.append(long.groupby([*labels, week(spells["start_s"])], observed=True).sum())
    return pd.concat([*parts, seconds[0] / seconds[1]], axis=1)


def cpu(run: Callable[[], Any], rounds: int = 15) -> float:
    """Median CPU milliseconds of this thread, after one round to warm up."""
    run()
    spent = []
    for _ in range(rounds):
        before = time.thread_time()
        run()
        spent.append(time.thread_time() - before)
    return float(np.median(spent)) * 1e3


def parts_of(log: ContactLog) -> dict[str, float]:
    """Milliseconds of each part of one table."""
    metrics = [get_metric(name) for name in METRICS]
    expressions = {
        id(part): part
        for m in metrics
        for part in vars(m.kind).values()
        if isinstance(part, nw.Expr)
    }
    run = module._Run(log, metrics, ("agent",), "week", False)
    results = [run.reduce(metric) for metric in metrics]

    def dated() -> None:
        run.cells.clear()
        for metric in metrics:
            run._dated(metric.dated_by)

    def reduced() -> None:
        run.cells.clear()
        for metric in metrics:
            run.reduce(metric)

    out = {
        "fact: next contact of the case": cpu(lambda: next_contact_gap(log)),
        "elementwise, that fact included": cpu(
            lambda: elementwise(log, expressions.values(), {"case_id"})
        ),
        "groups": cpu(lambda: group_rows(log.frame, ("agent",))),
        "periods (cells of each date)": cpu(dated),
    }
    out["reduction"] = cpu(reduced) - out["periods (cells of each date)"]
    out["table"] = cpu(lambda: run.table(results))
    return out


def rate(log: ContactLog, threads: int, each: int = 40) -> float:
    """Tables a second of wall time with so many threads."""

    def work() -> None:
        for _ in range(each):
            evaluate(log, METRICS, "agent", "week", intervals=False)

    crew = [threading.Thread(target=work) for _ in range(threads)]
    before = time.perf_counter()
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return threads * each / (time.perf_counter() - before)


def main() -> None:
    """Print the parts for both ways to hold a log."""
    for kind in ("simulation", "history"):
        make(kind)  # given back at once, as replications are: memory is kept for the next
        log = make(kind)
        before = time.perf_counter()
        evaluate(log, METRICS, "agent", "week", intervals=False)
        print(f"{kind}: first table {(time.perf_counter() - before) * 1e3:.0f} ms")
        for name, spent in parts_of(log).items():
            print(f"  {name:36s}{spent:8.2f} ms")
        coding = cpu(lambda log=log: [
            coded(log.frame.copy(), name) for name in ("agent", "case_id", "outcome")
        ])  # fmt: skip
        whole = cpu(lambda log=log: evaluate(log, METRICS, "agent", "week", intervals=False))
        plain = cpu(lambda log=log: by_pandas(log), rounds=3)
        print(f"  {'texts to codes, once a frame':36s}{coding:8.2f} ms")
        print(f"  {'evaluate, warm':36s}{whole:8.2f} ms")
        print(f"  {'plain pandas':36s}{plain:8.2f} ms = {plain / whole:.1f} times as much")
    log = make("simulation")
    one, two = rate(log, 1), rate(log, 2)
    print(f"tables a second: {one:.0f} with one thread, {two:.0f} with two")


if __name__ == "__main__":
    main()
