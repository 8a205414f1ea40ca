"""The KpiTable: shape, periods, windows, context, integrals over time, the road through CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog, make_log
from svcsim.errors import InputError
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.facts import with_facts
from svcsim.metrics.periods import Periods

IDS = [metric.id for metric in list_metrics(others=True)]
Build = Callable[..., ContactLog]
UNTIL = 2_000_000_000.0


def at(text: str, zone: str = "UTC") -> float:
    return pd.Timestamp(text, tz=zone).timestamp()


def value(table: pd.DataFrame) -> float:
    assert len(table) == 1
    return float(table["value"].iloc[0])


def test_shape_of_the_table(log: ContactLog) -> None:
    table = evaluate(log, ["volume", "frt_p90"], by=("team", "category"), period="month")
    assert list(table) == [
        "scenario", "replication", "period", "team", "category", "metric", "value", "n",
        "lower", "upper", "unit",
    ]  # fmt: skip
    assert len(table) == 2 * 3 * 2 * 2
    assert table["scenario"].unique().tolist() == ["history"]
    assert table["period"].unique().tolist() == ["2024-03", "2024-04"]
    assert table["n"].dtype == np.int64
    simulated = replace(log, origin="simulated", name="more staff")
    assert evaluate(simulated, "volume")["scenario"].iloc[0] == "more staff"
    assert evaluate(log, "volume")["period"].iloc[0] == "all"


def test_a_share_is_a_ratio_of_sums_not_a_mean_of_ratios() -> None:
    """Two days: 9 of 10 and 70 of 80 within the limit: .878, not .889."""
    rows = []
    for day, (met, n) in enumerate([(9, 10), (70, 80)]):
        for i in range(n):
            opened = at(f"2024-01-0{day + 1} 09:00") + i
            rows.append(
                {
                    "ticket_id": f"{day}-{i}",
                    "opened_s": opened,
                    "first_response_s": opened + (60 if i < met else 3600),
                }
            )
    log = make_log(rows, observed_until=UNTIL)
    assert value(evaluate(log, "frt_within(10min)")) == pytest.approx(79 / 90)
    days = evaluate(log, "frt_within(10min)", period="day")["value"]
    assert days.mean() == pytest.approx(0.8875)


def test_midnight_belongs_to_the_day_that_begins_in_local_time() -> None:
    zone = "Asia/Shanghai"
    stamps = ["2024-01-31 23:59:59", "2024-02-01 00:00:00", "2024-02-29 23:59:59"]
    rows = [{"ticket_id": s, "opened_s": at(s, zone)} for s in stamps]
    log = make_log(rows, timezone=zone, observed_until=UNTIL)
    table = evaluate(log, "volume", period="month")
    assert table[["period", "value"]].to_numpy().tolist() == [["2024-01", 1.0], ["2024-02", 2.0]]
    utc = evaluate(replace(log, timezone="UTC"), "volume", period="month")
    assert utc["value"].tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("week", ["2024-W52", "2025-W01"]),
        ("quarter", ["2024-Q4", "2025-Q1"]),
        ("day", ["2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"]),
    ],
)
def test_period_labels(period: str, labels: list[str]) -> None:
    stamps = ["2024-12-29 12:00", "2025-01-02 12:00"]
    rows = [{"ticket_id": s, "opened_s": at(s)} for s in stamps]
    table = evaluate(make_log(rows, observed_until=UNTIL), "volume", period=period)
    assert table["period"].tolist() == labels
    assert table["n"].tolist() == [1, *[0] * (len(labels) - 2), 1]


def test_days_of_23_and_25_hours_are_days() -> None:
    zone = "Europe/Berlin"
    log = make_log(
        [{"ticket_id": "a", "opened_s": at("2024-03-30 00:00", zone)}],
        start=at("2024-03-30", zone), end=at("2024-04-02", zone), observed_until=UNTIL,
        timezone=zone,
    )  # fmt: skip
    table = evaluate(log, "backlog", period="day")
    assert table["period"].tolist() == ["2024-03-30", "2024-03-31", "2024-04-01"]
    assert table["value"].tolist() == pytest.approx([1, 1, 1])


def test_a_midnight_that_the_clock_skips_still_begins_the_day() -> None:
    zone = "Africa/Cairo"  # 2024-04-26 begins at 01:00
    stamps = ["2024-04-25 23:59:59", "2024-04-26 01:00:00"]
    rows = [{"ticket_id": s, "opened_s": at(s, zone)} for s in stamps]
    table = evaluate(make_log(rows, timezone=zone, observed_until=UNTIL), "volume", period="day")
    assert table["value"].tolist() == [1, 1]


def test_periods_of_any_length(log: ContactLog) -> None:
    spans = Periods(log.start + 86400.0 * np.array([0, 28, 56]), ("first", "second"))
    table = evaluate(log, "volume", period=spans)
    opened = log.frame["opened_s"]
    assert table["period"].tolist() == ["first", "second"]
    assert table["value"].sum() == len(log)
    assert table["value"].iloc[0] == (opened < spans.edges[1]).sum()


def test_contacts_outside_the_window_do_not_count_but_tell_of_repeats() -> None:
    day = 86400
    rows = [
        {"ticket_id": "before", "opened_s": 0, "resolved_s": 15 * day},
        {"ticket_id": "in", "case_id": "c", "opened_s": 12 * day, "resolved_s": 13 * day},
        {"ticket_id": "after", "case_id": "c", "contact_no": 2, "opened_s": 16 * day,
         "resolved_s": 17 * day},
    ]  # fmt: skip
    log = make_log(rows, start=10 * day, end=14 * day, observed_until=60 * day)
    table = evaluate(log, ["volume", "repeat(7d)", "backlog"]).set_index("metric")
    assert table["n"].tolist() == [1, 1, 2]
    assert table.loc["repeat(7d)", "value"] == 1
    assert table.loc["backlog", "value"] == pytest.approx(1 + 1 / 4)
    cut = evaluate(log.between(log.start, log.end), "repeat(7d)")
    assert value(cut) == 0, "without its context the repeat is not known"


def test_by_missing_text_is_a_group_of_its_own(log: ContactLog) -> None:
    table = evaluate(log, "volume", by="agent")
    assert table["agent"].isna().sum() == 1
    assert table["agent"].dropna().tolist() == ["An", "Bo", "Cy"]
    assert table["value"].sum() == len(log)


def test_next_contact_is_found_as_by_looking_through_every_pair(log: ContactLog) -> None:
    gaps = with_facts(log, {"case_id"})["next_contact_gap_s"].to_numpy()
    frame = log.frame
    for i in range(0, len(frame), 7):
        mine = frame.iloc[i]
        later = frame[
            (frame["case_id"] == mine["case_id"])
            & (frame["opened_s"] >= mine["resolved_s"])
            & (frame["ticket_id"] != mine["ticket_id"])
        ]["opened_s"]
        expected = later.min() - mine["resolved_s"] if len(later) else np.nan
        assert gaps[i] == pytest.approx(expected, nan_ok=True)


def test_backlog_is_the_mean_of_looking_at_every_instant(log: ContactLog) -> None:
    table = evaluate(log, ["backlog", "backlog_end"], by="team", period="week")
    frame = log.frame
    ended = frame[["resolved_s", "abandoned_s"]].min(axis=1).fillna(np.inf)
    edges = [log.start]
    edges += [at(d, log.timezone) for d in ("2024-03-04", "2024-03-11", "2024-03-18")]
    for label, low, high in zip(
        ["2024-W09", "2024-W10", "2024-W11"], edges[:-1], edges[1:], strict=True
    ):
        looks = np.arange(low + 30, high, 60.0)
        for team in ("east", "west"):
            own = frame["team"] == team
            opened, closed = frame["opened_s"][own].to_numpy(), ended[own].to_numpy()
            open_then = (opened[:, None] <= looks) & (closed[:, None] > looks)
            row = table[(table["period"] == label) & (table["team"] == team)].set_index("metric")
            assert row.loc["backlog", "value"] == pytest.approx(
                open_then.sum(axis=0).mean(), rel=2e-3
            )
            assert row.loc["backlog_end", "value"] == ((opened < high) & (closed > high)).sum()


def test_time_sums_of_periods_add_up_to_the_whole(log: ContactLog) -> None:
    whole = value(evaluate(log, "backlog"))
    days = evaluate(log, "backlog", period="day")["value"]
    assert days.mean() == pytest.approx(whole)


def test_little_holds_for_the_backlog() -> None:
    """Everything opened and resolved inside the window: L = λ W exactly."""
    rng = np.random.default_rng(8)
    opened = np.floor(rng.uniform(0, 9e5, 500))
    resolved = opened + np.floor(rng.exponential(5000, 500))
    rows = pd.DataFrame(
        {"ticket_id": [str(i) for i in range(500)], "opened_s": opened, "resolved_s": resolved}
    )
    log = make_log(rows, start=0, end=1e6, observed_until=2e6)
    out = evaluate(log, ["backlog", "res_full"]).set_index("metric")["value"]
    assert out["backlog"] == pytest.approx(500 / 1e6 * out["res_full"], rel=1e-12)


def test_occupancy_by_agent_and_day(log: ContactLog) -> None:
    table = evaluate(log, "occupancy", by="agent", period="day").dropna(subset="agent")
    row = table[(table["agent"] == "Bo") & (table["period"] == "2024-03-05")].iloc[0]
    low = at("2024-03-05", log.timezone)
    work = log.work[log.work["agent"] == "Bo"]
    inside = (work["end_s"].clip(low, low + 86400) - work["start_s"].clip(low, low + 86400)).sum()
    assert row["value"] == pytest.approx(inside / (8 * 3600))
    by_category = evaluate(log, "occupancy", by="category")
    assert by_category["n"].tolist() == [0] * len(by_category)


def test_occupancy_of_stacked_replications(build: Build) -> None:
    logs = [build(seed) for seed in (1, 2)]
    stacked = replace(
        logs[0],
        frame=pd.concat([x.frame.assign(replication=i + 1.0) for i, x in enumerate(logs)]),
        work=pd.concat([x.work.assign(replication=i + 1) for i, x in enumerate(logs)]),
        staffed=pd.concat([x.staffed.assign(replication=i + 1) for i, x in enumerate(logs)]),
    )
    together = evaluate(stacked, "occupancy")["value"].tolist()
    assert together == pytest.approx([value(evaluate(x, "occupancy")) for x in logs])
    unknown = replace(stacked, work=logs[0].work)
    assert evaluate(unknown, "occupancy")["value"].isna().all()


def test_history_read_back_from_csv_gives_the_equal_table(build: Build, tmp_path: Path) -> None:
    logs = [build(seed) for seed in (1, 2)]
    frames = [x.frame.assign(replication=i + 1.0) for i, x in enumerate(logs)]
    simulated = replace(
        logs[0], frame=pd.concat(frames, ignore_index=True), origin="simulated", name="as is"
    )
    file = tmp_path / "contacts.csv"
    simulated.frame.to_csv(file, index=False)
    text = {name: "str" for name, column in columns().items() if not column.is_number}
    rows = pd.read_csv(file, dtype=text)
    back = make_log(
        rows, start=simulated.start, end=simulated.end, name="as is", origin="simulated",
        observed_until=simulated.observed_until, timezone=simulated.timezone,
        work=simulated.work, staffed=simulated.staffed,
    )  # fmt: skip
    back = replace(back, hours=simulated.hours, tables=simulated.tables)
    for by, period in (((), None), (("agent",), "week"), (("team", "category"), "month")):
        first = evaluate(simulated, IDS, by, period)
        pd.testing.assert_frame_equal(first, evaluate(back, IDS, by, period), check_exact=True)


def test_history_and_simulation_take_the_same_path(log: ContactLog) -> None:
    as_history = evaluate(log, IDS, "team", "week")
    as_simulated = evaluate(replace(log, origin="simulated"), IDS, "team", "week")
    assert as_simulated["scenario"].unique().tolist() == ["desk"]
    pd.testing.assert_frame_equal(
        as_history.drop(columns="scenario"), as_simulated.drop(columns="scenario")
    )


def test_all_mistakes_of_a_call_are_named(log: ContactLog) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(log, ["frt_p9", "aht", "cssat_mean"])
    assert [f.mend for f in caught.value.findings] == [
        f.mend for f in caught.value.findings if "Did you mean" in f.mend
    ]
    assert len(caught.value.findings) == 2
    with pytest.raises(InputError, match="Did you mean team"):
        evaluate(log, "aht", by="teem")
    with pytest.raises(InputError, match="Did you mean month"):
        evaluate(log, "aht", period="monht")


def test_every_replication_has_a_row_for_every_group(log: ContactLog) -> None:
    one, two = (log.frame.assign(replication=float(i)) for i in (1, 2))
    stacked = replace(log, frame=pd.concat([one, two[two["team"] == "east"]]))
    table = evaluate(stacked, "aht", by="team")
    assert table[["replication", "team"]].to_numpy().tolist() == [
        [1, "east"], [1, "west"], [2, "east"], [2, "west"],
    ]  # fmt: skip
    assert table["n"].tolist()[3] == 0
    assert np.isnan(table["value"].tolist()[3])


def test_a_log_without_contacts_gives_an_empty_table() -> None:
    nothing = make_log(pd.DataFrame({"ticket_id": [], "opened_s": []}), start=0, end=86400)
    table = evaluate(nothing, IDS, by="team", period="day")
    assert len(table) == 0
    assert "value" in table


def test_no_metric_gives_an_empty_table(log: ContactLog) -> None:
    assert len(evaluate(log, [])) == 0
