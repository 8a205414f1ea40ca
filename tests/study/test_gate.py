"""The gate before targets: every condition alone keeps it shut."""

from __future__ import annotations

import pytest

from svcsim.model.baseline import Baseline, Source
from svcsim.model.fidelity import Coverage, Fidelity, FidelityCell, Origin
from svcsim.model.quantity import Factor, Share
from svcsim.samples.history import truth
from svcsim.study.gate import gate


def cover(inside: int, n: int = 12, luck: float | None = None) -> Coverage:
    return Coverage(
        metric="volume", band=0.9, arrivals="forecast", cells=n, inside=inside, share=inside / n,
        low=0.0, high=1.0, periods=n, by_chance=luck,
    )  # fmt: skip


def baseline(slowdown: float = 1.1, presence: str = "proxy", **fidelity) -> Baseline:
    cell = FidelityCell(
        metric="fcr_window(7d)", period="2025-W10", observed=0.8, n=100, low=0.7, median=0.8,
        high=0.9, z=0.0, inside=True,
    )  # fmt: skip
    origins = tuple(Origin(start=f"2025-0{k}-01", end="", rows=1, slowdown=1.0) for k in (1, 2, 3))
    found = {
        "verdict": "pass", "why": "as it should", "cells": (cell,), "origins": origins,
        "coverage": (cover(11),), **fidelity,
    }  # fmt: skip
    model = truth()
    changes = {"slowdown": Factor(value=slowdown), "presence": Share(value=0.9, grade=presence)}
    names = list(model.categories)
    repeat = Share(value=0.1, grade="measured")
    first = model.categories[names[0]].model_copy(update={"repeat": repeat})
    model = model.model_copy(
        update={
            "staffing": model.staffing.model_copy(update=changes),
            "categories": {**model.categories, names[0]: first},
        }
    )
    source = Source(log="x", rows=1, start="2025-01-01", end="2025-06-01")
    return Baseline(svcsim="0", name="x", source=source, fidelity=Fidelity(**found), model=model)


def test_a_baseline_that_holds_all_conditions_passes():
    assert gate(baseline()) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verdict": "warn"}, "with reserve"),
        ({"verdict": "fail"}, "failed"),
        ({"verdict": "none"}, "not checked"),
        ({"origins": ()}, "1 time split,"),
        ({"slowdown": 0.79}, "0.79"),
        ({"slowdown": 1.31}, "1.31"),
        ({"presence": "assumed"}, "--roster"),
        ({"coverage": ()}, "not checked on held-out weeks"),
        ({"coverage": (cover(7),)}, "7 of 12"),
        ({"coverage": (cover(9, luck=0.01),)}, "9 of 12"),
        ({"cells": ()}, "repeat window"),
    ],
)
def test_each_condition_alone_keeps_it_shut(changes, told):
    (why,) = gate(baseline(**changes))
    assert told in why.en
    assert why.zh
    assert why.zh != why.en


@pytest.mark.parametrize(
    "coverage",
    [cover(10), cover(9), cover(3, 4), cover(7, luck=0.2)],
    ids=["at the limit", "binomial chance", "few weeks", "weeks hang together"],
)
def test_volume_that_chance_explains_passes(coverage):
    """P(at most 9 of 12 inside | 90 %) = .11, P(3 of 4) = .34; simulated logs count first."""
    assert gate(baseline(coverage=(coverage,))) == ()
