"""ScoreTable: what a period scored, unit by unit, with what to make of every number."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from svcsim import __version__
from svcsim.contacts.log import ContactLog, show_day
from svcsim.errors import Finding, InputError, nearest
from svcsim.scorecard.alerts_table import AlertTable
from svcsim.scorecard.bonus import Extra
from svcsim.scorecard.curve import Curve
from svcsim.scorecard.gate import GateScore
from svcsim.scorecard.integrity.detection import IntegrityTable
from svcsim.scorecard.measure import Question, counted_tickets
from svcsim.scorecard.period import Period
from svcsim.scorecard.scorecard import Kpi, Scorecard
from svcsim.scorecard.table_json import asked_json, finite, unit_json
from svcsim.stats.interval import LEVEL

if TYPE_CHECKING:
    from svcsim.scorecard.review import Review

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Flag:
    """One thing to know before a number is used; a reason to look, never a verdict."""

    kind: str
    text: str
    zh: str
    metric: str = ""


@dataclass(frozen=True)
class KpiScore:
    """One KPI of one unit; values in the metric's unit, NaN where there is none.

    Parameters
    ----------
    value, n, lower, upper : float
        As measured, with the contacts behind it and the 95 % interval.
    target, points, weight : float
        Target in force, points (0-100) and share of the score.
    reliability : float
        τ²/(τ² + σ²/n) among the units of its kind.
    expected_value : float
        What the others reach on contacts of the same kinds as the unit's own.
    adjusted_value : float
        What the unit would have had with the desk's mix of contacts.
    used_value : float
        What was turned into points: ``basis`` says how it came from ``value``.
    p_met : float
        P(true value at the target or better).
    met : bool or None
        Whether the measured value is at the target or better, however thin or provisional it is.
    status : str
        See `STATUS`; ``met`` and ``not met`` are of the adjusted value where there is one.
    baseline : float
        What an improvement is measured from; NaN where there is none, or none is asked for.
    """

    metric: str
    value: float
    n: int
    lower: float
    upper: float
    target: float
    points: float
    weight: float
    reliability: float
    expected_value: float
    adjusted_value: float
    used_value: float
    basis: str
    p_met: float
    met: bool | None
    status: str
    baseline: float = math.nan


@dataclass(frozen=True)
class UnitScore:
    """The desk, one team or one agent in the period.

    Parameters
    ----------
    kind, unit, team : str
        ``desk``, ``team`` or ``agent``; its name; the team an agent mostly worked for.
    contacts : int
        Contacts opened in the period.
    score, lower, upper : float
        Weighted points and their 95 % interval.
    score_as_measured : float
        Weighted points of the values as measured: neither adjusted nor shrunk, nothing stands in.
    p_on_target : float
        P(true score at least that of meeting every target exactly).
    band : str
        See `BANDS`; empty where there are too few units to compare.
    rank_interval : tuple of int or None
        95 % interval of the rank among ``peers`` units of the kind; never one rank alone.
    weight_scored : float
        Share of the weight that rests on the unit's own data: for desk and teams on KPIs that can
        be judged, for agents on those with any contact.
    role, tier : str
        Of an agent, where a roles file was given.
    bonus, penalty : float
        Points beside the score, both 0 or more; of desk and teams the mean per head.
    total, total_lower, total_upper : float
        Score + bonus - penalty, at least 0, at most what the card and its failed gates allow.
    extras : tuple of Extra
        The bonus and penalty items behind it.
    gates : tuple of GateScore
        What must be met whatever else was scored.
    """

    kind: str
    unit: str
    team: str
    contacts: int
    score: float
    score_as_measured: float
    lower: float
    upper: float
    p_on_target: float
    band: str
    rank_interval: tuple[int, int] | None
    peers: int
    weight_scored: float
    metrics: tuple[KpiScore, ...]
    flags: tuple[Flag, ...]
    role: str = ""
    tier: str = ""
    bonus: float = 0.0
    penalty: float = 0.0
    total: float = math.nan
    total_lower: float = math.nan
    total_upper: float = math.nan
    extras: tuple[Extra, ...] = ()
    gates: tuple[GateScore, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One KPI of the card as it was applied in this period."""

    kpi: Kpi
    question: Question
    curve: Curve
    min_n: int
    left_out: str
    """Why it could not be scored at all; empty when it was."""
    followed_up: float
    reliability: float
    """Reliability of an agent with the median number of contacts."""
    contacts_median: float
    contacts_for_pay: float
    """Contacts an agent needs for reliability .7."""
    log: ContactLog | None = field(default=None, repr=False)
    """The contacts that the KPI is about."""


