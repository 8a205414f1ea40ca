"""What a desk did week by week in the history behind a baseline, and where it changed."""

from __future__ import annotations

from typing import Literal

from svcsim.spec import Spec
from svcsim.text import Text


class WeeklySeries(Spec):
    """One number of each week of opening; None where too few contacts tell it."""

    name: Text
    unit: Literal["contacts", "s", "share", "ratio"]
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    """Lower ends of the 90 % intervals of sampling error."""
    high: tuple[float | None, ...] = ()
    changes: tuple[str, ...] = ()
    """First days (ISO) of the levels that follow the first one."""


class Weeks(Spec):
    """Weekly series of a history; a week is told by its first local day (ISO)."""

    starts: tuple[str, ...] = ()
    series: tuple[WeeklySeries, ...] = ()
