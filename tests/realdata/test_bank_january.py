"""A baseline of the bank's January, without any tuning, against its February."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from svcsim.calibration.fit import calibrate
from svcsim.contacts.read import read_history
from svcsim.metrics.evaluate import evaluate
from svcsim.study.backtest import Kpis, Span, replay, without_hindsight

pytestmark = pytest.mark.realdata

WITHIN = {"wait": 12.0, "abandon": 0.03, "answered_within(60s)": 0.07}
"""Three standard deviations of the mean of three replications, and what tuning is worth."""


def test_january_gives_back_february(data_dir: Path) -> None:
    log = read_history(str(data_dir / "bank_calls_1999_0*.tsv.gz"), preset="bank-calls").log
    split = pd.Timestamp("1999-02-01", tz=log.timezone).timestamp()
    model = calibrate(without_hindsight(log, split), name="january").model
    span = Span.of(log, model, date(1999, 2, 1), date(1999, 3, 1))
    runs = replay(model, span, Kpis(tuple(WITHIN)), replications=3, seed=3, redraw=False, workers=1)
    simulated = pd.concat(runs).groupby("metric")["value"].mean()
    recorded = evaluate(span.observed, list(WITHIN), intervals=False).set_index("metric")["value"]
    for metric, width in WITHIN.items():
        assert simulated[metric] == pytest.approx(recorded[metric], abs=width), metric
