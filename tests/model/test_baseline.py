"""A baseline is one readable file: written, read and written again it is the same text."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from small_desks import category, desk
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline, Drift, Fidelity, FidelityCell, Source
from svcsim.model.quantity import Quantity
from svcsim.model.service import ServiceModel
from svcsim.samples.history import truth
from svcsim.text import Text


def learned(model: ServiceModel) -> ServiceModel:
    """The desk as calibration would give it: every quantity with an interval and its grade."""

    def change(node: object, at: int = 0) -> object:
        if isinstance(node, Quantity):
            value = node.value * (1 + 1e-7 * (at + 1) / 3)
            if node.scale == "share":
                value = min(value, 1.0)
                interval = (value * 0.9, min(value * 1.1 + 0.001, 1.0))
            else:
                interval = tuple(sorted((value * 0.8 - 1e-9 * (value < 0), value * 1.2)))
            if node.scale == "log":
                interval = (max(interval[0], 0.0), interval[1])
            return {"value": value, "interval": interval, "n": 100 + at, "grade": "measured",
                    "how": "mean: of 100; a # sign"}  # fmt: skip
        if isinstance(node, BaseModel):
            return {name: change(value, at + i) for i, (name, value) in enumerate(node)}
        if isinstance(node, dict):
            return {key: change(value, at + i) for i, (key, value) in enumerate(node.items())}
        if isinstance(node, tuple):
            return tuple(change(value, at) for value in node)
        return node

    return ServiceModel.model_validate(change(model))


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    cell = FidelityCell(
        metric="frt_p50", period="2025-W10", observed=1234.5678901, n=100, low=1000.123456789,
        median=1200.0, high=1500.0, z=0.123456789, inside=True, unit="s",
    )  # fmt: skip
    return Baseline(
        svcsim="0.1.0",
        name="desk",
        zh="售后",
        source=Source(log="a.csv", rows=100, start="2025-01-06", end="2025-06-02"),
        notes=("waits: tuned", "off: 4%"),
        drift=(Drift(what="aht", when="2025-03-01", before="10min", after="12min", strength=3.14),),
        fidelity=Fidelity(verdict="pass", inside_share=0.9, replications=100, cells=(cell, cell)),
        model=learned(truth()),
    )


def test_write_read_write_gives_the_same_text(baseline, tmp_path):
    path = tmp_path / "baseline.yaml"
    text = baseline.to_yaml()
    path.write_text(text, encoding="utf-8")
    again = Baseline.from_yaml(path)
    assert again.to_yaml() == text
    path.write_text(again.to_yaml(), encoding="utf-8")
    assert Baseline.from_yaml(path) == again


def test_what_was_read_is_what_was_written_to_six_digits(baseline, tmp_path):
    path = tmp_path / "baseline.yaml"
    path.write_text(baseline.to_yaml(), encoding="utf-8")
    again = Baseline.from_yaml(path)

    def numbers(node: object, at: str = "") -> dict[str, object]:
        if isinstance(node, dict):
            items = node.items()
        elif isinstance(node, (list, tuple)):
            items = enumerate(node)
        else:
            return {at: node}
        return {k: v for key, value in items for k, v in numbers(value, f"{at}.{key}").items()}

    one, two = numbers(baseline.model_dump()), numbers(again.model_dump())
    assert one.keys() == two.keys()
    for key, value in one.items():
        if isinstance(value, float):
            assert two[key] == pytest.approx(value, rel=2e-5, abs=1e-9), key
        else:
            assert two[key] == value, key


def test_notes_keep_both_languages_and_old_ones_are_read(baseline, tmp_path):
    told = (Text("drift: x", "漂移：x"), Text("only English"))
    path = tmp_path / "baseline.yaml"
    path.write_text(baseline.model_copy(update={"notes": told}).to_yaml(), encoding="utf-8")
    assert "{en: 'drift: x', zh: 漂移：x}" in path.read_text(encoding="utf-8")
    again = Baseline.from_yaml(path)
    assert [(note.en, note.zh) for note in again.notes] == [(note.en, note.zh) for note in told]
    assert again.notes[1].in_("zh") == "only English"
    old = path.read_text(encoding="utf-8").replace("{en: 'drift: x', zh: 漂移：x}", "'drift: x'")
    path.write_text(old, encoding="utf-8")
    assert [note.en for note in Baseline.from_yaml(path).notes] == ["drift: x", "only English"]


def test_the_file_is_readable(baseline):
    text = baseline.to_yaml()
    assert text.startswith("# A desk learned from history.")
    assert "schema: svcsim.baseline/1" in text
    assert "zh: 售后" in text
    assert "how: 'mean: of 100; a # sign'" in text
    assert max(map(len, text.splitlines())) < 240
    assert "nan" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema: svcsim.baseline/9\nname: x\n", "expected svcsim.baseline/1"),
        ("name: x\n", "no schema: this is not a baseline"),
        ("- a\n", "no schema: this is not a baseline"),
        ("schema: svcsim.baseline/1\nnaem: x\n", "naem is not a known key; Did you mean name?"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path, text, said):
    path = tmp_path / "b.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Baseline.from_yaml(path)
    assert any(said in str(finding) for finding in caught.value.findings)


def test_grades_are_counted_by_part(baseline):
    grades = baseline.grades()
    assert grades["agents"] == {"measured": 72, "given": 0, "proxy": 0, "assumed": 0}
    assert set(grades) >= {"arrivals", "categories", "staffing", "survey"}


def test_what_does_not_occur_at_a_desk_has_no_grades(baseline):
    """Its neutral values are quantities, but nothing to trust or to check."""
    absent = set(baseline.model_copy(update={"model": truth()}).grades())
    assert absent & {"chats", "behaviour", "bursts", "cost"} == set()
    data = truth().model_dump() | {"chats": {"slowdown": 0.4}, "cost": {"per_hour": 30.0}}
    busy = baseline.model_copy(update={"model": ServiceModel.model_validate(data)})
    assert set(busy.grades()) - absent == {"chats", "cost"}
    assert busy.grades()["chats"] == {"measured": 0, "given": 0, "proxy": 0, "assumed": 1}


NAMES = [
    "yes",
    "no",
    "1",
    "1.5",
    "null",
    "2025-01-01",
    "a: b",
    "# hash",
    "维修",
    "[x]",
    "'q'",
    "1e3",
]


def test_any_name_survives_the_file(tmp_path):
    share = 1 / len(NAMES)
    model = desk(
        agents={name: {"team": "true"} for name in NAMES},
        teams=["true"],
        categories={name: category(team="true", share=share) for name in NAMES},
    )
    source = Source(log="2025.csv", rows=1, start="2025-01-06", end="2025-06-02")
    baseline = Baseline(svcsim="0.1.0", name="1", source=source, model=model)
    path = tmp_path / "baseline.yaml"
    path.write_text(baseline.to_yaml(), encoding="utf-8")
    again = Baseline.from_yaml(path)
    assert list(again.model.agents) == NAMES
    assert list(again.model.categories) == NAMES
    assert again.model.teams == ("true",)
    assert again.source == source
    assert again.to_yaml() == baseline.to_yaml()
