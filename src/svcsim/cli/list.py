"""``svcsim list``: what there is."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError, nearest
from svcsim.text import Text

if TYPE_CHECKING:
    from svcsim.metrics.metric import Metric

KINDS = ("metrics", "presets", "columns", "tables", "paths", "cards")


@click.command(
    epilog="Example: svcsim list paths baseline.yaml repair  "
    "(or 'agents.*.speed'; without it, all of them)"
)
@click.argument("kind")
@click.argument("rest", nargs=-1, metavar="[BASELINE] [PATTERN]")
@click.option("--own-metrics", metavar="FILE", help="Also the metrics of your own file (YAML).")
@common_options
def command(kind: str, rest: tuple[str, ...], own_metrics: str | None, out: Output) -> int:
    """List metrics, presets, columns, tables, paths (of a BASELINE) or cards.

    PATTERN keeps what has it in its name: a part of it, or a pattern with * and ?.
    """
    if kind not in KINDS:
        raise InputError(
            Finding("list", f"'{kind}' is unknown", f"expected one of {', '.join(KINDS)}",
                    nearest(kind, KINDS))
        )  # fmt: skip
    if own_metrics is not None and kind != "metrics":
        raise InputError(Finding("--own-metrics", f"with {kind}", "it belongs to list metrics"))
    baseline, pattern = _arguments(kind, rest)
    listing = {
        "metrics": _metrics, "presets": _presets, "columns": _columns, "tables": _tables,
        "cards": _cards,
    }  # fmt: skip
    rows = _paths(baseline) if baseline is not None else listing[kind]()
    rows += _own_metrics(own_metrics) if own_metrics is not None else []
    found = rows if pattern is None else matching(rows, pattern)
    if not found:
        names = [_name(row) for row in rows]
        hint = nearest(str(pattern), [*names, *_last_parts(names)])
        told = f"none of {len(rows)} {kind} has '{pattern}' in its name"
        every = f"see all: svcsim list {kind} {baseline or ''}".rstrip()
        raise InputError(Finding(f"list {kind}", told, "", hint or every))
    shown = [row.pop("shown") for row in found]
    out.table([list(row.values()) for row in shown], [word(head) for head in shown[0]])
    if kind == "paths":
        out.print(word("listed", n=len(found), total=len(rows)))
        out.print(word("listed_hint", baseline=baseline))
    out.emit({kind: found})
    return 0


def _arguments(kind: str, rest: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Return the baseline (of paths alone) and the pattern."""
    usage = f"svcsim list {kind}{' BASELINE.yaml' if kind == 'paths' else ''} [PATTERN]"
    takes = 2 if kind == "paths" else 1
    if len(rest) > takes:
        raise InputError(Finding(f"list {kind}", f"'{rest[takes]}' is too much", "", usage))
    if kind != "paths":
        return None, rest[0] if rest else None
    if not rest or len(rest) == 1 and not _is_file(rest[0]):
        told = f"no baseline given{f', only {rest[0]!r}' if rest else ''}"
        raise InputError(Finding("list paths", told, "paths are those of a baseline", usage))
    first, *others = sorted(rest, key=lambda text: not _is_file(text))  # in either order
    return first, others[0] if others else None


def _is_file(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) or Path(text).is_file()


def matching(rows: list[Row], pattern: str) -> list[Row]:
    """Return the rows whose name holds a text, or matches a pattern with ``*`` and ``?``.

    A path with a star of its own (``agents.*.speed``) also matches as it stands.
    """
    wanted = pattern.lower()
    glob = any(sign in wanted for sign in "*?")
    names = [(row, _name(row).lower()) for row in rows]
    return [row for row, name in names if wanted in name or glob and fnmatchcase(name, wanted)]


def _name(row: Row) -> str:
    """Return the name of a row: its first entry or its id."""
    return str(next(iter(row["shown"].values())))


def _last_parts(names: list[str]) -> list[str]:
    """Return the words of dotted names, so that a misspelt one finds its neighbour."""
    return list(dict.fromkeys(part for name in names for part in name.split(".")))


Row = dict[str, Any]
"""What ``--json`` holds of one thing, and under ``shown`` the table's cells by their header."""


def _metrics() -> list[Row]:
    from svcsim.metrics.catalogue import list_metrics

    return [_metric(metric) for metric in list_metrics(others=True)]


def _own_metrics(file: str) -> list[Row]:
    from svcsim.metrics.own import read_own_metrics

    return [_metric(metric) | {"own": file} for metric in read_own_metrics(file).listed()]


def _metric(m: Metric) -> Row:
    names = ("id", "zh", "en", "unit", "better", "definition")
    return {name: getattr(m, name) for name in names} | {
        "formula": m.formula.data(),
        "shown": {
            "id": m.id,
            "name": Text(m.en, m.zh),
            "unit": word(f"unit_{m.unit.replace(' ', '_')}"),
            "better": word(f"better_{m.better}"),
            "definition": m.definition,
        },
    }


def _presets() -> list[Row]:
    from svcsim.contacts.mapping import list_presets

    rows = []
    for preset in list_presets():
        text = preset.description.split(". ")[0]
        shown = {"name": preset.name, "description": Text(text, preset.zh)}
        rows.append({"name": preset.name, "zh": preset.zh, "description": text, "shown": shown})
    return rows


def _columns() -> list[Row]:
    from svcsim.contacts.columns import columns

    names = ("name", "type", "unit", "status", "description", "zh")
    return [
        {name: getattr(c, name) for name in names}
        | {
            "shown": {
                "name": c.name,
                "type": word(c.type),
                "unit": word(f"unit_{c.unit}") if c.unit else "",
                "status": word(c.status),
                "description": Text(c.description, c.zh),
            }
        }
        for c in columns().values()
    ]


def _tables() -> list[Row]:
    from svcsim.contacts.tables import tables

    names = ("table", "name", "type", "status", "description", "zh")
    return [
        {name: getattr(c, name) for name in names}
        | {
            "shown": {
                "table": c.table,
                "name": c.name,
                "type": word(c.type),
                "status": word(c.status),
                "description": Text(c.description, c.zh),
            }
        }
        for declared in tables().values()
        for c in declared.values()
    ]


def _cards() -> list[Row]:
    from svcsim.scorecard.scorecard import shipped_cards

    return [
        {"name": c.name, "zh": c.zh, "why": c.why}
        | {"shown": {"name": c.name, "why_card": Text(c.why, c.zh)}}
        for c in shipped_cards()
    ]


def _paths(baseline: str) -> list[Row]:
    from svcsim.model.baseline import Baseline
    from svcsim.scenario.additions import additions
    from svcsim.scenario.applied import said
    from svcsim.scenario.changes import list_paths
    from svcsim.scenario.settings import settings, starred
    from svcsim.spec import Spec

    model = Baseline.from_yaml(baseline).model
    plain = settings(model)
    plain |= {path: "{to: ...}" for path in plain if isinstance(getattr(model, path, None), Spec)}
    paths = list_paths(model) | plain
    paths = starred(paths, model) | paths | dict.fromkeys(additions(model), "{add: ...}")
    return [
        {"path": path, "value": value, "shown": {"path_of": path, "value": said(value)}}
        for path, value in paths.items()
    ]
