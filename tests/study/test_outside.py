from datetime import date

import pytest

from small_desks import desk
from svcsim.engine.demand import Horizon
from svcsim.study.outside import outside

WEEK = Horizon(date(2025, 3, 3), 5, 2)


@pytest.mark.parametrize(
    ("day", "said"), [("2025-03-02", 1), ("2025-03-03", 0), ("2025-03-09", 0), ("2025-03-10", 1)]
)
def test_an_incident_outside_the_run_is_told(day, said):
    burst = {"at": f"{day} 09:30", "category": "all", "size": 20.0, "over": "1h"}
    told = outside(desk(bursts={"outage": burst}), WEEK)
    assert len(told) == said
    assert all("bursts.outage" in text and day in text for text in told)
    assert all("2025-03-03" in text.zh for text in told)


def test_a_campaign_that_only_touches_the_run_is_not_told():
    def told(first, until):
        campaign = {"from": first, "until": until, "times": 2.0}
        return outside(desk(campaigns={"sale": campaign}), WEEK)

    assert told("2025-02-20", "2025-03-04") == []
    assert len(told("2025-02-20", "2025-03-03")) == 1
    assert len(told("2025-03-10", "2025-03-11")) == 1
