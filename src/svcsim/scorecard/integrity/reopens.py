"""Cases that are back within a day of being closed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from svcsim.metrics.periods import day_index
from svcsim.scorecard.integrity.compare import MIN_UNITS, compare
from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.scorecard.integrity.short_handlings import probability
from svcsim.text import Text
from svcsim.units import format_share

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

DAY = 86400.0
LAST_DAYS = 3
"""Days at the end of a period that are held against the rest of it."""
MIN_RESOLVED = 30
MOST_CONTACTS = 4.0
"""A customer with more contacts than this in 28 days is an account that many people share."""
TIMES = 1.5
"""Worth a look from this many times the expected share ..."""
SURE = 0.5
"""... which the true share exceeds with at least this probability."""
END = -1
"""Unit of the last days; the other units are days."""


def find(scene: Scene) -> Tests | Text:
    """Return where cases come back within 24 h of their first resolution.

    Back: reopened (work after the resolution, or resolved again within 24 h where spells of work
    are unknown), or a new contact of the same case, or of the same customer about the same
    category, opened (customers with over four contacts in 28 days are left out: accounts). Two
    questions, both by `compare` at equal mix of kinds: each agent who resolved first beside the
    others, and the last three days of the period (people close what is open before the count)
    beside its other days. Only resolutions whose 24 h have passed count.
    ``sure``: posterior P(true share > 1.5 times
    the expected one).
    """
    column = "first_resolved_s" if scene.knows("first_resolved_s") else "resolved_s"
    if not scene.knows(column):
        return Text("resolutions are not in the data", "数据没有解决时刻")
    if not (scene.knows("reopens") or _customers_repeat(scene)):
        return Text(
            "neither reopens nor customers are in the data",
            "数据既没有重开记录，也没有可识别的客户",
        )
    done = scene.seconds(column)
    known_until = min(scene.log.observed_until, scene.log.openings_until)
    use = scene.inside(column) & (done + DAY <= known_until)
    back = _back(scene, done)
    agent = _resolver(scene, done)
    table = compare(back[use], agent[use], scene.stratum[use], TIMES)
    table = table[table["n"] >= MIN_RESOLVED]
    table = table.assign(kind="agent", unit=table.index.astype(str))
    end = _end(scene, use, back, done)
    if len(table) < MIN_UNITS and end.empty:
        return Text("too few resolutions in the period", "本期解决的联络太少")
    table = pd.concat([table, end]).reset_index(drop=True)
    table["strong"] = (table["share"] > TIMES * table["expected"]) & (table["sure"] >= SURE)

    def say(row: pd.Series) -> Text:
        blanks = {
            "own": format_share(row["share"], 2), "n": row["n"], "sure": probability(row["sure"]),
            "rest": format_share(row["expected"], 2), "days": LAST_DAYS,
        }  # fmt: skip
        if row["kind"] == "agent":
            return Text(
                "{own} of {n:.0f} resolutions were back within 24 h (others, same kinds: {rest}); "
                "over 1.5 times theirs with probability {sure}; please check",
                "{n:.0f} 次解决中 {own} 在 24 小时内返回（其他人同类：{rest}），"
                "超过其他人 1.5 倍的概率为 {sure}，请核实",
            ).fill(**blanks)
        return Text(
            "{own} of {n:.0f} resolutions of the last {days} days were back within 24 h (rest of "
            "the period, same kinds: {rest}); please check",
            "最后 {days} 天的 {n:.0f} 次解决中 {own} 在 24 小时内返回"
            "（本期其余日子同类：{rest}），请核实",
        ).fill(**blanks)

    def tickets(row: pd.Series) -> list[str]:
        if row["kind"] == "agent":
            return scene.tickets(use & back & (agent == row["unit"]).to_numpy())
        return scene.tickets(use & back & (done >= scene.span.end - LAST_DAYS * DAY))

    return Tests(table, say, tickets)


def _customers_repeat(scene: Scene) -> bool:
    frame = scene.frame
    return bool(frame["customer"].dropna().duplicated().any()) or bool(
        frame["case_id"].dropna().duplicated().any()
    )


def _back(scene: Scene, done: Floats) -> Bools:
    """Return which contacts were reopened, or followed by another, within 24 h."""
    frame = scene.frame
    last = scene.seconds("resolved_s")
    back = (last > done + 60) & (last <= done + DAY) & (frame["reopens"] > 0).to_numpy()
    if scene.timed and scene.spells is not None:
        spells = scene.spells[["ticket_id", "start_s"]]
        known = spells.merge(
            pd.DataFrame({"ticket_id": frame["ticket_id"], "done": done}), on="ticket_id"
        )
        again = known[
            (known["start_s"] > known["done"]) & (known["start_s"] <= known["done"] + DAY)
        ]
        back |= (
            frame["ticket_id"].isin(again["ticket_id"]).to_numpy()
            & (frame["reopens"] > 0).to_numpy()
        )
    opened = scene.seconds("opened_s")
    customer = frame["customer"].astype("object")
    months = max((scene.log.end - scene.log.start) / (28 * DAY), 1.0)
    size = customer.groupby(customer).transform("size").fillna(0.0)
    alone = (size <= MOST_CONTACTS * months).to_numpy()
    category = frame["category"].astype("object").fillna("-")
    same = pd.Series(list(zip(customer, category, strict=True)), index=frame.index)
    back |= _followed(same.where(customer.notna() & alone), opened, done)
    back |= _followed(frame["case_id"].astype("object").where(alone), opened, done)
    return np.asarray(back)


def _followed(name: pd.Series, opened: Floats, done: Floats) -> Bools:
    """Return which contacts are followed by another of the same name within 24 h of their end."""
    out = np.zeros(len(name), dtype=bool)
    held = name.notna().to_numpy() & np.isfinite(opened)
    code = pd.factorize(name.astype("object"))[0].astype(float)
    # one sorted axis for all names: code * span + time
    span = float(np.ptp(opened[held])) + 4 * DAY if held.any() else 1.0
    base = float(opened[held].min()) if held.any() else 0.0
    place = np.sort(code[held] * span + opened[held] - base)
    ask = held & np.isfinite(done) & (done - base < span - 2 * DAY)
    start = code[ask] * span + done[ask] - base
    n = np.searchsorted(place, start + DAY, "right") - np.searchsorted(place, start, "right")
    out[ask] = n > 0
    return out


def _resolver(scene: Scene, done: Floats) -> pd.Series:
    """Return who resolved first: the last to end a spell by then, else the contact's agent."""
    frame = scene.frame
    agent = frame["agent"].astype("object")
    if not scene.timed or scene.spells is None:
        return agent
    spells = scene.spells.merge(
        pd.DataFrame({"ticket_id": frame["ticket_id"], "done": done}), on="ticket_id"
    )
    by_then = spells[spells["end_s"] <= spells["done"] + 1].drop_duplicates(
        "ticket_id", keep="last"
    )
    held = by_then.set_index("ticket_id")["agent"].astype("object")
    return frame["ticket_id"].map(held).astype("object").where(lambda s: s.notna(), agent)


def _end(scene: Scene, use: Bools, back: Bools, done: Floats) -> pd.DataFrame:
    """Return the last days of the period beside its other days (nothing in short periods)."""
    if scene.span.end - scene.span.start < 4 * LAST_DAYS * DAY:
        return pd.DataFrame()
    late = done[use] >= scene.span.end - LAST_DAYS * DAY
    days = np.where(late, END, day_index(done[use], scene.log.timezone))
    unit = pd.Series(days, index=scene.frame.index[use])
    if late.sum() < MIN_RESOLVED:
        return pd.DataFrame()
    table = compare(back[use], unit, scene.stratum[use], TIMES)
    return table.loc[[END]].assign(kind="desk", unit="")
