"""What can be calibrated, by which columns a log has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from svcsim.contacts.capability import ADVICE, PARTS, can_calibrate
from svcsim.contacts.log import ContactLog, make_log

N = 240


def log_of(**columns: Any) -> ContactLog:
    """Return 240 contacts over 30 days with nothing but stamps, and the given columns."""
    base = {
        "ticket_id": [str(k) for k in range(N)],
        "opened_s": [k * 10800.0 for k in range(N)],
        "resolved_s": [k * 10800.0 + 900 for k in range(N)],
    }
    return make_log(pd.DataFrame(base | columns), start=0.0, end=30 * 86400.0)


def test_a_bare_log() -> None:
    assert can_calibrate(log_of()) == {
        "arrivals": "measured",
        "handling": "assumed",
        "patience": "no",
        "agents": "no",
        "staffing": "no",
        "transfers": "no",
        "reopen": "no",
        "repeat": "no",
        "survey": "no",
        "wait": "no",
        "difficulty": "no",
    }


HALF = [None if k % 2 else 60.0 for k in range(N)]
AGENTS = ["Li" if k % 2 else "Wu" for k in range(N)]
LEFT: dict[str, Any] = {
    "resolved_s": [None if k % 4 == 0 else k * 10800.0 + 900 for k in range(N)],
    "abandoned_s": [k * 10800.0 + 90 if k % 4 == 0 else None for k in range(N)],
}


@pytest.mark.parametrize(
    ("part", "grade", "columns"),
    [
        ("handling", "measured", {"handle_s": [300.0] * N}),
        ("handling", "proxy", {"handle_s": [300.0] + [None] * (N - 1)}),
        ("patience", "measured", {**LEFT, "wait_s": [90.0] * N}),
        ("patience", "proxy", LEFT),
        ("agents", "measured", {"agent": AGENTS}),
        ("agents", "proxy", {"agent": ["Li"] * (N - 1) + ["Wu"]}),
        ("staffing", "proxy", {"agent": AGENTS}),
        ("transfers", "measured", {"transfers": [0] * N}),
        ("reopen", "measured", {"reopens": [0] * N}),
        ("reopen", "proxy", {"first_resolved_s": [k * 10800.0 + 800 for k in range(N)]}),
        ("repeat", "proxy", {"customer": ["K"] * N}),
        (
            "repeat",
            "measured",
            {"customer": ["K"] * N, "case_id": ["0"] * N, "contact_no": range(1, N + 1)},
        ),
        ("survey", "proxy", {"csat": HALF[:0] + [4 if k % 2 else None for k in range(N)]}),
        ("survey", "measured", {"csat": [4] * N, "survey_sent": [1] * N}),
        ("survey", "assumed", {"csat": [4] + [None] * (N - 1)}),
        ("wait", "measured", {"wait_s": [60.0] * N}),
        ("wait", "measured", {"wait_s": HALF, "channel": ["web", "phone"] * (N // 2)}),
        ("wait", "proxy", {"first_response_s": [k * 10800.0 + 60 for k in range(N)]}),
        ("difficulty", "measured", {"difficulty": ["hard", "easy"] * (N // 2)}),
        ("difficulty", "proxy", {"category": ["a", "b"] * (N // 2)}),
    ],
)
def test_one_more_column(part: str, grade: str, columns: dict[str, Any]) -> None:
    assert can_calibrate(log_of(**columns))[part] == grade


def test_spells_of_work() -> None:
    spells = pd.DataFrame(
        {"agent": ["Li"], "team": ["L1"], "ticket_id": ["1"], "start_s": [1.0], "end_s": [2.0]}
    )
    log = log_of()
    assert can_calibrate(replace(log, work=spells))["handling"] == "measured"
    touches = spells.assign(start_s=float("nan"))
    assert can_calibrate(replace(log, work=touches))["handling"] == "proxy"
    assert can_calibrate(replace(log, staffed=spells))["staffing"] == "measured"


def test_short_histories() -> None:
    log = log_of()
    assert can_calibrate(log.between(0, 14 * 86400.0))["arrivals"] == "proxy"
    assert can_calibrate(log.between(0, 3 * 86400.0))["arrivals"] == "assumed"


def test_every_part_has_a_name_and_advice_in_both_languages() -> None:
    for part, grade in can_calibrate(log_of()).items():
        assert min(len(ADVICE[part].en), len(ADVICE[part].zh)) > 5
        assert PARTS[part].en
        assert PARTS[part].zh
        assert PARTS[grade].en
        assert PARTS[grade].zh
