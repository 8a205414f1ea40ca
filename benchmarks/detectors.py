"""What the integrity detectors find: false alarms on clean desks, power where a behaviour is on.

python benchmarks/detectors.py [--desks 40] simulates months of the sample desk and of two random
variants of it, switches behaviours on one at a time, and writes benchmarks/results/detectors.json
and docs/integrity.md. Behaviours of the simulator (R9) are the whole desk's, or, for
cherry-picking, known agents'; the others are put into the simulated log by a stated rule.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from desks_with_behaviours import (
    PERIODS,
    SEEN,
    VARIANTS,
    Rule,
    answered,
    cut_short,
    hang_up,
    history,
    macro,
    month_end,
    moved,
    own_tickets,
    reassign,
    sample,
    steer,
    too_early,
)
from detectors_page import write_page
from svcsim.contacts.log import ContactLog
from svcsim.scorecard.integrity.bunching import bunched
from svcsim.scorecard.integrity.detect import DETECTORS
from svcsim.scorecard.integrity.detection import named
from svcsim.scorecard.integrity.scene import Scene
from svcsim.scorecard.period import parse_period
from svcsim.text import Text

HERE = Path(__file__).parent
LIMITS = ("frt_within(1h)", "frt_within(2h)", "res_within(8h)", "res_within(24h)")
ONLY = {"unsaid": ("empty_first_responses",), "unlabelled": ("cherry_picking",)}
"""Views that are about one detector."""


@dataclass(frozen=True)
class Case:
    """One behaviour at one strength: how it is made, and which detector should see it."""

    detector: str
    what: str
    strength: float
    period: str = "month"
    rule: Rule | None = None
    behaviour: Mapping[str, Any] | None = None
    seen: str = "plain"
    """What the detector gets to see, one of `SEEN`."""
    everybody: bool = False
    """The whole desk does it: being named is right for everybody."""


def cases() -> Iterator[Case]:
    """Every behaviour at every strength."""
    shares, rare = (0.25, 0.5, 1.0), (0.05, 0.1, 0.2)
    one: list[tuple[str, str, Rule, tuple[float, ...], str, bool]] = [
        ("short_handlings", "one agent hangs up", hang_up, rare, "plain", False),
        ("empty_first_responses", "one agent's macro", macro, (0.05, 0.1, 0.2), "plain", False),
        ("bunching", "near-misses of 2 h moved", answered, (0.2, 0.4, 0.8), "plain", True),
        ("bunching", "near-misses of 8 h moved", moved, (0.2, 0.4, 0.8), "plain", True),
        ("reopen_after_close", "one agent closes early", too_early, rare, "plain", False),
        ("reopen_after_close", "all, in the last 3 days", month_end, rare, "plain", True),
        ("self_created", "own tickets a month", own_tickets, (3, 6, 12), "plain", False),
        ("survey_steering", "one agent", steer, shares, "whole", False),
        ("reassigned_after_bad_rating", "one agent", reassign, shares, "whole", False),
    ]
    early = {"premature_close": "25%"}
    for period in PERIODS:
        for detector, what, rule, strengths, seen, everybody in one:
            for strength in strengths:
                case = Case(detector, what, strength, period, rule)
                yield replace(case, seen=seen, everybody=everybody)
        whole = Case("", "simulated, whole desk", 0.0, period, everybody=True)
        for share in (0.1, 0.33):
            on = {
                "empty_reply": f"{share:.0%}",
                "empty_reply_time": {"law": "fixed", "mean": "1min"},
            }
            for seen in ("whole", "unsaid", "plain"):
                case = replace(whole, detector="empty_first_responses", strength=share)
                yield replace(case, behaviour=on, seen=seen)
        for share in shares:
            on = {"survey_steering": f"{share:.0%}"}
            case = replace(whole, detector="survey_steering", strength=share)
            yield replace(case, behaviour=on, seen="whole")
        case = replace(whole, detector="reopen_after_close", strength=0.25)
        yield replace(case, behaviour=early, seen="whole")
        for window in (2, 5):
            on = {"cherry_picking": "20%", "cherry_window": window}
            for seen in ("whole", "plain", "unlabelled"):
                what = "simulated, easiest of the first"
                yield Case("cherry_picking", what, window, period, behaviour=on, seen=seen)


def find(
    log: ContactLog, detector: str, period: str
) -> tuple[pd.DataFrame, set[tuple[str, str]], Any]:
    """The tests of a detector, the units it names, and its detections."""
    scene = Scene(log, parse_period(PERIODS[period][0], log.timezone), LIMITS)
    tests = DETECTORS[detector](scene)
    if isinstance(tests, Text):
        return pd.DataFrame({"kind": [], "unit": [], "n": [], "p": []}), set(), []
    found = named(detector, tests)
    return tests.table, {(one.kind, one.unit) for one in found}, found


def clean(desks: int) -> list[dict[str, Any]]:
    """False alarms of every detector on every clean desk, with and without spells of work."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for variant_name, data in VARIANTS.items():
        for replication in range(1, desks + 1):
            log, _ = history(data(), replication)
            for kind, view in SEEN.items():
                seen = view(log)
                for detector in ONLY.get(kind, tuple(DETECTORS)):
                    table, units, _ = find(seen, detector, "month")
                    row = rows.setdefault(
                        (detector, kind, variant_name),
                        dict.fromkeys(
                            ("desk_months", "tested", "named", "alarmed", "p05", "p01"), 0
                        ),
                    )
                    row["desk_months"] += 1
                    row["tested"] += len(table)
                    row["named"] += len(units)
                    row["alarmed"] += bool(units)
                    row["p05"] += int((table["p"] < 0.05).sum())
                    row["p01"] += int((table["p"] < 0.01).sum())
        print(variant_name, flush=True)
    keys = ("detector", "log", "desk")
    return [{**dict(zip(keys, key, strict=True)), **row} for key, row in rows.items()]


