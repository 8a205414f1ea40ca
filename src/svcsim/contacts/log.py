"""ContactLog: what happened at the desk, one row a contact, for history and simulation alike.

A row is one time a customer comes to the desk about a case: a call, a chat, or a ticket with all
its handlings, pending delays and reopens. A later contact about the same problem is a new row
with the same ``case_id`` and the next ``contact_no``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar import Clock
from svcsim.contacts.codes import case_codes
from svcsim.contacts.columns import OUTCOMES, columns
from svcsim.errors import Finding, InputError

SCHEMA = "svcsim.contacts/1"
LONG = 1_000_000
"""Rows from which the columns of a frame are kept apart: copies of all of them take gigabytes."""
Origin = Literal["history", "simulated"]
UNTIL_THE_END = (
    "handle_s", "handlings", "transfers", "reopens", "pending_s", "in_time", "survey_sent", "csat",
    "nps", "hold_s", "pending_customer_s", "reworks", "complaint", "churned", "quality_score",
    "empty_reply", "cost", "replies", "customer_messages", "commenters", "turns", "turn_wait_s",
    "requester_wait_s", "desk_turn_s", "effort", "csat_first", "recovered", "fault",
)  # fmt: skip
"""Columns that an export fills over the life of a contact: unknown while it is unfinished."""


class Windowed(Protocol):
    """Whatever has a name and a window of openings in a local time."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def start(self) -> float:
        """First instant, epoch seconds."""

    @property
    def end(self) -> float:
        """Instant after the last."""

    @property
    def timezone(self) -> str:
        """IANA zone."""


