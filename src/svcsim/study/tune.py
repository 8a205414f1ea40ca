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

from svcsim.contacts.log import ContactLog
from svcsim.model.quantity import Factor
from svcsim.model.service import ServiceModel
from svcsim.model.tuning import Tuning
from svcsim.study import tune_words as words
from svcsim.study.account import WIDEST, account, structure, warnings, widened
from svcsim.study.backtest import Span, with_slowdown
from svcsim.study.fit_moments import BOUNDS, Fit, Replays, along, fitted
from svcsim.study.free import Z90, with_off_peak, with_quiet, with_repeats
from svcsim.study.identify import examined
from svcsim.study.moments import Moments
from svcsim.study.pace import at_the_pace_of
from svcsim.study.pickup import with_pickup
from svcsim.text import Text, listed

USUAL_STEPS = 16
"""Points that are usually replayed, for the progress shown."""
VISIBLE = float(np.log(1.3)) / 2
"""Standard error (log scale) beyond which a change by 30 % could go unseen."""
VAGUE = 0.3
"""Standard error of ``quiet`` (a part between 0 and 1) beyond which it is not worth freeing."""
DEMANDED = 2.576
"""Score test beyond which a further factor is freed (1 % of right models)."""


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
    examine: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Return the model whose replay of ``[start, end)`` comes closest to the log.

    Where the moments of the span hardly depend on the factor it stays at 1; tickets that then still
    take longer to be answered than capacity explains get a delay (`with_pickup`). With ``examine``
    it is also told which parameters the moments can tell apart (`study.identify`).
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
    if not _identified(replays):
        now = {"slowdown": float(np.log(max(model.staffing.slowdown.value, 1e-3)))}
        fit = fitted(replays, (), now)
        if not _answered_later(fit, moments):
            return _kept(model, fit, replays, report, words.INDIFFERENT)
        kept = _kept(model, fit, replays, report, words.INDIFFERENT)
        slow = with_pickup(model, log, start, end, **effort)
        note = words.PICKED_UP.fill(note=words.INDIFFERENT)
        return replace(kept, model=slow, pickup=True, note=note)
    fit = fitted(replays, ("slowdown",), {"slowdown": 0.0})
    tuned = _tuned(model, _freed(fit, replays), replays, report, (end - start).days)
    if not examine:
        return tuned
    still = with_slowdown(paced, tuned.factor)
    return replace(tuned, tuning=examined(still, replays, tuned.tuning))


def _waits(moments: Moments) -> bool:
    """Tell whether any moment is about waiting."""
    return any(name.partition(".")[0] in ("frt", "wait", "mean_wait") for name in moments.names)


def _given(model: ServiceModel) -> bool:
    """Tell whether the planner has said the factor itself; a given shrinkage leaves the rest."""
    grade: str = model.staffing.slowdown.grade
    return grade == "given"


def _identified(replays: Replays) -> bool:
    """Tell whether the moments show a change of the factor by 30 %: from 1 on, or on the way up.

    Weights are those at factor 1: a desk with time to spare shows the factor only where it would
    be overloaded, and what is certain there is not what the history shows.
    """
    here, top = {"slowdown": 0.0}, BOUNDS["slowdown"][1]
    fit = fitted(replays, (), here)
    rise = (replays.simulated({"slowdown": top}) - replays.simulated(here)) / top
    slopes = replays.slope(here, ("slowdown",)), rise[:, None]
    errors = [replace(fit, free=("slowdown",), slope=x).errors["slowdown"] for x in slopes]
    return min(errors) <= VISIBLE


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
    """Free what the moments demand and can tell apart, one factor at a time.

    Not beside a busy time at the end of its range: then something else is wrong.
    """
    if _at_bound(fit, ("slowdown",)):
        return fit
    for name in ("quiet", "off_peak", "repeat"):
        if fit.test[2] >= 0.05 or not _shows(name, replays):
            continue
        column = replays.slope(fit.point, (name,))
        if abs(fit.score(column[:, 0])) < DEMANDED:
            continue
        more = fitted(replays, (*fit.free, name), along(replays, name, fit))
        values = np.linalg.svd(more.slope * np.sqrt(more.weight)[:, None], compute_uv=False)
        # a condition number compares logarithms; quiet is a part, its error says it all
        apart = values[0] < 30 * values[-1] or name == "quiet"
        told = not _at_bound(more, more.free)
        if told and apart and _precise(more):
            fit = more
    return fit


