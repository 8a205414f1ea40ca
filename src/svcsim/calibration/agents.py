"""Agents: team, speed, quality and readiness, each pulled to the team by how little is known."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import gamma

from svcsim.calibration.estimator import (
    Z90,
    Estimator,
    came_back,
    category_of,
    effect_from_normal,
    expected_chance,
    local_days,
    most_usual,
    team_of,
)
from svcsim.calibration.handling import HandlingEstimator
from svcsim.calibration.speed import Speeds
from svcsim.contacts.chains import next_contacts
from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Effect, Factor
from svcsim.model.staffing import Agent
from svcsim.stats.shrink import logit_shift, shrink_normal
from svcsim.text import Text

Array = NDArray[np.float64]

FEW_CONTACTS = 5
SERVES = 0.05
"""A team is served when it had at least this share of the agent's contacts."""
FEW_REPEATS = 5
"""Repeat contacts an agent (on average) from which reopenings are left aside."""
PROBABILITY_SPREAD = 0.05
"""Prior scale of agents' effects on the probability of coming back."""
TAKE_STRENGTH = 20.0
"""Contacts that equal readiness is worth."""
TAKE_RANGE = (0.2, 5.0)
HOUR = 3600.0
EFFECTS = ["speed", "speed_error", "quality", "quality_error"]


