"""What experience says against a card before anybody is scored by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from svcsim.contacts.log import ContactLog
from svcsim.errors import Finding
from svcsim.metrics.metric import Mean, Metric
from svcsim.metrics.support import why_not
from svcsim.scorecard.kpi import Kpi, show_value
from svcsim.scorecard.scorecard import Scorecard
from svcsim.units import format_duration, format_share

MOST_KPIS = 5
LEAST_SATISFACTION = 0.30
PACE_TO_QUALITY = 0.7
"""Weight on pace (throughput, handling time) per weight on quality and satisfaction."""

_QUALITY = ("quality", "satisfaction")
_PACE = ("throughput", "volume", "aht", "aht_p50", "aht_p90")
_INSTEAD = {
    "frt": "frt_within({t}) or frt_p90",
    "wait": "answered_within({t}) or wait_p90",
    "res_full": "res_within({t}) or res_full_p90",
    "aht": "aht_p50",
}
"""What to ask for instead of the mean of a heavy-tailed time."""


def lint(card: Scorecard, available: ContactLog | Collection[str] | None = None) -> list[Finding]:
    """Return what speaks against a card: warnings and notes, none of which stops a score.

    Parameters
    ----------
    card : Scorecard
    available : ContactLog or collection of column names, optional
        What the data hold; with it, KPIs that cannot be computed are named.
    """
    return [
        *_shape(card),
        *_balance(card),
        *(finding for kpi in card.kpis for finding in _kpi(card, kpi)),
        *_availability(card, available),
    ]


def _shape(card: Scorecard) -> Iterator[Finding]:
    if len(card.kpis) > MOST_KPIS:
        small = sorted(card.kpis, key=lambda kpi: kpi.weight)[: len(card.kpis) - MOST_KPIS]
        yield _warn(
            card.name,
            f"{len(card.kpis)} KPIs",
            f"with more than {MOST_KPIS} nobody knows what matters",
            f"leave out the lightest: {', '.join(kpi.metric for kpi in small)}",
        )
    for kpi in card.kpis:
        if kpi.weight < 0.05:
            yield _note(
                f"{card.name} {kpi.metric}",
                f"a weight of {format_share(kpi.weight)} moves a score by less than its noise",
                mend="5% or more, or leave it out",
            )


def _balance(card: Scorecard) -> Iterator[Finding]:
    weight = {
        family: sum(kpi.weight for kpi in card.kpis if kpi.kind.family == family)
        for family in ("efficiency", *_QUALITY)
    }
    if weight["satisfaction"] < LEAST_SATISFACTION:
        yield _warn(
            card.name,
            f"satisfaction weighs {format_share(weight['satisfaction'])}",
            f"customers' own verdict should weigh {format_share(LEAST_SATISFACTION)} or more",
            "add weight to csat_top2",
        )
    better = weight["quality"] + weight["satisfaction"]
    if weight["efficiency"] > 0 and better == 0:
        yield _warn(
            card.name,
            "speed is asked for and nothing that speed can harm",
            "a card of speed alone buys rushed work and repeat contacts",
            "add fcr_window(7d) or csat_top2",
        )
    pace = sum(kpi.weight for kpi in card.kpis if kpi.metric in _PACE)
    if better > 0 and pace > PACE_TO_QUALITY * better + 1e-9:
        yield _warn(
            card.name,
            f"pace ({format_share(pace)}) weighs more than {PACE_TO_QUALITY:g} x quality and "
            f"satisfaction ({format_share(better)})",
            "beyond that, rushing or picking easy contacts pays",
            "move weight from throughput or handling time to fcr_window or csat",
        )


def _kpi(card: Scorecard, kpi: Kpi) -> Iterator[Finding]:
    where = f"{card.name} {kpi.metric}"
    metric = kpi.kind
    targets = [kpi.target] if kpi.target is not None else list(kpi.stages.values())
    if metric.unit == "s" and isinstance(metric.kind, Mean):
        asked = format_duration(targets[-1])
        yield _warn(
            where,
            f"a target of {asked} on an average is a target for the slowest few: one contact "
            "that waits for days outweighs a hundred quick ones",
            "most contacts can be far below it while the average is above",
            f"ask for {_INSTEAD.get(metric.id, 'a share or a quantile').format(t=asked)}",
        )
    if metric.better != "none" and kpi.better != metric.better:
        yield _warn(where, f"direction {kpi.better}", f"usually {metric.better} is better")
    if metric.unit == "share":
        yield from _bounds(where, kpi, metric, targets)
    if kpi.curve == "step":
        yield _note(
            where,
            "a step pays all or nothing at the target",
            "it follows true quality worse than a line and rewards stopping at the target",
            "curve: linear",
        )


def _bounds(where: str, kpi: Kpi, metric: Metric, targets: list[float]) -> Iterator[Finding]:
    perfect = 1.0 if kpi.better == "higher" else 0.0
    if perfect in targets:
        yield _warn(
            where,
            f"a target of {show_value(perfect, metric.unit)} leaves no room for chance",
            "a single contact decides",
            "ask for a little less",
        )


def _availability(
    card: Scorecard, available: ContactLog | Collection[str] | None
) -> Iterator[Finding]:
    if available is None:
        return
    for kpi in card.kpis:
        if isinstance(available, ContactLog):
            reason = why_not(available, kpi.kind)
        else:
            missing = [
                need.replace("|", " or ")
                for need in kpi.kind.needs
                if not any(name in available for name in need.split("|"))
            ]
            reason = f"the data have no {', no '.join(missing)}" if missing else ""
        if reason:
            yield _warn(
                f"{card.name} {kpi.metric}",
                reason,
                f"{format_share(kpi.weight)} of the score cannot be computed",
                "map the column, or move the weight to a KPI that can be measured",
            )


def _warn(where: str, found: str, expected: str = "", mend: str = "") -> Finding:
    return Finding(where, found, expected, mend, "warning")


def _note(where: str, found: str, expected: str = "", mend: str = "") -> Finding:
    return Finding(where, found, expected, mend, "note")
