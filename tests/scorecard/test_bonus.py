"""Bonus and penalty: worked sums, caps, the table of points, and what they may not touch."""

from collections.abc import Callable
from pathlib import Path

import pytest

from svcsim.contacts.log import ContactLog
from svcsim.errors import InputError
from svcsim.scorecard.bonus import Given, read_points
from svcsim.scorecard.bonus_item import BonusItem
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.remark import Remark
from svcsim.scorecard.roles import Audience
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard

DeskMaker = Callable[..., ContactLog]
KPIS = (Kpi(metric="csat_top2", weight=1.0, target=0.8, floor=0.5, stretch=1.0, min_n=1),)
HEAD = "agent,points,reason,date\n"


@pytest.fixture(scope="module")
def log(desk: DeskMaker) -> ContactLog:
    """Return a (25 contacts), b (10) and c (4), all customers content but every fifth."""
    answers = {name: [2 if i % 5 == 0 else 5 for i in range(n)]
               for name, n in (("a", 25), ("b", 10), ("c", 4))}  # fmt: skip
    return desk(answers, team={"a": "T", "b": "T", "c": "U"})


def card(*items: BonusItem, **options: object) -> Scorecard:
    return Scorecard(name="card", kpis=KPIS, bonus=items, **options)  # type: ignore[arg-type]


def given(agent: str, points: float, day: str = "2026-03-14", item: str = "") -> Given:
    return Given("points.csv row 2", agent, points, "a reason", day, item)


def test_whole_steps_of_a_count_are_paid_up_to_the_cap(log: ContactLog) -> None:
    """2 points for each 10 contacts, 4 at most: 25 -> 4, 10 -> 2, 4 -> 0."""
    table = score(log, card(BonusItem(metric="volume", points_per=2, per=10, cap=3)))
    assert [table.unit(name).bonus for name in "abc"] == [3.0, 2.0, 0.0]
    extra = table.unit("a").extras[0]
    assert (extra.count, extra.points, extra.cut) == (25.0, 3.0, True)
    assert not table.unit("b").extras[0].cut


def test_a_negative_item_takes_points_away_down_to_its_cap(log: ContactLog) -> None:
    table = score(log, card(BonusItem(metric="volume", points_per=-1, per=5, cap=4)))
    assert [table.unit(name).penalty for name in "abc"] == [4.0, 2.0, 0.0]
    assert all(table.unit(name).bonus == 0 for name in "abc")


def test_points_of_a_supervisor_add_up_and_are_cut_on_both_sides(log: ContactLog) -> None:
    item = BonusItem(item="supervisor", cap=5, penalty_cap=2)
    rows = [given("a", 3), given("a", 4.5), given("b", -1), given("b", -4), given("c", 2)]
    table = score(log, card(item), points=[*rows, given("c", -0.5)])
    assert [(table.unit(n).bonus, table.unit(n).penalty) for n in "abc"] == [
        (5.0, 0.0), (0.0, 2.0), (1.5, 0.0),
    ]  # fmt: skip
    assert table.unit("a").extras[0].reasons[0] == "2026-03-14 +3: a reason"


def test_the_total_is_the_score_and_what_stands_beside_it(log: ContactLog) -> None:
    item, plain = BonusItem(item="supervisor", cap=30), score(log, card())
    table = score(log, card(item), points=[given("a", 7), given("b", -9)])
    for name, net in (("a", 7.0), ("b", -9.0), ("c", 0.0)):
        one, before = table.unit(name), plain.unit(name)
        assert one.score == before.score
        assert one.total == pytest.approx(before.score + net)
        assert one.total_upper - one.total_lower == pytest.approx(one.upper - one.lower)


def test_the_total_never_falls_below_0_nor_rises_above_what_the_card_allows(
    log: ContactLog,
) -> None:
    item = BonusItem(item="supervisor", cap=500)
    table = score(log, card(item, most=110), points=[given("a", 400), given("b", -400)])
    assert table.unit("a").total == 110.0
    assert table.unit("b").total == 0.0


def test_teams_and_the_desk_have_the_mean_of_their_people(log: ContactLog) -> None:
    """T: a +6 and b -2 give bonus 3 and penalty 1 a head; the desk: 2 and 2/3."""
    item = BonusItem(item="supervisor", cap=9)
    table = score(log, card(item), points=[given("a", 6), given("b", -2)])
    team, desk = table.unit("T", "team"), table.unit("desk")
    assert (team.bonus, team.penalty) == (3.0, 1.0)
    assert (desk.bonus, desk.penalty) == (pytest.approx(2.0), pytest.approx(2 / 3))
    assert table.unit("U", "team").bonus == 0.0


def test_ranks_and_bands_know_of_a_bonus_only_where_the_card_says_so(log: ContactLog) -> None:
    item, rows = BonusItem(item="supervisor", cap=100), [given("c", 100)]
    plain, apart = score(log, card()), score(log, card(item), points=rows)
    inside = score(log, card(item, bonus_in_ranks=True), points=rows)

    def ranks(table: object) -> list[object]:
        return [(u.rank_interval, u.band) for u in table.units]  # type: ignore[attr-defined]

    assert ranks(apart) == ranks(plain)
    assert inside.unit("c").rank_interval == (1, 1)
    assert plain.unit("c").rank_interval != (1, 1)


