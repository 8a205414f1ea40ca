"""Tier of difficulty of a contact, from what is known when it arrives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from svcsim.spec import Spec


class ExpectedWork(Spec):
    """A rule in place of a label: ``log work = mean + sum of the effects of what is known``.

    ``cuts`` on that scale part the ``tiers``, the easiest first. A value that the rule does not
    know counts nothing.
    """

    mean: float
    """Log of the seconds of work of a contact of which nothing is known."""
    effects: dict[str, dict[str, float]]
    """Column of the log -> value -> what it adds."""
    cuts: tuple[float, ...]
    tiers: tuple[str, ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if len(self.tiers) != len(self.cuts) + 1 or list(self.cuts) != sorted(self.cuts):
            message = "cuts must rise, and there must be one tier more than cuts"
            raise ValueError(message)
        return self

    def log_work(self, row: Mapping[str, object]) -> float:
        """Return the expected log work of a contact from its columns."""
        return self.mean + sum(
            effects.get(_text(row.get(name)), 0.0) for name, effects in self.effects.items()
        )

    def tier(self, row: Mapping[str, object]) -> str:
        """Return the tier of a contact from its columns."""
        return self.tiers[bisect_right(self.cuts, self.log_work(row))]


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
