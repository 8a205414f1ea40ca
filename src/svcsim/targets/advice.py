"""Advice: what a reader of a proposal must know before acting on it, in words, both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.model.service import ServiceModel
from svcsim.study.gate import SLOWDOWN, gate
from svcsim.targets.capacity import team_hours
from svcsim.targets.proposal import Stage, Warn
from svcsim.targets.reliability import TEAM_ONLY, AgentReliability
from svcsim.targets.stages import INFEASIBLE
from svcsim.targets.weights import dimension, pace_only
from svcsim.text import Text
from svcsim.units import format_value, spoken_duration

LOUD = ("pace only", "few periods", "opening")
"""Kinds of warnings that always stand on the first page and on the terminal."""
TOO_EASY = 0.97
BUSY = 0.88
GROWS = 1.5
SURE_FROM_WEEKS = 12
FEW_PERIODS = 60
"""Simulated periods as is below which chances are too coarse to act on."""


def exploratory(baseline: Baseline) -> list[Text]:
    """Return why numbers from this baseline must not yet be promised (empty: they may)."""
    return list(gate(baseline))


def about_baseline(baseline: Baseline) -> list[Warn]:
    """Return what limits every number: fidelity, capacity by guess, a changed desk."""
    out: list[Warn] = []
    fidelity = baseline.fidelity
    if fidelity.verdict == "fail":
        out.append(
            Warn(
                kind="fidelity",
                text="Exploratory: the baseline does not give back its held-out history "
                f"({fidelity.why}). Use the numbers to ask questions, not to set targets; true "
                "chances may be 10 points and more from those shown.",
                zh="仅供探索：基线未能复现留出的历史数据。以下数字可用于讨论，不宜直接定为目标；"
                "实际概率可能偏离 10 个百分点以上。",
            )
        )
    elif fidelity.verdict == "warn":
        out.append(
            Warn(
                kind="fidelity",
                text=f"Exploratory: the baseline gives most of its held-out history back, not all: "
                f"{fidelity.why}.",
                zh="仅供探索：基线能复现大部分而非全部留出的历史数据，请结合保真度表阅读。",
            )
        )
    elif fidelity.verdict == "none":
        out.append(
            Warn(
                kind="fidelity",
                text="Exploratory: nobody has checked whether this baseline gives back history it "
                "has not seen. Run svcsim calibrate with held-out weeks first.",
                zh="仅供探索：尚未检验该基线能否复现未见过的历史，请先用留出周校准。",
            )
        )
    return [*out, *_capacity(baseline), *_drift(baseline)]


def about_desk(
    model: ServiceModel, runs: pd.DataFrame, observed: pd.DataFrame | None
) -> list[Warn]:
    """Return overload and an unstable queue, from the desk simulated as it is."""
    out: list[Warn] = []
    for hours in team_hours(model).values():
        if hours.load > 1.0:
            out.append(
                Warn(
                    kind="overload",
                    text=f"{hours.team}: {hours.offered:.0f} hours of work arrive a week for "
                    f"{hours.staffed:.0f} rostered hours; the rest is done after hours or waits.",
                    zh=f"{hours.team}：每周需处理 {hours.offered:.0f} 小时，排班仅 "
                    f"{hours.staffed:.0f} 小时，其余靠加班或积压。",
                )
            )
    busy = float(runs["occupancy"].median()) if "occupancy" in runs else np.nan
    if busy > BUSY:
        out.append(
            Warn(
                kind="overload",
                text=f"Agents are busy {busy:.0%} of their staffed time (above {BUSY:.0%}): "
                "targets under overload buy rushed work; add capacity before ambition.",
                zh=f"客服占用率 {busy:.0%}，超过 {BUSY:.0%}：过载下加码目标只会换来赶工，"
                "应先补足人力。",
                metric="occupancy",
            )
        )
    if observed is None or "backlog_end" not in runs:
        return out
    seen = observed.loc[observed["metric"] == "backlog_end", "value"].tail(3)
    ahead = float(runs["backlog_end"].median())
    before = float(seen.median()) if len(seen) else np.nan
    if ahead > GROWS * before and ahead - before > 10:
        out.append(
            Warn(
                kind="backlog",
                text=f"The backlog does not settle: {before:.0f} open contacts at the end of "
                f"recent periods, {ahead:.0f} at the end of the simulated one. Waiting times grow "
                "with it, so targets on them hold for this period only.",
                zh=f"积压未趋稳：近期期末 {before:.0f} 件，模拟期末 {ahead:.0f} 件；"
                "等待类指标会随之恶化，相关目标仅适用于本期。",
                metric="backlog_end",
            )
        )
    return out


def about_stages(
    stages: Sequence[Stage], reliability: Mapping[str, AgentReliability]
) -> list[Warn]:
    """Return targets that are too easy, too hard, lost in noise, or luck for one person."""
    out: list[Warn] = []
    for target in stages[0].targets if stages else ():
        metric = get_metric(target.metric)
        asked = format_value(target.value, target.unit)
        chance = target.p_met_as_is.value
        if chance > TOO_EASY:
            out.append(
                Warn(
                    kind="too easy",
                    text=f"{asked} is met in {chance:.0%} of periods without any change.",
                    zh=f"{asked.zh} 不作任何改变也有 {chance:.0%} 的周期达成，偏松。",
                    metric=target.metric,
                )
            )
        if target.n_period < metric.min_n:
            out.append(
                Warn(
                    kind="thin",
                    text=f"only about {target.n_period:.0f} contacts a period count; at least "
                    f"{metric.min_n} are needed to judge. Pool periods.",
                    zh=f"每期仅约 {target.n_period:.0f} 个样本，至少需要 {metric.min_n} 个，"
                    "应合并周期评判。",
                    metric=target.metric,
                )
            )
        out += _personal(target.metric, reliability.get(target.metric))
    for stage in stages:
        out += _stage(stage)
    return out


def about_balance(metrics: Sequence[str]) -> list[Warn]:
    """Return what a card of these KPIs leaves out: customers' own verdict, a guard of quality."""
    covered = {dimension(metric) for metric in metrics}
    if not covered or "satisfaction" in covered:
        return []
    if pace_only(metrics):
        return [
            Warn(
                kind="pace only",
                text="Targets for discussion only, no scorecard: they ask for handling time or "
                "volume alone, and a card of speed alone buys rushed work and repeat contacts. "
                "The KPIs of resolution and satisfaction and why they are missing stand in the "
                "table of KPIs not proposed.",
                zh="目标仅供讨论，未生成考核表：只涉及处理时长或数量，没有质量指标制衡，容易换来"
                "草率处理和重复来访。解决质量和满意度指标缺失的原因见“不建议的指标”表。",
            )
        ]
    out = [
        Warn(
            kind="satisfaction",
            text="No satisfaction KPI could be proposed, so none has the 30 % that it should "
            "have. Start asking customers before anything is paid on this card.",
            zh="无法提议满意度指标（本应占 30% 以上）。与奖金挂钩之前，请先建立满意度调查。",
        )
    ]
    if "resolution" not in covered:
        out.append(
            Warn(
                kind="balance",
                text="Every target here is about pace; nothing guards quality. A card like this "
                "buys rushed work and repeat contacts.",
                zh="所有目标都与速度有关，没有质量指标制衡，容易换来赶工和重复来电。",
            )
        )
    return out


