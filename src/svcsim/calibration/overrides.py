"""What planners know takes the place of what was inferred; where the two disagree it is said."""

from __future__ import annotations

from collections.abc import Mapping

from svcsim.calibration.estimator import NO_CATEGORY
from svcsim.calibration.groups import ONE_CATEGORY, category_groups, team_groups
from svcsim.calibration.planner import GivenTime, Known, given
from svcsim.calibration.roster import Roster
from svcsim.contacts.log import ContactLog
from svcsim.model.demand import Category
from svcsim.model.load import contacts_per_week, handlings_by_team
from svcsim.model.quantity import Share, Time
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Staffing
from svcsim.text import Text
from svcsim.units import format_duration, spoken_duration

RECORDED, FEW = 0.5, 30
"""Share of resolved contacts with a handling time, and number in a category, to go by them."""
SPREAD = 1.1
"""A given time without bounds is taken as known within this factor (90 %): reports round."""


def with_known(
    model: ServiceModel, known: Known, log: ContactLog, roster: Roster | None = None
) -> tuple[ServiceModel, list[Text]]:
    """Return the model with what the planner knows, and notes.

    - A given handling time is per contact, as the KPI ``aht`` counts. The mean of a handling is
      scaled by given / recorded where handling times are recorded, else it is given / handlings a
      contact.
    - Shrinkage s makes an agent busy ``1 / (1 - s)`` times as long. It stands beside the free
      factor ``slowdown``, which is tuned afterwards and so explains only what is left. Time off
      the queue that was seen in the log is part of it and is taken out.
    - Hours from a roster are given, too.

    Parameters
    ----------
    model : ServiceModel
        As learned.
    known : Known
        What the planner gave.
    log : ContactLog
        The history behind the model: it tells which groups small categories and teams went to.
    roster : Roster or None
        The planner's roster, if there was one.
    """
    notes: list[Text] = []
    model = _with_times(model, known.aht, log, notes)
    staffing = _with_shrinkage(model, known, team_groups(log), notes)
    if roster is not None:
        told = staffing.presence.model_copy(
            update={"grade": "given", "how": f"{given(roster.source)}; {staffing.presence.how}"}
        )
        staffing = staffing.model_copy(update={"presence": told})
    update: dict[str, object] = {"staffing": staffing}
    if known.cost is not None:
        update["cost"] = known.cost
    return model.model_copy(update=update), notes


def time_per_contact(model: ServiceModel, category: Category) -> float:
    """Return the mean handling time (s) of a contact in the model, as the KPI ``aht`` counts."""
    zero = category.handling.zero.value if category.handling.zero is not None else 0.0
    return category.handling.mean.value * (1.0 - zero) * _handlings(model, category)


def _handlings(model: ServiceModel, category: Category) -> float:
    contacts = contacts_per_week(model, category)
    total = sum(number for _, number in handlings_by_team(model, category))
    return total / contacts if contacts > 0 else 1.0


def _with_times(
    model: ServiceModel,
    times: tuple[GivenTime, ...],
    log: ContactLog,
    notes: list[Text],
) -> ServiceModel:
    """Return the model with given handling times, the most special row of each category."""
    if not times:
        return model
    categories, teams = category_groups(log), team_groups(log)
    chosen: dict[str, GivenTime] = {}
    # rows for all categories first: those that name one overrule them
    for time in sorted(times, key=lambda t: (t.category != "", t.team != "")):
        name, team = categories.get(time.category, time.category), teams.get(time.team, time.team)
        if time.category and (name not in model.categories or name != time.category):
            notes.append(_pooled(time))
            continue
        for each, own in model.categories.items():
            if name in ("", each) and team in ("", own.team):
                chosen[each] = time
    changed, seen = dict(model.categories), _recorded(log, categories)
    for name, time in chosen.items():
        category = model.categories[name]
        usual = seen.get(name, time_per_contact(model, category))
        changed[name] = _with_time(name, category, time, usual, notes)
    for time in times:
        if time.category in model.categories and time not in chosen.values():
            notes.append(_elsewhere(model, time))
    return model.model_copy(update={"categories": changed})