def _precise(fit: Fit) -> bool:
    """Tell whether every freed factor is known well enough to be worth freeing."""
    return all(
        error < (VAGUE if name == "quiet" else VISIBLE) for name, error in fit.errors.items()
    )


def _at_bound(fit: Fit, names: tuple[str, ...]) -> bool:
    """Tell whether a factor was found at the end of its range (always off is no failure)."""
    ends = (
        (fit.point[name], bound)
        for name in names
        for bound in (BOUNDS[name][:1] if name == "quiet" else BOUNDS[name])
    )
    return any(abs(value - bound) < 0.005 for value, bound in ends)


def _shows(name: str, replays: Replays) -> bool:
    """Tell whether there are moments that could show a factor; a given roster stays as it is."""
    names = replays.moments.names
    if name == "quiet":
        return "level" in names and replays.model.staffing.off_time is not None
    if name == "repeat":
        return "repeat" in names
    grade: str = replays.model.staffing.presence.grade
    parts = {n.partition(".")[2] for n in names if n.startswith(("frt", "wait"))}
    return grade != "given" and "day" in parts and len(parts) > 1


def _tuned(model: ServiceModel, fit: Fit, replays: Replays, report: Tuning, days: int) -> Tuned:
    """Return the model with the factors found, and the account of it."""
    k, error = float(np.exp(fit.point["slowdown"])), fit.errors["slowdown"]
    report = account(fit, replays, report)
    notes = warnings(k, report)
    if _at_bound(fit, ("slowdown",)):
        notes = (words.OUT_OF_RANGE.fill(best=f"{k:g}"), *notes[1:])
        factor = Factor(value=k, grade="assumed", how=notes[0].en)
    else:
        j, df, p = fit.test
        spread = min(Z90 * error * widened(fit), WIDEST)
        interval = (k * float(np.exp(-spread)), k * float(np.exp(spread)))
        how = (
            f"tuned by {len(replays.moments.names)} moments of {days} replayed days "
            f"(fit: chi-squared {j:.1f} on {df:.1f} degrees of freedom, p = {p:.2g})"
        )
        factor = Factor(value=k, interval=interval, n=days, grade="proxy", how=how)
    report = report.model_copy(update={"notes": notes})
    staffing = model.staffing.model_copy(update={"slowdown": factor})
    tuned = _with_others(model.model_copy(update={"staffing": staffing}), report)
    return Tuned(tuned, k, True, listed(notes) if notes else Text(""), tuning=report)


def _with_others(model: ServiceModel, tuning: Tuning) -> ServiceModel:
    """Return the model with the factors beside the busy time that were freed."""
    for factor in tuning.factors:
        if factor.name == "off_peak" and factor.tuned:
            model = with_off_peak(model, factor.value)
        if factor.name == "quiet" and factor.tuned:
            model = with_quiet(model, factor.value, factor.error or 0.0)
        if factor.name == "repeat" and factor.tuned and factor.low and factor.high:
            error = float(np.log(factor.high / factor.low)) / (2 * Z90)
            model = with_repeats(model, factor.value, error)
    return model


def _kept(model: ServiceModel, fit: Fit, replays: Replays, report: Tuning, why: Text) -> Tuned:
    """Return the model as it is (factor 1, or as given), with how well the moments fit."""
    report = account(fit, replays, report, why)
    given = why is words.GIVEN
    missed = structure(report) if given else ()
    report = report.model_copy(update={"notes": (why, *missed)})
    return Tuned(model, model.staffing.slowdown.value, given, listed(report.notes), tuning=report)
