"""Categories and channels that begin inside the window, and contacts imported in batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import poisson

from svcsim.calibration.estimator import share_from_counts
from svcsim.contacts.log import ContactLog, show_day
from svcsim.model.quantity import Share
from svcsim.text import Text, listed

Array = NDArray[np.float64]

DAY = 86400.0
LEAST_BEFORE, LEAST_AFTER = 14.0, 7.0
"""Days without it before, and days with it after, for a start to be told from a rare name."""
SURE = 1e-6
"""Chance below which the silence before a start, or a full second, is no coincidence."""
BATCH = 10
"""New cases with one stamp from which they may be a batch."""


@dataclass(frozen=True)
class Start:
    """A name that begins inside the window: its first contact, and new cases since."""

    name: str
    at: float
    n: int


def late_starts(opened: Array, names: pd.Series, start: float, end: float) -> dict[str, Start]:
    """Return the names whose first contact came long after the window began.

    At the rate since its first contact, the silence before it would have a chance below one in a
    million; it is two weeks or more, and a week or more follows. One early contact by mistake (a
    test) is not seen through: then nothing is said.
    """
    out = {}
    table = pd.DataFrame({"opened": opened, "name": names.to_numpy()})
    found = table.groupby("name")["opened"].agg(["min", "size"])
    for name, first, size in found.itertuples():
        silent, after = (first - start) / DAY, (end - first) / DAY
        if silent < LEAST_BEFORE or after < LEAST_AFTER or size < 2:
            continue
        # by the days on which it came: contacts of one day are not independent
        days = len(np.unique((opened[(table["name"] == name).to_numpy()] - first) // DAY))
        if silent * days / after > -np.log(SURE):
            out[str(name)] = Start(str(name), float(first), int(size))
    return out


def shares_since(
    opened: Array, names: pd.Series, start: float, end: float, how: str
) -> tuple[dict[str, Share], dict[str, Start]]:
    """Return the share of every name among new cases as it is at the end, and the late starts.

    A name that began inside the window has its share of the cases since then; the others divide
    what is left as they do over the whole window.
    """
    starts = late_starts(opened, names, start, end)
    counts = names.value_counts()
    since = {name: int((opened >= begun.at).sum()) for name, begun in starts.items()}
    new = {name: starts[name].n / max(since[name], 1) for name in starts}
    left, old = 1.0 - min(sum(new.values()), 0.99), sum(
        int(count) for name, count in counts.items() if name not in starts
    )  # fmt: skip
    out = {}
    for name, count in counts.items():
        if name in starts:
            said = f"{how} since its start"
            out[str(name)] = share_from_counts(starts[name].n, since[name], how=said)
        elif not starts:
            out[str(name)] = share_from_counts(int(count), len(opened), how=how)
        else:
            # as many cases in all as carry the information, fewer of them this name's
            k = count / old * left * len(opened)
            said = f"{how}, beside names that began inside the window"
            out[str(name)] = share_from_counts(k, len(opened), how=said)
    return out, starts


def start_notes(log: ContactLog, fresh: NDArray[np.bool_]) -> list[Text]:
    """Return a note for categories and channels that began inside the window of a log."""
    frame = log.frame[fresh]
    opened = frame["opened_s"].to_numpy()
    notes = []
    for column, en, zh in (("category", "category", "类别"), ("channel", "channel", "渠道")):
        found = late_starts(opened, frame[column].fillna(""), log.start, log.end)
        for begun in found.values():
            day = show_day(begun.at, log.timezone)[:10]
            share = begun.n / max(int((opened >= begun.at).sum()), 1)
            notes.append(
                Text(
                    f"arrivals: {en} '{begun.name}' begins on {day}; its share since then is "
                    f"{share:.1%} of new cases (the whole window would say "
                    f"{begun.n / len(opened):.1%})",
                    f"到达：{zh}“{begun.name}”自 {day} 起才出现；此后占新增案件的 {share:.1%}"
                    f"（按整个时段计算则为 {begun.n / len(opened):.1%}）",
                )
            )
    return notes


def batch_note(opened: Array, timezone: str) -> Text:
    """Return a note on stamps shared by far more new cases than chance allows; else empty.

    The grid of the stamps (second, minute, hour) is the largest that holds them all. A stamp is
    a batch when ten or more cases share it and a Poisson number with the mean of its hour (the
    batch itself aside) would reach that with a chance below one in a million.
    """
    stamps, counts = np.unique(opened, return_counts=True)
    grid = next(step for step in (3600.0, 900.0, 300.0, 60.0, 1.0, 1e-9) if _on(stamps, step))
    many = counts >= BATCH
    if grid >= 900 or not many.any():
        return Text("")
    low = np.searchsorted(opened, stamps[many] - 1800.0)
    high = np.searchsorted(opened, stamps[many] + 1800.0)
    mean = np.maximum(high - low - counts[many], 1.0) * max(grid, 1.0) / 3600.0
    batch = poisson.sf(counts[many] - 1, mean) < SURE
    if not batch.any():
        return Text("")
    sizes, when = counts[many][batch], stamps[many][batch]
    order = np.argsort(-sizes, kind="stable")[:3]
    examples = [f"{show_day(when[i], timezone)} ({sizes[i]})" for i in order]
    return Text(
        f"arrivals: {sizes.sum()} new cases share {len(sizes)} "
        f"stamp{'s' if len(sizes) > 1 else ''}, {BATCH} or more each, far more than chance "
        "allows: {which}. It looks like an import in batches; if these "
        "cases did not come at that moment, leave them out or give their true opening",
        f"到达：{len(sizes)} 个时刻各有 {BATCH} 个以上新增案件（共 {sizes.sum()} 个），"
        "像是批量导入：{which}；如果它们并非在该时刻发生，请剔除或提供真实的创建时间",
    ).fill(which=listed(map(Text.same, examples), (", ", "、")))


def _on(stamps: Array, step: float) -> bool:
    return step < 1e-6 or bool((stamps % step == 0).all())
