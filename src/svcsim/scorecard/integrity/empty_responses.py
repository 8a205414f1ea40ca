"""First responses that only stop the clock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.text import Text
from svcsim.units import format_share

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ALLOWED = 0.05
"""Share of first responses known to be empty that nobody asks about."""
MIN_RESPONSES = 30
BIN = 5.0
"""Seconds of a bin in which a ready-made reply falls again and again."""
NEIGHBOURS = 6
"""Bins on either side to which a bin is compared."""
LONGEST = 3600.0
"""Spikes are looked for among responses quicker than this."""
WORTH = 0.05
"""Worth a look when this share of the first responses stands in the spike."""
COARSE = 0.9


def find(scene: Scene) -> Tests | Text:
    """Return who sends first responses that say nothing, from what the data hold.

    - Where ``empty_reply`` is known: the share of empty ones, of those who first responded;
      p = P(Binomial(n, 5 %) ≥ x), ``sure`` = posterior P(share > 5 %) (Jeffreys).
    - Else a pattern: among first responses that did not resolve the ticket, a spike at a fixed
      number of seconds (`spike`), as a ready-made line makes it. Looked for in the length of the
      first handling where spells of work are known, else in the first response time.
      ``share``: in the spike, of all that were looked at; ``sure``: 1 − p.

    Calls and chats are left out: answering them is the response.
    """
    if not scene.knows("first_response_s") or not scene.knows("agent"):
        return Text("first responses or agents are not in the data", "数据没有首次响应或坐席")
    use = scene.inside("first_response_s") & ~scene.live
    if not use.any():
        return Text(
            "all contacts are calls or chats, where answering is the response",
            "全部联络都是电话或在线会话，接起即为响应",
        )
    if scene.knows("empty_reply"):
        return _known(scene, use)
    return _spikes(scene, use)


def _known(scene: Scene, use: Bools) -> Tests | Text:
    empty = (scene.frame["empty_reply"] == 1).to_numpy()
    use = use & scene.frame["empty_reply"].notna().to_numpy()
    rows = []
    for kind, unit, mine in _units(scene, use):
        n, x = int(mine.sum()), int((mine & empty).sum())
        rows.append(
            {
                **{"kind": kind, "unit": unit, "n": n, "share": x / n, "expected": ALLOWED},
                "p": float(stats.binom.sf(x - 1, n, ALLOWED)),
                "sure": float(stats.beta.sf(ALLOWED, x + 0.5, n - x + 0.5)),
                "strong": x / n > ALLOWED,
            }
        )
    if not rows:
        return _few()

    def say(row: pd.Series) -> Text:
        return Text(
            "{own} of {n:.0f} first responses are empty ones that only stop the clock; "
            "please check",
            "{n:.0f} 次首次响应中 {own} 是只为停表的空回复，请核实",
        ).fill(own=format_share(row["share"], 2), n=row["n"])

    def tickets(row: pd.Series) -> list[str]:
        return scene.tickets(_mine(scene, use, row) & empty)

    return Tests(pd.DataFrame(rows), say, tickets)


def _spikes(scene: Scene, use: Bools) -> Tests | Text:
    first = scene.first
    response = scene.seconds("first_response_s")
    if scene.timed:
        value = (first["end_s"] - first["start_s"]).to_numpy(dtype=float)
        what = Text("first handlings", "首次处理")
    else:
        value = response - scene.seconds("opened_s")
        what = Text("first responses", "首次响应")
    resolved = scene.seconds(
        "first_resolved_s" if scene.knows("first_resolved_s") else "resolved_s"
    )
    use = use & ~(resolved <= response) & np.isfinite(value)
    if use.any() and (value[use] % 60 == 0).mean() > COARSE:
        return Text(
            "stamps are whole minutes: a spike at fixed seconds cannot be seen",
            "时间戳只精确到分钟，看不出固定秒数的尖峰",
        )
    rows = []
    for kind, unit, mine in _units(scene, use):
        at, count, usual, p = spike(value[mine])
        n = int(mine.sum())
        rows.append(
            {
                **{"kind": kind, "unit": unit, "n": n, "share": count / n, "at": at},
                **{"expected": usual / n, "p": p, "sure": 1 - p},
                "strong": (count - usual) / n >= WORTH,
            }
        )
    if not rows:
        return _few()

    def say(row: pd.Series) -> Text:
        return Text(
            "{own} of {n:.0f} {what} that did not resolve the ticket took {at:.0f}-{to:.0f} s "
            "(neighbouring bins: {rest}), as a ready-made line would; please check",
            "未解决工单的 {n:.0f} 次{what}中，{own} 恰为 {at:.0f}–{to:.0f} 秒"
            "（相邻区间为 {rest}），像是套用的空话，请核实",
        ).fill(
            own=format_share(row["share"], 2), n=row["n"], what=what, at=row["at"],
            to=row["at"] + BIN, rest=format_share(row["expected"], 2),
        )  # fmt: skip

    def tickets(row: pd.Series) -> list[str]:
        inside = (value >= row["at"]) & (value < row["at"] + BIN)
        return scene.tickets(_mine(scene, use, row) & inside)

    note = Text(
        f"the data do not say which replies are empty: a spike in the length of {what.en} stands "
        "for it",
        f"数据未记录哪些是空回复，以{what.zh}时长的尖峰代替",
    )
    return Tests(pd.DataFrame(rows), say, tickets, note)


def spike(value: Floats) -> tuple[float, int, float, float]:
    """Return the most surprising 5-second bin: its start, its count, the usual count, and p.

    The count c of a bin beside the s contacts in the m bins next to it (six on either side, not
    below 0 s) is binomial(c + s, 1/(1 + m)) where the density is flat over the thirteen bins; p is
    the smallest such probability times the number of bins that hold anything (Bonferroni).
    """
    bins = int(LONGEST / BIN)
    inside = value[(value >= 0) & (value < LONGEST)]
    count = np.bincount((inside // BIN).astype(np.int64), minlength=bins)
    low = np.maximum(np.arange(bins) - NEIGHBOURS, 0)
    high = np.minimum(np.arange(bins) + NEIGHBOURS + 1, bins)
    upto = np.concatenate([[0], np.cumsum(count)])
    beside = upto[high] - upto[low] - count
    width = high - low - 1
    p = stats.binom.sf(count - 1, count + beside, 1 / (1 + width))
    p = np.where(count > 0, p, 1.0)
    best = int(np.argmin(p))
    whole = min(float(p[best]) * max(int((count > 0).sum()), 1), 1.0)
    return best * BIN, int(count[best]), float(beside[best] / width[best]), whole


def _units(scene: Scene, use: Bools) -> Iterator[tuple[str, str, Bools]]:
    """Yield agents (who first responded) and the desk, with enough first responses."""
    agent = scene.first["agent"].astype("object")
    names = [("agent", str(name)) for name in sorted(agent[use].dropna().unique(), key=str)]
    for kind, unit in [("desk", ""), *names]:
        mine = use & (agent == unit).to_numpy() if kind == "agent" else use
        if mine.sum() >= MIN_RESPONSES:
            yield kind, unit, mine


def _mine(scene: Scene, use: Bools, row: pd.Series) -> Bools:
    if row["kind"] == "desk":
        return use
    return np.asarray(use & (scene.first["agent"].astype("object") == row["unit"]).to_numpy())


def _few() -> Text:
    return Text(
        f"nobody gave {MIN_RESPONSES} first responses in the period",
        f"本期无人有 {MIN_RESPONSES} 次以上首次响应",
    )
