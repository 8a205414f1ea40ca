"""Handlings too short to be real."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.integrity.compare import MIN_UNITS, WINSORISED, exceeds
from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.scorecard.period import Period
from svcsim.text import Text
from svcsim.units import format_share

Floats = NDArray[np.float64]

SHORT = 10.0
"""Seconds below which a handling is hardly one."""
MIN_HANDLED = 50
FUNNEL = 3.09
"""Standard errors of a two-sided 99.8 % control limit."""
SURE = 0.5
"""Nobody is named whose true share exceeds twice the others' with less probability."""
TIMES = 2.0
"""Worth a look from this many times the share of the others."""


def find(scene: Scene) -> Tests | Text:
    """Return every agent's share of handlings under 10 s beside the others'.

    Named as by `short_handlings` (outside the 99.8 % funnel, twice the others, 50 handlings or
    more), if the adjusted p holds as well: p = 1 − Φ(z·√.679), as winsorising makes φ of honest
    agents that much too small, or the exact binomial probability, whichever is larger. ``sure``:
    posterior probability that the true share exceeds twice that of the others, from a beta prior
    whose spread is learned from all agents (`compare.exceeds`); at least .5 to be named.
    """
    if not scene.knows("handle_s") or not scene.knows("agent"):
        return Text("handling times or agents are not in the data", "数据没有处理时长或坐席")
    use = scene.inside("opened_s") & scene.frame["handle_s"].notna().to_numpy()
    use &= scene.frame["agent"].notna().to_numpy() & ~(scene.frame["handlings"] == 0).to_numpy()
    rows = scene.frame[use]
    table = _funnel(rows)
    if len(table) < MIN_UNITS:
        return Text("fewer than three agents handled anything", "处理过联络的坐席不足三人")
    x, n, others = (table[name].to_numpy(dtype=float) for name in ("x", "n", "others"))
    _, sure = exceeds(x, n, others, TIMES)
    p = np.maximum(ndtr(-table["z"] * np.sqrt(WINSORISED)), stats.binom.sf(x - 1, n, others))
    table = table.assign(kind="agent", unit=table.index.astype(str), p=p, sure=sure)
    table = table.assign(strong=_odd(table) & (sure >= SURE), expected=table["others"])
    table = table[table["n"] >= MIN_HANDLED]

    def say(row: pd.Series) -> Text:
        return Text(
            "{own} of {n:.0f} handlings last under 10 s (others: {rest}); "
            "more than twice theirs with probability {sure}; please check",
            "{n:.0f} 次处理中 {own} 不足 10 秒（其他人 {rest}），"
            "超过其他人两倍的概率为 {sure}，请核实",
        ).fill(
            own=format_share(row["share"], 2), n=row["n"],
            rest=format_share(row["expected"], 2), sure=probability(row["sure"]),
        )  # fmt: skip

    def tickets(row: pd.Series) -> list[str]:
        mine = (scene.frame["agent"] == row["unit"]).to_numpy()
        return scene.tickets(use & mine & (scene.frame["handle_s"] < SHORT).to_numpy())

    return Tests(table.reset_index(drop=True), say, tickets)


def probability(p: float) -> Text:
    """Return a probability as people read it; nothing found in data is certain."""
    shown = format_share(p, 2)
    return Text(f"over {format_share(0.99)}", "99% 以上") if p > 0.99 else Text.same(shown)


def short_handlings(log: ContactLog, span: Period) -> pd.DataFrame:
    """Return the agents whose share of handlings under 10 s lies outside the funnel.

    z = (x − n·p)/√(n·p(1 − p)·φ) with p the share of the *other* agents and φ ≥ 1 the
    over-dispersion: the mean of z² winsorised by 10 % at each tail. Named from z > 3.09 (99.8 %
    limit) and twice the share of the others, with at least 50 handlings. A reason to look, never
    a verdict. Source: Spiegelhalter 2005 (funnel plots).

    Returns
    -------
    DataFrame
        Indexed by agent: ``share, others, n, z``.
    """
    frame = log.frame
    opened, handled = frame["opened_s"], frame["handle_s"]
    use = handled.notna() & frame["agent"].notna()
    table = _funnel(frame[use & (opened >= span.start) & (opened < span.end)])
    return table.loc[_odd(table), ["share", "others", "n", "z"]]


def _odd(table: pd.DataFrame) -> pd.Series:
    odd = (table["z"] > FUNNEL) & (table["share"] > TIMES * table["others"])
    return odd & (table["n"] >= MIN_HANDLED)


def _funnel(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``x, share, others, n, z`` of every agent's handlings."""
    short = (rows["handle_s"] < SHORT).groupby(rows["agent"].astype("object")).agg(["sum", "size"])
    x, n = short["sum"].to_numpy(dtype=float), short["size"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        others = (x.sum() - x) / (n.sum() - n)
        p = np.clip(others, 0.5 / max(n.sum(), 1.0), 1.0)
        z = (x - n * p) / np.sqrt(n * p * (1 - p))
    z = z / np.sqrt(_over_dispersion(z))
    return pd.DataFrame(
        {"x": x, "share": x / n, "others": others, "n": n, "z": z}, index=short.index
    )


def _over_dispersion(z: Floats) -> float:
    """Return φ: the mean of winsorised z², at least 1."""
    known = np.sort(z[np.isfinite(z)])
    if known.size < 3:
        return 1.0
    low, high = np.quantile(known, [0.1, 0.9])
    return max(float((np.clip(known, low, high) ** 2).mean()), 1.0)
