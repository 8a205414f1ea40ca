"""A text is its English and carries its Chinese, through files, processes and blanks."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import svcsim
from svcsim.model.baseline import Fidelity
from svcsim.text import Text, listed

SOURCE = Path(svcsim.__file__).parent
CJK = re.compile(r"[\u3400-\u9fff]")
SAID = Text("{n} of {what}", "{what}中的 {n} 个")


def test_it_is_its_english():
    text = Text("backlog", "积压")
    assert text == "backlog"
    assert f"the {text}" == "the backlog"
    assert (text.in_("en"), text.in_("zh")) == ("backlog", "积压")
    assert type(text.en) is str


def test_a_text_that_nobody_translated_is_shown_as_it_is():
    assert Text("backlog").in_("zh") == "backlog"
    assert Text("", "积压").in_("en") == "积压"


def test_blanks_take_the_language_of_the_sentence():
    filled = SAID.fill(n=2, what=Text("cells", "指标周期"))
    assert (filled.en, filled.zh) == ("2 of cells", "指标周期中的 2 个")
    assert Text("only {n}").fill(n=1).zh == ""
    with pytest.raises(KeyError):
        SAID.fill(n=2)


def test_braces_in_a_value_are_no_blanks():
    assert Text("in {name}", "在 {name}").fill(name="{x}").zh == "在 {x}"


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text))]
)
def test_copies_keep_both_languages(again):
    assert again(SAID).data() == SAID.data() == {"en": SAID.en, "zh": SAID.zh}


@pytest.mark.parametrize("value", ["off", {"en": "off", "zh": "离队"}, Text("off", "离队")])
def test_files_hold_a_plain_text_or_both_languages(value):
    text = Text.of(value)
    assert Text.of(text.data()).zh == text.zh
    told = Fidelity(why=value)
    assert Fidelity.model_validate(told.model_dump(mode="json")).why.zh == text.zh


@pytest.mark.parametrize("value", [3, None, ["a"], {"zh": "离队"}, {"en": "off", "de": "aus"}])
def test_anything_else_is_refused_in_words(value):
    with pytest.raises(ValidationError, match="expected a sentence"):
        Fidelity(why=value)


def test_a_list_has_chinese_only_where_all_its_parts_have():
    both = listed([Text("a", "甲"), Text("b", "乙")])
    assert (both.en, both.zh) == ("a; b", "甲；乙")
    assert listed([Text("a", "甲"), "b"]).in_("zh") == "a; b"


def literal(node: ast.expr) -> str:
    """The words that stand in the source itself; formats such as ``:.1%`` are none."""
    nodes = list(ast.walk(node))
    formats = [n.format_spec for n in nodes if isinstance(n, ast.FormattedValue) and n.format_spec]
    skipped = {id(part) for spec in formats for part in ast.walk(spec)}
    kept = [n.value for n in nodes if isinstance(n, ast.Constant) and id(n) not in skipped]
    return "".join(text for text in kept if isinstance(text, str)).strip()


def one_sided(source: str) -> list[str]:
    """Texts of a source that say something in one language only."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Text" and node.args):
            continue
        en, zh = (literal(arg) for arg in [*node.args, ast.Constant("")][:2])
        bare = re.search(r"[A-Za-z]{2,}", re.sub(r"\{[^}]*\}", "", en))
        if len(node.args) != 2 and bare or CJK.search(en) or bare and not CJK.search(zh):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_every_sentence_is_written_in_both_languages(path):
    assert one_sided(path.read_text(encoding="utf-8")) == []


def test_a_sentence_in_one_language_would_be_found():
    assert one_sided('Text("backlog")')
    assert one_sided('Text(f"{n} left", f"{n} left")')
    assert one_sided('Text("积压", "backlog")')
    assert not one_sided('Text("", "")')
    assert not one_sided('Text(f"{n:.0f}{unit}", f"{n:.0f} {zh}")')
    assert not one_sided('Text(f"{n} left", f"剩 {n} 个")')
