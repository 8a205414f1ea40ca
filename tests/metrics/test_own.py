"""Own metrics: equal to the catalogue's where they say the same, strict, and of one file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.metrics.catalogue import get_metric
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.own import OwnMetrics, read_own_metrics
from svcsim.metrics.own_asked import texts_not_there
from svcsim.metrics.support import why_not
from svcsim.metrics.vocabulary import markdown
from svcsim.scorecard.measure import Question, followed_up
from svcsim.scorecard.period import Period
from svcsim.scorecard.score import score
from svcsim.scorecard.scorecard import Scorecard

Write = Callable[[str], Path]
PLAIN = {"better": "none", "family": "quality"}
TWINS: dict[str, dict[str, object]] = {
    "volume": {"kind": "count"},
    "frt": {"kind": "mean", "among": "kept", "value": "first_response_s - opened_s"},
    "frt_within(10min)": {
        "kind": "share", "counts": "first_response_s - opened_s <= 10min", "wait": "10min",
        "queue": True,
    },
    "frt_p90": {
        "kind": "quantile", "p": "90%", "among": "kept and (responded or not resolved)",
        "value": "if responded then first_response_s - opened_s else observed_until - opened_s",
        "observed": "responded",
    },
    "aht": {
        "kind": "mean", "among": "handled", "value": "handle_s",
        "dated_by": ["resolved_s", "closed_s", "opened_s"],
    },
    "aht_log_sd": {
        "kind": "spread", "among": "handled and handle_s >= 10s", "value": "log(handle_s)",
        "unit": "log", "dated_by": ["resolved_s", "closed_s", "opened_s"],
    },
    "csat_top2": {
        "kind": "share", "among": "csat is known", "counts": "csat >= 4",
        "dated_by": ["survey_s", "resolved_s"],
    },
    "repeat(7d)": {
        "kind": "share", "among": "timed and resolved_s + 7d < openings_until",
        "counts": "next_contact_gap_s <= 7d", "dated_by": "resolved_s",
    },
    "no_transfer": {
        "kind": "share", "among": "resolved and transfers is known", "counts": "transfers == 0",
        "dated_by": "resolved_s",
    },
    "hold": {
        "kind": "mean", "among": "handled", "value": "hold_s",
        "dated_by": ["resolved_s", "closed_s", "opened_s"],
    },
    "patience_mean": {
        "kind": "ratio_of_sums", "dated_by": "queued_s",
        "denominator": "if abandoned then 1 else 0",
        "among": "(waited or waiting) and (abandoned or (if waited then wait_s else"
        " observed_until - queued_s) > 0s)",
        "numerator": "if waited then wait_s else observed_until - queued_s",
    },
    "still_waiting(60s)": {
        "kind": "survival", "at": "60s", "event": "abandoned", "dated_by": "queued_s",
        "among": "(waited or waiting) and (abandoned or observed_until - queued_s > 0s and"
        " (wait_s is missing or wait_s > 0))",
        "time": "if waited then wait_s else observed_until - queued_s",
    },
    "agents": {
        "kind": "distinct", "of": "agent", "among": "resolved", "dated_by": "resolved_s",
    },
    "throughput": {
        "kind": "per_distinct", "of": "agent_day", "among": "resolved and agent is known",
        "dated_by": "resolved_s", "unit": "per day",
    },
    "frt_open": {"kind": "mean", "among": "kept and responded", "value": "open_response_s"},
}  # fmt: skip
"""Metric of the catalogue -> how one would write it oneself."""


def own(**metrics: dict[str, object]) -> OwnMetrics:
    rows = [{"id": name, **PLAIN, **keys} for name, keys in metrics.items()]
    return OwnMetrics.from_data({"metrics": rows}, "own.yaml")


@pytest.mark.parametrize("twin", TWINS)
def test_written_oneself_a_metric_of_the_catalogue_gives_the_same(
    twin: str, log: ContactLog
) -> None:
    mine = own(mine=TWINS[twin]).get("mine")
    theirs = get_metric(twin)
    for by, period in (((), None), (("team", "category"), "week")):
        parts = [evaluate(log, metric, by, period) for metric in (mine, theirs)]
        pd.testing.assert_frame_equal(*(part.drop(columns="metric") for part in parts))
    assert parts[0]["n"].sum() > 0


def test_what_a_metric_needs_follows_from_its_formulas(log: ContactLog) -> None:
    metric = own(a={"kind": "count", "among": "nps > 8 and next_contact_gap_s < 1h"}).get("a")
    assert metric.needs == ("nps", "case_id", "resolved_s")
    poor = make_log([{"ticket_id": "1", "opened_s": 0.0, "resolved_s": 5.0}])
    assert why_not(poor, metric) == "the log has no nps"


def test_facts_can_be_used_as_columns(log: ContactLog) -> None:
    mine = own(
        evening={"kind": "count", "among": "opened_hour >= 18"},
        again={"kind": "count", "among": "resolved and same_problem_gap_s <= 7d"},
        hard={"kind": "mean", "value": "difficulty_index", "unit": "points"},
        warned={"kind": "count", "among": "since_alert_s < 2d"},
    )
    local = pd.to_datetime(log.frame["opened_s"], unit="s", utc=True).dt.tz_convert(log.timezone)
    counted = evaluate(log, mine.get("evening")).iloc[0]["value"]
    assert counted == (local.dt.hour >= 18).sum()
    for metric in mine.listed():
        assert why_not(log, metric) == ""
        assert evaluate(log, metric).iloc[0]["n"] > 0


def test_a_contact_whose_value_is_missing_does_not_count() -> None:
    rows = [
        {"ticket_id": str(i), "opened_s": 0.0, "csat": csat, "transfers": transfers}
        for i, (csat, transfers) in enumerate([(4, 2), (None, 1), (5, 0), (3, 1)])
    ]
    metric = own(a={"kind": "mean", "value": "csat / transfers", "unit": "score"}).get("a")
    row = evaluate(make_log(rows), metric).iloc[0]
    assert (row["value"], row["n"]) == (2.5, 2)  # without csat, and divided by 0, are left out


def test_a_verdict_only_once_the_wait_is_over() -> None:
    rows = [{"ticket_id": str(i), "opened_s": float(at)} for i, at in enumerate([0, 399, 400, 700])]
    metric = own(a={"kind": "share", "counts": "responded", "wait": "10min"}).get("a")
    rows[0]["first_response_s"] = 5.0
    row = evaluate(make_log(rows, observed_until=1000.0), metric).iloc[0]
    assert (row["value"], row["n"]) == (0.5, 2)
    log = make_log(rows, start=0.0, end=1000.0, observed_until=1000.0)
    assert followed_up(log, Question(metric, Period("now", 0.0, 1000.0))) == pytest.approx(0.4)


def test_equal_rules_have_equal_hashes_whatever_they_are_called() -> None:
    rule = {"kind": "share", "among": "csat is known", "counts": "csat>=4"}
    mine = own(
        a=rule, b={**rule, "counts": "( csat >= 4.0 )", "en": "Happy", "better": "higher"},
        c={**rule, "counts": "csat >= 3"}, d={**rule, "dated_by": "survey_s"},
        e={**rule, "wait": "1h"},
    )  # fmt: skip
    a, b, *others = (metric.definition for metric in mine.listed())
    assert a == b
    assert len({a, *others}) == 4


def test_a_parameter_is_a_duration_in_the_call() -> None:
    mine = own(
        **{
            "fast(limit)": {
                "kind": "share", "counts": "wait_s <= limit", "wait": "limit", "usual": "60s",
                "en": "Fast: {limit}", "zh": "{limit}接通",
            }
        }
    )  # fmt: skip
    one, other = mine.get("fast(2min)"), mine.get("fast( 120s )")
    assert one.id == "fast(2min)"
    assert (one.en, one.zh) == ("Fast: 2min", "2 分钟接通")
    assert one.definition == other.definition != mine.listed()[0].definition
    assert mine.get("fast(2min)") is one
    assert [metric.id for metric in mine.listed()] == ["fast(60s)"]
    for call, told in (
        ("fast", "needs a duration; write for example fast(60s)"),
        ("fast(5)", "has no unit"),
        ("fast(0s)", "above 0"),
        ("fas(5s)", "Did you mean fast"),
        ("ahtt", "Did you mean aht"),
    ):
        with pytest.raises(InputError) as caught:
            mine.get(call)
        assert told in str(caught.value)


def test_own_metrics_belong_to_their_file() -> None:
    first = own(mine={"kind": "count", "among": "resolved"})
    second = own(mine={"kind": "count", "among": "abandoned"})
    assert first.get("mine").definition != second.get("mine").definition
    assert first.get("aht") is get_metric("aht")
    with pytest.raises(InputError, match="not a known metric"):
        get_metric("mine")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file of own metrics."""

    def written(text: str) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def one(kind: str, *lines: str, name: str = "a") -> str:
    keys = [f"id: {name}", f"kind: {kind}", "better: none", "family: quality", *lines]
    return "metrics:\n  - " + "\n    ".join(keys) + "\n"


