"""What a KPI is called: from the result itself, else from the catalogue of metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from svcsim.errors import SvcsimError
from svcsim.report.phrases import Phrases
from svcsim.targets.proposal import Proposal
from svcsim.text import Text


@dataclass(frozen=True)
class KpiWords:
    """Name, unit, direction and definition of a KPI as far as they are known."""

    metric: str
    zh: str
    en: str
    unit: str
    better: str = "none"
    formula: Text = Text("")
    definition: str = ""


class Names:
    """Looks up KPIs by id; an unknown one is shown by its id."""

    def __init__(self, known: Iterable[KpiWords] = ()) -> None:
        self._known: dict[str, KpiWords] = {}
        for kpi in known:
            self._known.setdefault(kpi.metric, kpi)

    @classmethod
    def of_proposal(cls, proposal: Proposal) -> Names:
        """Return the names that a proposal brings with it."""
        targets = [
            KpiWords(t.metric, t.zh, t.en, t.unit, t.direction)
            for stage in proposal.stages
            for t in stage.targets
        ]
        plots = [KpiWords(d.metric, "", "", d.unit) for d in proposal.distributions]
        plots += [KpiWords(c.metric, "", "", c.unit) for c in proposal.curves]
        return cls([*targets, *plots])

    def __getitem__(self, metric: str) -> KpiWords:
        """Return what is known of a KPI."""
        own = self._known.get(metric)
        if own is not None and own.en and own.formula:
            return own
        found = listed(metric)
        if found is None:
            return own if own is not None else KpiWords(metric, "", "", "")
        if own is None:
            return found
        return KpiWords(
            metric,
            own.zh or found.zh,
            own.en or found.en,
            own.unit or found.unit,
            found.better if own.better == "none" else own.better,
            found.formula,
            found.definition,
        )

    def show(self, metric: str, w: Phrases) -> str:
        """Return the name of a KPI in the language of the report."""
        kpi = self[metric]
        return w.pick(kpi.zh, kpi.en) or metric

    def unit(self, metric: str) -> str:
        """Return the unit of a KPI, empty when unknown."""
        return self[metric].unit


def listed(metric: str) -> KpiWords | None:
    """Return what the catalogue of this svcsim says of a KPI, None when it has no such one."""
    from svcsim.metrics.catalogue import get_metric

    try:
        found = get_metric(metric)
    except SvcsimError:
        return None
    return KpiWords(
        metric, found.zh, found.en, found.unit, found.better, found.formula, found.definition
    )
