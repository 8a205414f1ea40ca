"""Free factors tuned by simulated moments: how long an agent is busy per handled minute, and more.

Stamps tell how long contacts were handled, not what else holds agents up (notes, other systems,
meetings inside a shift). All of it goes into ``staffing.slowdown`` k: the value for which a replay
of the real arrivals comes closest to the moments of the history (`study.moments`), each weighted
by the inverse of its variance (`study.fit_moments`). Two more factors are freed only where the
moments demand it (score test beyond 2.58) and can tell them apart from k: hours worked off peak
relative to the roster, and the chance of a repeat contact. What the planner has given is not
tuned. If the moments still do not fit together, the structure is wrong and no factor mends it:
that is said, with the moments that miss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from scipy import stats

from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Factor
from svcsim.model.service import ServiceModel
from svcsim.model.tuning import FreeFactor, MomentFit, Tuning
from svcsim.study import tune_words as words
from svcsim.study.backtest import Span, with_slowdown
from svcsim.study.fit_moments import BOUNDS, Fit, Replays, fitted
from svcsim.study.free import NAMES, Z90, with_off_peak, with_repeats
from svcsim.study.identify import examined
from svcsim.study.moments import Moments
from svcsim.study.pace import at_the_pace_of
from svcsim.study.pickup import with_pickup
from svcsim.text import Text, listed

LOWEST, HIGHEST = 0.6, 1.8
USUAL = (0.8, 1.3)
"""Outside of this a factor says that calendars or work minutes are wrong."""
USUAL_STEPS = 16
"""Points that are usually replayed, for the progress shown."""
VISIBLE = float(np.log(1.3)) / 2
"""Standard error (log scale) beyond which a change by 30 % could go unseen."""
DEMANDED = 2.576
"""Score test beyond which a further factor is freed (1 % of right models)."""
WIDEST = 0.35
"""Half width (log scale) beyond which an interval is not drawn."""


@dataclass(frozen=True)
class Tuned:
    """Outcome of the tuning: the model and what to tell the reader."""

    model: ServiceModel
    factor: float
    identified: bool
    note: Text
    pickup: bool = False
    """Whether tickets got a delay before they are up for work."""
    tuning: Tuning = field(default_factory=Tuning)

    def carry(self, model: ServiceModel) -> ServiceModel:
        """Return another fit of the same desk with the factors found here."""
        slowdown = self.model.staffing.slowdown
        staffing = model.staffing.model_copy(update={"slowdown": slowdown})
        return _with_others(model.model_copy(update={"staffing": staffing}), self.tuning)


def tune_slowdown(
    model: ServiceModel,
    log: ContactLog,
    start: date,
    end: date,
    *,
    seed: int = 1,
    replications: int = 8,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Return the model whose replay of ``[start, end)`` comes closest to the log.

    Where the moments of the span hardly depend on the factor it stays at 1; tickets that then still
    take longer to be answered than capacity explains get a delay (`with_pickup`).
    """
    effort: dict[str, Any] = {"seed": seed, "replications": replications, "workers": workers}
    span = Span.of(log, model, start, end)
    moments = Moments.of(span.observed, model)
    if not _waits(moments) or (end - start).days < 3:
        return Tuned(model, 1.0, False, words.NO_WAITS)
    paced = at_the_pace_of(span, model, **effort)
    told = None if progress is None else lambda n: progress(n, max(USUAL_STEPS, n))
    replays = Replays(paced, span, moments, progress=told, **effort)
    report = Tuning(start=start.isoformat(), end=end.isoformat(), replications=replications)
    if _given(model):
        now = {"slowdown": float(np.log(max(model.staffing.slowdown.value, 1e-3)))}
        fit = fitted(replays, (), now)
        return _kept(model, fit, replays, report, words.GIVEN)
    fit = fitted(replays, ("slowdown",), {"slowdown": 0.0})
    if not _identified(fit, replays):
        fit = fitted(replays, (), {"slowdown": 0.0})
        if not _answered_later(fit, moments):
            return _kept(model, fit, replays, report, words.INDIFFERENT)
        kept = _kept(model, fit, replays, report, words.INDIFFERENT)
        slow = with_pickup(model, log, start, end, **effort)
        note = words.PICKED_UP.fill(note=words.INDIFFERENT)
        return replace(kept, model=slow, pickup=True, note=note)
    return _tuned(model, _freed(fit, replays), replays, report, (end - start).days)


def _waits(moments: Moments) -> bool:
    """Tell whether any moment is about waiting."""
    return any(name.partition(".")[0] in ("frt", "wait", "mean_wait") for name in moments.names)


def _given(model: ServiceModel) -> bool:
    """Tell whether the planner has said what else takes agents' time."""
    staffing = model.staffing
    grades: list[str] = [staffing.slowdown.grade, staffing.off_share.grade]
    return "given" in grades


def _identified(fit: Fit, replays: Replays) -> bool:
    """Tell whether the moments show a change of the factor by 30 %: here, or from 1 on.

    A desk with time to spare only shows the factor where it would be overloaded.
    """
    if fit.errors["slowdown"] > VISIBLE:
        return False
    if fit.point["slowdown"] < BOUNDS["slowdown"][1] - 0.005:
        return True
    slope = replays.slope({"slowdown": 0.0}, ("slowdown",))
    here = fitted(replays, (), {"slowdown": 0.0})
    return replace(here, free=("slowdown",), slope=slope).errors["slowdown"] <= VISIBLE