class AgentsEstimator(Estimator):
    """Learn the `Agent` of every name with at least five contacts.

    Attributes
    ----------
    agents_ : dict of name to Agent
        Empty when the log names no agents.
    pooled_ : dict of name to int
        Agents left out for want of contacts, and how many they had.
    effects_ : DataFrame
        ``speed, speed_error, quality, quality_error`` by agent before shrinking (logs, logits).
    """

    def fit(self, log: ContactLog, handling: HandlingEstimator) -> Self:
        """Learn from ``log``; ``handling`` has been fitted on it and brings the speeds."""
        frame = log.frame
        self.agents_: dict[str, Agent] = {}
        self.pooled_: dict[str, int] = {}
        self.effects_ = pd.DataFrame(columns=EFFECTS, dtype=float)
        named = frame["agent"].notna()
        if not named.any():
            self.notes_.append(
                Text(
                    "agents: the log names no agents; none are made up",
                    "坐席：数据中没有坐席姓名，模型不凭空设置",
                )
            )
            return self
        count = frame.loc[named, "agent"].value_counts()
        names = sorted(str(name) for name in count.index[count >= FEW_CONTACTS])
        self.pooled_ = {str(k): int(n) for k, n in count[count < FEW_CONTACTS].items()}
        if self.pooled_:
            self.notes_.append(
                Text(
                    f"agents: not listed for want of contacts (under {FEW_CONTACTS} each): "
                    f"{len(self.pooled_)}, with {sum(self.pooled_.values())} contacts in all",
                    f"坐席：联络不足 {FEW_CONTACTS} 条而未单列的坐席 {len(self.pooled_)} 名，"
                    f"合计 {sum(self.pooled_.values())} 条联络",
                )
            )
        team = team_of(frame)
        main = most_usual(frame.loc[named, "agent"], team[named])
        serves = _served(frame.loc[named, "agent"], team[named], main)
        quality = self._quality(log, names, handling)
        speeds = handling.speeds_
        if not self.effects_.empty:
            known = [speeds.estimates.get(name, (0.0, np.inf)) for name in names]
            self.effects_[["speed", "speed_error"]] = known
        take = _take(log, names, main, speeds)
        if speeds.by_agent and not set(names) & set(speeds.by_agent):
            self.notes_.append(
                Text(
                    "agents: the names on touches and on contacts differ; no speeds",
                    "坐席：操作记录与联络上的姓名对不上，无法估计处理速度",
                )
            )
        unknown = _unknown_speed(speeds.spread)
        self.agents_ = {
            name: Agent(
                team=main[name],
                serves=serves[name],
                speed=speeds.by_agent.get(name, unknown),
                quality=quality[name],
                take=take[name],
            )
            for name in names
        }
        return self

    def _quality(
        self, log: ContactLog, names: list[str], handling: HandlingEstimator
    ) -> dict[str, Effect]:
        """Return name -> effect on not coming back, against the agent's own mix of work."""
        rows = self._returns(log, names, handling)
        if not rows["back"].any():
            self.notes_.append(
                Text(
                    "agents: nobody is seen to come back; quality is the same for all",
                    "坐席：看不到客户重开或再次来访，各坐席的质量视为相同",
                )
            )
            how = "no reopen or repeat contact in the log"
            same = Effect(value=0.0, interval=(0.0, 0.0), n=0, grade="assumed", how=how)
            return dict.fromkeys(names, same)
        groups = dict(tuple(rows.groupby("agent")))
        shifts, counts = [], []
        for name in names:
            own = groups.get(name)
            counts.append(0 if own is None else len(own))
            shifts.append(
                (0.0, np.inf)
                if own is None
                else logit_shift(float(own["back"].sum()), own["chance"].to_numpy())
            )
        self.effects_ = pd.DataFrame(
            [(0.0, np.inf, -shift, error) for shift, error in shifts], names, columns=EFFECTS
        )
        p = float(np.clip(rows["back"].mean(), 0.02, 0.98))
        scale = min(PROBABILITY_SPREAD / (p * (1 - p)), 0.6)
        shrunk = shrink_normal(*zip(*shifts, strict=True), prior_scale=scale, centre=0.0)
        how = "coming back against the agent's mix of work (logit), shrunk to the desk"
        return {
            name: effect_from_normal(
                -float(shrunk.mean[i]) + 0.0, float(shrunk.sd[i]), counts[i], how=how
            )
            for i, name in enumerate(names)
        }

    def _returns(
        self, log: ContactLog, names: list[str], handling: HandlingEstimator
    ) -> pd.DataFrame:
        """Return agent, whether the customer came back, and its chance given the kind of work.

        An export names the agent of the last resolution. What happened after that one tells of
        the agent: a repeat contact. A reopening was somebody else's resolution as often as not,
        so reopened tickets count only where repeats are too few to tell anything.
        """
        frame = log.frame
        back, matured = came_back(log)
        repeated = next_contacts(frame) >= 0
        use = matured & frame["agent"].notna().to_numpy()
        own = use & (frame["reopens"].fillna(0) == 0).to_numpy()
        if (repeated & own).sum() >= FEW_REPEATS * len(names):
            back, use = repeated, own
        kind = category_of(frame) + "\n" + handling.difficulty_.tier_of(frame)
        return pd.DataFrame(
            {
                "agent": frame.loc[use, "agent"].to_numpy(),
                "back": back[use],
                "chance": expected_chance(kind[use], back[use]) if use.any() else 0.0,
            }
        )


