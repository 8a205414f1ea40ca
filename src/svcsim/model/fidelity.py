"""Fidelity of a baseline: what held-out history showed, as it is kept in the baseline file.

Nothing is computed here but what a record says of itself; `svcsim.study.fidelity` fills it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from svcsim.spec import Spec
from svcsim.text import Text

Verdict = Literal["pass", "warn", "fail", "none"]
Arrivals = Literal["real", "forecast"]
LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Levels of `FidelityCell.quantiles`."""
BANDS = (0.5, 0.8, 0.9, 0.95)
"""Central bands that the quantiles give."""


class FidelityCell(Spec):
    """One KPI in one held-out period: observed against the simulated band."""

    metric: str
    period: str
    observed: float
    n: int
    low: float
    """5 % quantile of the simulated values."""
    median: float
    high: float
    """95 % quantile of the simulated values."""
    z: float
    """Signed distance from the simulated mean in simulated standard deviations."""
    inside: bool
    """Whether the observed value lies in the simulated 90 % band."""
    unit: str = ""
    origin: str = ""
    """First held-out day of the origin (ISO); empty: the only one."""
    pit: float | None = None
    """Place of the observed value in the simulated distribution, 0 to 1 (`svcsim.study.pit`)."""
    quantiles: tuple[float, ...] = ()
    """Simulated quantiles at `LEVELS`; empty in files of older versions."""

    def within(self, band: float) -> bool | None:
        """Tell whether the observed value lies in a central band of `BANDS` (None: not kept)."""
        if not self.quantiles:
            return self.inside if band == 0.9 else None
        k = len(BANDS) - 1 - BANDS.index(band)
        return self.quantiles[k] <= self.observed <= self.quantiles[-1 - k]


class Origin(Spec):
    """One time split: fitted on what was known at ``start``, judged on ``[start, end)``."""

    start: str
    end: str
    rows: int
    """Contacts that the fit of this origin saw."""
    slowdown: float
    """Busy time per handled minute as tuned then."""
    cells: int = 0
    inside: int = 0
    """Cells of the replay with real arrivals, and those inside the 90 % band."""
    forecast_cells: int = 0
    forecast_inside: int = 0


class Coverage(Spec):
    """How many observed values lie inside a central band, against what the band promises."""

    band: float
    arrivals: Arrivals = "real"
    cells: int
    inside: int
    share: float
    low: float
    high: float
    """90 % interval of the share; the cells of one period count as one draw."""
    periods: int
    metric: str = ""
    """The KPI that is counted; empty: all."""
    by_chance: float | None = None
    """How often a right model has as few inside, by the simulated logs."""


class Pit(Spec):
    """Places of observed values in their simulated distributions: ten equal bins."""

    metric: str
    """KPI; ``all`` for all together, ``volume by day`` for the forecast of daily openings."""
    n: int
    periods: int
    counts: tuple[int, ...]
    mean: float
    chi2: float
    p: float | None = None
    """How often a right model looks as uneven; None below 30 values."""
    shape: Literal["flat", "U", "hump", "low", "high", "few"]
    """U: bands too narrow; hump: too wide; low/high: values lie below/above what is simulated."""


class LogDistance(Spec):
    """How far the observed log lies from the simulated ones, and how far these from another."""

    kind: str
    arrivals: Arrivals
    value: float
    """Mean distance of the observed log from the simulated ones."""
    floor: float
    """The same of a simulated log from the others: median over the simulated logs."""
    floor_high: float
    """95 % quantile of it."""
    relative: float | None
    """value / floor: 1 is as good as can be."""
    p: float
    """Share of simulated logs at least as far from the others (+1 in both counts)."""
    halves: float | None = None
    """Distance of the odd from the even weeks of the history before the first origin."""


class VolumeCheck(Spec):
    """Contacts that came against those forecast; distances of shape cannot see this."""

    by: Literal["total", "weekday", "category"]
    key: str
    observed: float
    expected: float
    sd: float
    """Standard deviation of the forecast: chance, day effects, level, parameters."""
    z: float


