"""Sections of the calibration report: how the baseline fits, in pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from svcsim.model.fidelity import Evidence, Fidelity
from svcsim.report.document import (
    Block,
    Cell,
    Cells,
    Paragraph,
    Picture,
    Pictures,
    Section,
    section,
    table,
)
from svcsim.report.names import Names
from svcsim.report.phrases import Phrases
from svcsim.study.reasons import KINDS

NOT_BY_CHANCE = 0.05


def fit_sections(found: Fidelity, w: Phrases, names: Names) -> list[Section | None]:
    """Return the pictures first, then the tables behind the verdict."""
    series = found.evidence or Evidence()
    return [
        _arrivals(series, w),
        _handling(series, w),
        _waits(series, w),
        _duty(series, w),
        _splits(found, w),
        _coverage(found, w),
        _pit(found, w, names),
        _distances(found, w),
        _volume(found, w, names),
    ]


def _picture(draw: Callable[[Any], Any], what: str, w: Phrases, caption: str = "") -> Picture:
    """Return a picture that `draw` makes from the module of figures."""
    alt = w("alt_fit", what=what)

    def drawn() -> str:
        from svcsim.report import figures, figures_fit

        return figures.svg(draw(figures_fit), alt)

    return Picture(drawn, alt, caption)


def _arrivals(series: Evidence, w: Phrases) -> Section | None:
    pictures = []
    if series.forecast:
        spans = [curve.model_dump() for curve in series.forecast]
        pictures.append(
            _picture(
                lambda f: f.daily(series.days, series.daily, spans, w, w.short_day),
                w("fit_arrivals_day"), w, w("fit_arrivals_day"),
            )
        )  # fmt: skip
    if series.fitted_openings:
        lines = {w("recorded"): series.openings, w("simulated_line"): series.fitted_openings}
        pictures.append(
            _picture(
                lambda f: f.week_lines(lines, w), w("fit_arrivals_week"), w, w("fit_arrivals_week")
            )
        )
    return _section("fit_arrivals", w, pictures)


def _handling(series: Evidence, w: Phrases) -> Section | None:
    curves = [curve.model_dump() for curve in series.handling]
    pictures = [
        _picture(lambda f: f.handling(curves, w), w("fit_handling_title"), w)
    ] if curves else []  # fmt: skip
    return _section("fit_handling", w, pictures, w("fit_handling_note"))


def _waits(series: Evidence, w: Phrases) -> Section | None:
    curves = [curve.model_dump() for curve in series.waits]
    titles = [w(f"wait_{curve['name']}") for curve in curves]
    pictures = [
        _picture(lambda f: f.waits(curves, titles, w), w("fit_waits_title"), w)
    ] if curves else []  # fmt: skip
    return _section("fit_waits", w, pictures, w("fit_waits_note"))


def _duty(series: Evidence, w: Phrases) -> Section | None:
    if not any(series.at_work):
        return None
    lines: dict[str, Sequence[float]] = {
        w("recorded"): series.at_work, w("simulated_line"): series.fitted_at_work,
    }  # fmt: skip
    if series.fitted_on_duty:
        lines[w("on_duty_line")] = series.fitted_on_duty
    picture = _picture(lambda f: f.week_lines(lines, w), w("fit_duty_title"), w)
    return _section("fit_duty", w, [picture], w("fit_duty_note"))


def _section(key: str, w: Phrases, pictures: Sequence[Picture], note: str = "") -> Section | None:
    if not pictures:
        return None
    return section(key, w(f"{key}_title"), Paragraph(note, "note"), Pictures(tuple(pictures)))


def _splits(found: Fidelity, w: Phrases) -> Section | None:
    rows: list[Cells] = [
        [
            w.stretch(o.start, o.end),
            w.count(o.rows),
            f"{o.slowdown:.2f}",
            w("n_of", inside=o.inside, n=o.cells) if o.cells else "–",
            w("n_of", inside=o.forecast_inside, n=o.forecast_cells) if o.forecast_cells else "–",
        ]
        for o in found.origins
    ]
    head = [
        w(key) for key in ("split", "split_rows", "split_slowdown", "split_real", "split_forecast")
    ]
    body = table(head, rows, numbers=(1, 2, 3, 4))
    return section("splits", w("splits_title"), Paragraph(w("splits_intro")), body)


def _coverage(found: Fidelity, w: Phrases) -> Section | None:
    rows: list[Cells] = [
        [
            w("of_volume", band=w.p(c.band)) if c.metric else w.p(c.band),
            w(f"arrivals_{c.arrivals}"),
            Cell(w.p(c.share), tone="" if c.low <= c.band <= c.high else "warn"),
            w.band(c.low, c.high, "share"),
            w("n_of", inside=c.inside, n=c.cells),
        ]
        for c in found.coverage
    ]
    head = [
        w(key) for key in ("band_head", "arrivals_head", "share", "interval_head", "inside_head")
    ]
    body = table(head, rows, numbers=(2, 3, 4))
    levels = _levels(found, w)
    intro = Paragraph(w("coverage_intro"))
    return section("coverage", w("coverage_title"), intro, body, levels)


def _levels(found: Fidelity, w: Phrases) -> Block | None:
    from svcsim.metrics.catalogue import get_metric

    def shown(value: float, relative: bool, sign: str) -> str:
        number = f"{100 * value:{sign}.0f}".replace("-", "−")
        return f"{number}%" if relative else w("error_points", n=number)

    rows: list[Cells] = [
        [
            get_metric(x.metric).zh if w.lang == "zh" else get_metric(x.metric).en,
            Cell(shown(x.error, x.relative, "+"), tone="" if x.within else "bad"),
            "±" + shown(x.limit, x.relative, ""),
        ]
        for x in found.levels
    ]
    head = (w("kpi"), w("error"), w("tolerated"))
    return table(head, rows, caption=w("levels_title"), numbers=(1, 2)) if rows else None


def _pit(found: Fidelity, w: Phrases, names: Names) -> Section | None:
    own = {"all": w("pit_all"), "volume by day": w("pit_volume")}
    bars = {own[p.metric]: p.counts for p in found.pit if p.metric in own}
    pictures = Pictures(
        (_picture(lambda f: f.pit_bars(bars, w), w("pit_title"), w),) if bars else ()
    )
    rows: list[Cells] = [
        [
            own.get(p.metric) or names.show(p.metric, w),
            w.count(p.n),
            f"{p.mean:.2f}",
            Cell(w(f"shape_{p.shape}"), tone="" if p.shape in ("flat", "few") else "warn"),
            "–" if p.p is None else w.p(p.p),
        ]
        for p in found.pit
    ]
    head = [w(key) for key in ("kpi", "n", "pit_mean", "pit_shape", "pit_p")]
    body = table(head, rows, numbers=(1, 2, 4))
    return section("pit", w("pit_title"), Paragraph(w("pit_intro")), pictures, body)


def _distances(found: Fidelity, w: Phrases) -> Section | None:
    rows: list[Cells] = [
        [
            KINDS[d.kind].in_(w.lang),
            w(f"arrivals_{d.arrivals}"),
            f"{d.value:.3g}",
            f"{d.floor:.3g} ({d.floor_high:.3g})",
            "–" if d.relative is None else f"{d.relative:.2f}",
            Cell(w.p(d.p), tone="warn" if d.p < NOT_BY_CHANCE else ""),
            "–" if d.halves is None else f"{d.halves:.3g}",
        ]
        for d in found.distances
    ]
    keys = ("kind", "arrivals_head", "distance", "floor", "relative", "chance_p", "halves")
    body = table([w(key) for key in keys], rows, numbers=(2, 3, 4, 5, 6))
    return section("distances", w("distances_title"), Paragraph(w("distances_intro")), body)


def _volume(found: Fidelity, w: Phrases, names: Names) -> Section | None:
    days: Mapping[str, str] = dict(
        zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), w("weekdays").split(), strict=True)
    )
    rows: list[Cells] = [
        [
            w(f"by_{v.by}"),
            days.get(v.key, v.key) if v.by == "weekday" else w.day(v.key),
            w.count(v.observed),
            Cell(w.count(v.expected), f"± {w.count(1.645 * v.sd)}"),
            Cell(f"{v.z:+.1f}", tone="bad" if abs(v.z) > 3 else ""),
        ]
        for v in found.volume
    ]
    head = [w("by"), "", w("came"), w("forecast_head"), "z"]
    body = table(head, rows, numbers=(2, 3, 4))
    return section("volume", w("volume_title"), Paragraph(w("volume_intro")), body)
