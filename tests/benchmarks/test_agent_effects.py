"""The benchmark of agents' effects in small: honest intervals, better than raw means."""

from __future__ import annotations

import pytest
from benchmarks.agent_effects import measure


@pytest.mark.parametrize("by_skill", [False, True])
def test_intervals_of_speeds_cover_and_skill_routing_does_not_leak(by_skill: bool):
    found = measure(10, 60, by_skill, runs=12)
    assert 0.78 <= found["cover_90"] <= 0.97
    assert found["rmse"]["shrunken"] < 0.13
    assert found["rmse"]["shrunken"] < found["rmse"]["raw"]
