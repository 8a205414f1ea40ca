"""A span as it was: the model with the handling times, and the hours, of a span of history."""

from __future__ import annotations

import numpy as np

from svcsim.contacts.log import ContactLog
from svcsim.metrics.evaluate import evaluate
from svcsim.model.quantity import Factor, Time
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import Staffing
from svcsim.study.backtest import Span, replay


def mean_handling(log: ContactLog) -> float:
    """Return the mean handling time (s) of the window's resolved contacts (NaN: not recorded)."""
    return float(evaluate(log, ["aht"], intervals=False)["value"].iloc[0])


def at_the_pace_of(
    span: Span,
    model: ServiceModel,
    *,
    seed: int,
    replications: int,
    workers: int | None = None,
) -> ServiceModel:
    """Return the model with handlings as long as they were in the span, weeks alike.

    Waits follow from handling times and busy time together. The span's handling times are known,
    so what they were off must not be taken for busy time that nobody recorded.
    """
    staffing = model.staffing.model_copy(
        update={"week_cv": Factor(value=0.0), "capacity_cv": Factor(value=0.0)}
    )
    calm = model.model_copy(update={"staffing": staffing})
    seen = mean_handling(span.observed)
    given = any(c.handling.mean.grade == "given" for c in model.categories.values())
    if given or not np.isfinite(seen):  # what the planner says overrules the record here, too
        return calm
    replayed = replay(
        calm, span, mean_handling, replications=replications, seed=seed, redraw=False,
        workers=workers,
    )  # fmt: skip
    pace = seen / float(np.mean(replayed))
    categories = {}
    for name, category in model.categories.items():
        mean = Time(value=category.handling.mean.value * pace)
        handling = category.handling.model_copy(update={"mean": mean})
        categories[name] = category.model_copy(update={"handling": handling})
    return calm.model_copy(update={"categories": categories})


def with_hours(model: ServiceModel, hours: Staffing) -> ServiceModel:
    """Return the model with the roster days of another fit, agents that it does not know aside."""
    known = model.agents
    days = []
    for day in hours.days:
        on = {shift: tuple(n for n in names if n in known) for shift, names in day.on.items()}
        worked = {name: text for name, text in day.worked.items() if name in known}
        kept = {shift: names for shift, names in on.items() if names}
        days.append(day.model_copy(update={"on": kept, "worked": worked}))
    update = {"days": tuple(days), "shifts": hours.shifts}
    return model.model_copy(update={"staffing": model.staffing.model_copy(update=update)})
