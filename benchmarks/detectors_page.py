"""The measured part of docs/integrity.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from svcsim.scorecard.integrity.detection import NAMES

HERE = Path(__file__).parent
Row = dict[str, Any]

PAGE = HERE.parent / "docs" / "integrity.md"
MARK = "<!-- what follows is written by benchmarks/detectors.py and benchmarks/alarms.py -->"


def write_page() -> None:
    """Write the measured part of the page again, from the results that there are."""
    found = json.loads((HERE / "results" / "detectors.json").read_text())
    place = HERE / "results" / "alarms.json"
    alarms = json.loads(place.read_text()) if place.is_file() else {}
    prose = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    text = "\n".join([prose + MARK + "\n", *_clean(found), *_power(found), *_alarms(alarms)])
    PAGE.write_text(text.rstrip() + "\n", encoding="utf-8")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _clean(found: Row) -> list[str]:
    head = ("detector", "log", "desk-months", "units tested", "named", "named per desk-month",
            "per unit", "desk-months with any", "p < .05", "p < .01")  # fmt: skip
    rows = []
    for detector in NAMES:
        for log in ("whole", "unsaid", "plain", "unlabelled"):
            of = [r for r in found["clean"] if (r["detector"], r["log"]) == (detector, log)]
            total = {key: sum(r[key] for r in of) for key in
                     ("desk_months", "tested", "named", "alarmed", "p05", "p01")}  # fmt: skip
            if total["tested"]:
                n, months = total["tested"], total["desk_months"]
                rows.append(
                    (f"`{detector}`", log, months, n, total["named"],
                     f"{total['named'] / months:.3f}", f"{total['named'] / n:.4f}",
                     f"{total['alarmed'] / months:.3f}", f"{total['p05'] / n:.3f}",
                     f"{total['p01'] / n:.3f}")
                )  # fmt: skip
    formula = [
        (r["n"], f"{r['moved']:.0%}", f"{r['p05']:.3f}", f"{r['p01']:.3f}")
        for r in found["bunching_formula"]
    ]
    scatter = [
        (r["scatter"], r["desk_months"], r["named"], r["alarmed"]) for r in found["scattered"]
    ]
    return [
        "## False alarms on clean desks\n",
        "Measured by `python benchmarks/detectors.py`: simulated months of the sample desk (24 "
        "agents, about 3,500 contacts a month), of two random variants of it (volumes, shares, "
        "handling times, agents, returns) and of the sample desk with specialists first; nobody "
        "does anything. *whole*: the log with spells of work; *plain*: as an export has it; "
        "*unsaid*: spells, but nobody knows which replies are empty; *unlabelled*: plain, without "
        "labels of difficulty. Clean agents have 3 % of handlings under 10 s, with a correlation "
        "of .003 within an agent.\n",
        _table(head, rows),
        "Short handlings where agents differ more or less by nature (sample desk):\n",
        _table(("correlation within an agent", "desk-months", "named", "desk-months with any"),
               scatter),
        "The plain bunching formula on smooth times (lognormal, sigma .9, limit met by 85 %; 20 % "
        "of those up to twice the limit moved just under it):\n",
        _table(("contacts", "moved", "p < .05", "p < .01"), formula),
        "On desks the times run over nights and come in waves; the detector therefore divides z "
        "by the spread of the same statistic at limits that nobody set.\n",
    ]  # fmt: skip


def _power(found: Row) -> list[str]:
    head = ("detector", "behaviour", "strength", "period", "log", "n (median)", "who do it",
            "named", "power", "others named")  # fmt: skip
    rows = [
        (f"`{r['detector']}`", r["what"], _strength(r), r["period"], r["log"],
         "-" if r["median_n"] is None else f"{r['median_n']:.0f}", r["doers"], r["caught"],
         "-" if r["power"] is None else f"{r['power']:.2f}",
         "all do it" if r["everybody"] else r["others_named"])
        for r in found["power"]
    ]  # fmt: skip
    return [
        "## Power where a behaviour is on\n",
        "Forty desks each. *simulated*: a behaviour of the model (`behaviour.empty_reply`, "
        "`.survey_steering`, `.premature_close` of the whole desk; `.cherry_picking` of agents "
        "drawn at 20 %, who take the easiest of the first two or five). The others are put into "
        "the simulated log by the rules of `benchmarks/desks_with_behaviours.py`: one agent of the "
        "first line has handlings of 1-9 s, answers 60-64 s after opening, declares resolutions "
        "1-20 h early, opens tickets of its own, does not ask those who waited or came back, or "
        "loses ratings of 1 or 2 to another name. Of a whole desk, *named* counts the desk "
        "itself. n: what the detector looked at in the unit.\n",
        _table(head, rows),
        "What cannot be seen: early closing by everybody all the time (nobody to compare with). "
        "Seen less than one would think: in a plain export, empty replies of a tenth of the "
        "tickets that come after a wait in the queue; steering so complete that no unhappy "
        "customer is left to learn from; bad ratings that move away where an agent has fewer than "
        "three in the period.\n",
    ]


def _strength(r: Row) -> str:
    whole = r["detector"] in ("self_created", "cherry_picking")
    return f"{r['strength']:g}" if whole else f"{r['strength']:.0%}"


def _alarms(found: Row) -> list[str]:
    if not found:
        return []
    lengths: dict[str, list[Row]] = {}
    for r in found["run_lengths"]:
        lengths.setdefault(r["chart"], []).append(r)
    rows = [
        (name, *(f"{r['computed']:.1f} ({r['simulated']:.1f} ± {r['error']:.1f})" for r in of))
        for name, of in lengths.items()
    ]
    years = [
        (r["what"], r["years"], r["charts"], r["alerts"], f"{r['alarmed'] / r['years']:.2f}",
         "-" if r["what"] == "nothing" else f"{r['seen'] / r['years']:.2f}")
        for r in found["watched"]
    ]  # fmt: skip
    limit = [
        (r["replications"], f"{r['rate']:.0%}", f"{r['crossed']:.4f}", f"{r['interval_holds']:.3f}")
        for r in found["limits"]
    ]
    budget = [
        (f"{r['from']:.1f}-{r['to']:.1f}", r["months"], f"{r['said']:.3f}", f"{r['came']:.3f}")
        for r in found["budgets"]
    ]
    return [
        "## Alerts, measured\n",
        "Average run lengths in weeks, by the Markov chain of Brook and Evans (simulated ± its "
        "standard error), by shift in standard deviations:\n",
        _table(("chart", "0", ".5", "1", "2"), rows),
        "A card of five KPIs at the end of simulated years of the sample desk (28 weeks to learn "
        "from, 12 watched, something worse in the last 8):\n",
        _table(("what got worse", "years", "charts", "alerts", "years with any", "seen"), years),
        "Limits from simulated periods: how often a further period crosses them, and how often "
        "the stated interval holds that rate:\n",
        _table(("replications", "rate asked for", "crossed", "interval holds"), limit),
        "Miss budgets after 10 of 30 days (40 contacts a day, correlation .02 within a day): the "
        "probability said, and how often the budget was exceeded:\n",
        _table(("said", "months", "mean said", "exceeded"), budget),
    ]


if __name__ == "__main__":
    write_page()
