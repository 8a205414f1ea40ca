"""Metric: one KPI, declared once for history, simulation and live periods.

A declaration says who counts and what value they have, as elementwise Narwhals expressions over
the canonical columns and the facts of the window (`metrics.facts`). How values become a number is
its kind; `metrics.reduce` computes kinds over many groups and replications at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Literal

import narwhals as nw

from svcsim.text import Text
from svcsim.units import parse_duration

Unit = Literal["s", "share", "count", "score", "points", "money", "per day", "log"]
Better = Literal["lower", "higher", "none"]
Family = Literal[
    "efficiency", "satisfaction", "quality", "cost", "contribution", "outcome", "workload"
]


@dataclass(frozen=True, eq=False)
class Count:
    """Number of contacts that count."""

    among: nw.Expr


@dataclass(frozen=True, eq=False)
class Sum:
    """Σ value over the contacts that count."""

    among: nw.Expr
    value: nw.Expr


@dataclass(frozen=True, eq=False)
class Mean:
    """Σ value / number of contacts that count."""

    among: nw.Expr
    value: nw.Expr


@dataclass(frozen=True, eq=False)
class Spread:
    """Standard deviation (n − 1) of a value."""

    among: nw.Expr
    value: nw.Expr


@dataclass(frozen=True, eq=False)
class Quantile:
    """Quantile ``p`` of a value, linear between order statistics.

    Where ``observed`` is false the value is only a lower bound (still running): a group with such
    contacts takes the Kaplan-Meier quantile instead.
    """

    among: nw.Expr
    value: nw.Expr
    p: float
    observed: nw.Expr | None = None


@dataclass(frozen=True, eq=False)
class Share:
    """Contacts with ``counts`` / contacts with ``among``.

    ``queue`` says that contacts of a day share the same queue, so that their outcomes move
    together: the interval then uses an effective sample size.
    """

    among: nw.Expr
    counts: nw.Expr
    queue: bool = False


@dataclass(frozen=True, eq=False)
class ShareLower(Share):
    """Lower end of the 95 % Wilson interval of a share: what it is at least."""


@dataclass(frozen=True, eq=False)
class Slope:
    """Least-squares slope of a value over the date, per 30 days.

    ``within`` is a text column whose labels have levels of their own: the slope is theirs, not the
    difference between them.
    """

    among: nw.Expr
    value: nw.Expr
    within: str = ""


@dataclass(frozen=True, eq=False)
class RatioOfSums:
    """Σ numerator / Σ denominator over the contacts that count."""

    among: nw.Expr
    numerator: nw.Expr
    denominator: nw.Expr


@dataclass(frozen=True, eq=False)
class Survival:
    """Kaplan-Meier share without ``event`` after ``at`` seconds; others are censored."""

    among: nw.Expr
    time: nw.Expr
    event: nw.Expr
    at: float


@dataclass(frozen=True, eq=False)
class Distinct:
    """Number of distinct values of a text column or fact among the contacts that count."""

    among: nw.Expr
    column: str


@dataclass(frozen=True, eq=False)
class PerDistinct:
    """Contacts that count / distinct values of a text column or fact among them."""

    among: nw.Expr
    column: str


@dataclass(frozen=True, eq=False)
class TimeAverage:
    """Number of open contacts, averaged over the time of the period (or at its end)."""

    at_end: bool = False


@dataclass(frozen=True, eq=False)
class OpenAge:
    """Quantile ``p`` of the age of the contacts that are open at the end of the period."""

    p: float


@dataclass(frozen=True, eq=False)
class Part:
    """Σ value over the rows of a table that count; without a value their number."""

    among: nw.Expr
    value: nw.Expr | None
    dated_by: tuple[str, ...]
    table: str = "contacts"


@dataclass(frozen=True, eq=False)
class Across:
    """``per`` · a sum of one table / a sum of another."""

    top: Part
    bottom: Part
    per: float = 1.0


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """Change of the volume of a linked category after an article, beside the other categories.

    ``window`` seconds before and after each article are compared.
    """

    window: float


@dataclass(frozen=True, eq=False)
class SpellRatio:
    """Seconds of agents' work / staffed seconds, both inside the period."""


@dataclass(frozen=True, eq=False)
class StaffedTime(SpellRatio):
    """The staffed seconds inside the period alone."""


@dataclass(frozen=True, eq=False)
class PlanRatio:
    """Seconds of one kind of time / seconds of another, both inside the period.

    ``work`` (at work on contacts), ``duty`` (staffed), ``planned`` (scheduled for work), ``kept``
    (staffed while scheduled for work), ``paid`` and ``away`` (paid, but not scheduled for work).
    """

    top: str
    bottom: str


Kind = (
    Count
    | Sum
    | Mean
    | Spread
    | Quantile
    | Share
    | RatioOfSums
    | Survival
    | Distinct
    | PerDistinct
    | Slope
    | TimeAverage
    | OpenAge
    | SpellRatio
    | PlanRatio
    | Across
    | BeforeAfter
)
OVER_TIME = (TimeAverage, OpenAge, SpellRatio, PlanRatio)
"""Kinds of a state over time rather than of single rows."""


@dataclass(frozen=True, eq=False)
class Metric:
    """One KPI.

    Parameters
    ----------
    id : str
        Name as people write it, with its parameter: ``frt_within(10min)``.
    zh, en : str
        What reports call it.
    formula : Text
        The rule in one or two sentences: who counts, over whom, and what is left out.
    unit : str
        ``s``, ``share``, ``count``, ``score`` (1-5), ``points`` (of 100), ``money`` (in the log's
        own currency), ``per day`` or ``log`` (sd of log seconds).
    better : str
        ``lower``, ``higher`` or ``none``.
    family : str
        Group in catalogues and cards.
    kind : Kind
        How elementwise values become a number.
    dated_by : tuple of str
        Time columns that say to which period a contact belongs; the first known one counts.
    min_n : int
        Below this many contacts a value is too thin to judge anybody by.
    needs : tuple of str
        Columns without which it cannot be computed; ``a|b`` means one of them. ``work``,
        ``staffed`` and the names of side tables stand for tables of the log.
    source : str
        Where the definition is from.
    table : str
        What its rows are: ``contacts``, ``work`` (one row an agent and contact) or a side table.
    """

    id: str
    zh: str
    en: str
    formula: Text
    unit: Unit
    better: Better
    family: Family
    kind: Kind
    dated_by: tuple[str, ...]
    min_n: int
    needs: tuple[str, ...]
    source: str
    table: str = "contacts"

    @property
    def wait(self) -> float:
        """Seconds that must pass before a contact has a verdict: the parameter, where it is one."""
        _, bracket, parameter = self.id.partition("(")
        try:
            return parse_duration(parameter.rstrip(")")) if bracket else 0.0
        except ValueError:
            return 0.0  # the parameter is a name

    @property
    def definition(self) -> str:
        """Hash of what the number means; names may change, the formula may not go unnoticed.

        The English formula counts; its Chinese is the same rule in other words.
        """
        numbers = [
            f"{field.name}={getattr(self.kind, field.name)}"
            for field in fields(self.kind)
            if isinstance(getattr(self.kind, field.name), (int, float, str))
        ]
        text = "\n".join(
            [self.id.split("(")[0], type(self.kind).__name__, *numbers, self.formula.en, self.unit]
            + [",".join(self.dated_by), ",".join(self.needs)]
            + ([] if self.table == "contacts" else [self.table])
        )
        return hashlib.sha256(text.encode()).hexdigest()[:8]
