"""Who has which role: whom a card is for, and who may be compared with whom.

A roles file is a table (CSV, TSV, Excel) with the columns ``agent, role`` and, where known,
``tier`` and ``since`` or ``tenure_months``, or the same as YAML:

.. code-block:: yaml

    agents:
      Chen Jing: {role: after-sales, tier: senior}
      Wang Lei: {role: pre-sales, since: 2026-02-01}
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from svcsim.errors import Finding, InputError, nearest
from svcsim.scorecard.side_table import read_table
from svcsim.spec import Spec

DAYS_A_MONTH = 365.25 / 12
NEWCOMER_MONTHS, SENIOR_MONTHS = 6.0, 24.0
"""Where the file names no tier: newcomer below, senior from so many months on, else regular."""
SETTLING_IN = 28 / DAYS_A_MONTH
"""Months (four weeks) in which numbers say more about learning than about work."""
CHINESE = {
    "坐席": "agent",
    "角色": "role",
    "层级": "tier",
    "在岗月数": "tenure_months",
    "入职日期": "since",
}
"""Chinese headers of a roles table."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""One name or a list of them."""


class Audience(Spec):
    """Whom a card or a KPI is for; every part that is written must hold."""

    role: Names = ()
    tier: Names = ()
    team: Names = ()
    agent: Names = ()

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not any(getattr(self, name) for name in Audience.model_fields):
            message = "names nobody; write for: {role: after-sales}, or leave it out"
            raise ValueError(message)
        return self

    def __str__(self) -> str:
        parts = (", ".join(getattr(self, name)) for name in Audience.model_fields)
        return " / ".join(part for part in parts if part)

    @property
    def needs_roles(self) -> bool:
        """Whether a roles file is needed to tell who is meant."""
        return bool(self.role or self.tier)


class Person(Spec):
    """What is known about one agent."""

    role: str
    tier: str = ""
    since: str = ""
    """First day at work (ISO)."""
    tenure_months: Annotated[float, Field(ge=0)] | None = None
    """Months at work when the file was written; give this or ``since``."""

    @field_validator("role", "tier")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()

    @field_validator("role")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            message = "is empty; every agent of the file needs a role"
            raise ValueError(message)
        return value

    @field_validator("since", mode="before")
    @classmethod
    def _day(cls, value: Any) -> str:
        try:
            return datetime.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            message = f"'{value}' is not a day; write the first day at work, e.g. 2026-02-01"
            raise ValueError(message) from None

    @model_validator(mode="after")
    def _one_tenure(self) -> Self:
        if self.since and self.tenure_months is not None:
            message = "since and tenure_months are both written; keep one of them"
            raise ValueError(message)
        return self

    def months_on(self, day: str) -> float:
        """Return the months at work on a local day (ISO), NaN where unknown."""
        if self.tenure_months is not None:
            return self.tenure_months
        if not self.since:
            return float("nan")
        gone = datetime.date.fromisoformat(day) - datetime.date.fromisoformat(self.since)
        return gone.days / DAYS_A_MONTH

    def tier_on(self, day: str) -> str:
        """Return the tier as written, else by the months at work on a day; empty if unknown."""
        months = self.months_on(day)
        if self.tier or months != months:
            return self.tier
        if months < NEWCOMER_MONTHS:
            return "newcomer"
        return "senior" if months >= SENIOR_MONTHS else "regular"


class RolesFile(Spec):
    """A roles file in YAML."""

    agents: Annotated[dict[str, Person], Field(min_length=1)]


@dataclass(frozen=True)
class Roles:
    """Who has which role: agent -> `Person`."""

    people: Mapping[str, Person]
    source: str = "roles"

    def role(self, agent: str) -> str:
        """Return the role of an agent, empty where the file does not name them."""
        person = self.people.get(agent)
        return person.role if person is not None else ""

    def tier(self, agent: str, day: str) -> str:
        """Return the tier of an agent on a local day (ISO)."""
        person = self.people.get(agent)
        return person.tier_on(day) if person is not None else ""

    def newcomers(self, agents: Iterable[str], day: str) -> list[str]:
        """Return the agents that have been at work for less than four weeks on a day."""
        known = ((name, self.people.get(name)) for name in agents)
        return [n for n, p in known if p is not None and 0 <= p.months_on(day) < SETTLING_IN]

    def meant(self, audience: Audience, agents: Iterable[str], day: str) -> list[str]:
        """Return those of the agents whose name, role and tier an audience means."""
        return [
            agent
            for agent in agents
            if (not audience.agent or agent in audience.agent)
            and (not audience.role or self.role(agent) in audience.role)
            and (not audience.tier or self.tier(agent, day) in audience.tier)
        ]

    def unknown(self, audience: Audience, where: str, day: str) -> list[Finding]:
        """Return a finding for each role or tier that nobody has."""
        findings = []
        for part, have in (
            ("role", {person.role for person in self.people.values()}),
            ("tier", {person.tier_on(day) for person in self.people.values()} - {""}),
        ):
            for name in getattr(audience, part):
                if name not in have:
                    known = ", ".join(sorted(have)) or "none"
                    findings.append(
                        Finding(
                            where,
                            f"{part} '{name}' is nobody's in {self.source}",
                            f"there are: {known}",
                            nearest(name, have),
                        )
                    )
        return findings


def read_roles(path: str | Path) -> Roles:
    """Read a roles file: YAML, or a table.

    Raises
    ------
    InputError
        With one finding for every mistake: an unknown or missing column or key, an agent without
        a role or named twice, a day or a number that cannot be read.
    """
    if str(path).endswith((".yaml", ".yml")):
        return Roles(RolesFile.from_yaml(path).agents, str(path))
    rows = read_table(path, ("agent", "role"), ("tier", "since", "tenure_months"), CHINESE)
    people: dict[str, Person] = {}
    findings: list[Finding] = []
    for row in rows:
        cells = dict(row.cells)
        agent = cells.pop("agent", "")
        if not agent:
            findings.append(Finding(row.where, "names no agent", "expected a name in agent"))
            continue
        if "role" not in cells:
            mend = f"say which role {agent} has"
            findings.append(Finding(row.where, f"{agent} has no role", "one a row", mend))
            continue
        if agent in people:
            findings.append(
                Finding(row.where, f"{agent} stands twice", "one row an agent", "keep one of them")
            )
        try:
            people[agent] = Person.from_data(cells, row.where)
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return Roles(people, str(path))
