"""Users' own metrics, declared in YAML: names, formulas in a closed grammar, a kind.

Example
-------
.. code-block:: yaml

    metrics:
      - id: vip_fast
        zh: 贵宾快速响应率
        en: Fast answers to VIP customers
        better: higher
        family: efficiency
        kind: share
        among: segment == "VIP"
        counts: first_response_s - opened_s <= 10min
        wait: 10min

A metric with a parameter is declared as ``vip_within(limit)`` and asked for as
``vip_within(10min)``. Own metrics belong to the file they were read from: nothing is registered,
whoever measures passes them on (`OwnMetrics.get`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from svcsim.contacts.columns import columns
from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.catalogue import METRICS, get_metric
from svcsim.metrics.grammar import condition, value
from svcsim.metrics.metric import Better, Family, Metric, Unit
from svcsim.metrics.own_kinds import OF, Kind, metric_of, mistakes_of_kind
from svcsim.metrics.tokens import KEYWORDS
from svcsim.metrics.vocabulary import vocabulary
from svcsim.spec import Spec, read_yaml
from svcsim.text import Text
from svcsim.units import parse_duration, parse_share

_ID = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\(([A-Za-z_][A-Za-z0-9_]*)\))?")
_CALL = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\(([^()]*)\))?\s*")
SOME_SECONDS = 600.0
"""Stands for the parameter while a formula is checked."""


class OwnMetric(Spec):
    """One metric of a user's file. Which of the formulas it has depends on its ``kind``."""

    id: str
    """Name as people write it; ``within(limit)`` for a metric with a duration as parameter."""
    usual: str = ""
    """Usual parameter of a metric that has one: what lists show, such as ``10min``."""
    zh: str = ""
    en: str = ""
    formula: Text = Text("")
    """The rule in words, ``{en: ..., zh: ...}``; made from the formulas when it is left out."""
    unit: Unit | None = None
    """May be left out where the kind or the formula tells it: ``s``, ``share``, ``count``."""
    better: Better
    family: Family
    among: str = "everyone"
    """Condition: the contacts that count."""
    counts: str = ""
    """Condition (share): those of them that count as met."""
    value: str = ""
    """Value (mean, spread, quantile)."""
    observed: str = ""
    """Condition (quantile): where it does not hold the value is only a lower bound so far."""
    numerator: str = ""
    denominator: str = ""
    """Values (ratio_of_sums): the sum of one by the sum of the other."""
    time: str = ""
    """Duration (survival) until the event or until nothing more is known."""
    event: str = ""
    """Condition (survival): the time ended with the event."""
    at: str = ""
    """Duration (survival) after which the share without the event is told."""
    p: float | None = None
    """Which quantile: 90%."""
    of: str = ""
    """Text column (distinct, per_distinct) whose different values are counted, or agent_day."""
    queue: bool = False
    """Contacts of a day share one queue (share): the interval is wider by the spread of days."""
    wait: str = ""
    """Only contacts whose opening is longer ago than this count: others have no verdict yet."""
    dated_by: Annotated[tuple[str, ...], Field(min_length=1)] = ("opened_s",)
    """Time columns that say to which period a contact belongs; the first known one counts."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """Below this many contacts a value is too thin to judge anybody by."""
    source: str = "own metric"
    """Where the definition is from."""
    kind: Kind

    @field_validator("id")
    @classmethod
    def _named(cls, text: str) -> str:
        match = _ID.fullmatch(text.replace(" ", ""))
        if match is None:
            message = f"'{text}' is no name; write letters, digits and _, as in vip_fast"
            raise ValueError(message)
        if match[1] in METRICS:
            message = f"'{text}' is a metric of the catalogue; choose another name"
            raise ValueError(message)
        if match[2] and (match[2] in vocabulary() or match[2] in KEYWORDS):
            message = f"'{text}': {match[2]} has a meaning in formulas; name the parameter limit"
            raise ValueError(message)
        return match[0]

    @field_validator("usual", "wait", "at", mode="before")
    @classmethod
    def _duration(cls, written: Any, info: ValidationInfo) -> str:
        text = str(written)
        if text and text not in _parameters(info):
            seconds = parse_duration(text)
            if seconds <= 0:
                message = f"'{text}' is not above 0; write a duration such as 10min"
                raise ValueError(message)
        return text

    @field_validator("among", "counts", "observed", "event", mode="before")
    @classmethod
    def _condition(cls, written: Any, info: ValidationInfo) -> str:
        text = _formula(written)
        condition(text, _parameters(info))
        return text

    @field_validator("value", "numerator", "denominator", "time", mode="before")
    @classmethod
    def _value(cls, written: Any, info: ValidationInfo) -> str:
        text = _formula(written)
        value(text, _parameters(info))
        return text

    @field_validator("p", mode="before")
    @classmethod
    def _share(cls, written: Any) -> float:
        share = parse_share(written)
        if not 0 < share < 1:
            message = f"'{written}' is no quantile; write a share between 0% and 100%, as in 90%"
            raise ValueError(message)
        return share

    @field_validator("of")
    @classmethod
    def _texts(cls, name: str) -> str:
        return _one_of(name, OF, "a text column, or agent_day")

    @field_validator("dated_by", mode="before")
    @classmethod
    def _dates(cls, names: Any) -> Any:
        listed = [names] if isinstance(names, str) else names
        times = [name for name, column in columns().items() if column.type == "time"]
        if isinstance(listed, (list, tuple)):
            for name in listed:
                _one_of(str(name), times, "a column with instants")
        return listed

    @field_validator("kind")
    @classmethod
    def _fitting(cls, kind: str, info: ValidationInfo) -> str:
        mistakes = mistakes_of_kind(kind, info.data, _parameters(info))
        if mistakes:
            message = f"'{kind}': {'; '.join(mistakes)}"
            raise ValueError(message)
        return kind

    @property
    def name(self) -> str:
        """The name without its parameter."""
        return self.id.split("(")[0]

    @property
    def parameter(self) -> str:
        """The name of the parameter, empty without one."""
        return self.id[len(self.name) + 1 : -1]


class OwnMetrics(Spec):
    """The metrics of one file, by name."""

    metrics: tuple[OwnMetric, ...]
    _made: dict[tuple[str, float], Metric] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _different(self) -> Self:
        names = [metric.name for metric in self.metrics]
        if not names:
            message = "a file of own metrics needs at least one metric"
            raise ValueError(message)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"{', '.join(twice)} stands twice; every metric has a name of its own"
            raise ValueError(message)
        return self

    def get(self, text: str) -> Metric:
        """Return the metric of this file or of the catalogue that people write so.

        Raises
        ------
        InputError
            For an unknown name (with the nearest of both) or a wrong parameter.
        """
        call = _CALL.fullmatch(text)
        mine = {metric.name: metric for metric in self.metrics}
        if call is None or call[1] not in mine:
            if call is None or call[1] not in METRICS:
                mend = nearest(text.split("(")[0], [*mine, *METRICS])
                mend = mend or "svcsim list metrics --own-metrics FILE shows all"
                raise InputError(Finding("metric", f"'{text}' is not a known metric", "", mend))
            return get_metric(text)
        return self._called(mine[call[1]], text, call[2])

    def listed(self) -> list[Metric]:
        """Return every metric of the file, one with a parameter with its usual one."""
        return [self._called(m, m.id, m.usual if m.parameter else None) for m in self.metrics]

    def _called(self, declared: OwnMetric, text: str, parameter: str | None) -> Metric:
        """Return a metric with its parameter; the same object for the same call."""
        name, seconds, written = declared.name, 0.0, ""
        if declared.parameter:
            usual = f"write for example {name}({declared.usual})"
            if parameter is None or not parameter.strip():
                raise InputError(Finding("metric", f"'{text}'", f"{name} needs a duration", usual))
            written = parameter.replace(" ", "")
            try:
                seconds = parse_duration(written)
            except ValueError as error:
                raise InputError(Finding("metric", f"'{text}'", str(error), usual)) from None
            if seconds <= 0:
                raise InputError(
                    Finding("metric", f"'{text}'", "expected a duration above 0", usual)
                )
        elif parameter is not None:
            raise InputError(
                Finding("metric", f"'{text}'", f"{name} takes no parameter", f"write {name}")
            )
        key = (f"{name}({written})" if written else name, seconds)
        if key not in self._made:
            self._made[key] = metric_of(declared, key[0], seconds)
        return self._made[key]


def read_own_metrics(path: str | Path) -> OwnMetrics:
    """Return the metrics of a file.

    Raises
    ------
    InputError
        With one finding (``file:line``) for every mistake in it.
    """
    return OwnMetrics.from_data(read_yaml(path), str(path))


def _parameters(info: ValidationInfo) -> dict[str, float]:
    """Return the parameter that the id declares, with a value for checks."""
    match = _ID.fullmatch(str(info.data.get("id", "")))
    return {match[2]: SOME_SECONDS} if match is not None and match[2] else {}


def _formula(written: Any) -> str:
    if isinstance(written, (bool, list, dict)) or written is None:
        message = f"'{written}' is no formula; write it as a text"
        raise ValueError(message)
    return str(written)


def _one_of(name: str, known: Any, what: str) -> str:
    if name not in known:
        hint = nearest(name, known) or f"expected one of {', '.join(known)}"
        message = f"'{name}' is not {what}; {hint}"
        raise ValueError(message)
    return name
