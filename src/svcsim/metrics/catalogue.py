"""The catalogue of metrics: names to definitions, parameters in call style, nearest names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import cast

from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics import (
    commercial,
    consequences,
    contribution,
    conversation,
    flow,
    other_definitions,
    own_time,
    planned,
    resolution,
    satisfaction,
    timeliness,
    workload,
)
from svcsim.metrics.metric import Metric
from svcsim.text import Text
from svcsim.units import parse_duration

Template = Callable[[str, float], Metric]
"""Of a duration: as it was written, and in seconds."""
NamedTemplate = Callable[[str], Metric]
"""Of a name that the desk itself gives: a stage, a promise, a category."""
_CALL = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\(([^()]*)\))?\s*")

Entry = Metric | tuple[Template | NamedTemplate, str]

_ENTRIES: tuple[Entry, ...] = (
    workload.VOLUME,
    timeliness.FRT,
    timeliness.FRT_P50,
    timeliness.FRT_P90,
    conversation.FRT_MEANINGFUL,
    conversation.RESPONSE_TURNS,
    (timeliness.frt_within, "10min"),
    timeliness.WAIT_MEAN,
    timeliness.WAIT_P90,
    (timeliness.answered_within, "20s"),
    timeliness.ABANDON,
    (workload.still_waiting, "60s"),
    workload.PATIENCE_MEAN,
    workload.AHT,
    workload.AHT_P50,
    workload.AHT_P90,
    workload.AHT_LOG_SD,
    flow.RES_FIRST,
    timeliness.RES_FULL,
    timeliness.RES_FULL_P50,
    timeliness.RES_FULL_P90,
    (timeliness.res_within, "24h"),
    timeliness.CLOSE_IN_TIME,
    (flow.sla, "first_response"),
    flow.SOLVE_RATE,
    (flow.exchange_time, "returns"),
    flow.REQUESTER_WAIT,
    flow.DESK_TURN,
    (flow.stage, "open"),
    (flow.stage_total, "open"),
    (resolution.fcr_window, "7d"),
    (resolution.fcr_fast, "1h"),
    (resolution.repeat, "7d"),
    (flow.recur, "30d"),
    resolution.REOPEN,
    flow.REOPENS,
    flow.WAIT_CUSTOMER,
    flow.STATIONS,
    conversation.COMMENTERS,
    resolution.TRANSFERS,
    resolution.NO_TRANSFER,
    satisfaction.CSAT_TOP2,
    satisfaction.CSAT_MEAN,
    satisfaction.CSAT_LB,
    satisfaction.CSAT_RESPONSE,
    satisfaction.NEG_HANDLED,
    satisfaction.CES,
    consequences.NPS,
    consequences.QA_IQS,
    consequences.COMPLIANCE,
    consequences.QUALITY_SCORE,
    consequences.REWORK,
    consequences.EMPTY_REPLY,
    consequences.HOLD,
    consequences.COMPLAINT,
    consequences.CHURN,
    consequences.COST_PER_CONTACT,
    consequences.COST_PER_RESOLVED,
    commercial.COST_PER_SERVICE,
    commercial.COST_RATIO,
    commercial.FAULT,
    contribution.KB_NEW,
    contribution.KB_UPDATE,
    contribution.KB_CITE,
    contribution.KB_RATE,
    (contribution.kb_effect, "14d"),
    contribution.PROACTIVE,
    (contribution.csat_after_alert, "30d"),
    contribution.SUGGESTIONS,
    flow.COLLAB,
    contribution.TRAINING_HOURS,
    contribution.SKILL_SCORE,
    contribution.GROWTH,
    (commercial.referral, "30d"),
    (commercial.repurchase, "30d"),
    commercial.RETENTION,
    commercial.RENEWAL,
    commercial.CROSSSELL,
    commercial.CONVERT,
    commercial.INTENT,
    commercial.ADOPT,
    commercial.CHURN_EMP,
    workload.OCCUPANCY,
    workload.TIME_ON_DUTY,
    planned.ATTENDANCE,
    planned.ADHERENCE,
    planned.SHRINKAGE,
    workload.BACKLOG,
    workload.BACKLOG_END,
    workload.AGE_P90,
    workload.VOL_DIFF,
    workload.DIFFICULTY,
    workload.AGENTS,
    workload.THROUGHPUT,
)

_OTHERS: tuple[Entry, ...] = (
    other_definitions.FRT_OPEN,
    (other_definitions.frt_within_open, "10min"),
    other_definitions.RES_OPEN,
    own_time.RES_OWN,
    own_time.RES_OWN_OPEN,
    (other_definitions.frt_within_answered, "10min"),
    (other_definitions.frt_within_created, "10min"),
    (other_definitions.answered_within_served, "20s"),
    (other_definitions.answered_within_excused, "20s"),
    (other_definitions.answered_within_credited, "20s"),
    (other_definitions.excess_wait, "20s"),
    (other_definitions.reply_daytime, "3min"),
    conversation.FCR_ONETOUCH,
    conversation.FCR_REPLY1,
    conversation.FCR_CLOSED_REPLY1,
    conversation.FCR_NO_CUSTOMER,
    planned.OCCUPANCY_SCHEDULED,
    other_definitions.FCR_ONE_HANDLING,
    other_definitions.FCR_NEVER_WAITED,
    (other_definitions.fcr_net, "7d"),
    other_definitions.CSAT_GOOD,
    other_definitions.CSAT_NOT_BAD,
    satisfaction.CSAT_AT_RATING,
    satisfaction.CSAT_TOUCHED,
    other_definitions.RESPONDED,
    other_definitions.RATED,
    other_definitions.SOLVED,
    other_definitions.RES_BY_RESOLUTION,
)
"""Measured only when asked for: see `metrics.variants`."""

METRICS: dict[str, Metric | Template | NamedTemplate] = {
    (entry.id if isinstance(entry, Metric) else entry[0].__name__): (
        entry if isinstance(entry, Metric) else entry[0]
    )
    for entry in (*_ENTRIES, *_OTHERS)
}
"""Name without parameter -> the metric, or for a parametrised one the function that makes it."""
EXAMPLES: dict[str, str] = {
    entry[0].__name__: entry[1] for entry in (*_ENTRIES, *_OTHERS) if not isinstance(entry, Metric)
}
"""Usual parameter of the parametrised metrics."""
NAMED = frozenset({"sla", "exchange_time", "stage", "stage_total"})
"""Parametrised metrics whose parameter is a name, not a duration."""


@lru_cache(maxsize=512)
def get_metric(text: str) -> Metric:
    """Return the metric that people write as ``frt_p90`` or ``frt_within(10min)``.

    Raises
    ------
    InputError
        For an unknown name (with the nearest ones) or a wrong, missing or needless parameter.
    """
    call = _CALL.fullmatch(text)
    name = call.group(1) if call else text
    entry = METRICS.get(name)
    if call is None or entry is None:
        mend = nearest(name.split("(")[0], METRICS) or "svcsim list metrics shows all"
        raise InputError(Finding("metric", f"'{text}' is not a known metric", "", mend))
    parameter = call.group(2)
    if isinstance(entry, Metric):
        if parameter is not None:
            raise InputError(
                Finding("metric", f"'{text}'", f"{name} takes no parameter", f"write {name}")
            )
        return entry
    usual = f"write for example {name}({EXAMPLES[name]})"
    what = "a name" if name in NAMED else "a duration"
    if parameter is None or not parameter.strip():
        raise InputError(Finding("metric", f"'{text}'", f"{name} needs {what}", usual))
    if name in NAMED:
        return cast(NamedTemplate, entry)(parameter.strip())
    written = parameter.replace(" ", "")
    try:
        seconds = parse_duration(written)
    except ValueError as error:
        raise InputError(Finding("metric", f"'{text}'", str(error), usual)) from None
    if seconds <= 0:
        raise InputError(Finding("metric", f"'{text}'", "expected a duration above 0", usual))
    return cast(Template, entry)(written, seconds)


def named(text: str) -> Text:
    """Return what tables of people call a metric: its id, in Chinese its name."""
    return Text(text, get_metric(text).zh)


def list_metrics(others: bool = False) -> list[Metric]:
    """Return every metric of the catalogue, parametrised ones with their usual parameter.

    ``others``: also the other definitions, which are measured only when asked for.
    """
    return [
        entry if isinstance(entry, Metric) else get_metric(f"{entry[0].__name__}({entry[1]})")
        for entry in (*_ENTRIES, *(_OTHERS if others else ()))
    ]


def markdown() -> str:
    """Return the page docs/metrics.md: the rules for all metrics, then every definition."""
    lines = [_PAGE]
    every = list_metrics(others=True)
    for family in dict.fromkeys(metric.family for metric in every):
        lines.append(f"\n## {family.capitalize()}\n")
        for metric in every:
            if metric.family == family:
                lines += _entry(metric)
    return "\n".join(lines)


def _entry(metric: Metric) -> list[str]:
    needs = ", ".join(f"`{need}`" for need in metric.needs).replace("|", "` or `")
    dated = ", else ".join(f"`{name}`" for name in metric.dated_by)
    return [
        f"### {metric.id}",
        "",
        f"{metric.zh} · {metric.en}",
        "",
        metric.formula.en,
        "",
        metric.formula.zh,
        "",
        f"Unit {metric.unit}; better {metric.better}; dated by {dated}; needs {needs}; thin below "
        f"n = {metric.min_n}. Source: {metric.source}. Definition `{metric.definition}`.",
        "",
    ]


_PAGE = """\
<!-- Written by svcsim.metrics.catalogue.markdown(); change the declarations, not this page. -->
# Metrics

