"""Free factors: what a history does not tell directly, and how a model is given a value of it.

Work on the log scale (`with_quiet` apart): 0 leaves a model as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np

from svcsim.model.quantity import Factor, Share
from svcsim.model.service import ServiceModel
from svcsim.model.staffing import RosterDay
from svcsim.study.daily_sums import DAY_HOURS
from svcsim.text import Text

Z90 = 1.6448536269514722

NAMES = {
    "slowdown": Text("busy time per handled minute", "占用系数（每处理一分钟实际占用的时间）"),
    "quiet": Text(
        "time off after handlings when nobody waits (0: as when somebody does, 1: always)",
        "无人排队时处理后离队的比例（0：与有人排队时相同，1：总是）",
    ),
    "off_peak": Text(
        "hours worked in evenings, nights and weekends relative to the roster",
        "晚间、夜间和周末的在岗工时（相对班表）",
    ),
    "repeat": Text("chance of a repeat contact", "重复来访概率"),
}


def with_free(model: ServiceModel, values: Mapping[str, float]) -> ServiceModel:
    """Return the model with free factors set on the log scale.

    ``slowdown`` is absolute, ``quiet`` the part of the way from ``off_share`` to always (not a
    logarithm), the others are relative to the model.
    """
    if "slowdown" in values:
        slowdown = Factor(value=float(np.exp(values["slowdown"])))
        staffing = model.staffing.model_copy(update={"slowdown": slowdown})
        model = model.model_copy(update={"staffing": staffing})
    if values.get("quiet"):
        model = with_quiet(model, values["quiet"])
    if values.get("off_peak"):
        model = with_off_peak(model, float(np.exp(values["off_peak"])))
    if values.get("repeat"):
        model = with_repeats(model, float(np.exp(values["repeat"])))
    return model


def with_quiet(model: ServiceModel, part: float, error: float = 0.0) -> ServiceModel:
    """Return the model whose agents go off an empty queue with ``off + part (1 - off)``.

    ``off`` is the probability while somebody waits, ``error`` the standard error of ``part``.
    """
    off = model.staffing.off_share.value
    value, *ends = (
        off + min(max(part + z * error, 0.0), 1.0) * (1.0 - off) for z in (0.0, -Z90, Z90)
    )
    how = "tuned so that as many contacts are answered at once as recorded"
    interval = (ends[0], ends[1]) if error > 0 else None
    share = Share(value=value, interval=interval, grade="proxy", how=how)
    staffing = model.staffing.model_copy(update={"quiet_share": share})
    return model.model_copy(update={"staffing": staffing})


def with_repeats(model: ServiceModel, factor: float, error: float = 0.0) -> ServiceModel:
    """Return the model whose chances of a repeat contact are ``factor`` times as high.

    ``error`` (log scale) widens their intervals: both errors are independent.
    """
    categories = {}
    for name, category in model.categories.items():
        old = category.repeat
        value = min(old.value * factor, 0.95)
        update: dict[str, object] = {"value": value}
        if old.interval is not None or error > 0:
            low, high = old.interval or (old.value, old.value)
            half = float(np.hypot((high - low) / 2 * factor, Z90 * error * value))
            update["interval"] = (max(value - half, 0.0), min(value + half, 0.95))
        repeat = Share.model_validate({**dict(old), **update})
        categories[name] = category.model_copy(update={"repeat": repeat})
    return model.model_copy(update={"categories": categories})


def with_off_peak(model: ServiceModel, ratio: float) -> ServiceModel:
    """Return the model whose off-peak hours are ``ratio`` times what they were against the day's.

    Hours are only ever cut: below 1 off peak, above 1 by day (to ``1 / ratio``; the busy time takes
    up the common part). Each agent's stretch of such hours loses one piece, placed by a hash of
    day and agent so that the cuts of a team do not fall together.
    """
    days = []
    for number, day in enumerate(model.staffing.days):
        worked: dict[str, list[tuple[int, int]]] = {}
        for agent, windows in model.staffing.duty(day):
            left = worked.setdefault(agent, [])
            for start, end in windows:
                left += _cut(start, end, ratio, day.weekday, f"{number} {agent}")
        text = {agent: _written(spans) for agent, spans in worked.items()}
        kept = {agent: spans for agent, spans in text.items() if spans}
        days.append(RosterDay(weekday=day.weekday, label=day.label, worked=kept))
    staffing = model.staffing.model_copy(update={"days": tuple(days), "shifts": {}})
    return model.model_copy(update={"staffing": staffing})


def _cut(start: int, end: int, ratio: float, weekday: str, key: str) -> list[tuple[int, int]]:
    """Return a window of minutes without what the ratio takes from it."""
    opens, closes = (int(60 * hour) for hour in DAY_HOURS)
    edges = sorted({start, end, *(x for x in (opens, closes) if start < x < end)})
    out: list[tuple[int, int]] = []
    for first, last in zip(edges, edges[1:], strict=False):
        peak = weekday not in ("sat", "sun") and first >= opens and last <= closes
        keep = min(1.0 / ratio, 1.0) if peak else min(ratio, 1.0)
        lost = round((1.0 - keep) * (last - first))
        place = first + int(crc32(f"{key} {first}".encode()) / 2**32 * (last - first - lost + 1))
        out += [(a, b) for a, b in ((first, place), (place + lost, last)) if a < b]
    return out


def _written(spans: list[tuple[int, int]]) -> str:
    """Return windows as a roster writes them, those that touch joined."""
    joined: list[list[int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return " ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in joined)
