"""What detectors look at: a log, a period, and who first worked on every contact, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.measure import strata_of
from svcsim.scorecard.period import Period

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

AT_ONCE = 5.0
"""Seconds between the end of a wait and a first response that are one event."""


@dataclass(frozen=True)
class Scene:
    """A log and the period to look at; ``limits``: ids of metrics such as ``frt_within(1h)``."""

    log: ContactLog
    span: Period
    limits: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """The rows of the log."""
        return self.log.frame

    def seconds(self, column: str) -> Floats:
        """Return a number column."""
        return self.frame[column].to_numpy(dtype=float)

    def knows(self, column: str) -> bool:
        """Tell whether a column has any value."""
        return bool(self.frame[column].notna().any())

    def inside(self, column: str) -> Bools:
        """Return which contacts have that stamp in the period."""
        at = self.seconds(column)
        return np.asarray((at >= self.span.start) & (at < self.span.end))

    @cached_property
    def stratum(self) -> pd.Series:
        """Kind of every contact: category and, where labelled, difficulty."""
        return strata_of(self.frame)

    @cached_property
    def live(self) -> Bools:
        """Contacts of live channels (calls, chats): being answered is the first response.

        Those where waits are measured and the first response mostly comes within `AT_ONCE` of the
        wait's end; on ticket channels it is the end of a handling.
        """
        frame = self.frame
        channel = frame["channel"].astype("object").fillna("-")
        late = frame["first_response_s"] - (frame["queued_s"] + frame["wait_s"])
        waits = frame["wait_s"].notna().groupby(channel).transform("any")
        gap = late.abs().groupby(channel).transform("median")
        return np.asarray(waits & ~(gap > AT_ONCE), dtype=bool)

    @cached_property
    def spells(self) -> pd.DataFrame | None:
        """Spells of work in order of time, or None where the log has none."""
        work = self.log.work
        return None if work is None or work.empty else work.sort_values("end_s", kind="stable")

    @property
    def timed(self) -> bool:
        """Whether spells of work are known with their starts."""
        return self.spells is not None and bool(self.spells["start_s"].notna().mean() > 0.9)

    @cached_property
    def first(self) -> pd.DataFrame:
        """Who first worked on each contact: ``agent, team, start_s, end_s``, one row a contact.

        From the spells of work where their starts are known. Else proxies: the contact's own
        agent where it never changed hands; the end is the first response, and the start is queue
        join + wait on live channels, first response less handling time for a single handling,
        else the first response.
        """
        if self.timed and self.spells is not None:
            head = self.spells.sort_values("start_s", kind="stable").drop_duplicates("ticket_id")
            head = head.set_index("ticket_id")[["agent", "team", "start_s", "end_s"]]
            return head.reindex(self.frame["ticket_id"]).set_axis(self.frame.index, axis=0)
        frame = self.frame
        response, handling = frame["first_response_s"], frame["handle_s"].fillna(0.0)
        once = ~(frame["handlings"] > 1)
        start = (response - handling).where(once, response)
        start = start.where(~self.live, frame["queued_s"] + frame["wait_s"])
        start = start.where(~(start < frame["queued_s"]), frame["queued_s"]).where(response.notna())
        whose = frame["agent"].where(~(frame["transfers"] > 0))
        return pd.DataFrame(
            {"agent": whose, "team": frame["team"], "start_s": start, "end_s": response}
        )

    def tickets(self, use: Bools) -> list[str]:
        """Return the ticket ids of some contacts, in order of opening."""
        rows = self.frame.loc[use, ["ticket_id", "opened_s"]].sort_values("opened_s", kind="stable")
        return [str(ticket) for ticket in rows["ticket_id"]]
