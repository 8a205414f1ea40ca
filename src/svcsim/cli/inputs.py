"""What several verbs share: reading a LOG argument, cutting it, default folders."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from datetime import date

    from svcsim.contacts.log import ContactLog


def log_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to read a history and which part of it to use."""
    for option in (
        click.option("--until", metavar="DAY", help="Use contacts opened before this local day."),
        click.option(
            "--from", "from_", metavar="DAY", help="Use contacts opened from this day on."
        ),
        click.option("--tz", "timezone", metavar="ZONE", help="IANA zone of the stamps."),
        click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export."),
        click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets)."),
        click.option("--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), help="Of slashes."),
        click.option("--encoding", metavar="NAME", help="Encoding of the export."),
    ):
        function = option(function)
    return function


def read_log_argument(
    source: str,
    out: Output,
    *,
    preset: str | None = None,
    mapping: str | None = None,
    timezone: str | None = None,
    date_order: str | None = None,
    encoding: str | None = None,
    from_: str | None = None,
    until: str | None = None,
) -> ContactLog:
    """Read a canonical log or an export, say what was set aside, and cut it to the days asked."""
    from svcsim.contacts.read import read_history

    reading = read_history(
        source, preset=preset, mapping=mapping, timezone=timezone, date_order=date_order,
        encoding=encoding,
    )  # fmt: skip
    out.findings([f for f in reading.findings if f.level != "note" or out.verbosity > 0])
    account = reading.account
    aside = sum(account["set_aside"].values())
    out.say(word("rows_read", read=account["read"], used=account["used"], aside=aside), 1)
    log = reading.log
    return cut(replace(log, name=Path(source).name.split(".")[0] or log.name), from_, until)


def cut(log: ContactLog, from_: str | None, until: str | None) -> ContactLog:
    """Return the log seen through the local days ``[from_, until)``.

    Contacts opened outside stay as context: the backlog of the first day, and who came back.
    """
    if from_ is None and until is None:
        return log
    from svcsim.study.opening import start_epoch

    start = log.start if from_ is None else start_epoch(parse_day(from_, "--from"), log.timezone)
    end = log.end if until is None else start_epoch(parse_day(until, "--until"), log.timezone)
    if start >= end:
        raise InputError(
            Finding("--from/--until", f"{from_} is not before {until}", "expected a span of days")
        )
    return log.window(start, end)


def parse_day(text: str, option: str) -> date:
    """Read an ISO day."""
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            Finding(option, f"'{text}' is not a day", "expected YYYY-MM-DD, such as 2026-04-11")
        ) from None


def refuse_existing(path: Path, what: str) -> None:
    """Refuse to write where a folder stands or the parent is missing."""
    if path.is_dir():
        raise InputError(Finding(str(path), "is a folder", f"expected the name of {what}"))
    if not path.parent.is_dir():
        raise InputError(
            Finding(str(path), f"folder {path.parent} does not exist", "", "make it first")
        )
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(
            Finding(
                str(path),
                f"{path.parent} cannot be written: {error.strerror}",
                "",
                "choose another",
            )
        ) from None
