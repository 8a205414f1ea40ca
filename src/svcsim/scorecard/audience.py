"""The contacts that a card or a KPI is about, where it is not for everybody.

Contacts of others stay in the log as context (who came back, what was waiting), but nobody is
scored by them: they lose agent and team, and the desk means the contacts in scope alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding, InputError, nearest
from svcsim.scorecard.measure import SCOPE, units_of
from svcsim.scorecard.period import Period
from svcsim.scorecard.roles import Audience, Roles
from svcsim.scorecard.scorecard import Scorecard


def scoped(log: ContactLog, audience: Audience | None, roles: Roles | None, day: str) -> ContactLog:
    """Return the log with `SCOPE` marking the contacts that an audience is about.

    Parameters
    ----------
    day : str
        Local day (ISO) on which tenure decides about tiers.
    """
    if audience is None:
        return log
    frame = log.frame
    inside = _inside(frame, audience, roles, day)
    if SCOPE in frame:
        inside = inside & frame[SCOPE].to_numpy(dtype=bool)
    marked = frame.assign(
        **{SCOPE: inside},
        agent=frame["agent"].where(inside),
        team=frame["team"].where(inside),
    )
    tables = {
        name: _rows_inside(rows, marked, audience, roles, day) for name, rows in log.tables.items()
    }
    return replace(log, frame=marked, tables=tables)


def _rows_inside(
    rows: pd.DataFrame, marked: pd.DataFrame, audience: Audience, roles: Roles | None, day: str
) -> pd.DataFrame:
    """Return a side table whose rows of others name neither agent nor team."""
    if "agent" not in rows:
        return rows
    meant = marked["agent"].dropna().unique().tolist()
    if audience.agent or audience.needs_roles:  # also those without a contact
        names = rows["agent"].dropna().unique().tolist()
        meant = list((roles or Roles({})).meant(audience, names, day))
    mine = rows["agent"].isin(meant)
    own = {name: rows[name].where(mine) for name in ("agent", "team") if name in rows}
    return rows.assign(**own)


def _inside(
    frame: pd.DataFrame, audience: Audience, roles: Roles | None, day: str
) -> NDArray[np.bool_]:
    inside = np.ones(len(frame), dtype=bool)
    if audience.team:
        inside &= frame["team"].isin(audience.team).to_numpy()
    if audience.agent or audience.needs_roles:
        names = frame["agent"].dropna().unique().tolist()
        meant = (roles or Roles({})).meant(audience, names, day)
        inside &= frame["agent"].isin(meant).to_numpy()
    return inside


def check_audiences(log: ContactLog, card: Scorecard, roles: Roles | None, span: Period) -> None:
    """Refuse a card that is for nobody: gathered over the card and its KPIs.

    Raises
    ------
    InputError
        When roles are asked for and no roles file was given, when nobody has a role or tier, or
        a team or an agent is not in the log, or when nobody who is meant has a contact in the
        period.
    """
    day = first_day(log, span)
    asked = [(f"{card.name}, for:", card.for_)]
    asked += [(f"{card.name} {kpi.metric}, for:", kpi.for_) for kpi in card.kpis]
    findings: list[Finding] = []
    for where, audience in asked:
        if audience is not None:
            findings += _nobody(log, where, audience, roles, day)
    if not findings:
        for where, audience in asked:
            found = scoped(log, audience, roles, day)
            if audience is not None and not units_of(found, "agent", span):
                findings.append(
                    Finding(
                        where,
                        f"nobody of {audience} has a contact in {span.label}",
                        "a score needs contacts",
                        "choose another period, or another card",
                    )
                )
    if findings:
        raise InputError(list(dict.fromkeys(findings)))


def first_day(log: ContactLog, span: Period) -> str:
    """Return the first local day of a period (ISO)."""
    return show_day(span.start, log.timezone)[:10]


def _nobody(
    log: ContactLog, where: str, audience: Audience, roles: Roles | None, day: str
) -> list[Finding]:
    findings = []
    for part in ("team", "agent"):
        known = log.frame[part].dropna().unique().tolist()
        findings += [
            _not_there(where, part, name, known)
            for name in getattr(audience, part)
            if name not in known
        ]
    if audience.needs_roles and roles is None:
        who = ", ".join((*audience.role, *audience.tier))
        findings.append(
            Finding(
                where,
                f"it is for {who}, and nobody said who that is",
                "expected a table with the columns agent, role",
                "add --roles FILE",
            )
        )
    elif roles is not None:
        findings += roles.unknown(audience, where, day)
    return findings


def _not_there(where: str, part: str, name: str, known: Sequence[str]) -> Finding:
    some = ", ".join(sorted(known)[:8]) + (", ..." if len(known) > 8 else "")
    return Finding(
        where,
        f"{part} '{name}' is not in the log",
        f"there are: {some or 'none'}",
        nearest(name, known),
    )
