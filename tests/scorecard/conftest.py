"""Small desks with a known truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from svcsim.contacts.log import ContactLog, make_log

MARCH = pd.Timestamp("2026-03-01", tz="Asia/Shanghai").timestamp()
DAY = 86400.0

DeskMaker = Callable[..., ContactLog]


@pytest.fixture(scope="session")
def desk() -> DeskMaker:
    """Return a maker of logs: agent -> list of CSAT answers (None: not asked), one a contact."""

    def make(
        answers: Mapping[str, Sequence[float | None]],
        *,
        start: float = MARCH,
        end: float = MARCH + 31 * DAY,
        category: str | Callable[[str, int], str] = "A",
        team: Mapping[str, str] | None = None,
        **columns: float,
    ) -> ContactLog:
        rows = []
        for agent, scores in answers.items():
            step = (end - start - 2 * DAY) / max(len(scores), 1)
            for i, csat in enumerate(scores):
                opened = float(np.floor(start + i * step))
                rows.append(
                    {
                        "ticket_id": f"{agent}-{i}",
                        "agent": agent,
                        "team": (team or {}).get(agent),
                        "category": category if isinstance(category, str) else category(agent, i),
                        "opened_s": opened,
                        "first_response_s": opened + 600,
                        "resolved_s": opened + 3600,
                        "csat": np.nan if csat is None else csat,
                        "survey_s": np.nan if csat is None else opened + 7200,
                        **columns,
                    }
                )
        return make_log(
            rows,
            start=start,
            end=end,
            observed_until=end + 30 * DAY,
            timezone="Asia/Shanghai",
            name="desk",
        )

    return make


@pytest.fixture(scope="session")
def equal_agents(desk: DeskMaker) -> ContactLog:
    """Return twelve agents of the same quality (.80), 60 surveys each: differences are luck."""
    rng = np.random.default_rng(7)
    return desk({f"a{i:02d}": list(np.where(rng.random(60) < 0.8, 5, 2)) for i in range(12)})


@pytest.fixture(scope="session")
def unequal_agents(desk: DeskMaker) -> ContactLog:
    """Return ten agents of quality .80 and one each of .35 and .99, 150 surveys each."""
    rng = np.random.default_rng(8)
    quality = {f"a{i:02d}": 0.8 for i in range(10)} | {"bad": 0.35, "good": 0.99}
    return desk({name: list(np.where(rng.random(150) < p, 5, 2)) for name, p in quality.items()})