def scattered(desks: int) -> list[dict[str, Any]]:
    """Short handlings on desks whose agents differ more or less by nature."""
    out = []
    for scatter in (0.001, 0.003, 0.01):
        row = {"scatter": scatter, "desk_months": desks, "named": 0, "alarmed": 0}
        for replication in range(1, desks + 1):
            log, _ = history(sample(), replication)
            log = cut_short(log, np.random.default_rng([9, replication]), scatter)
            _, units, _ = find(log, "short_handlings", "month")
            row["named"] += len(units)
            row["alarmed"] += bool(units)
        out.append(row)
    return out


def power(desks: int) -> list[dict[str, Any]]:
    """How often each behaviour is seen, and who is named beside those who do it."""
    out = []
    kept: dict[str, list[tuple[ContactLog, Any]]] = {}
    for case in cases():
        key = json.dumps([case.behaviour, case.period])
        if key not in kept:
            data = sample() | ({"behaviour": dict(case.behaviour)} if case.behaviour else {})
            if case.behaviour:
                kept = {k: v for k, v in kept.items() if k.startswith("[null")}
            kept[key] = [history(data, r, case.period) for r in range(1, desks + 1)]
        out.append(_power(case, kept[key]))
        print(json.dumps(out[-1]), flush=True)
    return out


def _power(case: Case, logs: list[tuple[ContactLog, Any]]) -> dict[str, Any]:
    caught, doers, others, sizes = 0, 0, 0, []
    for replication, (log, setting) in enumerate(logs):
        rng = np.random.default_rng([replication, 3])
        seen, units = log, {""}
        if case.rule is not None:
            seen, units = case.rule(log, rng, case.strength)
        elif case.detector == "cherry_picking":
            names = [agent.name for agent in setting.desk.agents] if hasattr(
                setting.desk.agents[0], "name") else list(setting.desk.model.agents)  # fmt: skip
            units = {n for n, w in zip(names, setting.looks_at, strict=True) if w > 1}
        table, found, _ = find(SEEN[case.seen](seen), case.detector, case.period)
        tested = table[table["unit"].isin(units)]
        hit = {unit for _, unit in found} & units
        caught += len(hit)
        doers += len(units) if case.detector != "cherry_picking" else tested["unit"].nunique()
        others += len({unit for _, unit in found} - units)
        sizes += tested["n"].tolist()
    return {
        **{"detector": case.detector, "what": case.what, "strength": case.strength},
        **{"period": case.period, "log": case.seen, "desks": len(logs)},
        **{"doers": doers, "caught": caught, "power": caught / doers if doers else None},
        **{"everybody": case.everybody, "others_named": others},
        **{"median_n": float(np.median(sizes)) if sizes else None},
    }


def bunching_formula(runs: int, seed: int = 1) -> list[dict[str, Any]]:
    """Size and power of the plain formula on smooth times: lognormal(.9), limit at 85 %."""
    rng, out = np.random.default_rng(seed), []
    limit = float(np.exp(0.9 * 1.0364))
    for n in (500, 2000, 10000):
        for share in (0.0, 0.2):
            p = np.empty(runs)
            for run in range(runs):
                value = np.exp(0.9 * rng.standard_normal(n))
                late = value > limit
                hit = late & (value <= 2 * limit) & (rng.random(n) < share)
                value[hit] = limit * rng.uniform(0.9, 1.0, int(hit.sum()))
                p[run] = bunched(value, limit)[3]
            row = {"n": n, "moved": share, "p05": float((p < 0.05).mean())}
            out.append({**row, "p01": float((p < 0.01).mean()), "runs": runs})
    return out


def main() -> None:
    """Measure, write the results and the page of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--desks", type=int, default=40)
    options = parser.parse_args()
    results = {
        "clean": clean(options.desks),
        "scattered": scattered(options.desks),
        "power": power(options.desks),
        "bunching_formula": bunching_formula(2000),
    }
    place = HERE / "results" / "detectors.json"
    place.write_text(json.dumps(results, indent=1) + "\n")
    write_page()


if __name__ == "__main__":
    main()
