"""Scorecard: what is asked of people - KPIs with weights, dated targets and curves, as YAML.

Example
-------
.. code-block:: yaml

    name: service-desk
    period: month
    kpis:
      - {metric: frt_within(10min), weight: 40%, target: 90%}
      - metric: fcr_window(7d)
        weight: 60%
        stages: {2026-01-01: 72%, 2026-04-01: 75%}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from svcsim.errors import Finding, InputError, nearest
from svcsim.metrics.own import read_own_metrics
from svcsim.scorecard.bonus_item import BonusItem
from svcsim.scorecard.house_rules import HouseRules
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.period import Length
from svcsim.scorecard.roles import Audience
from svcsim.scorecard.written import OWN
from svcsim.spec import Spec, dump_yaml, line_of
from svcsim.units import format_share, parse_share

__all__ = ["Kpi", "Scorecard", "card_files", "find_card", "published_cards", "shipped_cards"]

SUM_TOLERANCE = 0.0005
"""Weights may miss 100 % by this much (three KPIs of 33.33 % are fine)."""


class Scorecard(Spec):
    """What is asked of a team: KPIs whose weights sum to 100 %."""

    model_config = ConfigDict(**{**Spec.model_config, "populate_by_name": True})

    name: str
    zh: str = ""
    why: str = ""
    """Why these KPIs and weights."""
    source: str = ""
    """Where the numbers come from, in words."""
    for_: Audience | None = Field(default=None, alias="for")
    """Whom the card is for; everybody when left out."""
    period: Length = "month"
    """How long one scoring period is."""
    own_metrics: str = ""
    """File with metrics of one's own (`svcsim schema metrics`), relative to the card."""
    kpis: tuple[Kpi, ...]
    bonus: tuple[BonusItem, ...] = ()
    """Points beside the score, each with a cap."""
    bonus_in_ranks: bool = False
    """Whether bonus and penalty count in ranks and bands."""
    most: Annotated[float, Field(ge=100)] | None = None
    """Most that score and bonus can be together; default: whatever the caps of the items allow."""
    rules: HouseRules = HouseRules()
    """House rules that `lint` holds the card to."""
    gate: str = ""
    """When to move on to the next card, in words."""
    exploratory: bool = False
    """Taken from a proposal that is not fit for appraisal or pay yet; `score` says so."""

    @field_validator("kpis")
    @classmethod
    def _whole(cls, kpis: tuple[Kpi, ...]) -> tuple[Kpi, ...]:
        mistakes = _card_mistakes([kpi.metric for kpi in kpis], [kpi.weight for kpi in kpis])
        if kpis and all(kpi.curve == "gate" for kpi in kpis):
            mistakes = ["every KPI is a gate; a card needs at least one that carries weight"]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return kpis

    @model_validator(mode="after")
    def _items_told_apart(self) -> Self:
        names = [item.name for item in self.bonus]
        twice = sorted({name for name in names if names.count(name) > 1})
        mistakes = [f"bonus {name} stands twice; keep one of them" for name in twice]
        if self.bonus_in_ranks and not self.bonus:
            mistakes.append("bonus_in_ranks: the card has no bonus")
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @property
    def weighted(self) -> tuple[Kpi, ...]:
        """KPIs that carry weight: all but the gates."""
        return tuple(kpi for kpi in self.kpis if kpi.curve != "gate")

    @property
    def gates(self) -> tuple[Kpi, ...]:
        """KPIs that must be met, whatever the others score."""
        return tuple(kpi for kpi in self.kpis if kpi.curve == "gate")

    @classmethod
    def from_data(cls, data: Any, where: str) -> Self:
        """Validate plain data, gathering mistakes of the whole card with those of its KPIs."""
        try:
            return super().from_data(data, where)
        except InputError as error:
            raise InputError([*error.findings, *_whole_findings(data, where, error)]) from None

    @classmethod
    def beside(cls, data: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        """Return the own metrics that the card names."""
        file = own_metrics_file(data, where)
        return {} if file is None else {OWN: read_own_metrics(file)}

    def to_yaml(self) -> str:
        """Return the card as people write it; options left at their default are left out."""
        return dump_yaml(self.to_data())

    def to_data(self) -> dict[str, Any]:
        """Return the card as plain data with its units, without what is left at its default."""
        plain = self.model_dump(mode="json", exclude_none=True, by_alias=True)
        usual = {field.alias or name: field.default for name, field in Kpi.model_fields.items()}
        plain["kpis"] = [
            {
                key: _only_written(value)
                for key, value in kpi.items()
                if value and value not in (usual[key], "0%")
            }
            for kpi in plain["kpis"]
        ]
        plain["bonus"] = [
            item.model_dump(mode="json", exclude_defaults=True) for item in self.bonus
        ]
        plain["rules"] = self.rules.model_dump(mode="json", exclude_defaults=True)
        return {key: _only_written(value) for key, value in plain.items() if value}


def _only_written(value: Any) -> Any:
    """Return a mapping without its empty parts."""
    return {k: v for k, v in value.items() if v} if isinstance(value, dict) else value


def own_metrics_file(card: Mapping[str, Any] | Scorecard, where: str | Path) -> Path | None:
    """Return the file of own metrics that a card in file ``where`` names, or None."""
    named = card.own_metrics if isinstance(card, Scorecard) else card.get("own_metrics")
    return Path(where).parent / named if named and isinstance(named, str) else None


def find_card(name: str | Path, option: str = "--scorecard") -> Path:
    """Return the path of a card given (by ``option``) as a file or the name of a shipped card.

    Raises
    ------
    InputError
        When there is neither such a file nor such a card.
    """
    file = Path(name)
    if file.is_file():
        return file
    shipped = card_files()
    stem = file.name.removesuffix(".yaml")
    if stem in shipped and file.parent == Path():
        return shipped[stem]
    beside = [p.name for p in file.parent.glob("*.yaml")] if file.parent.is_dir() else []
    raise InputError(
        Finding(
            option,
            f"'{name}' is neither a file nor a shipped card",
            f"shipped cards: {', '.join(shipped) or 'none'}",
            nearest(stem, [*shipped, *beside]),
        )
    )


def shipped_cards() -> tuple[Scorecard, ...]:
    """Return the cards that come with svcsim, by name."""
    return tuple(Scorecard.from_yaml(path) for path in card_files().values())


def published_cards() -> tuple[Scorecard, ...]:
    """Return the shipped cards whose weights somebody published (``seed-...``)."""
    return tuple(card for card in shipped_cards() if card.name.startswith("seed-"))


def card_files() -> dict[str, Path]:
    """Return the files of the shipped cards by name (in the package or a source checkout)."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "cards", here.parents[3] / "scenarios" / "cards"):
        found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
        if found:
            return found
    return {}


def _card_mistakes(metrics: Sequence[str], weights: Sequence[float]) -> list[str]:
    mistakes = [] if metrics else ["a card needs at least one KPI"]
    twice = sorted({name for name in metrics if list(metrics).count(name) > 1})
    mistakes += [f"{name} stands twice in the card; keep one line of it" for name in twice]
    total = sum(weights)
    if metrics and abs(total - 1.0) > SUM_TOLERANCE:
        verb = "add" if total < 1 else "take away"
        mistakes.append(
            f"the weights sum to {format_share(total)}, not 100%; "
            f"{verb} {format_share(abs(1.0 - total))}"
        )
    return mistakes


def _whole_findings(data: Any, where: str, error: InputError) -> list[Finding]:
    """Return mistakes of the whole card that a mistake in one KPI kept from being looked at."""
    kpis = data.get("kpis") if isinstance(data, Mapping) else None
    if not isinstance(kpis, list) or any("the weights sum to" in f.found for f in error.findings):
        return []
    try:
        rows = [
            (str(kpi["metric"]), 0.0 if kpi.get("curve") == "gate" else parse_share(kpi["weight"]))
            for kpi in kpis
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
    line = line_of(data, ["kpis"])
    place = f"{where}:{line}" if line else where
    seen = {finding.found for finding in error.findings}
    mistakes = _card_mistakes([name for name, _ in rows], [weight for _, weight in rows])
    told = any("every KPI is a gate" in found for found in seen)
    return [Finding(place, m) for m in mistakes if not told and not any(m in f for f in seen)]
