"""Satisfaction: who is asked, who answers, and what moves the score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from svcsim.calibration.estimator import Estimator, effect_from_normal, on_log, share_from_counts
from svcsim.calibration.response import (
    CLEAR,
    covariates,
    none_seen,
    satisfaction,
    who_answers,
)
from svcsim.calibration.shape import shape_of
from svcsim.contacts.log import ContactLog
from svcsim.model.duration import Duration
from svcsim.model.outcome import Survey
from svcsim.model.quantity import Effect, Share, Time
from svcsim.model.questions import Satisfaction
from svcsim.text import Text

Array = NDArray[np.float64]

ENOUGH = 100
"""Answers from which effects on the score are learned."""
LEAST = 10
"""Answers below which no survey is modelled."""
PRIOR_SD = 2.0
"""Weak prior of every effect (logit units): keeps effects finite where few answers differ."""
EFFECTS = ("wait", "return", "quality", "work")
SCORES = 5


@dataclass(frozen=True)
class OddsFit:
    """Proportional odds ``logit P(score >= k) = cut_k + x b``, with standard errors of b."""

    cuts: Array
    effects: Array
    errors: Array

    def shares(self) -> tuple[float, ...]:
        """Return the shares of 1..5 when every covariate is 0."""
        above = np.concatenate([[1.0], expit(self.cuts), [0.0]])
        return tuple(float(x) for x in np.maximum(above[:-1] - above[1:], 0.0))


class SurveyEstimator(Estimator):
    """Learn `Survey` from scores; ``survey_`` is None with under 10 answers.

    Scores on the 1-5 scale are taken, on the 0-10 scale where there are none of the former.
    Effects: log(1 + hours to first response), returned (reopened, or not the first contact of its
    case), the agent's quality, and log(1 + minutes of handling) where it is clear (3 standard
    errors), by maximum likelihood from 100 answers on. The same four may move who answers: those
    that are clear are kept.

    Attributes
    ----------
    survey_ : Survey or None
    satisfaction_ : Satisfaction or None
        Satisfaction of all resolved contacts (`svcsim.calibration.response`).
    """

    def fit(self, log: ContactLog, quality: Mapping[str, float] | None = None) -> Self:
        """Learn from ``log``; ``quality`` maps agents to their quality (logit units)."""
        self.survey_: Survey | None = None
        self.satisfaction_: Satisfaction | None = None
        frame = log.frame[log.frame["outcome"] == "resolved"]
        kind: Literal["csat", "nps"] = "csat"
        if frame["csat"].notna().sum() < LEAST <= frame["nps"].notna().sum():
            kind = "nps"
        scored = frame[frame[kind].notna()]
        if len(scored) < LEAST:
            if len(scored):
                self.notes_.append(
                    Text(
                        f"survey: only {len(scored)} answers; no survey is modelled",
                        f"满意度调查：只有 {len(scored)} 份评价，不模拟满意度",
                    )
                )
            return self
        old = _old_enough(frame, log)
        asked, answered = _response(old, kind)
        number = SCORES if kind == "csat" else 11
        given = scored[kind].to_numpy(dtype=float) + (0 if kind == "csat" else 1)
        score = np.clip(np.round(given), 1, number).astype(np.int64)
        effects, shares = self._effects(scored, score, number, quality or {})
        reference, who = who_answers(old, _is_sent(old), kind, quality or {}, answered)
        self.survey_ = Survey(
            kind=kind,
            asked=asked,
            answered=reference,
            scores=tuple(float(f"{x:.6g}") for x in shares),
            delay=_delay(scored),
            **{f"{name}_effect": effect for name, effect in effects.items()},
            **{f"answer_{name}_effect": effect for name, effect in who.items()},
        )
        self.satisfaction_ = satisfaction(
            old, quality or {}, "csat_top2" if kind == "csat" else "nps"
        )
        self.notes_.append(
            Text(
                f"survey: {answered.value:.0%} of those asked answer; whether the satisfied "
                "answer more often cannot be seen, so scores describe those who answer",
                f"满意度调查：参评率 {answered.value:.0%}；满意的客户是否更愿意评价无从得知，"
                "分数只代表参评者",
            )
        )
        return self

    def _effects(
        self,
        scored: pd.DataFrame,
        score: NDArray[np.int64],
        number: int,
        quality: Mapping[str, float],
    ) -> tuple[dict[str, Effect], tuple[float, ...]]:
        n = len(score)
        if n < ENOUGH:
            self.notes_.append(
                Text(
                    f"survey: {n} answers are too few ({ENOUGH}) to learn what moves the score",
                    f"满意度调查：{n} 份评价（至少需要 {ENOUGH} 份）不足以看出什么影响评分",
                )
            )
            how = f"assumed: {n} answers are too few to learn effects"
            none = Effect(value=0.0, grade="assumed", how=how)
            counts = np.bincount(score, minlength=number + 1)[1:] + 0.5
            return dict.fromkeys(EFFECTS, none), tuple(counts / counts.sum())
        x = covariates(scored, quality)
        used = [name for name in EFFECTS if x[name].std() > 1e-6]
        how = "the history does not vary in this"
        effects = dict.fromkeys(EFFECTS, Effect(value=0.0, grade="assumed", how=how))
        fit = fit_odds(x[used].to_numpy(dtype=float), score, number)
        if "work" in used and abs(fit.effects[-1]) < CLEAR * fit.errors[-1]:
            used.remove("work")
            effects["work"] = none_seen(n)
            fit = fit_odds(x[used].to_numpy(dtype=float), score, number)
        for k, name in enumerate(used):
            effects[name] = effect_from_normal(
                float(fit.effects[k]), float(fit.errors[k]), n, how="proportional odds"
            )
        return effects, fit.shares()


def fit_odds(x: Array, score: NDArray[np.int64], number: int = SCORES) -> OddsFit:
    """Fit a proportional-odds model by maximum likelihood (McCullagh 1980).

    ``P(score >= k | x) = expit(cut_k + x b)``, k = 2..number, cuts decreasing. Effects have a weak
    normal prior (sd 2 logit); half an answer at each score keeps the cuts finite. Standard errors
    come from the inverse of the numerical Hessian.

    Parameters
    ----------
    x : ndarray (n, m)
    score : ndarray of int
        1..number.
    number : int
        Steps of the scale.
    """
    n, m = x.shape
    counts = np.bincount(score, minlength=number + 1)[1:] + 0.5
    above = 1.0 - np.cumsum(counts)[:-1] / counts.sum()
    logits = np.log(above / (1 - above))
    # cuts as a first value and the logs of the steps down keep them in order
    start = np.concatenate([[logits[0]], np.log(np.maximum(-np.diff(logits), 1e-3)), np.zeros(m)])
    level = score - 1

    def loss(theta: Array) -> tuple[float, Array]:
        return _loss_and_gradient(theta, x, level, number)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    hessian = _hessian(lambda theta: loss(theta)[1], found.x)
    covariance = np.linalg.pinv(hessian)
    errors = np.sqrt(np.maximum(np.diag(covariance)[number - 1 :], 0.0))
    return OddsFit(_cuts(found.x, number), found.x[number - 1 :], errors)


def _cuts(theta: Array, number: int) -> Array:
    cuts: Array = theta[0] - np.concatenate([[0.0], np.cumsum(np.exp(theta[1 : number - 1]))])
    return cuts


def _loss_and_gradient(
    theta: Array, x: Array, level: NDArray[np.int64], number: int
) -> tuple[float, Array]:
    cuts, b = _cuts(theta, number), theta[number - 1 :]
    eta = x @ b
    edges = np.concatenate([[np.inf], cuts, [-np.inf]])
    upper, lower = expit(edges[level] + eta), expit(edges[level + 1] + eta)
    p = np.maximum(upper - lower, 1e-12)
    # derivatives of log p in the two cuts around the score
    d_upper, d_lower = upper * (1 - upper) / p, -lower * (1 - lower) / p
    at_cut = (
        np.bincount(level, d_upper, number + 1)[1:number]
        + np.bincount(level + 1, d_lower, number + 1)[1:number]
    )
    pseudo, pseudo_slope = _pseudo(cuts)
    slope = np.asarray(at_cut, dtype=float) + pseudo_slope
    steps = np.exp(theta[1 : number - 1])
    gradient = np.concatenate(
        [
            [slope.sum()],
            [-steps[j] * slope[j + 1 :].sum() for j in range(number - 2)],
            x.T @ (d_upper + d_lower) - b / PRIOR_SD**2,
        ]
    )
    value = float(np.log(p).sum() + pseudo - 0.5 * (b @ b) / PRIOR_SD**2)
    return -value, -gradient


def _pseudo(cuts: Array) -> tuple[float, Array]:
    """Return log-likelihood and derivatives of half an answer at each score, all covariates 0."""
    above = np.concatenate([[1.0], expit(cuts), [0.0]])
    p = np.maximum(above[:-1] - above[1:], 1e-12)
    slope = above[1:-1] * (1 - above[1:-1])
    return 0.5 * float(np.log(p).sum()), 0.5 * slope * (1 / p[1:] - 1 / p[:-1])


def _hessian(gradient: Callable[[Array], Array], theta: Array) -> Array:
    step = 1e-4 * np.maximum(np.abs(theta), 1.0)
    rows = []
    for i in range(len(theta)):
        ahead, back = theta.copy(), theta.copy()
        ahead[i] += step[i]
        back[i] -= step[i]
        rows.append((gradient(ahead) - gradient(back)) / (2 * step[i]))
    matrix = np.array(rows)
    symmetric: Array = 0.5 * (matrix + matrix.T)
    return symmetric


def _old_enough(frame: pd.DataFrame, log: ContactLog) -> pd.DataFrame:
    """Return the contacts resolved long enough ago to have been answered; all where none is."""
    delay = (frame["survey_s"] - frame["resolved_s"]).dropna()
    wait = float(delay.quantile(0.95)) if len(delay) >= LEAST else 0.0
    old = frame[frame["resolved_s"] <= log.observed_until - wait]
    return old if len(old) else frame


def _is_sent(old: pd.DataFrame) -> pd.Series | None:
    """Return who was asked, or None where it is not recorded."""
    if old["survey_sent"].notna().mean() <= 0.5:
        return None
    return old["survey_sent"].fillna(0) > 0


def _response(old: pd.DataFrame, kind: str) -> tuple[Share, Share]:
    """Return the shares asked and answering."""
    sent = _is_sent(old)
    if sent is not None:
        asked = share_from_counts(int(sent.sum()), len(old), how="surveys sent / resolved")
        answers = int(old.loc[sent, kind].notna().sum())
        return asked, share_from_counts(answers, int(sent.sum()), how="answers / surveys sent")
    how = "who was asked is not recorded; everybody is taken as asked"
    asked = Share(value=1.0, grade="assumed", how=how)
    answers = int(old[kind].notna().sum())
    return asked, share_from_counts(answers, len(old), "proxy", "answers / resolved")


def _delay(scored: pd.DataFrame) -> Duration:
    wait = (scored["survey_s"] - scored["resolved_s"]).dropna()
    wait = wait[wait > 0]
    if len(wait) < LEAST:
        how = "assumed: answers are not dated"
        mean = Time(value=43200.0, interval=(14400.0, 129600.0), grade="assumed", how=how)
        return Duration(law="exponential", mean=mean)
    how = "from resolution to answer"
    values = wait.to_numpy(dtype=float)
    log_sd = float(values.std() / values.mean()) / len(values) ** 0.5
    mean = on_log(Time, float(values.mean()), log_sd, len(values), "measured", how)
    return shape_of(values).with_mean(mean, "measured", how)
