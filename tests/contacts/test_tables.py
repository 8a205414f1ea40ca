"""Side tables: read strictly, every row accounted for; messages and stages fill the contacts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts import tables as module
from svcsim.contacts.attach import of_messages, of_stages, with_tables
from svcsim.contacts.log import make_log
from svcsim.contacts.store import read_log
from svcsim.contacts.tables import make_table, read_tables, tables
from svcsim.errors import InputError

NINE = pd.Timestamp("2026-03-02 09:00", tz="Asia/Shanghai").timestamp()


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_rows_read_are_rows_used_and_rows_set_aside(tmp_path: Path) -> None:
    text = (
        "time,agent,action,article\n"
        "2026-03-02 09:00,An,new,A1\n"
        "2026/3/2 10:00,An,Cite,A1\n"
        "02.03.2026,An,new,A2\n"
        "2026-03-02 11:00,,new,A3\n"
        "2026-03-02 12:00,Bo,read,A1\n"
    )
    found = read_tables(write(tmp_path, knowledge=text), "Asia/Shanghai")
    frame = found.frames["knowledge"]
    assert frame["time_s"].tolist() == [NINE, NINE + 3600]
    assert frame["action"].tolist() == ["new", "cite"]
    assert found.read["knowledge"] == len(frame) + len(found.aside)
    assert {one.row: str(one.reason) for one in found.aside} == {
        4: "time is not a stamp that begins with the year",
        5: "agent is empty",
        6: "action is none of new, update, cite",
    }
    assert len(found.findings) == 3
    assert all(f.level == "warning" and "1 of 5 rows" in f.found for f in found.findings)


def test_stamps_with_an_offset_keep_their_instant(tmp_path: Path) -> None:
    text = "time,agent,confirmed\n2026-03-02T01:00:00Z,An,yes\n2026-03-02,An,是\n"
    frame = read_tables(write(tmp_path, alerts=text), "Asia/Shanghai").frames["alerts"]
    assert frame["time_s"].tolist() == [NINE, NINE - 9 * 3600]
    assert frame["confirmed"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"knowlege": "a\n1\n"}, "'knowlege' is no side table; Did you mean knowledge?"),
        ({"alerts": "time,agnt,confirmed\n2026-03-02,An,1\n"}, "column 'agnt' is unknown"),
        ({"alerts": "time,confirmed\n2026-03-02,1\n"}, "column 'agent' is missing"),
        ({"finance": "time,revenue\n2026-03-01,5\n"}, "column 'service_cost' is missing"),
        ({"alerts": ""}, "the file is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_an_error(
    files: dict[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_tables(write(tmp_path, **files), "UTC")
    assert told in str(caught.value)


def test_findings_of_all_files_are_gathered(tmp_path: Path) -> None:
    write(tmp_path, knowlege="a\n1\n", alerts="time,agnt\n2026-03-02,An\n")
    with pytest.raises(InputError) as caught:
        read_tables(tmp_path, "UTC")
    assert len(caught.value.findings) == 4


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_tables_is_an_error(folder: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--tables"):
        read_tables(tmp_path / folder, "UTC")


def test_a_spell_that_ends_before_it_starts_is_set_aside(tmp_path: Path) -> None:
    text = "agent,start,end,activity\nAn,2026-03-02 09:00,2026-03-02 08:00,work\n"
    text += "An,2026-03-02 09:00,2026-03-02 17:00,work\n"
    found = read_tables(write(tmp_path, schedule=text), "UTC")
    assert len(found.frames["schedule"]) == 1
    assert str(found.aside[0].reason) == "it ends before it starts"
    assert found.frames["schedule"]["paid"].tolist() == [1.0]


def test_what_a_cell_leaves_out_is_the_usual_value() -> None:
    items = pd.DataFrame(
        {"review": ["a"] * 2, "time_s": 1.0, "agent": "An", "item": ["x", "y"], "score": [50, 60]}
    )
    full = make_table("reviews", items.assign(weight=[2.0, np.nan]))
    assert full["weight"].tolist() == [2.0, 1.0]
    assert full["highest"].tolist() == [100.0, 100.0]
    sales = pd.DataFrame({"time_s": [1.0, 2.0], "kind": "lead"})
    assert make_table("sales", sales)["success"].tolist() == [1.0, 1.0]
    undecided = make_table("sales", sales.assign(success=[0.0, np.nan]))
    assert np.isnan(undecided["success"].iloc[1])  # an empty cell is not decided yet


def test_turns_of_a_customer() -> None:
    rows = [
        ("T1", 0, "customer"), ("T1", 60, "machine"), ("T1", 100, "customer"),
        ("T1", 300, "agent"), ("T1", 400, "note"), ("T1", 500, "agent"),
        ("T1", 600, "customer"), ("T1", 600, "agent"), ("T1", 700, "customer"),
        ("T2", 0, "agent"), ("T2", 50, "customer"),
        ("T3", 0, "note"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["ticket_id", "time_s", "author"])
    messages = make_table("messages", frame.sample(frac=1, random_state=3))
    found = pd.DataFrame(of_messages(messages)).loc[["T1", "T2", "T3"]]
    assert found["turns"].tolist() == [2, 0, 0]
    assert found["turn_wait_s"].tolist() == [300, 0, 0]  # 0 to 300, and none at 600
    assert found["replies"].tolist() == [3, 1, 0]
    assert found["customer_messages"].tolist() == [3, 0, 0]


def test_a_running_stage_counts_up_to_the_end_of_knowledge() -> None:
    frame = pd.DataFrame(
        {"ticket_id": "T1", "stage": ["New", "pending", "pending"], "start_s": [0.0, 10.0, 30.0]}
    ).assign(end_s=[10.0, 30.0, np.nan], waiting_for=[None, "other", None])
    found = of_stages(make_table("stages", frame), until=100.0)
    assert found["requester_wait_s"]["T1"] == 10.0
    assert found["pending_customer_s"]["T1"] == 70.0  # the first pending waited for somebody else


def test_what_the_export_says_stays() -> None:
    log = make_log([{"ticket_id": "T1", "opened_s": 0.0, "replies": 7.0}])
    rows = pd.DataFrame({"ticket_id": ["T1"], "time_s": [5.0], "author": ["agent"]})
    seen = with_tables(log, {"messages": make_table("messages", rows)})
    assert seen.frame["replies"].tolist() == [7.0]
    assert seen.frame["turns"].tolist() == [0.0]


def test_tables_travel_with_the_log_and_are_cut_with_it(tmp_path: Path) -> None:
    rows = pd.DataFrame({"time_s": [10.0, 50.0], "agent": "An", "action": "new"})
    sla = pd.DataFrame(
        {"ticket_id": "T1", "policy": "x", "applied_s": [5.0], "due_s": [90.0], "met_s": [60.0]}
    )
    made = {"knowledge": make_table("knowledge", rows), "sla": make_table("sla", sla)}
    log = with_tables(make_log([{"ticket_id": "T1", "opened_s": 0.0}]), made)
    log.to_parquet(tmp_path / "log.parquet")
    back = read_log(tmp_path / "log.parquet")
    for name, table in made.items():
        pd.testing.assert_frame_equal(back.tables[name], table)
    known = log.known_at(30.0).tables
    assert known["knowledge"]["time_s"].tolist() == [10.0]
    assert known["sla"]["met_s"].isna().all()  # it was not met yet
    assert known["sla"]["due_s"].tolist() == [90.0]  # but already promised
    replaced = make_log([{"ticket_id": "T1", "opened_s": 0.0}])
    replaced.to_parquet(tmp_path / "log.parquet")
    assert read_log(tmp_path / "log.parquet").tables == {}


def test_every_column_is_explained_in_both_languages() -> None:
    for declared in tables().values():
        for column in declared.values():
            assert column.description
            assert any("一" <= char <= "鿿" for char in column.zh)
            assert column.type in ("text", "time", "number", "flag")


def test_the_committed_page_is_the_written_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8") == module.markdown()


def test_the_example_tables_are_whole() -> None:
    found = read_tables(Path(__file__).parents[2] / "scenarios" / "tables", "Asia/Shanghai")
    assert set(found.frames) == set(tables())
    assert not found.aside
