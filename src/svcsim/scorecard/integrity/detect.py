"""Run every detector that the data allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.integrity import (
    bunching,
    cherry_picking,
    empty_responses,
    reassigned,
    reopens,
    self_created,
    short_handlings,
    surveys,
)
from svcsim.scorecard.integrity.detection import NAMES, IntegrityTable, Tests, named
from svcsim.scorecard.integrity.scene import Scene
from svcsim.scorecard.period import Period, choose_period
from svcsim.text import Text

DETECTORS: Mapping[str, Callable[[Scene], Tests | Text]] = {
    "short_handlings": short_handlings.find,
    "empty_first_responses": empty_responses.find,
    "bunching": bunching.find,
    "reopen_after_close": reopens.find,
    "self_created": self_created.find,
    "survey_steering": surveys.find,
    "reassigned_after_bad_rating": reassigned.find,
    "cherry_picking": cherry_picking.find,
}
"""Name -> detector: tests of all units, or why the data do not allow it."""


def detect(
    log: ContactLog,
    period: str | Period | None = None,
    limits: Sequence[str] = (),
    detectors: Sequence[str] = tuple(NAMES),
) -> IntegrityTable:
    """Return what the detectors find in a period: units that somebody should check.

    Within a detector the p values of all units are adjusted by Benjamini and Hochberg: of the
    units it names, 10 % or fewer are expected to be false ones.

    Parameters
    ----------
    log : ContactLog
        History or one replication of a simulation.
    period : str, Period or None
        As for `svcsim.scorecard.score.score`; None: the last whole month that the log covers.
    limits : sequence of str
        Metrics whose limits `bunching` looks at: ``frt_within(10min)``, ``res_within(24h)``,
        ``answered_within(20s)``; others are passed over, so all metrics of a card may be given.
    detectors : sequence of str
        Which of `NAMES`, by default all.

    Raises
    ------
    InputError
        For a period that cannot be read or lies outside the log.
    KeyError
        For an unknown detector.
    """
    scene = Scene(log, choose_period(log, period, "month"), tuple(limits))
    found, tested, not_possible, notes = [], {}, {}, {}
    for name in detectors:
        tests = DETECTORS[name](scene)
        if isinstance(tests, Text):
            not_possible[name] = tests
            continue
        tested[name] = len(tests.table)
        found += named(name, tests)
        if tests.note:
            notes[name] = tests.note
    return IntegrityTable(tuple(found), tested, not_possible, notes)
