"""The window of a log without its rows: what there is to know when they stay where they are."""

from __future__ import annotations

from dataclasses import dataclass

from svcsim.contacts.log import ContactLog, Origin


@dataclass(frozen=True)
class Window:
    """What a `ContactLog` says beside its rows; fields as there.

    Parameters
    ----------
    start, end : float
        Half-open window of opening times, UTC epoch seconds.
    observed_until : float
        Nothing after this instant is known.
    openings_until : float
        Contacts opened at or after this are not among the rows.
    origin : str
        ``history`` or ``simulated``.
    timezone : str
        IANA zone of local days, weeks, months.
    name : str
        What reports call the log.
    """

    start: float
    end: float
    observed_until: float
    openings_until: float = float("inf")
    origin: Origin = "history"
    timezone: str = "UTC"
    name: str = "history"

    @classmethod
    def of(cls, log: ContactLog) -> Window:
        """Return the window of a log."""
        return cls(
            log.start,
            log.end,
            log.observed_until,
            log.openings_until,
            log.origin,
            log.timezone,
            log.name,
        )
