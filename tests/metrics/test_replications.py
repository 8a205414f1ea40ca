"""A log measured replication by replication is measured to the same bits as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog
from svcsim.metrics import replications as module
from svcsim.metrics.catalogue import list_metrics
from svcsim.metrics.evaluate import evaluate
from svcsim.metrics.groups import group_rows

Build = Callable[..., ContactLog]
METRICS = list_metrics(others=True)


@pytest.fixture
def stacked(build: Build) -> ContactLog:
    """Three replications with spells, the second without any named agent."""
    logs = [build(seed=seed) for seed in (1, 2, 3)]

    def joined(name: str) -> pd.DataFrame:
        parts = [getattr(log, name) for log in logs]
        return pd.concat([p.assign(replication=k + 4.0) for k, p in enumerate(parts)])

    frame = joined("frame").reset_index(drop=True)
    frame["agent"] = frame["agent"].where(frame["replication"] != 5)
    return replace(logs[0], frame=frame, work=joined("work"), staffed=joined("staffed"))


@pytest.mark.parametrize("intervals", [True, False])
@pytest.mark.parametrize("by", [(), ("agent",), ("team", "category")])
@pytest.mark.parametrize("period", [None, "week"])
def test_parts_and_the_whole_give_the_same_bits(
    stacked: ContactLog,
    by: tuple[str, ...],
    period: str | None,
    intervals: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = evaluate(stacked, METRICS, by, period, intervals)
    monkeypatch.setattr(module, "WORTH_IT", 0)
    assert len(module.replications(stacked, group_rows(stacked.frame, by))) == 3
    parts = evaluate(stacked, METRICS, by, period, intervals)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)


def test_rows_out_of_order_are_measured_as_a_whole(
    stacked: ContactLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORTH_IT", 0)
    frame = stacked.frame.sort_values("opened_s", ignore_index=True)
    mixed = replace(stacked, frame=frame)
    assert module.replications(mixed, group_rows(frame, ())) == []
    pd.testing.assert_frame_equal(
        evaluate(mixed, "frt_p90", "agent", "week"), evaluate(stacked, "frt_p90", "agent", "week")
    )


def test_spells_that_name_no_replication_keep_the_log_whole(
    stacked: ContactLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORTH_IT", 0)
    assert stacked.work is not None
    nameless = replace(stacked, work=stacked.work.drop(columns="replication"))
    groups = group_rows(nameless.frame, ())
    assert module.replications(nameless, groups) == []
    assert len(module.replications(replace(nameless, work=None), groups)) == 3


def test_parts_follow_the_replications_of_the_log(stacked: ContactLog) -> None:
    fewer = replace(stacked, frame=stacked.frame[stacked.frame["replication"] != 5])
    for log in (stacked, fewer):
        pieces = module._cut(stacked.work, group_rows(log.frame, ()).replications)
        assert len(pieces) == log.frame["replication"].nunique()
