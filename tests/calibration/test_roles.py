"""Role before skill: variance parts and the correlation of speed and quality, with known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.roles import RolesEstimator, correlation, parts_of
from svcsim.contacts.log import ContactLog, make_log


def world(n: int = 20_000, skill: float = 0.0, role: float = 0.6, seed: int = 0) -> ContactLog:
    """Four teams of six whose work differs by ``role``, agents by ``skill`` (sd of logs)."""
    rng = np.random.default_rng(seed)
    agent = rng.integers(0, 24, n)
    team = agent // 6
    steps = np.array([-1.0, -0.5, 0.5, 1.0])
    own = rng.normal(size=24)
    own -= np.repeat([own[i : i + 6].mean() for i in range(0, 24, 6)], 6)
    own /= own.std()
    y = 6 + role * (steps / steps.std())[team] + skill * own[agent] + rng.normal(0, 0.8, n)
    opened = np.sort(rng.uniform(0, 6e6, n))
    rows = {
        "ticket_id": [f"t{i}" for i in range(n)],
        "category": rng.choice(["a", "b"], n),
        "team": [f"team {k}" for k in team],
        "agent": [f"agent {k}" for k in agent],
        "opened_s": opened,
        "resolved_s": opened + np.exp(y),
        "handle_s": np.exp(y),
    }
    return make_log(pd.DataFrame(rows), observed_until=1e7)


def test_agents_who_differ_by_role_alone_have_nothing_of_their_own():
    fitted = RolesEstimator().fit(world(skill=0.0, role=0.6))
    parts = fitted.parts_
    assert parts is not None
    share = 0.36 / (0.36 + 0.64)
    assert parts.team == pytest.approx(share, abs=0.02)
    assert parts.agent_alone == pytest.approx(share, abs=0.02)
    assert parts.agent < 0.003
    assert "mostly role" in fitted.notes_[0]


def test_skill_within_teams_is_told_from_role():
    parts = RolesEstimator().fit(world(skill=0.4, role=0.6)).parts_
    assert parts is not None
    total = 0.36 + 0.16 + 0.64
    assert parts.team == pytest.approx(0.36 / total, abs=0.02)
    assert parts.agent == pytest.approx(0.16 / total, abs=0.02)
    assert parts.kind < 0.005
    assert parts.grade == "measured"


def test_elapsed_time_is_a_proxy():
    log = world()
    log.frame["handle_s"] = np.nan
    parts = RolesEstimator().fit(log).parts_
    assert parts is not None
    assert parts.grade == "proxy"


def test_labels_without_meaning_explain_nothing_on_average():
    rng = np.random.default_rng(1)
    found = [
        parts_of(
            rng.normal(size=600), rng.integers(0, 8, 600), rng.integers(0, 6, 600),
            rng.integers(0, 40, 600), "measured",
        )
        for _ in range(20)
    ]  # fmt: skip
    assert np.mean([part.kind for part in found]) < 0.01
    assert np.mean([part.agent_alone for part in found]) < 0.02


def agents(rho: float, n: int, seed: int, error: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.multivariate_normal([0, 0], [[0.04, rho * 0.06], [rho * 0.06, 0.09]], n)
    speed = truth[:, 0] + rng.normal(0, error, n)
    quality = truth[:, 1] + rng.normal(0, 2 * error, n)
    return pd.DataFrame(
        {"speed": speed, "speed_error": error, "quality": quality, "quality_error": 2 * error}
    )


def test_the_correlation_is_that_of_the_truth_not_of_noisy_estimates():
    table = agents(-0.7, 400, seed=2, error=0.15)
    found = correlation(table)
    assert found is not None
    assert found[0] <= -0.7 <= found[2]
    assert abs(np.corrcoef(table["speed"], table["quality"])[0, 1]) < 0.5


def test_intervals_of_the_correlation_cover():
    rng = np.random.default_rng(3)
    held = 0
    for i in range(40):
        rho = float(rng.uniform(-0.95, 0.95))
        low, _, high = correlation(agents(rho, 25, seed=i)) or (0.0, 0.0, 0.0)
        held += low <= rho <= high
    assert 0.8 <= held / 40 <= 1.0


def test_few_agents_have_no_correlation():
    assert correlation(agents(0.5, 4, seed=1)) is None


def test_its_sign_is_said_only_when_sure():
    sure = RolesEstimator().fit(world()).compare(agents(-0.9, 200, seed=4))
    unsure = RolesEstimator().fit(world()).compare(agents(0.0, 12, seed=4))
    assert "resolve less" in sure.notes_[-1]
    assert "no relation" in unsure.notes_[-1]
