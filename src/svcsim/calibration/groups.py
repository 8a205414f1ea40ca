"""Groups that are large enough to learn from: categories, teams, and how each channel works."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from svcsim.calibration.estimator import NO_CATEGORY, most_usual
from svcsim.contacts.log import ContactLog
from svcsim.text import Text

MOST = 12
"""Categories, and teams, kept at most."""
CATEGORY_COVER, TEAM_COVER = 0.90, 0.95
WORTH_KEEPING = 0.02
"""A category of this share (and `ENOUGH` contacts) is kept beyond the cover, room permitting."""
ENOUGH = 100
OTHER_TEAM, NO_TEAM, ONE_TEAM = "other team", "unassigned", "desk"
NO_CHANNEL = "desk"
ONE_CATEGORY = "all"
LIVE_NAMES = re.compile(r"phone|call|chat|voice|电话|通话|来电|热线|在线|会话", re.IGNORECASE)
LEFT = 5
"""Abandoned contacts from which a channel counts as live."""

Mode = Literal["live", "ticket"]


def category_groups(log: ContactLog) -> dict[str, str]:
    """Return raw category -> category of the model.

    The largest categories that cover 90 % of the contacts are kept, and further ones of 2 % and
    100 contacts or more, 12 at most; the others, and contacts without a category, are ``other``.
    """
    names = log.frame["category"]
    if names.isna().all():
        return {}
    counts = names.fillna(NO_CATEGORY).value_counts()
    return _groups(counts, CATEGORY_COVER, NO_CATEGORY)


def team_groups(log: ContactLog) -> dict[str, str]:
    """Return raw team -> team of the model: those that cover 95 %, 12 at most, the rest pooled."""
    teams = _with_usual_team(log.frame)
    if teams.isna().all():
        return {}
    return _groups(teams.fillna(NO_TEAM).value_counts(), TEAM_COVER, OTHER_TEAM)


def grouped(log: ContactLog) -> ContactLog:
    """Return the log with grouped categories and teams and no missing label.

    A contact without a team gets the usual team of its agent; what is left is ``unassigned``. A
    log without categories, teams or channels has one of each.
    """
    frame = log.frame.copy(deep=False)  # three columns are replaced, none is changed
    categories, teams = category_groups(log), team_groups(log)
    filled = frame["category"].fillna(NO_CATEGORY if categories else ONE_CATEGORY)
    frame["category"] = filled.replace(categories).astype("str")
    frame["channel"] = frame["channel"].fillna(NO_CHANNEL).astype("str")
    if not teams:
        frame["team"] = pd.Series(ONE_TEAM, index=frame.index, dtype="str")
    else:
        frame["team"] = _with_usual_team(frame).fillna(NO_TEAM).map(teams).astype("str")
    sides: dict[str, pd.DataFrame | None] = {}
    for name in ("work", "staffed"):
        side: pd.DataFrame | None = getattr(log, name)
        if side is not None and "team" in side:
            rest = OTHER_TEAM if teams and OTHER_TEAM in teams.values() else None
            known = side["team"].map(teams) if teams else ONE_TEAM
            side = side.assign(team=known)
            if rest is not None:
                # a team that only ever touched contacts is one of the small ones
                raw = getattr(log, name)["team"]
                side["team"] = side["team"].where(side["team"].notna() | raw.isna(), rest)
            side["team"] = side["team"].astype("str")
        sides[name] = side
    return replace(log, frame=frame, work=sides["work"], staffed=sides["staffed"])


def group_notes(log: ContactLog) -> list[Text]:
    """Return what a reader must know about pooled categories and teams."""
    notes = []
    for what, zh, groups, rest in (
        ("categories", "类别", category_groups(log), NO_CATEGORY),
        ("teams", "班组", team_groups(log), OTHER_TEAM),
    ):
        pooled = [name for name, group in groups.items() if group == rest and name != rest]
        if pooled:
            notes.append(
                Text(
                    f"{what}: {len(pooled)} small ones are pooled as '{rest}'",
                    f"{zh}：{len(pooled)} 个量少的{zh}并入“{rest}”",
                )
            )
        elif not groups:
            notes.append(
                Text(
                    f"{what}: none in the log; the model has one",
                    f"{zh}：数据中没有{zh}，模型只设一个",
                )
            )
    return notes


def channel_modes(log: ContactLog) -> dict[str, Mode]:
    """Return channel -> live or ticket.

    Live: customers were seen to leave the queue, or the channel is called phone, call, chat or
    the like and its waits are recorded. Anything else is worked as tickets.
    """
    frame = log.frame
    channel = frame["channel"].fillna(NO_CHANNEL)
    modes: dict[str, Mode] = {}
    for name, rows in frame.groupby(channel, sort=False):
        left = int(rows["abandoned_s"].notna().sum())
        recorded = float(rows["wait_s"].notna().mean()) >= 0.5
        live = left >= LEFT or (LIVE_NAMES.search(str(name)) is not None and recorded)
        modes[str(name)] = "live" if live else "ticket"
    return modes


def live_rows(frame: pd.DataFrame, modes: dict[str, Mode]) -> np.ndarray:
    """Return which rows came in on a live channel."""
    mode = frame["channel"].fillna(NO_CHANNEL).map(modes)
    return (mode == "live").to_numpy(dtype=bool)


def _groups(counts: pd.Series, cover: float, rest: str) -> dict[str, str]:
    total, before = float(counts.sum()), 0.0
    kept: list[str] = []
    for name, count in counts.items():
        worth = count >= ENOUGH and count / total >= WORTH_KEEPING
        if len(kept) < MOST and (before < cover * total or worth):
            kept.append(str(name))
        before += float(count)
    left = [str(name) for name in counts.index if str(name) not in kept]
    # one left-over is not a group: it may keep its name
    if len(left) == 1 and len(kept) < MOST:
        kept += left
    return {str(name): str(name) if str(name) in kept else rest for name in counts.index}


def _with_usual_team(frame: pd.DataFrame) -> pd.Series:
    team = frame["team"]
    seen = frame.loc[team.notna() & frame["agent"].notna(), ["agent", "team"]]
    if seen.empty or team.notna().all():
        return team
    usual = most_usual(seen["agent"], seen["team"])
    return team.where(team.notna(), frame["agent"].map(usual))
