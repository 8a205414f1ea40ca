"""Alerts at the end of a period, as results hold them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from svcsim.scorecard.alerts_budget import Burn
from svcsim.scorecard.integrity.detection import FDR
from svcsim.text import Text


@dataclass(frozen=True)
class Alert:
    """One unit's KPI that has got worse than it was, or than a simulated desk lets expect.

    Parameters
    ----------
    rule : str
        ``cusum``, ``ewma``, ``shewhart``, ``limit`` (simulated) or ``budget``.
    kind, unit, metric : str
    statistic, bound : float
        Of the chart, or the value and its limit.
    arl : float
        Average run length of the rule while nothing changes, in weeks (periods for a limit).
    p, q : float
        P(as large | nothing changed), and adjusted over all charts (Benjamini-Hochberg).
    text : Text
    """

    rule: str
    kind: str
    unit: str
    metric: str
    statistic: float
    bound: float
    arl: float
    p: float
    q: float
    text: Text

    def to_json_dict(self) -> dict[str, Any]:
        """Return the alert as ``scores.json`` holds it."""
        names = ("rule", "kind", "unit", "metric", "statistic", "bound", "arl", "p", "q")
        plain = {name: getattr(self, name) for name in names}
        known = {k: None if isinstance(v, float) and not math.isfinite(v) else v
                 for k, v in plain.items()}  # fmt: skip
        return {**known, "text": self.text.data()}


@dataclass(frozen=True)
class AlertTable:
    """Alerts at the end of a period.

    Parameters
    ----------
    alerts : tuple of Alert
    watched : int
        Charts that could be drawn.
    arl : float
        Weeks between false alarms of one chart.
    notes : tuple of Text
        What could not be watched, and why; how many false alarms to expect.
    budgets : mapping
        Metric -> state of the desk's miss budget.
    """

    alerts: tuple[Alert, ...] = ()
    watched: int = 0
    arl: float = math.nan
    notes: tuple[Text, ...] = ()
    budgets: Mapping[str, Burn] = field(default_factory=dict)

    def to_json_dict(self) -> dict[str, Any]:
        """Return the part ``alerts`` of ``scores.json``."""
        budgets = {
            name: {**{k: v for k, v in vars(one).items() if k != "windows"},
                   "windows": [list(w) for w in one.windows], "text": one.text().data()}
            for name, one in self.budgets.items()
        }  # fmt: skip
        return {
            "alerts": [one.to_json_dict() for one in self.alerts],
            "watched": self.watched,
            "arl_weeks": self.arl if math.isfinite(self.arl) else None,
            "fdr": FDR,
            "notes": [note.data() for note in self.notes],
            "budgets": budgets,
        }
