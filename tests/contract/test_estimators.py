"""Every estimator is held to one list, on a rich log and on one that records almost nothing."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import svcsim.calibration
from svcsim.calibration.agents import AgentsEstimator
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.chats import ChatsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.discipline import DisciplineEstimator
from svcsim.calibration.estimator import Estimator
from svcsim.calibration.groups import grouped
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.patience import PatienceEstimator
from svcsim.calibration.repeats import RepeatsEstimator
from svcsim.calibration.resolution import ResolutionEstimator
from svcsim.calibration.roles import RolesEstimator
from svcsim.calibration.staffing import StaffingEstimator
from svcsim.calibration.survey import SurveyEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.quantity import Quantity, walk
from svcsim.samples.history import history_path
from svcsim.spec import Spec
from svcsim.text import Text

WEEK = 604800.0
Fit = Callable[[ContactLog], Estimator]


def fit_handling(log: ContactLog) -> HandlingEstimator:
    return HandlingEstimator().fit(log, DifficultyEstimator().fit(log))


FITS: dict[type[Estimator], Fit] = {
    ArrivalsEstimator: lambda log: ArrivalsEstimator().fit(log),
    DifficultyEstimator: lambda log: DifficultyEstimator().fit(log),
    HandlingEstimator: fit_handling,
    AgentsEstimator: lambda log: AgentsEstimator().fit(log, fit_handling(log)),
    PatienceEstimator: lambda log: PatienceEstimator().fit(log, "phone"),
    ResolutionEstimator: lambda log: ResolutionEstimator().fit(log),
    RepeatsEstimator: lambda log: RepeatsEstimator().fit(log),
    StaffingEstimator: lambda log: StaffingEstimator().fit(log),
    SurveyEstimator: lambda log: SurveyEstimator().fit(log, {}),
    ChatsEstimator: lambda log: ChatsEstimator().fit(log),
    DisciplineEstimator: lambda log: DisciplineEstimator().fit(log, fit_handling(log)),
    RolesEstimator: lambda log: RolesEstimator().fit(log),
}


@cache
def rich() -> ContactLog:
    from svcsim.contacts.read import read_history

    log = read_history(history_path()).log
    return grouped(log.between(log.end - 8 * WEEK, log.end))


@cache
def bare() -> ContactLog:
    """Openings and resolutions with a name, five weeks of office hours, nothing else."""
    rng = np.random.default_rng(1)
    day = rng.integers(0, 35, 1200)
    opened = np.sort(day * 86400.0 + rng.uniform(9, 16, 1200) * 3600).round()
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(1200)],
            "agent": rng.choice(["ann", "bo", "cy"], 1200),
            "opened_s": opened,
            "resolved_s": opened + rng.exponential(1200, 1200).round() + 60,
        }
    )
    return grouped(make_log(frame, start=0.0, end=35 * 86400.0, observed_until=36 * 86400.0))


LOGS = {"rich": rich, "bare": bare}
CASES = [pytest.param(e, k, id=f"{e.__name__}-{k}") for e in FITS for k in LOGS]


@cache
def fitted(estimator: type[Estimator], kind: str) -> Estimator:
    return FITS[estimator](LOGS[kind]())


def learned(one: Estimator) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name.endswith("_")}


def quantities(one: Estimator) -> list[tuple[str, Quantity]]:
    found: list[tuple[str, Quantity]] = []
    for name, value in learned(one).items():
        if isinstance(value, (Spec, dict)):
            found += walk(value, name)
    return found


def test_no_estimator_is_forgotten():
    known = set()
    for module in pkgutil.iter_modules(svcsim.calibration.__path__):
        members = vars(importlib.import_module(f"svcsim.calibration.{module.name}")).values()
        known |= {m for m in members if inspect.isclass(m) and issubclass(m, Estimator)}
    assert known - {Estimator} == set(FITS)


@pytest.mark.parametrize("estimator", FITS)
def test_options_are_learned_nothing(estimator: type[Estimator]):
    fresh = estimator()
    assert fresh.notes_ == []
    assert set(learned(fresh)) == {"notes_"}


@pytest.mark.parametrize(("estimator", "kind"), CASES)
def test_fit_returns_the_estimator_itself(estimator: type[Estimator], kind: str):
    one = fitted(estimator, kind)
    assert type(one) is estimator
    assert len(learned(one)) > 1
    assert all(isinstance(note, Text) and note for note in one.notes_)
    assert [note for note in one.notes_ if not re.search("[\u4e00-\u9fff]", note.zh)] == []


@pytest.mark.parametrize(("estimator", "kind"), CASES)
def test_the_log_is_left_as_it_was(estimator: type[Estimator], kind: str):
    log = LOGS[kind]()
    before = log.frame.copy()
    FITS[estimator](log)
    pd.testing.assert_frame_equal(log.frame, before)


@pytest.mark.parametrize(("estimator", "kind"), CASES)
def test_intervals_hold_their_values_and_grades_tell_the_truth(
    estimator: type[Estimator], kind: str
):
    found = quantities(fitted(estimator, kind))
    silent = (PatienceEstimator, SurveyEstimator)
    # parts of a variance are told in a note; the model has no place for them
    assert found or estimator is RolesEstimator or (kind == "bare" and estimator in silent)
    for path, quantity in found:
        assert np.isfinite(quantity.value), path
        plain = quantity.grade == "assumed" and quantity.interval is None
        assert quantity.how or plain, path
        if quantity.interval is not None:
            low, high = quantity.interval
            assert low <= quantity.value <= high, path
        if quantity.grade == "measured":
            assert quantity.interval is not None, path
            assert quantity.n, path


@pytest.mark.parametrize(("estimator", "kind"), CASES)
def test_what_is_learned_twice_is_learned_alike(estimator: type[Estimator], kind: str):
    again = FITS[estimator](LOGS[kind]())
    assert quantities(again) == quantities(fitted(estimator, kind))
