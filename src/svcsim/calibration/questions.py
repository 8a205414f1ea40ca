"""The answers of a planner that would improve a baseline most, asked for by name.

The size of a question is the half-width of the 90 % interval, relative to the KPI, that is due to
not knowing the answer: ``elasticity x uncertainty of the input``. Waits react to capacity and to
work per contact alike (only their ratio counts), by about 8 % per 1 % where a desk is loaded to
60 % or more (7.8 measured at a mean load of .62 with daily peaks above capacity), by
proportionally less on a quieter one. The uncertainty is half the width of the interval on the log
scale where the baseline has one, else that of the table below. Where the busy factor was tuned to
the waits, it has taken up what is off at all hours alike: of what is not known of hours and
handling times half is left, the part that differs between hours, teams and categories.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from svcsim.calibration.overrides import time_per_contact
from svcsim.model.baseline import Baseline
from svcsim.model.load import contacts_per_week, loads
from svcsim.model.quantity import Quantity
from svcsim.model.questions import Question
from svcsim.model.service import ServiceModel
from svcsim.text import Text

MOST = 3
LEFT = 0.5
"""What a tuned busy factor leaves of the uncertainty of hours and handling times."""
ELASTICITY, BUSY = 8.0, 0.6
"""Elasticity of the mean wait to capacity, and the load from which it is reached."""
CAPACITY = {"measured": 0.02, "given": 0.02, "proxy": 0.10, "assumed": 0.20}
"""Uncertainty of the hours on duty by the grade of the roster (one agent in ten if inferred)."""
UNKNOWN_SHRINKAGE = 0.10
"""Usual shrinkage inside shifts is 5 to 25 % of paid time: half of that span."""
HOLIDAY_ERROR = 0.5
"""Volume of a day that is a holiday, or not, without the calendar knowing."""
HOLIDAYS_A_MONTH = 0.8
UNKNOWN_REPEATS = 0.12
"""Share of contacts that come back where nobody counts them (the prior of short histories)."""


@dataclass(frozen=True)
class _Asked:
    ask: Text
    why: Text
    how: Text
    kpi: Text


_WAIT = Text("waits", "等待时间")
_ASKED = {
    "roster": _Asked(
        Text("Who was on duty when?", "哪些人在什么时间在岗？"),
        Text(
            "hours on duty are {grade}, and 1 % of capacity moves waits by about "
            "{elasticity:.1f} %",
            "在岗时间为{grade}，产能每差 1%，等待约变化 {elasticity:.1f}%",
        ),
        Text(
            "--roster FILE (CSV: agent, team, date or weekday, start, end)",
            "--roster 文件（CSV：坐席、班组、日期或星期、开始、结束）",
        ),
        _WAIT,
    ),
    "aht": _Asked(
        Text(
            "How long does a contact take, by category?", "各类别平均每单要处理多久？"
        ),
        Text(
            "handling times are known within {spread} (90 %; largest part: {category}, {grade}), "
            "and work moves waits as capacity does",
            "处理时间只知道在 {spread} 以内（90%；影响最大：{category}，{grade}），"
            "工作量对等待的影响与产能相同",
        ),
        Text(
            "--aht FILE (CSV: category, minutes; optional team, low, high)",
            "--aht 文件（CSV：类别、分钟；可选班组、下限、上限）",
        ),
        _WAIT,
    ),
    "shrinkage": _Asked(
        Text(
            "What share of paid time goes to meetings, training and breaks that the roster does "
            "not show?",
            "付薪时间中，班表未列出的会议、培训和小休占多大比例？",
        ),
        Text(
            "it is hidden in one factor with the roster and the handling times (busy factor "
            "{factor:.2f}); changes of staff or of work need it apart",
            "它与班表、处理时间合在一个占用系数（{factor:.2f}）里；评估增减人手或工作量需要单独知道",
        ),
        Text(
            "--shrinkage 20%, or FILE (CSV: team, share)",
            "--shrinkage 20%，或文件（CSV：班组、占比）",
        ),
        _WAIT,
    ),
    "calendar": _Asked(
        Text("Which days are holidays, or worked in exchange?", "哪些日子放假或调休上班？"),
        Text(
            "no holiday is known, so a holiday in the period looks like an ordinary day",
            "没有节假日信息，周期内的假日会被当作普通日",
        ),
        Text.same("--calendar"),
        Text("volume of a month", "月业务量"),
    ),
    "customer": _Asked(
        Text(
            "Which customer, or which case, does a contact belong to?",
            "每单属于哪个客户或个案？",
        ),
        Text(
            "without it repeat contacts cannot be seen, so first-contact resolution is only "
            "1 - reopened",
            "没有它就看不到重复来访，一次解决率只能取 1 − 重开率",
        ),
        Text(
            "a column customer or case_id in the mapping (docs/mapping.md)",
            "在映射中加入客户或个案编号列（docs/mapping.md）",
        ),
        Text("first-contact resolution", "一次解决率"),
    ),
    "survey_sent": _Asked(
        Text("To whom was a survey sent?", "调查发给了哪些联络？"),
        Text(
            "{answers} of {contacts} contacts are scored; if the others are less satisfied (odds "
            "x .5), satisfaction is {low:.1%} instead of {value:.1%}",
            "{contacts} 个联络中 {answers} 个有评价；若其余的满意优势只有一半，"
            "满意度是 {low:.1%} 而不是 {value:.1%}",
        ),
        Text(
            "a column survey_sent in the mapping (docs/mapping.md)",
            "在映射中加入是否发送调查列（docs/mapping.md）",
        ),
        Text("satisfaction", "满意度"),
    ),
    "history": _Asked(
        Text("Is there an older history?", "是否有更早的历史？"),
        Text(
            "under four weeks tell one season from one odd week only by priors",
            "不足四周的历史只能靠先验区分常态与偶然",
        ),
        Text(
            "--from earlier, or several exports with a glob",
            "--from 提前，或用通配符读入多份导出",
        ),
        Text("volume", "业务量"),
    ),
}  # fmt: skip
_GRADES = {
    "measured": Text("measured", "实测"),
    "given": Text("given", "给定"),
    "proxy": Text("inferred", "推断"),
    "assumed": Text("assumed", "假设"),
}


def questions(baseline: Baseline, most: int = MOST) -> tuple[Question, ...]:
    """Return the questions whose answers would narrow the baseline's KPIs most, largest first."""
    asked = sorted(_all(baseline), key=lambda q: -q.size)
    return tuple(question for question in asked[:most] if question.size > 0)


