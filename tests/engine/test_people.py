"""Who comes: a population of customers, their segments, languages, and the columns of the log."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from small_desks import MONDAY, category, desk
from svcsim.contacts.columns import columns
from svcsim.contacts.read import read_history
from svcsim.engine.compile_desk import compile_desk
from svcsim.engine.demand import Horizon, attributes, generate
from svcsim.engine.opening import replay_cases
from svcsim.engine.simulate import simulate

SHARES = {"vip": {"share": "20%", "priority": "high"}, "firm": {"share": "30%"},
          "home": {"share": "50%"}}  # fmt: skip
KINDS = {"all": category(priorities={"normal": 0.9, "high": 0.1}, repeat=0.3)}


def drawn(per_hour=40.0, replication=1, **changes):
    model = desk(per_hour, categories=KINDS, **changes)
    return generate(compile_desk(model), Horizon(MONDAY, 14, 0), 3, replication)


def test_without_a_population_every_case_has_its_own_customer():
    cases = drawn()
    assert (cases.customer == -1).all()
    assert (cases.segment == -1).all()
    assert (cases.language == -1).all()


def test_customers_of_a_population_come_alike():
    cases = drawn(customers={"number": 50})
    seen = np.bincount(cases.customer, minlength=50)
    assert len(seen) == 50
    assert stats.chisquare(seen).pvalue > 1e-3


def test_a_customer_keeps_the_segment_and_segments_have_their_shares():
    cases = drawn(customers={"number": 20_000}, segments=SHARES)
    of_customer = {}
    for customer, segment in zip(cases.customer.tolist(), cases.segment.tolist(), strict=True):
        assert of_customer.setdefault(customer, segment) == segment
    assert len(of_customer) < 0.8 * len(cases.customer)
    seen = np.bincount(list(of_customer.values()))
    assert stats.chisquare(seen, np.array([0.2, 0.3, 0.5]) * seen.sum()).pvalue > 1e-3


def test_the_segment_of_a_customer_does_not_change_with_demand():
    few, many = (drawn(rate, customers={"number": 300}, segments=SHARES) for rate in (20.0, 60.0))
    one, two = (
        dict(zip(c.customer.tolist(), c.segment.tolist(), strict=True)) for c in (few, many)
    )
    assert one.items() <= two.items()


def test_a_segment_may_set_the_priority_of_its_cases():
    model = desk(40.0, categories=KINDS, segments=SHARES)
    plain = compile_desk(model)
    cases = generate(plain, Horizon(MONDAY, 14, 0), 3, 1)
    vip = cases.segment == 0
    assert vip.mean() == pytest.approx(0.2, abs=0.02)
    assert (cases.priority[vip] == plain.priorities.index("high")).all()
    assert (cases.priority[~vip] == 1).mean() == pytest.approx(0.1, abs=0.02)
    without = generate(compile_desk(desk(40.0, categories=KINDS)), Horizon(MONDAY, 14, 0), 3, 1)
    assert np.array_equal(cases.opened, without.opened)
    assert np.array_equal(cases.priority[~vip], without.priority[~vip])


def test_languages_have_their_shares_and_replayed_cases_have_all_of_it():
    model = desk(customers={"number": 9}, segments=SHARES, languages={"zh": "75%", "en": "25%"},
                 categories=KINDS)  # fmt: skip
    cases = attributes(compile_desk(model), np.arange(20_000), 1, 1)
    assert (cases.language == 1).mean() == pytest.approx(0.25, abs=0.013)
    assert set(cases.customer.tolist()) == set(range(9))
    assert len(set(zip(cases.customer.tolist(), cases.segment.tolist(), strict=True))) == 9


def test_the_log_names_customer_segment_and_language_of_every_contact():
    model = desk(5.0, categories=KINDS, customers={"number": 30}, segments=SHARES,
                 languages={"zh": 0.75, "en": 0.25})  # fmt: skip
    frame = simulate(model, Horizon(MONDAY, 7, 7), seed=3, replication=1).frame
    assert list(frame.columns) == list(columns())
    assert frame[["segment", "language"]].notna().all(axis=None)
    assert (frame["contact_no"] > 1).sum() > 30
    for column in ("customer", "segment", "language"):
        assert (frame.groupby("case_id")[column].nunique() == 1).all()
    assert (frame.groupby("customer")["segment"].nunique() == 1).all()
    assert frame["customer"].nunique() == 30
    plain = simulate(desk(5.0), Horizon(MONDAY, 1, 0), seed=3, replication=1).frame
    assert plain["customer"].equals(plain["case_id"])
    assert plain[["segment", "language"]].isna().all(axis=None)


def test_segment_and_language_survive_files_mappings_and_a_replay(tmp_path):
    model = desk(5.0, categories=KINDS, customers={"number": 30}, segments=SHARES,
                 languages={"zh": 0.75, "en": 0.25})  # fmt: skip
    log = simulate(model, Horizon(MONDAY, 7, 0), seed=3, replication=1)
    log.frame.to_csv(tmp_path / "log.csv", index=False)
    again = read_history(tmp_path / "log.csv", preset="canonical").log.frame
    assert again["segment"].to_list() == log.frame["segment"].to_list()
    assert again["language"].to_list() == log.frame["language"].to_list()
    cases = replay_cases(log, model, log.start, log.end)
    frame = log.frame.drop_duplicates("opened_s", keep=False).set_index("opened_s")
    assert len(frame) > 500
    for opened, segment, language in zip(cases.opened, cases.segment, cases.language, strict=True):
        if opened not in frame.index:
            continue  # several contacts of that second
        row = frame.loc[opened]
        assert row["segment"] == list(SHARES)[segment]
        assert row["language"] == ["zh", "en"][language]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"segments": {"a": {"share": 0.5}}}, "shares of segments add up to 50%"),
        ({"languages": {"zh": 0.5, "en": 0.4}}, "shares of languages add up to 90%"),
        ({"segments": {"a": {"share": 1.0, "priority": "hihg"}}}, "Did you mean high"),
        ({"customers": {"number": 0}}, "greater than or equal to 1"),
    ],
)
def test_mistakes_are_told(changes, said):
    with pytest.raises(ValueError, match=said):
        desk(categories=KINDS, **changes)
