from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcsim.calibration.patience import PatienceEstimator
from svcsim.contacts.log import ContactLog, make_log
from svcsim.model.duration import Patience


def survival(patience: Patience, seconds: float) -> float:
    edges = [*patience.edges, np.inf]
    total = sum(
        rate / 3600 * max(min(seconds, high) - low, 0)
        for rate, low, high in zip(patience.hazard, edges, edges[1:], strict=False)
    )
    return (1 - patience.balk.value) * np.exp(-total * patience.level.value)


def queue(n: int = 8000, balk: float = 0.05, mean: float = 1200.0, seed: int = 0) -> ContactLog:
    """Offered waits against exponential patience; some leave at the sight of any queue."""
    rng = np.random.default_rng(seed)
    offered = np.where(rng.random(n) < 0.3, 0.0, np.ceil(rng.exponential(300, n)))
    patience = np.where(rng.random(n) < balk, 0.0, np.ceil(rng.exponential(mean, n)))
    left = (offered > 0) & (patience < offered)
    wait = np.where(left, patience, offered)
    queued = np.sort(rng.integers(0, 10**6, n)).astype(float)
    return make_log(
        pd.DataFrame(
            {
                "ticket_id": [f"c{i}" for i in range(n)],
                "channel": "phone",
                "opened_s": queued,
                "abandoned_s": np.where(left, queued + wait, np.nan),
                "first_response_s": np.where(left, np.nan, queued + wait),
                "resolved_s": np.where(left, np.nan, queued + wait + 60),
                "wait_s": wait,
            }
        )
    )


def test_exponential_patience_and_balking_are_recovered():
    log = queue()
    patience = PatienceEstimator().fit(log, "phone").patience_
    assert patience.balk.value == pytest.approx(0.05, abs=0.012)
    for seconds, near in ((30, 0.01), (120, 0.01), (600, 0.03), (1200, 0.06)):
        expected = 0.95 * np.exp(-seconds / 1200)
        assert survival(patience, seconds) == pytest.approx(expected, abs=near)
    # what a naive reading of those who left would say
    gone = log.frame.loc[log.frame["outcome"] == "abandoned", "wait_s"]
    assert gone.mean() < 400


def test_interval_of_the_level_is_that_of_a_count():
    patience = PatienceEstimator().fit(queue(), "phone").patience_
    low, high = patience.level.interval
    assert patience.level.value == 1
    assert np.log(high) == pytest.approx(1.645 / patience.level.n**0.5, rel=1e-3)
    assert low * high == pytest.approx(1)


def test_hazards_are_unbiased_over_many_histories():
    fits = [PatienceEstimator().fit(queue(3000, seed=s), "phone").patience_ for s in range(30)]
    assert np.mean([survival(p, 300) for p in fits]) == pytest.approx(
        0.95 * np.exp(-0.25), abs=0.006
    )
    assert np.mean([p.balk.value for p in fits]) == pytest.approx(0.05, abs=0.004)


def test_without_balking_there_is_no_atom():
    assert PatienceEstimator().fit(queue(balk=0.0), "phone").patience_.balk.value == 0


def test_waits_follow_from_stamps_where_they_are_not_recorded():
    log = queue()
    given = PatienceEstimator().fit(log, "phone").patience_
    log.frame["wait_s"] = np.nan
    assert PatienceEstimator().fit(log, "phone").patience_ == given


def test_answers_without_a_wait_tell_nothing():
    log = queue()
    given = PatienceEstimator().fit(log, "phone").patience_
    waited = log.frame[log.frame["wait_s"] > 0]
    left = log.frame["outcome"] == "abandoned"
    fewer = make_log(pd.concat([waited, log.frame[left & (log.frame["wait_s"] == 0)]]))
    assert PatienceEstimator().fit(fewer, "phone").patience_ == given


def test_pieces_with_few_events_are_joined():
    patience = PatienceEstimator().fit(queue(700), "phone").patience_
    assert 1 <= len(patience.edges) < 5
    assert patience.level.n >= 30 * (len(patience.edges) - 1)


def test_few_who_left_give_one_rate_with_a_wide_interval():
    """Customers who left / seconds waited: infinite patience would be the worse guess."""
    log = queue(60)
    fitted = PatienceEstimator().fit(log, "phone")
    rows = log.frame[log.frame["channel"] == "phone"]
    left = int((rows["outcome"] == "abandoned").sum())
    assert 0 < left < 30
    patience = fitted.patience_
    assert patience is not None
    assert patience.hazard[0] == pytest.approx(left / rows["wait_s"].sum() * 3600)
    assert patience.level.interval[1] == pytest.approx(np.exp(1.6449 * left**-0.5), rel=1e-3)
    assert "one constant rate" in fitted.notes_[0]


def test_nobody_left_means_patience_is_unknown():
    assert PatienceEstimator().fit(queue(), "chat").patience_ is None


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("month", "curve"),
    [
        ("01", (0.969, 0.908, 0.830, 0.725, 0.514, 0.346)),
        ("02", (0.964, 0.899, 0.821, 0.709, 0.485, 0.262)),
    ],
)
def test_bank_calls_agree_with_kaplan_meier(data_dir: Path, month: str, curve: tuple[float, ...]):
    raw = pd.read_csv(
        data_dir / f"bank_calls_1999_{month}.tsv.gz", sep="\t", dtype=str, keep_default_na=False
    )
    wait = raw["q_time"].astype(float)
    raw = raw[(wait > 0) & raw["outcome"].isin(["AGENT", "HANG"])]
    wait = raw["q_time"].astype(float).to_numpy()
    left = (raw["outcome"] == "HANG").to_numpy()
    log = make_log(
        pd.DataFrame(
            {
                "ticket_id": [str(i) for i in range(len(raw))],
                "channel": "phone",
                "opened_s": np.arange(len(raw), dtype=float),
                "wait_s": wait,
                "outcome": np.where(left, "abandoned", "resolved"),
            }
        )
    )
    patience = PatienceEstimator().fit(log, "phone").patience_
    assert patience.balk.value == 0
    points = [10, 30, 60, 120, 300]
    for seconds, share in zip(points, curve, strict=False):
        assert survival(patience, seconds) == pytest.approx(share, abs=0.02)
    # under 20 callers waited 600 s: the curve itself has a standard error of .033 and .040 there
    assert survival(patience, 600) == pytest.approx(curve[5], abs=0.066)
