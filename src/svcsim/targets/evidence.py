"""What one needs to reproduce every number of a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from svcsim import __version__
from svcsim.metrics.catalogue import get_metric
from svcsim.model.baseline import Baseline
from svcsim.targets.desk import Desk
from svcsim.targets.stages import Chosen
from svcsim.targets.trial import FOLLOW_UP, TrialRequest
from svcsim.text import Text

INTERVALS = Text(
    "90 %: Wilson as is; after a change Wilson by what was met as is, squared and added (Zou and "
    "Donner 2008)",
    "90%：维持现状用 Wilson 区间；变更之后按现状是否达成分层的 Wilson 区间，平方相加"
    "（Zou 与 Donner 2008）",
)
NOT_RECALIBRATED = Text(
    "no: probabilities are nominal until checked on later periods",
    "否：概率为名义值，有待以后的周期检验",
)


def evidence_of(
    ask: TrialRequest, simulated: Desk, chosen: Sequence[Chosen], sources: Mapping[str, str]
) -> dict[str, Any]:
    """Return what one needs to reproduce every number."""
    used = sorted({metric for runs in simulated.runs.values() for metric in runs.columns})
    log = ask.log
    return {
        "definitions": {metric: get_metric(metric).definition for metric in used},
        "replications": {name: len(runs) for name, runs in simulated.runs.items()},
        "seed": ask.seed,
        "follow_up_days": FOLLOW_UP,
        "levels": {stage.plan.name: stage.level for stage in chosen},
        "interval": INTERVALS.data(),
        "recalibrated": NOT_RECALIBRATED.data(),
        "history": {"name": log.name, "rows": len(log)} if log is not None else {},
        "benchmarks": dict(sources),
        "versions": {"svcsim": __version__, **_versions()},
    }


def baseline_facts(baseline: Baseline) -> dict[str, Any]:
    """Return where the baseline comes from and what is known to be weak in it."""
    return {
        "name": baseline.name,
        "zh": baseline.zh,
        "source": baseline.source.model_dump(mode="json"),
        "grades": baseline.grades(),
        "notes": [note.data() for note in baseline.notes],
        "drift": [drift.model_dump(mode="json") for drift in baseline.drift],
    }


def _versions() -> dict[str, str]:
    out = {}
    for package in ("numpy", "scipy", "pandas", "simpy"):
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            continue
    return out
