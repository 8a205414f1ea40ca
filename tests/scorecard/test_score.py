"""Scores of small desks, worked by hand, and laws that every score keeps."""

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.metrics.evaluate import evaluate
from svcsim.scorecard.kpi import Kpi
from svcsim.scorecard.labels import BANDS, FLAGS, STATUS
from svcsim.scorecard.remarks import _kpi_findings
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard
from svcsim.scorecard.table import ScoreTable

DeskMaker = Callable[..., ContactLog]
DAY = 86400.0
MARCH = pd.Timestamp("2026-03-01", tz="Asia/Shanghai").timestamp()

CSAT = Kpi(metric="csat_top2", weight=1.0, target=0.85, floor=0.75, stretch=0.95)
ONE = Scorecard(name="one", kpis=(CSAT,))


def answers(good: int, of: int) -> list[float]:
    return [5.0] * good + [2.0] * (of - good)


def two_kpis(**changes: object) -> Scorecard:
    speed = Kpi(metric="frt", weight=0.4, target=1200.0, floor=2400.0, stretch=600.0)
    return Scorecard(name="two", kpis=(speed, CSAT.model_copy(update={"weight": 0.6, **changes})))


def said(table: ScoreTable) -> str:
    return "\n".join(str(finding) for finding in table.findings)


# --- by hand ---------------------------------------------------------------------------------


def test_the_desk_is_scored_on_what_was_measured(desk: DeskMaker) -> None:
    table = score(desk({"a": answers(16, 20), "b": answers(16, 20)}), two_kpis())
    unit = table.unit("desk")
    speed, csat = unit.metrics
    assert (speed.value, speed.points, speed.status) == (600.0, 100.0, "met")
    assert (csat.value, csat.n, csat.status) == (0.8, 40, "not met")
    assert csat.points == pytest.approx(40.0)
    assert unit.score == pytest.approx(0.4 * 100 + 0.6 * 40)
    assert unit.weight_scored == 1.0
    assert unit.lower <= unit.score <= unit.upper
    assert unit.contacts == 40


def test_the_desk_equals_the_common_metric_code(unequal_agents: ContactLog) -> None:
    table = score(unequal_agents, ONE, "2026-03")
    row = evaluate(unequal_agents, "csat_top2", period="month").iloc[0]
    csat = table.unit("desk").metrics[0]
    assert (csat.value, csat.n) == (row["value"], row["n"])
    assert (csat.lower, csat.upper) == (row["lower"], row["upper"])


def test_teams_are_scored_beside_the_desk(desk: DeskMaker) -> None:
    log = desk({"a": answers(19, 20), "b": answers(15, 20)}, team={"a": "north", "b": "south"})
    table = score(log, Scorecard(name="one", kpis=(CSAT.model_copy(update={"min_n": 20}),)))
    values = {u.unit: u.metrics[0].value for u in table.units if u.kind == "team"}
    assert values == {"north": 0.95, "south": 0.75}
    used = {u.unit: u.metrics[0].used_value for u in table.units if u.kind == "team"}
    assert used == pytest.approx(values)  # both handle the same kind of contact
    assert table.unit("a").team == "north"
    assert [unit.kind for unit in table.units] == ["desk", "team", "team", "agent", "agent"]


def test_agents_stand_by_name_and_never_by_rank(unequal_agents: ContactLog) -> None:
    names = [unit.unit for unit in score(unequal_agents, ONE).units if unit.kind == "agent"]
    assert names == sorted(names)


def test_tickets_behind_a_number(desk: DeskMaker) -> None:
    table = score(desk({"a": [5, None, 2], "b": [4, 4, None]}), ONE)
    assert table.tickets("a", "csat_top2") == ["a-0", "a-2"]
    assert table.tickets("desk", "csat_top2") == ["a-0", "a-2", "b-0", "b-1"]
    with pytest.raises(InputError, match="'c' was not scored"):
        table.tickets("c", "csat_top2")
    with pytest.raises(InputError, match="not in the card.*Did you mean csat_top2"):
        table.tickets("a", "csat_top")


