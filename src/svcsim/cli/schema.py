"""``svcsim schema``: JSON Schemas of the YAML files, for editors."""

from __future__ import annotations

import json

import click

from svcsim.cli.output import Output, common_options

KINDS = ("scenario", "scorecard", "mapping", "baseline", "metrics", "hours")


@click.command(epilog="Example: svcsim schema scenario > scenario.schema.json")
@click.argument("kind", type=click.Choice(KINDS))
@common_options
def command(kind: str, out: Output) -> int:
    """Print the JSON Schema of a kind of YAML file."""
    if kind == "scenario":
        from svcsim.scenario.scenario import Scenario as Declaration
    elif kind == "scorecard":
        from svcsim.scorecard.scorecard import Scorecard as Declaration  # type: ignore[assignment]
    elif kind == "mapping":
        from svcsim.contacts.mapping import Mapping as Declaration  # type: ignore[assignment]
    elif kind == "hours":
        from svcsim.contacts.hours import HoursFile as Declaration  # type: ignore[assignment]
    elif kind == "metrics":
        from svcsim.metrics.own import OwnMetrics as Declaration  # type: ignore[assignment]
    else:
        from svcsim.model.baseline import Baseline as Declaration  # type: ignore[assignment]
    schema = Declaration.model_json_schema()
    out.print(json.dumps(schema, ensure_ascii=False, indent=1))
    out.emit({"schema": schema})
    return 0
