"""What planners know: the options that take their files, and how it is shown what they changed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output
from svcsim.cli.words import word
from svcsim.text import Text, listed

if TYPE_CHECKING:
    from svcsim.calibration.planner import Known
    from svcsim.contacts.log import ContactLog
    from svcsim.errors import Finding
    from svcsim.model.baseline import Baseline
    from svcsim.model.questions import Rung

OPTIONS = ("aht", "shrinkage", "costs")


def planner_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--aht --shrinkage --costs`` and pass them on as the argument ``given``."""

    @click.option("--aht", type=click.Path(), help="CSV: category, minutes (team, low, high).")
    @click.option(
        "--shrinkage", metavar="SHARE|FILE", help="Paid time off contacts: 20%, or CSV team, share."
    )
    @click.option("--costs", type=click.Path(), help="YAML: currency, per_hour, per_contact ...")
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name in OPTIONS}
        return function(*args, given=given, **kwargs)

    return wrapped


MOST_NAMES = 6


def doubts_of_roster(path: str | None, log: ContactLog) -> list[Finding]:
    """Return warnings about names on a roster that the history lacks, and the other way round.

    Newcomers are rostered before they have a history, so strangers are no error; a misspelt name
    takes an agent off the desk.
    """
    from svcsim.calibration.roster import read_roster
    from svcsim.errors import Finding, nearest

    if path is None or log.frame["agent"].isna().all():
        return []
    seen = log.frame["agent"].value_counts()
    names = list(dict.fromkeys(read_roster(path).rows["agent"]))
    known = [str(name) for name in seen.index]
    found = [
        Finding(
            f"{path}: {name}", "has no history of its own: counts as a newcomer",
            "expected a name of the history", nearest(name, known), level="warning",
        )
        for name in names if name not in set(known)
    ]  # fmt: skip
    lost = [name for name in known if name not in set(names) and seen[name] >= 0.01 * seen.sum()]
    if lost:
        shown = ", ".join(lost[:MOST_NAMES]) + (" ..." if len(lost) > MOST_NAMES else "")
        found.append(
            Finding(
                path, f"{len(lost)} agents with 1 % or more of the contacts are not on it: {shown}",
                "they leave the desk", "add them, or leave it so", level="warning",
            )
        )  # fmt: skip
    return found


def read_known(given: dict[str, str | None], log: ContactLog) -> Known:
    """Read the planner's files and hold their names against the history.

    Raises
    ------
    InputError
        With the findings of all files at once.
    """
    from svcsim.calibration.planner import Known, read_aht, read_costs, read_shrinkage
    from svcsim.errors import InputError

    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "aht": ("aht", read_aht),
        "shrinkage": ("shrinkage", read_shrinkage),
        "costs": ("cost", read_costs),
    }
    found: dict[str, Any] = {}
    findings: list[Finding] = []
    for option, (field, read) in readers.items():
        source = given[option]
        if source is None:
            continue
        try:
            found[field] = read(source)
        except InputError as error:
            findings += error.findings
    known = Known(**found)
    try:
        known.check(log)
    except InputError as error:
        findings += error.findings
    if findings:
        raise InputError(findings)
    return known


def show_ladder(out: Output, rungs: tuple[Rung, ...]) -> None:
    """Print what the history holds, and what stands in for the rest."""
    if not rungs:
        return
    rows = [
        (rung.what, word("yes" if rung.present else "no"), rung.fallback, word(rung.grade))
        for rung in rungs
    ]
    out.table(rows, [word(head) for head in ("needed", "present", "used_instead", "grade_head")])


def show_questions(out: Output, baseline: Baseline) -> None:
    """Print the answers that would improve the baseline most, and how to give them."""
    if not baseline.questions:
        return
    out.print(word("asked_for"))
    for number, question in enumerate(baseline.questions, 1):
        out.print(Text.same("{n}. {ask}").fill(n=number, ask=question.ask))
        both = listed([question.why, question.effect])
        out.print(Text.same("   {both}").fill(both=both))
        out.print(Text.same("   {how}").fill(how=question.how))


def show_satisfaction(out: Output, baseline: Baseline) -> None:
    """Print satisfaction of everybody beside that of those who answered."""
    found = baseline.satisfaction
    if found is None:
        return
    points = found.kind == "nps"

    def show(value: float) -> str:
        return f"{100 * value:.1f}" if points else f"{value:.1%}"

    low, high = found.interval
    out.print(
        word(
            "satisfied_nps" if points else "satisfied_csat_top2",
            answers=found.answers, contacts=found.contacts,
            naive=show(found.naive), value=show(found.value), low=show(low), high=show(high),
            worst=show(found.sensitivity["0.5"]),
        )
    )  # fmt: skip