def loud(warnings: Sequence[Warn]) -> list[Warn]:
    """Return the warnings that nobody may miss (`LOUD`), in order of that list."""
    return sorted((x for x in warnings if x.kind in LOUD), key=lambda x: LOUD.index(x.kind))


def about_promises(weeks: float, n_kpis: int) -> list[Warn]:
    """Return what a nominal probability is worth, and what the simulation leaves out."""
    first = (
        "Chances are nominal: they have not been checked against this desk's own later periods "
        "yet. What the model gets wrong is not in them, so expect targets to be met somewhat less "
        f"often than stated, most of all after a short history (here {weeks:.0f} weeks)."
    )
    out = [
        Warn(
            kind="promise",
            text=first,
            zh="概率为名义值，尚未用本团队后续周期校验；模型自身的误差未计入，实际达成率可能略低，"
            f"历史越短越明显（本次历史 {weeks:.0f} 周）。",
        ),
        Warn(
            kind="levers",
            text="How large each change is, is an assumption of this proposal; what it does to "
            "the KPIs is simulated. Pilot a change before promising its stage. Stages 2 and 3 "
            "assume the demand and the team of today.",
            zh="各项改进的幅度是假设，其对指标的影响由模拟得出；请先试点再承诺相应阶段。"
            "第二、三阶段按当前业务量与团队测算。",
        ),
    ]
    if weeks < SURE_FROM_WEEKS:
        out.append(
            Warn(
                kind="history",
                text=f"{weeks:.0f} weeks of history are little: {SURE_FROM_WEEKS} or more show "
                "how weeks differ.",
                zh=f"历史只有 {weeks:.0f} 周，偏短；{SURE_FROM_WEEKS} 周以上才能看出周间差异。",
            )
        )
    if n_kpis == 0:
        out.insert(
            0,
            Warn(
                kind="no target",
                text="No KPI could be proposed; the table of reasons says what is missing.",
                zh="没有可提议的指标，原因见“未提议指标”表。",
            ),
        )
    return out


