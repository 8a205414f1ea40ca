"""``svcsim score``: a period's scores for the desk, its teams and its agents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcsim.cli.inputs import read_log_argument
from svcsim.cli.output import Output, common_options

if TYPE_CHECKING:
    from svcsim.scorecard.table import ScoreTable, UnitScore

HEADERS = {
    "en": ("KPI", "value", "95 % interval", "n", "target", "points", "status", "P(met)"),
    "zh": ("指标", "数值", "95% 区间", "样本", "目标", "得分", "状态", "达标概率"),
}
UNIT_HEADERS = {
    "en": ("", "unit", "contacts", "score", "95 % interval", "band", "rank", "flags"),
    "zh": ("", "对象", "工单", "总分", "95% 区间", "档位", "名次区间", "提示"),
}
KINDS_ZH = {"desk": "全台", "team": "团队", "agent": "坐席"}


@click.command(
    epilog="Example: svcsim score log.parquet --scorecard seed-25-40-35 --period 2026-03 -o march"
)
@click.argument("log")
@click.option("--scorecard", "card_name", required=True, help="Card: a file or a shipped name.")
@click.option("--period", help="2026-03, 2026-Q1, 2026-W12 or first/last+1 day; default: the last.")
@click.option("--preset", metavar="NAME", help="Preset of the export (see: list presets).")
@click.option("--mapping", type=click.Path(), help="Mapping file (YAML) of the export.")
@click.option("--tz", metavar="ZONE", help="IANA zone of the stamps.")
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--no-report", is_flag=True, help="Do not write scores.html.")
@common_options
def command(
    log: str,
    card_name: str,
    period: str | None,
    preset: str | None,
    mapping: str | None,
    tz: str | None,
    folder: Path | None,
    no_report: bool,
    out: Output,
) -> int:
    """Score a period of LOG (log or export); -o writes scores.json, scores.csv, scores.html."""
    from svcsim.errors import Finding, InputError
    from svcsim.scorecard.score import score
    from svcsim.scorecard.scorecard import Scorecard, find_card

    if folder is not None and folder.exists() and not folder.is_dir():
        raise InputError(Finding("-o", f"'{folder}' is a file", "expected a folder"))
    card = Scorecard.from_yaml(find_card(card_name))
    contacts = read_log_argument(log, out, preset=preset, mapping=mapping, timezone=tz)
    table = score(contacts, card, period)
    result = table.to_json_dict()
    out.findings(table.findings)
    _show(out, table)
    out.emit(result)
    if folder is not None:
        _write(folder, table, result, None if no_report else out.lang)
        out.say(f"written: {folder}")
    return 0


def _write(folder: Path, table: ScoreTable, result: dict[str, Any], lang: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
    table.to_frame().to_csv(folder / "scores.csv", index=False, encoding="utf-8-sig")
    if lang is not None:
        from svcsim.report.score_report import render_scores

        (folder / "scores.html").write_text(render_scores(result, lang), encoding="utf-8")


def _show(out: Output, table: ScoreTable) -> None:
    """Print the desk's KPIs, then every unit with its interval; agents by name, not by rank."""
    from svcsim.contacts.log import show_day
    from svcsim.scorecard.table import STATUS
    from svcsim.units import format_share, format_value

    zh, zone = out.lang == "zh", table.log.timezone
    span = table.period
    title = table.card.zh if zh and table.card.zh else table.card.name
    out.print(f"{title}  [{show_day(span.start, zone)}, {show_day(span.end, zone)}) {zone}")
    lines = []
    asked = [one for one in table.kpis if one.kpi.applies_to("desk")]
    for one, kpi in zip(asked, table.units[0].metrics, strict=True):
        metric, sign = one.kpi.kind, "<=" if one.curve.direction == "lower" else ">="
        value, low, high, target = (
            format_value(x, metric.unit, 3) for x in (kpi.value, kpi.lower, kpi.upper, kpi.target)
        )
        between = "" if low == "n/a" else f"{low} .. {high}"
        status = STATUS[kpi.status] if zh else kpi.status
        chance, points = format_share(kpi.p_met, 2), format_value(kpi.points, "", 3)
        name = metric.zh if zh else kpi.metric
        lines.append((name, value, between, kpi.n, f"{sign} {target}", points, status, chance))
    out.table(lines, HEADERS[out.lang])
    out.print()
    out.table([_line(unit, zh) for unit in table.units], UNIT_HEADERS[out.lang])


def _line(unit: UnitScore, zh: bool) -> tuple[object, ...]:
    from svcsim.scorecard.table import BANDS

    interval = f"{unit.lower:.0f} .. {unit.upper:.0f}" if unit.lower == unit.lower else ""
    rank = "{}-{}/{}".format(*unit.rank_interval, unit.peers) if unit.rank_interval else ""
    flags = ", ".join(sorted({flag.kind for flag in unit.flags if flag.kind != "left out"}))
    kind = KINDS_ZH[unit.kind] if zh else unit.kind
    band = BANDS.get(unit.band, "") if zh else unit.band
    return kind, unit.unit, unit.contacts, f"{unit.score:.0f}", interval, band, rank, flags
