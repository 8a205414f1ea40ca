"""What becomes of a contact: taken up again after a pending wait, or moved to another team."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.calendar import WorkCalendar
from svcsim.calibration.estimator import Estimator, share_from_counts
from svcsim.calibration.evidence import KNOWN, Evidence, by_count, by_elapsed, by_touch, no_waits
from svcsim.calibration.groups import channel_modes, live_rows
from svcsim.calibration.pending import FEW, open_hours, pending_law, pure_law, pure_laws
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration
from svcsim.model.quantity import Grade, Share, Time
from svcsim.text import Text

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class ResolutionEstimator(Estimator):
    """Learn, for each category: first team, transfers, and handlings with pending waits between.

    Handlings of a ticket between transfers and reopens are geometric:
    ``again = 1 - sum(1 + reopens) / sum(handlings - transfers)``, so the recorded number of
    handlings is given back. Transfers beyond the move to the other team are hand-overs inside the
    team: ``onward`` per handling. Evidence, best first: recorded handlings; work touches (touches
    of one agent within ten minutes are one handling); the time from first response to resolution,
    which counts as pending from 30 minutes on.

    Attributes
    ----------
    teams_ : dict of category to team
        Team that sees most of its contacts first.
    again_, transfer_, onward_ : dict of category to Share
    pending_ : dict of category to Duration or None
    transfer_to_ : dict of category to team or None
    handlings_ : Series
        Handlings of every row of the log, as far as told (expected ones for the last resort).
    """

    def fit(self, log: ContactLog) -> Self:
        """Learn from ``log`` (categories, teams and channels without gaps, see `grouped`)."""
        frame = log.frame
        names = [str(name) for name in frame["category"].value_counts().index]
        live = live_rows(frame, channel_modes(log))
        first = _first_teams(log)
        self.teams_ = {name: _majority(frame, first, name) for name in names}
        self._transfers(frame, first, log, names)
        evidence = self._evidence(log, ~live)
        self.handlings_ = pd.Series(evidence.handlings, index=frame.index)
        # changes of hands beyond the move to the other team
        known = frame["transfers"].fillna(0).to_numpy(dtype=float)
        self._handed = np.maximum(known - self._moved, 0.0)
        self.onward_ = self._onward(frame, evidence, names)
        self.again_ = self._again(frame, evidence, ~live, names)
        self.pending_ = self._pending(log, evidence, names)
        return self

    def _transfers(
        self, frame: pd.DataFrame, first: pd.Series, log: ContactLog, names: list[str]
    ) -> None:
        self.transfer_: dict[str, Share] = {}
        self.transfer_to_: dict[str, str | None] = {}
        counted = frame["transfers"].notna()
        touched = bool(first.notna().any())
        done = (frame["outcome"] == "resolved").to_numpy()
        usual = frame["category"].map(self.teams_)
        away = (frame["team"] != usual).to_numpy()
        if touched:
            known = done & (first == usual).to_numpy()
            self._moved = known & (away | _wandered(log))
        else:
            known = done & counted.to_numpy()
            self._moved = known & away & (frame["transfers"] > 0).to_numpy()
        for name in names:
            here = known & (frame["category"] == name).to_numpy()
            moved = here & self._moved
            if touched:
                how, grade = "touched by another team than the first", "measured"
            else:
                how, grade = "transferred and resolved by another team than the usual", "proxy"
            n, k = int(here.sum()), int(moved.sum())
            if k == 0:
                seen = "no move between teams in the log" if n else "transfers are not recorded"
                self.transfer_[name] = Share(value=0.0, n=n, grade="assumed", how=seen)
                self.transfer_to_[name] = None
                continue
            self.transfer_[name] = share_from_counts(k, n, grade, how)  # type: ignore[arg-type]
            # one that came back tells that it moved, not where to
            other = frame.loc[moved & away, "team"].value_counts()
            self.transfer_to_[name] = str(other.index[0]) if len(other) else None
            if not len(other):
                self.transfer_[name] = Share(
                    value=0.0, n=n, grade="assumed", how="always came back"
                )
        self._say_transfers(frame, touched)

    def _say_transfers(self, frame: pd.DataFrame, touched: bool) -> None:
        hands = float((frame["transfers"].fillna(0) > 0).mean())
        if hands > 0 and frame["team"].nunique() == 1:
            self.notes_.append(
                Text(
                    f"resolution: {hands:.1%} of the contacts changed hands, but teams are not "
                    "known; they queue again in the same team",
                    f"解决：{hands:.1%} 的联络换过经手人，但班组不详；换人后在同一班组重新排队",
                )
            )
        elif hands > 0 and not touched:
            self.notes_.append(
                Text(
                    "resolution: the first team of a contact is not recorded; the usual team of "
                    "its category is taken, and a transfer goes to the most common other team",
                    "解决：没有记录最初受理的班组；取该类别的惯常班组，转派时去往最常见的另一班组",
                )
            )
        if touched and hands > 0:
            self.notes_.append(
                Text(
                    "resolution: a contact moves to another team at most once in the model; "
                    "further moves queue again in the second team",
                    "解决：模型中一条联络最多跨组转派一次；再次转派则在第二个班组重新排队",
                )
            )

    def _evidence(self, log: ContactLog, tickets: Mask) -> Evidence:
        frame = log.frame
        done = tickets & (frame["outcome"] == "resolved").to_numpy()
        if not done.any():
            return Evidence(np.full(len(frame), np.nan), no_waits(), True, "assumed", "")
        if float(frame.loc[done, "handlings"].notna().mean()) >= KNOWN:
            return by_count(log, tickets)
        if log.work is not None and len(log.work):
            found = by_touch(log, tickets)
            if np.isfinite(found.handlings[done]).mean() >= KNOWN:
                return found
        self.notes_.append(
            Text(
                "resolution: neither handlings nor touches are recorded; a ticket resolved over "
                "30 minutes after its first response counts as pending in between",
                "解决：既无处理次数也无操作记录；首次响应 30 分钟以后才解决的工单，其间视为挂起",
            )
        )
        return by_elapsed(log, tickets)

    def _again(
        self, frame: pd.DataFrame, evidence: Evidence, tickets: Mask, names: list[str]
    ) -> dict[str, Share]:
        done = tickets & (frame["outcome"] == "resolved").to_numpy()
        done &= np.isfinite(evidence.handlings)
        tries = 1.0 + frame["reopens"].fillna(0).clip(lower=0).to_numpy()
        # a change of hands is a handling too, but not one that a pending wait came before
        single = np.maximum(evidence.handlings - self._moved - self._handed, tries)
        out = {}
        for name in names:
            here = done & (frame["category"] == name).to_numpy()
            if not evidence.single:
                out[name] = self._again_elapsed(frame, evidence, tickets, name)
                continue
            n, k = float(single[here].sum()), float((single - tries)[here].sum())
            if n == 0:
                how = (
                    "live contacts end with their handling" if evidence.how == "" else "no tickets"
                )
                out[name] = Share(value=0.0, grade="assumed", how=how)
            else:
                out[name] = _below_one(share_from_counts(k, n, evidence.grade, evidence.how))
        return out

    def _onward(
        self, frame: pd.DataFrame, evidence: Evidence, names: list[str]
    ) -> dict[str, Share]:
        """Return category -> changes of hands within the team per handling."""
        done = ((frame["outcome"] == "resolved") & frame["transfers"].notna()).to_numpy()
        tries = 1.0 + frame["reopens"].fillna(0).clip(lower=0).to_numpy()
        seen = np.where(np.isfinite(evidence.handlings), evidence.handlings - self._moved, tries)
        handlings = np.maximum(seen, tries + self._handed)
        out = {}
        for name in names:
            here = done & (frame["category"] == name).to_numpy()
            n, k = float(handlings[here].sum()), float(self._handed[here].sum())
            if n == 0:
                out[name] = Share(value=0.0, grade="assumed", how="transfers are not recorded")
            else:
                how = "changes of hands beyond the move to the other team, per handling"
                out[name] = _below_one(share_from_counts(k, n, evidence.grade, how))
        return out

    def _again_elapsed(
        self, frame: pd.DataFrame, evidence: Evidence, tickets: Mask, name: str
    ) -> Share:
        told = tickets & np.isfinite(evidence.handlings) & (frame["category"] == name).to_numpy()
        k = int((evidence.waits["category"] == name).sum())
        return _below_one(share_from_counts(k, int(told.sum()), evidence.grade, evidence.how))

    def _pending(
        self, log: ContactLog, evidence: Evidence, names: list[str]
    ) -> dict[str, Duration | None]:
        waits = evidence.waits[(evidence.waits["elapsed"] > 0).to_numpy()]
        out: dict[str, Duration | None] = dict.fromkeys(names)
        if waits.empty:
            return {name: _some_wait() if self.again_[name].value > 0 else None for name in names}
        hours = open_hours(log.frame["resolved_s"].to_numpy(dtype=float), log.timezone)
        how = evidence.how + ("" if evidence.single else ", taken apart into geometric waits")
        if not evidence.pure:
            how += "; closed hours taken out, waiting tickets censored"
        pooled: Duration | None = None
        pure = pure_laws(waits, evidence.grade, how) if evidence.pure else {}
        for name in names:
            again = self.again_[name].value
            if again <= 0:
                continue
            rows = waits[(waits["category"] == name).to_numpy()]
            more = 0.0 if evidence.single else again
            if evidence.pure:
                out[name] = pure[name] if name in pure else pure_law(waits, evidence.grade, how)
            elif int(rows["ended"].sum()) >= FEW:
                out[name] = _law(rows, more, hours, evidence.grade, how)
            elif waits["ended"].any():
                pooled = pooled or _law(waits, more, hours, "proxy", how + "; all categories")
                out[name] = pooled
            else:
                out[name] = _some_wait()
        return out


def _first_teams(log: ContactLog) -> pd.Series:
    """Return the team of each row's first touch, missing where no touch names a team."""
    frame = log.frame
    if log.work is None or not log.work["team"].notna().any():
        return pd.Series(np.nan, index=frame.index, dtype="str")
    work = log.work[log.work["team"].notna()].sort_values("end_s", kind="stable")
    if work["team"].nunique() == 1:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    first = work.drop_duplicates("ticket_id").set_index("ticket_id")["team"]
    return frame["ticket_id"].map(first)


