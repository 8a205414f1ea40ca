"""The other results to render: a baseline, a simulated scenario, scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sample_proposal import KPIS, N, draws, fidelity, profile, proposal

from svcsim.model.baseline import Baseline


def baseline(verdict: str = "pass") -> Baseline:
    """A baseline of the desk: three categories, six agents."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = dict(zip(days, profile(), strict=True))
    agents = {
        name: {
            "team": "L1",
            "speed": {
                "value": 1 + 0.03 * i,
                "interval": [0.95, 1.2],
                "n": 2100,
                "grade": "measured",
                "how": "shrunk residual",
            },
        }
        for i, name in enumerate(
            ("Chen Jing", "Deng Hui", "Gao Feng", "He Ping", "Hu Bo", "Wu Jie")
        )
    }
    category = {
        "team": "L1",
        "channels": {"ticket": 1.0},
        "difficulty": {"plain": 0.7, "hard": 0.3},
        "reopen": {"value": "8%", "interval": ["7%", "9%"], "grade": "measured"},
        "repeat": "5%",
    }
    times = {"returns": "14min", "billing": "9min", "how-to": "6min"}
    categories = {
        name: {
            **category,
            "share": 1 / 3,
            "handling": {
                "mean": {
                    "value": mean,
                    "n": 900,
                    "interval": [mean, "15min"],
                    "grade": "measured",
                    "how": "mean",
                },
                "cv": 1.1,
            },
        }
        for name, mean in times.items()
    }
    model = {
        "timezone": "Asia/Shanghai",
        "arrivals": {
            "level": {"value": 1203, "grade": "measured", "interval": [1170, 1240], "n": 48},
            "profile": week,
            "day_cv": 0.11,
        },
        "difficulty": {"plain": {}, "hard": {"work": 1.9, "returns": 1.5}},
        "channels": {"ticket": {"mode": "ticket"}},
        "categories": categories,
        "teams": ["L1"],
        "agents": agents,
        "staffing": {
            "shifts": {"day": [["09:00", "18:00"]]},
            "presence": "93%",
            "days": [{"weekday": d, "on": {"day": list(agents)}} for d in days],
            "slowdown": {
                "value": 1.12,
                "interval": [1.08, 1.17],
                "grade": "proxy",
                "how": "tuned so that waits match",
            },
        },
    }
    data = proposal().baseline
    return Baseline.model_validate(
        {
            "svcsim": "0.1.0",
            "name": "h1",
            "zh": "售后台",
            "source": data["source"],
            "notes": data["notes"],
            "drift": data["drift"],
            "fidelity": fidelity(verdict),
            "model": model,
        }
    )


def simulation() -> tuple[dict[str, Any], pd.DataFrame]:
    """``summary.json`` and ``kpis.parquet`` of a simulated scenario."""
    frames, kpis = [], []
    for metric, (_, _, unit, *_) in KPIS.items():
        values = draws(metric, "evening +2")
        frames.append(
            pd.DataFrame(
                {
                    "scenario": ["history", *["evening"] * N],
                    "replication": range(N + 1),
                    "period": "all",
                    "metric": metric,
                    "value": [draws(metric, "as is")[0], *values],
                    "n": 4800,
                    "lower": np.nan,
                    "upper": np.nan,
                    "unit": unit,
                }
            )
        )
        low, median, high = (float(q) for q in np.quantile(values, [0.1, 0.5, 0.9]))
        kpis.append(
            {
                "scenario": "evening",
                "period": "all",
                "metric": metric,
                "unit": unit,
                "replications": N,
                "missing": 0,
                "observations": 4800.0,
                "mean": float(values.mean()),
                "half_width": float(values.std() / 7),
                "p10": low,
                "p50": median,
                "p90": high,
            }
        )
    summary = {
        "scenario": "evening",
        "zh": "晚班",
        "baseline": "h1",
        "fidelity": "warn",
        "start": "2026-04-06",
        "days": 28,
        "seed": 7,
        "replications": N,
        "changes": ["staffing.extra.L1: 0 -> 2"],
        "kpis": kpis,
    }
    return summary, pd.concat(frames, ignore_index=True)


def scores() -> dict[str, Any]:
    """``scores.json`` of a month: the desk, one team, three agents, two KPIs."""
    kpis = [
        {
            "metric": m,
            "zh": zh,
            "en": en,
            "unit": unit,
            "family": "efficiency",
            "formula": f"rule of {m}",
            "definition": "abcd1234",
            "weight": weight,
            "scope": "both",
            "direction": direction,
            "curve": "linear",
            "target": target,
            "floor": None,
            "stretch": None,
            "derived": True,
            "min_n": 30,
            "why": "",
            "left_out": "",
            "period": {},
            "followed_up": 1.0,
            "reliability": 0.41,
            "contacts_median": 154.0,
            "contacts_for_pay": None,
        }
        for m, zh, en, unit, weight, direction, target in (
            ("frt_p90", "首次响应时间 P90", "First reply, P90", "s", 0.4, "lower", 1200.0),
            ("csat_top2", "满意度", "Satisfaction", "share", 0.6, "higher", 0.9),
        )
    ]

    def metric(name: str, value: float, n: int, status: str) -> dict[str, Any]:
        return {
            "metric": name,
            "value": value,
            "n": n,
            "lower": value * 0.9,
            "upper": value * 1.1,
            "target": 1.0,
            "points": 71.3,
            "weight": 0.5,
            "reliability": 0.4,
            "adjusted_value": value * 1.01,
            "used_value": value * 1.005,
            "basis": "shrunk",
            "p_met": 0.6,
            "status": status,
            "status_zh": {"met": "达标", "too few": "样本不足"}[status],
        }

    def unit(kind: str, name: str, score: float | None, rank: list[int] | None) -> dict[str, Any]:
        flags = (
            [
                {
                    "kind": "noisy",
                    "text": f"reliability 0.{len(name)}1: team only",
                    "zh": "信度低",
                    "metric": "csat_top2",
                }
            ]
            if kind == "agent"
            else []
        )
        return {
            "kind": kind,
            "unit": name,
            "team": "L1" if kind == "agent" else "",
            "contacts": 412,
            "score": score,
            "lower": None if score is None else score - 9,
            "upper": None if score is None else score + 8,
            "p_on_target": 0.22,
            "band": "uncertain" if kind != "agent" else "typical",
            "band_zh": "正常",
            "rank_interval": rank,
            "peers": 3,
            "weight_scored": 1.0,
            "metrics": [
                metric("frt_p90", 1100.0, 400, "met"),
                metric("csat_top2", 0.87, 12, "too few"),
            ],
            "flags": flags,
        }

    return {
        "schema_version": 1,
        "svcsim": "0.1.0",
        "card": {"name": "june card", "zh": "六月考核表"},
        "log": {"name": "tickets"},
        "level": 0.95,
        "score_reliability": 0.53,
        "period": {"label": "2026-06", "start": "2026-06-01", "end": "2026-07-01"},
        "kpis": kpis,
        "units": [
            unit("desk", "desk", 74.5, None),
            unit("team", "L1", 76.5, [1, 2]),
            unit("agent", "Chen Jing", 71.2, [1, 3]),
            unit("agent", "Hu Bo", 64.0, [1, 3]),
            unit("agent", "Wu <Jie>", None, None),
        ],
        "findings": [
            {
                "level": "warning",
                "where": "csat_top2",
                "found": "12 answers",
                "expected": "30 are needed",
                "mend": "pool three months",
            }
        ],
    }