@dataclass(frozen=True)
class ScoreTable:
    """Scores of the desk, its teams and its agents; agents stand by name, never by rank."""

    card: Scorecard
    period: Period
    kpis: tuple[Asked, ...]
    units: tuple[UnitScore, ...]
    score_reliability: float
    """Reliability of the agents' total score in this period."""
    findings: tuple[Finding, ...]
    log: ContactLog = field(repr=False)
    gates: tuple[Asked, ...] = ()
    """KPIs of the card that carry no weight and must be met."""
    integrity: IntegrityTable = IntegrityTable()
    alerts: AlertTable | None = None
    """What has got worse, where it was asked for (`alerts_watch.watch`)."""

    @property
    def has_total(self) -> bool:
        """Whether totals differ from scores: the card has a bonus or a gate."""
        return bool(self.card.bonus or self.gates)

    @cached_property
    def review(self) -> Review:
        """What a planner needs beside the points, computed at the first use."""
        from svcsim.scorecard.review import review_of

        return review_of(self)

    def unit(self, name: str, kind: str | None = None) -> UnitScore:
        """Return one unit by name; ``desk`` is the whole desk.

        Raises
        ------
        InputError
            When there is no such unit.
        """
        for unit in self.units:
            if name in (unit.unit, "desk" if unit.kind == "desk" else unit.unit) and (
                kind in (None, unit.kind)
            ):
                return unit
        names = [unit.unit for unit in self.units]
        raise InputError(
            Finding("unit", f"'{name}' was not scored", "", nearest(name, names)),
        )

    def tickets(self, unit: str, metric: str, kind: str | None = None) -> list[str]:
        """Return the ticket ids behind one number.

        Raises
        ------
        InputError
            When the unit was not scored or the metric is not in the card.
        """
        found = self.unit(unit, kind)
        for asked in (*self.kpis, *self.gates):
            if asked.kpi.metric == metric:
                log = asked.log if asked.log is not None else self.log
                return counted_tickets(log, asked.question, found.kind, found.unit)
        known = [asked.kpi.metric for asked in (*self.kpis, *self.gates)]
        raise InputError(
            Finding("metric", f"'{metric}' is not in the card", "", nearest(metric, known))
        )

    def to_json_dict(self) -> dict[str, Any]:
        """Return the content of ``scores.json``; a number that is not known is null."""
        from svcsim.scorecard.review_data import review_data, unit_data

        beside = unit_data(self.review)
        zone = self.log.timezone
        plain: dict[str, Any] = finite(
            {
                "schema_version": SCHEMA_VERSION,
                "svcsim": __version__,
                "card": self.card.to_data(),
                "log": {
                    "name": self.log.name,
                    "origin": self.log.origin,
                    "timezone": zone,
                    "start": show_day(self.log.start, zone),
                    "end": show_day(self.log.end, zone),
                    "observed_until": show_day(self.log.observed_until, zone),
                },
                "period": self.period.to_json_dict(zone),
                "level": LEVEL,
                "score_reliability": self.score_reliability,
                "kpis": [asked_json(asked, zone) for asked in self.kpis],
                "gates": [
                    {**asked_json(asked, zone), "cap": asked.kpi.cap} for asked in self.gates
                ],
                "units": [unit_json(unit, beside) for unit in self.units],
                "integrity": self.integrity.to_json_dict(),
                **({"alerts": self.alerts.to_json_dict()} if self.alerts else {}),
                "review": review_data(self),
                "findings": [finding.to_dict() for finding in self.findings],
            }
        )
        return plain

    def to_frame(self) -> pd.DataFrame:
        """Return ``scores.csv``: one row a unit and KPI, the unit's score repeated.

        Gates follow with weight 0, without points, and ``p_met`` = 1 - P(true level misses it).
        """
        from svcsim.scorecard.review_data import csv_columns

        rows, beside = [], csv_columns(self.review)
        for unit in self.units:
            head = {
                "period": self.period.label,
                **{n: getattr(unit, n) for n in ("kind", "unit", "team", "contacts")},
                **{n: getattr(unit, n) for n in ("score", "score_as_measured", "lower", "upper")},
                "p_on_target": unit.p_on_target,
                "band": unit.band,
                "rank_low": unit.rank_interval[0] if unit.rank_interval else math.nan,
                "rank_high": unit.rank_interval[1] if unit.rank_interval else math.nan,
                "weight_scored": unit.weight_scored,
                **{n: getattr(unit, n) for n in ("role", "tier", "bonus", "penalty", "total")},
                "gates_failed": " ".join(g.metric for g in unit.gates if g.status == "failed"),
            }
            flags = " ".join(sorted({flag.kind for flag in unit.flags}))
            for kpi in unit.metrics:
                own = {
                    "value_lower" if key == "lower" else "value_upper" if key == "upper" else key: v
                    for key, v in asdict(kpi).items()
                }
                extra = beside.get((unit.kind, unit.unit, kpi.metric), {})
                rows.append({**head, **own, **extra, "flags": flags})
            for gate in unit.gates:
                own = {n: getattr(gate, n) for n in ("metric", "value", "n", "target", "status")}
                own |= {"weight": 0.0, "basis": "gate", "p_met": 1.0 - gate.p_failed}
                rows.append({**head, **own, "flags": flags})
        return pd.DataFrame(rows)
