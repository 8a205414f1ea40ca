"""Parameters that can be turned by a factor, to see what they do to the moments of a replay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svcsim.model.duration import Patience
from svcsim.model.quantity import Quantity
from svcsim.model.service import ServiceModel
from svcsim.study.free import NAMES, with_repeats
from svcsim.study.moments import Moments
from svcsim.text import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Knob:
    """A parameter that can be turned: by a factor on the model, or on the moments themselves."""

    name: str
    what: Text
    turn: Callable[[ServiceModel, float], ServiceModel]
    present: Callable[[ServiceModel], bool] = lambda model: True
    highest: Callable[[ServiceModel], float] = lambda model: np.inf
    """Largest factor that makes sense."""
    shift: Callable[[Moments, Floats, float], Floats] | None = None
    """What a factor does to the moments of an unchanged replay (how they are counted)."""


def _scaled(quantity: Quantity, factor: float) -> Quantity:
    return quantity.model_copy(update={"value": quantity.value * factor})


def _staffing(name: str) -> Callable[[ServiceModel, float], ServiceModel]:
    def turn(model: ServiceModel, factor: float) -> ServiceModel:
        new = _scaled(getattr(model.staffing, name), factor)
        staffing = model.staffing.model_copy(update={name: new})
        return model.model_copy(update={"staffing": staffing})

    return turn


def _arrivals(name: str) -> Callable[[ServiceModel, float], ServiceModel]:
    def turn(model: ServiceModel, factor: float) -> ServiceModel:
        new = _scaled(getattr(model.arrivals, name), factor)
        return model.model_copy(update={"arrivals": model.arrivals.model_copy(update={name: new})})

    return turn


def _handling(model: ServiceModel, factor: float) -> ServiceModel:
    categories = {}
    for name, category in model.categories.items():
        mean = _scaled(category.handling.mean, factor)
        handling = category.handling.model_copy(update={"mean": mean})
        categories[name] = category.model_copy(update={"handling": handling})
    return model.model_copy(update={"categories": categories})


def _patience(name: str) -> Callable[[ServiceModel, float], ServiceModel]:
    def turn(model: ServiceModel, factor: float) -> ServiceModel:
        channels = {}
        for label, channel in model.channels.items():
            if channel.patience is not None:
                new = _scaled(getattr(channel.patience, name), factor)
                patience = channel.patience.model_copy(update={name: new})
                channel = channel.model_copy(update={"patience": patience})
            channels[label] = channel
        return model.model_copy(update={"channels": channels})

    return turn


def _patiences(model: ServiceModel) -> list[Patience]:
    every = (channel.patience for channel in model.channels.values())
    return [patience for patience in every if patience is not None]


def false_links(share: float) -> Knob:
    """Return the knob of contacts that are linked to a case by mistake, ``share`` of all links."""

    def shift(moments: Moments, values: Floats, factor: float) -> Floats:
        out = values.copy()
        at = moments.names.index("repeat")
        out[at] += np.log1p(share * (factor - 1.0))
        return out

    what = Text("false links between contacts", "误连的联络")
    return Knob("false_links", what, lambda model, factor: model, shift=shift)


KNOBS = (
    Knob("slowdown", NAMES["slowdown"], _staffing("slowdown")),
    Knob(
        "repeat", NAMES["repeat"], with_repeats,
        lambda model: any(c.repeat.value > 0 for c in model.categories.values()),
    ),
    Knob("handling", Text("handling times", "处理时间"), _handling),
    Knob(
        "headcount", Text("headcount (presence)", "在岗人数（出勤率）"), _staffing("presence"),
        highest=lambda model: 1.0 / max(model.staffing.presence.value, 0.01),
    ),
    Knob(
        "off_time", Text("time off the queue", "离队时间"), _staffing("off_share"),
        lambda model: model.staffing.off_share.value > 0,
        lambda model: 1.0 / max(model.staffing.off_share.value, 0.01),
    ),
    Knob(
        "patience", Text("impatience of callers", "来电者的不耐烦程度"), _patience("level"),
        lambda model: bool(_patiences(model)),
    ),
    Knob(
        "balk", Text("callers who leave at once", "一听排队即挂断的来电者"), _patience("balk"),
        lambda model: any(p.balk.value > 0 for p in _patiences(model)),
    ),
    Knob(
        "day_cv", Text("spread of busy and quiet days", "忙闲日的离散程度"), _arrivals("day_cv"),
        lambda model: model.arrivals.day_cv.value > 0,
    ),
    Knob(
        "day_ar", Text("persistence of busy days", "忙日的延续性"), _arrivals("day_ar"),
        lambda model: model.arrivals.day_ar.value > 0,
        lambda model: 0.95 / max(model.arrivals.day_ar.value, 0.01),
    ),
)  # fmt: skip
"""Parameters by the claim they have to stay free, the highest first."""
OF_ARRIVALS = ("day_cv", "day_ar")
"""Parameters that replays of real arrivals cannot show."""
