"""Codes say which rows hold the same text, however the column is held."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts import codes
from svcsim.contacts.codes import case_codes, coded, dense
from svcsim.contacts.log import make_log
from svcsim.contacts.store import read_log

TEXTS = ["b", None, "a", "b", "c"]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(TEXTS, dtype="str"),
        pd.Series(pd.Categorical(TEXTS, ["z", "c", "b", "a"])),
        pd.Series(TEXTS, dtype=object),
    ],
)
def test_labels_by_code_are_the_values(values: pd.Series) -> None:
    found = coded(pd.DataFrame({"team": values}), "team")
    assert [None if c < 0 else found.labels[c] for c in found.code] == TEXTS
    ascending = found.sorted()
    assert ascending.labels.tolist() == ["a", "b", "c"]
    assert ascending.code.tolist() == [1, -1, 0, 1, 2]
    assert found.position("c") == found.code[4]
    assert found.position("nowhere") == -2


@pytest.mark.parametrize("numbers", [[0, 2, 2, 1], [-3, 2, 2, 0], [0, 10**12, 10**12, 5]])
def test_whole_numbers_are_equal_where_their_codes_are(numbers: list[int]) -> None:
    found = coded(pd.DataFrame({"case_id": np.array(numbers)}), "case_id")
    assert [found.labels[c] for c in found.code] == numbers


def test_a_changed_column_or_frame_is_coded_anew() -> None:
    frame = pd.DataFrame({"team": pd.Series(TEXTS, dtype="str")})
    assert coded(frame, "team") is coded(frame, "team")
    assert coded(frame.iloc[2:], "team").code.tolist() == [0, 1, 2]
    frame["team"] = pd.Series(["x"] * 5, dtype="str")
    assert coded(frame, "team").code.tolist() == [0] * 5


def test_codes_are_forgotten_with_their_frame() -> None:
    frame = pd.DataFrame({"team": pd.Series(TEXTS, dtype="str")})
    key = id(frame)
    coded(frame, "team")
    assert key in codes._frames
    del frame
    gc.collect()
    assert key not in codes._frames


def test_case_codes_tell_replications_apart() -> None:
    rows = [
        {"ticket_id": f"T{i}", "case_id": case, "opened_s": i, "replication": r}
        for i, (case, r) in enumerate([("x", 1), ("y", 1), ("x", 2), ("x", 1)])
    ]
    log = make_log(rows)
    code, bound = case_codes(log.frame)
    assert code[0] == code[3]
    assert len({*code}) == 3
    assert code.max() < bound
    assert log.case_code.tolist() == code.tolist()
    later = replace(log, frame=log.frame.iloc[2:])
    assert later.case_code[0] != later.case_code[1]


@pytest.mark.parametrize("values", [[], [4], [4, 4], [9, -2, 4, 9], [10**15, 0, 3]])
def test_dense_ranks(values: list[int]) -> None:
    rank, different = dense(np.array(values, dtype=np.int64))
    assert different.tolist() == sorted(set(values))
    assert [different[r] for r in rank] == values


def test_a_log_of_numbers_and_categories_is_written_as_its_texts(tmp_path: Path) -> None:
    rows = [
        {"ticket_id": str(i), "case_id": str(i // 2), "customer": str(i // 2), "team": team,
         "opened_s": 60.0 * i, "resolved_s": 60.0 * i + 30}
        for i, team in enumerate(["b", "a", None, "b"])
    ]  # fmt: skip
    log = make_log(rows)
    frame = log.frame.copy()
    for name in ("ticket_id", "case_id", "customer"):
        frame[name] = frame[name].astype("int64")
    for name in ("team", "outcome"):
        frame[name] = frame[name].astype("category")
    replace(log, frame=frame).to_parquet(tmp_path / "log.parquet")
    pd.testing.assert_frame_equal(read_log(tmp_path / "log.parquet").frame, log.frame)
