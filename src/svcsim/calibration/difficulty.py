"""Difficulty: tiers from what is known with the ticket, never from what the agent made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from svcsim.calibration.estimator import (
    Estimator,
    category_of,
    on_log,
)
from svcsim.calibration.expected_work import learn_expected_work, tiers_by
from svcsim.calibration.tiers import at_usual_speed, return_odds, tier_shares, work_factors
from svcsim.contacts.chains import new_cases
from svcsim.contacts.log import ContactLog
from svcsim.model.demand import Difficulty
from svcsim.model.expected import ExpectedWork
from svcsim.model.quantity import Factor, Grade, Share
from svcsim.text import Text

Array = NDArray[np.float64]

STANDARD = "standard"
UNLABELLED = "unlabelled"
LABELLED = 0.5
"""Share of rows that must carry a label."""
EXPLAINED = 0.05
"""Share of the variance of log work within a category that labels must explain."""
FEW_ROWS = 30
MOST_TIERS = 6


class DifficultyEstimator(Estimator):
    """Learn tiers of difficulty from the column ``difficulty``, else from the expected work.

    Labels are used when half of the rows carry one and they explain 5 % of the variance of the
    log of handling time within categories (of elapsed time where no handling time is recorded).
    Otherwise a contact's tier is its expected work given what is known at arrival
    (`expected_work`), where handling times are recorded and it predicts 5 % of that variance of
    contacts it was not learned on. Otherwise every contact is ``standard``.

    Attributes
    ----------
    difficulty_ : dict of str to Difficulty
    expected_ : ExpectedWork or None
        The rule that gives the tiers, where no label does.
    predicted_ : float or None
        Share of the variance within categories that it predicts, cross-validated; None untried.
    shares_ : dict of category to dict of tier to share
        Each adds up to 1; thin categories lean on the mix of the desk.
    explained_ : float
        Share of variance that the labels explain, adjusted for their number (0 without labels).
    """

    def fit(self, log: ContactLog, raw: pd.DataFrame | None = None) -> Self:
        """Learn from ``log``; ``raw`` has the same rows with categories as they were recorded."""
        frame = log.frame
        self.expected_: ExpectedWork | None = None
        self.predicted_: float | None = None
        self._tiers: dict[str, str] = {}
        self._rest = STANDARD
        self.explained_ = 0.0
        work, grade, what = _work(frame)
        label = frame["difficulty"]
        if label.notna().mean() < LABELLED:
            self._fall_back(
                frame if raw is None else raw, log, work, grade,
                Text("no label of difficulty in the log", "数据中没有难度标签"),
            )  # fmt: skip
        elif np.isfinite(work).sum() < 2 * FEW_ROWS:
            self._note(
                "labels of difficulty cannot be checked: too few times of work",
                "工作时间记录太少，难度标签无从检验",
            )
        else:
            tiers = _tiers(label, work)
            self.explained_ = _explained(category_of(frame), label.map(tiers), work)
            if len(set(tiers.values())) > 1 and self.explained_ >= EXPLAINED:
                self._tiers = tiers
                share = label.map(tiers).value_counts(normalize=True)
                gaps = float(label.isna().mean())
                self._rest = UNLABELLED if gaps >= EXPLAINED else str(share.index[0])
            else:
                why = Text(
                    f"labels of difficulty explain {self.explained_:.1%} of the variance of {what}"
                    f" within categories (under {EXPLAINED:.0%})",
                    f"难度标签只解释了类别内{what.zh}方差的 {self.explained_:.1%}"
                    f"（不足 {EXPLAINED:.0%}）",
                )
                self._fall_back(frame if raw is None else raw, log, work, grade, why)
        frame = self.labelled(log, raw).frame
        tier = self.tier_of(frame)
        root = new_cases(frame)
        self.shares_ = tier_shares(category_of(frame), tier, root)
        self.difficulty_ = self._learn(replace(log, frame=frame), tier, work, grade, what)
        return self

    def tier_of(self, frame: pd.DataFrame) -> pd.Series:
        """Return the tier of every row of a log's frame (of `labelled`, or as recorded)."""
        if not self._tiers:
            return pd.Series(STANDARD, index=frame.index, dtype="str")
        if self.expected_ is not None and not frame["difficulty"].isin(self._tiers).any():
            return tiers_by(self.expected_, frame)
        return frame["difficulty"].map(self._tiers).fillna(self._rest).astype("str")

    def labelled(self, log: ContactLog, raw: pd.DataFrame | None = None) -> ContactLog:
        """Return the log with the tiers of the expected work as labels, where they are used.

        Pooled categories no longer tell what the rule looks at, so ``raw`` has the same rows as
        they were recorded.
        """
        if self.expected_ is None:
            return log
        tier = tiers_by(self.expected_, log.frame if raw is None else raw)
        return replace(log, frame=log.frame.assign(difficulty=tier.to_numpy()))

    def _fall_back(
        self, raw: pd.DataFrame, log: ContactLog, work: Array, grade: Grade, why: Text
    ) -> None:
        """Use the expected work where it predicts; say what is used and why."""
        standard = Text("every contact counts as standard", "所有联络按标准难度计")
        learned = None
        if grade == "measured":
            learned = learn_expected_work(raw, work, category_of(log.frame))
        if learned is None:
            if grade != "measured":
                more = Text(
                    ", and no handling times to tell expected work from", "，也没有处理时长可供推断"
                )
                why = Text(f"{why}{more}", f"{why.zh}{more.zh}")
            self._note(f"{why}; {standard}", f"{why.zh}，{standard.zh}")
            return
        self.predicted_ = learned.explained
        names = ", ".join(learned.rule.effects)
        told = Text(
            f"what is known at arrival ({names}) predicts {max(learned.explained, 0):.1%} of the "
            "variance of handling time within categories, on contacts it was not learned on",
            f"受理时已知的信息（{names}）对未参与学习的联络，可预测类别内处理时间方差的 "
            f"{max(learned.explained, 0):.1%}",
        )
        if learned.explained < EXPLAINED:
            less = Text(f" (under {EXPLAINED:.0%})", f"（不足 {EXPLAINED:.0%}）")
            self._note(
                f"{why}; {told}{less}; {standard}", f"{why.zh}；{told.zh}{less.zh}，{standard.zh}"
            )
            return
        self.expected_ = learned.rule
        self._tiers = {name: name for name in learned.rule.tiers}
        self._rest = learned.rule.tiers[len(learned.rule.tiers) // 2]
        self._note(
            f"{why}; {told}: tiers are thirds of the total expected work",
            f"{why.zh}；{told.zh}：难度按预计总工作量三等分",
        )

    def _note(self, en: str, zh: str) -> None:
        self.notes_.append(Text(f"difficulty: {en}", f"难度：{zh}"))

    def _learn(
        self, log: ContactLog, tier: pd.Series, work: Array, grade: Grade, what: str
    ) -> dict[str, Difficulty]:
        names = sorted(tier.unique())
        if len(names) == 1:
            how = "one tier: nothing to compare with"
            one = Factor(value=1.0, interval=(1.0, 1.0), n=len(tier), grade="assumed", how=how)
            return {names[0]: Difficulty(work=one, returns=one, **_not_by_tier())}
        category = category_of(log.frame)
        if grade == "measured":
            work = at_usual_speed(log.frame, category, tier, work)
        factors = work_factors(category, tier, work, grade == "measured")
        odds = return_odds(log, category, tier, names)
        out = {}
        for name in names:
            value, log_sd, n = factors[name]
            shift, sd, matured = odds[name]
            out[name] = Difficulty(
                work=on_log(Factor, value, log_sd, n, grade, f"{what} against its categories"),
                returns=on_log(
                    Factor,
                    float(np.exp(shift)),
                    sd,
                    matured,
                    "measured" if matured else "assumed",
                    "odds ratio of coming back within categories, shrunk to the desk's",
                ),
                **_not_by_tier(),
            )
        return out


def _not_by_tier() -> dict[str, Factor]:
    """Return what is learned by category or for the whole desk, and not by tier."""
    what = {"transfers": "transfers", "return_delay": "delays of returns"}
    return {
        name: Factor(
            value=1.0,
            interval=(1.0, 1.0),
            n=0,
            grade="assumed",
            how=f"{words} are not learned by tier",
        )
        for name, words in what.items()
    }


def _work(frame: pd.DataFrame) -> tuple[Array, Grade, Text]:
    """Return seconds of work per handling, or elapsed seconds where no work is recorded."""
    times = frame["handlings"].where(frame["handlings"] > 0, 1.0)
    handled = (frame["handle_s"] / times).where(frame["handle_s"] > 0)
    if handled.notna().sum() >= FEW_ROWS:
        return handled.to_numpy(), "measured", Text("handling time", "处理时间")
    elapsed = frame["resolved_s"] - frame["opened_s"]
    what = Text("elapsed time", "历时")
    return elapsed.where(elapsed > 0).to_numpy(), "proxy", what


def _tiers(label: pd.Series, work: Array) -> dict[str, str]:
    """Map labels to tiers: rare labels join the commonest; many labels become three by work."""
    counts = label.value_counts()
    common = counts[counts >= FEW_ROWS].index
    if len(common) <= MOST_TIERS:
        first = str(counts.index[0])
        return {str(name): str(name) if name in common else first for name in counts.index}
    log_work = pd.Series(np.log(work), index=label.index)
    mean = log_work.groupby(label).mean().fillna(log_work.mean()).sort_values()
    total = pd.Series(work, index=label.index).groupby(label).sum().reindex(mean.index)
    below = (total.cumsum() - total / 2) / total.sum()
    names = np.array(["easy", "normal", "hard"])
    place = np.minimum((below.to_numpy() * 3).astype(int), 2)
    return dict(zip(mean.index.astype(str), names[place].tolist(), strict=True))


def _explained(category: pd.Series, tier: pd.Series, work: Array) -> float:
    """Return the adjusted share of variance of log work that tiers explain within categories.

    ``1 - (1 - R^2) (n - c) / (n - c - k + 1)`` for k tiers and c categories, so that labels
    without meaning explain nothing on average.
    """
    known = np.isfinite(work) & tier.notna().to_numpy()
    kind = pd.factorize(category[known])[0]
    level = pd.factorize(tier[known])[0]
    y = _centred(np.log(work[known]), kind)
    dummies = np.column_stack(
        [_centred((level == k).astype(float), kind) for k in range(1, level.max() + 1)]
        or [np.zeros(len(y))]
    )
    beta = np.linalg.lstsq(dummies, y, rcond=None)[0]
    rest, total = float(((y - dummies @ beta) ** 2).sum()), float((y**2).sum())
    room = len(y) - (kind.max() + 1)
    spare = room - dummies.shape[1]
    if total <= 0 or spare <= 0:
        return 0.0
    return float(max(1.0 - rest / total * room / spare, 0.0))


def _centred(values: Array, kind: NDArray[np.int64]) -> Array:
    size = np.maximum(np.bincount(kind), 1)
    centred: Array = values - (np.bincount(kind, values) / size)[kind]
    return centred


def at_unit_odds(chance: Share, odds: ArrayLike, weight: ArrayLike) -> Share:
    """Return the chance at odds 1 whose average over a mix of odds is ``chance``.

    Tiers and agents multiply the odds of coming back, so a category's recorded rate is
    ``sum_i w_i p r_i / (1 - p + p r_i) / sum_i w_i``; it is solved for ``p`` by bisection, and the
    interval moves along on the logit scale.

    Parameters
    ----------
    chance : Share
        The recorded rate.
    odds, weight : array_like
        Odds ``r_i`` of the contacts behind the rate, and how many have them.
    """
    r, w = np.asarray(odds, dtype=float), np.asarray(weight, dtype=float)
    if not 0 < chance.value < 1 or w.sum() <= 0 or np.ptp(r) == 0 and r[0] == 1:
        return chance
    low, high = 0.0, 1.0
    for _ in range(60):
        p = 0.5 * (low + high)
        mean = float((w * p * r / (1 - p + p * r)).sum() / w.sum())
        low, high = (p, high) if mean < chance.value else (low, p)
    step = _logit(p) - _logit(chance.value)
    interval = chance.interval
    if interval is not None:
        interval = (_moved(interval[0], step), _moved(interval[1], step))
    return chance.model_copy(update={"value": p, "interval": interval})


def _logit(p: float) -> float:
    return float(np.log(p / (1.0 - p)))


def _moved(p: float, step: float) -> float:
    return p if p <= 0 or p >= 1 else float(1.0 / (1.0 + np.exp(-(_logit(p) + step))))
