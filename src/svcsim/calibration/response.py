"""Who answers surveys, and how satisfied everybody is: response times score, corrected.

Stage 1: answered R ~ logit(wait, work, returned, agent, tier, channel). Stage 2: satisfied | R by
the same. The estimate for all resolved contacts is the mean of the second model's prediction over
all of them (g-formula; Robins 1986); from 5000 contacts on it is made doubly robust,
``mean[m + R / p (y - m)]`` with p clipped at 2 % (AIPW; Robins, Rotnitzky and Zhao 1994). Both
take for granted that those who did not answer are like those who did, given what is known of the
contact. Nothing in a history can tell; so the estimate is shown beside those in which the odds of
a satisfied customer are 0.67 and 0.5 times as high among those who did not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from svcsim.calibration.estimator import Z90, effect_from_normal, share_from_counts
from svcsim.model.quantity import Effect, Share
from svcsim.model.questions import Satisfaction

Array = NDArray[np.float64]

ENOUGH = 300
"""Answers from which agents, tiers and channels enter; below, wait and return alone do."""
DOUBLY_ROBUST = 5000
"""Contacts from which the estimate is doubly robust."""
LEAST = 30
"""Answers below which satisfaction is not corrected."""
CLIP = 0.02
PRIOR_SD = 2.0
"""Weak normal prior of every effect (logit units, per sd of the covariate)."""
FEW = 100
"""Answers from which it is learned who answers."""
CLEAR = 3.0
"""Standard errors from which an effect of work, or on who answers, is taken as there."""
ODDS = (1.0, 0.67, 0.5)
NUMBERS = ("wait", "work", "return", "quality")
"""Covariates in the order of the effects of `Survey`."""
MOST_CHANNELS = 6


@dataclass(frozen=True)
class LogitFit:
    """``logit P = intercept + x b`` with standard errors of b."""

    intercept: float
    effects: Array
    errors: Array

    def chance(self, x: Array) -> Array:
        """Return the probability of every row."""
        out: Array = expit(self.intercept + x @ self.effects)
        return out


def fit_logit(x: Array, y: NDArray[np.bool_]) -> LogitFit:
    """Fit a logistic regression by Newton's method, effects with a weak normal prior.

    Columns are put on their standard deviation first, so the prior (sd 2) means the same for
    each; a column that does not vary gets no effect and an infinite error.
    """
    n = len(y)
    middle, scale = x.mean(axis=0), x.std(axis=0)
    varies = scale > 1e-9
    z = np.column_stack([np.ones(n), (x[:, varies] - middle[varies]) / scale[varies]])
    penalty = np.full(z.shape[1], 1.0 / PRIOR_SD**2)
    penalty[0] = 1e-6
    rate = (y.sum() + 0.5) / (n + 1.0)
    b = np.zeros(z.shape[1])
    b[0] = logit(rate)
    for _ in range(50):
        p = expit(z @ b)
        hessian = (z * (p * (1 - p))[:, None]).T @ z + np.diag(penalty)
        step = np.linalg.solve(hessian, z.T @ (y - p) - penalty * b)
        b += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-9:
            break
    spread = np.sqrt(np.diag(np.linalg.inv(hessian)))
    effects, errors = np.zeros(x.shape[1]), np.full(x.shape[1], np.inf)
    effects[varies], errors[varies] = b[1:] / scale[varies], spread[1:] / scale[varies]
    return LogitFit(float(b[0] - middle @ effects), effects, errors)


def covariates(frame: pd.DataFrame, quality: Mapping[str, float]) -> pd.DataFrame:
    """Return wait, work, return and quality of each row, as the engine knows them.

    log(1 + hours to first response), log(1 + minutes of handling), reopened or not the first
    contact of its case, quality of the agent. What is not recorded has the median of the rest.
    """
    wait = (frame["first_response_s"] - frame["opened_s"]).clip(lower=0) / 3600.0
    returned = (frame["reopens"].fillna(0) > 0) | (frame["contact_no"].fillna(1) > 1)
    return pd.DataFrame(
        {
            "wait": np.log1p(_filled(wait)),
            "work": np.log1p(_filled(frame["handle_s"].clip(lower=0) / 60.0)),
            "return": returned.astype(float),
            "quality": frame["agent"].map(dict(quality)).astype(float).fillna(0.0),
        }
    )


def none_seen(n: int) -> Effect:
    """Return no effect, where one would be under three standard errors."""
    how = "no clear effect (under 3 standard errors)"
    return Effect(value=0.0, n=n, grade="assumed", how=how)


def who_answers(
    old: pd.DataFrame,
    sent: pd.Series | None,
    kind: str,
    quality: Mapping[str, float],
    answered: Share,
) -> tuple[Share, dict[str, Effect]]:
    """Return the share that answers at covariates of 0, and the effects on its logit.

    Effects under three standard errors are left out, the smallest first; without any the share is
    that of all.
    """
    asked = old if sent is None else old[sent]
    said = asked[kind].notna().to_numpy()
    n = len(asked)
    effects = dict.fromkeys(NUMBERS, none_seen(n))
    if said.sum() < FEW or said.all():
        how = f"assumed: {said.sum()} answers are too few to learn who answers"
        none = Effect(value=0.0, grade="assumed", how=how)
        return answered, dict.fromkeys(effects, none)
    x = covariates(asked, quality)
    used = list(NUMBERS)
    while used:
        fit = fit_logit(x[used].to_numpy(dtype=float), said)
        size = np.abs(fit.effects) / fit.errors
        if size.min() >= CLEAR:
            break
        used.pop(int(size.argmin()))
    if not used:
        return answered, effects
    for name, effect, error in zip(used, fit.effects, fit.errors, strict=True):
        effects[name] = effect_from_normal(float(effect), float(error), n, how="logit of answering")
    share = float(expit(fit.intercept))
    how = "answers / asked, at no wait, no work and no return"
    return share_from_counts(share * n, n, answered.grade, how), effects


def satisfaction(
    frame: pd.DataFrame, quality: Mapping[str, float], kind: Literal["csat_top2", "nps"]
) -> Satisfaction | None:
    """Return satisfaction of all resolved contacts, or None with under 30 answers.

    Parameters
    ----------
    frame : DataFrame
        Resolved contacts, old enough to have been answered.
    quality : dict of agent to float
        Shrunk quality of agents (logit units).
    kind : str
        ``csat_top2``: share of 4 and 5; ``nps``: share of 9 and 10 less share of 0 to 6.

    Notes
    -----
    The interval is ``-+ 1.645 sd(psi) / sqrt(n)`` with the influence function of AIPW, psi = m +
    R / p (y - m); for the g-formula, which varies less, it is on the safe side.
    """
    score = frame["csat" if kind == "csat_top2" else "nps"].to_numpy(dtype=float)
    answered = np.isfinite(score)
    number = int(answered.sum())
    if number < LEAST:
        return None
    x = _design(frame, quality, full=number >= ENOUGH)
    chance = np.clip(fit_logit(x, answered).chance(x), CLIP, 1.0)
    events = [(1.0, score >= 4)] if kind == "csat_top2" else [(1.0, score >= 9), (-1.0, score <= 6)]
    doubly = len(frame) >= DOUBLY_ROBUST
    naive = value = 0.0
    influence = np.zeros(len(frame))
    shifted = np.zeros(len(ODDS))
    for sign, hit in events:
        fit = fit_logit(x[answered], hit[answered])
        expected = fit.chance(x)
        robust = expected + answered / chance * (np.where(answered, hit, 0.0) - expected)
        influence += sign * robust
        naive += sign * float(hit[answered].mean())
        value += sign * float((robust if doubly else expected).mean())
        # promoters get rarer and detractors more frequent
        moved = [expit(logit(np.clip(expected, 1e-9, 1 - 1e-9)) + sign * np.log(d)) for d in ODDS]
        shifted += [sign * float(((m - expected) * ~answered).mean()) for m in moved]
    half = Z90 * float(influence.std()) / len(frame) ** 0.5
    bottom = 0.0 if kind == "csat_top2" else -1.0
    value = min(max(value, bottom), 1.0)
    return Satisfaction(
        kind=kind,
        answers=number,
        contacts=len(frame),
        naive=naive,
        value=value,
        interval=(max(value - half, bottom), min(value + half, 1.0)),
        method="AIPW" if doubly else "g-formula",
        sensitivity={f"{d:g}": value + float(s) for d, s in zip(ODDS, shifted, strict=True)},
    )


def _design(frame: pd.DataFrame, quality: Mapping[str, float], full: bool) -> Array:
    """Return the covariates; with few answers wait and return alone."""
    x = covariates(frame, quality)
    if not full:
        return x[["wait", "return"]].to_numpy(dtype=float)
    parts = [x]
    for name in ("channel", "difficulty", "category"):
        if name in frame and frame[name].nunique() > 1:
            common = frame[name].value_counts().index[:MOST_CHANNELS]
            label = frame[name].where(frame[name].isin(common), "other").astype(str)
            parts.append(pd.get_dummies(label, drop_first=True, dtype=float))
    return pd.concat(parts, axis=1).to_numpy(dtype=float)


def _filled(values: pd.Series) -> pd.Series:
    return values.fillna(values.median() if values.notna().any() else 0.0)