BROKEN = {
    "": "the file is empty",
    "- id: a\n": "own.yaml:1  found a list",
    "metric: []\n": "Did you mean metrics?",
    "metrics: []\n": "needs at least one metric",
    one("shares", "counts: resolved"): "Did you mean share?",
    one("count", "amung: resolved"): "own.yaml:6  metrics (entry 1).amung is not a known key",
    one("count", name="aht"): "own.yaml:2  metrics (entry 1).id: 'aht' is a metric of the cata",
    one("count", name="a-b"): "'a-b' is no name",
    one("count", "wait: is", name="a(is)"): "is has a meaning in formulas",
    one("count", name="a(limit)"): "the parameter limit is not used",
    one("count", "wait: limit", name="a(limit)"): "a(limit) needs usual",
    one("count", "usual: 5min"): "write id: a(limit)",
    one("share"): "own.yaml:3  metrics (entry 1).kind: 'share': it needs counts",
    one("count", "value: csat"): "it has no value, only among",
    one("quantile", "value: wait_s", "p: 90"): "'90' is not between 0% and 100%",
    one("count", "among: true"): "'True' is no formula",
    one("mean", "value: csat"): "unit is missing; expected one of count, score",
    one("mean", "value: wait_s", "unit: share"): "unit share does not fit",
    one("mean", "value: opened_s"): "take a difference of instants",
    one("ratio_of_sums", "numerator: handlings", "denominator: handle_s"): "for a rate an hour",
    one("survival", "time: csat", "event: abandoned", "at: 1min"): "expected a duration",
    one("distinct", "of: agnt"): "Did you mean agent",
    one("count", "dated_by: [opned_s]"): "Did you mean opened_s",
    one("count", "wait: 10"): "'10' has no unit",
    one("count", "among: >", "  csat > 3", "  and segmnt == 'a'"): "Did you mean segment",
    one("count") + one("count").partition("\n")[2]: "a stands twice",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_told_by_line(text: str, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        read_own_metrics(write(text))
    assert BROKEN[text] in str(caught.value)
    assert len(caught.value.findings) <= 2


def test_every_mistake_of_a_file_is_told_at_once(write: Write) -> None:
    first = one("share", "among: segmnt == 'x'", "counts: csat >= 85%", "wait: 3")
    second = one("count", "among: opend_s >", name="b").partition("\n")[2]
    with pytest.raises(InputError) as caught:
        read_own_metrics(write(first + second))
    lines = [finding.where.rpartition(":")[2] for finding in caught.value.findings]
    assert lines == ["6", "7", "8", "13"]


EXAMPLE = "scenarios/metrics/own-metrics.yaml"


def test_the_example_is_measured_listed_and_named(
    log: ContactLog, tmp_path: Path, repo_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.to_parquet(tmp_path / "desk.parquet")
    given = ["--own-metrics", str(repo_root / EXAMPLE), "--json"]
    assert run(["measure", str(tmp_path / "desk.parquet"), *given]) == 0
    result = json.loads(capsys.readouterr().out)
    measured = {metric["id"] for metric in result["metrics"]}
    assert {"own_time_p90", "quiet_agents", "aht", "hold_share_of_talk"} <= measured
    assert run(["list", "metrics", "own_time", *given]) == 0
    (row,) = json.loads(capsys.readouterr().out)["metrics"]
    assert row["formula"]["en"].startswith("Quantile 90% of resolved_s - opened_s - pending_s")
    assert "分位数" in row["formula"]["zh"]
    assert run(["list", "metrics", "own_time", "--json"]) == 2


@pytest.mark.parametrize(
    ("kind", "key"), [("metrics", "metrics"), ("hours", "schedules"), ("scorecard", "own_metrics")]
)
def test_editors_get_a_schema(kind: str, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind, "--json"]) == 0
    schema = json.loads(capsys.readouterr().out)["schema"]
    assert key in schema["properties"]
    assert schema["additionalProperties"] is False


def test_wrong_use_is_exit_2(
    log: ContactLog, tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    file, desk = write(one("count", "among: csat >")), str(tmp_path / "desk.parquet")
    log.to_parquet(desk)
    for argv, told in (
        (["measure", desk, "--own-metrics", str(file)], "own.yaml:6"),
        (["measure", desk, "--own-metrics", str(tmp_path / "owm.yaml")], "Did you mean own.yaml"),
        (["list", "columns", "--own-metrics", str(file)], "belongs to list metrics"),
    ):
        assert run(argv) == 2
        assert told in capsys.readouterr().err


def test_a_text_that_no_contact_has_is_said(log: ContactLog) -> None:
    metric = own(a={"kind": "count", "among": 'category in ["bill", "fualt"]'}).get("a")
    (finding,) = texts_not_there(log, [metric, get_metric("aht")])
    assert "fualt" in finding.found
    assert finding.mend == "Did you mean fault?"


def test_a_card_scores_own_metrics_of_the_file_it_names(log: ContactLog, write: Write) -> None:
    text = one("share", "among: csat is known", "counts: csat >= 4", name="happy")
    folder = write(text.replace("better: none", "better: higher")).parent
    card = folder / "card.yaml"
    lines = ["name: own", "own_metrics: own.yaml", "period: month", "kpis:"]
    kpis = ["happy, weight: 50%, target: 40%", "aht, weight: 50%, target: 5min"]
    card.write_text("\n".join([*lines, *(f"  - {{metric: {kpi}}}" for kpi in kpis)]))
    read = Scorecard.from_yaml(card)
    assert (
        read.kpis[0].kind.definition
        == read_own_metrics(folder / "own.yaml").get("happy").definition
    )
    table = score(log, read, "2024-03").to_json_dict()
    assert table["units"][0]["metrics"][0]["value"] is not None
    told = [kpi["definition"] for kpi in table["kpis"]]
    assert told == [read.kpis[0].kind.definition, get_metric("aht").definition]


def test_a_card_without_the_file_does_not_know_its_metrics(write: Write) -> None:
    folder = write(one("count", name="mine")).parent
    card = folder / "card.yaml"
    kpi = "kpis:\n  - {metric: mine, weight: 100%, target: 5, direction: higher}\n"
    card.write_text("name: a\n" + kpi)
    with pytest.raises(InputError, match="'mine' is not a known metric"):
        Scorecard.from_yaml(card)
    card.write_text("name: a\nown_metrics: own.yaml\n" + kpi)
    assert Scorecard.from_yaml(card).to_data()["own_metrics"] == "own.yaml"
    card.write_text("name: a\nown_metrics: owns.yaml\n" + kpi)
    with pytest.raises(InputError, match=r"no such file; Did you mean own\.yaml"):
        Scorecard.from_yaml(card)


def test_the_page_holds_the_table_of_names(repo_root: Path) -> None:
    assert markdown() in (repo_root / "docs" / "own-metrics.md").read_text(encoding="utf-8")
