"""From a log to a baseline one can act on: fit, tune, prove on held-out weeks, fit on all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from svcsim.calendar.days import local_day, midnight
from svcsim.contacts.log import ContactLog
from svcsim.contacts.recent import near
from svcsim.contacts.unfit import cleaned
from svcsim.errors import Finding, InputError
from svcsim.model.baseline import Baseline, Fidelity
from svcsim.model.quantity import Factor
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Staffing
from svcsim.study.backtest import Span, with_slowdown, without_hindsight
from svcsim.study.fidelity import check_fidelity
from svcsim.study.pace import at_the_pace_of, mean_handling, with_hours
from svcsim.study.pickup import with_pickup
from svcsim.study.tune import tune_slowdown
from svcsim.text import Text
from svcsim.units import format_duration, spoken_duration

Fit = Callable[[ContactLog], Baseline]


@dataclass(frozen=True)
class Effort:
    """How much simulation to spend on learning."""

    tune_days: int = 28
    tune_replications: int = 4
    fidelity_replications: int = 100
    hold_out_days: int | None = None
    seed: int = 7
    workers: int | None = None


def hold_out(log: ContactLog, days: int | None = None) -> tuple[date, date, date]:
    """Return (first day, first held-out day, day after the last) of a log.

    A quarter of the window is held out: whole weeks, one at least, at most four; below three
    weeks what exceeds the two that a fit needs. A held-out day takes two days of history.
    """
    first = local_day(log.start, log.timezone)
    if midnight(first, log.timezone) < log.start - 3600:
        first += timedelta(days=1)
    last = local_day(log.end - 1, log.timezone) + timedelta(days=1)
    length = (last - first).days
    asked = days
    if days is None:
        days = min(4, max(length // 28, 1)) * 7
        if length < 21:
            days = length - 14 if length > 14 else max(length // 4, 1)
    if not 1 <= days <= length // 2:
        raise InputError(_too_short(log.name, length, asked))
    return first, last - timedelta(days=days), last


def _too_short(name: str, length: int, asked: int | None) -> Finding:
    """Say how much history is needed: to fit at all, or for the held-out days that were asked."""
    have = f"{length} whole day{'s' if length != 1 else ''} of history" if length else "under a day"
    if asked is None or length < 2:
        return Finding(
            name, f"the history is too short: {have}",
            "three weeks are needed (two and 200 contacts to fit, one to check)",
            "give more history; eight weeks or more tell one season from one odd week",
        )  # fmt: skip
    return Finding(
        name, f"{have} cannot spare {asked} held-out days",
        f"{2 * asked} days of history are needed for that",
        f"give more history (--from earlier) or --hold-out {length // 2} at most",
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

    1. Fit on everything before the held-out weeks, as it was known then. 2. Tune the busy time
    per handled minute on the last days before them. 3. Replay the held-out weeks with their real
    arrivals: the verdict, and, where it is not a pass, what of it is due to hours worked and
    handling times that moved. 4. Fit on the whole log and keep the tuned factor.
    """
    effort, log = effort or Effort(), cleaned(log)
    tell = say or (lambda text: None)
    first, split, last = hold_out(log, effort.hold_out_days)
    instant = float(midnight(split, log.timezone))
    tell(
        Text(
            f"fitting {first} to {split} (held out: {split} to {last})",
            f"校准 {first} 至 {split}（留出 {split} 至 {last}）",
        )
    )
    known = without_hindsight(log, instant)
    early = fit(known)
    tell(
        Text(
            "tuning the busy time per handled minute so that waits match",
            "调校占用系数，使等待时间与历史吻合",
        )
    )
    tuned = tune_slowdown(
        early.model, near(known, instant - effort.tune_days * 86400.0),
        max(split - timedelta(days=effort.tune_days), first), split,
        seed=effort.seed, replications=effort.tune_replications, workers=effort.workers,
        progress=progress,
    )  # fmt: skip
    tell(
        Text(
            f"replaying the held-out days {effort.fidelity_replications} times",
            f"回放留出历史 {effort.fidelity_replications} 次",
        )
    )
    del known  # a long one takes gigabytes
    late = near(log, instant)
    fidelity = check_fidelity(
        tuned.model, late, split, last,
        replications=effort.fidelity_replications, seed=effort.seed + 1, workers=effort.workers,
        progress=progress,
    )  # fmt: skip
    tell(Text("fitting on the whole log", "用全部历史再次校准"))
    full = fit(log)
    moved = _what_moved(tuned.model, full.model.staffing, late, (split, last), fidelity, effort)
    factor: Factor = tuned.model.staffing.slowdown
    if tuned.pickup:
        tell(
            Text(
                "measuring what capacity does not explain of the first responses",
                "测算产能解释不了的那部分首次响应时间",
            )
        )
        answered = with_pickup(
            full.model, late, max(last - timedelta(days=effort.tune_days), first), last,
            seed=effort.seed, replications=effort.tune_replications, workers=effort.workers,
        )  # fmt: skip
        full = full.model_copy(update={"model": answered})
    model = with_slowdown(full.model, **{k: getattr(factor, k) for k in type(factor).model_fields})
    notes = (*full.notes, *(note for note in (tuned.note, moved) if note))
    source = full.source.model_copy(update={"held_out": f"{split}/{last}"})
    update = {"model": model, "fidelity": fidelity, "notes": notes, "source": source}
    return full.model_copy(update=update)


def _what_moved(
    model: ServiceModel,
    hours: Staffing,
    log: ContactLog,
    days: tuple[date, date],
    found: Fidelity,
    effort: Effort,
) -> Text:
    """Say how the verdict would be, had hours worked and handling times been known beforehand.

    Empty where it passed or no handling times are recorded. A desk with fewer people or longer
    work is not a model whose queues are wrong, and asks for another remedy.
    """
    span = Span.of(log, model, *days)
    if found.verdict not in ("warn", "fail") or not np.isfinite(mean_handling(span.observed)):
        return Text("")
    seed, workers = effort.seed + 1, effort.workers
    own = at_the_pace_of(
        span, with_hours(model, hours),
        seed=seed, replications=effort.tune_replications, workers=workers,
    )  # fmt: skip
    number = max(effort.fidelity_replications // 2, 20)
    again = check_fidelity(own, log, *days, replications=number, seed=seed, workers=workers)
    return Text(
        "fidelity: had the hours worked and the mean handling time of the held-out days ({seen}) "
        "been known, {inside} of {all} values would lie inside the 90 % band instead of {before}",
        "保真度：若事先知道留出期的实际工时和平均处理时长（{seen}），{all} 个值中将有 {inside} 个"
        "落在 90% 带内，而非 {before} 个",
    ).fill(
        seen=spoken_duration(format_duration(mean_handling(span.observed), 3)),
        inside=sum(cell.inside for cell in again.cells),
        all=len(again.cells),
        before=sum(cell.inside for cell in found.cells),
    )
