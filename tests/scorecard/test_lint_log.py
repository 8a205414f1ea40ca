"""What a log, a house rule or a changed definition says against a card."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.lint import Remark, lint, spoken
from svcsim.scorecard.roles import Audience, Person, Roles
from svcsim.scorecard.scorecard import Scorecard, shipped_cards

DeskMaker = Callable[..., ContactLog]
JANUARY, APRIL = (
    pd.Timestamp(f"2026-0{month}-01", tz="Asia/Shanghai").timestamp() for month in (1, 4)
)
FRT = Kpi(metric="frt_p90", weight=0.3, target=900.0, min_n=5)


def card(*kpis: Kpi, **options: object) -> Scorecard:
    return Scorecard(name="card", kpis=kpis, **options)  # type: ignore[arg-type]


def csat(target: float, weight: float = 0.7, **options: object) -> Kpi:
    data = {"metric": "csat_top2", "weight": weight, "target": target, "min_n": 5} | options
    return Kpi.model_validate(data)


def said(found: list[object], word: str) -> list[Remark]:
    return [f for f in found if isinstance(f, Remark) and word in str(f)]


@pytest.fixture(scope="module")
def quarter(desk: DeskMaker) -> ContactLog:
    """Return six agents with 70 % content customers in each of three months."""
    pattern = [5.0 if i % 10 < 7 else 2.0 for i in range(150)]
    return desk({f"a{i}": pattern for i in range(6)}, start=JANUARY, end=APRIL)


@pytest.mark.parametrize(
    ("target", "word"),
    [(0.5, "met by every agent"), (0.95, "met by no agent"), (0.70, "")],
)
def test_targets_that_everybody_or_nobody_meets(
    quarter: ContactLog, target: float, word: str
) -> None:
    found = said(lint(card(csat(target), FRT), quarter), "in each of the last")
    mine = [f for f in found if "csat_top2" in f.where]
    assert len(mine) == (1 if word else 0)
    if word:
        assert f"{word} in each of the last 3 periods" in str(mine[0])
        assert "最近 3 期" in spoken(mine[0], "zh").found


def test_one_month_alone_says_nothing_about_a_target(desk: DeskMaker) -> None:
    log = desk({f"a{i}": [5.0] * 40 for i in range(6)})
    assert not said(lint(card(csat(0.5), FRT), log), "in each of the last")


def test_thin_agents_say_nothing_about_a_target(quarter: ContactLog) -> None:
    assert not said(lint(card(csat(0.5, min_n=500), FRT), quarter), "csat_top2  the target")


@pytest.mark.parametrize(
    ("agents", "contacts", "kpis", "warned"),
    [
        (4, 200, 4, True),  # a small team with more than three KPIs
        (4, 200, 3, False),
        (6, 200, 4, False),
        (6, 60, 2, True),  # 20 contacts an agent and month: pool them over a quarter
    ],
)
def test_a_card_fits_the_team(
    desk: DeskMaker, agents: int, contacts: int, kpis: int, warned: bool
) -> None:
    log = desk({f"a{i}": [5.0] * contacts for i in range(agents)}, start=JANUARY, end=APRIL)
    four = [csat(0.8, 0.4), FRT, Kpi(metric="reopen", weight=0.2, target=0.1),
            Kpi(metric="close_in_time", weight=0.1, target=0.8)][:kpis]  # fmt: skip
    rest = 1.0 - sum(kpi.weight for kpi in four[1:])
    found = lint(card(four[0].model_copy(update={"weight": rest}), *four[1:]), log)
    assert bool(said(found, "cannot fill them")) is warned


def test_a_quarterly_card_of_three_kpis_fits_few_contacts(desk: DeskMaker) -> None:
    log = desk({f"a{i}": [5.0] * 25 for i in range(4)}, start=JANUARY, end=APRIL)
    monthly, quarterly = (card(csat(0.8), FRT, period=length) for length in ("month", "quarter"))
    assert said(lint(monthly, log), "cannot fill them")
    assert not said(lint(quarterly, log), "cannot fill them")


def test_people_who_do_different_work_are_told_apart(desk: DeskMaker) -> None:
    answers = {f"{kind}{i}": [5.0] * 60 for kind in ("in", "out") for i in range(4)}
    apart = desk(answers, category=lambda agent, _: agent[:-1])
    alike = desk(answers, category=lambda _, i: "in" if i % 2 else "out")
    usual = card(csat(0.8), FRT)
    assert not said(lint(usual, alike), "kinds of contact")
    # Four of the seven others do the other work: each shares 3/7 with them.
    assert said(lint(usual, apart), "8 of 8 agents share less than 50%")
    roles = Roles({name: Person(role=name[:-1]) for name in answers})
    found = said(lint(usual, apart, roles=roles), "hardly overlap")
    assert len(found) == 1
    assert "(in, out)" in str(found[0])
    one_role = card(csat(0.8), FRT, for_=Audience(role=("in",)))
    assert not said(lint(one_role, apart, roles=roles), "kinds of contact")


def test_house_rules_are_the_house_s_own() -> None:
    kpis = (csat(0.8, 0.3), FRT, Kpi(metric="reopen", weight=0.4, target=0.1))
    assert not lint(card(*kpis))
    strict = card(*kpis, rules={"most_kpis": 2, "least_satisfaction": 0.4})
    found = [str(f) for f in lint(strict)]
    assert len(found) == 2
    assert "3 KPIs; with more than 2" in found[0]
    assert "satisfaction weighs 30%; customers' own verdict should weigh 40%" in found[1]
    mild = card(csat(0.8, 0.1), Kpi(metric="reopen", weight=0.9, target=0.1),
                rules={"least_satisfaction": 0.1})  # fmt: skip
    assert not lint(mild)


def test_speed_needs_a_counter_that_is_asked_of_the_same_people() -> None:
    def counters(*kpis: Kpi) -> list[Remark]:
        return said(lint(card(*kpis)), "nothing that speed can harm")

    assert not counters(csat(0.8), FRT)
    team = counters(csat(0.8, scope="team"), FRT)
    assert len(team) == 1
    assert "frt_p90, of agents" in str(team[0])
    assert counters(csat(0.8, for_=Audience(role=("x",))), FRT)
    whole = FRT.model_copy(update={"weight": 1.0})
    assert not counters(whole, Kpi(metric="csat_top2", target=0.7, curve="gate"))
    assert not counters(csat(0.8, scope="team"), FRT.model_copy(update={"scope": "team"}))


@pytest.mark.parametrize(
    ("kpi", "says"),
    [
        ({"metric": "csat_mean", "target": 6.0}, "6 lies outside the possible range"),
        ({"metric": "quality_score", "target": 120.0}, "values lie in 0 .. 100"),
        ({"metric": "csat_mean", "target": 4.5, "stretch": 5.5}, "5.5 lies outside"),
        ({"metric": "nps", "target": -20.0}, ""),
        ({"metric": "nps", "target": 130.0}, "-100 .. 100"),
    ],
)
def test_targets_that_no_period_can_have(kpi: dict[str, object], says: str) -> None:
    found = said(lint(card(Kpi.model_validate({"weight": 1.0} | kpi))), "possible range")
    assert bool(found) is bool(says)
    assert all(says in str(one) for one in found)


def test_a_card_says_when_it_was_agreed_on_another_definition(quarter: ContactLog) -> None:
    from svcsim.scorecard.score import score

    now = csat(0.7).kind.definition
    assert not lint(card(csat(0.7, definition=now.upper()), FRT))
    changed = card(csat(0.7, definition="0123abcd"), FRT)
    found = said(lint(changed), "agreed on another definition")
    assert len(found) == 1
    assert "(0123abcd)" in str(found[0])
    assert now in str(found[0])
    table = score(quarter, changed)
    assert said(list(table.findings), "agreed on another definition")
    assert changed.to_data()["kpis"][0]["definition"] == "0123abcd"


@pytest.mark.parametrize("name", [c.name for c in shipped_cards() if "seed" not in c.name])
def test_cards_of_our_own_keep_the_house_rules(name: str) -> None:
    (found,) = (c for c in shipped_cards() if c.name == name)
    assert lint(found) == []
    assert found.zh
    assert all("assumed" in kpi.why or "published" in kpi.why for kpi in found.kpis)


def test_every_remark_about_a_log_is_said_in_chinese(desk: DeskMaker) -> None:
    rng = np.random.default_rng(2)
    log = desk(
        {f"{kind}{i}": list(np.where(rng.random(90) < 0.2, 5.0, 2.0))
         for kind in ("in", "out") for i in range(2)},
        start=JANUARY, end=APRIL, category=lambda agent, _: agent[:-1],
    )  # fmt: skip
    odd = card(
        csat(0.99, 0.3, definition="0123abcd"),
        FRT,
        Kpi(metric="aht", weight=0.4, target=60),
        Kpi(metric="csat_mean", target=7.0, curve="gate"),
    )
    found = lint(odd, log)
    assert len(found) >= 5
    for remark in found:
        chinese = str(spoken(remark, "zh"))
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), remark
