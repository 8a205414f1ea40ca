"""The sample history: generated from a documented truth, with the defects real exports have.

``python -m svcsim.samples`` writes ``history.csv.gz`` beside this file; the same version gives
the same bytes. The truth is ``truth.yaml``.
"""

from __future__ import annotations

import gzip
import io
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.model.service import ServiceModel

START = date(2025, 1, 6)
"""First day of the sample (a Monday)."""

DAYS = 301
"""43 weeks: ten months."""

WARM_UP = 28
"""Days simulated before the first one, so that the desk does not start empty."""

SEED = 20250107

PRESET = "sample"
NAME = "history.csv.gz"


def truth() -> ServiceModel:
    """Return the desk from which the sample is generated."""
    return ServiceModel.from_yaml(Path(str(files("svcsim.samples").joinpath("truth.yaml"))))


def history_path() -> Path:
    """Return the path of the sample history that ships with the package."""
    return Path(str(files("svcsim.samples").joinpath(NAME)))


def simulate_truth(days: int = DAYS, seed: int = SEED) -> ContactLog:
    """Return a log of the true desk; open contacts at its end are open in the log."""
    horizon = Horizon(date.fromordinal(START.toordinal() - WARM_UP), WARM_UP + days, 0)
    return simulate(truth(), horizon, seed=seed, replication=1, redraw_parameters=False)


def export(log: ContactLog, seed: int = SEED) -> pd.DataFrame:
    """Return a log as the desk's ticket system would export it, defects included.

    Added on purpose: rows marked Spam (1.5 %) and Merged (0.5 %), exact duplicates (0.4 %),
    first responses before the creation (0.2 %, a clock error), missing agents (1 %), missing
    times spent (3 %).
    """
    rng = np.random.default_rng(seed)
    start = pd.Timestamp(START, tz=log.timezone).timestamp()
    frame = log.frame.sort_values("opened_s", kind="stable")
    frame = frame[frame["opened_s"] >= start].reset_index(drop=True)
    number = pd.Series(
        [f"T{100001 + i}" for i in range(len(frame))], index=frame["ticket_id"].to_numpy()
    )
    before = frame["case_id"] + "-" + (frame["contact_no"] - 1).astype(int).astype(str)
    before = before.where(frame["contact_no"] > 1)
    status = frame["outcome"].map({"resolved": "Closed", "abandoned": "Abandoned", "open": "Open"})
    out = pd.DataFrame(
        {
            "Ticket ID": number.to_numpy(),
            "Channel": frame["channel"],
            "Category": frame["category"],
            "Complexity": frame["difficulty"],
            "Priority": frame["priority"],
            "Customer": _customers(frame["case_id"]),
            "Agent": frame["agent"],
            "Team": frame["team"],
            "Created": _stamp(frame["opened_s"], log.timezone),
            "First response": _stamp(frame["first_response_s"], log.timezone),
            "Resolved": _stamp(frame["resolved_s"], log.timezone),
            "Closed": _stamp(frame["resolved_s"], log.timezone),
            "Abandoned": _stamp(frame["abandoned_s"], log.timezone),
            "Status": status,
            "Time spent (min)": (frame["handle_s"] / 60).round(1).where(frame["handlings"] > 0),
            "Handlings": frame["handlings"].astype(int),
            "Transfers": frame["transfers"].astype(int),
            "Reopens": frame["reopens"].astype(int),
            "Pending (h)": (frame["pending_s"] / 3600).round(2),
            "Previous ticket": before.map(number),
            "Survey sent": frame["survey_sent"].map({1.0: "Yes", 0.0: "No"}),
            "Survey score": frame["csat"].map(lambda v: "" if v != v else str(int(v))),
            "Survey date": _stamp(frame["survey_s"], log.timezone),
        }
    )
    return _with_defects(out, rng)


def _with_defects(out: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(out)
    kind = rng.random(n)
    swap = (rng.random(n) < 0.002) & out["First response"].ne("") & out["Status"].eq("Closed")
    shifted = pd.to_datetime(out.loc[swap, "Created"]) - pd.Timedelta(minutes=17)
    out.loc[swap, "First response"] = shifted.dt.strftime("%Y-%m-%d %H:%M:%S")
    out.loc[rng.random(n) < 0.01, "Agent"] = None
    out.loc[rng.random(n) < 0.03, "Time spent (min)"] = None
    extra = out[kind < 0.02].copy()
    extra["Ticket ID"] = [f"T{900001 + i}" for i in range(len(extra))]
    extra["Status"] = np.where(rng.random(len(extra)) < 0.75, "Spam", "Merged")
    for column in ("First response", "Resolved", "Closed", "Abandoned", "Survey date"):
        extra[column] = ""
    for column in ("Agent", "Time spent (min)", "Previous ticket", "Survey sent", "Survey score"):
        extra[column] = None
    twice = out[(kind >= 0.02) & (kind < 0.024)]
    return (
        pd.concat([out, extra, twice]).sort_values("Created", kind="stable").reset_index(drop=True)
    )


def _customers(cases: pd.Series) -> list[str]:
    """Return customer ids; about one case in five belongs to a customer with several cases."""
    ids = []
    for case in cases:
        number = int(str(case).removeprefix("C").split("-")[0])
        ids.append(f"K{number % 4001:05d}" if number % 5 == 0 else f"K{10000 + number}")
    return ids


def _stamp(seconds: pd.Series, timezone: str) -> pd.Series:
    local = pd.to_datetime(seconds, unit="s", utc=True).dt.tz_convert(timezone)
    return local.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")


def write(path: Path | None = None) -> Path:
    """Generate the sample and write it (gzip without a time stamp: the same bytes each time)."""
    target = path or history_path()
    text = io.StringIO()
    export(simulate_truth()).to_csv(text, index=False)
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode("utf-8"))
    return target
