"""An incident found in the history: when, whose contacts, how many more or fewer; as a scenario."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pydantic import Field

from svcsim.model.events import MOST_CASES
from svcsim.model.quantity import Time
from svcsim.model.times import iso_date
from svcsim.spec import Spec
from svcsim.text import Text


class Incident(Spec):
    """Hours of one local day on which contacts lay beyond 5 standard deviations of their usual.

    They are set aside from the fit of arrivals: ordinary days are forecast without them, and the
    scenario shows what the desk makes of such a day.
    """

    day: str
    """Local day (ISO)."""
    from_hour: int = Field(ge=0, le=23)
    until_hour: int = Field(ge=1, le=24)
    """Local hours, the last excluded."""
    n: int
    """New cases that came in these hours."""
    expected: float
    """New cases usual in these hours of the weekday."""
    of_day: float = 0.0
    """New cases usual on the whole day."""
    z: float
    """Distance from the usual in standard deviations."""
    categories: dict[str, float]
    """Category -> extra (or missing, below 0) new cases; those that bear a tenth or more of all."""
    begins: str = ""
    """Local time (``HH:MM``) of the quarter of an hour at which extra cases set in."""
    over: Time | None = None
    """Mean time after it at which extra cases came; absent where cases were missing."""

    @property
    def extra(self) -> float:
        """Extra new cases; negative: missing."""
        return self.n - self.expected

    def told(self) -> Text:
        """Return the incident in one sentence."""
        more = self.extra > 0
        number = abs(self.extra)
        hours = f"{self.from_hour:02d}:00-{self.until_hour:02d}:00"
        en, zh = ("more", "多") if more else ("fewer", "少")
        return Text(
            f"{self.day} {hours}: {number:.0f} {en} new cases than usual "
            f"({self.n} instead of {self.expected:.0f})",
            f"{self.day} {hours}：新增案件比平常{zh} {number:.0f} 个"
            f"（{self.n} 个，平常约 {self.expected:.0f} 个）",
        )

    def scenario(self, baseline: str) -> dict[str, Any]:
        """Return a scenario (plain data for YAML) in which the incident happens again.

        Extra cases are bursts on the same day; missing ones are campaigns of that day, whose
        factor spreads the loss over the day. The run begins on the Monday before.

        Parameters
        ----------
        baseline : str
            Path of the baseline as seen from the folder of the scenario.
        """
        first = date.fromisoformat(iso_date(self.day))
        monday = first - timedelta(days=first.weekday())
        changes = self._bursts() if self.extra > 0 else self._campaigns(first)
        return {
            "name": f"incident-{self.day}",
            "zh": f"{self.day} 的异常",
            "why": str(self.told()),
            "baseline": baseline,
            "changes": changes,
            "run": {"days": 14, "replications": 100, "seed": 1, "start": monday.isoformat()},
        }

    def _bursts(self) -> dict[str, Any]:
        over = Time(value=3600.0) if self.over is None else self.over
        at = f"{self.day} {self.begins or f'{self.from_hour:02d}:00'}"
        out: dict[str, Any] = {}
        for number, (category, size) in enumerate(self.categories.items(), 1):
            # one burst has room for some thousands of cases; a larger one is several at once
            parts = int(-(-size // MOST_CASES["poisson"]))
            for part in range(1, parts + 1):
                name = f"incident-{number}" + (f"-{part}" if parts > 1 else "")
                out[f"bursts.{name}"] = {
                    "add": {
                        "at": at, "category": category, "size": round(size / parts, 1),
                        "over": over.show(over.value),
                    }
                }  # fmt: skip
        return out

    def _campaigns(self, day: date) -> dict[str, Any]:
        until = (day + timedelta(days=1)).isoformat()
        times = max(1.0 + self.extra / max(self.of_day, 1.0), 0.0)
        return {
            "campaigns.incident": {
                "add": {"from": self.day, "until": until, "times": round(times, 3)}
            }
        }
