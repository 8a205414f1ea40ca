"""What a scenario brings along without saying so is remarked."""

from __future__ import annotations

import pytest

from svcsim.samples.history import truth
from svcsim.scenario.changes import Change, apply_changes
from svcsim.scenario.compared import compared


def told(*changes):
    before = truth()
    after, _ = apply_changes(before, [Change.model_validate(change) for change in changes])
    return compared(before, after)


def test_calls_instead_of_tickets_have_no_follow_ups():
    """Every third handling of a repair leaves the ticket pending; on the phone none does."""
    more = {"path": "categories.repair.channels", "to": {"web": "20%", "phone": "80%"}}
    (remark,) = told({"path": "categories.repair.again", "to": "33%"}, more)
    assert "in category repair (again 33%; live share 20% -> 80%): a live contact is" in remark
    assert "类别 repair（again 为 33%；实时占比 20% → 80%）" in remark.zh
    assert told({"path": "categories.repair.again", "to": "4.9%"}, more) == []
    less = {"path": "categories.repair.channels", "to": {"web": "90%", "phone": "10%"}}
    assert told({"path": "categories.repair.again", "to": "33%"}, less) == []


def test_one_remark_names_all_categories():
    more = {"path": "categories.*.channels", "to": {"phone": "100%"}}
    (remark,) = told({"path": "categories.*.again", "to": "10%"}, more)
    assert remark.count("again 10%") == len(truth().categories)


@pytest.mark.parametrize(
    ("shares", "more", "said"),
    [
        ({"urgent": "100%"}, [],
         "priority 'urgent' occurs in no category of the baseline (known: normal, high); it has no "
         "credit (routing.credit.urgent) and"),
        ({"hihg": "10%", "normal": "90%"}, [], "(known: normal, high; did you mean high?); it has"),
        ({"urgent": "100%"}, [{"path": "routing.credit.urgent", "to": "1h"}], None),
        ({"high": "100%"}, [], None),
        ({"urgent": "100%"},
         [{"path": "routing.due", "to": {"high": "1h"}},
          {"path": "routing.discipline", "to": "due"},
          {"path": "categories.returns.priorities", "to": {"high": "100%"}}],
         "it has no due time (routing.due) and"),
    ],
)  # fmt: skip
def test_a_priority_that_the_baseline_lacks_is_remarked(shares, more, said):
    """Only what the routing says of a priority makes it different from others."""
    remarks = told({"path": "categories.repair.priorities", "to": shares}, *more)
    assert len(remarks) == (said is not None)
    for remark in remarks:
        assert said in remark
        assert "基线的任何类别中都不存在" in remark.zh
