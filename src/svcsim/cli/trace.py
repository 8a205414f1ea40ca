"""``svcsim simulate --trace``: replication 1 event by event, and an hour of it as a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from svcsim.cli.folders import page_name
from svcsim.cli.inputs import parse_day
from svcsim.errors import Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcsim.contacts.log import ContactLog
    from svcsim.study.hour import Hour
    from svcsim.study.results import Results

OPTION = "--trace-span"
DRAWN_WHOLE = 12 * 3600.0
"""A span up to this long is drawn as it is; of a longer one the busiest hour is."""


def parse_span(text: str, timezone: str) -> tuple[float, float]:
    """Return the epoch seconds of a local day or of hours of it.

    ``2025-03-03`` is the whole day, ``2025-03-03 09:00-10:30`` a part of it.

    Raises
    ------
    InputError
        For anything else.
    """
    from svcsim.study.opening import start_epoch

    found = re.fullmatch(r"(\S+)(?:\s+(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d))?", text.strip())
    if found is None:
        raise InputError(
            Finding(
                OPTION, f"'{text}' is not a span", "expected a day, or a day and hours",
                "write for example '2026-04-11' or '2026-04-11 09:00-10:00'",
            )
        )  # fmt: skip
    begin = start_epoch(parse_day(found[1], OPTION), timezone)
    if found[2] is None:
        from datetime import timedelta

        return begin, start_epoch(parse_day(found[1], OPTION) + timedelta(days=1), timezone)
    start, end = (60 * int(found[i]) + int(found[i + 1]) for i in (2, 4))
    minutes_fit = int(found[3]) < 60 and int(found[5]) < 60
    if not (minutes_fit and start < end <= 24 * 60):
        expected = "expected a start before the end within one day, 24:00 at the latest"
        raise InputError(Finding(OPTION, f"'{text}' has no such hours", expected))
    return _wall(begin, start, timezone), _wall(begin, end, timezone)


def _wall(midnight: float, minutes: int, timezone: str) -> float:
    """Return the instant at which local clocks show so many minutes after a midnight."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    # Adding to a local time moves its wall clock, also over a change of the clock.
    zone = ZoneInfo(timezone)
    return (datetime.fromtimestamp(midnight, zone) + timedelta(minutes=minutes)).timestamp()


def write_trace(
    results: Results,
    log: ContactLog,
    span: tuple[float, float] | None,
    lang: str,
    categories: Sequence[str] | None = None,
) -> tuple[Path, Path]:
    """Write ``trace.txt``, ``hour.svg``, ``hour.png`` and ``hour.json``.

    ``categories``: the desk's, in the order of the model; it gives each its colour.

    Returns the paths of the trace and of the picture.
    """
    from svcsim.engine.trace_lines import trace
    from svcsim.report import figures
    from svcsim.report.figures_hour import hour_at_the_desk, hour_span
    from svcsim.report.style import standalone
    from svcsim.report.words import Words
    from svcsim.study.hour import busiest_hour, hour_of

    lines = trace(log, lang, *(span or ()))
    path = results.text(page_name("trace", lang, "txt"), "\n".join(lines) + "\n")
    start, end = span or (log.start, log.end)
    if end - start > DRAWN_WHOLE:
        start, end = busiest_hour(log, start, end)
    hour, words = hour_of(log, start, end, categories), Words(lang)
    results.json("hour.json", hour.data())
    figure = hour_at_the_desk(hour, words)
    alt = words("alt_hour", **hour_span(hour, words))
    picture = results.text(page_name("hour", lang, "svg"), standalone(figures.svg(figure, alt)))
    (results.folder / page_name("hour", lang, "png")).write_bytes(figures.png(figure))
    return path, picture


def kept_hour(folder: Path) -> Hour | None:
    """Return the hour that a results folder holds, None when it was run without a trace."""
    import json

    from svcsim.study.hour import Hour

    path = folder / "hour.json"
    if not path.is_file():
        return None
    try:
        return Hour.from_data(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise InputError(
            Finding(str(path), "is not an hour of svcsim", "", "simulate again with --trace")
        ) from None
