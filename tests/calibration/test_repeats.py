"""Who comes back: reopenings, repeat contacts, and contacts that would have come anyway."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.excess import fit_excess
from svcsim.calibration.groups import grouped
from svcsim.calibration.repeats import RepeatsEstimator, times_to_next
from svcsim.contacts.log import ContactLog, make_log

DAY = 86400.0


def times(
    p: float, per_month: float, n: int = 15000, seed: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Time to the next contact: lognormal (median 2 days) with chance p, and a constant rate."""
    rng = np.random.default_rng(seed)
    caused = np.where(rng.random(n) < p, np.exp(rng.normal(np.log(2), 0.9, n)), np.inf)
    anyway = rng.exponential(30 / per_month, n) if per_month else np.full(n, np.inf)
    next_ = np.minimum(caused, anyway)
    known = np.minimum(rng.uniform(0, 60, n), 30.0)
    return np.minimum(next_, known) * DAY, next_ <= known


@pytest.mark.parametrize(("per_month", "off"), [(0.0, 0.01), (0.5, 0.02), (2.0, 0.04)])
def test_contacts_that_come_anyway_are_told_from_caused_ones(per_month: float, off: float):
    fit = fit_excess(*times(0.15, per_month), 30 * DAY)
    assert fit is not None
    assert fit.p == pytest.approx(0.15, abs=off)
    assert fit.eta * 30 == pytest.approx(per_month, abs=0.05 + 0.05 * per_month)


def test_the_interval_of_the_caused_share_holds_the_truth_nine_times_in_ten():
    inside = 0
    for seed in range(40):
        fit = fit_excess(*times(0.15, 0.5, 3000, seed), 30 * DAY)
        z = (np.log(fit.p / (1 - fit.p)) - np.log(0.15 / 0.85)) / fit.p_logit_sd
        inside += abs(z) < 1.645
    assert inside >= 31


def test_too_few_events_give_no_fit():
    time, event = times(0.15, 0.5, 50)
    assert event.sum() < 30
    assert fit_excess(time, event, 30 * DAY) is None


def desk(
    p: float = 0.12, reopen: float = 0.06, days: int = 90, n: int = 12000, seed: int = 9
) -> ContactLog:
    """Contacts handled at once; category a has twice the chances of b, the third is tiny."""
    rng = np.random.default_rng(seed)
    rows = []
    for case in range(n):
        category = ("a", "b", "tiny")[int(np.searchsorted([0.5, 0.995], rng.random()))]
        part = {"a": 4 / 3, "b": 2 / 3, "tiny": 1.0}[category]
        opened, number = rng.uniform(0, days * DAY), 1
        while opened < days * DAY:
            first = opened + 600
            reopens = rng.geometric(1 - reopen * part) - 1
            resolved = first + reopens * (DAY + 600)
            rows.append((f"{case}-{number}", f"{case}", number, category, opened, first, resolved))
            rows[-1] += (float(reopens),)
            if rng.random() >= p * part:
                break
            opened, number = resolved + rng.lognormal(np.log(2 * DAY), 0.9), number + 1
    columns = ["ticket_id", "case_id", "contact_no", "category", "opened_s", "first_resolved_s"]
    frame = pd.DataFrame(rows, columns=[*columns, "resolved_s", "reopens"]).round(0)
    log = make_log(frame, start=0.0, end=days * DAY, observed_until=days * DAY + 1)
    return log.known_at(days * DAY)


def test_known_chances_are_found_again_for_each_category():
    fitted = RepeatsEstimator().fit(desk())
    for name, part in (("a", 4 / 3), ("b", 2 / 3)):
        assert fitted.repeat_[name].value == pytest.approx(0.12 * part, abs=0.015)
        assert fitted.reopen_[name].value == pytest.approx(0.06 * part, abs=0.008)
        low, high = fitted.reopen_[name].interval
        assert low < fitted.reopen_[name].value < high


