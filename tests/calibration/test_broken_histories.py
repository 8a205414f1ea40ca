"""Histories that no desk can be learned from: refused with the reason, or fitted and said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.drift import propose_window
from svcsim.calibration.fit import calibrate
from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.unfit import cleaned
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline

DAY, WEEK = 86400.0, 604800.0
MONDAY = pd.Timestamp("2025-03-03", tz="UTC").timestamp()
STAMPS = ("opened_s", "first_response_s", "resolved_s")
N = 600


def desk() -> pd.DataFrame:
    """Six weeks of a small desk in office hours."""
    rng = np.random.default_rng(1)
    day = rng.integers(0, 30, N)
    opened = np.sort(MONDAY + day // 5 * WEEK + day % 5 * DAY + rng.uniform(9, 16, N) * 3600)
    opened = opened.round()
    first = opened + rng.exponential(900, N).round()
    work = rng.gamma(2, 400, N).round()
    return pd.DataFrame({
        "ticket_id": [f"t{i}" for i in range(N)], "opened_s": opened, "first_response_s": first,
        "resolved_s": first + work + rng.exponential(7200, N).round(), "handle_s": work,
        "agent": rng.choice(["Ann", "Bo", "Cy", "Di"], N), "team": "L1", "channel": "web",
        "category": rng.choice(["a", "b"], N), "customer": rng.integers(0, 300, N).astype(str),
    })  # fmt: skip


def log(frame: pd.DataFrame, weeks: float = 6, **meta: Any) -> ContactLog:
    return make_log(frame, start=MONDAY, end=MONDAY + weeks * WEEK, **meta)


def moved(frame: pd.DataFrame, seconds: float) -> pd.DataFrame:
    return frame.assign(**{name: frame[name] + seconds for name in STAMPS})


NOBODY = "no agent can be placed on any day"
REFUSED: dict[str, tuple[Callable[[pd.DataFrame], ContactLog], str]] = {
    "empty": (lambda f: log(f.iloc[:0]), "no contact was opened"),
    "one row": (lambda f: log(f.iloc[:1]), "a baseline needs 200 contacts"),
    "ten days": (lambda f: log(f[f["opened_s"] < MONDAY + 10 * DAY], 10 / 7), "14 days or more"),
    "nobody named": (lambda f: log(f.assign(agent=None)), NOBODY),
    "an agent for each ticket": (lambda f: log(f.assign(agent=f["ticket_id"])), NOBODY),
    "nothing but openings": (lambda f: log(f[["ticket_id", "opened_s"]]), NOBODY),
    "everybody left": (
        lambda f: log(f[["ticket_id", "opened_s"]].assign(abandoned_s=f["opened_s"] + 60)),
        NOBODY,
    ),
    "resolved a year later": (
        lambda f: log(f.assign(first_response_s=np.nan, resolved_s=f["resolved_s"] + 400 * DAY)),
        NOBODY,
    ),
    "all in one moment": (lambda f: log(f.assign(opened_s=MONDAY)), "99% of the contacts"),
    "one ticket of 1999": (
        lambda f: make_log(pd.concat([f, f.iloc[:1].assign(ticket_id="x", opened_s=9e8)])),
        "leave stray days out with --from 2025-03-03",
    ),
    "negative handling": (lambda f: log(f.assign(handle_s=-5.0)), "600 impossible stamps"),
    "endless handling": (lambda f: log(f.assign(handle_s=np.inf)), "600 impossible stamps"),
    "resolved first": (lambda f: log(f.assign(resolved_s=f["opened_s"] - 9)), "600 impossible"),
    "years ahead": (lambda f: make_log(moved(f, 20 * 365 * DAY)), "600 opened in the future"),
    "all bots": (lambda f: log(f.assign(agent="bot")), "600 resolved by bots"),
    "all tests": (lambda f: log(f.assign(customer="test")), "600 tests"),
    "one ticket 600 times": (lambda f: log(f.assign(ticket_id="t")), "1 contacts over 42.0 days"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_tells_nothing_is_refused_with_the_reason(name: str):
    broken, reason = REFUSED[name]
    with pytest.raises(InputError) as error:
        calibrate(broken(desk()))
    (finding,) = error.value.findings
    assert reason in str(finding)
    assert finding.mend


FITTED: dict[str, tuple[Callable[[pd.DataFrame], ContactLog], str]] = {
    "one agent": (lambda f: log(f.assign(agent="Ann")), ""),
    "unsorted": (lambda f: log(f.sample(frac=1, random_state=1)), ""),
    "half impossible": (
        lambda f: log(f.assign(handle_s=f["handle_s"].where(f.index % 2 == 0, -5.0))),
        "data: calibrated from 300 of 600 contacts: 300 impossible stamps or durations",
    ),
    "a hole of three weeks": (
        lambda f: log(f[(f["opened_s"] < MONDAY + WEEK) | (f["opened_s"] > MONDAY + 4 * WEEK)]),
        "days without any contact",
    ),
    "a category for each ticket": (lambda f: log(f.assign(category=f["ticket_id"])), "pooled as"),
    "odd names": (lambda f: log(f.assign(agent=f["agent"] + ": {x}\n'\"", team="a.b[0]")), ""),
    "empty names": (lambda f: log(f.assign(agent="", team="", category="", channel="")), ""),
}


@pytest.mark.parametrize("name", FITTED)
def test_what_is_odd_is_fitted_and_said(name: str, tmp_path: Path):
    odd, note = FITTED[name]
    baseline = calibrate(odd(desk()))
    assert any(note in told for told in baseline.notes)
    written = tmp_path / "baseline.yaml"
    written.write_text(baseline.to_yaml(), encoding="utf-8")
    assert set(Baseline.from_yaml(written).model.agents) == set(baseline.model.agents)


def test_two_desks_one_after_the_other_are_told_apart():
    """The second one resolves ten days later: no single desk did both."""
    late = moved(desk(), 6 * WEEK)
    late = late.assign(
        ticket_id="u" + late["ticket_id"], resolved_s=late["resolved_s"] + 10 * DAY
    )  # fmt: skip
    found = propose_window(cleaned(log(pd.concat([desk(), late]), 12)))
    assert found.refused
    assert str(found.start) == "2025-04-14"
