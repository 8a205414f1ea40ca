"""Known truth against what calibration learns of it, over many random desks.

``python benchmarks/recovery.py`` simulates 60 data sets of each generator (`desks_of_truth`),
calibrates each from what an export would hold, and writes benchmarks/results/recovery.json:
coverage of the 90 % intervals and bias by family of parameters. Every finished data set is kept in
the folder ``--store`` so that an interrupted run goes on. ``--sample`` prints the table of the
sample desk instead.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from desks_of_truth import Desk, broken, history, random_desk
from recovered import ADDED, score
from svcsim.calibration.fit import calibrate
from svcsim.contacts.read import read_history
from svcsim.samples.history import PRESET, history_path, truth
from svcsim.samples.recovery import compare

RESULT = Path(__file__).parent / "results" / "recovery.json"
GENERATORS: dict[str, Callable[..., Desk]] = {"ours": random_desk, "broken": broken}
GOAL = (0.80, 0.97)


def one(generator: str, seed: int) -> list[dict[str, Any]]:
    """Return the comparisons of one data set."""
    desk = GENERATORS[generator](seed)
    log, _ = history(desk, 1000 + seed)
    learned = calibrate(log).model
    about = {
        "generator": generator, "seed": seed, "rows": len(log), "live": desk.live,
        "weeks": desk.weeks, "agents": len(desk.model.agents),
    }  # fmt: skip
    rows = score(desk.model, learned, log)
    if desk.happy:
        # who answers depends on the score: no single share of answers is true of all
        rows = [row for row in rows if row["family"] != "survey answered"]
    return [about | row for row in rows]


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line a generator and family: data sets, parameters, coverage, bias, error.

    The standard error of the coverage takes whole data sets as draws: parameters of one data set
    are not independent.
    """
    lines = []
    for (generator, family), part in rows.groupby(["generator", "family"], sort=False):
        known = part.dropna(subset=["covered"])
        by_set = known.assign(covered=known["covered"].astype(float)).groupby("seed")["covered"]
        sums, sizes = by_set.sum().to_numpy(), by_set.size().to_numpy(dtype=float)
        share = sums.sum() / sizes.sum() if len(sizes) else np.nan
        error = np.sqrt(((sums - share * sizes) ** 2).sum()) / sizes.sum() if len(sizes) else np.nan
        lines.append(
            {
                "generator": generator, "family": family, "data sets": part["seed"].nunique(),
                "parameters": len(part), "coverage": share, "coverage se": error,
                "median error": part["error"].median(),
                "mean error": part["error"].mean(),
                "90 % of |error| within": part["error"].abs().quantile(0.9),
                "error is": "difference" if family in ADDED or str(family).startswith("mix")
                or family == "survey scores" else "relative",
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def tolerances(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the shares of parameters within the tolerances that the methods ask for."""
    ours = rows[rows["generator"] == "ours"]
    size = np.abs(ours["error"])
    point = np.abs(ours["learned"] - ours["truth"])
    daily = ours["rows"] / ours["weeks"] / 7

    def share(mask: pd.Series, within: pd.Series) -> dict[str, float]:
        return {"n": int(mask.sum()), "within": float(within[mask].mean()) if mask.any() else None}

    is_ = ours["family"].eq
    return {
        "day cv +-.03 (26 weeks or more, 30 a day or more)": share(
            is_("day cv") & (ours["weeks"] >= 26) & (daily >= 30), point <= 0.03
        ),
        "repeat +-.02 (2000 contacts or more a category)": share(
            is_("repeat") & (ours["rows"] >= 10000), point <= 0.02
        ),
        "hazard to 180 s +-10 % (500 who left or more)": share(
            is_("patience to 180 s") & (ours.get("n", pd.Series(0, ours.index)) >= 500), size <= 0.1
        ),
        "tau within factor 1.5 (10 agents or more)": share(
            is_("tau") & (ours["agents"] >= 10),
            np.abs(np.log(ours["learned"].clip(lower=1e-6) / ours["truth"].clip(lower=1e-6)))
            <= np.log(1.5),
        ),
        "calendar F1 >= .95": share(is_("calendar F1"), ours["learned"] >= 0.95),
        "staffed hours +-10 %": share(is_("staffed hours"), size <= 0.1),
    }  # fmt: skip


def run(number: int, store: Path, only: str | None) -> pd.DataFrame:
    """Run what is not in the store yet; return all rows of the store."""
    store.mkdir(parents=True, exist_ok=True)
    for seed in range(1, number + 1):
        for generator in GENERATORS:
            file = store / f"{generator}-{seed:03d}.json"
            if only in (None, generator) and not file.exists():
                file.write_text(json.dumps(one(generator, seed)))
    files = sorted(store.glob("*.json"))
    return pd.DataFrame([row for file in files for row in json.loads(file.read_text())])


def sample_table() -> None:
    """Print what is learned of the sample desk beside its truth."""
    baseline = calibrate(read_history(history_path(), preset=PRESET).log, name="sample")
    rows = compare(truth(), baseline.model)
    print(f"{'parameter':46s} {'truth':>10s} {'learned':>10s} {'90 % interval':>23s}  error")
    for row in rows:
        interval = f"[{row.low:.4g}, {row.high:.4g}]"
        mark = "" if row.covered else "  outside"
        print(
            f"{row.path:46s} {row.truth:10.4g} {row.learned:10.4g} {interval:>23s} "
            f"{row.error:+.3f}{mark}"
        )
    print(f"{sum(r.covered for r in rows)} of {len(rows)} intervals hold the truth")


def main() -> None:
    """Run, print the table, write the results."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("-n", type=int, default=60, help="data sets of each generator")
    ask.add_argument("--store", type=Path, default=Path("results/recovery"))
    ask.add_argument("--only", choices=list(GENERATORS))
    ask.add_argument("--sample", action="store_true")
    ask.add_argument("--dry", action="store_true", help="print only")
    given = ask.parse_args()
    warnings.simplefilter("ignore")
    if given.sample:
        sample_table()
        return
    rows = run(given.n, given.store, given.only)
    table = summary(rows)
    print(table.drop(columns="error is").round(3).to_string(index=False))
    print(json.dumps(tolerances(rows), indent=1))
    if not given.dry:
        found = {"goal": GOAL, "families": json.loads(table.to_json(orient="records"))}
        found["tolerances"] = tolerances(rows)
        RESULT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
