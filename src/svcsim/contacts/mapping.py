"""How the columns of an export become the columns of a ContactLog: declared in YAML, no Python.

`docs/mapping.md` explains every key with examples; the presets in ``mappings/`` are such files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from svcsim.contacts.mapping_check import check_mapping
from svcsim.contacts.source import Formats, Source, Test, check_forms
from svcsim.contacts.stamps import is_zone
from svcsim.errors import Finding, InputError, nearest
from svcsim.spec import Spec, read_yaml
from svcsim.text import Text
from svcsim.units import parse_duration

DateOrder = Literal["ymd", "dmy", "mdy"]


class SetAside(Spec):
    """Rows of the export that are not contacts: kept in the account under their reason."""

    reason: Text
    """Why, in words that a planner reads in the account."""
    where: dict[str, Test]
    """All of these columns say so."""


class CaseChain(Spec):
    """Contacts of one customer about one thing, numbered in time, are one case."""

    by: tuple[str, ...] = Field(min_length=1)
    """Canonical columns or helpers that must be equal; a row that lacks one is its own case."""
    silence: str
    """A contact that comes later than this after the contact before it starts a new case."""
    counted_from: Literal["end", "opening"] = "end"
    """Silence runs from the end of the contacts before (resolved or left) or their opening."""

    @property
    def silence_s(self) -> float:
        """Silence in seconds."""
        return parse_duration(self.silence)

    @field_validator("silence")
    @classmethod
    def _duration(cls, value: str) -> str:
        parse_duration(value)
        return value


class Derive(Spec):
    """Closed list of derivations that need the whole table."""

    case_chain: CaseChain | None = None
    """Number the contacts of a customer about one thing."""
    previous_ticket: str | None = None
    """Column that names the ticket which this one repeats."""


class Work(Spec):
    """Spells of agents' work: one for each row of the export."""

    agent: Source
    """Who worked."""
    end_s: Source
    """When the work ended (or was written down)."""
    start_s: Source | None = None
    """When it began, where the export knows it."""
    team: Source | None = None
    """The agent's team at that moment."""
    where: dict[str, Test] = Field(default_factory=dict)
    """Only these rows are work."""


class Mapping(Spec):
    """One kind of export, declared."""

    name: str
    """Name of the preset."""
    zh: str = ""
    """Name in Chinese."""
    description: str = ""
    """What the export is and what to know about it."""
    layout: Literal["contacts", "events"] = "contacts"
    """One row a contact, or many rows (events, in time order) a ticket."""
    group_by: str | None = None
    """Event logs: the column that names the ticket."""
    separator: Literal["auto", "comma", "tab", "semicolon", "pipe"] = "auto"
    """Separator of a text file."""
    encoding: str | None = None
    """Encoding of a text file; without it UTF-8 and then GB18030 are tried."""
    missing: tuple[str, ...] = ("",)
    """Texts that mean: not known."""
    timezone: str | None = None
    """IANA time zone of stamps that carry none, for example Asia/Shanghai."""
    dates: Formats | None = None
    """strptime formats, or iso, utc, epoch, epoch_ms; without it the date order is detected."""
    date_order: DateOrder | None = None
    """Order of numeric dates, instead of formats."""
    optional: bool = False
    """Columns that the export lacks are left out (never ticket_id and opened_s)."""
    columns: dict[str, Source]
    """Canonical column <- source, in the order in which references need them."""
    helpers: dict[str, Source] = Field(default_factory=dict)
    """Named columns that are not kept, read first; a name ending in _s is a stamp."""
    set_aside: tuple[SetAside, ...] = ()
    """Rows that are not contacts."""
    derive: Derive = Derive()
    """Derivations over the whole table."""
    work: Work | None = None
    """Spells of work."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, zone: str | None) -> str | None:
        if zone is not None and not is_zone(zone):
            message = f"'{zone}' is not an IANA time zone; write for example Asia/Shanghai"
            raise ValueError(message)
        return zone

    @field_validator("dates")
    @classmethod
    def _forms(cls, dates: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return check_forms(dates)

    @model_validator(mode="after")
    def _layout(self) -> Mapping:
        if (self.layout == "events") != (self.group_by is not None):
            message = "layout: events needs group_by, and only events may have it"
            raise ValueError(message)
        return self

    def needed(self) -> list[str]:
        """Return every column of the export that the mapping reads, in order."""
        names = [self.group_by] if self.group_by else []
        for _, source in self.sources():
            names += source.names()
        for rule in self.set_aside:
            names += rule.where
        names += self.work.where if self.work else ()
        before = self.derive.previous_ticket
        names += [before] if before is not None else []
        return list(dict.fromkeys(names))

    def sources(self) -> Iterator[tuple[tuple[str, str], Source]]:
        """Yield every source with its place in the file, in order of evaluation."""
        for part in ("helpers", "columns"):
            for name, source in getattr(self, part).items():
                yield (part, name), source
        if self.work is not None:
            for name in ("agent", "team", "start_s", "end_s"):
                source = getattr(self.work, name)
                if source is not None:
                    yield ("work", name), source


def read_mapping(path: str | Path) -> Mapping:
    """Read a mapping file; every mistake is one finding with its line.

    Raises
    ------
    InputError
        For a file that is not a mapping.
    """
    data = read_yaml(path)
    mapping = Mapping.from_data(data, str(path))
    findings = check_mapping(mapping, str(path), data)
    if findings:
        raise InputError(findings)
    return mapping


@cache
def presets() -> dict[str, Mapping]:
    """Return the presets that come with svcsim, by name."""
    folder = files("svcsim.contacts").joinpath("mappings")
    paths = sorted(str(item) for item in folder.iterdir() if item.name.endswith(".yaml"))
    found = [read_mapping(path) for path in paths]
    return {mapping.name: mapping for mapping in found}


def get_preset(name: str) -> Mapping:
    """Return a preset by name.

    Raises
    ------
    InputError
        With the nearest names when there is none.
    """
    known = presets()
    if name not in known:
        mend = nearest(name, known) or f"presets: {', '.join(known)}"
        raise InputError(Finding("--preset", f"there is no preset '{name}'", "", mend))
    return known[name]


def list_presets() -> list[Mapping]:
    """Return the presets that come with svcsim, in order of their names."""
    return list(presets().values())
