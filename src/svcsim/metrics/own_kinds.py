"""What each kind of an own metric asks for, its unit, and the metric that comes of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from svcsim.contacts.columns import columns
from svcsim.metrics import metric as kinds
from svcsim.metrics.conditions import OneOf
from svcsim.metrics.expressions import opened, spell, until
from svcsim.metrics.formula import Condition, Part, Value, both, where
from svcsim.metrics.grammar import condition, value
from svcsim.metrics.metric import Metric, Unit
from svcsim.metrics.typing_rules import divided, told
from svcsim.metrics.vocabulary import Type
from svcsim.text import Text
from svcsim.units import format_share, parse_duration

if TYPE_CHECKING:
    from svcsim.metrics.own import OwnMetric

Kind = Literal[
    "count", "share", "mean", "quantile", "spread", "ratio_of_sums", "survival", "distinct",
    "per_distinct",
]  # fmt: skip

_NAME = re.compile(r"[^\W\d]\w*")
OF = (*(name for name, c in columns().items() if not c.is_number), "agent_day")
"""What different values can be counted of."""
ASKS: dict[str, tuple[str, ...]] = {
    "count": (),
    "share": ("counts",),
    "mean": ("value",),
    "spread": ("value",),
    "quantile": ("value", "p"),
    "ratio_of_sums": ("numerator", "denominator"),
    "survival": ("time", "event", "at"),
    "distinct": ("of",),
    "per_distinct": ("of",),
}
"""Keys that a kind needs."""
_ALSO = {"quantile": ("observed",), "share": ("queue",)}
CONDITIONS = ("among", "counts", "observed", "event")
VALUES = ("value", "numerator", "denominator", "time")
_UNITS: dict[str, tuple[Unit, ...]] = {
    "count": ("count",), "distinct": ("count",), "per_distinct": ("count", "per day"),
    "share": ("share",), "survival": ("share",),
}  # fmt: skip
_FITTING: dict[Type, tuple[Unit, ...]] = {
    "duration": ("s",),
    "share": ("share",),
    "ratio": ("share", "count", "score", "points", "money", "log"),
    "number": ("count", "score", "points", "money", "log"),
}
"""Units that values of a type can have; one that is alone need not be written."""

Given = Mapping[str, Any]
"""The keys of a declaration; one that was written wrongly is not among them."""


@dataclass(frozen=True, eq=False)
class Declared(Metric):
    """A metric of a user's file. Its hash is that of its formulas, in their one spelling."""

    rule: tuple[str, ...] = ()
    """Kind and formulas with their parameter, unit and dates."""
    texts: tuple[tuple[str, str], ...] = ()
    """Texts that its formulas compare columns with."""
    wait: float = 0.0
    """Seconds after the opening before which a contact has no verdict."""

    @property
    def definition(self) -> str:
        """Hash of the rule: equal rules have equal hashes, whatever they are called."""
        return hashlib.sha256("\n".join(self.rule).encode()).hexdigest()[:8]


def mistakes_of_kind(kind: str, given: Given, parameters: Mapping[str, float]) -> list[str]:
    """Return what does not fit the kind: keys too few or too many, a unit, the parameter."""
    every = {key for keys in (*ASKS.values(), *_ALSO.values()) for key in keys}
    mine = (*ASKS[kind], *_ALSO.get(kind, ()))
    mistakes = [
        f"it needs {key}" for key in ASKS[kind] if key in given and given[key] in ("", None)
    ]
    mistakes += [
        f"it has no {key}, only {', '.join(('among', *mine))}"
        for key in sorted(every - set(mine))
        if given.get(key)
    ]
    mistakes += _parameter_mistakes(given, parameters)
    if not mistakes and all(key in given for key in (*mine, "unit", *CONDITIONS, *VALUES)):
        mistakes += _unit(kind, given, parameters)[1]
    return mistakes


