"""Mappings: the presets, the examples of the documentation, what a mapping may say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from svcsim.contacts.columns import columns
from svcsim.contacts.mapping import Derive, Mapping, Work, list_presets, presets, read_mapping
from svcsim.contacts.propose import skeleton
from svcsim.contacts.read import read_history
from svcsim.contacts.source import Source, Test
from svcsim.errors import InputError


def doc_examples(repo_root: Path) -> list[str]:
    text = (repo_root / "docs" / "mapping.md").read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def test_presets_have_both_names_and_read_known_columns() -> None:
    assert set(presets()) == {
        "bank-calls",
        "canonical",
        "sample",
        "servicenow-log",
        "tech-support-flat",
    }
    for preset in list_presets():
        assert preset.zh
        assert preset.description
        assert set(preset.columns) <= set(columns())


def test_the_canonical_preset_reads_every_column() -> None:
    assert set(presets()["canonical"].columns) == set(columns())


def test_a_preset_survives_being_written_and_read(tmp_path: Path) -> None:
    for preset in list_presets():
        path = tmp_path / f"{preset.name}.yaml"
        path.write_text(preset.to_yaml(), encoding="utf-8")
        assert read_mapping(path) == preset


def test_the_documented_examples_are_mappings(repo_root: Path, tmp_path: Path) -> None:
    examples = doc_examples(repo_root)
    assert len(examples) == 2
    for text in examples:
        (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
        read_mapping(tmp_path / "m.yaml")


def test_the_first_documented_example_reads_its_header(repo_root: Path, tmp_path: Path) -> None:
    text = (repo_root / "docs" / "mapping.md").read_text(encoding="utf-8")
    header = re.search(r"```\n(Ticket,.*?)\n```", text)
    assert header is not None
    (tmp_path / "m.yaml").write_text(doc_examples(repo_root)[0], encoding="utf-8")
    row = "1,14/03/2026 09:00,14/03/2026 09:10,14/03/2026 11:00,Li,L1,K1,repair,25,Good"
    (tmp_path / "h.csv").write_text(f"{header[1]}\n{row}\n", encoding="utf-8")
    frame = read_history(tmp_path / "h.csv", mapping=tmp_path / "m.yaml").log.frame
    assert frame[["handle_s", "csat", "team"]].iloc[0].tolist() == [1500.0, 5.0, "L1"]


def test_every_key_is_documented(repo_root: Path) -> None:
    text = (repo_root / "docs" / "mapping.md").read_text(encoding="utf-8")
    for declaration in (Mapping, Source, Test, Derive, Work):
        for name in declaration.model_fields:
            assert f"`{name}" in text or f", {name}:" in text or f"`, `{name}" in text, name


def test_texts_of_an_export_are_texts() -> None:
    source = Source.model_validate({"column": "p", "values": {1: "low", False: 1}})
    assert source.values == {"1": "low", "false": 1}
    assert Test.model_validate(0).any_of == ("0",)


@pytest.mark.parametrize(
    "source",
    [{}, {"column": "a", "constant": 1}, {"first_of": ["a"], "take": "max"}, {"dates": ["iso"]}],
)
def test_a_source_is_exactly_one_thing(source: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"exactly one|inside the items"):
        Source.model_validate(source)


def test_the_skeleton_names_what_it_recognises() -> None:
    text = skeleton(["工单编号", "创建时间", "客服", "满意度", "Country"])
    assert "ticket_id: 工单编号" in text
    assert "opened_s: 创建时间" in text
    assert "agent: 客服" in text
    assert "Country" not in text


def test_the_preset_that_nearly_fits_is_proposed(tmp_path: Path) -> None:
    needed = presets()["tech-support-flat"].needed()
    path = tmp_path / "h.csv"
    path.write_text(",".join(needed[:-1]) + "\n" + ",".join("1" for _ in needed[:-1]) + "\n")
    with pytest.raises(InputError, match=f"--preset tech-support-flat fits best.*{needed[-1]}"):
        read_history(path)
