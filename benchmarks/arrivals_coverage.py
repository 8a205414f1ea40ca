"""How well arrivals are learned and forecast, by simulation with known truth and on real days.

Writes benchmarks/results/arrivals.json: excess deviance of the fitted week against its truth,
recovery of the day-to-day spread, coverage of the 90 % interval of a coming 28-day total, and the
same coverage on the histories at hand. `--runs 20` for a quick look; `--only` takes some parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import xlogy
from scipy.stats import gamma, norm

from svcsim.calendar import special_days
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.days import DayTable, day_spread, day_table
from svcsim.calibration.forecast import daily_pit, forecast
from svcsim.calibration.profile import fit_week
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.read import read_history

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
DAY = 86400.0
ZONE = "Asia/Shanghai"
START = date(2024, 1, 1)
"""A Monday."""
AHEAD = 28


def week_shape() -> np.ndarray:
    """Return a desk busy from 9 to 18, quieter at weekends, with a rush on Monday morning."""
    hour = np.arange(24) + 0.5
    work = 0.03 + np.exp(-0.5 * ((hour - 10.5) / 2) ** 2)
    work += 0.8 * np.exp(-0.5 * ((hour - 15.5) / 2.5) ** 2)
    rest = 0.03 + 0.6 * np.exp(-0.5 * ((hour - 13) / 4) ** 2)
    days = [1.15, 1.05, 1, 1, 0.95, 0.5, 0.4]
    shape = np.array([d * (work if i < 5 else rest) for i, d in enumerate(days)])
    shape[0, 8:11] *= 1.3
    return np.asarray(shape / shape.sum())


def day_factors(rng: np.random.Generator, days: int, cv: float, phi: float) -> np.ndarray:
    """Return gamma day factors of mean 1 whose normal scores follow an AR(1)."""
    score = rng.normal(size=days)
    for i in range(1, days):
        score[i] = phi * score[i - 1] + (1 - phi**2) ** 0.5 * score[i]
    return np.asarray(gamma.ppf(norm.cdf(score), 1 / cv**2) * cv**2)


def log_of(counts: np.ndarray, rng: np.random.Generator) -> ContactLog:
    """Return a log with so many openings in every local day (row) and hour, at uniform places."""
    start = pd.Timestamp(START, tz=ZONE).timestamp()
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    opened = np.sort(start + 3600.0 * cell + np.floor(rng.uniform(0, 3600, len(cell))))
    rows = pd.DataFrame({"ticket_id": [f"t{i}" for i in range(len(opened))], "opened_s": opened})
    return make_log(rows, start=start, end=start + len(counts) * DAY, timezone=ZONE)


SHEET = {
    (8, 4): 45.0, (8, 13): 14.8, (60, 4): 8.8, (60, 52): 2.1, (600, 4): 4.8, (600, 52): 0.7,
}  # fmt: skip
"""Excess deviance x 1000 a contact that the method had on another desk when it was chosen, by
contacts a day and weeks: how smooth the truth is decides as much as the method."""


def profiles(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the excess Poisson deviance of the fitted week, x 1000 a contact."""
    rows = []
    for perday in (8, 60, 600):
        for weeks in (4, 13, 52):
            rng = np.random.default_rng([1, perday, weeks])
            truth = week_shape() * perday * 7 * weeks
            loss, plain = [], []
            for _ in range(asked.runs):
                counts = rng.poisson(truth).astype(float)
                loss.append(_excess(truth, fit_week(counts, np.full((7, 24), float(weeks))).rate))
                plain.append(_excess(truth, np.maximum(counts, 0.01)))
            rows.append({
                "contacts_a_day": perday, "weeks": weeks,
                "excess_deviance": round(float(np.mean(loss)), 2),
                "se": round(np.std(loss) / asked.runs**0.5, 2),
                "raw_cells": round(float(np.mean(plain)), 1), "sheet": SHEET.get((perday, weeks)),
            })  # fmt: skip
    return rows


def _excess(truth: np.ndarray, rate: np.ndarray) -> float:
    guess = rate / rate.sum() * truth.sum()
    return float(2000 * xlogy(truth, truth / guess).sum() / truth.sum())


