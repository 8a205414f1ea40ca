"""What speaks against a card."""

from collections.abc import Callable

import pytest

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.lint import Remark, lint, spoken
from svcsim.scorecard.scorecard import Scorecard, find_card


def card(**weights: float) -> Scorecard:
    """Return a card from metric -> weight; ``frt_p90`` and times get a target of an hour."""
    kpis = tuple(
        Kpi(metric=metric, weight=weight, target=TARGETS.get(metric, 0.8))
        for metric, weight in weights.items()
    )
    return Scorecard(name="card", kpis=kpis)


TARGETS = {"frt": 7200.0, "frt_p90": 3600.0, "aht": 600.0, "throughput": 20.0, "reopen": 0.05}
GOOD = {"frt_p90": 0.3, "csat_top2": 0.4, "reopen": 0.3}


def said(found: Scorecard, *, level: str = "warning") -> list[str]:
    return [str(finding) for finding in lint(found) if finding.level == level]


def test_a_balanced_card_passes() -> None:
    assert lint(card(**GOOD)) == []


def test_more_than_five_kpis() -> None:
    weights = dict.fromkeys(["csat_top2"], 0.5) | dict.fromkeys(
        ["frt_p90", "aht", "reopen", "no_transfer", "close_in_time"], 0.1
    )
    found = said(card(**weights))
    assert any("6 KPIs" in text and "leave out the lightest" in text for text in found)


def test_satisfaction_below_30_percent() -> None:
    found = said(card(frt_p90=0.5, csat_top2=0.2, reopen=0.3))
    assert [text for text in found if "satisfaction weighs 20%" in text]


def test_speed_alone() -> None:
    found = said(card(frt_p90=0.6, aht=0.4))
    assert any("nothing that speed can harm" in text for text in found)


def test_pace_beyond_quality() -> None:
    assert any("pace (60%)" in t for t in said(card(throughput=0.6, csat_top2=0.4)))
    assert not any("pace" in t for t in said(card(throughput=0.28, csat_top2=0.72)))


def test_an_average_of_times_is_a_target_for_the_tail() -> None:
    found = said(card(frt=0.3, csat_top2=0.4, reopen=0.3))
    assert len(found) == 1
    assert "average" in found[0]
    assert "frt_within(2h) or frt_p90" in found[0]


def test_perfection_a_turned_direction_and_a_step() -> None:
    odd = Scorecard(
        name="odd",
        kpis=(
            Kpi(metric="csat_top2", weight=0.5, target=1.0),
            Kpi(metric="aht", weight=0.3, target=600.0, direction="higher"),
            Kpi(metric="reopen", weight=0.2, target=0.05, curve="step"),
        ),
    )
    assert any("100% leaves no room" in text for text in said(odd))
    assert any("direction higher; usually lower" in text for text in said(odd))
    assert any("all or nothing" in text for text in said(odd, level="note"))


def test_data_that_are_not_there(desk: Callable[..., ContactLog]) -> None:
    log = desk({"a": [5, None], "b": [4, 2]})
    missing = [
        finding for finding in lint(card(**GOOD), log) if "cannot be computed" in str(finding)
    ]
    assert ["reopen" in finding.where for finding in missing] == [True]
    columns = {"first_response_s", "reopens"}
    by_name = [str(f) for f in lint(card(**GOOD), columns)]
    assert len(by_name) == 1
    assert "no csat" in by_name[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("seed-25-40-35", ["average"]),
        ("seed-20-15-30-20-10-5", ["6 KPIs"]),
        ("seed-30-40-30", []),
    ],
)
def test_shipped_cards(name: str, says: list[str]) -> None:
    found = said(Scorecard.from_yaml(find_card(name)))
    assert len(found) == len(says)
    assert all(word in text for word, text in zip(says, found, strict=True))


def test_every_remark_is_said_in_chinese_too() -> None:
    odd = card(throughput=0.55, frt=0.3, csat_top2=0.12, reopen=0.03)
    found = lint(odd, {"agent"})
    assert len(found) >= 6
    for remark in found:
        assert isinstance(remark, Remark)
        chinese = spoken(remark, "zh")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in str(chinese))
        assert chinese.level == remark.level
        assert spoken(remark, "en") is remark
