"""Whether anybody is on duty for each team with work, once a run's days are known."""

from __future__ import annotations

import numpy as np

from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import prepare
from svcsim.errors import Finding, InputError
from svcsim.model.load import handlings_by_team
from svcsim.model.quantity import Share
from svcsim.model.service import ServiceModel

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