One definition serves history, simulation and live periods. Parameters are written in call style:
`frt_within(10min)`, `fcr_window(7d)`.

## Rules for all metrics

- **Empty is unknown.** A group without contacts that count has no value and n = 0; it is never
  0 or 100 %.
- **Ratios of sums**, never means of ratios: n adds up over groups, a share is Σ counts / Σ n.
- **The window** of a log is one of opening times. Without a period the contacts opened in it
  count, whatever happened to them later. Contacts outside it are context: they tell of repeats and
  backlog.
- **Periods** are local and half open: a contact at midnight belongs to the day that begins. A
  contact belongs to the period of its metric's date (see "dated by"). Periods are cut to the
  window.
- **"Within d"** means at most d. A contact has a verdict only once d has passed before the end of
  knowledge of the log; until then it is in neither numerator nor denominator.
- **Contacts still running** are kept: quantiles of first response and resolution time take them as
  at least their time so far (Kaplan-Meier).
- **Replications** of a simulation are always groups of their own.
- **Intervals** are two-sided 95 %. Shares: Wilson; for shares of a queue (limits kept, answered,
  abandoned) with the effective sample size that the spread between days gives. Means and ratios:
  Student's t, standard errors clustered by local day once a group has 8 days or more. Quantiles:
  order statistics. Counts, backlog, occupancy and time on duty are not samples and have none.
- **Definition** is a short hash of what the number means. Two results are comparable when their
  hashes are equal.
"""