def test_the_last_days_are_no_better_than_the_others():
    log = desk()
    resolved = log.frame["outcome"] == "resolved"
    followed = log.frame.groupby("case_id")["contact_no"].transform("max") > log.frame["contact_no"]
    recent = resolved & (log.frame["resolved_s"] > 75 * DAY)
    assert followed[recent].mean() < 0.1
    fitted = RepeatsEstimator(corrected=False).fit(log.between(60 * DAY, 90 * DAY))
    assert fitted.naive_ == pytest.approx(0.12, abs=0.02)


def test_a_tiny_category_leans_on_all():
    fitted = RepeatsEstimator().fit(desk())
    tiny = fitted.repeat_["tiny"]
    assert tiny.n < 100
    assert 0.06 < tiny.value < 0.18
    assert (
        tiny.interval[1] - tiny.interval[0]
        > fitted.repeat_["a"].interval[1] - (fitted.repeat_["a"].interval[0])
    )


def test_when_customers_come_back():
    after = RepeatsEstimator().fit(desk()).returns_.repeat_after
    assert after.mean.value == pytest.approx(2 * DAY * np.exp(0.9**2 / 2), rel=0.15)
    counted = RepeatsEstimator(corrected=False).fit(desk()).returns_.repeat_after
    assert counted.mean.value == pytest.approx(after.mean.value, rel=0.15)


def busy(log: ContactLog, per_month: float) -> ContactLog:
    """Return the log with further contacts of every case that have nothing to do with the last."""
    rng = np.random.default_rng(1)
    frame = log.frame
    number = rng.poisson(per_month * 3, frame["case_id"].nunique())
    cases = frame["case_id"].drop_duplicates().to_numpy().repeat(number)
    extra = pd.DataFrame(
        {
            "ticket_id": [f"x{i}" for i in range(len(cases))],
            "case_id": cases,
            "category": "a",
            "opened_s": np.round(rng.uniform(0, 90 * DAY, len(cases))),
        }
    )
    extra["resolved_s"] = extra["opened_s"] + 600
    columns = ["ticket_id", "case_id", "category", "opened_s", "resolved_s"]
    rows = pd.concat([frame[columns], extra], ignore_index=True).sort_values("opened_s")
    rows["contact_no"] = rows.groupby("case_id").cumcount() + 1.0
    return make_log(rows, start=0.0, end=90 * DAY, observed_until=90 * DAY)


def test_naive_links_of_busy_customers_are_reported_beside_the_corrected_rate():
    log = busy(desk(p=0.0, n=4000), 1.0)
    fitted = RepeatsEstimator().fit(log)
    assert fitted.naive_ > 0.3
    assert fitted.repeat_["a"].value < 0.1
    assert any("because of the contact" in note for note in fitted.notes_)
    counted = RepeatsEstimator(corrected=False).fit(log)
    assert counted.repeat_["a"].value > 0.3


def test_only_the_later_of_two_resolutions_led_to_the_next_contact():
    frame = pd.DataFrame(
        {
            "ticket_id": ["1", "2", "3"],
            "case_id": ["k"] * 3,
            "contact_no": [1.0, 2.0, 3.0],
            "category": ["a"] * 3,
            "opened_s": [0.0, 50.0, 1000.0],
            "resolved_s": [100.0, 300.0, 1100.0],
        }
    )
    log = make_log(frame, start=0.0, end=2000.0, observed_until=5000.0)
    time, seen, watched, _ = times_to_next(log)
    assert seen.tolist() == [False, True, False]
    # nothing opened at or after the end of the window would be in the log
    assert time.tolist() == [1900.0, 700.0, 900.0]
    assert watched.tolist() == [1900.0, 1700.0, 900.0]


def test_nothing_recorded_is_assumed_and_said():
    frame = pd.DataFrame(
        {
            "ticket_id": [f"t{i}" for i in range(300)],
            "opened_s": np.arange(300) * 3600.0,
            "resolved_s": np.arange(300) * 3600.0 + 600,
        }
    )
    fitted = RepeatsEstimator().fit(grouped(make_log(frame)))
    assert fitted.repeat_["all"].value == fitted.reopen_["all"].value == 0
    assert fitted.repeat_["all"].grade == fitted.reopen_["all"].grade == "assumed"
    assert any("not linked" in note for note in fitted.notes_)
