"""Times of day and dates as people write them."""

from __future__ import annotations

from datetime import date


def minutes_of_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return minutes after midnight of spans of a day written ``HH:MM-HH:MM HH:MM-HH:MM``."""
    spans, last = [], -1
    for part in str(text).split():
        start, _, end = part.partition("-")
        span = (minutes_of_day(start), minutes_of_day(end))
        if not last <= span[0] < span[1]:
            message = f"'{part}' in '{text}' must start after the span before and end later"
            raise ValueError(message)
        spans.append(span)
        last = span[1]
    if not spans:
        message = "hours worked are empty; write HH:MM-HH:MM, or leave the agent out"
        raise ValueError(message)
    return tuple(spans)


def minutes_of_day(text: str) -> int:
    """Return minutes after midnight for ``HH:MM`` (up to ``24:00``)."""
    try:
        hours, minutes = (int(part) for part in str(text).split(":"))
    except ValueError:
        message = f"'{text}' is not a time of day; write HH:MM"
        raise ValueError(message) from None
    total = hours * 60 + minutes
    if not (0 <= minutes < 60 and 0 <= total <= 24 * 60):
        message = f"'{text}' is not a time of day; write HH:MM between 00:00 and 24:00"
        raise ValueError(message)
    return total


def iso_date(text: str) -> str:
    """Return a local date as ``YYYY-MM-DD``; anything else is refused."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        message = f"'{text}' is not a date; write YYYY-MM-DD"
        raise ValueError(message) from None
