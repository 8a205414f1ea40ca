from datetime import date

import numpy as np

from svcsim.study.pickup import FirstResponses, with_pickup


def test_a_delay_that_capacity_does_not_explain_is_measured(small_baseline, true_log):
    """Every web ticket answered 2 h later than the desk would: the law is 2 h, phones have none."""
    from dataclasses import replace

    frame = true_log.frame.copy()
    web = frame["channel"] == "web"
    for stamp in ("first_response_s", "first_resolved_s", "resolved_s", "closed_s"):
        frame.loc[web, stamp] += 7200.0
    late = replace(true_log, frame=frame)
    model = with_pickup(
        small_baseline.model, late, date(2025, 4, 7), date(2025, 4, 21),
        seed=1, replications=2, workers=1,
    )  # fmt: skip
    pickup = model.categories["installation"].pickup
    assert abs(pickup.mean.value / 7200 - 1) < 0.35
    assert pickup.mean.grade == "proxy"


def test_only_answered_tickets_of_the_window_count(true_log):
    times = FirstResponses(("phone",), ("repair",))(true_log)
    assert set(times) == {"repair", ""}
    assert len(times["repair"]) < len(times[""])
    assert (times[""] >= 0).all()
    assert np.isfinite(times[""]).all()