def test_every_number_has_its_tickets(unequal_agents: ContactLog) -> None:
    table = score(unequal_agents, two_kpis(), "2026-03")
    for unit in table.units:
        for kpi in unit.metrics:
            assert len(table.tickets(unit.unit, kpi.metric, unit.kind)) == kpi.n


# --- which contacts count -----------------------------------------------------------------------


def contact(ticket: str, opened: float, **more: object) -> dict[str, object]:
    return {
        "ticket_id": ticket,
        "agent": "a",
        "opened_s": opened,
        "resolved_s": opened + 600,
        **more,
    }


def test_a_repeat_after_the_period_still_counts_against_it() -> None:
    rows = [
        contact("1", MARCH + 30 * DAY, case_id="x", contact_no=1),
        contact("2", MARCH + 33 * DAY, case_id="x", contact_no=2),
        contact("3", MARCH + 10 * DAY, case_id="y", contact_no=1),
    ]
    log = make_log(
        rows, start=MARCH, end=MARCH + 60 * DAY, observed_until=MARCH + 60 * DAY,
        timezone="Asia/Shanghai",
    )  # fmt: skip
    card = Scorecard(name="fcr", kpis=(Kpi(metric="fcr_window(7d)", weight=1.0, target=0.8),))
    fcr = score(log, card, "2026-03").unit("desk").metrics[0]
    assert (fcr.value, fcr.n) == (0.5, 2)


