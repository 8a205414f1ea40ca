"""Benchmarks: values of comparable desks that bound the later stages, as YAML.

.. code-block:: yaml

    benchmarks:
      - {metric: fcr_window(7d), value: 85%, source: industry survey 2025}
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationInfo, field_validator

from svcsim.errors import InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.spec import Spec
from svcsim.units import parse_duration, parse_share


class Benchmark(Spec):
    """One value of others. Where it comes from decides what it is worth."""

    metric: str
    value: float
    """In the metric's unit: ``85%``, ``2h``, ``4.3``."""
    source: str = ""
    n: int | None = None
    """Contacts (or desks) behind it."""

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            return get_metric(value).id
        except InputError as error:
            raise ValueError("; ".join(f"{f.found}; {f.mend}" for f in error.findings)) from None

    @field_validator("value", mode="before")
    @classmethod
    def _with_unit(cls, value: Any, info: ValidationInfo) -> Any:
        name = info.data.get("metric")
        unit = get_metric(name).unit if name else ""
        if isinstance(value, str) and unit == "s":
            return parse_duration(value)
        if isinstance(value, str) and unit == "share":
            return parse_share(value)
        return value


class Benchmarks(Spec):
    """A file of benchmarks."""

    name: str = ""
    benchmarks: tuple[Benchmark, ...]

    def values(self) -> dict[str, float]:
        """Return metric -> value."""
        return {row.metric: row.value for row in self.benchmarks}
