"""Contacts that stand under another name since their customer was dissatisfied."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.text import Text
from svcsim.units import format_share

Bools = NDArray[np.bool_]

BAD, GOOD = 2.0, 4.0
"""Answers up to the first are bad ratings, those from the second good ones."""
MIN_BAD = 3
WORTH = 0.10
"""Worth a look when the share of bad ratings that moved exceeds that of the good by this."""


def find(scene: Scene) -> Tests | Text:
    """Return whose bad ratings move to other names more often than good ratings do.

    The agent whose spell of work was the last before the survey was answered is the one rated; it
    moved when the contact now stands under another name. For an agent (and the desk) the bad
    ratings that moved are held against the good ratings of all: one-sided Fisher's exact test.
    ``sure``: posterior P(share of bad > share of good) with uniform priors.
    """
    if not scene.knows("csat") or not scene.knows("survey_s"):
        return Text("survey answers and their time are not in the data", "数据没有评分及其时间")
    if scene.spells is None:
        return Text(
            "who worked on a contact and when (spells of work) is not in the data",
            "数据没有逐次处理记录（谁在何时处理）",
        )
    rated = _rated(scene)
    score = scene.seconds("csat")
    use = scene.inside("survey_s") & rated.notna().to_numpy() & np.isfinite(score)
    use &= scene.frame["agent"].notna().to_numpy()
    moved = (rated != scene.frame["agent"].astype("object")).to_numpy()
    bad, good = use & (score <= BAD), use & (score >= GOOD)
    if bad.sum() < MIN_BAD or not good.any():
        return Text("too few bad or good ratings in the period", "本期好评或差评太少")
    good_moved, all_good = int((good & moved).sum()), int(good.sum())
    rows = []
    names = sorted(rated[bad].unique(), key=str)
    for kind, unit in [("desk", ""), *(("agent", str(name)) for name in names)]:
        mine = bad & (rated == unit).to_numpy() if kind == "agent" else bad
        n, x = int(mine.sum()), int((mine & moved).sum())
        if n < MIN_BAD:
            continue
        test = stats.fisher_exact(
            [[x, n - x], [good_moved, all_good - good_moved]], alternative="greater"
        )
        expected = good_moved / all_good
        sure = _exceeds(x, n, good_moved, all_good)
        rows.append(
            {
                **{"kind": kind, "unit": unit, "n": n, "share": x / n, "expected": expected},
                **{"p": float(test.pvalue), "sure": sure, "strong": x / n - expected >= WORTH},
            }
        )
    if not rows:
        return Text("nobody has three bad ratings", "没有人有三条以上差评")

    def say(row: pd.Series) -> Text:
        return Text(
            "{own} of {n:.0f} bad ratings stand under another name than the one rated (good "
            "ratings: {rest}); please check",
            "{n:.0f} 条差评中 {own} 现已记在他人名下（好评为 {rest}），请核实",
        ).fill(own=format_share(row["share"], 2), n=row["n"], rest=format_share(row["expected"], 2))

    def tickets(row: pd.Series) -> list[str]:
        mine = (rated == row["unit"]).to_numpy() if row["kind"] == "agent" else True
        return scene.tickets(bad & moved & mine)

    return Tests(pd.DataFrame(rows), say, tickets)


def _rated(scene: Scene) -> pd.Series:
    """Return who ended the last spell of work before each survey was answered."""
    frame = scene.frame
    answered = frame[["ticket_id", "survey_s"]].dropna()
    assert scene.spells is not None  # noqa: S101
    spells = scene.spells.merge(answered, on="ticket_id")
    before = spells[spells["end_s"] <= spells["survey_s"]].drop_duplicates("ticket_id", keep="last")
    return frame["ticket_id"].map(before.set_index("ticket_id")["agent"].astype("object"))


def _exceeds(x: int, n: int, y: int, m: int) -> float:
    """Return P(p > r) for p ~ Beta(x + 1, n − x + 1), r ~ Beta(y + 1, m − y + 1), on a grid."""
    grid = (np.arange(2000) + 0.5) / 2000
    weight = stats.beta.pdf(grid, y + 1, m - y + 1)
    above = stats.beta.sf(grid, x + 1, n - x + 1)
    return float((weight * above).sum() / weight.sum())
