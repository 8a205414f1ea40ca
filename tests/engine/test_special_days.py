"""Special days in the model: factors by kind, make-up days, and equal rows in both clocks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from small_desks import desk
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, masses
from svcsim.engine.simulate import simulate
from svcsim.errors import InputError
from svcsim.model.demand import Arrivals
from svcsim.model.quantity import Factor
from svcsim.model.service import ServiceModel

MONDAY = date(2025, 3, 3)
SPECIAL = {"2025-03-04": "spring", "2025-03-05": "eve"}


def special_desk() -> ServiceModel:
    plain = desk()
    week = {name: tuple(shares) for name, shares in plain.arrivals.profile.items()}
    week["sun"] = tuple(0.5 * share for share in week["sun"])
    factors = {"spring": Factor(value=0.3), "eve": Factor(value=1.5)}
    arrivals = Arrivals(
        level=plain.arrivals.level, profile=week, special=factors, holiday=Factor(value=0.5)
    )
    data = plain.model_dump(mode="python") | {
        "arrivals": arrivals,
        "special_days": SPECIAL,
        "holidays": ("2025-03-04", "2025-03-06"),
        "worked": {"2025-03-09": "mon"},
    }
    return ServiceModel.model_validate(data)


def test_each_kind_has_its_factor_and_a_make_up_day_the_profile_of_its_weekday():
    model = special_desk()
    mass = masses(compile_desk(model), Horizon(MONDAY, 14, 0), 1, 1).sum(axis=0)
    daily = mass.reshape(14, 24).sum(axis=1)
    usual = daily[0]
    # Tuesday is also a listed holiday: its own kind wins; Thursday has the common factor
    assert daily[:7] / usual == pytest.approx([1, 0.3, 1.5, 0.5, 1, 1, 1])
    assert daily[13] / usual == pytest.approx(0.5)  # an ordinary Sunday


def test_both_clocks_give_equal_rows():
    model = special_desk()
    week = Horizon(MONDAY, 7, 0)
    one, other = (
        simulate(model, week, seed=3, replication=1, engine=engine).frame
        for engine in ("simpy", "compiled")
    )
    assert len(one) > 300
    pd.testing.assert_frame_equal(one, other)


def test_kinds_and_weekdays_must_be_known():
    data = special_desk().model_dump(mode="python")
    with pytest.raises((InputError, ValueError), match="sprong"):
        ServiceModel.model_validate(data | {"special_days": {"2025-03-04": "sprong"}})
    with pytest.raises((InputError, ValueError), match="monday"):
        ServiceModel.model_validate(data | {"worked": {"2025-03-09": "monday"}})


def test_it_is_written_and_read_back(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_text(special_desk().to_yaml(), encoding="utf-8")
    again = ServiceModel.from_yaml(path)
    assert again.special_days == SPECIAL
    assert again.worked == {"2025-03-09": "mon"}
    assert np.isclose(again.arrivals.special["eve"].value, 1.5)
