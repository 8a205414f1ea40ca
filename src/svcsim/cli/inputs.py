"""What several verbs share: reading a LOG argument, cutting it, default folders."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from datetime import date

    from svcsim.calendar import SpecialDays
    from svcsim.contacts.log import ContactLog


_OTHER_NAME = "choose another name"


def log_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to read a history and which part of it to use."""
    for option in (
        click.option("--until", metavar="DAY", help="Use contacts opened before this local day."),
        click.option(
            "--from", "from_", metavar="DAY", help="Use contacts opened from this day on."
        ),
        click.option(
            "--tz",
            "timezone",
            metavar="ZONE",
            help="Time zone of the times in the export, e.g. Asia/Shanghai.",
        ),
        click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export."),
        click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets)."),
        click.option(
            "--date-order",
            type=click.Choice(["ymd", "dmy", "mdy"]),
            help="How dates such as 03/04/2026 are meant: dmy is 3 April, mdy is March 4. Needed "
            "only where the history does not tell by itself.",
        ),
        click.option(
            "--encoding",
            metavar="NAME",
            help="How the export stores its letters. Needed only where names come out garbled: "
            "UTF-8 and GB18030 (Chinese Excel) are recognised; others are big5, cp1252, ...",
        ),
    ):
        function = option(function)
    return function


def hours_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say when the desk is open."""
    for option in (
        click.option(
            "--holidays", help="Country whose holidays are closed (with --hours), e.g. CN."
        ),
        click.option(
            "--hours",
            help="Business hours, e.g. 'mon-fri 9:00-12:00 13:00-18:00; sat 10:00-14:00', or a "
            "file (YAML) with schedules by date, holidays and own days.",
        ),
    ):
        function = option(function)
    return function


def with_hours(log: ContactLog, hours: str | None, country: str | None) -> ContactLog:
    """Return the log with the business hours of the command line."""
    from svcsim.calendar import business_hours
    from svcsim.contacts.hours import HoursFile

    if hours is None:
        if country is not None:
            raise InputError(Finding("--holidays", country, "needs --hours beside it"))
        return log
    first, last = (datetime.fromtimestamp(at, UTC).year for at in (log.start, log.observed_until))
    # the oldest contacts may be from the year before
    years = range(first - 1, last + 2)
    if hours.endswith((".yaml", ".yml")):
        if country is not None:
            raise InputError(Finding("--holidays", country, "the file of --hours names its own"))
        return replace(log, hours=HoursFile.from_yaml(hours).clock(log.timezone, years))
    try:
        return replace(log, hours=business_hours(hours, log.timezone, country, years))
    except InputError as error:
        # the calendar knows no options; only an unknown country is told of --holidays
        options = {"calendar": "--hours", "holidays": "--holidays"}
        raise InputError(
            [replace(f, where=options.get(f.where, f.where)) for f in error.findings]
        ) from None


def special_days_around(log: ContactLog, source: str | None) -> SpecialDays | None:
    """Return the special days of a country or calendar file, of the history and two years on."""
    from svcsim.contacts.hours import read_special_days

    if source is None:
        return None
    first, last = (datetime.fromtimestamp(at, UTC).year for at in (log.start, log.end))
    return read_special_days(source, range(first - 1, last + 3))


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
    from svcsim.contacts.log import show_day
    from svcsim.study.opening import start_epoch

    start = log.start if from_ is None else start_epoch(parse_day(from_, "--from"), log.timezone)
    end = log.end if until is None else start_epoch(parse_day(until, "--until"), log.timezone)
    if start >= end:
        if from_ is not None and until is not None:
            found = f"{from_} is not before {until}"
        elif until is None:
            found = f"no contact was opened on {from_} or later"
        else:
            found = f"no contact was opened before {until}"
        days = [show_day(at, log.timezone) for at in (log.start, log.end)]
        covered = f"the log covers [{days[0]}, {days[1]})"
        raise InputError(Finding("--from/--until", found, covered, "choose days inside it"))
    return log.window(start, end)


def with_side_tables(log: ContactLog, folder: str | Path | None, out: Output) -> ContactLog:
    """Return the log with the side tables of a folder, saying which rows were set aside."""
    if folder is None:
        return log
    from svcsim.contacts.attach import with_tables
    from svcsim.contacts.tables import read_tables

    found = read_tables(folder, log.timezone)
    out.findings(found.findings)
    for name, count in found.read.items():
        out.say(word("table_read", table=name, read=count, used=len(found.frames[name])), 1)
    return with_tables(log, found.frames)


def parse_day(text: str, option: str) -> date:
    """Read an ISO day."""
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            Finding(option, f"'{text}' is not a day", "expected YYYY-MM-DD, such as 2026-04-11")
        ) from None


def check_output(
    path: Path | None,
    option: str,
    suffixes: tuple[str, ...],
    inputs: Iterable[str | Path | None],
    *,
    also: Iterable[Path] = (),
    folder_made: bool = False,
) -> None:
    """Refuse to write a file with another suffix, over an input, or where nothing can be written.

    Parameters
    ----------
    path, option
        The file asked for (None: nothing is written) and the option that names it.
    suffixes
        How its name may end.
    inputs
        What is read: files, globs of files, None. Their side tables count as well.
    also
        Further files that are written along with it.
    folder_made
        The command makes the folder when it is missing.

    Raises
    ------
    InputError
        Before anything is read.
    """
    if path is None:
        return
    kinds = " or ".join(suffixes)
    if not path.is_dir() and path.suffix not in suffixes:
        raise InputError(Finding(option, f"{path} does not end in {kinds}", "", _OTHER_NAME))
    spared = [file for source in inputs for file in _files_read(source)]
    for target in (*_with_sides(path), *also):
        for file in spared:
            if _same_file(target, file):
                found = f"{target} is read by this command"
                raise InputError(
                    Finding(option, found, "an input is never written over", _OTHER_NAME)
                )
    if not folder_made or path.is_dir() or path.parent.exists():
        _refuse_place(path, f"a {kinds} file")


def _files_read(source: str | Path | None) -> list[Path]:
    """Return the files behind an input, with their side tables; none where there is no file yet.

    What is wrong with an input itself is said by whoever reads it.
    """
    from svcsim.contacts.raw import find_files

    try:
        files = [] if source is None else find_files(source)
    except InputError:
        return []
    return [part for file in files for part in _with_sides(file)]


def _with_sides(path: Path) -> list[Path]:
    """Return a file and, for a canonical log, the tables that lie beside it."""
    if path.suffix != ".parquet":
        return [path]
    from svcsim.contacts.store import side_files

    return [path, *side_files(path)]


def _same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, also through links."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _refuse_place(path: Path, what: str) -> None:
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
