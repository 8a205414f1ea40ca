"""Reading exports: presets on hand-made rows, file kinds, the account, the window."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log
from svcsim.contacts.mapping import Mapping
from svcsim.contacts.read import Reading, read_history

HEAD = "id,opened,first,done,agent\n"
ROWS = (
    "1,2026-03-02 09:00:00,2026-03-02 09:05:00,2026-03-02 10:00:00,Li\n"
    "2,2026-03-02 09:10:00,2026-03-02 09:40:00,,Wu\n"
    "3,2026-03-03 18:00:00,,,\n"
)
SIMPLE = {
    "name": "simple",
    "timezone": "Asia/Shanghai",
    "columns": {
        "ticket_id": "id",
        "opened_s": "opened",
        "first_response_s": "first",
        "resolved_s": "done",
        "agent": "agent",
    },
}


def mapping(**changes: object) -> Mapping:
    data = {**SIMPLE, **{key: value for key, value in changes.items() if key != "columns"}}
    data["columns"] = {**SIMPLE["columns"], **changes.get("columns", {})}  # type: ignore[dict-item]
    return Mapping.from_data(data, "test")


def epoch(text: str, zone: str = "Asia/Shanghai") -> float:
    return pd.Timestamp(text, tz=zone).timestamp()


def closes(reading: Reading) -> bool:
    account = reading.account
    aside = sum(account["set_aside"].values())
    return account["read"] == account["used"] + aside and len(reading.rejects) == aside


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_flat_export(tmp_path: Path) -> None:
    reading = read_history(write(tmp_path / "h.csv", HEAD + ROWS), mapping=mapping())
    frame = reading.log.frame
    assert frame["ticket_id"].tolist() == ["1", "2", "3"]
    assert frame["opened_s"].tolist()[0] == epoch("2026-03-02 09:00:00")
    assert frame["outcome"].tolist() == ["resolved", "open", "open"]
    assert frame["agent"].isna().tolist() == [False, False, True]
    assert reading.account["read"] == reading.account["used"] == 3
    assert closes(reading)


def test_the_window_is_whole_local_days(tmp_path: Path) -> None:
    log = read_history(write(tmp_path / "h.csv", HEAD + ROWS), mapping=mapping()).log
    assert (log.start, log.end) == (epoch("2026-03-02"), epoch("2026-03-04"))
    assert log.observed_until == log.end


def test_a_stamp_after_the_last_day_moves_what_is_known(tmp_path: Path) -> None:
    late = "4,2026-03-03 19:00:00,,2026-03-09 08:00:00,Li\n"
    log = read_history(write(tmp_path / "h.csv", HEAD + ROWS + late), mapping=mapping()).log
    assert log.observed_until == epoch("2026-03-09 08:00:01")
    assert log.end == epoch("2026-03-04")


def test_rows_are_in_order_of_opening(tmp_path: Path) -> None:
    lines = ROWS.splitlines(keepends=True)
    log = read_history(write(tmp_path / "h.csv", HEAD + "".join(lines[::-1])), mapping=mapping())
    assert log.log.frame["ticket_id"].tolist() == ["1", "2", "3"]


def test_every_row_that_is_no_contact_has_one_reason(tmp_path: Path) -> None:
    odd = (
        ",2026-03-02 09:00:00,,,Li\n"  # no id
        "5,,,,Li\n"  # no opening
        "1,2026-03-02 09:00:00,,,Li\n"  # id again
        "6,2026-03-02 09:00:00,2026-03-02 08:00:00,,Li\n"  # answered before it came
        "7,2026-03-02 09:00:00,,2026-03-01 09:00:00,Li\n"  # resolved before it came
        "8,2026-13-02 09:00:00,,,Li\n"  # no such month
        "9,2026-03-02 09:00:00,,,Li,extra\n"  # too wide
        "10,2026-03-02 09:00:00\n"  # cut off
        "11,2026-03-02 09:00:00,,,test\n"
    )
    rules = mapping(set_aside=[{"reason": "test ticket", "where": {"agent": "test"}}])
    reading = read_history(write(tmp_path / "h.csv", HEAD + ROWS + odd), mapping=rules)
    assert reading.account["set_aside"] == {
        "wrong number of fields": 2,
        "test ticket": 1,
        "opened is not a date and time": 1,
        "no ticket id": 1,
        "no opening time": 1,
        "ticket id comes twice (the first is kept)": 1,
        "first response before the opening": 1,
        "resolved before the opening": 1,
    }
    assert reading.account["read"] == 12
    assert closes(reading)
    rows = reading.rejects.set_index("reason")["row"]
    assert rows["first response before the opening"] == 8
    assert rows["opened is not a date and time"] == 10
    levels = {f.found.split(": ")[1]: f.level for f in reading.findings if "set aside" in f.found}
    assert levels["test ticket"] == "note"
    assert levels["no ticket id"] == "warning"


def test_negative_durations_are_set_aside(tmp_path: Path) -> None:
    text = "id,opened,m\n1,2026-03-02 09:00,5\n2,2026-03-02 09:00,-5\n"
    rules = Mapping.from_data(
        {
            "name": "m",
            "timezone": "UTC",
            "columns": {
                "ticket_id": "id",
                "opened_s": "opened",
                "handle_s": {"column": "m", "unit": "min"},
            },
        },
        "test",
    )
    reading = read_history(write(tmp_path / "h.csv", text), mapping=rules)
    assert reading.log.frame["handle_s"].tolist() == [300.0]
    assert reading.account["set_aside"] == {"negative handle_s": 1}


def test_scores_outside_the_scale_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = "".join(f"{k},2026-03-02 09:00,{s}\n" for k, s in enumerate("54509"))
    path = write(tmp_path / "h.csv", "id,opened,score\n" + lines)
    columns = {"ticket_id": "id", "opened_s": "opened", "csat": "score"}
    rules = Mapping.from_data({"name": "m", "timezone": "UTC", "columns": columns}, "test")
    reading = read_history(path, mapping=rules)
    assert np.array_equal(
        reading.log.frame["csat"], [5.0, 4.0, 5.0, np.nan, np.nan], equal_nan=True
    )
    assert any("2 of 5 satisfaction scores" in f.found for f in reading.findings)


def as_gzip(folder: Path) -> Path:
    path = folder / "h.csv.gz"
    path.write_bytes(gzip.compress((HEAD + ROWS).encode()))
    return path


def as_zip(folder: Path) -> Path:
    path = folder / "h.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.csv", HEAD + ROWS)
    return path


def as_tsv(folder: Path) -> Path:
    return write(folder / "h.tsv", (HEAD + ROWS).replace(",", "\t"))


def as_semicolons(folder: Path) -> Path:
    return write(folder / "h.csv", (HEAD + ROWS).replace(",", ";"))


def as_excel_text(folder: Path) -> Path:
    return write(folder / "h.txt", (HEAD + ROWS).replace(",", "\t"), "utf-16")


def as_bom(folder: Path) -> Path:
    return write(folder / "h.csv", "\r\n" + (HEAD + ROWS).replace("\n", "\r\n"), "utf-8-sig")


def as_json_lines(folder: Path) -> Path:
    rows = [line.split(",") for line in ROWS.splitlines()]
    names = HEAD.strip().split(",")
    text = "\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows)
    return write(folder / "h.jsonl", text)


def as_parquet(folder: Path) -> Path:
    source, path = write(folder / "plain.csv", HEAD + ROWS), folder / "h.parquet"
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM read_csv('{source}')) TO '{path}' (FORMAT parquet)")
    source.unlink()
    return path


@pytest.mark.parametrize(
    "make",
    [
        as_gzip,
        as_zip,
        as_tsv,
        as_semicolons,
        as_excel_text,
        as_bom,
        as_json_lines,
        as_parquet,
    ],
)
def test_every_kind_of_file_gives_the_same_log(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    plain = read_history(write(tmp_path / "p.csv", HEAD + ROWS), mapping=mapping())
    other = read_history(make(tmp_path), mapping=mapping())
    pd.testing.assert_frame_equal(plain.log.frame, other.log.frame)
    assert (plain.log.start, plain.log.end) == (other.log.start, other.log.end)


def test_a_workbook_gives_the_same_log(
    tmp_path: Path, write_workbook: Callable[[Path, list[list[str]]], None]
) -> None:
    plain = read_history(write(tmp_path / "p.csv", HEAD + ROWS), mapping=mapping())
    write_workbook(tmp_path / "h.xlsx", [r.split(",") for r in (HEAD + ROWS).splitlines()])
    other = read_history(tmp_path / "h.xlsx", mapping=mapping(), sheet="Tickets")
    pd.testing.assert_frame_equal(plain.log.frame, other.log.frame)


def test_chinese_text_in_gb18030_is_read_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "h.csv", HEAD + ROWS.replace("Li", "李雷"), "gb18030")
    reading = read_history(path, mapping=mapping())
    assert reading.log.frame["agent"].iloc[0] == "李雷"
    assert any("GB18030" in finding.found for finding in reading.findings)


def test_a_glob_is_read_in_order_of_names(tmp_path: Path) -> None:
    first, second, third = ROWS.splitlines(keepends=True)
    write(tmp_path / "b.csv", HEAD + third)
    write(tmp_path / "a.csv", HEAD + first + second)
    reading = read_history(tmp_path / "*.csv", mapping=mapping())
    assert reading.account["files"] == ["a.csv", "b.csv"]
    assert reading.log.frame["ticket_id"].tolist() == ["1", "2", "3"]


def test_quoted_line_breaks_are_one_row(tmp_path: Path) -> None:
    text = HEAD + '1,2026-03-02 09:00,,,"Li\nsecond line, with comma"\n'
    reading = read_history(write(tmp_path / "h.csv", text), mapping=mapping())
    assert reading.log.frame["agent"].tolist() == ["Li\nsecond line, with comma"]


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    text = "\n" + HEAD + "\n" + ROWS + "\n,2026-03-02 09:00:00,,,Li\n"
    reading = read_history(write(tmp_path / "h.csv", text), mapping=mapping())
    assert reading.rejects["row"].tolist() == [8]
    assert "h.csv row 8" in reading.findings[0].where


def test_day_first_dates_are_settled_by_any_column(tmp_path: Path) -> None:
    text = HEAD + "1,02/03/2026 09:00,02/03/2026 09:05,13/03/2026 10:00,Li\n"
    log = read_history(write(tmp_path / "h.csv", text), mapping=mapping()).log
    assert log.frame["opened_s"].tolist() == [epoch("2026-03-02 09:00")]


@pytest.mark.parametrize(("order", "day"), [("dmy", "2026-03-02"), ("mdy", "2026-02-03")])
def test_the_stated_date_order_decides(tmp_path: Path, order: str, day: str) -> None:
    path = write(tmp_path / "h.csv", HEAD + "1,02/03/2026 09:00,,,Li\n")
    log = read_history(path, mapping=mapping(), date_order=order).log
    assert log.frame["opened_s"].tolist() == [epoch(f"{day} 09:00")]


def test_the_zone_option_overrides_the_mapping(tmp_path: Path) -> None:
    path = write(tmp_path / "h.csv", HEAD + ROWS)
    log = read_history(path, mapping=mapping(), timezone="Europe/Madrid").log
    assert log.timezone == "Europe/Madrid"
    assert log.frame["opened_s"].iloc[0] == epoch("2026-03-02 09:00", "Europe/Madrid")


def test_stamps_with_an_offset_keep_their_instant(tmp_path: Path) -> None:
    path = write(tmp_path / "h.csv", HEAD + "1,2026-03-02T09:00:00Z,2026-03-02T18:00+08:00,,Li\n")
    frame = read_history(path, mapping=mapping()).log.frame
    assert frame["opened_s"].iloc[0] == epoch("2026-03-02 09:00", "UTC")
    assert frame["first_response_s"].iloc[0] == epoch("2026-03-02 10:00", "UTC")


EVENTS = (
    "number,state,who,when,opened,done,count\n"
    "A,New,x,01/03/2026 08:00,01/03/2026 07:50,01/03/2026 12:00,0\n"
    "A,Waiting,Li,01/03/2026 09:00,01/03/2026 07:50,01/03/2026 12:00,1\n"
    "A,Resolved,Wu,01/03/2026 12:00,01/03/2026 07:50,01/03/2026 12:00,2\n"
    "B,New,x,01/03/2026 08:30,01/03/2026 08:40,?,0\n"
    "B,Resolved,Li,01/03/2026 08:35,01/03/2026 08:40,?,0\n"
    "B,Resolved,?,13/03/2026 09:00,01/03/2026 08:40,?,3\n"
)
EVENT_RULES = {
    "name": "events",
    "layout": "events",
    "group_by": "number",
    "timezone": "UTC",
    "dates": ["%d/%m/%Y %H:%M"],
    "missing": ["?"],
    "columns": {
        "ticket_id": "number",
        "opened_s": "opened",
        "first_response_s": {
            "column": "when",
            "take": "min",
            "where": {"state": {"none_of": ["New"]}},
            "not_before": "opened_s",
        },
        "resolved_s": {
            "first_of": ["done", {"column": "when", "take": "max", "where": {"state": "Resolved"}}]
        },
        "agent": {"column": "who", "take": "last_known"},
        "transfers": {"column": "count", "take": "last"},
        "handlings": {"column": "when", "take": "count", "where": {"state": {"none_of": "New"}}},
        "pending_s": {"column": "when", "take": "time_in", "where": {"state": "Waiting"}},
    },
    "work": {"agent": "who", "end_s": "when"},
}


def test_an_event_log(tmp_path: Path) -> None:
    rules = Mapping.from_data(EVENT_RULES, "test")
    reading = read_history(write(tmp_path / "e.csv", EVENTS), mapping=rules)
    a, b = (row for _, row in reading.log.frame.iterrows())
    assert a["first_response_s"] == epoch("2026-03-01 09:00", "UTC")
    assert b["first_response_s"] == b["opened_s"] == epoch("2026-03-01 08:40", "UTC")
    assert a["resolved_s"] == epoch("2026-03-01 12:00", "UTC")
    assert b["resolved_s"] == epoch("2026-03-13 09:00", "UTC")
    assert (a["agent"], b["agent"]) == ("Wu", "Li")
    assert (a["transfers"], b["transfers"]) == (2, 3)
    assert (a["handlings"], b["handlings"]) == (2, 2)
    assert (a["pending_s"], b["pending_s"]) == (3 * 3600, 0)
    assert reading.account["read"] == 6
    assert reading.account["contacts"] == 2
    assert any("1 contact: first_response_s before opened_s" in str(f) for f in reading.findings)
    assert reading.log.work is not None
    assert reading.log.work["agent"].isna().sum() == 1
    assert reading.log.work["start_s"].isna().all()


def test_a_ticket_with_an_unreadable_event_is_set_aside_whole(tmp_path: Path) -> None:
    rules = Mapping.from_data(EVENT_RULES, "test")
    text = EVENTS.replace("01/03/2026 09:00,", "yesterday,")
    reading = read_history(write(tmp_path / "e.csv", text), mapping=rules)
    assert reading.log.frame["ticket_id"].tolist() == ["B"]
    assert reading.account["set_aside"] == {"when is not a date and time": 3}
    assert closes(reading)
    assert reading.log.work is not None
    assert set(reading.log.work["ticket_id"]) == {"B"}


BANK = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\t"
    "q_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\n"
)


def call(number: int, rest: str) -> str:
    return f"AA\t{number}\t0\t2\tPS\t990101\t" + rest.replace(" ", "\t") + "\n"


def test_bank_calls_after_midnight_and_without_queue(tmp_path: Path) -> None:
    text = BANK + (
        call(1, "23:58:00 23:58:05 5 23:58:05 0:01:05 180 AGENT 0:01:04 0:04:04 180 TOVA")
        + call(2, "9:00:00 9:00:10 10 0:00:00 0:00:00 0 AGENT 9:00:09 9:01:09 60 NO_SERVER")
        + call(3, "9:00:00 9:00:10 10 9:00:10 9:01:10 60 HANG 0:00:00 0:00:00 0 NO_SERVER")
        + call(4, "9:00:00 9:00:10 10 0:00:00 0:00:00 0 HANG 0:00:00 0:00:00 0 NO_SERVER")
        + call(5, "9:00:00 9:00:10 10 9:00:10 9:00:20 10 PHANTOM 0:00:00 0:00:00 0 NO_SERVER")
        + call(6, "9:30:00 9:30:10 10 9:30:10 9:30:40 30 AGENT 0:00:00 0:00:00 0 TOVA")
    )
    reading = read_history(write(tmp_path / "b.tsv", text), preset="bank-calls")
    frame = reading.log.frame.set_index(reading.log.frame["ticket_id"].str[-1])
    zone = "Asia/Jerusalem"
    assert frame.loc["1", "first_response_s"] == epoch("1999-01-02 00:01:04", zone)
    assert frame.loc["1", "resolved_s"] == epoch("1999-01-02 00:04:04", zone)
    assert frame.loc["2", "queued_s"] == epoch("1999-01-01 09:00:10", zone)
    assert pd.isna(frame.loc["2", "agent"])
    assert frame.loc["3", "abandoned_s"] == epoch("1999-01-01 09:01:10", zone)
    assert frame.loc["6", "resolved_s"] == epoch("1999-01-01 09:30:40", zone)
    assert frame["priority"].unique().tolist() == ["high"]
    assert frame["customer"].isna().all()
    assert reading.account["set_aside"] == {
        "left the voice unit without queueing": 1,
        "phantom call": 1,
    }
    assert reading.log.work is not None
    assert reading.log.work["end_s"].max() == epoch("1999-01-02 00:04:04", zone)


SAMPLE = (
    "Ticket ID,Channel,Category,Complexity,Priority,Customer,Agent,Team,Created,First response,"
    "Resolved,Closed,Abandoned,Status,Time spent (min),Handlings,Transfers,Reopens,Pending (h),"
    "Previous ticket,Survey sent,Survey score,Survey date\n"
)


def test_the_sample_export(tmp_path: Path) -> None:
    text = SAMPLE + (
        "T1,phone,repair,hard,high,K1,Li,L1,2026-03-02 09:00:00,2026-03-02 09:01:30,"
        "2026-03-02 09:20:00,2026-03-02 09:20:00,,Closed,18.5,1,0,0,0,,Yes,4,2026-03-03 10:00:00\n"
        "T2,phone,repair,hard,high,K1,,L1,2026-03-03 09:00:00,,,,2026-03-03 09:02:00,Abandoned,,0,"
        "0,0,0,T1,No,,\n"
        "T3,web,repair,hard,high,K1,Wu,L2,2026-03-04 09:00:00,2026-03-04 11:00:00,,,,Open,5,1,1,0,"
        "1.5,T2,,,\n"
        "T4,web,repair,hard,high,K9,,L2,2026-03-04 09:00:00,,,,,Spam,,0,0,0,0,,,,\n"
    )
    reading = read_history(write(tmp_path / "s.csv", text))
    frame = reading.log.frame
    assert reading.mapping is not None
    assert reading.mapping.name == "sample"
    assert reading.account["set_aside"] == {"spam": 1}
    assert frame["case_id"].tolist() == ["T1", "T1", "T1"]
    assert frame["contact_no"].tolist() == [1, 2, 3]
    assert frame["wait_s"].tolist()[:2] == [90.0, 120.0]
    assert pd.isna(frame["wait_s"].iloc[2])
    assert frame["handle_s"].tolist()[0] == 18.5 * 60
    assert frame["pending_s"].tolist() == [0, 0, 5400]
    assert frame["survey_sent"].tolist()[:2] == [1, 0]
    assert frame["outcome"].tolist() == ["resolved", "abandoned", "open"]


def simulated() -> ContactLog:
    rows = [
        {
            "replication": r,
            "ticket_id": str(k),
            "case_id": "1",
            "contact_no": k,
            "opened_s": 1e9 + 100 * k,
            "resolved_s": 1e9 + 900,
            "wait_s": 12.5,
            "csat": 4,
            "channel": "phone",
        }
        for r in (1, 2)
        for k in (1, 2, 3)
    ]
    return make_log(rows, origin="simulated")


def test_a_log_written_as_csv_reads_back_equal(tmp_path: Path) -> None:
    log = simulated()
    log.frame.to_csv(tmp_path / "log.csv", index=False)
    reading = read_history(tmp_path / "log.csv")
    pd.testing.assert_frame_equal(reading.log.frame, log.frame)
    assert reading.mapping is not None
    assert reading.mapping.name == "canonical"


def test_a_canonical_log_comes_back_as_it_was(tmp_path: Path) -> None:
    log = simulated()
    log.to_parquet(tmp_path / "log.parquet")
    reading = read_history(tmp_path / "log.parquet")
    pd.testing.assert_frame_equal(reading.log.frame, log.frame)
    assert reading.log.origin == "simulated"
    assert reading.account["read"] == reading.account["used"] == 6


def test_a_log_with_utc_texts_only_is_canonical_too(tmp_path: Path) -> None:
    text = "ticket_id,opened_at,resolved_at\n1,2026-03-02T09:00:00,2026-03-02 10:00:00\n"
    path = write(tmp_path / "c.csv", text)
    log = read_history(path, timezone="Asia/Shanghai").log
    assert log.frame["opened_s"].tolist() == [epoch("2026-03-02 09:00", "UTC")]
    assert log.timezone == "Asia/Shanghai"
