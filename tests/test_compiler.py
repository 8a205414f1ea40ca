"""What is compiled gives what the plain function gives, with or without the compiler."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from svcsim import compiler
from svcsim.compiler import Compiled, CompiledInMemory, cache_folder, given
from svcsim.engine import rules

ROW = np.dtype([("amount", np.int32), ("price", np.float64)])
needs_compiler = pytest.mark.skipif(not compiler.available(), reason="numba is not installed")


def pace(open_chats):
    return rules.chat_pace(0.4, open_chats)


def total(counts, out):
    """A loop over an array with a rule of scalars, as the metrics have them."""
    for i in range(len(counts)):
        out[0] += math.log1p(counts[i]) * pace(counts[i])
    return len(counts)


class Shop(NamedTuple):
    """A few tables; `bought` and `sums` are written to."""

    size: np.ndarray
    rows: np.ndarray
    order: np.ndarray
    bought: np.ndarray
    sums: np.ndarray


FIELDS = [
    ("size", np.int64), ("rows", ROW), ("order", np.int32), ("bought", np.uint8),
    ("sums", np.float64),
]  # fmt: skip


def buy(s, i):
    """Take a row by its place; rows are changed where they lie."""
    row = s.rows[s.order[i]]
    if row.amount <= 0:
        return 0.0
    row.amount -= 1
    s.bought[i] = 1
    return row.price


def shopping(s):
    for i in range(s.size[0]):
        s.sums[0] += buy(s, i)
        s.sums[1] = max(s.sums[1], s.sums[0])
    return s.sums[0]


def shop():
    rows = np.array([(2, 1.5), (1, 0.25), (0, 99.0)], dtype=ROW).view(np.recarray)
    order = np.array([0, 1, 1, 2, 0, 0], dtype=np.int32)
    return Shop(np.array([6]), rows, order, np.zeros(6, np.uint8), np.zeros(2))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SVCSIM_CACHE", str(tmp_path / "cache"))


@needs_compiler
def test_compiled_equals_plain():
    counts = given(np.arange(1, 200), "int64")
    plain, fast = np.zeros(1), np.zeros(1)
    run = Compiled(total, uses=[pace, rules.chat_pace])
    assert run(counts, fast) == total(counts, plain) == 199
    assert fast[0] == plain[0] > 0


@needs_compiler
def test_compiled_in_memory_equals_plain_and_writes_to_the_same_tables():
    plain, fast = shop(), shop()
    run = CompiledInMemory(shopping, uses=[buy], fields=FIELDS)
    assert run(fast) == shopping(plain) == 3.25
    for one, two in zip(plain, fast, strict=True):
        assert np.array_equal(one, two)
    assert fast.rows["amount"].tolist() == [0, 0, 0]
    assert fast.bought.tolist() == [1, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("kind", ["arrays", "memory"])
def test_without_the_compiler_the_plain_function_runs(kind, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "numba" else find(name)
    )
    assert not compiler.available()
    if kind == "arrays":
        out = np.zeros(1)
        assert Compiled(total, uses=[pace])(np.array([1, 2]), out) == 2
        assert out[0] == math.log(2) + math.log1p(2) * pace(2)
    else:
        memory = shop()
        assert CompiledInMemory(shopping, [buy], FIELDS)(memory) == 3.25
        assert memory.bought.sum() == 3


def function_of(path: Path, text: str):
    """A function from a file of that text."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


@needs_compiler
def test_another_text_is_another_cache_folder(tmp_path):
    path, other = tmp_path / "rule.py", tmp_path / "other.py"
    one = cache_folder([function_of(path, "def f(x):\n    return x + 1\n")])
    assert one.parent == tmp_path / "cache"
    assert cache_folder([function_of(path, "def f(x):\n    return x + 1\n")]) == one
    changed = function_of(path, "def f(x):\n    return x + 2\n")
    assert cache_folder([changed]) != one
    # what a function calls counts too, in whatever order it is named
    helper = function_of(other, "def f(x):\n    return x\n")
    both = cache_folder([changed, helper])
    assert both not in (one, cache_folder([changed]))
    assert cache_folder([helper, changed]) == both


@needs_compiler
def test_a_changed_rule_is_not_run_from_an_old_cache(tmp_path):
    path = tmp_path / "rule.py"
    for step in (1, 2):
        text = f"def f(x):\n    return x + {step}\n"
        assert Compiled(function_of(path, text), uses=[])(40) == 40 + step


@needs_compiler
def test_it_says_so_when_it_has_to_compile(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(compiler, "announce", said.append)
    function = function_of(tmp_path / "rule.py", "def f(x):\n    return x * 3\n")
    for _ in range(2):
        assert Compiled(function, uses=[])(2) == 6
    assert said == ["f"]


@needs_compiler
def test_where_nothing_can_be_kept_it_compiles_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("SVCSIM_CACHE", str(tmp_path / "file" / "below"))
    assert Compiled(function_of(tmp_path / "r.py", "def f(x):\n    return -x\n"), [])(2) == -2


def test_given_makes_every_input_one_type():
    values = np.arange(10)[::2]
    view = given(values, "float64")
    assert (view.dtype, view.flags.c_contiguous, view.flags.writeable) == (np.float64, True, False)
    assert view.tolist() == values.tolist()
    own = np.arange(3.0)
    assert given(own, "float64").base is not None
    assert own.flags.writeable  # only the view is read-only
