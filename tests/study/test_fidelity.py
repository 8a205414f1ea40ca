from datetime import date

import pytest

from svcsim.engine.demand import Horizon
from svcsim.engine.simulate import simulate
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import FidelityCell
from svcsim.model.fidelity import Fidelity, read_full, write_full
from svcsim.study.bands import Chance
from svcsim.study.fidelity import check_fidelity, judge
from svcsim.text import Text


def cell(inside: bool, z: float) -> FidelityCell:
    return FidelityCell(
        metric="frt_p50", period="w", observed=1, n=50, low=0, median=1, high=2, z=z, inside=inside
    )


@pytest.mark.parametrize(
    ("inside", "outside", "worst", "verdict"),
    [(8, 2, 2.0, "pass"), (8, 2, 4.1, "warn"), (7, 3, 2.0, "warn"), (5, 5, 2.0, "fail")],
)
def test_the_verdict_follows_its_rule(inside, outside, worst, verdict):
    cells = (cell(True, 0.1),) * inside + (cell(False, worst),) * outside
    assert judge(cells)[0] == verdict


def test_nothing_to_compare_is_no_verdict():
    assert judge(())[0] == "none"


def test_the_reason_names_the_worst_cell_in_both_languages():
    why = judge((cell(True, 0.5), cell(False, -3.0)))[1]
    assert why.en.startswith("1 of 2 KPI x period cells inside the 90 % band; worst: ")
    assert why.zh.startswith("2 个指标周期中 1 个落在 90% 带内；偏离最大：")
    assert "(z = -3.0)" in why.en
    assert "（z = -3.0）" in why.zh


def test_the_true_desk_lies_inside_its_bands_about_as_often_as_they_say(small_baseline):
    """Nominal 90 %; cells of one week hang together, so single histories scatter around it."""
    shares = []
    for seed in (12, 13, 14):
        log = simulate(
            small_baseline.model, Horizon(date(2025, 3, 3), 42, 0), seed=seed, replication=1,
            redraw_parameters=False,
        )  # fmt: skip
        log = log.window(log.start + 14 * 86400, log.end)
        fidelity = check_fidelity(
            small_baseline.model, log, date(2025, 3, 31), date(2025, 4, 7),
            replications=40, workers=1,
        )  # fmt: skip
        shares.append(fidelity.inside_share)
    assert sum(shares) / 3 >= 0.8


def test_a_desk_that_is_busy_far_longer_fails(small_baseline, true_log):
    from svcsim.study.backtest import with_slowdown

    slow = with_slowdown(small_baseline.model, 1.8)
    fidelity = check_fidelity(
        slow, true_log, date(2025, 3, 31), date(2025, 4, 14), replications=40, workers=1
    )
    assert fidelity.verdict in ("warn", "fail")
    assert max(abs(c.z) for c in fidelity.cells) > 4
    assert fidelity.definitions == {
        c.metric: get_metric(c.metric).definition for c in fidelity.cells
    }


@pytest.mark.parametrize(
    ("share", "by_chance", "worst", "verdict"),
    [
        (0.5, 0.20, 2.5, "warn"),  # a right model does as badly one time in five
        (0.5, 0.01, 2.5, "fail"),
        (0.5, 0.20, 3.5, "fail"),  # chance explains the share, not the worst value
        (0.9, 0.50, 3.5, "warn"),
        (0.9, 0.50, 2.9, "pass"),
    ],
)
def test_chance_saves_from_fail_but_makes_no_pass(share, by_chance, worst, verdict):
    inside = round(20 * share)
    cells = (cell(True, 0.1),) * inside + (cell(False, worst),) * (20 - inside)
    assert judge(cells, Chance(by_chance, 3.0))[0] == verdict


def test_a_handful_of_cells_is_no_pass():
    assert judge((cell(True, 0.1),) * 7)[0] == "warn"
    assert judge((cell(True, 0.1),) * 8)[0] == "pass"


def test_forecast_arrivals_judge_the_volume_as_well(small_baseline, true_log):
    """Both replays of one span: the record has all parts, and its brief form the verdict."""
    found = check_fidelity(
        small_baseline.model, true_log, date(2025, 3, 31), date(2025, 4, 14),
        replications=30, arrivals="both", workers=1,
    )  # fmt: skip
    assert found.arrivals == "real"
    assert {v.by for v in found.volume} == {"total", "weekday", "category"}
    assert {d.kind for d in found.distances} >= {"arrivals", "workforce", "cycle_time"}
    assert [p.metric for p in found.pit][0 :: len(found.pit) - 1] == ["all", "volume by day"]
    assert any(level.metric == "volume" for level in found.levels)
    volume = [c for c in found.coverage if c.metric == "volume"]
    assert [(c.arrivals, c.cells) for c in volume] == [("forecast", 2)]
    assert all(reason.zh and reason.en for reason in found.reasons)
    assert all(c.quantiles == tuple(sorted(c.quantiles)) for c in found.cells)
    assert found.brief().verdict == found.verdict
    assert found.brief().forecast == ()


def test_the_full_record_is_found_again_beside_its_own_baseline_only(tmp_path):
    full = Fidelity(verdict="pass", why="a", cells=(cell(True, 0.1),), forecast=(cell(True, 0.2),))
    file = tmp_path / "desk.yaml"
    assert read_full(full.brief(), file) == full.brief()
    write_full(full, file)
    assert read_full(full.brief(), file) == full
    other = full.brief().model_copy(update={"why": Text("b")})
    assert read_full(other, file) == other