@pytest.mark.parametrize(
    ("row", "says", "zh"),
    [
        (given("aa", 2), "agent 'aa' is not in the log", "没有坐席"),
        (given("a", 2, "2026-04-01"), "2026-04-01 lies outside the period", "不在考核期"),
        (given("a", 2, "2026-02-28"), "2026-03-01 to 2026-03-31", "不在考核期"),
        (given("a", 2, item="gifts"), "the item 'gifts' is not in the card", "没有项目"),
    ],
)
def test_rows_that_do_not_count_are_set_aside_with_a_reason(
    log: ContactLog, row: Given, says: str, zh: str
) -> None:
    table = score(log, card(BonusItem(item="supervisor", cap=5)), points=[row, given("b", 1)])
    found = [f for f in table.findings if "set aside" in str(f)]
    assert len(found) == 1
    assert says in str(found[0])
    assert isinstance(found[0], Remark)
    assert zh in found[0].zh
    assert (table.unit("a").bonus, table.unit("b").bonus) == (0.0, 1.0)


def test_points_of_somebody_whom_the_card_does_not_score_are_set_aside(log: ContactLog) -> None:
    mine = card(BonusItem(item="supervisor", cap=5), for_=Audience(team=("T",)))
    table = score(log, mine, points=[given("a", 1), given("c", 1)])
    found = [str(f) for f in table.findings if "set aside" in str(f)]
    assert len(found) == 1
    assert "c is not scored by this card in 2026-03" in found[0]
    assert table.unit("desk").bonus == pytest.approx(1 / 2)


def test_the_first_and_the_last_local_day_are_inside(log: ContactLog) -> None:
    rows = [given("a", 1, "2026-03-01"), given("a", 1, "2026-03-31")]
    assert score(log, card(BonusItem(item="s", cap=5)), points=rows).unit("a").bonus == 2.0


def test_several_items_need_their_name_in_the_table(log: ContactLog) -> None:
    both = card(BonusItem(item="articles", cap=5), BonusItem(item="mentoring", cap=5))
    rows = [given("a", 1, item="articles"), given("a", 2, item="mentoring"), given("a", 4)]
    table = score(log, both, points=rows)
    assert [extra.points for extra in table.unit("a").extras] == [1.0, 2.0]
    assert any("it names no item; the card has articles, mentoring" in str(f)
               for f in table.findings)  # fmt: skip


def test_points_without_an_item_for_them_are_refused(log: ContactLog) -> None:
    with pytest.raises(InputError, match="has no item for points given by hand"):
        score(log, card(), points=[given("a", 1)])


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        (HEAD + "a,two,x,2026-03-02\n", " row 2", "'two' is not a number"),
        (HEAD + "a,nan,x,2026-03-02\n", " row 2", "'nan' is not a number"),
        (HEAD + "a,2,x,March\n", " row 2", "'March' is not a day"),
        (HEAD + "a,2,,2026-03-02\n", " row 2", "reason is empty"),
        ("agent,points,date\na,2,2026-03-02\n", ":1", "the column reason is missing"),
        (HEAD.replace("date", "day") + "a,2,x,2026-03-02\n", ":1", "'day' is no column"),
    ],
)
def test_bad_tables_of_points(tmp_path: Path, text: str, where: str, says: str) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        read_points(file)
    assert any(found.where == f"{file}{where}" for found in caught.value.findings)


def test_a_table_of_points_with_chinese_headers(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("坐席,分数,原因,日期\n陈静,+2,带教新人,2026-03-02\n", encoding="gb18030")
    row = read_points(file)[0]
    assert (row.agent, row.points, row.reason, row.day) == ("陈静", 2.0, "带教新人", "2026-03-02")


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"cap": 3}, "either metric .* or item"),
        ({"metric": "volume", "item": "x", "points_per": 1, "cap": 3}, "either metric"),
        ({"metric": "frt", "points_per": 1, "cap": 3}, "frt is a level, not a count"),
        ({"metric": "transfers", "points_per": 1, "cap": 3}, "transfers is a level"),
        ({"metric": "volumes", "points_per": 1, "cap": 3}, "Did you mean volume"),
        ({"metric": "volume", "cap": 3}, "volume needs points_per"),
        ({"metric": "volume", "points_per": 1}, "cap"),
        ({"metric": "volume", "points_per": 1, "per": 0, "cap": 3}, "greater than 0"),
        ({"metric": "volume", "points_per": 1, "cap": 3, "penalty_cap": 1}, "use cap"),
        ({"item": "x", "cap": 0}, "a cap of 0 lets nothing count"),
        ({"item": "x", "cap": 3, "points_per": 2}, "leave points_per and per out"),
        ({"item": "x", "cap": -3}, "greater than or equal to 0"),
    ],
)
def test_bad_items(item: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BonusItem.model_validate(item)
