"""From totals to the scores of units: interval, band, rank, bonus, gates and what to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.beside_remarks import gate_flags
from svcsim.scorecard.bonus import Extra, per_head, plus_and_minus
from svcsim.scorecard.gate import cap_of, gates_of
from svcsim.scorecard.integrity.detection import IntegrityTable
from svcsim.scorecard.judge import Line
from svcsim.scorecard.labels import GATED
from svcsim.scorecard.measure import DESK, SCOPE, kind_of
from svcsim.scorecard.period import Period
from svcsim.scorecard.reliability import rank_draws
from svcsim.scorecard.remarks import integrity_flag, kpi_flags
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import Flag, KpiScore, UnitScore
from svcsim.scorecard.total import LEAST_WEIGHT, Total, weight_alone
from svcsim.stats.interval import LEVEL

Floats = NDArray[np.float64]

TAIL = 0.30
"""Share of the agents that the bands ``top`` and ``support`` speak of."""
SURE = 0.80
"""How probable a band must be before it is named."""
MIN_PEERS = 5
"""Fewer agents than this are not compared."""
_NUMBERS = (
    *("value", "lower", "upper", "points", "reliability", "baseline"),
    *("expected", "adjusted", "comparable", "used", "p_met"),
)


@dataclass(frozen=True)
class Beside:
    """What stands beside the weighted score.

    Parameters
    ----------
    extras : mapping
        Agent -> bonus and penalty items.
    role, tier : mapping
        Agent -> role and tier, empty without a roles file.
    integrity : IntegrityTable
        What the detectors found.
    """

    extras: Mapping[str, tuple[Extra, ...]]
    role: Mapping[str, str]
    tier: Mapping[str, str]
    integrity: IntegrityTable


def units_scored(
    log: ContactLog,
    card: Scorecard,
    span: Period,
    group: str,
    total: Total,
    lines: list[Line],
    beside: Beside,
) -> list[UnitScore]:
    """Return the scores of the units of a group, in the order of their names."""
    kind, alpha = kind_of(group), (1 - LEVEL) / 2
    rows, main = _rows(log, span), main_teams(log, span)
    members = [_members(kind, name, beside, main) for name in total.names]
    gates = [gates_of(group, i, lines) for i in range(len(total.names))]
    caps = np.array([cap_of(found) for found in gates])
    plus, minus = np.array([_tally(who, beside) for who in members]).reshape(-1, 2).T
    net = plus - minus
    ranked = total.draws + (net[:, None] if card.bonus_in_ranks else 0.0)
    ranked = np.minimum(ranked, caps[:, None])
    known = np.asarray(np.isfinite(total.draws).all(axis=1))
    with np.errstate(invalid="ignore"):
        lower, upper = np.quantile(total.draws, [alpha, 1 - alpha], axis=1)
        reached = (ranked >= total.par[:, None] - 1e-9).mean(axis=1)
    on_target = np.where(known, reached, np.nan)
    ranks, bands, peers = _ranks(kind, ranked, known, on_target, total.alike)
    if kind == "team":
        alone = weight_alone(lines, len(total.names)) >= LEAST_WEIGHT
        bands = ["" if lonely else band for lonely, band in zip(alone, bands, strict=True)]
    final, final_lower, final_upper = (
        _final(part + net, card.most, caps) for part in (total.score, lower, upper)
    )
    contacts = rows[kind].value_counts() if kind != DESK else None
    units = []
    for i, name in enumerate(total.names):
        metrics, flags = _metrics(group, i, lines)
        flags += gate_flags(gates[i])
        flags += [integrity_flag(found) for found in beside.integrity.of(kind, name)]
        own = beside.extras.get(name, ()) if kind == "agent" else None
        units.append(
            UnitScore(
                kind=kind,
                unit=name,
                team=str(main.get(name, "")) if kind == "agent" else "",
                contacts=len(rows) if contacts is None else int(contacts.get(name, 0)),
                score=float(total.score[i]),
                score_as_measured=float(total.as_measured[i]),
                lower=float(lower[i]),
                upper=float(upper[i]),
                p_on_target=float(on_target[i]),
                band=GATED if np.isfinite(caps[i]) else bands[i],
                rank_interval=ranks[i],
                peers=int(peers[i]),
                weight_scored=float(total.weight_scored[i]),
                metrics=metrics,
                flags=tuple(flags),
                role=beside.role.get(name, "") if kind == "agent" else "",
                tier=beside.tier.get(name, "") if kind == "agent" else "",
                bonus=float(plus[i]),
                penalty=float(minus[i]),
                total=float(final[i]),
                total_lower=float(final_lower[i]),
                total_upper=float(final_upper[i]),
                extras=per_head(beside.extras, members[i]) if own is None else own,
                gates=gates[i],
            )
        )
    return units


def _final(points: Floats, most: float | None, caps: Floats) -> Floats:
    """Return totals: not below 0, not above what the card and missed gates allow."""
    return np.minimum(np.clip(points, 0.0, most), caps)


def _rows(log: ContactLog, span: Period) -> pd.DataFrame:
    """Return the contacts in scope that were opened in the period."""
    opened = log.frame["opened_s"]
    inside = (opened >= span.start) & (opened < span.end)
    return log.frame[inside & log.frame[SCOPE] if SCOPE in log.frame else inside]


def main_teams(log: ContactLog, span: Period) -> pd.Series:
    """Return the team for which each agent opened most contacts of the period."""
    return _rows(log, span).groupby("agent", observed=True)["team"].agg(_most)


def _members(kind: str, name: str, beside: Beside, main: pd.Series) -> list[str]:
    """Return the agents whose bonus a unit has the mean of."""
    if kind == "agent":
        return [name]
    agents = list(beside.extras)
    return agents if kind == DESK else [a for a in agents if main.get(a, "") == name]


def _tally(members: Sequence[str], beside: Beside) -> tuple[float, float]:
    """Return bonus and penalty a head."""
    sums = [plus_and_minus(beside.extras[name]) for name in members if name in beside.extras]
    if not sums:
        return 0.0, 0.0
    plus, minus = (float(np.mean(part)) for part in zip(*sums, strict=True))
    return plus, minus


def _ranks(
    kind: str,
    draws: Floats,
    known: NDArray[np.bool_],
    on_target: Floats,
    alike: NDArray[np.int64],
) -> tuple[list[tuple[int, int] | None], list[str], NDArray[np.int64]]:
    """Return rank intervals, bands and numbers of peers; desk and teams face targets.

    Ranks need peers: units that are asked the same KPIs.
    """
    ranks: list[tuple[int, int] | None] = [None] * len(draws)
    bands = [""] * len(draws)
    if kind != "agent":
        for i in np.flatnonzero(known):
            sure, unsure = on_target[i] >= SURE, on_target[i] > 1 - SURE
            bands[i] = "on target" if sure else "uncertain" if unsure else "below target"
    peers = np.zeros(len(draws), dtype=np.int64)
    for same in np.unique(alike):
        places = np.flatnonzero(known & (alike == same))
        peers[alike == same] = len(places)
        if kind != DESK and len(places) >= 2:
            _rank_among(kind, draws, places, ranks, bands)
    return ranks, bands, peers


def _rank_among(
    kind: str,
    draws: Floats,
    places: NDArray[np.int64],
    ranks: list[tuple[int, int] | None],
    bands: list[str],
) -> None:
    """Put rank intervals, and bands of agents, at the places of units that compare."""
    peers = len(places)
    drawn = rank_draws(draws[places])
    alpha = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [alpha, 1 - alpha], axis=1)
    few = int(np.ceil(TAIL * peers))
    top = (drawn <= few).mean(axis=1)
    bottom = (drawn > peers - few).mean(axis=1)
    for place, i in enumerate(places):
        ranks[i] = (int(np.floor(low[place])), int(np.ceil(high[place])))
        if kind == "agent" and peers >= MIN_PEERS:
            is_top, is_bottom = top[place] >= SURE, bottom[place] >= SURE
            bands[i] = "top" if is_top else "support" if is_bottom else "typical"


def _metrics(group: str, i: int, lines: list[Line]) -> tuple[tuple[KpiScore, ...], list[Flag]]:
    """Return the KPIs of unit ``i`` of a group and what to know about them; gates stand apart."""
    metrics: list[KpiScore] = []
    flags: list[Flag] = []
    for line in lines:
        asked, judged = line.asked, line.judged.get(group)
        if not line.asks[group][i] or asked.kpi.curve == "gate":
            continue
        row = judged.table.iloc[i].to_dict() if judged is not None else {}
        number = {name: float(row.get(name, "nan")) for name in _NUMBERS}
        metrics.append(
            KpiScore(
                metric=asked.kpi.metric,
                value=number["value"],
                n=int(row.get("n", 0)),
                lower=number["lower"],
                upper=number["upper"],
                target=asked.curve.target,
                points=number["points"],
                weight=asked.kpi.weight,
                reliability=number["reliability"],
                expected_value=number["expected"],
                adjusted_value=number["adjusted"],
                used_value=number["used"],
                baseline=number["baseline"],
                basis=row.get("basis", "none"),
                p_met=number["p_met"],
                met=bool(asked.curve.met(number["value"])) if row.get("n", 0) else None,
                status=row.get("status", "no data"),
            )
        )
        flags += kpi_flags(kind_of(group), asked, metrics[-1], number["comparable"])
    return tuple(metrics), flags


def _most(teams: pd.Series) -> str:
    """Return the most frequent team, the first by name of equals."""
    counts = teams.value_counts()
    return "" if counts.empty else str(min(counts[counts == counts.max()].index))