@dataclass(frozen=True)
class ContactLog:
    """Contacts in a window.

    Parameters
    ----------
    frame : DataFrame
        Canonical columns (`columns()`); times are float64 UTC epoch seconds (whole), NaN when
        missing; unfinished contacts are kept (``outcome == "open"``). Text columns are ``str`` or
        Categorical (``outcome`` with all outcomes as categories); ``ticket_id``, ``case_id`` and
        ``customer`` may be whole numbers (equal = same), as a simulation counts them. Nothing in
        it is changed once it is in a log.
    start, end : float
        Half-open observation window ``[start, end)`` of *opening* times, epoch seconds.
    observed_until : float
        Nothing after this instant is known: later events are right-censored.
    origin : str
        ``history`` or ``simulated``.
    timezone : str
        IANA zone of the desk's local time (periods and profiles are local).
    name : str
        What reports call the log.
    work : DataFrame or None
        Spells of agents' work, one row a handling or touch: ``agent, team, ticket_id, start_s,
        end_s`` (``start_s`` is NaN where an export records only the end of a touch).
    openings_until : float
        Contacts opened at or after this are not in the log although later stamps are (an export
        chosen by opening date): whether somebody came back is known only until then.
    staffed : DataFrame or None
        Staffed spells: ``agent, team, start_s, end_s``; known only from a roster or a simulation.
    joins : DataFrame or None
        Every time a contact joined a queue, in order of time: ``ticket_id, team, time_s, why``
        (``svcsim.engine.joins.WHY``); only where a simulation noted it.
    off : DataFrame or None
        Time off the queue: ``agent, start_s, end_s``; only where a simulation noted it.
    hours : Clock or None
        The desk's business hours, where somebody gave them: the clock of metrics in open hours.
    tables : mapping of str to DataFrame
        Side tables by name (`contacts.tables`): articles, checks, revenue, plans ...
    """

    frame: pd.DataFrame
    start: float
    end: float
    observed_until: float
    origin: Origin = "history"
    timezone: str = "UTC"
    name: str = "history"
    work: pd.DataFrame | None = None
    staffed: pd.DataFrame | None = None
    account: Mapping[str, Any] = field(default_factory=dict)
    openings_until: float = float("inf")
    joins: pd.DataFrame | None = None
    off: pd.DataFrame | None = None
    hours: Clock | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def case_code(self) -> NDArray[np.int64]:
        """Number of each contact's case: equal = same replication and case, -1 = without case.

        Codes of the frame's texts are computed at the first use and kept as long as the frame;
        a case_id of whole numbers or a Categorical is its own code (`contacts.codes`).
        """
        return case_codes(self.frame)[0]

    def between(self, start: float, end: float) -> ContactLog:
        """Return the contacts opened in ``[start, end)``; what is known of them stays known.

        Raises
        ------
        InputError
            When no contact was opened in that span.
        """
        opened = self.frame["opened_s"].to_numpy()
        inside = (opened >= start) & (opened < end)
        # a frame is never changed: all of it needs no copy
        frame = self.frame if inside.all() else kept_rows(self.frame, inside)
        if frame.empty:
            raise nothing_opened(self, start, end)
        return replace(self, frame=frame, start=start, end=end)

    def window(self, start: float, end: float) -> ContactLog:
        """Return the same rows seen through the window ``[start, end)``.

        Contacts opened earlier stay: they belong to the backlog, and what happened to them inside
        the window is dated there. Contacts opened later stay too: they tell which contacts of the
        window were followed by another.

        Raises
        ------
        InputError
            When no contact was opened in that span.
        """
        self.between(start, end)
        return replace(self, start=start, end=end)

    def known_at(self, instant: float) -> ContactLog:
        """Return the log as it would have looked at ``instant``: later events are not known yet.

        Contacts opened later are dropped, stamps after ``instant`` become missing, and a contact
        whose end was not known yet is open again. Values that only a later event could have
        told (handling time of an unfinished contact, its survey, its reopens) become missing; its
        agent is who touched it last before then, as far as `work` tells. A
        contact that is resolved again only later was reopened in between: it is open again if
        somebody worked on it after its first resolution and before ``instant``, else taken as
        still resolved (the log does not say when it was reopened), and what was counted over its
        whole life becomes missing.
        """
        frame = kept_rows(self.frame, (self.frame["opened_s"] < instant).to_numpy())
        first, last = frame["first_resolved_s"], frame["resolved_s"]
        reopened_later = (first < instant) & (last >= instant)
        again = reopened_later & self._worked_on_since(frame, first, instant)
        still = reopened_later & ~again
        frame["resolved_s"] = last.mask(still, first)
        frame.loc[still, "outcome"] = "resolved"
        ended = frame[["resolved_s", "abandoned_s"]].min(axis=1)
        unfinished = ended.isna() | (ended >= instant)
        _forget(frame, ("csat", "nps", "effort"), frame["survey_s"] >= instant)
        for name, column in columns().items():
            if column.type == "time" and name != "opened_s":
                _forget(frame, (name,), frame[name] >= instant)
        _forget(frame, ("wait_s",), frame["queued_s"] + frame["wait_s"] >= instant)
        frame.loc[unfinished, "outcome"] = "open"
        if instant < self.observed_until:
            # an export names who resolved it in the end: until then only who touched it is known
            held = self._held_at(frame, instant)
            frame["agent"] = frame["agent"].astype("str").mask(unfinished, held)
        _forget(frame, UNTIL_THE_END, unfinished | reopened_later)
        frame["reopens"] = frame["reopens"].mask(still, 0.0)
        work, staffed = self.work, self.staffed
        return replace(
            self,
            frame=frame,
            end=min(self.end, instant),
            observed_until=instant,
            openings_until=min(self.openings_until, instant),
            work=None if work is None else work[work["end_s"] < instant],
            staffed=None if staffed is None else staffed[staffed["start_s"] < instant],
            tables={name: _known_rows(rows, instant) for name, rows in self.tables.items()},
        )

    def _held_at(self, frame: pd.DataFrame, instant: float) -> pd.Series:
        """Return who touched each contact last before ``instant``; missing where none is known.

        Some exports number people who touch apart from people who resolve: then none is known.
        """
        nobody = pd.Series(None, index=frame.index, dtype="str")
        if self.work is None or not len(self.work):
            return nobody
        if not self.work["agent"].isin(frame["agent"].dropna().unique()).any():
            return nobody
        done = self.work[self.work["end_s"] < instant].sort_values("end_s", kind="stable")
        return frame["ticket_id"].map(done.groupby("ticket_id")["agent"].last())

    def _worked_on_since(self, frame: pd.DataFrame, first: pd.Series, instant: float) -> pd.Series:
        """Return which contacts were touched between ``first`` (per row) and ``instant``."""
        if self.work is None or not len(self.work):
            return pd.Series(False, index=frame.index)
        done = self.work[self.work["end_s"] < instant]
        last = frame["ticket_id"].map(done.groupby("ticket_id")["end_s"].max())
        return last > first + 60.0

    def to_parquet(self, path: str | Path) -> None:
        """Write the canonical log, with UTC timestamps beside the whole epoch seconds."""
        from svcsim.contacts.store import write_log

        write_log(self, Path(path))