def _served(agent: pd.Series, team: pd.Series, main: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return agent -> other teams with at least 5 % of the agent's contacts, most first."""
    share = pd.DataFrame({"agent": agent, "team": team}).value_counts(["agent", "team"])
    share = share / share.groupby("agent").transform("sum")
    out: dict[str, tuple[str, ...]] = {str(name): () for name in agent.unique()}
    kept = share[share >= SERVES]
    for name, other in kept.index:
        if str(other) != main[str(name)]:
            out[str(name)] += (str(other),)
    return out


def _unknown_speed(spread: float) -> Factor:
    wide = float(np.exp(Z90 * min(max(spread, 0.1), 0.2)))
    how = "no working times of this agent"
    return Factor(value=1.0, interval=(1 / wide, wide), n=0, grade="assumed", how=how)


def _take(
    log: ContactLog, names: list[str], main: dict[str, str], speeds: Speeds
) -> dict[str, Factor]:
    """Return agent -> contacts taken relative to an equal split among those who were there.

    ``(taken + k) / (expected + k)``, k = 20; the interval is that of a gamma-Poisson posterior.
    An agent is there as the roster or simulation says, else from the first to the last sign of
    work of a day. What speed explains is taken out: who is free again sooner takes more.
    """
    known = log.staffed is not None and len(log.staffed) > 0
    spells = log.staffed if known else _days_at_work(log)
    assert spells is not None
    table = _against_equal_split(log, _hours_there(spells, names), main)
    how = "contacts against an equal split among the agents " + (
        "on duty" if known else "seen at work in the same hours"
    )
    table = table.reindex(names, fill_value=0.0)
    ratio = (table["taken"] + TAKE_STRENGTH) / (table["expected"] + TAKE_STRENGTH)
    faster = _explained_by_speed(ratio, speeds)
    out = {}
    for name in names:
        taken = float(table["taken"][name])
        mass = (float(table["expected"][name]) + TAKE_STRENGTH) * float(faster[name])
        count = taken + TAKE_STRENGTH
        ends = (float(gamma.ppf(p, count)) / mass for p in (0.05, 0.95))
        low, high, value = (float(np.clip(x, *TAKE_RANGE)) for x in (*ends, count / mass))
        out[name] = Factor(
            value=value,
            interval=(low, high),
            n=int(taken),
            grade="measured" if known else "proxy",
            how=how,
        )
    return out


def _explained_by_speed(ratio: pd.Series, speeds: Speeds) -> pd.Series:
    """Return agent -> speed^b, ``b`` the slope of log take on log speed, from 0 to 1."""
    log_speed = np.log(speeds.of(ratio.index.to_series()))
    square = float((log_speed**2).sum())
    slope = float((log_speed * np.log(ratio.to_numpy())).sum()) / square if square > 0 else 0.0
    return pd.Series(np.exp(np.clip(slope, 0.0, 1.0) * log_speed), index=ratio.index)


def _hours_there(spells: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return one row for every agent and clock hour (since the epoch) that a spell touches."""
    spells = spells[spells["agent"].isin(names)]
    first = np.floor(spells["start_s"].to_numpy() / HOUR).astype(np.int64)
    after = np.ceil(spells["end_s"].to_numpy() / HOUR).astype(np.int64)
    hours = np.maximum(after - first, 1)
    begins = np.cumsum(hours) - hours
    step = np.arange(hours.sum()) - np.repeat(begins, hours)
    agent = spells["agent"].to_numpy().repeat(hours)
    there = pd.DataFrame({"agent": agent, "hour": np.repeat(first, hours) + step})
    return there.drop_duplicates()


def _against_equal_split(
    log: ContactLog, there: pd.DataFrame, main: dict[str, str]
) -> pd.DataFrame:
    """Return agent -> contacts taken, and expected: team's contacts / agents there, each hour."""
    frame = log.frame
    stamp = frame["first_response_s"].fillna(frame["resolved_s"])
    use = stamp.notna() & frame["agent"].notna()
    there = there.assign(team=there["agent"].map(main))
    taken = pd.DataFrame(
        {"agent": frame.loc[use, "agent"], "hour": (stamp[use] // HOUR).astype(np.int64)}
    ).merge(there, on=["agent", "hour"])
    agents = there.groupby(["team", "hour"]).size()
    contacts = taken.groupby(["team", "hour"]).size().reindex(agents.index, fill_value=0)
    each = (contacts / agents).rename("each")
    expected = there.join(each, on=["team", "hour"]).groupby("agent")["each"].sum()
    return pd.DataFrame({"taken": taken["agent"].value_counts(), "expected": expected}).fillna(0.0)


def _days_at_work(log: ContactLog) -> pd.DataFrame:
    """Return agent, start, end of each agent's local day from the first to the last sign of work.

    Signs are first responses and resolutions; work that began before midnight is of its own day.
    """
    frame = log.frame
    signs = pd.concat(
        [
            frame[["agent", name]].set_axis(["agent", "at"], axis=1)
            for name in ("first_response_s", "resolved_s")
        ]
    ).dropna()
    signs["day"] = (local_days(signs["at"], log.timezone) - pd.Timestamp(0)).days
    days = signs.groupby(["agent", "day"])["at"].agg(["min", "max"]).reset_index()
    return days.rename(columns={"min": "start_s", "max": "end_s"})
