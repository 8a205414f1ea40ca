"""What planners know, read from their files: handling times, shrinkage, costs.

What they say overrides what a history tells: see `svcsim.calibration.overrides`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from svcsim.calibration.planner_files import read_rows
from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError, nearest
from svcsim.model.outcome import Cost
from svcsim.model.quantity import Factor
from svcsim.model.staffing import MOST_SHRINKAGE
from svcsim.units import format_share, parse_duration, parse_share

Row = TypeVar("Row")
_NUMBER = re.compile(r"[-+]?[0-9.]+ *%?")

ALL = ("", "*", "all", "全部", "所有")
"""How a file says every category, or every team."""
LEAST_S, MOST_S = 1.0, 7 * 86400.0
"""Seconds between which a mean handling time must lie."""
_TEAM = {"班组": "team", "团队": "team", "组": "team", "小组": "team"}
_AHT = {
    "类别": "category", "分类": "category", "工单类别": "category", **_TEAM,
    "分钟": "minutes", "秒": "seconds", "平均处理时长": "aht", "处理时长": "aht", "均值": "aht",
    "下限": "low", "上限": "high",
}  # fmt: skip
_SHRINKAGE = {
    **_TEAM,
    "非接单占比": "share",
    "占比": "share",
    "比例": "share",
    "shrinkage": "share",
}
_UNITS = {"minutes": 60.0, "seconds": 1.0}


@dataclass(frozen=True)
class GivenTime:
    """Mean handling time of a contact (seconds), all its handlings together."""

    category: str
    """Empty: every category (of the team)."""
    team: str
    seconds: float
    bounds: tuple[float, float] | None
    where: str


@dataclass(frozen=True)
class GivenShare:
    """Share of a team's staffed time that goes to other things than contacts."""

    team: str
    """Empty: every team without an own row."""
    share: float
    where: str


@dataclass(frozen=True)
class Known:
    """Everything the planner gave, each with the file it came from."""

    aht: tuple[GivenTime, ...] = ()
    shrinkage: tuple[GivenShare, ...] = ()
    cost: Cost | None = None

    def check(self, log: ContactLog) -> None:
        """Hold the names against those of a history.

        Raises
        ------
        InputError
            With one finding for every row that names a category or team the history lacks.
        """
        categories = sorted(set(log.frame["category"].dropna().astype(str)))
        teams = sorted(set(log.frame["team"].dropna().astype(str)))
        told = [(time.where, "category", time.category, categories) for time in self.aht]
        told += [(time.where, "team", time.team, teams) for time in self.aht]
        told += [(row.where, "team", row.team, teams) for row in self.shrinkage]
        findings = [
            _unknown(where, kind, name, names)
            for where, kind, name, names in told
            if name and name not in names
        ]
        if findings:
            raise InputError(findings)


def read_aht(path: str | Path) -> tuple[GivenTime, ...]:
    """Read handling times: category, team (optional), a time, low and high (optional).

    The time is a column ``minutes``, ``seconds``, or ``aht`` with units (``12min``); low and high
    are in the unit of that column. A time is per contact, with all its handlings, as the KPI
    ``aht`` counts.

    Raises
    ------
    InputError
        With one finding for every row that cannot be read.
    """
    columns = ("category", "team", "aht", "minutes", "seconds", "low", "high")
    rows = list(read_rows(path, _AHT, columns, ("category",)))
    findings: list[Finding] = []
    out: list[GivenTime] = []
    seen: dict[tuple[str, str], str] = {}
    for where, row in rows:
        category, team = _name(row.get("category", "")), _name(row.get("team", ""))
        try:
            seconds, bounds = _time(row)
        except ValueError as error:
            findings.append(Finding(where, str(error), *_AS_WRITTEN))
            continue
        if (category, team) in seen:
            findings.append(_twice(where, category or team or "all", seen[category, team]))
        seen[category, team] = where
        out.append(GivenTime(category, team, seconds, bounds, where))
    return tuple(_all_right(path, findings, out))


_AS_WRITTEN = ("a mean such as 12min, or a number in a column minutes or seconds", "")