class LevelError(Spec):
    """Mean error of a KPI over all held-out periods against what is tolerated."""

    metric: str
    error: float
    """Observed less simulated median, weighted by contacts: points, or a ratio less 1."""
    limit: float
    relative: bool
    within: bool


class Curve(Spec):
    """One observed series and the simulated band around it, on a common grid."""

    name: str
    grid: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]


class Evidence(Spec):
    """Series behind the pictures of the calibration report; small, and computed once."""

    days: tuple[str, ...] = ()
    """Local days of `daily` (ISO), all history in the window and the held-out days."""
    daily: tuple[float, ...] = ()
    """Contacts opened on each of the days."""
    forecast: tuple[Curve, ...] = ()
    """Contacts a day over the held-out days of each origin; grid = position in `days`."""
    openings: tuple[float, ...] = ()
    fitted_openings: tuple[float, ...] = ()
    """Contacts opened by local hour of week (168, Monday first), held-out weeks, a week."""
    at_work: tuple[float, ...] = ()
    fitted_at_work: tuple[float, ...] = ()
    """Different people with a response or a resolution in the hour, by local hour of week."""
    fitted_on_duty: tuple[float, ...] = ()
    """People on duty in the simulated weeks."""
    handling: tuple[Curve, ...] = ()
    """Quantiles of handling time (s) by category; grid = levels."""
    waits: tuple[Curve, ...] = ()
    """Share that still waits after a time (s); grid = times."""


class Fidelity(Spec):
    """Verdict on history that the fit has not seen."""

    verdict: Verdict = "none"
    why: Text = Text("")
    reasons: tuple[Text, ...] = ()
    """Everything that speaks for or against, one sentence each."""
    inside_share: float | None = None
    """Share of KPI x period cells inside the nominal 90 % band."""
    replications: int = 0
    arrivals: Arrivals = "real"
    """Arrivals behind ``cells``."""
    limit: float | None = None
    """|z| that no cell may exceed."""
    by_chance: float | None = None
    """Share of simulated logs with as few values inside their bands as the observed one."""
    cells: tuple[FidelityCell, ...] = ()
    definitions: dict[str, str] = {}
    """Metric -> hash of the definition by which its cells were measured."""
    forecast: tuple[FidelityCell, ...] = ()
    """The cells once more with forecast instead of real arrivals."""
    origins: tuple[Origin, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    pit: tuple[Pit, ...] = ()
    distances: tuple[LogDistance, ...] = ()
    volume: tuple[VolumeCheck, ...] = ()
    levels: tuple[LevelError, ...] = ()
    evidence: Evidence | None = None

    def told(self) -> Fidelity:
        """Return the record without the series behind the pictures."""
        return self.model_copy(update={"evidence": None})

    def brief(self) -> Fidelity:
        """Return the record as people read it: no series, one line of numbers a cell."""
        cells = tuple(c.model_copy(update={"quantiles": (), "pit": None}) for c in self.cells)
        return self.model_copy(update={"evidence": None, "forecast": (), "cells": cells})


def full_file(baseline: str | Path) -> Path:
    """Return where the full record of a baseline lies: ``NAME.fidelity.json`` beside it."""
    path = Path(baseline)
    return path.with_name(f"{path.stem}.fidelity.json")


def write_full(fidelity: Fidelity, baseline: str | Path) -> Path:
    """Write the full record beside a baseline and return its path."""
    path = full_file(baseline)
    data = fidelity.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps({"schema_version": 1, **data}, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read_full(fidelity: Fidelity, baseline: str | Path) -> Fidelity:
    """Return the full record beside a baseline, or the brief one where it lacks or is another's.

    Only pictures depend on it, so a file that cannot be read is as good as none.
    """
    try:
        data = json.loads(full_file(baseline).read_text(encoding="utf-8"))
        data.pop("schema_version", None)
        full = Fidelity.model_validate(data)
    except (OSError, ValueError, AttributeError):
        return fidelity
    same = full.verdict == fidelity.verdict and full.why == fidelity.why
    return full if same and len(full.cells) == len(fidelity.cells) else fidelity
