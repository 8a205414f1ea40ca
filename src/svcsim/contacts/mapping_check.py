"""What a mapping's types alone cannot check: canonical names, units, references, layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from svcsim.contacts.columns import columns as canonical_columns
from svcsim.contacts.source import REFERENCES, Source
from svcsim.errors import Finding, nearest
from svcsim.spec import line_of

if TYPE_CHECKING:
    from svcsim.contacts.mapping import Mapping


def check_mapping(mapping: Mapping, where: str, data: Any = None) -> list[Finding]:
    """Check what the types alone cannot: canonical names, units, references, layout."""
    findings: list[Finding] = []
    known = canonical_columns()

    def add(path: tuple[str, ...], found: str, expected: str = "", mend: str = "") -> None:
        line = line_of(data, path)
        findings.append(Finding(f"{where}:{line}" if line else where, found, expected, mend))

    for name in ("ticket_id", "opened_s"):
        if name not in mapping.columns:
            add(("columns",), f"columns.{name} is missing", "every mapping needs it")
    for name in mapping.columns:
        if name not in known:
            mend = nearest(name, known) or f"known: {', '.join(known)}"
            add(("columns", name), f"columns.{name} is not a canonical column", "", mend)
    for name in mapping.helpers:
        if name in known:
            add(("helpers", name), f"helpers.{name} is the name of a canonical column",
                "expected another name")  # fmt: skip
    seen: set[str] = set()
    for (part, name), source in mapping.sources():
        if part != "columns" or name in known:
            for item in source.parts():
                for found, expected in _source_faults(mapping, part, name, item, seen):
                    add((part, name), f"{part}.{name}: {found}", expected)
        seen.add(name)
    if mapping.derive.previous_ticket is not None and mapping.layout == "events":
        add(("derive", "previous_ticket"), "derive.previous_ticket needs layout: contacts")
    chain = mapping.derive.case_chain
    for name in chain.by if chain else ():
        if name not in seen:
            add(("derive", "case_chain", "by"), f"derive.case_chain.by: '{name}' is not mapped",
                "expected names under columns or helpers", nearest(name, seen))  # fmt: skip
    return findings


def kind_of(part: str, name: str) -> str:
    """Return the type of the values of a mapped name: time, number, flag or text."""
    known = canonical_columns()
    if part == "columns" and name in known:
        kind = known[name].type
        return "number" if kind == "int" else "text" if kind == "category" else kind
    return "time" if name.endswith("_s") else "text"


def is_duration(part: str, name: str) -> bool:
    """Tell whether the values of a mapped name are seconds of duration."""
    known = canonical_columns()
    return part == "columns" and name in known and known[name].unit == "s" and (
        known[name].type == "number"
    )  # fmt: skip


def _source_faults(
    mapping: Mapping, part: str, name: str, source: Source, seen: set[str]
) -> Iterator[tuple[str, str]]:
    kind = kind_of(part, name)
    yield from _reference_faults(mapping, part, kind, source, seen)
    yield from _take_faults(mapping, part, name, source)
    timed = is_duration(part, name) or source.after is not None
    if source.between is not None:
        if not is_duration(part, name) or (mapping.layout == "events" and source.where):
            yield "between gives seconds of one contact", "use it for wait_s, handle_s, pending_s"
        for other in source.between:
            if other not in seen or not other.endswith("_s"):
                yield (
                    f"between: '{other}' is no stamp above it",
                    f"above: {', '.join(sorted(seen))}",
                )
    leaf = source.first_of is None and source.constant is None and source.between is None
    if timed and leaf and source.unit is None and source.take != "time_in":
        yield "a duration needs its unit", "write unit: ms, s, min, h, d or hms"
    if source.unit is not None and not (timed and leaf):
        yield "has a unit but is not a duration", "leave unit out"
    if source.sum_of is not None and kind not in ("number", "flag"):
        yield "sum_of gives a number", "use it for numbers and durations"
    if isinstance(source.constant, str) and kind in ("number", "flag"):
        yield f"the constant '{source.constant}' is not a number", ""
    if source.constant is not None and kind == "time":
        yield "a stamp cannot be constant", "name a column"


def _reference_faults(
    mapping: Mapping, part: str, kind: str, source: Source, seen: set[str]
) -> Iterator[tuple[str, str]]:
    for key in REFERENCES:
        other = getattr(source, key)
        if other is None:
            continue
        if part == "work" and mapping.layout == "events":
            yield f"{key} cannot be used in the work of an event log", ""
        elif kind != "time":
            yield f"{key} belongs to stamps", "expected a column whose name ends in _s"
        elif other not in seen or not other.endswith("_s"):
            yield f"{key}: '{other}' is no stamp above it", f"above: {', '.join(sorted(seen))}"


def _take_faults(
    mapping: Mapping, part: str, name: str, source: Source
) -> Iterator[tuple[str, str]]:
    take, kind = source.take, kind_of(part, name)
    if take is None:
        return
    if mapping.layout != "events" or part == "work":
        yield "take belongs to the columns of event logs", "leave take out"
    if take in ("count", "time_in") and source.column is None:
        yield f"take: {take} needs a column", ""
    if take == "time_in" and not is_duration(part, name):
        yield "take: time_in gives seconds", "use it for pending_s, wait_s or handle_s"
    if take == "count" and (kind != "number" or is_duration(part, name)):
        yield "take: count gives a number", "use it for handlings, transfers or reopens"
    if take in ("min", "max") and kind == "text":
        yield f"take: {take} needs stamps or numbers", "use first, last or last_known"
