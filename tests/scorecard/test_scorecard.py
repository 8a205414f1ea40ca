"""Cards as people write them: strict, with units, every mistake at its line."""

from pathlib import Path

import pytest

from svcsim.errors import InputError
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.scorecard import (
    Scorecard,
    card_files,
    find_card,
    published_cards,
    shipped_cards,
)

CARD = """\
name: service-desk
zh: 服务台
period: month
kpis:
  - metric: frt
    weight: 25%
    target: 2h
  - metric: fcr_window(7d)
    weight: 40%
    stages: {2026-04-01: 75%, 2026-01-01: 72%}
    floor: 50%
  - metric: csat_mean
    weight: 35%
    target: 4.5
    period: quarter
    scope: team
    min_n: 12
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "card.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_values_are_read_in_the_unit_of_the_metric(tmp_path: Path) -> None:
    card = Scorecard.from_yaml(write(tmp_path, CARD))
    frt, fcr, csat = card.kpis
    assert (frt.weight, frt.target, frt.better) == (0.25, 7200.0, "lower")
    assert (fcr.floor, fcr.better, fcr.target) == (0.5, "higher", None)
    assert (csat.target, csat.period, csat.scope, csat.min_n) == (4.5, "quarter", "team", 12)


def test_a_card_survives_writing_and_reading(tmp_path: Path) -> None:
    card = Scorecard.from_yaml(write(tmp_path, CARD))
    text = card.to_yaml()
    assert Scorecard.from_yaml(write(tmp_path, text)) == card
    assert "2h" in text
    assert "stretch" not in text


def test_the_constructor_takes_plain_numbers_and_writes_units(tmp_path: Path) -> None:
    knots = ((0.6, 0.0), (0.9, 100.0))
    card = Scorecard(
        name="stage 1",
        kpis=(
            Kpi(metric="frt_p90", weight=0.5, target=5400.0, stretch=3600.0),
            Kpi(metric="csat_top2", weight=0.5, target=0.9, curve="points", points=knots),
        ),
    )
    text = card.to_yaml()
    assert "1.5h" in text
    assert "90%" in text
    assert Scorecard.from_yaml(write(tmp_path, text)) == card


@pytest.mark.parametrize(
    ("day", "target"),
    [("2025-12-31", 0.72), ("2026-01-01", 0.72), ("2026-03-31", 0.72), ("2026-04-01", 0.75)],
)
def test_the_stage_in_force(tmp_path: Path, day: str, target: float) -> None:
    assert Scorecard.from_yaml(write(tmp_path, CARD)).kpis[1].target_on(day) == target


def test_three_thirds_make_a_whole() -> None:
    names = ("frt_p90", "csat_top2", "fcr_window(7d)")
    kpis = tuple(
        Kpi(metric=name, weight=0.3333, target=3600.0 if name == "frt_p90" else 0.8)
        for name in names
    )
    assert len(Scorecard(name="thirds", kpis=kpis).kpis) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("weight: 25%", "weight: 20%", 4, r"sum to 95%, not 100%; add 5%"),
        ("weight: 25%", "weight: 45%", 4, r"sum to 120%, not 100%; take away 20%"),
        ("weight: 25%", "weight: 25", 6, r"'25' has no unit.*25%"),
        ("weight: 25%", "weight: 0%", 6, r"not above 0%; leave the KPI out"),
        ("metric: frt\n", "metric: frtt\n", 5, r"'frtt' is not a known metric.*Did you mean frt"),
        ("frt\n", "frt_within\n", 5, r"frt_within needs a duration.*frt_within\(10min\)"),
        ("target: 2h", "target: 2", 7, r"'2' has no unit.*2h"),
        ("target: 2h", "target: 90%", 7, r"'90%' is not a duration"),
        ("target: 2h", "target: 0", 5, r"must be above 0"),
        ("target: 4.5", "target: 2h", 14, r"'2h' is not a number.*write 4\.5"),
        ("75%", "75", 10, r"'75' has no unit; write a share such as 75%"),
        ("75%", "175%", 10, r"not between 0% and 100%"),
        ("2026-04-01: 75%", "April: 75%", 10, r"'April' is not a day"),
        ("floor: 50%", "floor: 80%", 8, r"floor 80% must be worse than the target 72%"),
        ("target: 2h", "target: 2h\n    stretch: 3h", 5, r"stretch 3h must be better than.*2h"),
        ("target: 2h", "target: 2h\n    stages: {2026-01-01: 2h}", 5, r"a target and stages"),
        ("    target: 2h\n", "", 5, r"frt has no target; write target: 2h"),
        ("metric: csat_mean", "metric: frt", 4, r"frt stands twice"),
        ("metric: csat_mean", "metric: volume", 12, r"volume has no better side"),
        ("target: 4.5", "target: 4.5\n    curve: points", 12, r"belong together"),
        (
            "target: 4.5",
            "target: 4.5\n    curve: points\n    points: [[4, 100], [5, 50]]",
            12,
            r"do not fall",
        ),
        ("target: 4.5", "target: 4.5\n    curve: points\n    points: [4, 5]", 16, r"\[value, poi"),
        (
            "period: month",
            "period: year",
            3,
            r"period: 'year' is unknown; expected one of week, 4w, month, quarter",
        ),
        ("scope: team", "scop: team", 16, r"scop is not a known key.*scope"),
        ("min_n: 12", "min_n: 0", 17, r"expected 1 or more; found 0"),
        ("name: service-desk\n", "", 1, r"name is missing"),
    ],
)
def test_bad_cards(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert CARD.count(old) == 1 or old == "frt\n"
    file = write(tmp_path, CARD.replace(old, new, 1))
    with pytest.raises(InputError, match=says) as caught:
        Scorecard.from_yaml(file)
    place = f"{file}:{line}"
    assert any(finding.where == place for finding in caught.value.findings), caught.value


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    bad = CARD.replace("25%", "20%").replace("2h", "2").replace("zh:", "chinese:")
    with pytest.raises(InputError) as caught:
        Scorecard.from_yaml(write(tmp_path, bad))
    text = str(caught.value)
    assert len(caught.value.findings) == 3
    assert "chinese is not a known key" in text
    assert "'2' has no unit" in text
    assert "sum to 95%" in text


@pytest.mark.parametrize("text", ["", "- 1\n", "kpis: []\nname: x\n", "kpis: {a: 1}\nname: x\n"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        Scorecard.from_yaml(write(tmp_path, text))


SEEDS = {
    "seed-25-40-35": {
        "frt": (0.25, 7200.0, None),
        "fcr_window(7d)": (0.40, 0.85, None),
        "csat_top2": (0.35, 0.90, "quarter"),
    },
    "seed-20-15-30-20-10-5": {
        "throughput": (0.20, 20.0, None),
        "frt_within(10min)": (0.15, 0.80, None),
        "csat_top2": (0.30, 0.85, None),
        "fcr_window(7d)": (0.20, 0.80, None),
        "close_in_time": (0.10, 0.90, None),
        "no_transfer": (0.05, 0.70, None),
    },
    "seed-30-40-30": {
        "frt_within(10min)": (0.30, 0.90, None),
        "csat_top2": (0.40, 0.85, None),
        "res_within(24h)": (0.30, 0.80, None),
    },
}


@pytest.mark.parametrize("name", SEEDS)
def test_shipped_cards_hold_the_published_weights(name: str) -> None:
    card = Scorecard.from_yaml(find_card(name))
    assert {k.metric: (k.weight, k.target, k.period) for k in card.kpis} == SEEDS[name]
    assert card.name == name
    assert card.zh
    assert card.source
    unpublished = [kpi for kpi in card.kpis if "published target" not in kpi.why]
    assert all("assumed" in kpi.why for kpi in unpublished)


STARS = {
    "frt_within(10min)": 1,
    "fcr_window(7d)": 2,
    "csat_top2": 2,
    "repeat(30d)": 1,
    "kb_rate": 1,
}
OWN = {
    *("role-pre-sales", "role-after-sales", "role-technical-support", "role-customer-success"),
    *("newcomer", "senior", "small-team"),
    *("industry-software", "industry-manufacturing", "industry-ecommerce"),
}


def test_stars_become_weights() -> None:
    card = Scorecard.from_yaml(find_card("seed-stars"))
    assert [kpi.metric for kpi in card.kpis] == list(STARS)
    for kpi in card.kpis:
        assert kpi.weight == pytest.approx(STARS[kpi.metric] / 7, abs=1e-4)


def test_all_shipped_cards_are_known() -> None:
    assert set(card_files()) == {*SEEDS, "seed-stars"} | OWN
    assert [card.name for card in shipped_cards()] == sorted({*SEEDS, "seed-stars"} | OWN)
    assert {card.name for card in published_cards()} == {*SEEDS, "seed-stars"}


@pytest.mark.parametrize("name", sorted(OWN))
def test_shipped_cards_survive_writing_and_reading(name: str, tmp_path: Path) -> None:
    card = Scorecard.from_yaml(find_card(name))
    assert Scorecard.from_yaml(write(tmp_path, card.to_yaml())) == card


@pytest.mark.parametrize(
    ("name", "part", "who"),
    [
        ("role-pre-sales", "role", "pre-sales"), ("role-after-sales", "role", "after-sales"),
        ("role-technical-support", "role", "technical-support"),
        ("role-customer-success", "role", "customer-success"),
        ("newcomer", "tier", "newcomer"), ("senior", "tier", "senior"),
    ],
)  # fmt: skip
def test_whom_a_card_is_for(name: str, part: str, who: str) -> None:
    audience = Scorecard.from_yaml(find_card(name)).for_
    assert audience is not None
    assert getattr(audience, part) == (who,)


def test_a_small_team_has_three_kpis_over_a_quarter() -> None:
    card = Scorecard.from_yaml(find_card("small-team"))
    assert len(card.kpis) <= 3
    assert card.period == "quarter"


CARD_OF_ALL = """\
name: everything
for: {role: [after-sales, returns], tier: senior}
period: month
kpis:
  - {metric: csat_top2, definition: 0123abcd, weight: 60%, target: 85%}
  - metric: frt_p90
    weight: 40%
    target: 2h
    floor: 4h
    stretch: 1h
    curve: improvement
    baseline: 3h
    for: {team: L1}
  - {metric: reopen, curve: gate, target: 10%, cap: 20}
