"""The only place that prints: results on stdout, progress and messages on stderr."""

from __future__ import annotations

import contextlib
import functools
import json
import locale
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import click

from svcsim.errors import Finding
from svcsim.text import Text

SCHEMA_VERSION = 1
SLOW_S = 2.0
"""A part of a fit that takes this long is told where there is no terminal to draw a bar on."""
QUIET = -1
"""Loudness under ``-q``: what is said at this level is said always."""


@dataclass
class Output:
    """How one command speaks: language, loudness, and whether stdout is one JSON object."""

    json: bool = False
    lang: str = "en"
    verbosity: int = 0

    def say(self, text: str, level: int = 0) -> None:
        """Write a message to stderr unless ``-q`` silences it.

        ``level`` 1 needs ``-v``; `QUIET` is for warnings that numbers are not what they seem.
        """
        if self.verbosity >= level:
            _tell(self._spoken(text))

    def print(self, text: str = "") -> None:
        """Write a line of the result for people; nothing in ``--json`` mode."""
        if not self.json:
            click.echo(self._spoken(text))

    def _spoken(self, text: str) -> str:
        """Return what is said in the language of the command."""
        return Text.of(text).in_(self.lang)

    def table(self, rows: Iterable[Sequence[object]], headers: Sequence[str]) -> None:
        """Write a plain table whose columns align also with Chinese text."""
        if self.json:
            return
        heads = [self._spoken(header) for header in headers]
        lines = [[self._spoken(_cell(value)) for value in row] for row in rows]
        widths = [
            max([_width(header), *(_width(line[i]) for line in lines)])
            for i, header in enumerate(heads)
        ]
        for line in [heads, ["-" * width for width in widths], *lines]:
            padded = [text + " " * (w - _width(text)) for text, w in zip(line, widths, strict=True)]
            click.echo("  ".join(padded).rstrip())

    def findings(self, findings: Iterable[Finding]) -> None:
        """Write findings to stderr, errors first; colour only on a terminal without NO_COLOR."""
        order = {"error": 0, "warning": 1, "note": 2}
        colours = {"error": "red", "warning": "yellow", "note": "blue"}
        for finding in sorted(findings, key=lambda f: order.get(f.level, 3)):
            if finding.level != "error" and self.verbosity < 0:
                continue
            label = click.style(finding.level, fg=colours.get(finding.level))
            _tell(f"{label}: {finding}", color=_colour())

    def emit(self, result: dict[str, Any]) -> None:
        """In ``--json`` mode, write the one JSON object with its schema version."""
        from svcsim.study.results import known_to_json

        if self.json:
            payload = {"schema_version": SCHEMA_VERSION, **known_to_json(result)}
            click.echo(json.dumps(payload, ensure_ascii=False, default=str))

    def progress(self, label: str) -> Callable[[int, int], None]:
        """Return a callback ``(done, total)``: a bar on a terminal, plain lines otherwise."""
        from svcsim.cli.words import word

        said = Text.of(label)
        terminal = sys.stderr.isatty()
        state = {"last": 0.0}

        def show(done: int, total: int) -> None:
            if self.verbosity < 0:
                return
            now = time.monotonic()
            if terminal:
                bar = "#" * round(24 * done / max(total, 1))
                end = "\n" if done >= total else ""
                _tell(f"\r{said.in_(self.lang)} [{bar:<24}] {done}/{total}{end}", nl=False)
            elif done >= total or now - state["last"] > 15:
                state["last"] = now
                self.say(word("done_of", what=said, done=done, total=total))

        return show

    def parts(self, label: str, names: Mapping[str, Text]) -> Callable[[str], None]:
        """Return a callback that is told the name of each part as it begins, and "" at the end.

        ``names`` says how the parts are called. A bar with the part under way on a terminal;
        elsewhere a line for each part that took seconds.
        """
        from svcsim.cli.words import word

        said, terminal = Text.of(label), sys.stderr.isatty()
        state: dict[str, Any] = {"done": -1, "part": "", "since": time.monotonic()}

        def show(part: str) -> None:
            before, now = state["part"], time.monotonic()
            took = now - state["since"]
            state.update(done=state["done"] + 1, part=part, since=now)
            if self.verbosity < 0:
                return
            name, total = names.get(part, Text(part)), len(names)
            if terminal:
                bar = "#" * round(24 * min(state["done"] / max(total, 1), 1.0))
                left = f"\r{said.in_(self.lang)} [{bar:<24}] {state['done']}/{total} "
                _tell(f"{left}{name.in_(self.lang):<16}" + ("" if part else "\n"), nl=False)
            elif before and took >= SLOW_S:
                earlier = names.get(before, Text(before))
                self.say(word("part_took", what=said, part=earlier, seconds=f"{took:.0f}"))

        return show


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json --lang -q -v`` and pass an `Output` as the argument ``out``."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
    @click.option(
        "--lang", type=click.Choice(["en", "zh"]), default=None, help="Language of words."
    )
    @click.option("-q", "--quiet", is_flag=True, help="Only errors and warnings about the numbers.")
    @click.option("-v", "--verbose", count=True, help="Say more on stderr.")
    @functools.wraps(function)
    def wrapped(
        *args: Any, as_json: bool, lang: str | None, quiet: bool, verbose: int, **kwargs: Any
    ) -> Any:
        out = Output(as_json, lang or default_language(), QUIET if quiet else verbose)
        return function(*args, out=out, **kwargs)

    return wrapped


def default_language() -> str:
    """Return ``zh`` when the locale is Chinese, else ``en``."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def let_go(stream: TextIO) -> None:
    """Send what is still written to a stream whose reader has left to nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _tell(text: str, *, nl: bool = True, color: bool | None = None) -> None:
    """Write to stderr; work goes on when nobody reads it any more."""
    try:
        click.echo(text, nl=nl, err=True, color=color)
    except BrokenPipeError:
        let_go(sys.stderr)


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "n/a" if math.isnan(value) else f"{value:.4g}"
    if isinstance(value, str):
        return value  # a `Text` keeps both languages
    return "" if value is None else str(value)


def _width(text: str) -> int:
    """Return terminal columns: East Asian wide characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