def spreads(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what is learned of a day-to-day spread of 0.15 at 30 contacts a day."""
    rows = []
    for weeks in (8, 26, 52):
        rng = np.random.default_rng([2, weeks])
        mean = np.full(7 * weeks, 30.0)
        found = []
        for _ in range(10 * asked.runs):
            y = rng.poisson(mean * rng.gamma(1 / 0.15**2, 0.15**2, mean.size)).astype(float)
            mu = np.tile(y.reshape(weeks, 7).mean(axis=0), weeks)
            found.append(day_spread(y, mu, np.arange(y.size), float(weeks)).v)
        rows.append({
            "truth": 0.15, "weeks": weeks, "cv_of_mean_v": round(float(np.mean(found)) ** 0.5, 4),
            "median_cv": round(float(np.median(np.maximum(found, 0))) ** 0.5, 4),
        })  # fmt: skip
    return rows


TRUTHS = {"independent days": (0.0, 0.0), "AR 0.5": (0.5, 0.0), "AR 0.5, level walk": (0.5, 0.03)}


def month(seed: list[int], weeks: int, phi: float, walk: float) -> tuple[bool, float, float]:
    """Return whether a coming total lies inside, its log error, and the interval's log width."""
    rng = np.random.default_rng(seed)
    days = 7 * weeks + AHEAD
    factor = day_factors(rng, days, 0.15, phi)
    path = np.repeat(np.exp(np.cumsum(rng.normal(0, walk, days // 7))), 7) if walk else 1.0
    rates = np.tile(420 * week_shape(), (days // 7, 1)) * (factor * path)[:, None]
    counts = rng.poisson(rates)
    fitted = ArrivalsEstimator().fit(log_of(counts[: 7 * weeks], rng))
    first = START + timedelta(days=7 * weeks)
    totals = forecast(fitted.arrivals_, first, AHEAD, draws=1000, seed=seed[-1]).totals()[:, 0]
    low, middle, high = np.quantile(totals, [0.05, 0.5, 0.95])
    total = counts[7 * weeks :].sum()
    return bool(low <= total <= high), float(np.log(total / middle)), float(np.log(high / low))


def months(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the coverage of the 90 % interval of the total of the coming 28 days."""
    rows = []
    for number, (name, (phi, walk)) in enumerate(TRUTHS.items()):
        for weeks in (13, 52):
            found = Parallel(n_jobs=2)(
                delayed(month)([3, number, weeks, run], weeks, phi, walk)
                for run in range(asked.runs)
            )
            inside, error, width = (np.array(values) for values in zip(*found, strict=True))
            rows.append({
                "truth": name, "weeks": weeks, "runs": asked.runs,
                "covered": round(inside.mean(), 3),
                "bias": round(error.mean(), 4), "rms_error": round(np.sqrt((error**2).mean()), 4),
                "mean_width": round(width.mean(), 4),
            })  # fmt: skip
    return rows


def many_calls(asked: argparse.Namespace) -> dict[str, Any] | None:
    """Return how many 28-day totals of a bank's calls of 2003 lie inside, by rolling origins."""
    path = asked.data / "bank_calls_5min_2003.csv.gz"
    if not path.exists():
        return None
    calls = pd.read_csv(path)
    at = pd.to_datetime(calls["DateTime"].str.rstrip("Z"))
    dates = pd.date_range(at.min().normalize(), at.max().normalize(), freq="D")
    counts = np.zeros((len(dates), 24))
    np.add.at(counts, ((at - dates[0]).dt.days, at.dt.hour), calls["Calls"])
    watched = np.repeat((counts.sum(axis=1, keepdims=True) > 0).astype(float), 24, axis=1)
    calendar = special_days("US", [2003]).with_neighbours()
    rows = []
    for origin in range(8 * 7, len(dates) - AHEAD + 1, 7):
        weekday = dates[:origin].day_of_week.to_numpy().astype(np.int64)
        table = DayTable(dates[:origin], counts[:origin], watched[:origin], weekday)
        fitted = ArrivalsEstimator(calendar=calendar).fit_counts(table)
        special = fitted.special_fields()
        del special["holidays"]  # the desk is closed then: those days are not in the file
        coming = forecast(
            fitted.arrivals_, dates[origin].date(), AHEAD, draws=1000, seed=origin, **special
        )
        ahead = slice(origin, origin + AHEAD)
        open_ = counts[ahead].sum(axis=1) > 0
        low, middle, high = np.quantile(coming.counts[:, open_].sum(axis=1), [0.05, 0.5, 0.95])
        rows.append((dates[origin].date().isoformat(), low, middle, high, counts[ahead].sum()))
    inside = [low <= total <= high for _, low, _, high, total in rows]
    return {
        "origins": len(rows), "inside": int(sum(inside)), "share": round(float(np.mean(inside)), 3),
        "mean_abs_log_error": round(float(np.mean([abs(np.log(r[4] / r[2])) for r in rows])), 4),
        "mean_log_width": round(float(np.mean([np.log(r[3] / r[1]) for r in rows])), 4),
        "totals": [[day, *(round(float(x)) for x in rest)] for day, *rest in rows],
    }  # fmt: skip


def february(asked: argparse.Namespace) -> dict[str, Any] | None:
    """Return the weekly totals of a bank's new cases in February 1999, forecast from January."""
    if not (asked.data / "bank_calls_1999_01.tsv.gz").exists():
        return None
    log = read_history(str(asked.data / "bank_calls_1999_0*.tsv.gz"), preset="bank-calls").log
    split = pd.Timestamp("1999-02-01", tz=log.timezone).timestamp()
    fitted = ArrivalsEstimator().fit(log.known_at(split).window(log.start, split))
    opened = log.frame["opened_s"].to_numpy()[new_cases(log.frame)]
    later = day_table(np.sort(opened[opened >= split]), split, log.end, log.timezone)
    daily = later.counts.sum(axis=1)
    coming = forecast(fitted.arrivals_, date(1999, 2, 1), 28, draws=2000)
    table = coming.table(7)
    table["total"] = daily[:28].reshape(4, 7).sum(axis=1)
    names = [day.isoformat() for day in coming.days]
    pit = daily_pit(coming, dict(zip(names, daily, strict=False)))
    inside = (table["low"] <= table["total"]) & (table["total"] <= table["high"])
    return {
        "inside": int(inside.sum()), "weeks": table.round(0).reset_index().to_dict("records"),
        "pit_mean": round(float(pit.mean()), 3),
        "pit_inside_90": round(float(pit.between(0.05, 0.95).mean()), 3),
    }  # fmt: skip


PARTS: dict[str, Callable[[argparse.Namespace], Any]] = {
    "profiles": profiles,
    "spreads": spreads,
    "months": months,
    "bank_2003": many_calls,
    "bank_1999": february,
}


def main() -> None:
    """Run the parts asked and write what they gave."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real histories")
    asked = parser.parse_args()
    path = ROOT / "benchmarks" / "results" / "arrivals.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in asked.only.split(","):
        known[name] = PARTS[name](asked)
        print(name, json.dumps(known[name], indent=1))
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