def test_a_period_that_was_not_followed_up_is_immature() -> None:
    rows = [
        contact(str(i), MARCH + i * DAY, case_id=str(i // 2), contact_no=1 + i % 2)
        for i in range(31)
    ]
    log = make_log(
        rows, start=MARCH, end=MARCH + 31 * DAY, observed_until=MARCH + 31 * DAY,
        timezone="Asia/Shanghai",
    )  # fmt: skip
    card = Scorecard(name="fcr", kpis=(Kpi(metric="fcr_window(7d)", weight=1.0, target=0.8),))
    table = score(log, card, "2026-03")
    assert table.unit("desk").metrics[0].status == "immature"
    assert table.unit("desk").metrics[0].met is False
    assert table.kpis[0].followed_up == pytest.approx(24 / 31)
    assert "provisional" in said(table)
    later = score(replace(log, observed_until=MARCH + 40 * DAY), card, "2026-03")
    assert later.unit("desk").metrics[0].status == "too few"


def test_a_quarterly_kpi_takes_the_quarter_that_ends_with_the_month(desk: DeskMaker) -> None:
    january = MARCH - 59 * DAY
    log = desk({"a": answers(80, 89)}, start=january, end=MARCH + 31 * DAY)
    table = score(log, two_kpis(period="quarter"), "2026-03")
    speed, csat = table.unit("desk").metrics
    assert csat.n == 89
    assert speed.n < 40
    assert table.kpis[1].question.period.start == january


def test_a_quarter_cut_at_the_start_of_the_log_is_said(desk: DeskMaker) -> None:
    log = desk({"a": answers(40, 50)})
    table = score(log, two_kpis(period="quarter"), "2026-03")
    assert table.kpis[1].question.period.start == log.start
    assert "the quarter is cut at the start of the log" in said(table)


def test_the_stage_in_force_is_asked(desk: DeskMaker) -> None:
    stages = {"2026-01-01": 0.70, "2026-03-15": 0.75, "2026-04-01": 0.90}
    card = Scorecard(name="s", kpis=(Kpi(metric="csat_top2", weight=1.0, stages=stages),))
    table = score(desk({"a": answers(16, 20)}), card, "2026-03")
    assert table.unit("desk").metrics[0].target == 0.75
    early = Kpi(metric="csat_top2", weight=1.0, stages={"2026-04-01": 0.9})
    table = score(desk({"a": answers(16, 20)}), Scorecard(name="s", kpis=(early,)), "2026-03")
    assert table.unit("desk").metrics[0].target == 0.9
    assert "in force from 2026-04-01" in said(table)


@pytest.mark.parametrize(
    ("period", "says"),
    [("2026-05", "outside the log"), ("2026-13", "is not a period"), ("last month", "2026-Q1")],
)
def test_periods_that_cannot_be_scored(desk: DeskMaker, period: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        score(desk({"a": answers(5, 6)}), ONE, period)


def test_a_partly_covered_period_is_scored_and_said(desk: DeskMaker) -> None:
    table = score(desk({"a": answers(30, 40)}), ONE, "2026-Q1")
    assert "lies only partly in the log" in said(table)


def test_kinds_and_replications_that_cannot_be_scored(desk: DeskMaker) -> None:
    log = desk({"a": answers(5, 6)})
    with pytest.raises(InputError, match="'agents' is no kind.*Did you mean agent"):
        score(log, ONE, by=("agents",))
    frame = log.frame.assign(replication=[1.0, 1, 1, 2, 2, 2])
    with pytest.raises(InputError, match="2 replications"):
        score(replace(log, frame=frame), ONE)


# --- missing and thin data ------------------------------------------------------------------------


def test_a_kpi_without_its_data_is_left_out_and_said(desk: DeskMaker) -> None:
    log = desk({"a": [None] * 30, "b": [None] * 30})
    unit = (table := score(log, two_kpis())).unit("desk")
    assert unit.metrics[1].status == "no data"
    assert unit.metrics[1].met is None
    assert math.isnan(unit.metrics[1].points)
    assert unit.weight_scored == pytest.approx(0.4)
    assert unit.score == 100.0
    assert "60% of the weight cannot be scored" in said(table)
    assert {flag.kind for flag in unit.flags} == {"left out"}


def test_an_agent_without_surveys_gets_the_mean_of_all_not_a_free_ride(desk: DeskMaker) -> None:
    log = desk({f"a{i}": answers(40 + i, 60) for i in range(6)} | {"quiet": [None] * 60})
    table = score(log, two_kpis())
    quiet = table.unit("quiet")
    csat = quiet.metrics[1]
    mean = sum(40 + i for i in range(6)) / 360
    assert csat.status == "no data"
    assert csat.basis == "mean of all agents"
    assert csat.used_value == pytest.approx(mean, abs=0.01)
    assert quiet.weight_scored == pytest.approx(0.4)
    others = [u.metrics[1].points for u in table.units if u.kind == "agent" and u is not quiet]
    assert min(others) <= csat.points <= max(others)
    assert quiet.score == pytest.approx(0.4 * quiet.metrics[0].points + 0.6 * csat.points)


def test_a_desk_without_answers_this_month_keeps_their_weight(desk: DeskMaker) -> None:
    log = desk({"a": answers(40, 40) + [None] * 80}, end=MARCH + 92 * DAY)
    unit = score(log, two_kpis(), "2026-05").unit("desk")
    speed, csat = unit.metrics
    assert (csat.status, csat.basis, csat.points) == ("no data", "on target", 80.0)
    assert unit.weight_scored == pytest.approx(0.4)
    assert unit.score == pytest.approx(0.4 * speed.points + 0.6 * 80.0)
    assert unit.score_as_measured == pytest.approx(speed.points)


def test_few_contacts_are_too_few_to_judge(desk: DeskMaker) -> None:
    table = score(desk({f"a{i}": answers(8, 10) for i in range(4)}), ONE)
    assert {u.metrics[0].status for u in table.units if u.kind == "agent"} == {"too few"}
    assert all("thin" in {f.kind for f in u.flags} for u in table.units if u.kind == "agent")
    short = Scorecard(name="s", kpis=(CSAT.model_copy(update={"min_n": 10}),))
    table = score(desk({f"a{i}": answers(8, 10) for i in range(4)}), short)
    assert {u.metrics[0].status for u in table.units if u.kind == "agent"} == {"not met"}


def test_scope_says_who_is_asked(desk: DeskMaker) -> None:
    log = desk({f"a{i}": answers(40, 50) for i in range(4)})
    table = score(log, two_kpis(scope="team"))
    agent = table.unit("a0")
    assert [kpi.metric for kpi in agent.metrics] == ["frt"]
    # 40 % of the card is another card: the KPI is shown, but there is no score, band or rank of it.
    assert math.isnan(agent.score)
    assert agent.rank_interval is None
    assert agent.weight_scored == pytest.approx(0.4)
    assert len(table.unit("desk").metrics) == 2
    assert "60% of the weight is asked of the team only" in said(table)
    speed = two_kpis().kpis[0].model_copy(update={"weight": 0.6})
    rest = CSAT.model_copy(update={"weight": 0.4, "scope": "team"})
    most = score(log, Scorecard(name="most", kpis=(speed, rest))).unit("a0")
    assert most.score == pytest.approx(most.metrics[0].points)
    only = score(log, Scorecard(name="t", kpis=(CSAT.model_copy(update={"scope": "team"}),)))
    assert {unit.kind for unit in only.units} == {"desk"}


def test_a_log_without_agents_scores_the_desk(desk: DeskMaker) -> None:
    log = desk({"a": answers(30, 40)})
    nameless = log.frame.assign(agent=pd.Series([None] * len(log), dtype="str"))
    table = score(replace(log, frame=nameless), ONE)
    assert [unit.kind for unit in table.units] == ["desk"]


# --- luck and fairness ----------------------------------------------------------------------------


def test_equal_agents_get_wide_ranks_and_no_bands(equal_agents: ContactLog) -> None:
    table = score(equal_agents, ONE)
    agents = [unit for unit in table.units if unit.kind == "agent"]
    widths = [high - low + 1 for low, high in (u.rank_interval for u in agents)]
    assert min(widths) >= 7
    assert {unit.band for unit in agents} == {"typical"}
    assert table.score_reliability < 0.5
    assert "mostly luck" in said(table)


def test_a_really_different_agent_is_found(unequal_agents: ContactLog) -> None:
    wide = CSAT.model_copy(update={"floor": 0.3, "stretch": 1.0})
    table = score(unequal_agents, Scorecard(name="wide", kpis=(wide,)))
    bad, good = table.unit("bad"), table.unit("good")
    assert (bad.band, bad.rank_interval) == ("support", (12, 12))
    assert (good.band, good.peers) == ("top", 12)
    assert bad.p_on_target < 0.01 < 0.9 < good.p_on_target
    assert table.score_reliability > 0.6


def test_agents_points_come_from_the_shrunk_value(equal_agents: ContactLog) -> None:
    table = score(equal_agents, ONE)
    raw = [u.metrics[0].value for u in table.units if u.kind == "agent"]
    used = [u.metrics[0].used_value for u in table.units if u.kind == "agent"]
    assert np.std(used) < 0.6 * np.std(raw)
    for unit in table.units[1:]:
        kpi = unit.metrics[0]
        assert "shrunk" in kpi.basis
        assert kpi.points == pytest.approx(table.kpis[0].curve.points(kpi.used_value))


def test_noisy_kpis_are_for_the_team_only(equal_agents: ContactLog) -> None:
    table = score(equal_agents, ONE)
    assert table.kpis[0].reliability < 0.4
    assert table.kpis[0].contacts_for_pay > 60
    kinds = {flag.kind for unit in table.units if unit.kind == "agent" for flag in unit.flags}
    assert "noisy" in kinds
    assert "judge the team by it" in said(table)


def test_absurd_numbers_of_contacts_are_said_in_words(equal_agents: ContactLog) -> None:
    table = score(equal_agents, ONE)
    hopeless = replace(table.kpis[0], contacts_for_pay=162_344_194_204.0)
    (found,) = [
        f for f in _kpi_findings(equal_agents, ONE, table.period, hopeless) if "between" in f.found
    ]
    assert "it would take more than any team has" in found.expected
    assert "162" not in f"{found.expected} {found.zh}"


def test_agents_with_hard_contacts_are_not_punished_for_them(desk: DeskMaker) -> None:
    rng = np.random.default_rng(21)
    hard = {f"a{i}": 0.1 + 0.8 * i / 7 for i in range(8)}
    kinds = {name: rng.random(300) < share for name, share in hard.items()}
    log = desk(
        {
            name: list(np.where(rng.random(300) < np.where(is_hard, 0.6, 0.95), 5, 2))
            for name, is_hard in kinds.items()
        },
        category=lambda name, i: "hard" if kinds[name][i] else "easy",
    )
    agents = [u.metrics[0] for u in score(log, ONE).units if u.kind == "agent"]
    value, adjusted = ([getattr(k, n) for k in agents] for n in ("value", "adjusted_value"))
    assert value[0] - value[-1] > 0.2
    assert abs(adjusted[0] - adjusted[-1]) < 0.12  # standard error of one: .04
    assert all("adjusted" in kpi.basis for kpi in agents)
    assert np.ptp([kpi.points for kpi in agents]) < 45


def test_handlings_under_10_s_are_flagged(desk: DeskMaker) -> None:
    log = desk({f"a{i}": answers(80, 100) for i in range(8)}, handle_s=120.0)
    is_short = (log.frame["agent"] == "a3") & (np.arange(len(log)) % 5 == 0)
    log = replace(log, frame=log.frame.assign(handle_s=np.where(is_short, 4.0, 120.0)))
    flagged = {
        unit.unit
        for unit in score(log, ONE).units
        if any(flag.kind == "short handlings" for flag in unit.flags)
    }
    assert flagged == {"a3"}


def test_a_curve_that_tells_nobody_apart_is_said(desk: DeskMaker) -> None:
    log = desk({f"a{i}": answers(20 + i, 50) for i in range(5)})
    assert "100% of the agents have 0 points" in said(score(log, ONE))


# --- laws and files -------------------------------------------------------------------------------


def test_the_order_of_rows_does_not_matter(unequal_agents: ContactLog) -> None:
    shuffled = unequal_agents.frame.sample(frac=1, random_state=1).reset_index(drop=True)
    other = replace(unequal_agents, frame=shuffled)
    one, two = (score(log, two_kpis()).to_json_dict() for log in (unequal_agents, other))
    assert one == two


def test_scores_lie_in_their_intervals_and_on_the_scale(unequal_agents: ContactLog) -> None:
    for unit in score(unequal_agents, two_kpis()).units:
        assert 0 <= unit.lower <= unit.score + 1e-9
        assert unit.score <= unit.upper + 1e-9
        assert unit.upper <= 100
        assert unit.score == pytest.approx(sum(k.weight * k.points for k in unit.metrics))


def test_scores_json_is_plain_complete_and_finite(unequal_agents: ContactLog) -> None:
    plain = score(unequal_agents, two_kpis()).to_json_dict()
    text = json.dumps(plain, allow_nan=False)
    assert json.loads(text) == plain
    assert plain["schema_version"] == 1
    unit = plain["units"][-1]
    assert {"score", "lower", "upper", "band", "rank_interval", "metrics", "flags"} <= set(unit)
    assert {
        "value", "n", "target", "points", "weight", "reliability", "adjusted_value", "status",
    } <= set(unit["metrics"][0])  # fmt: skip
    assert {u["band"] for u in plain["units"]} <= {"", *BANDS}
    assert {k["status"] for u in plain["units"] for k in u["metrics"]} <= set(STATUS)
    assert {f["kind"] for u in plain["units"] for f in u["flags"]} <= set(FLAGS)
    assert all(finding["zh"] for finding in plain["findings"])


def test_scores_csv_has_one_row_a_unit_and_kpi(unequal_agents: ContactLog) -> None:
    frame = score(unequal_agents, two_kpis()).to_frame()
    assert len(frame) == 13 * 2
    assert not frame.duplicated(["kind", "unit", "metric"]).any()
    row = frame[(frame["unit"] == "bad") & (frame["metric"] == "csat_top2")].iloc[0]
    assert row["value_lower"] < row["value"] < row["value_upper"]