def about_evidence(replications: int, *, history: bool) -> list[Warn]:
    """Return what every number lacks: simulated periods, a history."""
    out: list[Warn] = []
    half = replications // 2
    if replications < FEW_PERIODS:
        coarse = round(50 / math.sqrt(max(half, 1)))
        out.append(
            Warn(
                kind="few periods",
                text=f"Few simulated periods: {replications} as is, half of which choose the "
                f"targets, so {half} stand behind each chance as is and no more behind those after "
                f"a change. A chance near 50 % is known to about {coarse} points (standard "
                f"error). A look, not a proposal: use {FEW_PERIODS} or more (-n).",
                zh=f"模拟周期太少：维持现状仅 {replications} 期，其中一半用于选定目标，每个现状达成"
                f"概率只依据 {half} 期，变更后的不会更多；"
                f"50% 附近的概率标准误约 {coarse} 个百分点。"
                f"只可初看，正式建议请用 {FEW_PERIODS} 期以上（-n）。",
            )
        )
    if not history:
        out.append(
            Warn(
                kind="opening",
                text="No history was given (--log): the simulated desk starts without a backlog, "
                "so its waits are flattered; nothing is known about single agents; what stands "
                "as the value now is simulated, not observed.",
                zh="未提供历史数据（--log）：模拟从零积压开始，等待时间偏乐观；无法判断个人差异；"
                "“当前”数值为模拟值，并非实际观测。",
            )
        )
    return out


def _capacity(baseline: Baseline) -> list[Warn]:
    staffing = baseline.model.staffing
    out = []
    grade = staffing.presence.grade
    if grade not in ("measured", "given"):
        source = "inferred from activity" if grade == "proxy" else "assumed"
        source_zh = "由操作记录推断" if grade == "proxy" else "按假设取值"
        out.append(
            Warn(
                kind="capacity",
                text=f"Who was on duty when is {source}, not taken from a roster. 1 % of capacity "
                "moves waits by several percent: confirm the roster before promising times.",
                zh=f"在岗时间{source_zh}，并非来自排班表。产能差 1% 会使等待变化数个百分点，"
                "承诺时效前请核对排班。",
            )
        )
    factor = staffing.slowdown.value
    if not SLOWDOWN[0] <= factor <= SLOWDOWN[1]:
        out.append(
            Warn(
                kind="slowdown",
                text=f"Agents had to be made busy {factor:.2f} times the recorded minutes for "
                f"waits to match (usual: {SLOWDOWN[0]} to {SLOWDOWN[1]}): the roster or the "
                "handling times are wrong somewhere.",
                zh=f"为使等待吻合，占用时间须取记录时间的 {factor:.2f} 倍"
                f"（正常 {SLOWDOWN[0]}–{SLOWDOWN[1]}）：排班或处理时长记录有误。",
            )
        )
    return out


def _drift(baseline: Baseline) -> list[Warn]:
    return [
        Warn(
            kind="drift",
            text=f"The desk changed inside its history: {drift.what} from {drift.when} on "
            f"({drift.before} before, {drift.after} after). Fit on the time after it.",
            zh=f"历史期内发生变化：{drift.what.in_('zh')} 自 {drift.when} 起由 "
            f"{spoken_duration(drift.before).zh} 变为 "
            f"{spoken_duration(drift.after).zh}，建议只用其后的数据校准。",
        )
        for drift in baseline.drift
    ]


def _personal(metric: str, found: AgentReliability | None) -> list[Warn]:
    if found is None or found.value is None or found.value >= TEAM_ONLY:
        return []
    many = np.isfinite(found.n_for_pay) and found.n_for_pay < 1000 * max(found.n, 1.0)
    enough = f"{found.n_for_pay:.0f}" if many else "more than anybody has"
    enough_zh = f"约需 {found.n_for_pay:.0f} 个" if many else "实际无法达到"
    return [
        Warn(
            kind="reliability",
            text=f"team target only: of the spread between agents' period values {found.value:.0%} "
            f"is real, the rest luck ({found.n:.0f} contacts an agent and period; {enough} would "
            "be needed to pay on it).",
            zh=f"只宜作团队目标：单期个人差异中真实部分仅 {found.value:.0%}，其余为偶然"
            f"（每人每期约 {found.n:.0f} 个样本，与奖金挂钩{enough_zh}）。",
            metric=metric,
        )
    ]


def _stage(stage: Stage) -> list[Warn]:
    out = []
    for target in stage.targets:
        if target.p_met_after.value < INFEASIBLE:
            asked = format_value(target.value, target.unit)
            out.append(
                Warn(
                    kind="too hard",
                    text=f"{stage.name}: {asked} is met in {target.p_met_after.value:.0%} of "
                    "periods even after the change.",
                    zh=f"{stage.zh}：{asked.zh} 即使改进后也只有 {target.p_met_after.value:.0%} "
                    "的周期达成。",
                    metric=target.metric,
                )
            )
    same = [target for target in stage.targets if "noise" in target.warning]
    if same:
        names, names_zh = ", ".join(t.en for t in same), "、".join(t.zh for t in same)
        out.append(
            Warn(
                kind="noise",
                text=f"{stage.name} asks for no more than the stage before on {names}: the step "
                "would be smaller than the chance between two periods.",
                zh=f"{stage.zh}的{names_zh}与上一阶段相同：差距小于周期间的随机波动。",
            )
        )
    return out
