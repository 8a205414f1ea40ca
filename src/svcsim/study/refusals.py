"""What a run is refused for before anything is computed, each told where it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from svcsim.contacts.log import show_day
from svcsim.engine.events import LONGEST
from svcsim.errors import Finding, InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.scenario.scenario import place_of
from svcsim.study.experiment import Plan


def check_metrics(asked: Sequence[str], file: Path | None) -> None:
    """Refuse unknown KPIs, all at once, at their line of the scenario (None: of the option)."""
    where = "--metrics" if file is None else place_of(file, "metrics")
    findings = []
    for metric in asked:
        try:
            get_metric(metric)
        except InputError as error:
            findings += [replace(finding, where=where) for finding in error.findings]
    if findings:
        raise InputError(findings)


def check_warm_up(plan: Plan, known: bool, file: Path) -> None:
    """Refuse a warm-up longer than the period, or before a state of the desk that is known."""
    days = plan.warm_up_days
    if days > plan.days:
        said = f"run.warm_up: a warm-up of {days} days before a period of {plan.days} days"
        mend = "lengthen run.days or shorten run.warm_up"
        expected = "expected a period as long or longer"
        raise InputError(Finding(place_of(file, "run", "warm_up"), said, expected, mend))
    if days and known:
        said = "run.warm_up: a warm-up, though the history tells how the desk is at the start"
        mend = "leave run.warm_up out, or log and run.replay"
        where = place_of(file, "run", "warm_up")
        raise InputError(Finding(where, said, "expected one of the two", mend))


def check_length(plan: Plan, file: Path) -> None:
    """Refuse a run longer than a clock can count."""
    most = LONGEST // 86400 - 1
    asked = plan.warm_up_days + plan.days + plan.follow_up_days
    if asked > most:
        raise InputError(
            Finding(
                place_of(file, "run"),
                f"run: {plan.days} days, {asked - plan.days} more before and after: {asked} days",
                f"a run lasts at most {most} days",
                "shorten run.days, run.follow_up or run.warm_up",
            )
        )


def check_span(span: tuple[float, float] | None, plan: Plan, timezone: str) -> None:
    """Refuse a trace of a time that is not simulated."""
    start, _, until = plan.horizon.bounds(timezone)
    if span is None or start <= span[0] < until:
        return
    days = [show_day(at, timezone) for at in (span[0], start, until)]
    raise InputError(
        Finding(
            "--trace-span",
            f"{days[0]} is not simulated",
            f"this run covers [{days[1]}, {days[2]})",
            "choose a day inside it",
        )
    )
