"""Gates: they carry no weight, cut the total when measurably missed, and never fire when thin."""

from collections.abc import Callable

import numpy as np
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

DeskMaker = Callable[..., ContactLog]
FRT = Kpi(metric="frt_p90", weight=1.0, target=1200.0, min_n=1)


def gate(**options: object) -> Kpi:
    """Return a gate on satisfaction of 70 %."""
    return Kpi.model_validate({"metric": "csat_top2", "curve": "gate", "target": 0.7} | options)


def answers(good: int, bad: int) -> list[float | None]:
    return [5.0] * good + [2.0] * bad


@pytest.fixture(scope="module")
def log(desk: DeskMaker) -> ContactLog:
    """Return agents whose customers are content in 20, 60, 69 and 90 %, and one with 4 answers."""
    return desk(
        {
            "bad": answers(12, 48), "poor": answers(36, 24), "close": answers(69, 31),
            "good": answers(54, 6), "thin": [*answers(0, 4), *([None] * 60)],
        }
    )  # fmt: skip


def scored(log: ContactLog, **options: object) -> ScoreTable:
    return score(log, Scorecard(name="card", kpis=(FRT, gate(**options))))


def test_a_missed_gate_zeroes_the_total_and_leaves_the_score(log: ContactLog) -> None:
    table, plain = scored(log), score(log, Scorecard(name="card", kpis=(FRT,)))
    for unit in plain.units:
        gated = table.unit(unit.unit, unit.kind)
        assert (gated.score, gated.lower, gated.upper) == (unit.score, unit.lower, unit.upper)
        assert gated.weight_scored == unit.weight_scored
    assert {n: table.unit(n).total for n in ("bad", "poor", "good", "thin")} == {
        "bad": 0.0, "poor": 0.0, "good": 100.0, "thin": 100.0,
    }  # fmt: skip
    assert table.unit("bad").band == "gated"
    assert [flag.kind for flag in table.unit("bad").flags].count("gate") == 1


def test_the_cap_is_in_points_and_the_lowest_of_several_counts(log: ContactLog) -> None:
    assert scored(log, cap=40).unit("poor").total == 40.0
    both = (FRT, gate(cap=40), gate(metric="csat_mean", target=3.5, cap=25))
    table = score(log, Scorecard(name="card", kpis=both))
    assert table.unit("bad").total == 25.0
    assert table.unit("good").total == 100.0


def test_a_bonus_does_not_lift_a_missed_gate(log: ContactLog) -> None:
    card = Scorecard.from_data(
        {
            "name": "card",
            "kpis": [
                {"metric": "frt_p90", "weight": "100%", "target": "20min"},
                {"metric": "csat_top2", "target": "70%", "curve": "gate", "cap": 40},
            ],
            "bonus": [{"metric": "volume", "points_per": 1, "per": 10, "cap": 10}],
        },
        "card.yaml",
    )
    table = score(log, card)
    assert (table.unit("bad").bonus, table.unit("bad").total) == (6.0, 40.0)
    assert table.unit("good").total == 106.0


def test_too_few_contacts_never_fire_a_gate(log: ContactLog) -> None:
    """Four customers of four are discontent: that may be luck, and 30 answers are needed."""
    found = scored(log).unit("thin").gates[0]
    assert (found.value, found.n, found.status) == (0.0, 4, "not judged")
    assert scored(log, min_n=4).unit("thin").gates[0].status == "failed"


def test_a_gate_that_cannot_be_measured_or_followed_up_never_fires(log: ContactLog) -> None:
    absent = score(log, Scorecard(name="c", kpis=(FRT, gate(metric="quality_score", target=80))))
    assert {g.status for u in absent.units for g in u.gates} == {"not judged"}
    assert all(u.total == u.score for u in absent.units if u.kind == "agent")


def test_the_probability_stands_beside_the_verdict(log: ContactLog) -> None:
    """69 of 100 miss 70 % by a hair: the gate fires, and it is said that luck explains it."""
    table = scored(log)
    close, bad, good = (table.unit(name).gates[0] for name in ("close", "bad", "good"))
    assert close.status == "failed"
    assert close.unsure
    assert 0.2 < close.p_failed < 0.8
    assert bad.p_failed > 0.99
    assert not bad.unsure
    assert good.p_failed < 0.05
    text = next(f.text for f in table.unit("close").flags if f.kind == "gate")
    assert "may be luck" in text


def test_a_gated_agent_is_last_whatever_was_scored(desk: DeskMaker) -> None:
    people = {f"a{i}": answers(54, 6) for i in range(6)} | {"bad": answers(6, 54)}
    table = score(desk(people), Scorecard(name="card", kpis=(FRT, gate())))
    assert table.unit("bad").rank_interval == (7, 7)
    assert all(table.unit(f"a{i}").band != "gated" for i in range(6))


def test_a_gate_of_the_team_alone_does_not_touch_agents(log: ContactLog) -> None:
    table = scored(log, scope="team", target=0.99)
    assert table.unit("desk").total == 0.0
    assert table.unit("bad").gates == ()
    assert table.unit("bad").total == table.unit("bad").score


def test_how_often_a_gate_fires_on_good_people_is_what_its_target_allows(desk: DeskMaker) -> None:
    """True level .80, 50 answers, gate at .70: P(Bin(50, .8) < 35) = .031."""
    rng = np.random.default_rng(5)
    people = {f"a{i:03d}": list(np.where(rng.random(50) < 0.8, 5.0, 2.0)) for i in range(120)}
    table = score(desk(people), Scorecard(name="card", kpis=(FRT, gate())))
    fired = [u.gates[0].status == "failed" for u in table.units if u.kind == "agent"]
    assert 0 <= sum(fired) <= 10  # 3.7 expected; P(more than 10) < .002
    assert table.unit("desk").gates[0].status == "passed"


@pytest.mark.parametrize(
    ("kpi", "says"),
    [
        ({"curve": "gate", "weight": 0.2}, "a gate carries no weight"),
        ({"curve": "gate", "floor": 0.5}, "leave floor and stretch out"),
        ({"weight": 0.2, "cap": 20}, "cap belongs to curve: gate"),
        ({"curve": "gate", "cap": 101}, "less than or equal to 100"),
        ({}, "has no weight above 0%"),
    ],
)
def test_bad_gates(kpi: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Kpi.model_validate({"metric": "csat_top2", "target": 0.7} | kpi)


def test_a_card_of_gates_alone_scores_nobody() -> None:
    with pytest.raises(ValueError, match="every KPI is a gate"):
        Scorecard(name="card", kpis=(gate(),))


def test_a_gate_survives_writing_and_reading() -> None:
    card = Scorecard(name="card", kpis=(FRT, gate(cap=40.0)))
    data = card.to_data()
    assert data["kpis"][1] == {
        "metric": "csat_top2", "curve": "gate", "target": "70%", "cap": 40.0,
    }  # fmt: skip
    assert Scorecard.from_data(data, "card.yaml") == card
