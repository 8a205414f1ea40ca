"""Baseline: the ServiceModel with where every number came from, and how well it fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field

from svcsim.errors import Finding, InputError
from svcsim.model.fidelity import Fidelity as Fidelity
from svcsim.model.fidelity import FidelityCell as FidelityCell
from svcsim.model.incident import Incident
from svcsim.model.quantity import GRADES, plain, walk
from svcsim.model.questions import Question, Rung, Satisfaction
from svcsim.model.service import ServiceModel
from svcsim.model.tuning import Tuning
from svcsim.model.weeks import Weeks
from svcsim.spec import Spec, dump_yaml, read_yaml
from svcsim.text import Text

SCHEMA = "svcsim.baseline/1"


class Source(Spec):
    """The history behind a baseline."""

    log: str
    sha256: str = ""
    rows: int
    start: str
    """First local day of the fit window (ISO)."""
    end: str
    """Day after the last (ISO)."""
    set_aside: dict[str, int] = {}
    """Reason -> contacts (or stamps of them) that the fit did not use."""
    held_out: str = ""
    """``start/end`` of the span kept for the fidelity verdict."""


class Drift(Spec):
    """A change found inside the fit window: the desk before differs from the desk after."""

    what: Text
    when: str
    """Local day (ISO) from which it differs."""
    before: str
    after: str
    strength: float
    """Standardised size (|z|) of the change."""
    severe: bool = False
    """Whether a mean over both sides describes neither."""


class Baseline(Spec):
    """A desk learned from history, as one readable YAML file."""

    schema_: str = Field(default=SCHEMA, alias="schema")
    svcsim: str
    name: str
    zh: str = ""
    source: Source
    notes: tuple[Text, ...] = ()
    """What a reader must know before trusting the numbers."""
    drift: tuple[Drift, ...] = ()
    weeks: Weeks = Weeks()
    incidents: tuple[Incident, ...] = ()
    """Days and hours set aside from the fit of arrivals."""
    fidelity: Fidelity = Fidelity()
    tuning: Tuning = Tuning()
    """What simulated moments made of the factors that the history does not tell directly."""
    ladder: tuple[Rung, ...] = ()
    """What the history holds, and what stands in for the rest."""
    questions: tuple[Question, ...] = ()
    """The answers that would improve this baseline most."""
    satisfaction: Satisfaction | None = None
    """Satisfaction of everybody, estimated from those who answered."""
    model: ServiceModel

    model_config = {**Spec.model_config, "populate_by_name": True}

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a baseline; one of another schema version is refused by name."""
        data = read_yaml(path)
        found = data.get("schema") if isinstance(data, dict) else None
        if found != SCHEMA:
            if isinstance(data, dict) and {"baseline", "changes"} & set(data):
                told = "this is a scenario, not a baseline"
                mend = "only svcsim simulate takes scenarios"
                raise InputError(Finding(f"{path}:1", told, f"expected {SCHEMA}", mend))
            raise InputError(
                Finding(
                    f"{path}:1",
                    f"schema {found!r}" if found else "no schema: this is not a baseline",
                    f"expected {SCHEMA}",
                    "calibrate again: svcsim calibrate LOG -o BASELINE.yaml",
                )
            )
        return cls.from_data(data, str(path))

    def to_yaml(self) -> str:
        """Return the baseline as YAML that a person can read, its fidelity in brief."""
        brief = self.model_copy(update={"fidelity": self.fidelity.brief()})
        head = "# A desk learned from history. value = best estimate, interval = 90 %,\n"
        head += (
            "# grade = measured (from the data) | given (by the planner) | proxy (from something\n"
        )
        head += "# near it) | assumed.\n"
        data: dict[str, Any] = {"schema": self.schema_}
        data |= {k: v for k, v in plain(brief).items() if k != "schema_"}
        return head + dump_yaml(data)

    def grades(self) -> dict[str, dict[str, int]]:
        """Count the quantities of each part of the model by grade.

        A part left at its default (several chats at once, behaviour under incentives, ...) does
        not occur at this desk, so it has no numbers to trust or to check.
        """
        out: dict[str, dict[str, int]] = {}
        fields = ServiceModel.model_fields
        for path, quantity in walk(self.model):
            name = path.split(".")[0]
            if getattr(self.model, name) == fields[name].default:
                continue
            part = out.setdefault(name, dict.fromkeys(GRADES, 0))
            part[quantity.grade] += 1
        return out