def _parameter_mistakes(given: Given, parameters: Mapping[str, float]) -> list[str]:
    if "id" not in given or any(key not in given for key in (*CONDITIONS, *VALUES)):
        return []
    if not parameters:
        alone = f"{given['id']} has no parameter, so no usual one; write id: {given['id']}(limit)"
        return [alone] if given["usual"] else []
    (name,) = parameters
    written = " ".join(str(given[key]) for key in (*CONDITIONS, *VALUES, "wait", "at"))
    if name not in _NAME.findall(written):
        return [f"the parameter {name} is not used; name it in a formula, or in wait"]
    if given["usual"] in ("", name):
        return [f"{given['id']} needs usual: its usual parameter, such as 10min"]
    return []


def _unit(kind: str, given: Given, parameters: Mapping[str, float]) -> tuple[Unit, list[str]]:
    """Return the unit of a metric and what is wrong with it."""
    parts = _parts(given, parameters)
    if kind == "survival" and parts["time"].type != "duration":
        return "share", [f"time: '{parts['time']}' is {told(parts['time'])}, expected a duration"]
    if kind in _UNITS:
        fitting = _UNITS[kind]
    else:
        result, mistake = _result(kind, parts)
        if mistake:
            return "count", [mistake]
        fitting = _FITTING[result]
    unit: Unit | None = given["unit"]
    if unit is None and len(fitting) > 1 and kind != "per_distinct":
        return "count", [f"unit is missing; expected one of {', '.join(fitting)}"]
    if unit is not None and unit not in fitting:
        expected = fitting[0] if len(fitting) == 1 else f"one of {', '.join(fitting)}"
        return unit, [f"unit {unit} does not fit what is measured; expected {expected}"]
    return unit or fitting[0], []


def _result(kind: str, parts: Mapping[str, Part]) -> tuple[Type, str]:
    """Return the type of what a mean, spread, quantile or ratio gives, or why it gives nothing."""
    if kind != "ratio_of_sums":
        found = parts["value"]
        mend = "take a difference of instants, such as first_response_s - opened_s"
        wrong = f"value: '{found}' is {told(found)}; {mend}" if found.type == "time" else ""
        return found.type, wrong
    one, other = parts["numerator"], parts["denominator"]
    assert isinstance(one, Value)
    assert isinstance(other, Value)
    result, wrong = divided("/", one, other)
    told_both = f"{told(one)} ('{one}') and {told(other)} ('{other}')"
    return result, f"numerator and denominator: {told_both} {wrong}" if wrong else ""


def _parts(given: Given, parameters: Mapping[str, float]) -> dict[str, Part]:
    """Return the trees of the formulas that are there."""
    parts: dict[str, Part] = {}
    for key in (*CONDITIONS, *VALUES):
        if given[key]:
            read = condition if key in CONDITIONS else value
            parts[key] = read(given[key], parameters)
    return parts


def metric_of(declared: OwnMetric, name: str, seconds: float) -> Declared:
    """Return the metric of a declaration, with its parameter in seconds."""
    given = {key: getattr(declared, key) for key in type(declared).model_fields}
    parameters = {declared.parameter: seconds} if declared.parameter else {}
    parts = _parts(given, parameters)
    times = {key: _seconds(given[key], parameters) for key in ("wait", "at") if given[key]}
    shown = {key: str(part) for key, part in parts.items()}
    shown |= {key: spell(time) for key, time in times.items()}
    shown |= {"of": declared.of} if declared.of else {}
    shown |= {"p": format_share(declared.p, 15)} if declared.p is not None else {}
    unit = _unit(declared.kind, given, parameters)[0]
    rule = [declared.kind, *(f"{key}: {text}" for key, text in sorted(shown.items())), unit]
    leaves = [leaf for part in parts.values() for leaf in part.leaves()]
    needs = [need for leaf in leaves for need in leaf.word.needs]
    needs += [{"agent_day": "agent"}.get(declared.of, declared.of)] if declared.of else []
    said = spell(seconds)
    called = Text(declared.en or declared.zh or name, declared.zh or declared.en or name)
    formula = declared.formula if declared.formula else in_words(declared.kind, shown)
    blank = "{" + declared.parameter + "}"
    called, formula = (
        Text(text.en.replace(blank, said.en), (text.zh or text.en).replace(blank, said.zh))
        for text in (called, formula)
    )
    return Declared(
        name, called.zh, called.en, formula, unit, declared.better, declared.family,
        _kind(declared, parts, times), declared.dated_by, declared.min_n,
        tuple(dict.fromkeys(needs)) or ("opened_s",), declared.source,
        rule=(*rule, ",".join(declared.dated_by)),
        texts=tuple((leaf.word.name, t) for leaf in leaves if isinstance(leaf, OneOf)
                    for t in leaf.texts),
        wait=times.get("wait", 0.0),
    )  # fmt: skip


