"""Do a baseline and a log belong together: the same clock, and names that the baseline knows.

A desk replayed with another desk's history would give numbers without any sign that they mean
nothing: contacts of unknown categories count as the baseline's spare one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding, InputError
from svcsim.model.baseline import Baseline

MADE_UP = {
    "category": {"other", "all"},
    "team": {"other team", "unassigned", "desk"},
    "agent": set[str](),
}
"""Names that calibration gives to what has none, or to the rest: no log is known by them."""
FEW_KNOWN = 0.5
"""Share of contacts in known categories below which a log is doubted."""
SHOWN = 5
"""Names listed in a message."""
_MEND = "give the history that this baseline was made from, or calibrate this log"


def check_belongs(baseline: Baseline, log: ContactLog) -> list[Finding]:
    """Return warnings about a log that is used with a baseline.

    Raises
    ------
    InputError
        When local clocks differ, or the log has none of the baseline's teams or categories.
    """
    model = baseline.model
    errors = []
    if not same_clock(log.timezone, model.timezone, log.start, log.end):
        errors.append(
            Finding(
                log.name,
                f"time zone {log.timezone}",
                f"baseline '{baseline.name}' was made with {model.timezone}",
                f"read the log with --tz {model.timezone} if its stamps are of that zone",
            )
        )
    strange = {
        column: _strange(baseline, log, column, tuple(names))
        for column, names in (
            ("team", model.teams), ("category", model.categories), ("agent", model.agents)
        )
    }  # fmt: skip
    errors += [f for column in ("team", "category") if (f := strange[column]) is not None]
    if errors:
        raise InputError(errors)
    # people come and go; a log without agents was not refused at calibration either
    agents = strange["agent"] if log.frame["agent"].notna().any() else None
    doubts = [found for found in (_few(baseline, log), agents) if found is not None]
    return [replace(found, level="warning") for found in doubts]


def same_clock(one: str, other: str, start_s: float, end_s: float) -> bool:
    """Tell whether two zones show the same local time on every day of a span."""
    zones = ZoneInfo(one), ZoneInfo(other)
    day = datetime.fromtimestamp(start_s, UTC)
    last = datetime.fromtimestamp(end_s, UTC)
    while day <= last:
        first, second = (day.astimezone(zone).utcoffset() for zone in zones)
        if first != second:
            return False
        day += timedelta(days=1)
    return True


def _known(column: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in MADE_UP[column]]


def _few(baseline: Baseline, log: ContactLog) -> Finding | None:
    """Return what is said of a log most of whose contacts are of unknown categories."""
    known = _known("category", baseline.model.categories)
    share = float(log.frame["category"].isin(known).mean())
    if not known or share >= FEW_KNOWN:
        return None
    return Finding(
        log.name,
        f"{share:.0%} of its contacts are in categories of baseline '{baseline.name}'",
        "expected at least half; the others count as its spare category",
        _MEND,
    )


def _strange(
    baseline: Baseline, log: ContactLog, column: str, names: Iterable[str]
) -> Finding | None:
    """Return what is said of a log that has none of the baseline's names in a column."""
    known, seen = _known(column, names), log.frame[column].dropna().astype(str)
    if not known or seen.isin(known).any():
        return None
    return Finding(
        log.name,
        f"{_listed(column, sorted(seen.unique()))}: none of them is in baseline '{baseline.name}'",
        f"expected some of: {', '.join(known[:SHOWN])}{', ...' if len(known) > SHOWN else ''}",
        _MEND,
    )


def _listed(column: str, names: list[str]) -> str:
    if not names:
        return f"no {column} is filled in"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{column} {', '.join(names[:SHOWN])}{more}"
