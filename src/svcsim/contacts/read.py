"""An export and a mapping -> ContactLog, with a full account of rows used and set aside."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pandas as pd

from svcsim.contacts.account import Account
from svcsim.contacts.assemble import (
    canonical_frame,
    check_scores,
    observed_window,
    set_aside_impossible,
    work_spells,
)
from svcsim.contacts.capability import ADVICE, MEASURED, can_calibrate
from svcsim.contacts.cells import Cells
from svcsim.contacts.derive import Deriver
from svcsim.contacts.log import ContactLog, make_log, show_day
from svcsim.contacts.mapping import Mapping, get_preset, read_mapping
from svcsim.contacts.mapping_check import check_mapping
from svcsim.contacts.propose import choose
from svcsim.contacts.raw import RawTable, find_files, read_raw
from svcsim.contacts.stamps import is_zone
from svcsim.contacts.store import is_log, read_log
from svcsim.errors import Finding, InputError, nearest

WINDOW = ("start", "end", "observed_until")


@dataclass(frozen=True)
class Reading:
    """A history as read: the log, the account of its rows, what is worth knowing about it."""

    log: ContactLog
    account: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    rejects: pd.DataFrame = field(default_factory=pd.DataFrame)
    mapping: Mapping | None = None

    def summary(self) -> dict[str, Any]:
        """Return the account as plain data: rows, window, mapping, what can be calibrated."""
        log, grades, rules = self.log, can_calibrate(self.log), self.mapping
        window = {name: show_day(getattr(log, name), log.timezone) for name in WINDOW}
        return {
            "rows": {key: self.account[key] for key in ("read", "used", "set_aside")},
            "contacts": len(log),
            "outcomes": {str(k): int(n) for k, n in log.frame["outcome"].value_counts().items()},
            "files": self.account["files"],
            "mapping": rules and rules.model_dump(mode="json", exclude_defaults=True),
            "can_calibrate": grades,
            "advice": {part: ADVICE[part].data() for part, g in grades.items() if g != MEASURED},
            "window": {**window, "timezone": log.timezone},
        }


def read_history(
    source: str | Path,
    *,
    preset: str | None = None,
    mapping: str | Path | Mapping | None = None,
    timezone: str | None = None,
    date_order: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Reading:
    """Read an export, a glob of exports or a canonical log.

    Parameters
    ----------
    source : str or Path
        CSV, TSV, Excel, JSON (lines) or Parquet, also gzipped or zipped; a glob; a canonical log.
    preset, mapping
        Name of a preset, or a mapping (file). Without either, a preset whose columns are all
        there is used; else the error proposes a mapping.
    timezone, date_order, encoding, sheet
        Override what the mapping says.

    Raises
    ------
    InputError
        When the source cannot be read as asked. Nothing is guessed.
    """
    if preset is not None and mapping is not None:
        raise InputError(Finding("--preset, --mapping", "both are given", "expected one of them"))
    _check_options(timezone, date_order)
    rules = _rules(preset, mapping)
    paths = find_files(source)
    if rules is None and len(paths) == 1 and is_log(paths[0]):
        return _canonical(paths[0], timezone)
    raw = read_raw(
        source,
        separator=rules.separator if rules else "auto",
        encoding=encoding or (rules.encoding if rules else None),
        sheet=sheet,
    )
    notes = list(raw.findings)
    if rules is None:
        rules, note = choose(raw.header, raw.source)
        notes.append(note)
    return _mapped(raw, rules, timezone, date_order, notes)


def _mapped(
    raw: RawTable, rules: Mapping, timezone: str | None, order: str | None, notes: list[Finding]
) -> Reading:
    rules = _present(rules, raw)
    zone = timezone or rules.timezone
    account = Account(raw)
    cells = Cells(rules, account, zone or "UTC", order)
    for rule in rules.set_aside:
        account.aside(cells.holds(rule.where), rule.reason, planned=True)
    deriver = Deriver(cells)
    if rules.layout == "events":
        deriver.group()
    deriver.run()
    if cells.naive and zone is None:
        raise InputError(_no_zone(cells))
    set_aside_impossible(deriver)
    cells.notes += check_scores(deriver)
    keep = account.units_kept(deriver.units)
    if not keep.any():
        reasons = ", ".join(f"{r} ({n})" for r, n in account.summary(0)["set_aside"].items())
        raise InputError(Finding(raw.source, f"no row is a usable contact: {reasons}"))
    frame = canonical_frame(deriver, keep)
    summary = account.summary(int(keep.sum()))
    start, end, until = observed_window(frame, zone or "UTC")
    log = make_log(
        frame,
        start=start,
        end=end,
        observed_until=until,
        # Stamps go on for days after the last opening: the export was chosen by opening date.
        openings_until=end if until > end + 86400 else until,
        timezone=zone or "UTC",
        name=_name(raw),
        work=work_spells(deriver),
        account={key: summary[key] for key in ("read", "used", "set_aside")},
    )
    findings = [*notes, *account.findings(), *cells.notes]
    return Reading(log, summary, findings, account.rejects(), rules)


def _rules(preset: str | None, mapping: str | Path | Mapping | None) -> Mapping | None:
    if preset is not None:
        return get_preset(preset)
    if isinstance(mapping, Mapping):
        findings = check_mapping(mapping, mapping.name)
        if findings:
            raise InputError(findings)
        return mapping
    return None if mapping is None else read_mapping(mapping)


def _present(rules: Mapping, raw: RawTable) -> Mapping:
    """Check that the export has the columns of the mapping (drop what may be absent)."""
    header = raw.header
    if rules.optional:
        must = {"ticket_id", "opened_s"}
        kept = {
            name: smaller
            for name, source in rules.columns.items()
            if (smaller := _without(source, header)) is not None or name in must
        }
        rules = rules.model_copy(
            update={"columns": {n: s or rules.columns[n] for n, s in kept.items()}}
        )
        findings = check_mapping(rules, f"{raw.source} with the mapping '{rules.name}'")
        if findings:
            raise InputError(findings)
    missing = [name for name in rules.needed() if name not in header]
    twice = [name for name in rules.needed() if name in header and f"{name} (2)" in header]
    if missing or twice:
        raise InputError(
            [
                Finding(
                    f"{raw.source} row 1",
                    f"column '{name}' comes more than once",
                    f"the mapping '{rules.name}' reads it",
                    "rename one of them",
                )
                for name in twice
            ]
            + [
                Finding(
                    f"{raw.source} row 1",
                    f"column '{name}' is missing",
                    f"the mapping '{rules.name}' reads it",
                    nearest(name, header) or f"columns: {', '.join(header[:40])}",
                )
                for name in missing
            ]
        )
    return rules


def _without(source: Any, header: list[str]) -> Any:
    """Return a source without the parts whose columns are absent; None when nothing is left."""
    if source.first_of is not None:
        parts = tuple(p for p in (_without(p, header) for p in source.first_of) if p is not None)
        return source.model_copy(update={"first_of": parts}) if parts else None
    return source if all(name in header for name in source.names()) else None


def _canonical(path: Path, timezone: str | None) -> Reading:
    log = read_log(path)
    account: MappingOf[str, Any] = log.account or {}
    summary = {
        "read": account.get("read", len(log)),
        "used": account.get("used", len(log)),
        "set_aside": dict(account.get("set_aside", {})),
        "contacts": len(log),
        "files": [path.name],
    }
    notes: list[Finding] = []
    check_zone(path, timezone, log.timezone)
    return Reading(log, summary, notes)


def check_zone(path: Path, given: str | None, own: str) -> None:
    """Refuse another zone than that of a canonical log.

    Raises
    ------
    InputError
        When ``given`` is one.
    """
    if given is not None and given != own:
        raise InputError(
            Finding(
                "--tz",
                f"'{given}' is given, but {path} is a canonical log of the zone {own}",
                "",
                "read the export again with --tz",
            )  # fmt: skip
        )


def _check_options(timezone: str | None, date_order: str | None) -> None:
    findings = []
    if timezone is not None and not is_zone(timezone):
        mend = nearest(timezone, available_timezones()) or "for example Asia/Shanghai"
        findings.append(Finding("--tz", f"'{timezone}' is not an IANA time zone", "", mend))
    if date_order is not None and date_order not in ("ymd", "dmy", "mdy"):
        findings.append(Finding("--date-order", f"'{date_order}'", "expected ymd, dmy or mdy"))
    if findings:
        raise InputError(findings)


def _no_zone(cells: Cells) -> Finding:
    label = cells.naive[0]
    column = cells.mapping.columns["opened_s"].column or label
    samples = cells.frame[column].head(2).tolist() if column in cells.frame else [label]
    return Finding(
        cells.account.raw.source,
        f"stamps carry no time zone: {', '.join(map(repr, samples))}",
        "expected to know the local time of the desk",
        "state it with --tz, for example --tz Asia/Shanghai",
    )


def _name(raw: RawTable) -> str:
    first = raw.files[0]
    return first.split(".")[0] if len(raw.files) == 1 else f"{first.split('.')[0]} and more"
