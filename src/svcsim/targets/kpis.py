"""Which KPIs can be asked for: those the history measures, the desk model explains and replays.

A KPI is left out, with its reason, when the history lacks its columns, when a period has too few
contacts, when the model only assumes what drives it, or when the baseline failed to give back its
held-out history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from svcsim.contacts.log import ContactLog
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.metric import Metric
from svcsim.metrics.periods import Periods
from svcsim.metrics.support import missing_columns, why_not
from svcsim.model.baseline import Baseline, FidelityCell
from svcsim.study.told import unspoken

GOOD_SHARE = (0.70, 0.92)
"""A limit whose observed share lies here can still move both ways."""
_TICKET_LIMITS = ("10min", "30min", "1h", "2h", "4h", "8h", "24h")
_LIVE_LIMITS = ("20s", "30s", "60s", "2min", "3min", "5min")
_CLOSING_LIMITS = ("4h", "8h", "24h", "48h", "72h", "168h")
_COMMON = ("csat_top2", "csat_mean", "aht", "reopen")
ALWAYS = ("volume", "occupancy", "time_on_duty", "backlog_end")
"""Simulated beside the candidates: for capacity and for the stability of the queue."""
SAME_QUANTITY = {
    "frt": ("frt", "frt_p50", "frt_p90", "frt_within"),
    "wait": ("wait", "wait_p90", "answered_within"),
    "resolution": ("res_full", "res_full_p50", "res_full_p90", "res_within"),
    "handling": ("aht", "aht_p50", "aht_p90"),
    "satisfaction": ("csat_top2", "csat_mean"),
    "return": ("fcr_window", "repeat"),
}
"""KPIs that measure the same thing: one that was replayed speaks for the others."""
MIN_INSIDE = 0.5
FAR_OFF = 4.0


@dataclass(frozen=True)
class Rejected:
    """A KPI that is not proposed and why."""

    metric: str
    why: str
    why_zh: str

    def to_row(self) -> dict[str, str]:
        """Return the row of `Proposal.not_proposed`."""
        return {"metric": self.metric, "why": self.why, "why_zh": self.why_zh}


def reasons(rejected: Sequence[Rejected]) -> dict[str, tuple[str, str]]:
    """Return metric -> (English, Chinese) reason, the first one given."""
    out: dict[str, tuple[str, str]] = {}
    for row in rejected:
        out.setdefault(row.metric, (row.why, row.why_zh))
    return out


def candidates(log: ContactLog) -> list[str]:
    """Return KPIs worth asking for in order of preference, limits fitted to the history."""
    calls = log.frame["abandoned_s"].notna().any() and _live_share(log) > 0.5
    answer = _fitting(log, "answered_within", _LIVE_LIMITS)
    reply = _fitting(log, "frt_within", _TICKET_LIMITS)
    closing = _fitting(log, "res_within", _CLOSING_LIMITS)
    if calls:
        return [answer, "fcr_window(7d)", *_COMMON, "abandon"]
    return [reply, "fcr_window(7d)", *_COMMON, closing, "close_in_time"]


def measured(
    log: ContactLog, metrics: Sequence[str], days: int
) -> tuple[list[str], list[Rejected]]:
    """Split KPIs into those the history measures well enough and the others."""
    kept, out = [], []
    last = _last(log, days)
    table = evaluate(last, list(metrics), intervals=False)
    counts = dict(zip(table["metric"], table["n"].astype(int), strict=True))
    for name in metrics:
        metric = get_metric(name)
        reason = why_not(log, metric)
        n = counts[name]
        if reason:
            lacks = "、".join(missing_columns(log, metric))
            zh = f"历史数据缺少 {lacks}" if lacks else "历史数据无法识别同一问题的多次联系"
            out.append(Rejected(name, reason, zh))
        elif n < metric.min_n:
            out.append(_too_few(metric, n, days))
        else:
            kept.append(name)
    return kept, out


def explained(baseline: Baseline, metrics: Sequence[str]) -> tuple[list[str], list[Rejected]]:
    """Split KPIs into those the model learned from data and those it only assumes."""
    kept, out = [], []
    for name in metrics:
        why = unspoken(baseline.model, name)
        if why is None:
            kept.append(name)
        else:
            out.append(Rejected(name, why.en, why.zh))
    return kept, out


def replayed(baseline: Baseline, metrics: Sequence[str]) -> tuple[list[str], list[Rejected]]:
    """Split KPIs by whether the baseline gave back their held-out history.

    Out when fewer than half of a KPI's cells lie in their 90 % band or one is more than four
    simulated standard deviations off. A KPI without cells of its own goes by those of the same
    quantity; without any it stays.
    """
    kept, out = [], []
    for name in metrics:
        cells = _cells(baseline.fidelity.cells, name)
        inside = sum(cell.inside for cell in cells)
        far = [cell for cell in cells if abs(cell.z) > FAR_OFF]
        if cells and (inside < MIN_INSIDE * len(cells) or far):
            worst = max(cells, key=lambda cell: abs(cell.z))
            also = "" if worst.metric == name else f" ({worst.metric})"
            out.append(
                Rejected(
                    name,
                    f"the baseline does not give its history back{also}: {inside} of {len(cells)} "
                    f"held-out values inside the 90 % band, worst z {worst.z:+.1f}",
                    f"模型未能复现该指标的留出历史{also}：{len(cells)} 个值中 {inside} 个落在 90% "
                    f"区间内，最大偏离 z = {worst.z:+.1f}",
                )
            )
        else:
            kept.append(name)
    return kept, out


def history(log: ContactLog, metrics: Sequence[str], days: int, most: int = 13) -> pd.DataFrame:
    """Return the KPIs of the last whole periods of ``days`` before the end of the log.

    One row a period and metric: ``period`` (first local day), ``value``, ``n``; oldest first.
    """
    span = days * 86400.0
    whole = int((log.end - log.start + 3600.0) // span)
    edges = log.end - span * np.arange(min(max(whole, 1), most), -1, -1.0)
    starts = pd.to_datetime(edges[:-1], unit="s", utc=True).tz_convert(log.timezone)
    labels = tuple(day.date().isoformat() for day in starts)
    return evaluate(log, list(metrics), period=Periods(edges, labels), intervals=False)


def _last(log: ContactLog, days: int) -> ContactLog:
    return replace(log, start=max(log.start, log.end - days * 86400.0))


def _too_few(metric: Metric, n: int, days: int) -> Rejected:
    return Rejected(
        metric.id,
        f"{n} contacts in the last {days} days; at least {metric.min_n} are needed to judge",
        f"最近 {days} 天只有 {n} 个样本，至少需要 {metric.min_n} 个才能评判",
    )


def _live_share(log: ContactLog) -> float:
    """Return the share of contacts that come over channels on which customers hang up."""
    channel = log.frame["channel"].fillna("")
    hang_up = channel[log.frame["abandoned_s"].notna()]
    lively = hang_up.value_counts() / channel.value_counts()
    return float(channel.isin(lively[lively > 0.005].index).mean())


def _fitting(log: ContactLog, name: str, limits: Sequence[str]) -> str:
    """Return the metric with the first limit whose observed share can move both ways."""
    ids = [f"{name}({limit})" for limit in limits]
    values = evaluate(log, ids, intervals=False).set_index("metric")["value"]
    middle = sum(GOOD_SHARE) / 2
    inside = [i for i in ids if GOOD_SHARE[0] <= values[i] <= GOOD_SHARE[1]]
    known = [i for i in ids if values[i] == values[i]]
    return inside[0] if inside else min(known or ids, key=lambda i: abs(values[i] - middle))


def _cells(cells: Sequence[FidelityCell], metric: str) -> list[FidelityCell]:
    own = [cell for cell in cells if cell.metric == metric]
    if own:
        return own
    stem = metric.split("(")[0]
    group = next((names for names in SAME_QUANTITY.values() if stem in names), (stem,))
    return [cell for cell in cells if cell.metric.split("(")[0] in group]
