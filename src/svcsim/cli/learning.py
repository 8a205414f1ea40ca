"""How verbs learn a baseline: from the steady part of a history, saying what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcsim.cli.output import Output
from svcsim.cli.words import word

if TYPE_CHECKING:
    from svcsim.calendar import SpecialDays
    from svcsim.calibration.planner import Known
    from svcsim.contacts.log import ContactLog
    from svcsim.model.baseline import Baseline
    from svcsim.study.learn import Effort


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
) -> Baseline:
    """Return the baseline of a log, of its steady part where it drifted severely.

    With ``whole_window`` all of it is fitted, and the note says that this was asked.
    """
    from svcsim.calibration.drift import steady_part
    from svcsim.calibration.fit import calibrate
    from svcsim.calibration.questions import questions
    from svcsim.study.learn import learn

    steady, drifts, note = steady_part(log)
    if note and whole_window:
        note = word("whole_window", note=note)
    elif note:
        out.say(note)
    baseline = learn(
        log if whole_window else steady,
        lambda part: calibrate(
            part, name=name or log.name, roster=roster, calendar=calendar, known=known
        ),
        effort=effort,
        say=out.say,
        progress=out.progress(word("replay")),
    )
    # asked again: the factors tuned since the fit are part of what is not known
    baseline = baseline.model_copy(update={"questions": questions(baseline)})
    if not note:
        return baseline
    return baseline.model_copy(update={"drift": drifts, "notes": (note, *baseline.notes)})
