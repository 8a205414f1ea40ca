"""A review as plain data: the keys of ``scores.json`` and the columns of ``scores.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from svcsim.scorecard.change_words import sentence
from svcsim.scorecard.coaching import Coaching
from svcsim.scorecard.funnel import Funnel
from svcsim.scorecard.labels import FUNNEL, TRENDS, USES
from svcsim.scorecard.review import Review
from svcsim.scorecard.table import ScoreTable

_POINT = ("unit", "value", "centre", "n", "n_effective", "watch", "act", "status", "side")


def review_data(table: ScoreTable) -> dict[str, Any]:
    """Return ``review`` of ``scores.json``."""
    review = table.review
    asked_of = {asked.kpi.metric: asked for asked in table.kpis}
    out: dict[str, Any] = {
        "periods": [period.label for period in review.periods],
        "funnels": [_funnel(found) for found in review.funnels],
        "changes": [],
        "gaps": [asdict(gap) for gap in review.gaps],
        "coaching": [_coaching(one) for one in review.coaching],
    }
    for change in review.changes:
        asked = asked_of[change.metric]
        text = sentence(change, asked.kpi.kind, asked.curve.direction)
        out["changes"].append({**asdict(change), "text": text.en, "zh": text.zh})
    return out


def unit_data(review: Review) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return by kind, unit and metric what stands at ``units[].metrics[]``."""
    points = {
        (found.kind, point.unit, found.metric): point
        for found in review.funnels
        for point in found.points
    }
    trends = {(t.kind, t.unit, t.metric): t for t in review.trends}
    cases: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for case in review.cases:
        plain = asdict(case)
        key = (plain.pop("kind"), plain.pop("unit"), plain.pop("metric"))
        cases.setdefault(key, []).append(plain)
    out = {}
    for key, use in review.uses.items():
        point, trend = points.get(key), trends.get(key)
        out[key] = {
            "use": use,
            "use_zh": USES[use],
            "funnel": None if point is None else _point(asdict(point)),
            "trend": None
            if trend is None
            else {
                **{k: v for k, v in asdict(trend).items() if k not in ("metric", "kind", "unit")},
                "verdict_zh": TRENDS[trend.verdict],
            },
            "cases": cases.get(key, []),
        }
    return out


def csv_columns(review: Review) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return by kind, unit and metric the columns that ``scores.csv`` has from the review."""
    out = {}
    for key, plain in unit_data(review).items():
        point, trend = plain["funnel"] or {}, plain["trend"] or {}
        out[key] = {
            "use": plain["use"],
            "funnel": point.get("status", ""),
            "funnel_side": point.get("side", ""),
            "funnel_lower": point.get("watch", (float("nan"),))[0],
            "funnel_upper": point.get("watch", (float("nan"),))[-1],
            "trend": trend.get("verdict", ""),
            "trend_side": trend.get("side", ""),
            "slope": trend.get("slope", float("nan")),
        }
    return out


def _point(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "status_zh": FUNNEL[plain["status"]]}


def _funnel(found: Funnel) -> dict[str, Any]:
    plain = asdict(found)
    plain["points"] = [{name: point[name] for name in _POINT} for point in plain["points"]]
    return plain


def _coaching(one: Coaching) -> dict[str, Any]:
    return {
        **{k: v for k, v in asdict(one).items() if k != "text"},
        "use_zh": USES[one.use],
        "text": one.text.en,
        "zh": one.text.zh,
    }