def _seconds(written: str, parameters: Mapping[str, float]) -> float:
    return parameters[written] if written in parameters else parse_duration(written)


def _kind(declared: OwnMetric, parts: dict[str, Part], times: Mapping[str, float]) -> kinds.Kind:
    """Return the kind with its expressions: who counts is always known to count."""
    side = {key: part.true() for key, part in parts.items() if isinstance(part, Condition)}
    amount = {key: part.value() for key, part in parts.items() if isinstance(part, Value)}
    known = both(*(parts[key].known() for key in VALUES if key in parts))
    if declared.of and declared.of != "agent_day":
        known = where(known, ~nw.col(declared.of).is_null())
    among = where(known, side["among"])
    if "wait" in times:
        among = among & (opened + times["wait"] < until)
    match declared.kind:
        case "share":
            return kinds.Share(among, side["counts"], queue=declared.queue)
        case "mean":
            return kinds.Mean(among, amount["value"])
        case "spread":
            return kinds.Spread(among, amount["value"])
        case "quantile":
            assert declared.p is not None
            return kinds.Quantile(among, amount["value"], declared.p, side.get("observed"))
        case "ratio_of_sums":
            return kinds.RatioOfSums(among, amount["numerator"], amount["denominator"])
        case "survival":
            return kinds.Survival(among, amount["time"], side["event"], times["at"])
        case "distinct":
            return kinds.Distinct(among, declared.of)
        case "per_distinct":
            return kinds.PerDistinct(among, declared.of)
        case _:
            return kinds.Count(among)


def in_words(kind: str, shown: Mapping[str, str]) -> Text:
    """Return the rule of a metric as a sentence, from the spelling of its formulas."""
    all_of_them = shown.get("among", "everyone") == "everyone"
    who = (
        Text("all contacts", "全部联络")
        if all_of_them
        else Text(f"contacts where {shown['among']}", f"满足 {shown['among']} 的联络")
    )
    words = _SENTENCES[kind].fill(who=who, **shown)
    if "observed" in shown:
        words = _added(words, _SO_FAR.fill(**shown))
    return _added(words, _WAIT.fill(**shown)) if "wait" in shown else words


def _added(words: Text, more: Text) -> Text:
    return Text(f"{words.en} {more.en}", f"{words.zh}{more.zh}")


_SENTENCES = {
    "count": Text("Number of {who}.", "{who}数。"),
    "share": Text("Share where {counts} of {who}.", "{who}中，{counts} 的占比。"),
    "mean": Text("Mean of {value} over {who}.", "{who}的 {value} 的均值。"),
    "spread": Text(
        "Standard deviation (n − 1) of {value} over {who}.", "{who}的 {value} 的标准差（n − 1）。"
    ),
    "quantile": Text("Quantile {p} of {value} over {who}.", "{who}的 {value} 的 {p} 分位数。"),
    "ratio_of_sums": Text(
        "Σ {numerator} / Σ {denominator} over {who}.", "{who}的 Σ {numerator} / Σ {denominator}。"
    ),
    "survival": Text(
        "Share without {event} once {time} has reached {at}, of {who} (Kaplan-Meier).",
        "{who}中，{time} 达到 {at} 时尚未 {event} 的占比（Kaplan-Meier）。",
    ),
    "distinct": Text("Number of different {of} among {who}.", "{who}中不同 {of} 的个数。"),
    "per_distinct": Text(
        "Number of {who} / different {of} among them.", "{who}数 / 其中不同 {of} 的个数。"
    ),
}
_SO_FAR = Text(
    "Where {observed} does not hold, the value is taken as at least so much (Kaplan-Meier).",
    "不满足 {observed} 时，该值按“至少已这么多”计入（Kaplan-Meier）。",
)
_WAIT = Text(
    "Only contacts opened more than {wait} before the end of knowledge.",
    "仅统计创建已满 {wait} 的联络。",
)
