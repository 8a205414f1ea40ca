"""Records of handling time: which count, and what they say of who did the work."""

from __future__ import annotations

import pandas as pd

from svcsim.calibration.difficulty import DifficultyEstimator
from svcsim.calibration.estimator import Z90, category_of, local_weeks, team_of
from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Share

FEW = 30
"""Records from which handling times count as recorded."""
ALONE = 0.3
"""Share of records with a single handling from which speeds are learned from them alone."""


def recorded(
    log: ContactLog, difficulty: DifficultyEstimator, times: pd.Series
) -> pd.DataFrame | None:
    """Return the handlings whose time is recorded, by contact or as spells of work.

    Columns: ``category, tier, team, agent, seconds`` (per handling), ``times`` (handlings of the
    contact), ``week``. None when there are under 30.
    """
    frame = log.frame
    seconds = frame["handle_s"]
    if (seconds > 0).sum() < FEW and log.work is not None:
        spells = log.work["end_s"] - log.work["start_s"]
        by_ticket = spells[spells > 0].groupby(log.work["ticket_id"])
        seconds = frame["ticket_id"].map(by_ticket.sum())
    use = (seconds > 0) & _attributed(frame)
    if use.sum() < FEW:
        return None
    work = pd.DataFrame(
        {
            "category": category_of(frame),
            "tier": difficulty.tier_of(frame),
            "team": team_of(frame),
            "agent": frame["agent"],
            "seconds": seconds / times,
            "times": times,
            "week": local_weeks(frame["opened_s"], log)[0],
        }
    )
    return work[use].reset_index(drop=True)


def by_one_agent(work: pd.DataFrame) -> pd.DataFrame:
    """Return the records of one handling, where the agent named did all of the work.

    A ticket handled several times is credited to its last agent: such records pull everybody to
    the mean. They are used only where they are most of what there is.
    """
    single = work[work["times"] == 1]
    return single if len(single) >= ALONE * len(work) else work


def zero_share(log: ContactLog) -> Share | None:
    """Return the share of resolved contacts recorded with no handling time at all."""
    seconds = log.frame.loc[_attributed(log.frame), "handle_s"]
    n, zeros = int(seconds.notna().sum()), int((seconds == 0).sum())
    # beyond a fifth a 0 rather means "not recorded"
    if n == 0 or not 0.002 <= zeros / n <= 0.2:
        return None
    share = zeros / n
    sd = Z90 * (share * (1 - share) / n) ** 0.5
    how = "resolved contacts with a handling time of 0"
    return Share(value=share, interval=(share - sd, share + sd), n=n, grade="measured", how=how)


def _attributed(frame: pd.DataFrame) -> pd.Series:
    """Return the resolved contacts, those with a known agent where most have one.

    As the KPI counts them: where a log names agents, a record without one is hardly a handling.
    """
    done = frame["outcome"] == "resolved"
    named = done & frame["agent"].notna()
    return named if named.sum() > 0.5 * done.sum() else done