def _wandered(log: ContactLog) -> Mask:
    """Return which rows were touched by more than one team before they were last resolved."""
    assert log.work is not None
    ended = log.frame[["ticket_id", "resolved_s"]]
    table = log.work.loc[log.work["team"].notna(), ["ticket_id", "team", "end_s"]]
    table = table.merge(ended, on="ticket_id")
    before = table[table["end_s"] <= table["resolved_s"]]
    teams = before.groupby("ticket_id")["team"].nunique()
    return (log.frame["ticket_id"].map(teams) > 1).to_numpy(dtype=bool)


def _majority(frame: pd.DataFrame, first: pd.Series, name: str) -> str:
    here = frame["category"] == name
    seen = first[here].dropna()
    if seen.empty:
        stayed = here & (frame["transfers"].fillna(0) == 0) & (frame["outcome"] == "resolved")
        seen = frame.loc[stayed if stayed.any() else here, "team"]
    return str(seen.value_counts().index[0])


def _law(rows: pd.DataFrame, again: float, hours: WorkCalendar, grade: Grade, how: str) -> Duration:
    return pending_law(
        rows["start_s"].to_numpy(dtype=float),
        rows["elapsed"].to_numpy(dtype=float),
        rows["ended"].to_numpy(dtype=bool),
        again,
        hours,
        grade,
        how,
    )


def _below_one(share: Share) -> Share:
    """Return the share with value and bounds of 95 % at most: a ticket must get resolved."""
    if share.interval is None or share.interval[1] <= 0.95:
        return share
    low, high = (min(bound, 0.95) for bound in share.interval)
    return share.model_copy(update={"value": min(share.value, 0.95), "interval": (low, high)})


def _some_wait() -> Duration:
    how = "assumed: tickets are taken up again, but no wait in between was seen"
    mean = Time(value=86400.0, interval=(28800.0, 259200.0), grade="assumed", how=how)
    return Duration(law="exponential", mean=mean)
