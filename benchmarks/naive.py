"""The defaults to beat: a desk fitted as general process simulators are, beside ours.

``python benchmarks/naive.py [FOLDER]`` fits both on the bank's January (and on January with the
first half of February) and on ServiceNow's 11 to 24 April, replays the time after with its real
arrivals, and writes benchmarks/results/naive.json: the share of KPI x week cells inside the 90 %
band and the distances between recorded and simulated times, ours beside naive.

`naive_model` takes what Simod and its relatives take by default: weekly calendars of 60-minute
granules (confidence .1, support .1), closed cases only, one law of handling per category and a
raw mean speed of each agent, branching by counts, exponential patience, Poisson arrivals, first
come first served, best values only (nothing is redrawn), nothing tuned.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from svcsim.calendar import WorkCalendar
from svcsim.calendar.days import WEEKDAYS, midnight
from svcsim.calibration.estimator import local_time, most_usual
from svcsim.calibration.fit import calibrate
from svcsim.calibration.groups import channel_modes, grouped, live_rows
from svcsim.calibration.presence import activity_of
from svcsim.contacts.chains import new_cases, next_contacts
from svcsim.contacts.log import ContactLog
from svcsim.contacts.read import read_history
from svcsim.model.baseline import Fidelity
from svcsim.model.service import ServiceModel
from svcsim.study.backtest import Span, replay, without_hindsight
from svcsim.study.fidelity import check_fidelity
from svcsim.study.tune import tune_slowdown

Data = dict[str, Any]
Array = NDArray[np.float64]

RESULT = Path(__file__).parent / "results" / "naive.json"
CONFIDENCE = SUPPORT = 0.1
OUTLIER = 5.0
"""Inferred durations above this many times the median are cut (start-time estimation)."""
FEW = 30
TIMES = {
    "wait": ("queued_s", "first_response_s"),
    "first response": ("opened_s", "first_response_s"),
    "resolution": ("opened_s", "resolved_s"),
}


def naive_model(log: ContactLog) -> ServiceModel:
    """Fit a desk by the defaults of general process simulation."""
    desk = grouped(log)
    modes = channel_modes(desk)
    whole = desk.frame
    closed = whole[whole["outcome"] != "open"]
    frame = closed[closed["agent"].notna()]
    hours = _calendars(desk, live_rows(whole, modes))
    frame = frame.assign(seconds=_durations(frame, hours, desk.timezone))
    team = most_usual(frame["agent"], frame["team"])
    agents = _agents(frame, team, set(hours))
    teams = sorted({agent["team"] for agent in agents.values()})
    categories = {
        str(name): _category(closed[closed["category"] == name], frame, str(name), teams)
        for name in closed["category"].value_counts().index
    }
    fresh = closed.loc[new_cases(closed), "category"].value_counts(normalize=True)
    for name, one in categories.items():
        one["share"] = float(fresh.get(name, 0.0))
    weeks = (desk.end - desk.start) / 604800.0
    opened = closed.loc[new_cases(closed), "opened_s"]
    data: Data = {
        "timezone": desk.timezone,
        "arrivals": {"level": len(opened) / weeks, "profile": _profile(opened, desk.timezone)},
        "difficulty": {"normal": {}},
        "channels": {
            name: {"mode": mode, "patience": _patience(closed[closed["channel"] == name], mode)}
            for name, mode in modes.items()
            if (closed["channel"] == name).any()
        },
        "categories": categories,
        "teams": teams,
        "agents": agents,
        "staffing": {"days": [
            {"weekday": day, "worked": {a: hours[a][i] for a in agents if hours[a][i]}}
            for i, day in enumerate(WEEKDAYS)
        ]},
        "survey": _survey(closed),
        "max_contacts": 20,
    }  # fmt: skip
    return ServiceModel.from_data(data, "naive")


def _calendars(desk: ContactLog, live: NDArray[np.bool_]) -> dict[str, list[str]]:
    """Return agent -> hours of each weekday (``09:00-12:00 13:00-18:00``).

    Confidence of an hour of the week: dates on which the agent was active in it / dates on which
    it was active on that weekday. Hours of .1 or more are taken, and more, the most frequent
    first, while they hold less than .1 of the agent's stamps.
    """
    touches = activity_of(desk, live).touches
    stamps = pd.concat([touches["start_s"], touches["end_s"]])
    local = local_time(stamps, desk.timezone)
    table = pd.DataFrame(
        {
            "agent": pd.concat([touches["agent"], touches["agent"]]).to_numpy(),
            "date": local.date, "day": local.day_of_week, "hour": local.hour,
        }
    )  # fmt: skip
    out = {}
    for agent, rows in table.groupby("agent"):
        dates = rows.groupby("day")["date"].nunique()
        active = rows.groupby(["day", "hour"])["date"].nunique()
        confidence = active / dates.reindex(active.index.get_level_values(0)).to_numpy()
        number = rows.groupby(["day", "hour"]).size().reindex(active.index)
        on = (confidence >= CONFIDENCE).to_numpy()
        for place in np.argsort(-number.to_numpy(), kind="stable"):
            if number[on].sum() >= SUPPORT * number.sum():
                break
            on[place] = True
        accepted = set(active.index[on])
        out[str(agent)] = [_written([h for h in range(24) if (d, h) in accepted]) for d in range(7)]
    return out


def _written(hours: list[int]) -> str:
    spans: list[list[int]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return " ".join(f"{a:02d}:00-{b:02d}:00" for a, b in spans)


def _durations(frame: pd.DataFrame, hours: dict[str, list[str]], timezone: str) -> pd.Series:
    """Return seconds of work of each contact: recorded, else from the estimated start on.

    Estimated start: the later of the opening and the agent's previous end; only open hours of
    the agent's calendar count, and what exceeds 5 times the median is cut.
    """
    if (frame["handle_s"] > 0).mean() > 0.5:
        return frame["handle_s"].where(frame["handle_s"] > 0)
    rows = frame[frame["resolved_s"].notna()].sort_values(["agent", "resolved_s"])
    before = rows.groupby("agent")["resolved_s"].shift()
    start = np.maximum(rows["opened_s"], before.fillna(rows["opened_s"]))
    found = pd.Series(np.nan, index=rows.index)
    for agent, part in rows.groupby("agent"):
        windows = {
            i: [tuple(3600.0 * int(t[:2]) for t in span.split("-")) for span in text.split()]
            for i, text in enumerate(hours.get(str(agent), [""] * 7))
        }
        if any(windows.values()):
            calendar = WorkCalendar(windows, timezone)
            found[part.index] = calendar.open_seconds(start[part.index], part["resolved_s"])
    found = found.where(found > 0)
    return found.clip(upper=OUTLIER * found.median()).reindex(frame.index)


def _category(closed: pd.DataFrame, frame: pd.DataFrame, name: str, teams: list[str]) -> Data:
    own = frame.loc[frame["category"] == name, "seconds"].dropna()
    seconds = own if len(own) >= FEW else frame["seconds"].dropna()
    done = closed[closed["outcome"] == "resolved"]
    seen = done["team"].value_counts()
    first = next((str(team) for team in seen.index if team in teams), teams[0])
    away = done["team"].ne(first) & (done["transfers"].fillna(0) > 0)
    other = [str(team) for team in done.loc[away, "team"].value_counts().index if team in teams]
    out: Data = {
        "team": first,
        "channels": _shares(closed["channel"]),
        "difficulty": {"normal": 1.0},
        "handling": {
            "mean": f"{float(seconds.mean()):.3f}s",
            "cv": max(float(seconds.std() / seconds.mean()), 0.01),
        },
        "reopen": min(float(done["reopens"].fillna(0).mean()), 0.5),
        "repeat": float((next_contacts(done) >= 0).mean()),
    }
    if other:
        out |= {"transfer": float(away.mean()), "transfer_to": other[0]}
    return out


def _shares(values: pd.Series) -> dict[str, float]:
    counts = values.value_counts(normalize=True)
    out = {str(name): round(float(share), 6) for name, share in counts.items()}
    out[next(iter(out))] += 1.0 - sum(out.values())
    return out


def _agents(frame: pd.DataFrame, team: dict[str, str], known: set[str]) -> dict[str, Data]:
    """Return agents with their raw mean speed (30 contacts or more) and the teams they help."""
    mean = frame.groupby("category")["seconds"].transform("mean")
    ratio = (mean / frame["seconds"].groupby(frame["agent"]).transform("mean")).groupby(
        frame["agent"]
    )
    speed, number = ratio.mean().clip(0.5, 2.0), frame["agent"].value_counts()
    out = {}
    for name in sorted(set(team) & known):
        helped = frame.loc[frame["agent"] == name, "team"].value_counts(normalize=True)
        others = [str(t) for t, s in helped.items() if t != team[name] and s >= 0.1]
        enough = number[name] >= FEW and np.isfinite(speed.get(name, np.nan))
        out[name] = {
            "team": team[name],
            "speed": float(speed[name]) if enough else 1.0,
            "serves": [t for t in others if t in set(team.values())],
        }
    return out


def _profile(opened: pd.Series, timezone: str) -> Data:
    local = local_time(opened, timezone)
    counts = np.bincount(local.day_of_week.to_numpy() * 24 + local.hour.to_numpy(), minlength=168)
    return {day: counts[24 * i : 24 * i + 24].tolist() for i, day in enumerate(WEEKDAYS)}


def _patience(rows: pd.DataFrame, mode: str) -> Data | None:
    """Return exponential patience: leavers over seconds waited by all."""
    left = int(rows["abandoned_s"].notna().sum())
    until = rows["abandoned_s"].fillna(rows["first_response_s"]) - rows["queued_s"]
    waited = float(rows["wait_s"].fillna(until).clip(lower=0).sum())
    if mode != "live" or left == 0 or waited <= 0:
        return None
    return {"hazard": [3600.0 * left / waited]}


def _survey(closed: pd.DataFrame) -> Data | None:
    scores = closed["csat"].dropna()
    if len(scores) < FEW:
        return None
    shares = [float((scores == k).mean()) for k in range(1, 6)]
    asked = closed["survey_sent"].dropna()
    sent = float(asked.mean()) if len(asked) else 1.0
    done = max(int((closed["outcome"] == "resolved").sum()), 1)
    return {"asked": sent, "answered": min(len(scores) / done / max(sent, 1e-6), 1.0),
            "scores": shares}  # fmt: skip


# -- the comparison -----------------------------------------------------------------------------


def our_model(log: ContactLog, end: date) -> ServiceModel:
    """Fit ours and tune it on the last four weeks (or what there is) before ``end``."""
    first = local_time(np.array([log.start]), log.timezone)[0].date()
    start = max(end - timedelta(days=28), first + timedelta(days=1))
    return tune_slowdown(calibrate(log).model, log, start, end, workers=1).model


class Times:
    """A picklable reduction: seconds of each kind of time in the window of a log."""

    def __call__(self, log: ContactLog) -> dict[str, Array]:
        """Return sorted times of the contacts opened in the window."""
        rows = log.frame[(log.frame["opened_s"] >= log.start) & (log.frame["opened_s"] < log.end)]
        live = rows["wait_s"].notna().mean() > 0.5
        # a voice menu before the queue is part of a live first response, and not simulated
        told = ("wait", "resolution") if live else ("first response", "resolution")
        out = {name: (rows[b] - rows[a]).dropna() for name, (a, b) in TIMES.items() if name in told}
        served = rows["first_response_s"].notna() & (rows["handlings"].fillna(1) > 0)
        out["handling"] = rows.loc[served, "handle_s"].dropna()
        return {name: np.sort(values.clip(lower=0).to_numpy(float)) for name, values in out.items()}


def distances(
    model: ServiceModel, log: ContactLog, start: date, end: date, replications: int = 10
) -> dict[str, float]:
    """Return name -> mean Wasserstein distance of log(1 + seconds), recorded to simulated."""
    span = Span.of(log, model, start, end)
    runs = replay(model, span, Times(), replications=replications, seed=5, redraw=True, workers=1)
    seen, out = Times()(span.observed), {}
    for name, values in seen.items():
        found = [
            wasserstein_distance(np.log1p(values), np.log1p(run[name]))
            for run in runs
            if len(run.get(name, ())) and len(values)
        ]
        if found:
            out[name] = float(np.mean(found))
    return out


def cells_by_metric(fidelity: Fidelity) -> dict[str, dict[str, float]]:
    """Return KPI -> cells, how many are inside, and the mean |z| (99 at most)."""
    out: dict[str, dict[str, float]] = {}
    for cell in fidelity.cells:
        row = out.setdefault(cell.metric, {"cells": 0, "inside": 0, "mean |z|": 0.0})
        row["mean |z|"] = (row["mean |z|"] * row["cells"] + min(abs(cell.z), 99.0)) / (
            row["cells"] + 1
        )
        row["cells"] += 1
        row["inside"] += cell.inside
    return out


def compared(
    name: str, log: ContactLog, fit_from: date | None, split: date, end: date, replications: int
) -> Data:
    """Return inside-band shares, |z| and distances of both models on one hold-out."""
    known = without_hindsight(log, float(midnight(split, log.timezone)))
    if fit_from is not None:
        known = known.between(float(midnight(fit_from, log.timezone)), known.end)
    fits: dict[str, Callable[[], ServiceModel]] = {
        "naive": lambda: naive_model(known),
        "ours": lambda: our_model(known, split),
    }
    out: Data = {"hold-out": f"{split}/{end}", "replications": replications}
    for kind, fit in fits.items():
        model = fit()
        found = check_fidelity(model, log, split, end, replications=replications, workers=1)
        out[kind] = {
            "inside share": found.inside_share,
            "cells": len(found.cells),
            "worst |z|": max((min(abs(cell.z), 99.0) for cell in found.cells), default=None),
            "verdict": found.verdict,
            "slowdown": model.staffing.slowdown.value,
            "by KPI": cells_by_metric(found),
            "distances": distances(model, log, split, end),
        }
        print(name, kind, found.verdict, found.inside_share, out[kind]["distances"], flush=True)
    return out


def table(found: Data) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| hold-out | KPI | cells | inside: naive | inside: ours | z: naive | z: ours |",
             "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for name, one in found.items():
        naive, ours = one["naive"], one["ours"]
        for metric, row in ours["by KPI"].items():
            other = naive["by KPI"].get(metric, {"cells": 0, "inside": 0, "mean |z|": np.nan})
            lines.append(
                f"| {name} | {metric} | {row['cells']} | {other['inside']} | {row['inside']} "
                f"| {other['mean |z|']:.1f} | {row['mean |z|']:.1f} |"
            )
        lines.append(
            f"| {name} | **all** | {ours['cells']} | {naive['inside share']:.0%} "
            f"| {ours['inside share']:.0%} | {naive['worst |z|']:.1f} | {ours['worst |z|']:.1f} |"
        )
        for what, value in ours["distances"].items():
            other = naive["distances"].get(what, float("nan"))
            lines.append(f"| {name} | distance: {what} | | {other:.3f} | {value:.3f} | | |")
    return "\n".join(lines)


def main() -> None:
    """Run all hold-outs, print the table, write the results after each."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data"))
    ask.add_argument("-r", type=int, default=100, help="replications of a replay")
    given = ask.parse_args()
    warnings.simplefilter("ignore")
    bank = read_history(str(given.folder / "bank_calls_1999_0*.tsv.gz"), preset="bank-calls").log
    file = given.folder / "servicenow_incidents_2016_mar_apr.csv.gz"
    tickets = read_history(file, preset="servicenow-log").log
    plans = {
        "bank, January": (bank, None, date(1999, 2, 1), date(1999, 3, 1)),
        "bank, to 14 February": (bank, None, date(1999, 2, 15), date(1999, 3, 1)),
        "ServiceNow, 11-24 April": (
            tickets,
            date(2016, 4, 11),
            date(2016, 4, 25),
            date(2016, 5, 1),
        ),
    }
    found: Data = {}
    for name, plan in plans.items():
        found[name] = compared(name, *plan, given.r)
        RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
