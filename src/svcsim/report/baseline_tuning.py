"""The section about tuned factors: estimates, moments, the fit as a whole, ridges."""

from __future__ import annotations

import math

from svcsim.model.tuning import MomentFit, Tuning
from svcsim.report.document import (
    Bullet,
    Bullets,
    Cell,
    Cells,
    Paragraph,
    Section,
    Table,
    Tone,
    section,
    table,
)
from svcsim.report.phrases import Phrases
from svcsim.text import Text

SHOWN = {
    "frt": ("log1p", "s"), "wait": ("log1p", "s"), "mean_wait": ("log", "s"),
    "level": ("", "share"), "in_time": ("", "share"), "abandon": ("log", "share"),
    "backlog": ("log1p", "count"), "resolved": ("log", "count"), "repeat": ("log", "share"),
    "handling": ("log", "s"), "spread": ("log", "count"),
}  # fmt: skip
"""Kind of moment -> the scale on which it was taken, and the unit of what it stands for."""
FAR = 2.5
"""|z| from which a moment is marked."""


def tuning_section(tuning: Tuning, w: Phrases) -> Section | None:
    """Return the section, or None where nothing was tuned or compared."""
    if not tuning.moments:
        return None
    intro = w(
        "tuning_intro", n=w.count(float(tuning.replications)),
        span=w.stretch(tuning.start, tuning.end),
    )  # fmt: skip
    fit = _fit(tuning, w)
    return section(
        "tuning", w("tuning_title"), Paragraph(intro), _factors(tuning, w), Bullets((fit,)),
        _moments(tuning, w), _ridges(tuning, w),
    )  # fmt: skip


def _factors(tuning: Tuning, w: Phrases) -> Table:
    rows: list[Cells] = []
    for factor in tuning.factors:
        interval = w("tuning_no_factor")
        if factor.tuned and factor.low is not None and factor.high is not None:
            interval = f"{factor.low:.2f} – {factor.high:.2f}"
        why = factor.why.in_(w.lang)
        rows.append([factor.what.in_(w.lang), Cell(f"{factor.value:.2f}", interval), why])
    return table([w("tuning_factor"), w("value"), w("tuning_why")], rows, numbers=(1,))


def _fit(tuning: Tuning, w: Phrases) -> Bullet:
    p = 1.0 if tuning.p is None else tuning.p
    tone: Tone = "good" if p >= 0.05 else "warn" if p >= 0.01 else "bad"
    key = {"good": "tuning_fits", "warn": "tuning_strained", "bad": "tuning_fails"}[tone]
    shown = f"= {p:.2g}" if p >= 1e-4 else "< 0.0001"
    j = 0.0 if tuning.j is None else tuning.j
    return Bullet(w(key, j=f"{j:.1f}", df=f"{tuning.df:.1f}", p=shown), tone=tone)


def _moments(tuning: Tuning, w: Phrases) -> Table:
    rows: list[Cells] = [
        [
            row.what.in_(w.lang),
            _value(row, row.observed, w),
            _value(row, row.simulated, w),
            Cell(f"{row.z:+.1f}", tone="bad" if abs(row.z) > FAR else ""),
        ]
        for row in tuning.moments
    ]
    names = ("moment", "recorded", "replayed")
    head = [w(f"tuning_{name}") for name in names]
    return table([*head, "z"], rows, numbers=(1, 2, 3))


def _value(row: MomentFit, value: float, w: Phrases) -> str:
    """Return a moment as what it stands for: seconds, a share, a number."""
    scale, unit = SHOWN.get(row.name.partition(".")[0], ("", "count"))
    if scale == "log":
        value = math.exp(value)
    elif scale == "log1p":
        value = math.expm1(value)
    return w.value(value, unit)


def _ridges(tuning: Tuning, w: Phrases) -> Bullets | None:
    if not tuning.parameters:
        return None
    number = tuning.condition
    condition = w("tuning_endless") if number is None else f"{number:.3g}"
    if not tuning.ridges:
        return Bullets((Bullet(w("tuning_clear", condition=condition)),), w("tuning_told"))
    said = [ridge.what for ridge in tuning.ridges]
    told = (Text.same(w("tuning_condition", condition=condition)), *said)
    return Bullets(tuple(Bullet(text.in_(w.lang)) for text in told), w("tuning_told"))
