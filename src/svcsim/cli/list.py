"""``svcsim list``: what there is."""

from __future__ import annotations

from typing import Any

import click

from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.errors import Finding, InputError, nearest
from svcsim.text import Text

KINDS = ("metrics", "presets", "columns", "paths", "cards")


@click.command(epilog="Example: svcsim list paths baseline.yaml")
@click.argument("kind")
@click.argument("baseline", required=False)
@common_options
def command(kind: str, baseline: str | None, out: Output) -> int:
    """List metrics, presets, columns, paths (of a BASELINE) or cards."""
    if kind not in KINDS:
        raise InputError(
            Finding("list", f"'{kind}' is unknown", f"expected one of {', '.join(KINDS)}",
                    nearest(kind, KINDS))
        )  # fmt: skip
    listing = {"metrics": _metrics, "presets": _presets, "columns": _columns, "cards": _cards}
    rows = _paths(baseline) if kind == "paths" else listing[kind]()
    shown = [row.pop("shown") for row in rows]
    heads = list(shown[0]) if shown else []
    out.table([list(row.values()) for row in shown], [word(head) for head in heads])
    out.emit({kind: rows})
    return 0


Row = dict[str, Any]
"""What ``--json`` holds of one thing, and under ``shown`` the table's cells by their header."""


def _metrics() -> list[Row]:
    from svcsim.metrics.catalogue import list_metrics

    names = ("id", "zh", "en", "unit", "better", "definition")
    return [
        {name: getattr(m, name) for name in names}
        | {
            "shown": {
                "id": m.id,
                "name": Text(m.en, m.zh),
                "unit": word(f"unit_{m.unit.replace(' ', '_')}"),
                "better": word(f"better_{m.better}"),
                "definition": m.definition,
            }
        }
        for m in list_metrics()
    ]


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


def _cards() -> list[Row]:
    from svcsim.scorecard.scorecard import shipped_cards

    return [
        {"name": c.name, "zh": c.zh, "why": c.why}
        | {"shown": {"name": c.name, "why_card": Text(c.why, c.zh)}}
        for c in shipped_cards()
    ]


def _paths(baseline: str | None) -> list[Row]:
    if baseline is None:
        raise InputError(
            Finding("list paths", "no baseline given", "", "svcsim list paths BASELINE.yaml")
        )
    from svcsim.model.baseline import Baseline
    from svcsim.scenario.additions import additions
    from svcsim.scenario.changes import list_paths
    from svcsim.scenario.settings import settings, starred
    from svcsim.spec import Spec

    model = Baseline.from_yaml(baseline).model
    plain = settings(model)
    plain |= {path: "{to: ...}" for path in plain if isinstance(getattr(model, path, None), Spec)}
    paths = list_paths(model) | plain
    paths = starred(paths, model) | paths | dict.fromkeys(additions(model), "{add: ...}")
    return [
        {"path": path, "value": value, "shown": {"path_of": path, "value": value}}
        for path, value in paths.items()
    ]
