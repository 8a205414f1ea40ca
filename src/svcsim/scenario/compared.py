"""What the changes of a scenario bring along without saying so, told beside what they say."""

from __future__ import annotations

from svcsim.errors import nearest
from svcsim.model.service import ServiceModel
from svcsim.text import Text, listed
from svcsim.units import format_share

FOLLOWED_UP = 0.05
"""``again`` from which on it is told that live contacts have no follow-ups."""
_ROUNDING = 0.005

FOLLOW_UPS = Text(
    "more live contacts in category {which}: a live contact is never left pending (rule R5), so "
    "the follow-ups behind `again` go away with the tickets, and handling time (aht) and occupancy "
    "fall for that reason alone; where that work stays, raise handling.mean",
    "类别 {which}的实时联络增多：实时联络不会挂起（规则 R5），工单的后续处理（again）随之消失，"
    "处理时长（aht）和占用率仅因此就会下降；如果这些工作仍然存在，请提高 handling.mean",
)
_CATEGORY = Text(
    "{name} (again {again}; live share {old} -> {new})",
    "{name}（again 为 {again}；实时占比 {old} → {new}）",
)
PRIORITY = Text(
    "priority '{name}' occurs in no category of the baseline (known: {known}{hint}); it has no "
    "{what} and is not served any sooner for its name",
    "优先级“{name}”在基线的任何类别中都不存在（已有：{known}{hint}）；调度规则中没有为它设定"
    "{what}，不会仅因名称而提前处理",
)
_CREDIT = Text("credit (routing.credit.{name})", "等待加计（routing.credit.{name}）")
_DUE = Text("due time (routing.due)", "到期时限（routing.due）")
_MEANT = Text("; did you mean {name}?", "；是否想写 {name}？")


def compared(before: ServiceModel, after: ServiceModel) -> list[Text]:
    """Return remarks on a changed desk that only a look at the unchanged one can give."""
    return [*_no_follow_ups(before, after), *_new_priorities(before, after)]


def _no_follow_ups(before: ServiceModel, after: ServiceModel) -> list[Text]:
    """Tell which categories lose pending follow-ups because more of their contacts are live."""
    which = []
    for name, category in after.categories.items():
        old, new = before.live_share(before.categories[name]), after.live_share(category)
        if category.again.value >= FOLLOWED_UP and new > old + _ROUNDING:
            shares = {"again": category.again.value, "old": old, "new": new}
            told = {key: format_share(share, 3) for key, share in shares.items()}
            which.append(_CATEGORY.fill(name=name, **told))
    return [FOLLOW_UPS.fill(which=listed(which, (", ", "、")))] if which else []


def _new_priorities(before: ServiceModel, after: ServiceModel) -> list[Text]:
    """Tell priorities that the baseline lacks and the routing does not know: they do nothing."""
    known, given = _priorities(before), _priorities(after)
    due = after.routing.discipline == "due"
    named = after.routing.due if due else after.routing.credit
    out = []
    for name in given:
        if name in known or name in named:
            continue
        close = nearest(name, known, n=1).removeprefix("Did you mean ").removesuffix("?")
        hint = _MEANT.fill(name=close) if close else ""
        what = _DUE if due else _CREDIT.fill(name=name)
        out.append(PRIORITY.fill(name=name, known=", ".join(known), hint=hint, what=what))
    return out


def _priorities(model: ServiceModel) -> list[str]:
    """Return the priorities that contacts of some category have."""
    each = (
        p for category in model.categories.values() for p, s in category.priorities.items() if s
    )
    return list(dict.fromkeys(each))