def elasticity(model: ServiceModel) -> float:
    """Return percent of mean wait per percent of capacity: ``8 min(load / .6, 1)``."""
    load = loads(model)[-1].rho
    return ELASTICITY * min(load / BUSY, 1.0)


def _all(baseline: Baseline) -> Iterator[Question]:
    model = baseline.model
    slope = elasticity(model)
    factor = model.staffing.slowdown
    left = LEFT if factor.grade == "proxy" else 1.0
    grade = model.staffing.presence.grade
    if grade != "given":
        yield _question(
            "roster", left * slope * CAPACITY[grade], grade=_GRADES[grade], elasticity=slope
        )
    if any(category.handling.mean.grade != "given" for category in model.categories.values()):
        yield _about_times(model, left * slope)
    if not model.staffing.shrinkage:
        spread = _log_half(factor) if factor.grade == "proxy" else UNKNOWN_SHRINKAGE
        yield _question("shrinkage", slope * spread, factor=factor.value)
    missing = {rung.name for rung in baseline.ladder if not rung.present}
    if not model.holidays:
        yield _question("calendar", HOLIDAY_ERROR * HOLIDAYS_A_MONTH / 30.0)
    if "customer" in missing:
        yield _question("customer", UNKNOWN_REPEATS)
    found = baseline.satisfaction
    if "survey_sent" in missing and found is not None and found.value:
        low = min(found.sensitivity.values())
        yield _question(
            "survey_sent", abs(found.value - low) / abs(found.value),
            answers=found.answers, contacts=found.contacts, low=low, value=found.value,
        )  # fmt: skip
    if "weeks" in missing:
        yield _question("history", _log_half(model.arrivals.level))


def _about_times(model: ServiceModel, slope: float) -> Question:
    """Return the question for handling times; errors of categories add up as independent ones.

    Where the level is inferred (not recorded) the method's error is common to all categories.
    """
    work = {
        name: contacts_per_week(model, category) * time_per_contact(model, category)
        for name, category in model.categories.items()
    }
    total = sum(work.values()) or 1.0
    part = {
        name: work[name] / total * _log_half(category.handling.mean)
        for name, category in model.categories.items()
        if category.handling.mean.grade != "given"
    }
    common = any(model.categories[n].handling.mean.grade in ("proxy", "assumed") for n in part)
    spread = sum(part.values()) if common else math.sqrt(sum(p * p for p in part.values()))
    worst = max(part, key=lambda name: part[name])
    grade = model.categories[worst].handling.mean.grade
    return _question(
        "aht", slope * spread, spread=f"±{math.expm1(spread):.0%}", category=worst,
        grade=_GRADES[grade],
    )  # fmt: skip


def _question(name: str, size: float, **told: object) -> Question:
    row = _ASKED[name]
    wide = min(math.expm1(size), 9.99) if row.kpi is _WAIT else size
    effect = Text(
        "{kpi}: uncertain by about ±{wide:.0%} without it", "{kpi}：没有它，约差 ±{wide:.0%}"
    )
    if wide > 1.0:
        effect = Text(
            "{kpi}: uncertain by a factor of {factor:.1f} without it",
            "{kpi}：没有它，相差可达 {factor:.1f} 倍",
        )
    return Question(
        name=name,
        ask=row.ask,
        why=row.why.fill(**told),
        how=row.how,
        effect=effect.fill(kpi=row.kpi, wide=wide, factor=1.0 + wide),
        size=round(size, 6),
    )


def _log_half(quantity: Quantity) -> float:
    """Return half the width of a quantity's interval on the log scale (0: exact)."""
    interval = quantity.interval
    if interval is None:
        return 0.0
    low, high = interval
    return 0.5 * math.log(high / low) if low > 0 else 1.0
