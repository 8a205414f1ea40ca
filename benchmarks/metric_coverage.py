"""Every metric, its worked example, and what it gives on the histories at hand -> docs.

Writes docs/metric-coverage.md. Real histories that are not there are left out of the table (and
of the page), so run it where they are.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from svcsim.calendar import business_hours
from svcsim.contacts.attach import with_tables
from svcsim.contacts.log import ContactLog
from svcsim.contacts.read import read_history
from svcsim.contacts.tables import read_tables
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.metric import Metric
from svcsim.metrics.support import why_not
from svcsim.spec import read_yaml
from svcsim.units import format_value

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
HISTORIES = {
    "sample desk": (str(ROOT / "src/svcsim/samples/history.csv.gz"), "sample"),
    "bank calls": (str(DATA / "bank_calls_1999_0*.tsv.gz"), "bank-calls"),
    "ServiceNow": (str(DATA / "servicenow_incidents_2016_mar_apr.csv.gz"), "servicenow-log"),
    "tech support": (
        str(DATA / "tech_support_tickets_2023_synthetic.csv.gz"),
        "tech-support-flat",
    ),
}
HOURS = "mon-fri 9:00-18:00"
HEAD = f"""\
<!-- Written by benchmarks/metric_coverage.py. -->
# Metric coverage

Every metric, the worked examples that fix it (tests/worked) and what it gives on four histories:
the embedded sample desk with the example side tables (scenarios/tables), two months of a bank's
calls, two months of ServiceNow incidents, a synthetic ticket export. Business hours of `*_open`
metrics: {HOURS}. Empty: the history does not hold what it needs, and `svcsim measure` says what.
Values are of the whole file, warm-up and ramp included; n in brackets.
"""


def main() -> None:
    """Write the page."""
    logs = {name: log for name in HISTORIES if (log := _log(name)) is not None}
    worked = _worked()
    lines = [HEAD, "| metric | worked examples | " + " | ".join(logs) + " |"]
    lines.append("| --- | --- |" + " --- |" * len(logs))
    for metric in list_metrics(others=True):
        examples = ", ".join(worked[metric.id.split("(")[0]])
        cells = [_cell(log, metric) for log in logs.values()]
        lines.append(f"| `{metric.id}` | {examples} | " + " | ".join(cells) + " |")
    page = ROOT / "docs" / "metric-coverage.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{page}: {len(list_metrics(others=True))} metrics on {len(logs)} histories")


def _log(name: str) -> ContactLog | None:
    source, preset = HISTORIES[name]
    if not list(Path(source).parent.glob(Path(source).name)):
        return None
    read = read_history(source, preset=preset).log
    if name == "sample desk":
        frames = read_tables(ROOT / "scenarios" / "tables", read.timezone).frames
        read = with_tables(read, frames)
    return replace(read, hours=business_hours(HOURS, read.timezone))


def _worked() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests" / "worked").glob("*.yaml")):
        found[read_yaml(path)["metric"].split("(")[0]].append(path.stem)
    return found


def _cell(log: ContactLog, metric: Metric) -> str:
    if why_not(log, metric):
        return ""
    row = evaluate(log, metric, intervals=False).iloc[0]
    if not row["n"]:
        return ""
    return f"{format_value(row['value'], metric.unit, 4)} ({row['n']})"


if __name__ == "__main__":
    main()
