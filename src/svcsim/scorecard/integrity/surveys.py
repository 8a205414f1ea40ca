"""Surveys that only satisfied customers get."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from svcsim.scorecard.integrity.detection import Tests
from svcsim.scorecard.integrity.scene import Scene
from svcsim.text import Text
from svcsim.units import format_share

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

MIN_ANSWERS = 100
"""Expected satisfaction is learned from at least so many answers."""
MIN_CONTACTS = 50
DISLIKED = -0.1
"""Effect expected, before any answer is seen, of a standard deviation of waiting or coming back."""
PENALTY = 100.0
"""Answers that this expectation is worth (ridge): steering hides what could be learned."""
WORTH = 0.03
"""Worth a look from this slope: points of the share asked, per standard deviation expected."""


def find(scene: Scene) -> Tests | Text:
    """Return whom agents ask: the slope of being asked on the satisfaction to be expected.

    Expected satisfaction s is a ridge regression of the answers on what is known before a survey:
    log of response and resolution time, reopened, returned (their effects pulled to −.1, as
    steering hides the unhappy), and category; standardised. For the contacts of a unit, b is the
    least-squares slope of 1{asked} on s, with the standard error robust to its variance (HC3).

    - Where ``survey_sent`` is known a fair desk has b = 0: one-sided p = Φ(−b/se), desk and agents.
    - Where only answers are, satisfied customers answer more on their own: an agent's b is held
      against the pooled b of the others, and the desk is not judged.

    ``share``, ``expected``: share asked of the more and of the less satisfied half by s; ``sure``:
    probability that the slope exceeds .03 per standard deviation.
    """
    if not scene.knows("csat"):
        return Text("satisfaction is not in the data", "数据没有满意度评分")
    expected = expected_satisfaction(scene)
    if expected is None:
        return Text(
            f"fewer than {MIN_ANSWERS} answers to learn from",
            f"可供学习的评分不足 {MIN_ANSWERS} 条",
        )
    sent = scene.knows("survey_sent")
    asked = scene.seconds("survey_sent" if sent else "csat")
    use = scene.inside("resolved_s") & np.isfinite(expected)
    use &= np.isfinite(asked) if sent else True
    hit = (asked == 1) if sent else np.isfinite(asked)
    if hit[use].all():
        return Text("every customer was asked", "每位客户都收到了邀请")
    table = _table(scene, use, hit, expected, relative=not sent)
    if table.empty:
        return Text(
            f"no agent resolved {MIN_CONTACTS} contacts", f"没有坐席解决 {MIN_CONTACTS} 条以上联络"
        )

    def say(row: pd.Series) -> Text:
        verb = Text("was asked", "收到邀请") if sent else Text("answered", "作答")
        return Text(
            "of {n:.0f} customers, {own} of the half expected to be more satisfied {verb}, "
            "{rest} of the other half; please check",
            "{n:.0f} 位客户中，预计较满意的一半有 {own} {verb}，另一半为 {rest}，请核实",
        ).fill(
            n=row["n"], own=format_share(row["share"], 2), verb=verb,
            rest=format_share(row["expected"], 2),
        )  # fmt: skip

    def tickets(row: pd.Series) -> list[str]:
        """Return those not asked, the least satisfied first."""
        mine = use & ~hit
        if row["kind"] == "agent":
            mine &= (scene.frame["agent"].astype("object") == row["unit"]).to_numpy()
        rows = np.flatnonzero(mine)
        order = rows[np.argsort(expected[rows], kind="stable")][:20]
        return [str(t) for t in scene.frame["ticket_id"].to_numpy()[order]]

    note = Text("") if sent else Text(
        "whom a survey was sent to is not in the data: answers stand for it, and agents are "
        "compared with each other",
        "数据未记录邀请发给了谁：以作答代替，并只在坐席之间比较",
    )  # fmt: skip
    return Tests(table, say, tickets, note)


def expected_satisfaction(scene: Scene) -> Floats | None:
    """Return the standardised expected score of every contact; None with too few answers."""
    frame = scene.frame
    opened, done = scene.seconds("opened_s"), scene.seconds("resolved_s")
    columns: list[Floats] = []
    for at in (scene.seconds("first_response_s"), done):
        with np.errstate(invalid="ignore"):
            columns.append(np.log1p(np.maximum(at - opened, 0.0)))
    columns.append(np.asarray(frame["reopens"] > 0, dtype=float))
    columns.append(np.asarray(frame["contact_no"] > 1, dtype=float))
    dummies = pd.get_dummies(frame["category"].astype("object").fillna("-"), dtype=float)
    raw = np.column_stack([*columns, *dummies.to_numpy().T])
    seen = np.isfinite(raw)
    mean = np.where(seen, raw, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    raw = np.where(seen, raw, mean)
    scale = raw.std(axis=0)
    x = (raw[:, scale > 0] - raw.mean(axis=0)[scale > 0]) / scale[scale > 0]
    score = scene.seconds("csat")
    known = np.isfinite(score) & (done < scene.span.end)
    if known.sum() < MIN_ANSWERS:
        return None
    a, y = x[known] - x[known].mean(axis=0), score[known] - score[known].mean()
    believed = np.where(np.arange(raw.shape[1]) < len(columns), DISLIKED, 0.0)[scale > 0]
    weighed = a.T @ a + PENALTY * np.eye(a.shape[1])
    effect = np.linalg.solve(weighed, a.T @ y + PENALTY * believed)
    s = x @ effect
    spread = float(s[known].std())
    if spread <= 0:
        return None
    return np.where(np.isfinite(done), (s - s.mean()) / spread, np.nan)


def _table(
    scene: Scene, use: Bools, hit: Bools, expected: Floats, *, relative: bool
) -> pd.DataFrame:
    agent = scene.frame["agent"].astype("object")
    units = [("agent", str(name)) for name in sorted(agent[use].dropna().unique(), key=str)]
    rows = []
    for kind, unit in [*([] if relative else [("desk", "")]), *units]:
        mine = use & (agent == unit).to_numpy() if kind == "agent" else use
        if mine.sum() < MIN_CONTACTS:
            continue
        y, s = hit[mine].astype(float), expected[mine]
        b, error = slope(s, y)
        if relative:
            rest, its = slope(expected[use & ~mine], hit[use & ~mine].astype(float))
            b, error = b - rest, float(np.hypot(error, its))
        if not error > 0:
            continue
        upper = s > np.median(s)
        rows.append(
            {
                **{"kind": kind, "unit": unit, "n": int(mine.sum()), "strong": b >= WORTH},
                **{"share": float(y[upper].mean()), "expected": float(y[~upper].mean())},
                **{"p": float(ndtr(-b / error)), "sure": float(ndtr((b - WORTH) / error))},
            }
        )
    return pd.DataFrame(rows)


def slope(x: Floats, y: Floats) -> tuple[float, float]:
    """Return the least-squares slope of y on x and its heteroscedasticity-robust error (HC3)."""
    centred = x - x.mean()
    size = float((centred**2).sum())
    if size <= 0:
        return 0.0, 0.0
    b = float((centred * y).sum() / size)
    lever = 1 / len(x) + centred**2 / size
    residual = (y - y.mean() - b * centred) / (1 - np.minimum(lever, 0.99))
    return b, float(np.sqrt(((centred * residual) ** 2).sum()) / size)