def _recorded(log: ContactLog, groups: Mapping[str, str]) -> dict[str, float]:
    """Return category of the model -> mean handling time (s) of its contacts, where recorded."""
    frame = log.frame[log.frame["outcome"] == "resolved"]
    if len(frame) == 0 or frame["handle_s"].notna().mean() < RECORDED:
        return {}
    name = frame["category"].fillna(NO_CATEGORY if groups else ONE_CATEGORY).replace(dict(groups))
    by = frame["handle_s"].groupby(name)
    enough = by.count() >= FEW
    return {str(name): float(mean) for name, mean in by.mean()[enough].items()}


def _with_time(
    name: str, category: Category, time: GivenTime, usual: float, notes: list[Text]
) -> Category:
    """Return the category with a given time, where contacts take ``usual`` seconds as learned."""
    learned = category.handling.mean
    scale = usual / learned.value
    low, high = time.bounds or (time.seconds / SPREAD, time.seconds * SPREAD)
    how = given(time.where)
    if time.bounds is None:
        how += f"; no bounds given, taken as known within {SPREAD - 1:.0%}"
    mean = Time(
        value=time.seconds / scale, interval=(low / scale, high / scale), grade="given", how=how
    )
    found = learned.interval or (learned.value, learned.value)
    if learned.grade != "assumed" and (low > found[1] * scale or high < found[0] * scale):
        notes.append(
            Text(
                "handling: the planner gives {given} a contact for {name}, the history says "
                "{seen} ({grade}); the planner's is used",
                "处理时间：{name} 每单，规划人员给定 {given}，历史显示 {seen}（{grade}）；"
                "采用给定值",
            ).fill(
                name=name,
                given=_spoken(time.seconds),
                seen=_spoken(learned.value * scale),
                grade=_GRADE[learned.grade],
            )
        )
    handling = category.handling.model_copy(update={"mean": mean})
    return category.model_copy(update={"handling": handling})


_GRADE = {"measured": Text("measured", "实测"), "proxy": Text("proxy", "替代")}


def _spoken(seconds: float) -> Text:
    return spoken_duration(format_duration(seconds, 3))


def _pooled(time: GivenTime) -> Text:
    return Text(
        "handling: {name} is too small a category to be modelled apart, so the time given for it "
        "is not used",
        "处理时间：类别 {name} 量太少，未单独建模，给定的处理时间未采用",
    ).fill(name=time.category)


def _elsewhere(model: ServiceModel, time: GivenTime) -> Text:
    return Text(
        "handling: {name} begins in team {own}; the time given for it in team {team} is not used "
        "(the model has one handling time a category)",
        "处理时间：{name} 由班组 {own} 先受理；为班组 {team} 给定的时间未采用（模型中每个类别只有"
        "一个处理时间）",
    ).fill(name=time.category, own=model.categories[time.category].team, team=time.team)


def _with_shrinkage(
    model: ServiceModel, known: Known, groups: Mapping[str, str], notes: list[Text]
) -> Staffing:
    staffing = model.staffing
    if not known.shrinkage:
        return staffing
    common = [row for row in known.shrinkage if not row.team]
    named = [(groups.get(row.team, row.team), row) for row in known.shrinkage if row.team]
    shares = {}
    for team in model.teams:
        rows = [row for name, row in named if name == team] or common
        if rows:
            mean = sum(row.share for row in rows) / len(rows)
            shares[team] = Share(value=mean, grade="given", how=given(rows[0].where))
    update: dict[str, object] = {"shrinkage": shares}
    if staffing.off_share.value > 0:
        how = "given by the planner: part of the shrinkage"
        update |= {"off_share": Share(value=0.0, grade="given", how=how), "off_time": None}
        notes.append(
            Text(
                "staffing: the time off the queue that the log shows is part of the given "
                "shrinkage and is not counted twice",
                "排班：数据中看到的离队时间（小休、示忙）已含在给定的非接单占比内，不重复计算",
            )
        )
    if staffing.presence.grade == "proxy" and any(day.worked for day in staffing.days):
        notes.append(
            Text(
                "staffing: hours are inferred as worked, absences of ten minutes or more already "
                "taken out; the shrinkage comes on top, so give only the rest of it, or the roster",
                "排班：工时按实际工作推断，十分钟以上的离开已扣除；给定的非接单占比在此之外另计，"
                "请只填剩余部分，或提供班表",
            )
        )
    return staffing.model_copy(update=update)