def _answered_later(fit: Fit, moments: Moments) -> bool:
    """Tell whether tickets are answered later than the replays answer them."""
    error = np.sqrt(np.diag(fit.covariance))
    z = [
        r / e
        for name, r, e in zip(moments.names, fit.residual, error, strict=True)
        if name.startswith("frt")
    ]
    return bool(z) and float(np.sum(z)) / np.sqrt(len(z)) > 2


def _freed(fit: Fit, replays: Replays) -> Fit:
    """Free what the moments demand and can tell apart, one factor at a time."""
    for name in ("off_peak", "repeat"):
        if fit.test[2] >= 0.05 or not _shows(name, replays.moments):
            continue
        column = replays.slope(fit.point, (name,))
        if abs(fit.score(column[:, 0])) < DEMANDED:
            continue
        more = fitted(replays, (*fit.free, name), fit.point)
        values = np.linalg.svd(more.slope * np.sqrt(more.weight)[:, None], compute_uv=False)
        inside = all(BOUNDS[n][0] + 0.005 < more.point[n] < BOUNDS[n][1] - 0.005 for n in more.free)
        if inside and values[0] < 30 * values[-1] and max(more.errors.values()) < VISIBLE:
            fit = more
    return fit


def _shows(name: str, moments: Moments) -> bool:
    """Tell whether there are moments that could show a factor."""
    if name == "repeat":
        return "repeat" in moments.names
    parts = {n.partition(".")[2] for n in moments.names if n.startswith(("frt", "wait"))}
    return "day" in parts and len(parts) > 1


def _tuned(model: ServiceModel, fit: Fit, replays: Replays, report: Tuning, days: int) -> Tuned:
    """Return the model with the factors found, and the account of it."""
    k, error = float(np.exp(fit.point["slowdown"])), fit.errors["slowdown"]
    report = _account(fit, replays, report)
    notes = _warnings(k, report)
    if min(abs(fit.point["slowdown"] - bound) for bound in BOUNDS["slowdown"]) < 0.005:
        notes = (words.OUT_OF_RANGE.fill(best=f"{k:g}"), *notes[1:])
        factor = Factor(value=k, grade="assumed", how=notes[0].en)
    else:
        j, df, p = fit.test
        spread = min(Z90 * error * _widened(fit), WIDEST)
        interval = (k * float(np.exp(-spread)), k * float(np.exp(spread)))
        how = (
            f"tuned by {len(replays.moments.names)} moments of {days} replayed days "
            f"(fit: chi-squared {j:.1f} on {df:.1f} degrees of freedom, p = {p:.2g})"
        )
        factor = Factor(value=k, interval=interval, n=days, grade="proxy", how=how)
    report = examined(
        with_slowdown(replays.model, k), replays, report.model_copy(update={"notes": notes})
    )
    staffing = model.staffing.model_copy(update={"slowdown": factor})
    tuned = _with_others(model.model_copy(update={"staffing": staffing}), report)
    return Tuned(tuned, k, True, listed(notes) if notes else Text(""), tuning=report)


def _widened(fit: Fit) -> float:
    """Return the factor on errors where the fit fails: sqrt(J / df), as far as above 1 (Birge).

    Moments that contradict each other would each give another factor.
    """
    j, df, p = fit.test
    return float(np.sqrt(max(j / df, 1.0))) if p < 0.01 else 1.0


def _with_others(model: ServiceModel, tuning: Tuning) -> ServiceModel:
    """Return the model with the factors beside the busy time that were freed."""
    for factor in tuning.factors:
        if factor.name == "off_peak" and factor.tuned:
            model = with_off_peak(model, factor.value)
        if factor.name == "repeat" and factor.tuned and factor.low and factor.high:
            error = float(np.log(factor.high / factor.low)) / (2 * Z90)
            model = with_repeats(model, factor.value, error)
    return model


def _kept(model: ServiceModel, fit: Fit, replays: Replays, report: Tuning, why: Text) -> Tuned:
    """Return the model as it is (factor 1, or as given), with how well the moments fit."""
    report = _account(fit, replays, report, why)
    given = why is words.GIVEN
    missed = _structure(report) if given else ()
    report = report.model_copy(update={"notes": (why, *missed)})
    out = model if given else with_slowdown(model, 1.0)
    return Tuned(out, out.staffing.slowdown.value, given, listed(report.notes), tuning=report)


def _account(fit: Fit, replays: Replays, report: Tuning, why: Text | None = None) -> Tuning:
    """Return the table of factors and moments, and the test of the fit."""
    factors = []
    for name in ("slowdown", *(n for n in fit.free if n != "slowdown")):
        value = float(np.exp(fit.point[name]))
        if name not in fit.free:
            factors.append(
                FreeFactor(
                    name=name, what=NAMES[name], value=value, tuned=False, why=why or Text("")
                )
            )
            continue
        half = float(np.exp(min(Z90 * fit.errors[name] * _widened(fit), WIDEST)))
        demanded = Text("") if name == "slowdown" else words.DEMANDED
        factors.append(
            FreeFactor(
                name=name,
                what=NAMES[name],
                value=value,
                low=value / half,
                high=value * half,
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


def _warnings(k: float, report: Tuning) -> tuple[Text, ...]:
    """Return what to tell about a factor that was tuned."""
    notes: tuple[Text, ...] = ()
    if not USUAL[0] <= k <= USUAL[1]:
        notes = (words.CALENDARS.fill(k=f"{k:.2f}"),)
    for factor in report.factors:
        if factor.name != "slowdown" and factor.tuned:
            notes += (words.ALSO.fill(what=factor.what, value=f"{factor.value:.2f}"),)
    return notes + _structure(report)


def _structure(report: Tuning) -> tuple[Text, ...]:
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
