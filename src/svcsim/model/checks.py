"""What is wrong between the parts of a desk, and what is allowed but should be known.

`desk_problems` refuses a desk that could not run as it is written; `remarks` are said about one
that can.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from svcsim.calendar.days import WEEKDAYS
from svcsim.errors import nearest, unknown_name
from svcsim.model.limits import limit_problems, nearly_endless
from svcsim.model.load import loads
from svcsim.model.narrowest import narrowest
from svcsim.model.times import iso_date, minutes_of_day
from svcsim.text import Text
from svcsim.units import format_share

if TYPE_CHECKING:
    from svcsim.model.demand import Category
    from svcsim.model.service import ServiceModel
    from svcsim.model.staffing import Agent


OVERLOADED = Text(
    "{team}: {work:.0f} h of work a week against {able:.0f} h that those who serve it can do "
    "(load {load}); queues grow for as long as the run lasts",
    "{team}：每周工作量 {work:.0f} 小时，能接待的坐席只能完成 {able:.0f} 小时（负荷 {load}）；"
    "队列会在整个运行期间不断变长",
)
ALL_TEAMS = Text("all teams together", "全部班组合计")
TEAM = Text("team {name}", "班组 {name}")
QUEUES = Text("what waits for few ({names})", "少数人才能处理的队列（{names}）")
CUT_OFF = Text(
    "{path} is {share}: many cases come back again and again until they are cut off after {most} "
    "{what} ({cap})",
    "{path} 为 {share}：许多联络会不断回来，直到 {most} 次{what}后被截断（{cap}）",
)
CONTACTS, HANDLINGS = Text("contacts", "联络"), Text("handlings", "处理")


SEVERAL = Text(
    "{n} of {all} rostered agents take several contacts at once of every live channel: {live} (up "
    "to {most} each; agents.*.slots)",
    "{all} 名排班坐席中有 {n} 名会同时处理多个实时联络，适用于所有实时渠道：{live}"
    "（每人至多 {most} 个；agents.*.slots）",
)
NO_TIME = Text(
    "{told}; chats.slowdown is 0, so several at once cost no time: each goes as fast as alone",
    "{told}；chats.slowdown 为 0，同时处理多个不花额外时间：每个都与单独处理时一样快",
)


def desk_problems(model: ServiceModel, *, named: bool = True) -> list[str]:
    """Return what could not run: names that do not exist, and contacts that nobody can serve.

    Who serves whom is looked at only where all names are known (``named``: the caller's are): a
    misspelt agent, tier or team would be told again as contacts that nobody serves.
    """
    unknown = [*_unknown(model)]
    problems = [*unknown, *_sla_hours(model), *_of_categories(model)]
    problems += _unserved(model) if named and not unknown else []
    return problems + limit_problems(model)


def remarks(model: ServiceModel) -> list[Text]:
    """Return what is allowed but should be known: overload, slots, cases that hardly end."""
    out = []
    for load in loads(model):
        if load.rho >= 1.0:
            name = TEAM.fill(name=load.teams[0]) if len(load.teams) == 1 else ALL_TEAMS
            share = "n/a" if load.able == 0 else format_share(load.rho, 3)
            out.append(OVERLOADED.fill(team=name, work=load.work, able=load.able, load=share))
    out += _several_at_once(model)
    counted = {"max_contacts": CONTACTS, "max_handlings": HANDLINGS}
    tightest = narrowest(model)
    if tightest is not None and tightest[0].rho >= 1.0:
        load, queues = tightest
        names = "; ".join(" ".join(part for part in queue if part) for queue in queues)
        share = "n/a" if load.able == 0 else format_share(load.rho, 3)
        name = QUEUES.fill(names=names)
        out.append(OVERLOADED.fill(team=name, work=load.work, able=load.able, load=share))
    for path, said, cap in nearly_endless(model):
        most = getattr(model, cap)
        out.append(CUT_OFF.fill(path=path, share=said, what=counted[cap], cap=cap, most=most))
    return out


def _several_at_once(model: ServiceModel) -> list[Text]:
    """Tell of which live channels agents with several slots take several contacts at once.

    Slots are meant for chats, but count for calls just as well.
    """
    agents = _on_duty(model)
    several = [agent.slots for agent in agents if agent.slots > 1]
    used = {name for c in model.categories.values() for name, share in c.channels.items() if share}
    live = [n for n, channel in model.channels.items() if channel.mode == "live" and n in used]
    if not several or not live:
        return []
    told = SEVERAL.fill(n=len(several), all=len(agents), live=", ".join(live), most=max(several))
    return [NO_TIME.fill(told=told) if model.chats.slowdown.value == 0 else told]


def _unknown(model: ServiceModel) -> Iterator[str]:
    """Yield names of agents' lists and of routing that nothing else knows; each name once."""
    for field, names in (("tiers", model.difficulty), ("languages", model.languages)):
        wrong: dict[str, list[str]] = {}
        for label, agent in model.agents.items():
            for name in getattr(agent, field):
                if name not in names:
                    wrong.setdefault(name, []).append(label)
        for name, who in wrong.items():
            more = f" (and {len(who) - 1} more agents)" if len(who) > 1 else ""
            yield unknown_name(
                f"agents.{who[0]}.{field}{more}", name, names, f"the desk has no {field}"
            )
    known = {p for category in model.categories.values() for p in category.priorities}
    known |= {s.priority for s in model.segments.values() if s.priority is not None}
    for field in ("credit", "due"):
        for name in getattr(model.routing, field):
            if name not in known:
                yield unknown_name(f"routing.{field}", name, sorted(known))


def _sla_hours(model: ServiceModel) -> Iterator[str]:
    """Yield what is wrong with the hours of the SLA clock."""
    for weekday, windows in model.routing.sla_hours.items():
        at = f"routing.sla_hours.{weekday}"
        if weekday not in WEEKDAYS:
            yield unknown_name("routing.sla_hours", weekday, WEEKDAYS)
        last = -1
        for window in windows:
            try:
                start, end = (minutes_of_day(text) for text in window)
            except ValueError as error:
                yield f"{at}: {error}"
                continue
            if not last <= start < end:
                yield (
                    f"{at}: window {window[0]}-{window[1]} must start after the one before and "
                    "end later than it starts"
                )
            last = end
    hours = model.routing.sla_hours
    if hours and not any(hours.values()):
        yield "routing.sla_hours: the SLA clock never runs; give it a window or leave it out"


def _of_categories(model: ServiceModel) -> Iterator[str]:
    """Yield what is wrong inside categories beyond what `Category` itself refuses."""
    for label, category in model.categories.items():
        at = f"categories.{label}"
        if category.help is not None and category.help.team is not None:
            if category.help.team not in model.teams:
                yield unknown_name(f"{at}.help.team", category.help.team, model.teams)
            elif not any(category.help.team == agent.team for agent in _on_duty(model)):
                yield (
                    f"{at}.help.team: nobody of team {category.help.team} is on the roster; "
                    "leave team out where help is only a delay"
                )
        for reason in category.pending_by:
            if reason != "customer" and nearest(reason, ["customer"]):
                yield f"{at}.pending_by: '{reason}' is unknown. Did you mean customer?"
        if category.knowledge is not None and category.knowledge.published is not None:
            try:
                iso_date(category.knowledge.published)
            except ValueError as error:
                yield f"{at}.knowledge.published: {error}"


def _on_duty(model: ServiceModel) -> list[Agent]:
    """Return the agents who are on some roster day and whose team is not taken away as a whole."""
    names = {name for day in model.staffing.days for name in day.agents()} & set(model.agents)
    members = [agent.team for agent in model.agents.values()]
    gone = {t for t, n in model.staffing.extra.items() if n < 0 and -n >= members.count(t)}
    return [model.agents[name] for name in sorted(names) if model.agents[name].team not in gone]


def _unserved(model: ServiceModel) -> list[str]:
    """Return the teams, languages and tiers that no rostered agent serves, once each."""
    on_duty = _on_duty(model)
    if not on_duty:
        first = next(iter(model.categories.values())).team
        message = f"nobody is on duty: team {first} has contacts but no rostered agent serves it"
        return [f"staffing.days: {message}"]
    out: dict[str, str] = {}
    for label, category in model.categories.items():
        needed = product(_teams(category), _tiers(model, label), _languages(model))
        for team, tier, language in needed:
            if team not in model.teams:
                continue  # told already
            serving = [a for a in on_duty if team in (a.team, *a.serves)]
            at = f"categories.{label}"
            if not serving:
                said = f"team {team} has contacts to serve but no rostered agent serves it"
            elif not any(_can(a.tiers, tier) for a in serving):
                said = f"team {team} has {tier} cases to serve but no rostered agent takes them"
            elif not any(_can(a.languages, language) for a in serving):
                at = f"languages.{language}"
                said = f"team {team} has cases in {language} but no rostered agent speaks it"
            elif not any(_can(a.tiers, tier) and _can(a.languages, language) for a in serving):
                said = f"team {team} has {tier} cases in {language} but no rostered agent does both"
            else:
                continue
            out.setdefault(said, at)
    return sorted(f"{at}: {said}" for said, at in out.items())


def _can(listed: tuple[str, ...], name: str | None) -> bool:
    return not listed or name is None or name in listed


def _teams(category: Category) -> list[str]:
    moved = category.transfer.value > 0 and category.transfer_to is not None
    return [category.team, *([str(category.transfer_to)] if moved else [])]


def _tiers(model: ServiceModel, label: str) -> list[str]:
    """Return the tiers that cases of a category have, incidents included."""
    shares = [model.categories[label].difficulty]
    shares += [b.difficulty or {} for b in model.bursts.values() if b.category == label]
    return list(dict.fromkeys(tier for each in shares for tier, share in each.items() if share > 0))


def _languages(model: ServiceModel) -> list[str | None]:
    return [name for name, share in model.languages.items() if share > 0] or [None]
