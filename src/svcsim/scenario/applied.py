"""What a change did, told in both languages as people write values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from svcsim.text import Text
from svcsim.units import spoken_duration

FEW = 4
"""Remarks of one change up to which each is said."""
NOTHING = Text("none", "无")
CUT = Text(
    "{path}: the change asks for {asked}; a probability lies between 0% and 100%, so {taken} was "
    "taken",
    "{path}：改动要求 {asked}；概率只能在 0% 与 100% 之间，因此按 {taken} 计算",
)
_VALUES = Text("{n} values", "{n} 个不同的值")
_TIMES = Text("{new} ({n} times)", "{new}（共 {n} 处）")
_ALIKE = Text("{note} ({path}: {n} more like it)", "{note}（{path}：另有 {n} 处相同情形）")
_MORE = Text("{n} more", "新增 {n} 个")


@dataclass(frozen=True)
class Applied:
    """A change as it was applied: ``path: old -> new``."""

    path: str
    old: Text
    new: Text
    notes: tuple[Text, ...] = ()
    """What the reader must know of it: a value that was not taken as it was asked for."""

    @property
    def text(self) -> Text:
        """The change on one line."""
        zh = f"{self.path}：{self.old.in_('zh')} → {self.new.in_('zh')}"
        return Text(f"{self.path}: {self.old} -> {self.new}", zh)

    def __str__(self) -> str:
        return self.text.en


def joined(path: str, each: Sequence[Applied]) -> Applied:
    """Return one line for all that a path with a star changed."""
    notes = tuple(note for one in each for note in one.notes)
    if len(each) == 1:
        return Applied(path, each[0].old, each[0].new, notes)
    if len(notes) > FEW:  # one of them stands for all: two dozen agents would fill the screen
        notes = (_ALIKE.fill(note=notes[0], path=path, n=len(notes) - 1),)
    old, new = (
        texts[0] if len(set(texts)) == 1 else _VALUES.fill(n=len(set(texts)))
        for texts in ([one.old for one in each], [one.new for one in each])
    )
    return Applied(path, old, _TIMES.fill(new=new, n=len(each)), notes)


def more(number: int) -> Text:
    """Return what is said where entries are added to a list."""
    return _MORE.fill(n=number)


def said(value: Any) -> Text:
    """Return a value on one line, as a person would write it."""
    if value is None or (isinstance(value, (Mapping, list, tuple)) and not value):
        return NOTHING
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    if isinstance(value, Mapping):
        return _enclosed("{}", [Text("{k}: {v}", "{k}: {v}").fill(k=k, v=said(v))
                                for k, v in value.items()])  # fmt: skip
    if isinstance(value, (list, tuple)):
        return _enclosed("[]", [said(one) for one in value])
    if isinstance(value, float):
        return Text.same(f"{value:.6g}")
    return spoken_duration(str(value))


def _enclosed(brackets: str, parts: Sequence[Text]) -> Text:
    """Return parts between brackets; Chinese ones stay beside each other as in a file."""
    en, zh = (", ".join(part.in_(lang) for part in parts) for lang in ("en", "zh"))
    return Text(f"{brackets[0]}{en}{brackets[1]}", f"{brackets[0]}{zh}{brackets[1]}")
