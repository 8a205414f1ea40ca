"""Cards held against the desk: in how many simulated periods each of their targets is met."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from svcsim.metrics.catalogue import get_metric
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.scorecard import Scorecard
from svcsim.targets.attainment import joint, p_met
from svcsim.targets.proposal import CardVerdict, Probability
from svcsim.text import Text, listed
from svcsim.units import format_value

TOO_EASY, TOO_HARD = 0.97, 0.2


def card_metrics(cards: Mapping[str, Scorecard]) -> list[str]:
    """Return every metric that some card asks for, once, in order."""
    return list(dict.fromkeys(kpi.metric for card in cards.values() for kpi in card.kpis))


def judge_card(
    name: str,
    card: Scorecard,
    runs: pd.DataFrame,
    *,
    start: str,
    days: int,
    unmeasured: Mapping[str, tuple[str, str]],
    doubtful: Mapping[str, tuple[str, str]],
) -> CardVerdict:
    """Return what becomes of a card's targets on the desk as it is.

    Parameters
    ----------
    runs : DataFrame
        Replications x metrics of the desk as it is; one row is a period of ``days``.
    start : str
        First local day of the period (ISO): the stage of dated targets in force.
    unmeasured : mapping
        Metric -> reason (en, zh) why it has no value here.
    doubtful : mapping
        Metric -> reason (en, zh) why its probability is to be read with care.
    """
    rows = [_row(kpi, card, runs, start, unmeasured) for kpi in card.kpis]
    pairs = {r["metric"]: (r["target"], r["direction"]) for r in rows if r["p_met"] is not None}
    together = joint(runs, pairs) if pairs else None
    verdict = _verdict(rows, together, days)
    warnings = [*_warnings(rows, card, days), *_doubts(rows, doubtful)]
    return CardVerdict(
        card=name,
        zh=card.zh,
        p_joint=together,
        targets=tuple(rows),
        verdict=verdict.en,
        verdict_zh=verdict.zh,
        warnings=tuple(text.en for text in warnings),
        warnings_zh=tuple(text.zh for text in warnings),
    )


def judge_cards(
    cards: Mapping[str, Scorecard],
    runs: pd.DataFrame,
    *,
    start: str,
    days: int,
    unmeasured: Mapping[str, tuple[str, str]],
    doubtful: Mapping[str, tuple[str, str]],
) -> tuple[CardVerdict, ...]:
    """Return the verdict on every card."""
    return tuple(
        judge_card(
            name, card, runs, start=start, days=days, unmeasured=unmeasured, doubtful=doubtful
        )
        for name, card in cards.items()
    )


def _row(
    kpi: Kpi,
    card: Scorecard,
    runs: pd.DataFrame,
    start: str,
    unmeasured: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    """Return one target of a card with its P(met), or null and the reason."""
    target = kpi.target_on(start)
    reason = _reason(kpi, runs, unmeasured)
    chance = None if reason else p_met(runs[kpi.metric], target, kpi.better)
    return {
        "metric": kpi.metric,
        "target": target,
        "direction": kpi.better,
        "weight": kpi.weight,
        "period": kpi.period or card.period,
        "p_met": chance.model_dump() if chance is not None else None,
        "why": reason.en if reason else "",
        "why_zh": reason.zh if reason else "",
    }


def _reason(kpi: Kpi, runs: pd.DataFrame, unmeasured: Mapping[str, tuple[str, str]]) -> Text | None:
    if kpi.metric in unmeasured:
        en, zh = unmeasured[kpi.metric]
        return Text(en, zh)
    if kpi.metric not in runs or runs[kpi.metric].isna().all():
        return Text("the simulated desk has no value for it", "模拟中没有该指标的数值")
    return None


def _ask(row: Mapping[str, Any]) -> Text:
    """Return what a target asks; Chinese sentences set it in quotation marks."""
    sign = "≤" if row["direction"] == "lower" else "≥"
    value = format_value(row["target"], get_metric(row["metric"]).unit)
    ask = Text(f"{sign} {value}", f"{sign} {value.zh}")
    return Text("{name} {ask}", "“{name} {ask}”").fill(name=_name(row), ask=ask)


def _name(row: Mapping[str, Any]) -> Text:
    metric = get_metric(row["metric"])
    return Text(metric.en, metric.zh)


def _doubts(
    rows: Sequence[Mapping[str, Any]], doubtful: Mapping[str, tuple[str, str]]
) -> list[Text]:
    out = []
    for row in rows:
        if row["p_met"] is not None and row["metric"] in doubtful:
            en, zh = doubtful[row["metric"]]
            text = Text("{name}: {why}.", "{name}：{why}。")
            out.append(text.fill(name=_name(row), why=Text(en, zh)))
    return out


def _known(rows: Collection[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Probability]]:
    return [(r, Probability.model_validate(r["p_met"])) for r in rows if r["p_met"] is not None]


def _hits(chance: Probability) -> int:
    return round(chance.value * chance.n)


def _verdict(rows: list[dict[str, Any]], together: Probability | None, days: int) -> Text:
    known = _known(rows)
    if not known or together is None:
        return Text(
            "The history lacks the data for every KPI of this card; nothing can be said.",
            "历史数据无法支持该方案的任何指标，无法评价。",
        )
    row, least = min(known, key=lambda pair: pair[1].value)
    parts = [
        Text(
            "{ask} is met in {hits} of {n} simulated {days}-day periods",
            "{ask}在 {n} 个模拟周期（每期 {days} 天）中达成 {hits} 次",
        ).fill(ask=_ask(row), hits=_hits(least), n=least.n, days=days)
    ]
    if len(known) > 1:
        parts.append(
            Text(
                f"; all {len(known)} measurable targets together in {_hits(together)}",
                f"；{len(known)} 项可测目标同时达成 {_hits(together)} 次",
            )
        )
    blind = len(rows) - len(known)
    if blind:
        share = f"{sum(r['weight'] for r in rows if r['p_met'] is None):.0%}"
        noun = "KPI" if blind == 1 else "KPIs"
        parts.append(
            Text(
                f"; {blind} {noun} ({share} of the weight) cannot be measured here",
                f"；另有 {blind} 项（权重 {share}）数据不足无法测算",
            )
        )
    return listed([*parts, Text(".", "。")], ("", ""))


def _warnings(rows: list[dict[str, Any]], card: Scorecard, days: int) -> list[Text]:
    out = []
    for row, chance in _known(rows):
        p = f"{chance.value:.0%}"
        if chance.value < TOO_HARD:
            text = Text(
                "{ask} is out of reach as the desk is (P = {p}).",
                "{ask}在现状下难以达到（概率 {p}）。",
            )
        elif chance.value > TOO_EASY:
            text = Text(
                "{ask} is met anyway (P = {p}); it asks for nothing.",
                "{ask}本来就能达到（概率 {p}），没有牵引力。",
            )
        else:
            continue
        out.append(text.fill(ask=_ask(row), p=p))
    if any(row["period"] == "quarter" for row in rows):
        out.append(
            Text(
                f"Targets of a quarter are judged on {days} days here: a longer period swings "
                "less, so a target on the good side of the median is met more often, one on the "
                "bad side less.",
                f"季度目标在此按 {days} 天评判：周期越长波动越小，优于中位数一侧的目标实际更易"
                "达成，另一侧则更难。",
            )
        )
    if len(card.kpis) > 5:
        number = len(card.kpis)
        out.append(
            Text(
                f"{number} KPIs; more than five pull in too many directions.",
                f"共 {number} 个指标，超过五个容易顾此失彼。",
            )
        )
    return out
