"""Where the values of one column come from: the part of a mapping that does the work."""

from __future__ import annotations

import collections.abc
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from svcsim.spec import Spec

Take = Literal["first", "last", "last_known", "min", "max", "count", "time_in"]
KINDS = ("column", "first_of", "join", "sum_of", "date_and_time", "between", "constant")
WORDS = ("iso", "utc", "epoch", "epoch_ms")
"""Date formats that have a name."""
REFERENCES = ("after", "not_before", "not_after", "next_day_if_before")


def _listed(value: Any) -> Any:
    """Read one text as a list of one: ``dates: iso`` is ``dates: [iso]``."""
    return (value,) if isinstance(value, str) else value


Formats = Annotated[
    tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])
]
"""Date formats: a list, or one of them as a plain text."""


class Test(Spec):
    """What a source column must say; all that is given must hold."""

    __test__ = False

    any_of: tuple[str, ...] | None = None
    """One of these texts."""
    none_of: tuple[str, ...] | None = None
    """Something else than these texts (a missing value is something else)."""
    above: float | None = None
    """A number above this."""
    below: float | None = None
    """A number below this."""
    missing: bool | None = None
    """true: the cell is empty; false: it is not."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        """Read ``AGENT`` as ``{any_of: [AGENT]}`` and ``[A, B]`` as ``{any_of: [A, B]}``."""
        if isinstance(data, collections.abc.Mapping):
            return data
        return {"any_of": data if isinstance(data, (list, tuple)) else [data]}

    @field_validator("any_of", "none_of", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        values = value if isinstance(value, (list, tuple)) else [value]
        return None if value is None else tuple(as_text(v) for v in values)


class Source(Spec):
    """Where the values of one canonical column come from. A bare text names a column."""

    column: str | None = None
    """The column of the export, by its header."""
    first_of: tuple[Source, ...] | None = Field(default=None, min_length=1)
    """The first of these sources that is not missing."""
    join: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The texts of these columns joined with ``-``."""
    sum_of: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The sum of these number columns; missing parts count 0 unless all are missing."""
    date_and_time: tuple[str, str] | None = None
    """A column with the date and one with the time of day."""
    between: tuple[str, str] | None = None
    """Seconds from one canonical stamp to another."""
    constant: str | float | None = None
    """The same value on every row."""
    unit: Literal["ms", "s", "min", "h", "d", "hms"] | None = None
    """Unit of a duration; ``hms`` is ``H:MM:SS`` or ``H:MM``."""
    dates: Formats | None = None
    """Date formats of this column when they differ from those of the file."""
    values: dict[str, str | float] | None = None
    """What a text of the export means here; a text that is not listed stays as it is."""
    where: dict[str, Test] = Field(default_factory=dict)
    """Take the value only on the rows where all these columns say so."""
    take: Take | None = None
    """Event logs: which of a ticket's rows counts; ``last`` when nothing is said."""
    after: str | None = None
    """The source is a duration; the stamp is that long after this canonical stamp."""
    not_before: str | None = None
    """A stamp earlier than this canonical stamp is set to it (and counted)."""
    not_after: str | None = None
    """A stamp later than this canonical stamp is set to it (and counted)."""
    next_day_if_before: str | None = None
    """A clock time over 12 h before this canonical stamp belongs to the next day."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        """Read ``Created`` as ``{column: Created}``."""
        return data if isinstance(data, collections.abc.Mapping) else {"column": data}

    @field_validator("values", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        """Texts of an export are texts: ``1: low`` and ``true: 1`` name the cells 1 and true."""
        if not isinstance(value, collections.abc.Mapping):
            return value
        return {as_text(key): float(v) if isinstance(v, bool) else v for key, v in value.items()}

    @field_validator("dates")
    @classmethod
    def _forms(cls, dates: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return check_forms(dates)

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            message = f"needs exactly one of {', '.join(KINDS)}; found {given or 'none'}"
            raise ValueError(message)
        if self.first_of is not None and (self.where or self.take or self.values or self.unit):
            message = "write where, take, values and unit inside the items of first_of"
            raise ValueError(message)
        return self

    def names(self) -> Iterator[str]:
        """Yield every column of the export that this source reads."""
        yield from (name for name in (self.column,) if name is not None)
        yield from (*(self.join or ()), *(self.sum_of or ()), *(self.date_and_time or ()))
        yield from self.where
        for part in self.first_of or ():
            yield from part.names()

    def parts(self) -> Iterator[Source]:
        """Yield this source and every source inside it."""
        yield self
        for part in self.first_of or ():
            yield from part.parts()


def check_forms(dates: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Check that every date format is a keyword or one that strptime knows."""
    for form in dates or ():
        if form in WORDS:
            continue
        fault = "" if "%" in form else "no % in it"
        try:
            time.strptime("", form)
        except ValueError as error:
            if "does not match" not in str(error):
                fault = str(error)
        if fault:
            message = (
                f"'{form}' is not a date format ({fault}); write strptime's or {', '.join(WORDS)}"
            )
            raise ValueError(message)
    return dates


def as_text(value: Any) -> str:
    """Return a YAML value as the text of an export's cell: 3 -> 3, true -> true."""
    return str(value).lower() if isinstance(value, bool) else str(value)
