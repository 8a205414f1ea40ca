"""From a log to a baseline: group, run the estimators, assemble a desk that can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim import __version__
from svcsim.calendar import SpecialDays
from svcsim.calibration.agents import AgentsEstimator
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.assemble import Parts, assembled
from svcsim.calibration.chats import ChatsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.discipline import DisciplineEstimator
from svcsim.calibration.drift import drift_note, propose_window
from svcsim.calibration.groups import channel_modes, group_notes, grouped, team_groups
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.ladder import ladder
from svcsim.calibration.overrides import with_known
from svcsim.calibration.patience import PatienceEstimator
from svcsim.calibration.planner import Known
from svcsim.calibration.questions import questions
from svcsim.calibration.recent import last_weeks
from svcsim.calibration.repeats import RepeatsEstimator
from svcsim.calibration.resolution import ResolutionEstimator
from svcsim.calibration.roles import RolesEstimator
from svcsim.calibration.roster import Roster, read_roster
from svcsim.calibration.short import is_short, with_priors
from svcsim.calibration.staffing import StaffingEstimator
from svcsim.calibration.survey import SurveyEstimator
from svcsim.contacts.log import ContactLog, show_day
from svcsim.contacts.unfit import cleaned, set_aside, set_aside_note
from svcsim.errors import Finding, InputError
from svcsim.model.baseline import Baseline, Source
from svcsim.text import Text

Array = NDArray[np.float64]
Progress = Callable[[str], None]

PARTS = {
    "difficulty": Text("difficulty", "难度"),
    "resolution": Text("resolution", "解决与转派"),
    "repeats": Text("repeats", "重复来访"),
    "handling": Text("handling", "处理时长"),
    "agents": Text("agents", "坐席"),
    "routing": Text("routing", "派单"),
    "staffing": Text("staffing", "在岗人力"),
    "arrivals": Text("arrivals", "到达量"),
    "patience": Text("patience", "耐心"),
    "survey": Text("survey", "满意度调查"),
    "drift": Text("drift", "漂移"),
}
"""What is learned, in order: name -> how it is called."""
LEAST_ROWS, LEAST_DAYS = 200, 14
WEEK = 604800.0


def calibrate(
    log: ContactLog,
    *,
    name: str = "baseline",
    zh: str = "",
    roster: str | Path | Roster | None = None,
    calendar: SpecialDays | None = None,
    known: Known | None = None,
    progress: Progress | None = None,
) -> Baseline:
    """Learn a desk from its history.

    Parameters
    ----------
    log : ContactLog
        At least 200 contacts opened over two weeks of its window; others are not fitted.
    name, zh : str
        What the baseline is called.
    roster : path or Roster or None
        A planner's roster (CSV); it overrides the hours inferred from the log.
    calendar : SpecialDays or None
        Holidays, make-up days and other special days of the history and of the time after it.
    known : Known or None
        What the planner knows besides (`svcsim.calibration.planner`): it overrides what is learned.
    progress : callable or None
        Called with the name of each part (`PARTS`) before it is learned, and with "" at the end.

    Raises
    ------
    InputError
        When the history is too small, or nothing tells who works when.
    """
    log = cleaned(log)
    log = log.between(log.start, log.end)
    _enough(log)
    planned = roster if roster is None or isinstance(roster, Roster) else read_roster(roster)
    planned = None if planned is None else planned.with_teams(team_groups(log))
    tell = progress or (lambda part: None)
    whole = grouped(log)
    (raw, recent), (desk, _) = last_weeks(log), last_weeks(whole)
    parts = _learn(desk, raw.frame, planned, calendar, tell, whole)
    desk = parts.difficulty.labelled(desk, raw.frame)
    tell("drift")
    window = propose_window(log)
    notes = [
        *(note for note in (set_aside_note(log), recent) if note),
        *group_notes(log),
        *parts.notes(),
    ]
    model, extra = assembled(desk, parts, planned)
    notes += extra
    if is_short(log):
        model, note = with_priors(model)
        notes.append(note)
    model, overridden = with_known(model, known or Known(), log, planned)
    notes += overridden
    if window.severe:
        notes.insert(0, drift_note(window))
    tell("")
    source = Source(
        log=log.name,
        rows=len(log),
        set_aside=set_aside(log),
        start=show_day(log.start, log.timezone)[:10],
        end=show_day(log.end, log.timezone)[:10],
    )
    baseline = Baseline(
        svcsim=__version__,
        name=name,
        zh=zh,
        source=source,
        notes=tuple(dict.fromkeys(notes)),
        drift=window.drift,
        weeks=window.course.weeks(),
        incidents=parts.arrivals.incidents_,
        ladder=ladder(log, roster=planned is not None),
        satisfaction=parts.survey.satisfaction_,
        model=model,
    )
    return baseline.model_copy(update={"questions": questions(baseline)})


def _enough(log: ContactLog) -> None:
    low, high = np.quantile(log.frame["opened_s"], [0.005, 0.995])
    if len(log) >= LEAST_ROWS and log.end - log.start > 2 * max(high - low, LEAST_DAYS * 86400.0):
        first, last = (show_day(at, log.timezone)[:10] for at in (low, high))
        raise InputError(
            Finding(
                log.name,
                f"99% of the contacts were opened from {first} to {last}, less than half of the "
                f"window [{show_day(log.start, log.timezone)}, {show_day(log.end, log.timezone)})",
                "expected a window that the contacts fill",
                f"leave stray days out with --from {first}, or set the stray stamps right",
            )
        )
    days = (log.end - log.start) / 86400.0
    if len(log) >= LEAST_ROWS and days >= LEAST_DAYS - 0.1:
        return
    raise InputError(
        Finding(
            log.name,
            f"{len(log)} contacts over {days:.1f} days",
            f"a baseline needs {LEAST_ROWS} contacts and {LEAST_DAYS} days or more",
            "give a longer history (--from earlier, or several exports with a glob)",
        )
    )


def _learn(
    desk: ContactLog,
    raw: pd.DataFrame,
    roster: Roster | None,
    calendar: SpecialDays | None,
    tell: Progress,
    whole: ContactLog,
) -> Parts:
    tell("difficulty")
    chats = ChatsEstimator().fit(desk)
    worked = chats.as_work(desk)
    difficulty = DifficultyEstimator().fit(worked, raw)
    desk, worked = (difficulty.labelled(one, raw) for one in (desk, worked))
    tell("resolution")
    resolution = ResolutionEstimator().fit(desk)
    tell("repeats")
    # counted as the desk counts them: simulated and recorded repeat rates must compare
    repeats = RepeatsEstimator(corrected=False).fit(desk)
    tell("handling")
    counted = desk.frame["handlings"].fillna(resolution.handlings_)
    work = replace(worked, frame=worked.frame.assign(handlings=counted))
    handling = HandlingEstimator().fit(work, difficulty)
    tell("agents")
    agents = AgentsEstimator().fit(desk, handling)
    told = worked.frame.assign(category=raw["category"], team=raw["team"])
    roles = RolesEstimator().fit(replace(worked, frame=told), difficulty.tier_of(worked.frame))
    roles.compare(agents.effects_)
    tell("routing")
    discipline = DisciplineEstimator().fit(desk, handling)
    tell("staffing")
    staffing = StaffingEstimator(roster).fit(desk)
    tell("arrivals")
    arrivals = ArrivalsEstimator(calendar=calendar).fit(whole)
    tell("patience")
    live = [channel for channel, mode in channel_modes(desk).items() if mode == "live"]
    patience = {channel: PatienceEstimator().fit(desk, channel) for channel in live}
    tell("survey")
    quality = {agent: learned.quality.value for agent, learned in agents.agents_.items()}
    survey = SurveyEstimator().fit(desk, quality)
    return Parts(
        arrivals, chats, difficulty, resolution, repeats, handling, agents, roles, discipline,
        staffing, patience, survey,
    )  # fmt: skip