def read_shrinkage(text: str) -> tuple[GivenShare, ...]:
    """Read a share (``20%``), or a file with columns team and share.

    Raises
    ------
    InputError
        With one finding for every share that cannot be read.
    """
    if _NUMBER.fullmatch(text.strip()) and not Path(text).exists():
        try:
            return (GivenShare("", _below_most(parse_share(text)), "--shrinkage"),)
        except ValueError as error:
            raise InputError(Finding("--shrinkage", str(error))) from None
    findings: list[Finding] = []
    out: list[GivenShare] = []
    seen: dict[str, str] = {}
    for where, row in read_rows(text, _SHRINKAGE, ("team", "share"), ("team", "share")):
        team = _name(row.get("team", ""))
        try:
            share = _below_most(parse_share(row.get("share", "")))
        except (ValueError, InputError) as error:
            found = f"share '{row.get('share', '')}': {error}"
            findings.append(Finding(where, found, "a share such as 20%"))
            continue
        if team in seen:
            findings.append(_twice(where, team or "all", seen[team]))
        seen[team] = where
        out.append(GivenShare(team, share, where))
    return tuple(_all_right(text, findings, out))


def read_costs(path: str | Path) -> Cost:
    """Read costs (YAML): currency, per_hour, per_contact, per_minute, per_waiting_minute.

    Raises
    ------
    InputError
        With one finding for every mistake in the file.
    """
    cost = Cost.from_yaml(path)
    how = given(path)
    told = {
        name: value.model_copy(update={"grade": "given", "how": how})
        for name in cost.model_fields_set
        if isinstance(value := getattr(cost, name), Factor)
    }
    if not told:
        names = ", ".join(name for name in Cost.model_fields if name != "currency")
        raise InputError(Finding(str(path), "no cost is given", f"one or more of {names}"))
    return cost.model_copy(update=told)


def given(where: str | Path) -> str:
    """Return how a quantity was learned that the planner gave."""
    option = str(where).startswith("--")
    return f"given by the planner ({where if option else Path(str(where)).name})"


def _time(row: dict[str, str]) -> tuple[float, tuple[float, float] | None]:
    """Return seconds and bounds of a row.

    Raises
    ------
    ValueError
        When there is no time, more than one, or one out of reason.
    """
    told = [name for name in ("aht", *_UNITS) if row.get(name)]
    if len(told) != 1:
        message = f"{' and '.join(told)} are both filled" if told else "no handling time"
        raise ValueError(message)
    (unit,) = told

    def seconds(name: str) -> float:
        text = row[name]
        if unit == "aht":
            value = parse_duration(text)
        else:
            try:
                value = float(text) * _UNITS[unit]
            except ValueError:
                message = f"{name} '{text}' is not a number of {unit}"
                raise ValueError(message) from None
        if not LEAST_S <= value <= MOST_S:
            message = f"{name} '{text}' is out of reason (between a second and a week)"
            raise ValueError(message)
        return value

    mean = seconds(unit)
    if not (row.get("low") or row.get("high")):
        return mean, None
    if not (row.get("low") and row.get("high")):
        message = "low and high belong together; one of them is empty"
        raise ValueError(message)
    low, high = seconds("low"), seconds("high")
    if not low <= mean <= high:
        message = f"the mean does not lie between low '{row['low']}' and high '{row['high']}'"
        raise ValueError(message)
    return mean, (low, high)


def _below_most(share: float) -> float:
    if share > MOST_SHRINKAGE:
        told, most = format_share(share), format_share(MOST_SHRINKAGE)
        raise InputError(
            Finding("--shrinkage", f"{told} of paid time", f"{most} at most", "write 20% or 0.2")
        )
    return share


def _name(text: str) -> str:
    return "" if text.strip().lower() in ALL else text.strip()


def _twice(where: str, name: str, before: str) -> Finding:
    return Finding(where, f"{name} was given already at {before}", "one row each")


def _unknown(where: str, kind: str, name: str, known: list[str]) -> Finding:
    few = f"expected one of {', '.join(known)}" if 0 < len(known) <= 8 else ""
    nothing = "" if known else f"the history names no {kind}"
    mend = nearest(name, known)
    return Finding(where, f"{kind} '{name}' is not in the history", nothing or few, mend)


def _all_right(path: str | Path, findings: list[Finding], rows: Iterable[Row]) -> list[Row]:
    out = list(rows)
    if not findings and not out:
        findings.append(Finding(str(path), "the file has no rows", "one row or more"))
    if findings:
        raise InputError(findings)
    return out
