"""``svcsim measure``: KPIs by group and period, each with n, interval and unit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.definitions import definitions
from svcsim.cli.inputs import check_output, hours_options, with_hours, with_side_tables
from svcsim.cli.measure_engine import measure_on_disk, stays_on_disk
from svcsim.cli.measure_variants import show_variants
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import WORDS, word
from svcsim.errors import Finding, InputError
from svcsim.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from svcsim.contacts.log import ContactLog
    from svcsim.contacts.window import Window
    from svcsim.metrics.metric import Metric


@click.command(epilog="Example: svcsim measure log.parquet --by team --period month")
@click.argument("log")
@click.option("--metrics", help="Comma-separated, e.g. frt_p90,fcr_window(7d); default: all.")
@click.option("--by", help="Comma-separated text columns, e.g. team,category.")
@click.option("--period", help="day, week, month or quarter; default: the whole window.")
@click.option("--from", "since", help="First local day of openings (YYYY-MM-DD).")
@click.option("--until", help="Local day after the last.")
@click.option("--preset", help="Preset of the export, when LOG is not a canonical log.")
@click.option("--mapping", help="Mapping file of the export.")
@click.option("--tz", help="IANA time zone of the stamps in the export.")
@click.option("--tables", metavar="DIR", help="Folder of side tables (docs/tables.md).")
@hours_options
@click.option(
    "--scorecard", "card", metavar="CARD", help="With --variants: the card says what was agreed."
)
@click.option("--own-metrics", metavar="FILE", help="Metrics of your own (YAML) beside these.")
@click.option(
    "--variants",
    is_flag=True,
    help="Every definition of a name side by side, the agreed one marked (--metrics names it).",
)
@click.option(
    "--engine",
    type=click.Choice(["memory", "duckdb"]),
    help="Read the log into memory, or let DuckDB measure a canonical one on disk; default: by its "
    "size.",
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Also write a CSV file.")
@common_options
def command(
    log: str,
    metrics: str | None,
    by: str | None,
    period: str | None,
    since: str | None,
    until: str | None,
    preset: str | None,
    mapping: str | None,
    tz: str | None,
    tables: str | None,
    hours: str | None,
    holidays: str | None,
    card: str | None,
    own_metrics: str | None,
    variants: bool,
    engine: str | None,
    csv_file: Path | None,
    out: Output,
) -> int:
    """Measure the KPIs of a history (or of a simulated log), with n, 95 % interval and unit."""
    from svcsim.contacts.read import read_history
    from svcsim.metrics.evaluate import evaluate
    from svcsim.metrics.own_asked import metrics_asked, texts_not_there
    from svcsim.metrics.support import choose, window

    check_output(csv_file, "--csv", (".csv",), (log, mapping, own_metrics, hours))
    in_memory = {"--hours": hours, "--holidays": holidays, "--variants": variants}
    in_memory |= {"--preset": preset, "--mapping": mapping, "--tables": tables}
    in_memory |= {"--own-metrics": own_metrics, "--scorecard": card}
    if stays_on_disk(log, engine, in_memory):
        days = since, until
        measured = measure_on_disk(log, _names(metrics), _names(by), period, days, tz, out)
        return _show(*measured, _names(by), csv_file, out, named=bool(metrics))
    asked = metrics_asked(_names(metrics), own_metrics)
    reading = read_history(log, preset=preset, mapping=mapping, timezone=tz)
    out.findings(reading.findings)
    contacts = with_side_tables(reading.log, tables, out)
    contacts = with_hours(window(contacts, since, until), hours, holidays)
    out.findings(texts_not_there(contacts, asked))
    if variants:
        if by or period or csv_file is not None:
            raise InputError(
                Finding(
                    "--variants", "with --by, --period or --csv", "it measures the whole window"
                )
            )
        if own_metrics is not None:
            raise InputError(
                Finding("--variants", "with --own-metrics", "an own metric has one definition")
            )
        return show_variants(contacts, _names(metrics) or _agreed(card), out)
    if card is not None:
        raise InputError(Finding("--scorecard", card, "it belongs to --variants"))
    groups = _names(by)
    wanted, refused = choose(contacts, asked, groups)
    table = evaluate(contacts, wanted, groups, period)
    size = len(contacts.between(contacts.start, contacts.end))
    return _show(
        contacts, size, table, wanted, refused, groups, csv_file, out, named=bool(metrics)
    )  # fmt: skip


def _show(
    contacts: ContactLog | Window,
    size: int,
    table: pd.DataFrame,
    wanted: list[Metric],
    refused: dict[str, Text],
    groups: list[str],
    csv_file: Path | None,
    out: Output,
    *,
    named: bool,
) -> int:
    """Print what was measured; ``named``: the metrics were asked for by name."""
    from svcsim.contacts.log import show_day

    for name, why in refused.items():
        out.say(word("not_measured", metric=name, why=why), level=0 if named else 1)
    if refused and not named:
        out.say(word("not_measured_n", n=len(refused)))
    if csv_file is not None:
        hashes = {metric.id: metric.definition for metric in wanted}
        table.assign(definition=table["metric"].map(hashes)).to_csv(csv_file, index=False)
        out.say(word("written", file=csv_file))
    days = [show_day(instant, contacts.timezone) for instant in (contacts.start, contacts.end)]
    zone = contacts.timezone
    out.print(word("opened_in", n=size, start=days[0], end=days[1], zone=zone))
    rows, headers = _lines(table, wanted, groups)
    out.table(rows, headers)
    out.print(definitions(wanted))
    out.emit(
        {
            "log": {"name": contacts.name, "contacts": size, "window": days},
            "metrics": [_described(metric) for metric in wanted],
            "table": [
                {str(key): value for key, value in row.items()}
                for row in table.to_dict(orient="records")
            ],
            "not_measured": [{"metric": name, "why": why} for name, why in refused.items()],
        }
    )
    return 0


def _agreed(card: str | None) -> list[str]:
    """Return the metrics of a card: the definitions that were agreed upon."""
    from svcsim.metrics.own_kinds import Declared
    from svcsim.scorecard.scorecard import Scorecard, find_card

    if card is None:
        return []
    kpis = Scorecard.from_yaml(find_card(card)).kpis
    return [kpi.metric for kpi in kpis if not isinstance(kpi.kind, Declared)]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _described(metric: Metric) -> dict[str, Any]:
    from svcsim.metrics.variants import which_of

    keys = ("id", "zh", "en", "formula", "unit", "better", "family", "min_n", "definition")
    return {key: getattr(metric, key) for key in keys} | {"one_of": which_of(metric.id).data()}


def _lines(
    table: pd.DataFrame,
    metrics: list[Metric],
    groups: list[str],
) -> tuple[list[list[str]], list[str]]:
    """Return the table as people read it; a value below its metric's min_n is marked thin."""
    from svcsim.units import format_value

    known = {metric.id: metric for metric in metrics}
    keys = [key for key in ("replication", "period") if table[key].nunique() > 1] + groups
    rows = []
    for row in table.to_dict(orient="records"):
        metric = known[row["metric"]]
        value, low, high = (
            format_value(row[part], metric.unit, 4) for part in ("value", "lower", "upper")
        )
        between = "" if low == "n/a" else Text(f"{low} .. {high}", f"{low.zh} .. {high.zh}")
        thin = word("thin") if 0 < row["n"] < metric.min_n else ""
        labels = [str(row[key]) if row[key] == row[key] else word("nobody") for key in keys]
        name = Text(metric.en, metric.zh)
        rows.append([*labels, metric.id, value, between, str(row["n"]), thin, name])
    heads = [word(key) if key in WORDS else key for key in keys]
    heads += [word(head) for head in ("metric", "value", "interval", "n")]
    return rows, [*heads, "", word("name")]
