"""Declarations are strict: every mistake of a file is found at once, each at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from svcsim.errors import InputError
from svcsim.model.quantity import Seconds, Share, Time
from svcsim.spec import Spec, dump_yaml, line_of, read_yaml


class Inner(Spec):
    mean: Time
    share: Share = Share(value=0.0)


class Outer(Spec):
    name: str
    size: int = Field(default=1, ge=1)
    wait: Seconds = 0.0
    parts: dict[str, Inner] = {}
    rows: tuple[Inner, ...] = ()
    days: tuple[str, ...] = ()


@pytest.fixture
def write(tmp_path):
    def _write(text: str, name: str = "a.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def findings(call, *args):
    with pytest.raises(InputError) as caught:
        call(*args)
    return [str(f).removeprefix(str(args[0])) for f in caught.value.findings]


def test_a_declaration_is_read_and_frozen(write):
    outer = Outer.from_yaml(write("name: x\nparts: {a: {mean: 12min, share: 5%}}\nwait: 4h\n"))
    assert outer.parts["a"].mean.value == 720.0
    assert outer.parts["a"].share.value == 0.05
    assert outer.wait == 14_400.0
    with pytest.raises(ValueError, match="frozen"):
        outer.name = "y"  # type: ignore[misc]


def test_all_mistakes_are_found_each_at_its_line(write):
    path = write(
        """name: x
size: 0
sise: 3
parts:
  a:
    mean: 12
    shaer: 5%
  b:
    share: 120%
rows:
- mean: 5min
- mean: soon
"""
    )
    found = findings(Outer.from_yaml, path)
    assert len(found) == 7
    text = "\n".join(found)
    assert ":2  size: expected 1 or more; found 0" in text
    assert ":3  sise is not a known key; Did you mean size?" in text
    assert ":6  parts.a.mean: '12' has no unit; write a duration such as 12s, 12min or 12h" in text
    assert ":7  parts.a.shaer is not a known key; Did you mean share?" in text
    assert ":8  parts.b.mean is missing" in text
    assert ":9  parts.b.share: '120%' is not between 0% and 100%" in text
    assert ":12  rows (entry 2).mean: 'soon' is not a duration" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", ":3  not valid YAML: found duplicate key"),
        ("a: [1, 2\n", "not valid YAML"),
        ("", "the file is empty"),
        ("a: \x07\n", "not valid YAML"),
    ],
)
def test_what_is_not_yaml_is_refused(write, text, said):
    if "duplicate" in said:
        text = "first: 0\n" + text
    assert said in findings(read_yaml, write(text))[0]


def test_a_list_is_not_a_declaration(write):
    assert "expected the keys of Outer" in findings(Outer.from_yaml, write("- a\n- b\n"))[0]


def test_missing_files_name_their_neighbours(write, tmp_path):
    write("name: x\n", "baseline.yaml")
    assert "Did you mean baseline.yaml?" in findings(read_yaml, tmp_path / "basline.yaml")[0]
    assert "is a folder" in findings(read_yaml, tmp_path)[0]
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    assert "UTF-8" in findings(read_yaml, tmp_path / "latin.yaml")[0]


def test_yaml_is_1_2_and_dates_and_times_stay_texts(write):
    data = read_yaml(
        write("a: no\nb: 9:30\nc: 2026-01-01\nd: [2026-01-02, on]\n2026-01-03: 1\ne: 1_000\n")
    )
    assert data["a"] == "no"
    assert data["b"] == "9:30"
    assert data["c"] == "2026-01-01"
    assert list(data["d"]) == ["2026-01-02", "on"]
    assert data["2026-01-03"] == 1
    assert Outer.from_yaml(write("name: x\ndays: [2026-01-01]\n")).days == ("2026-01-01",)


def test_a_byte_order_mark_and_chinese_are_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("name: 维修\n", encoding="utf-8-sig")
    assert Outer.from_yaml(path).name == "维修"


def test_what_is_written_reads_back_the_same(write):
    data = {
        "name": "no", "n": 3, "x": 0.25, "day": "2026-01-01", "time": "09:00", "id": "0012",
        "empty": {}, "none": "null", "zh": "一次解决率", "map": {"a": 1, "b": {"c": [1, 2, 3]}},
        "rows": [{"a": 1}, {"a": 2}], "many": list(range(40)), "text": "a: b # c",
        "windows": [["09:00", "12:00"], ["13:00", "18:00"]],
    }  # fmt: skip
    text = dump_yaml(data)
    assert read_yaml(write(text)) == data
    assert dump_yaml(read_yaml(write(text))) == text
    assert "一次解决率" in text


def test_short_maps_stay_on_one_line():
    assert dump_yaml({"a": {"b": 1, "c": "x"}}) == "a: {b: 1, c: x}\n"


def test_a_declaration_written_leaves_defaults_out(write):
    outer = Outer(name="x", size=1, wait=0.0, days=("2026-01-01",))
    assert outer.to_yaml() == "{name: x, days: ['2026-01-01']}\n"
    assert Outer.from_yaml(write(outer.to_yaml())) == outer


def test_line_of_the_deepest_known_part(write):
    data = read_yaml(write("a:\n  b:\n  - x\n  - y: 1\n"))
    assert line_of(data, ["a", "b", 1, "y"]) == 4
    assert line_of(data, ["a", "zzz"]) == 1
    assert line_of(data, ["nope"]) is None
    assert line_of({"a": 1}, ["a"]) is None
