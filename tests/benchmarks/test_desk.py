"""The desk of the benchmarks: all who are timed simulate the same one."""

import numpy as np
import pytest

import given
import idiomatic_simpy
import limit
import ours
from workload import (
    HALF_YEAR,
    overloaded,
    service_model,
    weeks,
    with_agents,
    with_categories,
)

compiled = pytest.mark.skipif(bool(limit.missing()), reason=limit.missing())


def rows_differ(mine: np.ndarray, theirs: np.ndarray) -> dict[str, int]:
    """Differing cells by column; two missing values are equal."""
    assert len(mine) == len(theirs)
    return {
        name: int(number)
        for name in given.ROW.names
        if (
            number := (
                np.nan_to_num(mine[name], nan=-1) != np.nan_to_num(theirs[name], nan=-1)
            ).sum()
        )
    }


@compiled
@pytest.mark.parametrize(
    "desk",
    [
        weeks(HALF_YEAR, 1),
        overloaded(weeks(HALF_YEAR, 1), 1.5, 10.0),
        with_agents(weeks(HALF_YEAR, 1), 7),
        with_categories(weeks(HALF_YEAR, 1), 9),
    ],
    ids=["as is", "overloaded", "seven agents", "nine categories"],
)
def test_a_process_a_case_and_a_hand_written_program_give_the_same_rows(desk):
    numbers = given.draw(desk, 1)
    idiomatic = idiomatic_simpy.table(idiomatic_simpy.run(desk, numbers))
    by_hand = limit.table(limit.run(desk, numbers))
    assert rows_differ(idiomatic, by_hand) == {}
    assert given.digest(idiomatic) == given.digest(by_hand)


def test_ciw_gives_the_same_rows():
    ciw_peer = pytest.importorskip("ciw_peer")
    desk = weeks(HALF_YEAR, 1)
    numbers = given.draw(desk, 1)
    idiomatic = idiomatic_simpy.table(idiomatic_simpy.run(desk, numbers))
    assert rows_differ(ciw_peer.table(ciw_peer.run(desk, numbers)), idiomatic) == {}


@compiled
def test_svcsim_simulates_the_same_desk_in_law():
    """Replications of two weeks: svcsim's own chance against NumPy's."""
    desk = weeks(HALF_YEAR, 2)
    mine = [ours.count(ours.compiled_clock(desk, k), desk) for k in range(1, 41)]
    theirs = [limit.count(limit.run(desk, given.draw(desk, k)), desk) for k in range(1, 41)]
    for name in ("contacts", "abandoned", "returned", "utilisation", "wait_s"):
        a = np.array([getattr(counts, name) for counts in mine], dtype=float)
        b = np.array([getattr(counts, name) for counts in theirs], dtype=float)
        error = b.std(ddof=1) * (1 / len(a) + 1 / len(b)) ** 0.5
        assert abs(a.mean() - b.mean()) < 4 * error, name


def test_svcsims_model_has_the_numbers_of_the_desk():
    desk = weeks(HALF_YEAR, 1)
    model = service_model(desk)
    assert model.arrivals.level.value == desk.cases_a_day * 5
    assert [agent.speed.value for agent in model.agents.values()] == list(desk.speed)
    assert set(model.staffing.hours_per_week().values()) == {45.0}
    for category, mine in zip(model.categories.values(), desk.categories, strict=True):
        law = category.handling
        assert (law.law, law.mean.value, law.cv.value) == ("lognormal", mine.mean_s, mine.cv)
        assert category.team == f"team {mine.team}"
    for agent, group in zip(model.agents.values(), desk.agent_group, strict=True):
        assert [agent.team, *agent.serves] == [f"team {team}" for team in desk.groups[group]]
    staffed = ours.simpy_clock(desk, 1).staffed
    assert (staffed["end"] - staffed["start"]).sum() >= desk.staffed_s()


def test_shares_and_totals_stay_when_the_desk_grows():
    many = with_categories(HALF_YEAR, 100)
    assert len(many.categories) == 100
    assert sum(c.share for c in many.categories) == pytest.approx(1.0)
    large = with_agents(HALF_YEAR, 300)
    assert large.cases_a_day * large.working_days == pytest.approx(
        HALF_YEAR.cases_a_day * HALF_YEAR.working_days
    )