def make_log(
    rows: pd.DataFrame | Iterable[Mapping[str, Any]],
    *,
    start: float | None = None,
    end: float | None = None,
    observed_until: float | None = None,
    **meta: Any,
) -> ContactLog:
    """Build a ContactLog from rows with canonical names, filling defaults and dtypes.

    ``start``/``end`` default to the first and (just after the) last opening; ``observed_until``
    to just after the last stamp of any kind.

    Raises
    ------
    InputError
        For an unknown column, a missing required one or an unknown outcome.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    known = columns()
    unknown = [name for name in frame.columns if name not in known]
    missing = [
        name
        for name, column in known.items()
        if column.status == "required" and name not in frame and name != "outcome"
    ]
    if unknown or missing:
        raise InputError(
            [
                Finding("contact log", f"unknown column {n}", f"known: {list(known)}")
                for n in unknown
            ]
            + [Finding("contact log", f"column {n} is missing") for n in missing]
        )
    full: dict[str, Any] = {}
    long = len(frame) >= LONG
    nothing = _nothing(len(frame))
    for name, column in known.items():
        if name in frame:
            full[name] = _typed(frame[name], column.is_number)
        elif column.is_number:
            default = column.default
            full[name] = np.full(len(frame), float(default)) if default.isdigit() else nothing
        else:
            full[name] = pd.Series([None] * len(frame), dtype="str")
    table = pd.DataFrame(full, copy=not long)
    for name, source in (("case_id", "ticket_id"), ("queued_s", "opened_s")):
        table[name] = table[name].where(table[name].notna(), table[source])
    if "outcome" not in frame:
        status = np.where(
            table["resolved_s"].notna(),
            "resolved",
            np.where(table["abandoned_s"].notna(), "abandoned", "open"),
        )
        table["outcome"] = pd.Series(status, dtype="str")
    odd = sorted(set(table["outcome"].dropna().unique()) - set(OUTCOMES))
    if odd:
        raise InputError(Finding("contact log", f"outcome {odd}", f"expected one of {OUTCOMES}"))
    stamps = [name for name, column in known.items() if column.type == "time"]
    last = (
        max((float(table[n].max()) for n in stamps if table[n].notna().any()), default=0.0)
        if len(table)
        else 0.0
    )
    opened = table["opened_s"]
    first_open, last_open = (opened.min(), opened.max()) if len(table) else (0.0, 0.0)
    return ContactLog(
        frame=table,
        start=float(first_open if start is None else start),
        end=float(last_open + 1 if end is None else end),
        observed_until=float(last + 1 if observed_until is None else observed_until),
        **meta,
    )


def nothing_opened(log: Windowed, start: float, end: float) -> InputError:
    """Return the error of a span in which no contact of a log was opened."""
    zone = log.timezone
    return InputError(
        Finding(
            log.name,
            f"no contact was opened in [{show_day(start, zone)}, {show_day(end, zone)})",
            f"the log covers [{show_day(log.start, zone)}, {show_day(log.end, zone)})",
            "choose a period inside it (--from / --until / --period)",
        )
    )


def show_day(epoch_s: float, timezone: str) -> str:
    """Return an instant as local ``YYYY-MM-DD`` (with the time when it is not midnight)."""
    stamp = pd.Timestamp(epoch_s, unit="s", tz="UTC").tz_convert(timezone)
    return stamp.strftime("%Y-%m-%d" if stamp == stamp.normalize() else "%Y-%m-%d %H:%M")


def kept_rows(frame: pd.DataFrame, keep: NDArray[np.bool_]) -> pd.DataFrame:
    """Return a copy of the rows to keep.

    The columns of a long frame stay apart (no consolidated block), so that changing one copies
    only that one; those that hold nothing share one array that cannot be written to.
    """
    if len(frame) < LONG:
        return frame[keep].reset_index(drop=True).copy()
    nothing = _nothing(int(keep.sum()))
    out: dict[str, Any] = {}
    for name in frame:
        values = frame[name]
        if values.dtype == np.float64 and values.isna().all():
            out[str(name)] = nothing
        else:
            out[str(name)] = values[keep].reset_index(drop=True)
    return pd.DataFrame(out, copy=False)


def _forget(frame: pd.DataFrame, names: Iterable[str], rows: pd.Series) -> None:
    """Make values missing in some rows of a frame of one's own; columns without any stay."""
    if rows.any():
        for name in names:
            if frame[name].notna().any():
                frame[name] = frame[name].mask(rows)


def _nothing(rows: int) -> NDArray[np.float64]:
    """Return missing numbers that columns may share: they cannot be written to."""
    missing = np.full(rows, np.nan)
    missing.flags.writeable = False
    return missing


def _known_rows(rows: pd.DataFrame, instant: float) -> pd.DataFrame:
    """Return the rows of a side table that had begun before an instant, later stamps missing."""
    stamps = [str(name) for name in rows if str(name).endswith("_s")]
    known = rows[(rows[stamps[0]] < instant).to_numpy()].reset_index(drop=True)
    later = {
        name: known[name].where(known[name] < instant) for name in stamps[1:] if name != "due_s"
    }
    return known.assign(**later)


def _typed(values: pd.Series, is_number: bool) -> Any:
    if is_number and values.dtype == np.float64:
        return values.to_numpy()  # as it is: asked for with na_value it would be copied
    if is_number:
        return pd.to_numeric(values, errors="raise").to_numpy(dtype="float64", na_value=np.nan)
    return values.reset_index(drop=True).astype("str")
