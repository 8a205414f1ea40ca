"""How verbs learn a baseline: from a window that one desk fills, which the user has agreed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from svcsim.calendar import SpecialDays
    from svcsim.calibration.drift import FitWindow
    from svcsim.calibration.planner import Known
    from svcsim.contacts.log import ContactLog
    from svcsim.model.baseline import Baseline
    from svcsim.study.learn import Effort

MOST_REASONS = 4
"""Changes that a refusal names; the report shows them all."""


def window_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what to do with a history inside which the desk changed."""
    for option in (
        click.option(
            "--whole-window", is_flag=True, help="Fit all of it even where the desk drifted."
        ),
        click.option(
            "--steady", is_flag=True, help="Fit the steady part that is proposed where it drifted."
        ),
    ):
        function = option(function)
    return function


def learn_steady(
    log: ContactLog,
    effort: Effort,
    out: Output,
    *,
    name: str | None = None,
    roster: str | None = None,
    calendar: SpecialDays | None = None,
    known: Known | None = None,
    whole_window: bool = False,
    steady: bool = False,
) -> Baseline:
    """Return the baseline of a log inside whose window the desk did not change severely.

    Where it did, ``steady`` fits the part that is proposed and ``whole_window`` all of it; the
    notes say so.

    Raises
    ------
    InputError
        When the desk changed severely and neither was asked.
    """
    from svcsim.calibration.drift import propose_window, window_note
    from svcsim.calibration.fit import PARTS, calibrate
    from svcsim.calibration.questions import questions
    from svcsim.contacts.unfit import cleaned, set_aside_note
    from svcsim.study.learn import learn

    if whole_window and steady:
        raise InputError(
            Finding("--steady, --whole-window", "both are given", "expected one of them")
        )
    log = cleaned(log)
    if aside := set_aside_note(log):
        out.say(aside)
    found = propose_window(log)
    if found.refused and not whole_window and not (steady and found.start):
        raise InputError(_refusal(log.name, found))
    note = window_note(found)
    if note and whole_window:
        note = word("whole_window", note=note)
    elif note:
        out.say(note)
    part = log.window(found.begins, log.end) if steady and found.refused else log
    baseline = learn(
        part,
        lambda early: calibrate(
            early,
            name=name or log.name,
            roster=roster,
            calendar=calendar,
            known=known,
            progress=out.parts(word("fitted"), PARTS),
        ),  # fmt: skip
        effort=effort,
        say=out.say,
        progress=out.progress(word("replay")),
    )
    # asked again: the factors tuned since the fit are part of what is not known
    baseline = baseline.model_copy(update={"questions": questions(baseline)})
    if not note:
        return baseline
    whole = {"drift": found.drift, "weeks": found.course.weeks()}
    return baseline.model_copy(update={**whole, "notes": (note, *baseline.notes)})


def _refusal(name: str, found: FitWindow) -> Finding:
    """Say what changed, with its numbers, and which window would do."""
    from svcsim.calibration.drift import told_change

    changes = sorted(found.drift, key=lambda change: (not change.severe, -change.strength))
    reasons = [
        f"{told_change(change)} ({change.strength:g} standard errors)"
        for change in changes[:MOST_REASONS]
    ]
    if found.start is None:
        mend = "--whole-window fits all of it all the same, or give a longer history"
        proposed = "no tail of three weeks is steady"
    else:
        mend = (
            f"fit the steady part with --from {found.start} (leaves out {found.left_out} contacts) "
            "or --steady, or all of it with --whole-window"
        )
        proposed = f"about steady from {found.start}"
    return Finding(
        name,
        f"the desk changed inside the window, so one baseline describes no part of it: "
        f"{'; '.join(reasons)}",
        f"expected a steady window; {proposed}",
        mend,
    )
