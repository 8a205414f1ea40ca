"""Cards and KPIs for some: whose contacts count, who is compared, who is named as left out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.errors import InputError
from svcsim.metrics.evaluate import evaluate
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.roles import Audience, Person, Roles
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

DeskMaker = Callable[..., ContactLog]
CSAT = Kpi(metric="csat_top2", weight=0.6, target=0.8, floor=0.5, stretch=1.0)
FRT = Kpi(metric="frt_p90", weight=0.4, target=1200.0)


@pytest.fixture(scope="module")
def two_roles(desk: DeskMaker) -> tuple[ContactLog, Roles]:
    """Return eight agents of true quality .95 (simple work) and eight of .55 (hard work)."""
    rng = np.random.default_rng(3)
    quality = {f"easy{i}": 0.95 for i in range(8)} | {f"hard{i}": 0.55 for i in range(8)}
    log = desk(
        {name: list(np.where(rng.random(120) < p, 5, 2)) for name, p in quality.items()},
        category=lambda agent, _: agent[:4],
        team={name: name[:4] for name in quality},
    )
    return log, Roles({name: Person(role=name[:4]) for name in quality})


def card(**options: object) -> Scorecard:
    return Scorecard(name="card", kpis=(CSAT, FRT), **options)  # type: ignore[arg-type]


def of_agents(table: ScoreTable) -> dict[str, tuple[str, int]]:
    return {u.unit: (u.band, u.peers) for u in table.units if u.kind == "agent"}


def test_agents_are_compared_within_their_role_only(two_roles: tuple[ContactLog, Roles]) -> None:
    log, roles = two_roles
    mixed = of_agents(score(log, card()))
    assert {n: mixed[n][1] for n in ("easy0", "hard0")} == {"easy0": 16, "hard0": 16}
    apart = score(log, card(), roles=roles)
    assert all(peers == 8 for _, peers in of_agents(apart).values())
    assert {u.role for u in apart.units if u.kind == "agent"} == {"easy", "hard"}
    # Equal agents: luck alone names at most one of eight in a role.
    named = [n for n, (band, _) in of_agents(apart).items() if band in ("top", "support")]
    assert len(named) <= 2
    # Values are shrunk to the mean of the own role.
    used = {u.unit: u.metrics[0].used_value for u in apart.units if u.kind == "agent"}
    for role, true in (("easy", 0.95), ("hard", 0.55)):
        own = [value for name, value in used.items() if name.startswith(role)]
        assert np.mean(own) == pytest.approx(true, abs=0.05)
        assert np.ptp(own) < 0.15


def test_desk_and_teams_do_not_depend_on_roles(two_roles: tuple[ContactLog, Roles]) -> None:
    log, roles = two_roles
    with_roles, without = score(log, card(), roles=roles), score(log, card())
    for name, kind in (("desk", "desk"), ("easy", "team")):
        one, other = with_roles.unit(name, kind), without.unit(name, kind)
        assert one.score == other.score
        assert repr(one.metrics) == repr(other.metrics)


def test_a_card_for_a_role_measures_the_contacts_of_the_role(
    two_roles: tuple[ContactLog, Roles],
) -> None:
    log, roles = two_roles
    table = score(log, card(for_=Audience(role=("hard",))), roles=roles)
    mine = log.frame["agent"].str.startswith("hard")
    alone = replace(log, frame=log.frame[mine].reset_index(drop=True))
    for kpi in table.unit("desk").metrics:
        expected = evaluate(alone, kpi.metric, period="month").iloc[0]
        assert (kpi.value, kpi.n) == (expected["value"], expected["n"])
    assert table.unit("desk").contacts == mine.sum()
    assert {u.unit for u in table.units if u.kind == "agent"} == {f"hard{i}" for i in range(8)}
    assert {u.unit for u in table.units if u.kind == "team"} == {"hard"}
    assert set(table.tickets("desk", "csat_top2")) == set(log.frame.loc[mine, "ticket_id"])
    said = [str(f) for f in table.findings if "not scored are" in str(f)]
    assert len(said) == 1
    assert "easy0, easy1" in said[0]


def test_who_came_back_to_another_role_is_still_seen(desk: DeskMaker) -> None:
    """A repeat handled by somebody outside the card still speaks against the first handling."""
    log = desk({"a": [5.0] * 40, "b": [5.0] * 40})
    frame = log.frame.copy()
    order = frame.groupby("agent").cumcount().astype(str)
    stamps = ["opened_s", "first_response_s", "resolved_s"]
    frame.loc[frame["agent"] == "b", stamps] += 86400.0  # the day after, about the same case
    log = replace(log, frame=frame.assign(case_id=("c" + order).astype("str")))
    kpi = Kpi(metric="fcr_window(7d)", weight=1.0, target=0.8)
    table = score(log, Scorecard(name="c", kpis=(kpi,), for_=Audience(agent=("a",))))
    everybody = score(log, Scorecard(name="c", kpis=(kpi,)))
    assert table.unit("desk").metrics[0].value == everybody.unit("a").metrics[0].value
    assert table.unit("desk").metrics[0].value < 1.0


def test_a_kpi_for_some_is_no_part_of_the_others_card(two_roles: tuple[ContactLog, Roles]) -> None:
    log, roles = two_roles
    only = CSAT.model_copy(update={"for_": Audience(role=("hard",))})
    table = score(log, Scorecard(name="c", kpis=(only, FRT)), roles=roles)
    hard, easy = table.unit("hard0"), table.unit("easy0")
    assert [m.metric for m in hard.metrics] == ["csat_top2", "frt_p90"]
    assert [m.metric for m in easy.metrics] == ["frt_p90"]
    # The rest of the card is the whole card of those whom the KPI is not asked of.
    assert easy.score == pytest.approx(easy.metrics[0].points)
    assert easy.weight_scored == pytest.approx(1.0)
    share = table.unit("desk").metrics[0]
    assert share.n == log.frame["agent"].str.startswith("hard").sum()


def test_only_who_is_asked_the_same_is_ranked_together(
    two_roles: tuple[ContactLog, Roles],
) -> None:
    log, _ = two_roles
    only = CSAT.model_copy(update={"for_": Audience(agent=("hard0", "hard1"))})
    table = score(log, Scorecard(name="c", kpis=(only, FRT)))
    assert {u.unit: u.peers for u in table.units if u.kind == "agent"} == {
        f"{role}{i}": 2 if (role, i) in (("hard", 0), ("hard", 1)) else 14
        for role in ("easy", "hard")
        for i in range(8)
    }


@pytest.mark.parametrize(
    ("audience", "roles", "says"),
    [
        (Audience(role=("hard",)), False, "add --roles FILE"),
        (Audience(role=("hart",)), True, "nobody's in roles.*Did you mean hard"),
        (Audience(tier=("senior",)), True, "tier 'senior' is nobody's.*there are: none"),
        (Audience(team=("hrd",)), False, "team 'hrd' is not in the log.*Did you mean hard"),
        (Audience(agent=("hard9",)), False, "agent 'hard9' is not in the log"),
        (Audience(role=("ghost",)), True, "nobody of ghost has a contact in 2026-03"),
        (Audience(team=("easy",), agent=("hard0",)), False, "nobody of easy / hard0 has a contact"),
    ],
)
def test_a_card_for_nobody_computes_nothing(
    two_roles: tuple[ContactLog, Roles], audience: Audience, roles: bool, says: str
) -> None:
    log, people = two_roles
    known = Roles({**people.people, "gone": Person(role="ghost")})
    with pytest.raises(InputError, match=says):
        score(log, card(for_=audience), roles=known if roles else None)


def test_agents_without_a_role_and_people_without_a_contact_are_named(
    two_roles: tuple[ContactLog, Roles],
) -> None:
    log, roles = two_roles
    people = {n: p for n, p in roles.people.items() if n != "easy7"}
    people["Ghost"] = Person(role="hard")
    people["easy0"] = Person(role="easy", since="2026-02-20")
    table = score(log, card(), roles=Roles(people, "roles.csv"))
    said = " | ".join(str(f) for f in table.findings)
    assert "names no role for easy7" in said
    assert "without a contact in 2026-03: Ghost" in said
    assert "less than four weeks on 2026-03-01: easy0" in said
    assert table.unit("easy7").rank_interval is None
    assert table.unit("easy0").tier == "newcomer"
