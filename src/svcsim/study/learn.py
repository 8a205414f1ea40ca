"""From a log to a baseline one can act on: prove on held-out weeks, fit on all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from svcsim.calendar.days import midnight
from svcsim.contacts.log import ContactLog
from svcsim.contacts.recent import MOST_CONTACTS, near
from svcsim.contacts.unfit import cleaned
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline
from svcsim.model.fidelity import Fidelity
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Staffing
from svcsim.study.backtest import Span, without_hindsight
from svcsim.study.fidelity import Trial, check_fidelity, run_trial, verdict_of
from svcsim.study.pace import at_the_pace_of, mean_handling, with_hours
from svcsim.study.pickup import with_pickup
from svcsim.study.sketch import halves
from svcsim.study.splits import Splits, hold_out, time_splits
from svcsim.study.tune import Tuned, tune_slowdown
from svcsim.text import Text
from svcsim.units import format_duration, spoken_duration

__all__ = ["Effort", "hold_out", "learn"]

Fit = Callable[[ContactLog], Baseline]


@dataclass(frozen=True)
class Effort:
    """How much simulation to spend on learning."""

    tune_days: int = 28
    tune_replications: int = 8
    fidelity_replications: int = 100
    """Replays of each held-out span with its real arrivals."""
    forecast_replications: int = 60
    """Simulations of it with forecast arrivals."""
    hold_out_days: int | None = None
    """Days of each held-out span."""
    origins: int | None = None
    """Time splits."""
    seed: int = 7
    workers: int | None = None

    def for_log(self, log: ContactLog) -> Effort:
        """Return what is enough for a log: with more contacts a day, fewer days and replications.

        Above two million contacts there is one split of a week, tuning on a week, and as many
        replays as bands need; what chance does to KPIs of so many contacts is small.
        """
        if len(log) <= MOST_CONTACTS:
            return self
        return replace(
            self, tune_days=7, tune_replications=2, origins=self.origins or 1,
            hold_out_days=self.hold_out_days or 7,
            fidelity_replications=min(self.fidelity_replications, 40),
            forecast_replications=min(self.forecast_replications, 20),
        )  # fmt: skip


def learn(
    log: ContactLog,
    fit: Fit,
    *,
    effort: Effort | None = None,
    say: Callable[[Text], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Baseline:
    """Return the baseline of a log with its fidelity verdict.

    1. For each time split (`svcsim.study.splits`), the latest first: fit on everything before it,
    as it was known then; tune the busy time per handled minute on the last days before it (nothing
    later is used, so no split profits from another); simulate the held-out days with their real
    and with forecast arrivals. 2. The verdict over all splits, and, where it is not a pass, what of
    the latest is due to hours worked and handling times that moved. 3. Fit on the whole log and
    keep the factor as tuned at the latest split.
    """
    log = cleaned(log)
    effort = (effort or Effort()).for_log(log)
    tell = say or (lambda text: None)
    splits = time_splits(log, effort.hold_out_days, effort.origins)
    found = [_prove(log, fit, split, splits, effort, tell, progress) for split in splits.latest()]
    proved = [one for one in found if one is not None]
    start, end, tuned, _ = proved[0]
    trials = [trial for *_, trial in reversed(proved)]
    earliest = date.fromisoformat(trials[0].origin.start)
    fidelity = verdict_of(
        trials,
        replications=effort.fidelity_replications,
        halves=halves(without_hindsight(log, float(midnight(earliest, log.timezone)))),
        log=log,
    )
    tell(Text("fitting on the whole log", "用全部历史再次校准"))
    full = fit(log)
    latest = verdict_of(trials[-1:], replications=effort.fidelity_replications)
    hours = full.model.staffing
    moved = Text("")
    if fidelity.verdict in ("warn", "fail"):
        late = near(log, float(midnight(start, log.timezone)))
        moved = _what_moved(tuned.model, hours, late, (start, end), latest, effort)
    return _whole(log, full, tuned, fidelity, moved, splits, effort, tell)


def _whole(
    log: ContactLog,
    full: Baseline,
    tuned: Tuned,
    fidelity: Fidelity,
    moved: Text,
    splits: Splits,
    effort: Effort,
    tell: Callable[[Text], None],
) -> Baseline:
    """Return the fit on the whole log with what was tuned and proved before."""
    if tuned.pickup:
        tell(
            Text(
                "measuring what capacity does not explain of the first responses",
                "测算产能解释不了的那部分首次响应时间",
            )
        )
        since = max(splits.last - timedelta(days=effort.tune_days), splits.first)
        late = with_pickup(
            full.model, near(log, float(midnight(since, log.timezone))), since,
            splits.last, seed=effort.seed, replications=effort.tune_replications,
            workers=effort.workers,
        )  # fmt: skip
        full = full.model_copy(update={"model": late})
    model = tuned.carry(full.model)
    notes = (*full.notes, *(note for note in (tuned.note, moved, splits.note) if note))
    held = f"{fidelity.origins[0].start}/{fidelity.origins[-1].end}"
    source = full.source.model_copy(update={"held_out": held})
    update = {"model": model, "fidelity": fidelity, "notes": notes, "source": source}
    update["tuning"] = tuned.tuning
    return full.model_copy(update=update)


def _prove(
    log: ContactLog,
    fit: Fit,
    split: tuple[date, date],
    splits: Splits,
    effort: Effort,
    tell: Callable[[Text], None],
    progress: Callable[[int, int], None] | None,
) -> tuple[date, date, Tuned, Trial] | None:
    """Fit before a split, tune, and replay the days after it.

    None where the part before an earlier split is too small to fit; the latest must be fitted.
    """
    start, end = split
    instant = float(midnight(start, log.timezone))
    known = without_hindsight(log, instant)
    tell(
        Text(
            f"fitting {splits.first} to {start} (held out: {start} to {end})",
            f"校准 {splits.first} 至 {start}（留出 {start} 至 {end}）",
        )
    )
    try:
        early = fit(known)
    except InputError:
        if end == splits.last:
            raise
        tell(Text(f"too little is known on {start}: split left out", f"{start} 前数据太少，略去"))
        return None
    tell(
        Text(
            "tuning the busy time per handled minute so that waits match",
            "调校占用系数，使等待时间与历史吻合",
        )
    )
    since = max(start - timedelta(days=effort.tune_days), splits.first)
    tuned = tune_slowdown(
        early.model, near(known, float(midnight(since, log.timezone))), since, start,
        seed=effort.seed, replications=effort.tune_replications, workers=effort.workers,
        examine=end == splits.last, progress=progress,
    )  # fmt: skip
    tell(
        Text(
            f"replaying the held-out days {effort.fidelity_replications} times with real and "
            f"{effort.forecast_replications} times with forecast arrivals",
            f"以真实到达回放留出历史 {effort.fidelity_replications} 次，"
            f"以预测到达模拟 {effort.forecast_replications} 次",
        )
    )
    rows = len(known)
    del known  # a long one takes gigabytes
    trial = run_trial(
        tuned.model, near(log, instant), start, end,
        replications=effort.fidelity_replications, forecasts=effort.forecast_replications,
        # chance of its own: splits that share it would look alike in what they get wrong
        seed=effort.seed + start.toordinal(), rows=rows, workers=effort.workers, progress=progress,
    )  # fmt: skip
    return start, end, tuned, trial


def _what_moved(
    model: ServiceModel,
    hours: Staffing,
    log: ContactLog,
    days: tuple[date, date],
    found: Fidelity,
    effort: Effort,
) -> Text:
    """Say how the verdict would be, had hours worked and handling times been known beforehand.

    Empty where no handling times are recorded. A desk with fewer people or longer
    work is not a model whose queues are wrong, and asks for another remedy.
    """
    span = Span.of(log, model, *days)
    if not found.cells or not np.isfinite(mean_handling(span.observed)):
        return Text("")
    seed, workers = effort.seed + 1, effort.workers
    own = at_the_pace_of(
        span, with_hours(model, hours),
        seed=seed, replications=effort.tune_replications, workers=workers,
    )  # fmt: skip
    number = max(effort.fidelity_replications // 2, 20)
    again = check_fidelity(own, log, *days, replications=number, seed=seed, workers=workers)
    return Text(
        "fidelity: had the hours worked and the mean handling time of the last held-out days "
        "({seen}) been known, {inside} of {all} values would lie inside the 90 % band instead of "
        "{before}",
        "保真度：若事先知道最后一段留出期的实际工时和平均处理时长（{seen}），"
        "{all} 个值中将有 {inside} 个落在 90% 带内，而非 {before} 个",
    ).fill(
        seen=spoken_duration(format_duration(mean_handling(span.observed), 3)),
        inside=sum(cell.inside for cell in again.cells),
        all=len(again.cells),
        before=sum(cell.inside for cell in found.cells),
    )
