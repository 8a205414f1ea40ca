"""Whether anybody is on duty for each team with work, once a run's days are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import prepare
from svcsim.errors import Finding, InputError
from svcsim.model.load import handlings_by_team
from svcsim.model.quantity import Share
from svcsim.model.service import ServiceModel
from svcsim.scenario.changes import steps
from svcsim.scenario.scenario import Scenario, place_of, places_of_changes
from svcsim.study.experiment import Plan

TRIES = 10
"""Replications whose roster days are looked at: days of one weekday may differ by chance."""


def check_duty(model: ServiceModel, horizon: Horizon, seed: int) -> None:
    """Refuse a run in which a team has work but nobody who serves it is ever on duty.

    All rostered agents may have left before the first day, be hired after the last, or be in
    meetings all the time; or the days are such on which the desk is closed. Absences, which are
    chance, do not count.

    Raises
    ------
    InputError
        With a finding for every such team.
    """
    alone = set(_teams_with_work(model))
    for replication in range(1, TRIES + 1):
        alone -= _on_duty(model, horizon, seed, replication)
        if not alone:
            return
    days = horizon.local_days()
    raise InputError([
        Finding(
            f"team {team}",
            f"has work, but nobody who serves it is on duty from {days[0]} to {days[-1]}",
            "expected at least one rostered agent with a window on these days",
            "look at hired and leaves of agents, at staffing.meetings, and at run.start and "
            "run.days",
        )
        for team in model.teams if team in alone
    ])  # fmt: skip


def told_at(
    error: InputError, model: ServiceModel, scenario: Scenario, plan: Plan, file: Path
) -> InputError:
    """Return a refusal of `check_duty` with each team told at the change that left it alone.

    A team that has nobody in the unchanged desk either is told where the days are chosen (``run``).
    """
    run = place_of(file, "run")
    blamed: dict[str, tuple[str, str]] = {}
    places = places_of_changes(scenario, file)
    before = _alone(model, plan)
    for change, place, desk in zip(
        scenario.changes, places, steps(model, scenario.changes), strict=True
    ):
        if isinstance(desk, ServiceModel):
            now = _alone(desk, plan)
            blamed = {team: at for team, at in blamed.items() if team in now}
            blamed |= {team: (place, f"{change.path}: ") for team in now - before}
            before = now
    told = []
    for finding in error.findings:
        place, path = blamed.get(finding.where, (run, ""))
        told.append(replace(finding, where=place, found=f"{path}{finding.where} {finding.found}"))
    return InputError(told)


def _alone(model: ServiceModel, plan: Plan) -> set[str]:
    """Return the teams of a desk that `check_duty` refuses, as its findings name them."""
    try:
        check_duty(model, plan.horizon, plan.seed)
    except InputError as error:
        return {finding.where for finding in error.findings}
    return set()


def _teams_with_work(model: ServiceModel) -> list[str]:
    """Return the teams that contacts reach, by ordinary demand or by an incident."""
    sudden = {burst.category for burst in model.bursts.values() if burst.size.value > 0}
    teams = [model.categories[name].team for name in sudden]
    for category in model.categories.values():
        teams += [team for team, number in handlings_by_team(model, category) if number > 0]
    return teams


def _on_duty(model: ServiceModel, horizon: Horizon, seed: int, replication: int) -> set[str]:
    """Return the teams that somebody serves in some window of a replication without absences."""
    here = {"presence": Share(value=1.0), "absence": None, "attrition": None}
    staffing = model.staffing.model_copy(update=here)
    setting = prepare(
        model.model_copy(update={"staffing": staffing}), horizon, seed=seed,
        replication=replication, redraw_parameters=False, arrivals=np.zeros(0, dtype=np.int64),
    )  # fmt: skip
    windows = np.asarray(setting.windows, dtype=np.int64).reshape(-1, 3)
    on = np.unique(windows[windows[:, 1] > windows[:, 0], 2]).tolist()
    return {setting.desk.teams[team] for who in on for team in setting.desk.serves[who]}
