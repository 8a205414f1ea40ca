"""The report of a simulation: the distribution of every KPI, beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from svcsim import __version__
from svcsim.report.definitions import definitions_section
from svcsim.report.document import (
    Block,
    Bullet,
    Bullets,
    Cell,
    Cells,
    Document,
    Fact,
    Facts,
    Paragraph,
    Picture,
    Pictures,
    Section,
    kept,
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases, as_number
from svcsim.report.proposal_terms import kpi_cell
from svcsim.report.render import to_html

if TYPE_CHECKING:
    import pandas as pd

    from svcsim.study.hour import Hour

HISTORY = "history"


def render_kpis(
    summary: Mapping[str, Any], kpis: pd.DataFrame, lang: str = "en", hour: Hour | None = None
) -> str:
    """Return the report of a simulated scenario as one HTML file in ``en`` or ``zh``.

    Parameters
    ----------
    summary : mapping
        Content of ``summary.json``.
    kpis : DataFrame
        Content of ``kpis.parquet``: a KpiTable; replication 0 is the history.
    lang : str
        ``en`` or ``zh``.
    hour : Hour, optional
        An hour at the desk in replication 1, from a run with ``--trace``.
    """
    return to_html(kpis_document(summary, kpis, lang, hour))


def kpis_document(
    summary: Mapping[str, Any], kpis: pd.DataFrame, lang: str = "en", hour: Hour | None = None
) -> Document:
    """Return the report of a simulated scenario as a document."""
    w, names = Phrases(lang), Names()
    name = w.pick(str(summary.get("zh") or ""), str(summary.get("scenario") or ""))
    verdict = str(summary.get("fidelity") or "")
    loose = verdict in ("fail", "none")
    sections = [_table(summary, kpis, w, names), _pictures(summary, kpis, w, names)]
    used = [str(entry.get("metric", "")) for entry in summary.get("kpis") or ()]
    sections += [_hour(hour, w)]
    sections += [definitions_section(used, w, names, summary.get("definitions"))]
    return Document(
        lang=lang,
        title=w("title_kpis", name=name),
        subtitle=w(
            "subtitle_kpis",
            n=w.count(summary.get("replications")),
            days=w.count(summary.get("days")),
            start=w.day(summary.get("start", "–")),
        ),
        front=kept(*_front(summary, w)),
        sections=tuple(s for s in sections if s is not None),
        foot=w("foot", version=summary.get("svcsim", __version__)),
        banner=w("banner_exploratory") if loose else "",
        banner_detail=w(f"banner_{verdict}") if loose else "",
        stamp=w("stamp_exploratory"),
    )


def _front(summary: Mapping[str, Any], w: Phrases) -> list[Block]:
    facts = [
        Fact(w("key_baseline"), str(summary.get("baseline") or "–")),
        Fact(w("fact_fidelity"), w.known("verdict", summary.get("fidelity") or "none")),
        Fact(w("key_replications"), w.count(summary.get("replications"))),
        Fact(w("key_seed"), str(summary.get("seed", "–"))),
    ]
    if summary.get("warm_up_days"):
        facts.append(Fact(w("key_warm_up"), w("n_days", n=summary["warm_up_days"])))
    changes = tuple(Bullet(text) for text in w.own_all(summary, "changes"))
    changed = Bullets(changes or (Bullet(w("no_changes")),), w("changes_title"))
    remarks = tuple(Bullet(text) for text in w.own_all(summary, "remarks"))
    noted = [Bullets(remarks, w("remarks_title"))] if remarks else []
    why = Paragraph(str(summary.get("why") or ""), "lead")
    return [why, Facts(tuple(facts)), changed, *noted]


def _table(
    summary: Mapping[str, Any], kpis: pd.DataFrame, w: Phrases, names: Names
) -> Section | None:
    """Return one row per KPI: observed, mean with its precision, median, P10-P90."""
    entries = list(summary.get("kpis") or ())
    several = len({(e.get("scenario"), e.get("period")) for e in entries}) > 1
    observed = _observed(kpis)
    rows: list[Cells] = []
    for e in entries:
        metric, unit = str(e.get("metric", "")), str(e.get("unit") or "")
        cell = kpi_cell(metric, w, names)
        if several:
            cell = Cell(cell.text, f"{e.get('scenario')} · {e.get('period')}")
        width = w.value(e.get("half_width"), unit, 2)
        rows.append(
            [
                cell,
                w.value(observed.get((metric, str(e.get("period", "")))), unit),
                Cell(w.value(e.get("mean"), unit), "" if width == "–" else f"± {width}"),
                w.value(e.get("p50"), unit),
                w.band(e.get("p10"), e.get("p90"), unit),
                w.count(e.get("observations")),
            ]
        )
    head = tuple(w(key) for key in ("kpi", "history", "mean", "median", "p10_p90_head", "n"))
    note = Paragraph(w("kpi_table_note"), "note")
    body = table(head, rows, numbers=(1, 2, 3, 4, 5))
    return section("kpis", w("kpi_table_title"), body, note)


def _observed(kpis: pd.DataFrame) -> dict[tuple[str, str], float | None]:
    past = kpis[kpis["replication"] == 0]
    columns = (past["metric"], past["period"], past["value"])
    return {(str(m), str(p)): as_number(float(v)) for m, p, v in zip(*columns, strict=True)}


def _pictures(
    summary: Mapping[str, Any], kpis: pd.DataFrame, w: Phrases, names: Names
) -> Section | None:
    """Return per KPI the distribution over replications, one strip per scenario (and period)."""
    drawn = []
    zh = {str(summary.get("scenario")): str(summary.get("zh") or "")}
    simulated = kpis[kpis["replication"] > 0]
    several = simulated["period"].nunique() > 1
    for metric, group in simulated.groupby("metric", sort=False):
        strips: dict[str, list[float]] = {}
        for (scenario, period), part in group.groupby(["scenario", "period"], sort=False):
            label = w.pick(zh.get(str(scenario), ""), str(scenario))
            label += f" {period}" if several else ""
            strips[label] = [float(v) for v in part["value"]]
        past = kpis[(kpis["replication"] == 0) & (kpis["metric"] == metric)]
        seen = [float(v) for v in past["value"]]
        unit = str(group["unit"].iloc[0])
        drawn.append(_picture(str(metric), strips, seen, unit, w, names))
    intro = Paragraph(w("distributions_intro"))
    return section("distributions", w("distributions_title"), intro, Pictures(tuple(drawn)))


def _picture(
    metric: str,
    strips: Mapping[str, list[float]],
    seen: list[float],
    unit: str,
    w: Phrases,
    names: Names,
) -> Picture:
    alt = w("alt_distribution", kpi=names.show(metric, w))

    def draw() -> str:
        from svcsim.report import figures

        return figures.svg(figures.kpi_distribution(strips, unit, w, observed=seen), alt)

    return Picture(draw, alt, names.show(metric, w), half=True)


def _hour(hour: Hour | None, w: Phrases) -> Section | None:
    """Return the picture of an hour at the desk; where the trace lies is said beside it."""
    if hour is None:
        return None

    def draw() -> str:
        from svcsim.report import figures, figures_hour

        span = figures_hour.hour_span(hour, w)
        return figures.svg(figures_hour.hour_at_the_desk(hour, w), w("alt_hour", **span))

    file = "trace.zh.txt" if w.lang == "zh" else "trace.txt"
    intro = Paragraph(w("hour_intro", n=hour.replication, file=file))
    return section("hour", w("hour_section"), intro, Pictures((Picture(draw, w("hour_section")),)))