bonus:
  - {metric: volume, points_per: 1, per: 50, cap: 3}
  - {item: supervisor, zh: 主管加减分, cap: 5, penalty_cap: 2}
bonus_in_ranks: true
most: 105
rules: {most_kpis: 4, least_satisfaction: 40%}
"""


def test_a_card_with_everything_survives_writing_and_reading(tmp_path: Path) -> None:
    card = Scorecard.from_yaml(write(tmp_path, CARD_OF_ALL))
    text = card.to_yaml()
    assert Scorecard.from_yaml(write(tmp_path, text)) == card
    assert "for: {role: [after-sales, returns], tier: [senior]}" in text
    assert "40%" in text
    assert [kpi.metric for kpi in card.gates] == ["reopen"]
    assert [kpi.weight for kpi in card.weighted] == [0.6, 0.4]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        (
            "tier: senior",
            "tear: senior",
            2,
            r"for\.tear is not a known key; Did you mean tier, team",
        ),
        ("for: {role: [after-sales, returns], tier: senior}", "for: {}", 2, "names nobody"),
        ("0123abcd", "0123", 5, "no hash of a definition"),
        ("baseline: 3h", "baseline: 3", 12, "'3' has no unit"),
        ("for: {team: L1}", "for: L1", 13, "expected a mapping"),
        ("cap: 20}", "cap: 200}", 14, r"expected 100\.0 or less"),
        ("curve: gate,", "curve: gate, weight: 5%,", 14, "a gate carries no weight"),
        ("curve: gate,", "curve: gat,", 14, "'gat' is unknown.*Did you mean gate"),
        ("points_per: 1", "point_per: 1", 16, "point_per is not a known key.*points_per"),
        ("{metric: volume", "{metric: frt", 16, "frt is a level, not a count"),
        ("item: supervisor", "item: supervisor, metric: volume", 17, "either metric"),
        ("cap: 5", "cap: plenty", 17, "expected a number"),
        ("bonus_in_ranks: true", "bonus_in_ranks: maybe", 18, "true or false"),
        ("most: 105", "most: 95", 19, r"expected 100\.0 or more"),
        ("most_kpis: 4", "most_kpi: 4", 20, "Did you mean most_kpis"),
        ("least_satisfaction: 40%", "least_satisfaction: 40", 20, "'40' has no unit"),
    ],
)
def test_bad_parts_beside_the_kpis(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert CARD_OF_ALL.count(old) == 1
    file = write(tmp_path, CARD_OF_ALL.replace(old, new))
    with pytest.raises(InputError, match=says) as caught:
        Scorecard.from_yaml(file)
    places = [finding.where for finding in caught.value.findings]
    assert f"{file}:{line}" in places, caught.value


def test_an_unknown_card_names_the_shipped_ones() -> None:
    with pytest.raises(InputError, match=r"Did you mean seed-25-40-35"):
        find_card("seed-25-40-30x")
