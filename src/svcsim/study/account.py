"""The account of a tuning: factors, moments, the test of the fit, and what to tell of them."""

from __future__ import annotations

import numpy as np
from scipy import stats

from svcsim.model.tuning import FreeFactor, MomentFit, Tuning
from svcsim.study import tune_words as words
from svcsim.study.fit_moments import Fit, Replays
from svcsim.study.free import NAMES, Z90
from svcsim.text import Text, listed

USUAL = (0.8, 1.3)
"""Outside of this a factor says that calendars or work minutes are wrong."""
WIDEST = 0.35
"""Half width (log scale) at which intervals are cut: beyond, replications would only explode."""


def widened(fit: Fit) -> float:
    """Return the factor on errors where the fit fails: sqrt(J / df), as far as above 1 (Birge).

    Moments that contradict each other would each give another factor.
    """
    j, df, p = fit.test
    return float(np.sqrt(max(j / df, 1.0))) if p < 0.01 else 1.0


def shown(name: str, point: float) -> float:
    """Return a factor as people read it: ``quiet`` is a part between 0 and 1, others are logs."""
    return float(np.clip(point, 0.0, 1.0)) if name == "quiet" else float(np.exp(point))


def account(fit: Fit, replays: Replays, report: Tuning, why: Text | None = None) -> Tuning:
    """Return the table of factors and moments, and the test of the fit."""
    factors = []
    for name in ("slowdown", *(n for n in fit.free if n != "slowdown")):
        value = shown(name, fit.point[name])
        if name not in fit.free:
            factors.append(
                FreeFactor(
                    name=name, what=NAMES[name], value=value, tuned=False, why=why or Text("")
                )
            )
            continue
        half = min(Z90 * fit.errors[name] * widened(fit), WIDEST)
        demanded = Text("") if name == "slowdown" else words.DEMANDED
        factors.append(
            FreeFactor(
                name=name,
                what=NAMES[name],
                value=value,
                low=shown(name, fit.point[name] - half),
                high=shown(name, fit.point[name] + half),
                error=half / Z90,
                why=demanded,
            )  # fmt: skip
        )
    error = np.sqrt(np.diag(fit.covariance))
    rows = tuple(
        MomentFit(
            name=name,
            what=what,
            observed=float(seen),
            simulated=float(seen - r),
            error=float(e),
            z=round(float(r / e), 2),
        )  # fmt: skip
        for name, what, seen, r, e in zip(
            replays.moments.names,
            replays.moments.labels,
            replays.observed,
            fit.residual,
            error,
            strict=True,
        )  # fmt: skip
    )
    j, df, p = fit.test
    limit = float(stats.norm.isf(0.025 / len(rows)))
    misses = tuple(row.name for row in rows if abs(row.z) > limit)
    update = {"factors": tuple(factors), "moments": rows, "misses": misses}
    return report.model_copy(update={**update, "j": j, "df": df, "p": p})


def warnings(k: float, report: Tuning) -> tuple[Text, ...]:
    """Return what to tell about a factor that was tuned."""
    notes: tuple[Text, ...] = ()
    if not USUAL[0] <= k <= USUAL[1]:
        notes = (words.CALENDARS.fill(k=f"{k:.2f}"),)
    for factor in report.factors:
        if factor.name != "slowdown" and factor.tuned:
            notes += (words.ALSO.fill(what=factor.what, value=f"{factor.value:.2f}"),)
    return notes + structure(report)


def structure(report: Tuning) -> tuple[Text, ...]:
    """Say that no factor mends the misfit, where the test says so, and which moments miss."""
    if report.p is None or report.p >= 0.01:
        return ()
    worst = sorted(report.moments, key=lambda row: -abs(row.z))
    named = [row for row in worst if row.name in report.misses][:4] or worst[:2]
    shown = listed(
        [
            Text(f"{row.what.en} (z = {row.z:+.1f})", f"{row.what.zh}（z = {row.z:+.1f}）")
            for row in named
        ],
        (", ", "、"),
    )
    j, df = f"{report.j:.0f}", f"{report.df:.0f}"
    p = "p < 0.0001" if report.p < 1e-4 else f"p = {report.p:.2g}"
    return (words.STRUCTURE.fill(j=j, df=df, p=p, moments=shown),)
