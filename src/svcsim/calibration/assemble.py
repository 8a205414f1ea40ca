"""A desk that can run, put together from what every estimator learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calibration.agents import AgentsEstimator
from svcsim.calibration.arrivals import ArrivalsEstimator
from svcsim.calibration.chats import ChatsEstimator
from svcsim.calibration.difficulty import DifficultyEstimator, at_unit_odds
from svcsim.calibration.discipline import DisciplineEstimator
from svcsim.calibration.estimator import Estimator, share_from_counts
from svcsim.calibration.groups import channel_modes
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.patience import PatienceEstimator
from svcsim.calibration.repeats import RepeatsEstimator
from svcsim.calibration.resolution import ResolutionEstimator
from svcsim.calibration.roles import RolesEstimator
from svcsim.calibration.roster import Roster
from svcsim.calibration.staffing import StaffingEstimator
from svcsim.calibration.starts import shares_since
from svcsim.calibration.survey import SurveyEstimator
from svcsim.calibration.team import staffed_desk
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog
from svcsim.model.demand import Category, Channel
from svcsim.model.quantity import Share
from svcsim.model.service import ServiceModel
from svcsim.text import Text

Array = NDArray[np.float64]

NO_PRIORITY = "normal"
MOST_PRIORITIES = 6


@dataclass(frozen=True)
class Parts:
    """Everything the estimators learned, before it is put together."""

    arrivals: ArrivalsEstimator
    chats: ChatsEstimator
    difficulty: DifficultyEstimator
    resolution: ResolutionEstimator
    repeats: RepeatsEstimator
    handling: HandlingEstimator
    agents: AgentsEstimator
    roles: RolesEstimator
    discipline: DisciplineEstimator
    staffing: StaffingEstimator
    patience: dict[str, PatienceEstimator]
    survey: SurveyEstimator

    def notes(self) -> list[Text]:
        """Return the notes of all estimators in the order of the model."""
        parts: list[Estimator] = [self.arrivals, self.chats, self.difficulty, self.resolution]
        parts += [self.repeats, self.handling, self.agents, self.roles, self.discipline]
        parts += [self.staffing, *self.patience.values(), self.survey]
        return [note for part in parts for note in part.notes_]


def assembled(
    desk: ContactLog, parts: Parts, roster: Roster | None
) -> tuple[ServiceModel, list[Text]]:
    """Return the model of a grouped log, and notes on how its people were put together."""
    frame = desk.frame
    categories = {
        str(name): _category(frame[frame["category"] == name], str(name), parts)
        for name in frame["category"].value_counts().index
    }
    categories = _new_case_shares(desk, categories)
    staffing, agents, notes = staffed_desk(
        desk, parts.agents.agents_, parts.staffing, parts.resolution, roster
    )
    agents = parts.chats.with_slots(agents)
    wanted = {c.team for c in categories.values()}
    wanted |= {c.transfer_to for c in categories.values() if c.transfer_to is not None}
    wanted |= {team for agent in agents.values() for team in (agent.team, *agent.serves)}
    modes = channel_modes(desk)
    order = frame["team"].value_counts().index
    teams = [str(team) for team in order if team in wanted]
    model = ServiceModel(
        timezone=desk.timezone,
        arrivals=parts.arrivals.arrivals_,
        **parts.arrivals.special_fields(),
        difficulty=parts.difficulty.difficulty_,
        expected_work=parts.difficulty.expected_,
        channels={
            channel: Channel(
                mode=modes[channel],
                patience=parts.patience[channel].patience_ if channel in parts.patience else None,
            )
            for channel in modes
        },
        categories=categories,
        teams=tuple(teams + sorted(wanted - set(teams))),
        agents=agents,
        staffing=staffing.model_copy(update={"week_cv": parts.handling.week_cv_}),
        routing=parts.discipline.routing_,
        behaviour=parts.discipline.behaviour_,
        returns=parts.repeats.returns_,
        survey=parts.survey.survey_,
        chats=parts.chats.chats_,
        max_contacts=_most(frame["contact_no"], 3, 20),
        max_handlings=_most(parts.resolution.handlings_, 10, 60),
    )
    return model, notes


def _category(rows: pd.DataFrame, name: str, parts: Parts) -> Category:
    resolution = parts.resolution
    odds, weight = _odds_of_coming_back(rows, parts)
    priority = rows["priority"].fillna(NO_PRIORITY)
    shares = priority.value_counts(normalize=True)
    kept = shares[shares >= 0.002].head(MOST_PRIORITIES)
    return Category(
        share=Share(value=1.0),
        team=resolution.teams_[name],
        channels=_shares(rows["channel"].value_counts(normalize=True)),
        difficulty=parts.difficulty.shares_[name],
        priorities=_shares(kept),
        handling=parts.handling.handling_[name],
        again=resolution.again_[name],
        pending=resolution.pending_[name],
        transfer=resolution.transfer_[name],
        transfer_to=resolution.transfer_to_[name],
        onward=resolution.onward_[name],
        reopen=at_unit_odds(parts.repeats.reopen_[name], odds, weight),
        repeat=at_unit_odds(parts.repeats.repeat_[name], odds, weight),
    )


def _odds_of_coming_back(rows: pd.DataFrame, parts: Parts) -> tuple[Array, Array]:
    """Return the odds that tier and agent give the resolved contacts, and how many have them."""
    done = rows[rows["outcome"] == "resolved"]
    tier = parts.difficulty.tier_of(done)
    mix = pd.DataFrame({"tier": tier, "agent": done["agent"].fillna("")}).value_counts()
    returns = {name: tier.returns.value for name, tier in parts.difficulty.difficulty_.items()}
    quality = {name: agent.quality.value for name, agent in parts.agents.agents_.items()}
    odds = [returns[t] * np.exp(-quality.get(a, 0.0)) for t, a in mix.index]
    return np.array(odds, dtype=np.float64), np.asarray(mix, dtype=np.float64)


def _shares(counts: pd.Series) -> dict[str, float]:
    """Return shares that add up to 1 as written, without the smallest dust."""
    kept = counts[counts >= 0.0005]
    rounded = {str(name): round(float(value / kept.sum()), 6) for name, value in kept.items()}
    largest = max(rounded, key=lambda key: rounded[key])
    rounded[largest] += 1.0 - sum(rounded.values())
    return rounded


def _new_case_shares(desk: ContactLog, categories: dict[str, Category]) -> dict[str, Category]:
    """Return the categories with their shares of new cases, as they are at the end."""
    fresh = desk.frame.loc[new_cases(desk.frame), ["opened_s", "category"]]
    opened = fresh["opened_s"].to_numpy()
    shares, _ = shares_since(opened, fresh["category"], desk.start, desk.end, "share of new cases")
    none = share_from_counts(0, len(fresh), how="share of new cases")
    return {
        name: category.model_copy(update={"share": shares.get(name, none)})
        for name, category in categories.items()
    }


def _most(values: pd.Series, least: int, most: int) -> int:
    known = values.dropna()
    top = float(np.quantile(known, 0.999)) if len(known) else least
    return int(min(max(np.ceil(top), least), most))
