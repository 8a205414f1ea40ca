"""Watch a card: every unit's KPIs on control charts, simulated limits, and the miss budgets."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog, show_day
from svcsim.contacts.store import read_frame
from svcsim.errors import Finding, InputError
from svcsim.metrics.metric import Share
from svcsim.metrics.periods import Periods
from svcsim.metrics.support import why_not
from svcsim.scorecard.alerts import CUSUM, ControlChart, null_tail
from svcsim.scorecard.alerts_budget import Burn, burn
from svcsim.scorecard.alerts_limits import ControlLimit, control_limit
from svcsim.scorecard.alerts_series import (
    KINDS,
    MIN_REFERENCE,
    Series,
    scatter_of_days,
    series_of,
    weeks_of,
)
from svcsim.scorecard.alerts_table import Alert, AlertTable
from svcsim.scorecard.integrity.detection import FDR, adjusted
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.measure import DESK, evaluate_units
from svcsim.scorecard.period import Period
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable
from svcsim.text import Text
from svcsim.units import format_share, format_value

Floats = NDArray[np.float64]

RATE = 0.01
"""False-alarm rate of a limit from simulated periods."""
LENGTH_SLACK = 3
"""Days by which simulated periods may differ in length from the one that is scored."""


def watch(
    log: ContactLog,
    card: Scorecard,
    span: Period,
    chart: ControlChart = CUSUM,
    simulated: pd.DataFrame | None = None,
    logs: Mapping[str, ContactLog] | None = None,
) -> AlertTable:
    """Return what has got worse by the end of a period.

    Every share and mean of the card is followed week by week (seven local days, the last ending
    with the period), standardised by `standardised`: the desk against its own past, teams and
    agents against the rest of the desk in the same week. Watched: up to twelve weeks and at least
    those of the period, after at least eight reference weeks. Alerts: chart over its bound in the
    last week, and q ≤ 10 % over all charts.

    Parameters
    ----------
    simulated : DataFrame, optional
        ``kpis.parquet`` of a simulation of periods as long as this one: the period's values are
        also held against its 1 % limit (`control_limit`).
    logs : mapping, optional
        Metric -> the contacts that the KPI is about, where that is not everybody's.
    """

    def of(kpi: Kpi) -> ContactLog:
        return (logs or {}).get(kpi.metric, log)

    edges, reference = weeks_of(log, span)
    notes: list[Text] = []
    series: list[Series] = []
    if reference:
        series = [one for kpi in card.kpis for one in series_of(of(kpi), kpi, edges, reference)]
    else:
        notes.append(
            Text(
                f"no chart: the log holds fewer than {MIN_REFERENCE} whole weeks before the period",
                f"无法作控制图：本期之前的完整周不足 {MIN_REFERENCE} 周",
            )
        )
    alerts = _charted(series, chart, edges, reference, log.timezone)
    if series:
        notes.append(_expect(len(series), chart))
    if simulated is not None:
        alerts += _beyond(log, card, span, simulated, notes)
    budgets = {
        kpi.metric: state
        for kpi in card.kpis
        if isinstance(kpi.kind.kind, Share) and not why_not(log, kpi.kind)
        for state in _budget(of(kpi), kpi, span)
    }
    alerts += [
        Alert("budget", DESK, log.name, name, one.rate, 1.0, math.nan, math.nan, math.nan,
              one.text())
        for name, one in budgets.items() if one.alert
    ]  # fmt: skip
    arl = chart.arl() if series else math.nan
    return AlertTable(tuple(alerts), len(series), arl, tuple(notes), budgets)


def _expect(charts: int, chart: ControlChart) -> Text:
    return Text(
        "{n} charts ({kind}), each with a false alarm every {arl:.0f} weeks on average: {each:.2f} "
        "a week over all; listed are those with q ≤ {fdr}",
        "共 {n} 张控制图（{kind}），每张平均 {arl:.0f} 周误报一次，合计每周 {each:.2f} 次；"
        "只列出 q ≤ {fdr} 的",
    ).fill(
        n=charts, kind=chart.kind.upper(), arl=chart.arl(), each=charts / chart.arl(),
        fdr=format_share(FDR),
    )  # fmt: skip


def _charted(
    series: list[Series], chart: ControlChart, edges: Floats, reference: int, timezone: str
) -> list[Alert]:
    """Return the charts that are over their bound in the last week, after FDR."""
    paths = [chart.path(one.z) for one in series]
    p = np.array([null_tail(chart, float(path[-1]), len(path)) for path in paths])
    alerts = []
    for one, path, chance, q in zip(series, paths, p, adjusted(p), strict=True):
        if path[-1] < chart.bound or q > FDR:
            continue
        quiet = np.flatnonzero(path <= 0)
        since = int(quiet[-1]) + 1 if quiet.size else 0
        day = show_day(float(edges[7 * (reference + since)]), timezone)[:10]
        unit = one.kpi.kind.unit
        text = Text(
            "{metric} worse than before since the week of {day}: {value} in the last {weeks} "
            "weeks, {usual} before; {kind} {stat:.1f} (bound {bound:g}), a false alarm of one "
            "chart every {arl:.0f} weeks",
            "{zh}自 {day} 当周起变差：近 {weeks} 周为 {value}，此前为 {usual}；"
            "{kind} {stat:.1f}（界限 {bound:g}），单张图平均 {arl:.0f} 周误报一次",
        ).fill(
            metric=one.kpi.metric, zh=one.kpi.kind.zh, day=day, weeks=len(one.z),
            value=format_value(one.value, unit), usual=format_value(one.usual, unit),
            kind=chart.kind.upper(), stat=path[-1], bound=chart.bound, arl=chart.arl(),
        )  # fmt: skip
        alerts.append(
            Alert(chart.kind, one.kind, one.unit, one.kpi.metric, float(path[-1]), chart.bound,
                  chart.arl(), float(chance), float(q), text)
        )  # fmt: skip
    return sorted(alerts, key=lambda alert: (alert.p, alert.kind, alert.unit, alert.metric))


def _beyond(
    log: ContactLog, card: Scorecard, span: Period, simulated: pd.DataFrame, notes: list[Text]
) -> list[Alert]:
    """Return the KPIs of the period beyond their limits from simulated periods."""
    periods = Periods(np.array([span.start, span.end]), (span.label,))
    runs = simulated[simulated["replication"] > 0]
    alerts: list[Alert] = []
    for kpi in card.kpis:
        rows = runs[runs["metric"] == kpi.metric]
        by = [kind for kind in KINDS[1:] if kind in rows and rows[kind].notna().any()]
        for kind in [DESK, *by] if len(rows) and not why_not(log, kpi.kind) else []:
            of_kind = rows[rows[by].isna().all(axis=1)] if kind == DESK else rows
            table = evaluate_units(log, kpi.kind, kind, periods, intervals=False)
            for unit, value in zip(table["unit"], table["value"], strict=True):
                mine = of_kind if kind == DESK else of_kind[of_kind[kind] == unit]
                found = control_limit(
                    mine["value"].to_numpy(dtype=float), RATE,
                    "up" if kpi.better == "lower" else "down",
                )  # fmt: skip
                if math.isnan(found.value):
                    notes.append(_too_few(kpi, found))
                elif (value - found.value) * (1 if kpi.better == "lower" else -1) > 0:
                    alerts.append(_limit_alert(kpi, kind, str(unit), float(value), found))
    return alerts


def _too_few(kpi: Kpi, found: ControlLimit) -> Text:
    return Text(
        f"{kpi.metric}: {found.replications} replications are too few for a limit of "
        f"{format_share(RATE)} false alarms; {found.needed} close its interval on both sides",
        f"{kpi.kind.zh}：{found.replications} 次模拟不足以确定误报率 {format_share(RATE)} 的界限，"
        f"需 {found.needed} 次",
    )


def _limit_alert(kpi: Kpi, kind: str, unit: str, value: float, found: ControlLimit) -> Alert:
    measure = kpi.kind.unit
    text = Text(
        "{metric} is {value}, beyond the limit {limit} that {rate} of simulated periods cross "
        "({n} replications; its true rate lies in {low}-{high})",
        "{zh}为 {value}，越过界限 {limit}：模拟中仅 {rate} 的周期会越过"
        "（{n} 次模拟，真实误报率在 {low}–{high} 之间）",
    ).fill(
        metric=kpi.metric, zh=kpi.kind.zh, value=format_value(value, measure),
        limit=format_value(found.value, measure), rate=format_share(RATE), n=found.replications,
        low=format_share(found.rate_lower, 2), high=format_share(found.rate_upper, 2),
    )  # fmt: skip
    return Alert(
        "limit", kind, unit, kpi.metric, value, found.value, 1 / RATE, RATE, math.nan, text
    )


def _budget(log: ContactLog, kpi: Kpi, span: Period) -> Iterator[Burn]:
    """Yield the state of the desk's miss budget, where the KPI and its target allow misses."""
    target = kpi.target_on(show_day(span.end - 1, log.timezone)[:10])
    allowed = target if kpi.better == "lower" else 1 - target
    last = min(span.end, log.end)
    whole = (span.end - span.start) / 86400
    days = int((last - span.start) // 86400)
    if not 0 < allowed < 1 or days < 1 or not kpi.applies_to(DESK):
        return
    edges = np.asarray(span.start + 86400.0 * np.arange(days + 1), dtype=np.float64)
    table = evaluate_units(
        log, kpi.kind, DESK, Periods(edges, tuple(map(str, range(days)))), intervals=False
    )
    n = np.zeros(days)
    missed = np.zeros(days)
    place = table["period"].astype(int).to_numpy()
    n[place] = table["n"].to_numpy(dtype=float)
    share = table["value"].fillna(0.0).to_numpy(dtype=float)
    missed[place] = np.round(n[place] * (share if kpi.better == "lower" else 1 - share))
    if n.sum() > 0:
        yield burn(missed, n, allowed, float(n.sum()) / days * max(whole - days, 0.0),
                   scatter_of_days(missed, n))  # fmt: skip


def with_alerts(table: ScoreTable, simulated: Path | None = None) -> ScoreTable:
    """Return a table of scores with what has got worse by the end of its period.

    Parameters
    ----------
    simulated : Path, optional
        ``kpis.parquet`` that ``svcsim simulate`` wrote, of periods as long as the table's.

    Raises
    ------
    InputError
        When the file is absent, no table of KPIs, or of periods of another length.
    """
    runs = None if simulated is None else _simulated(simulated, table.period)
    asked = (*table.kpis, *table.gates)
    logs = {one.kpi.metric: one.log for one in asked if one.log is not None}
    alerts = watch(table.log, table.card, table.period, simulated=runs, logs=logs)
    return replace(table, alerts=alerts)


def _simulated(path: Path, span: Period) -> pd.DataFrame:
    runs = read_frame(path)
    missing = [name for name in ("replication", "metric", "value") if name not in runs]
    if missing:
        raise InputError(
            Finding(str(path), f"has no column {', '.join(missing)}",
                    "expected the kpis.parquet of svcsim simulate")
        )  # fmt: skip
    summary = path.with_name("summary.json")
    days = json.loads(summary.read_text("utf-8")).get("days") if summary.is_file() else None
    own = round((span.end - span.start) / 86400)
    if days is not None and abs(int(days) - own) > LENGTH_SLACK:
        raise InputError(
            Finding(str(path), f"holds periods of {days} days",
                    f"{span.label} has {own}: noise depends on the length",
                    f"svcsim simulate ... --days {own}")
        )  # fmt: skip
    return runs
