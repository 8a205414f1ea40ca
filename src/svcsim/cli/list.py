"""``svcsim list``: what there is."""

from __future__ import annotations

from typing import Any

import click

from svcsim.cli.output import Output, common_options
from svcsim.errors import Finding, InputError, nearest

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
    rows, headers = _paths(baseline) if kind == "paths" else listing[kind]()
    out.table(rows, headers)
    out.emit({kind: [dict(zip(headers, row, strict=True)) for row in rows]})
    return 0


Listing = tuple[list[tuple[Any, ...]], tuple[str, ...]]


def _metrics() -> Listing:
    from svcsim.metrics.catalogue import list_metrics

    rows = [(m.id, m.zh, m.en, m.unit, m.better, m.definition) for m in list_metrics()]
    return rows, ("id", "zh", "en", "unit", "better", "definition")


def _presets() -> Listing:
    from svcsim.contacts.mapping import list_presets

    rows = [(p.name, p.zh, p.description.split(". ")[0]) for p in list_presets()]
    return rows, ("name", "zh", "description")


def _columns() -> Listing:
    from svcsim.contacts.columns import columns

    rows = [(c.name, c.type, c.unit, c.status, c.description) for c in columns().values()]
    return rows, ("name", "type", "unit", "status", "description")


def _cards() -> Listing:
    from svcsim.scorecard.scorecard import shipped_cards

    return [(c.name, c.zh, c.why) for c in shipped_cards()], ("name", "zh", "why")


def _paths(baseline: str | None) -> Listing:
    if baseline is None:
        raise InputError(
            Finding("list paths", "no baseline given", "", "svcsim list paths BASELINE.yaml")
        )
    from svcsim.model.baseline import Baseline
    from svcsim.scenario.changes import list_paths

    paths = list_paths(Baseline.from_yaml(baseline).model)
    return list(paths.items()), ("path", "value")
