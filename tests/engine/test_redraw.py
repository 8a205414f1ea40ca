"""Each replication redraws every uncertain parameter from its interval, keyed by its path."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from small_desks import category, desk
from svcsim.engine import durations
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.plain import PlainPatience
from svcsim.engine.redraw import redraw
from svcsim.model.quantity import walk
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth

N = 2000


def uncertain(**parts) -> ServiceModel:
    data = desk(servers=3).model_dump()
    for path, quantity in parts.items():
        *parents, leaf = path.split("__")
        node = data
        for key in parents:
            node = node[key]
        node[leaf] = quantity
    return ServiceModel.model_validate(data)


def drawn(path, **parts):
    model = uncertain(**parts)
    return np.array([redraw(model, 1, r)[path] for r in range(1, N + 1)])


def check_quantiles(values, low, median, high):
    """5 %, 50 % and 95 % of the draws stand where the interval and the value say."""
    for bound, p in ((low, 0.05), (median, 0.5), (high, 0.95)):
        assert np.mean(values <= bound) == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / N))


@pytest.mark.parametrize(
    ("path", "value", "low", "high"),
    [
        ("arrivals.level", 800.0, 640.0, 1000.0),
        ("categories.all.handling.mean", 900.0, 600.0, 1350.0),
        ("agents.agent 01.speed", 1.1, 1.0, 1.21),
        ("agents.agent 01.quality", -0.2, -0.7, 0.3),
    ],
)
def test_draws_have_the_value_as_median_and_the_interval_as_90_percent(path, value, low, high):
    quantity = {"value": value, "interval": (low, high)}
    check_quantiles(drawn(path, **{path.replace(".", "__"): quantity}), low, value, high)


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.2, 0.12, 0.30), (0.015, 0.004, 0.032), (0.9, 0.85, 0.94)]
)
def test_shares_keep_their_mean_and_the_width_of_their_interval(value, low, high):
    """A posterior mean that was taken for a median would drift up: 1.5 % would become 1.8 %."""
    values = drawn(
        "staffing.presence", staffing__presence={"value": value, "interval": (low, high)}
    )
    sd = (high - low) / (2 * 1.6448536)
    assert values.mean() == pytest.approx(value, abs=4 * sd / math.sqrt(N))
    assert values.std() == pytest.approx(sd, rel=4 * math.sqrt(0.5 / N) + 0.05)
    size = value * (1 - value) / sd**2 - 1
    assert stats.kstest(values, stats.beta(value * size, (1 - value) * size).cdf).pvalue > 1e-3


def test_a_factor_of_0_reaches_the_end_of_its_interval():
    values = drawn("arrivals.day_cv", arrivals__day_cv={"value": 0.0, "interval": (0.0, 0.2)})
    assert values.min() >= 0.0
    assert np.mean(values <= 0.2) == pytest.approx(0.95, abs=0.02)


def test_an_uneven_interval_is_drawn_unevenly():
    values = drawn("arrivals.day_cv", arrivals__day_cv={"value": 0.1, "interval": (0.0, 0.4)})
    assert np.mean(values <= 0.4) == pytest.approx(0.95, abs=0.02)
    assert np.mean(values <= 0.1) == pytest.approx(0.50, abs=0.045)


def test_a_share_whose_interval_touches_0_is_drawn_from_its_counts():
    values = drawn(
        "categories.all.repeat",
        categories__all__repeat={"value": 0.02, "interval": (0.0, 0.05), "n": 100},
    )
    assert stats.kstest(values, stats.beta(2.5, 98.5).cdf).pvalue > 1e-3
    assert values.min() > 0


def test_a_factor_whose_interval_touches_0_is_drawn_linearly_and_cut():
    values = drawn("arrivals.day_cv", arrivals__day_cv={"value": 0.1, "interval": (0.0, 0.2)})
    assert values.min() == 0.0
    assert np.mean(values == 0.0) == pytest.approx(0.05, abs=0.02)
    assert np.median(values) == pytest.approx(0.1, abs=0.01)


def test_exact_quantities_are_not_redrawn():
    model = truth()
    assert redraw(model, 1, 5) == {path: q.value for path, q in walk(model)}


def test_a_draw_depends_on_its_path_alone():
    speed = {"value": 1.0, "interval": (0.8, 1.25)}
    few = uncertain(**{"agents__agent 01__speed": speed})
    many = uncertain(
        **{"agents__agent 01__speed": speed, "agents__agent 00__speed": speed,
           "arrivals__level": {"value": 100.0, "interval": (80.0, 120.0)}}
    )  # fmt: skip
    for replication in (1, 2, 3):
        one, two = (redraw(m, 9, replication) for m in (few, many))
        assert one["agents.agent 01.speed"] == two["agents.agent 01.speed"]
        assert one["agents.agent 01.speed"] != two["agents.agent 00.speed"]
    z = np.log([[redraw(many, 9, r)[f"agents.agent 0{k}.speed"] for k in (0, 1)] for r in range(N)])
    assert abs(np.corrcoef(z.T)[0, 1]) * math.sqrt(N) < 4


def test_redrawn_values_reach_the_desk():
    model = uncertain(
        arrivals__level={"value": 800.0, "interval": (640.0, 1000.0)},
        staffing__slowdown={"value": 1.2, "interval": (1.0, 1.44)},
    )
    values = redraw(model, 2, 1)
    plain = compile_desk(model, values)
    assert (plain.level, plain.slowdown) == (values["arrivals.level"], values["staffing.slowdown"])
    assert compile_desk(model).level == 800.0


def test_the_desk_in_plain_numbers():
    """Worked example: tiers relative to the mix, cuts, laws, survey, names in their order."""
    model = desk(
        difficulty={"easy": {"work": 0.5}, "hard": {"work": 3.0, "returns": 2.0}},
        channels={"call": {"mode": "live", "patience": {"hazard": (4.0,), "level": 0.5}},
                  "mail": {"mode": "ticket"}},
        categories={
            "a": category(share=0.75, channels={"mail": 1.0}, difficulty={"easy": 0.8, "hard": 0.2},
                          priorities={"high": 0.1, "normal": 0.9},
                          handling={"mean": 100.0, "cv": 1.0, "zero": 0.2}),
            "b": category(share=0.25, channels={"call": 0.5, "mail": 0.5},
                          difficulty={"hard": 1.0}),
        },
        routing={"credit": {"normal": "90s"}},
        survey={"asked": 1.0, "answered": 1.0, "scores": (0.1, 0.1, 0.2, 0.2, 0.4)},
    )  # fmt: skip
    plain = compile_desk(model)
    a, b = plain.categories
    assert a.work == pytest.approx((0.5, 3.0))
    assert b.work == pytest.approx((0.5 / 3.0, 1.0))
    assert a.tier_cuts == pytest.approx((0.8,))
    assert b.tier_cuts == pytest.approx((0.0,))
    assert plain.category_cuts == pytest.approx((0.75,))
    assert a.channel_cuts == pytest.approx((0.0,))
    assert plain.priorities == ("high", "normal")
    assert plain.credit == (0, 90)
    assert b.priorities == (1,)
    kind, mean, sigma, zero, first, last = a.handling
    assert (kind, mean, zero, last - first) == (durations.LOGNORMAL, 100.0, 0.2, 0)
    assert sigma == pytest.approx(math.sqrt(math.log(2.0)))
    assert plain.tables == ()
    assert plain.patience == (PlainPatience((0.0,), (2.0 / 3600.0,), 0.0), None)
    assert plain.live == (True, False)
    assert plain.tier_odds == (1.0, 2.0)
    assert plain.survey is not None
    assert plain.survey.cumulative == pytest.approx((0.9, 0.8, 0.6, 0.4))
