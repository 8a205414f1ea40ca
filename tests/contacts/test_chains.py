"""Which contacts are one case: worked examples and laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcsim.compiler import Compiled
from svcsim.contacts.chains import case_chain, new_cases, next_contacts, orphans, previous_chain
from svcsim.contacts.log import make_log
from svcsim.contacts.mapping import CaseChain

DAY = 86400.0


def chain(
    customers: list[str | None],
    opened: list[float],
    ended: list[float],
    counted_from: str = "end",
) -> tuple[list[str], list[float]]:
    ids = np.array([f"T{k}" for k in range(len(opened))], dtype=object)
    rule = CaseChain.model_validate(
        {"by": ["customer"], "silence": "7d", "counted_from": counted_from}
    )
    keys: Any = [np.array(customers, dtype=object)]
    case, number = case_chain(rule, ids, keys, np.array(opened) * DAY, np.array(ended) * DAY)
    return case.tolist(), number.tolist()


def test_silence_runs_from_the_end_of_the_contact_before() -> None:
    case, number = chain(["K", "K", "K"], [0, 10, 30], [5, 12, 31])
    assert case == ["T0", "T0", "T2"]
    assert number == [1, 2, 1]


def test_silence_may_run_from_the_opening() -> None:
    case, _ = chain(["K", "K", "K"], [0, 10, 12], [5, 11, 13], "opening")
    assert case == ["T0", "T1", "T1"]


def test_exactly_the_silence_is_still_the_same_case() -> None:
    assert chain(["K", "K"], [0, 7], [0, 8])[0] == ["T0", "T0"]
    assert chain(["K", "K"], [0, 7 + 1 / DAY], [0, 8])[0] == ["T0", "T1"]


def test_a_long_contact_covers_what_is_opened_meanwhile() -> None:
    case, number = chain(["K", "K", "K"], [0, 2, 40], [35, 3, 41])
    assert case == ["T0", "T0", "T0"]
    assert number == [1, 2, 3]


def test_unfinished_contacts_end_where_they_open() -> None:
    assert chain(["K", "K"], [0, 9], [np.nan, np.nan])[0] == ["T0", "T1"]


def test_without_a_customer_every_contact_is_a_case() -> None:
    assert chain([None, None, "K"], [0, 1, 2], [0, 1, 2]) == (["T0", "T1", "T2"], [1, 1, 1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", None]), st.integers(0, 60), st.integers(0, 20)),
        max_size=25,
    )
)
def test_chains_partition_the_contacts_and_number_them_in_time(
    contacts: list[tuple[str | None, int, int]],
) -> None:
    customers = [c for c, _, _ in contacts]
    opened = [float(o) for _, o, _ in contacts]
    case, number = chain(customers, opened, [o + d for _, o, d in contacts])
    for name in set(case):
        members = [k for k, c in enumerate(case) if c == name]
        assert len({customers[k] for k in members}) == 1
        assert sorted(number[k] for k in members) == list(range(1, len(members) + 1))
        by_number = sorted(members, key=lambda k: number[k])
        assert [opened[k] for k in by_number] == sorted(opened[k] for k in members)


def links(previous: list[str | None], opened: list[float]) -> tuple[list[str], list[float], int]:
    ids = np.array([f"T{k}" for k in range(len(opened))], dtype=object)
    case, number, astray = previous_chain(
        ids, np.array(previous, dtype=object), np.array(opened, dtype=float)
    )
    return case.tolist(), number.tolist(), int(astray.sum())


def test_previous_tickets_are_followed_to_the_first() -> None:
    assert links([None, "T0", "T1", None], [0, 1, 2, 3]) == (
        ["T0", "T0", "T0", "T3"],
        [1, 2, 3, 1],
        0,
    )


def test_two_repeats_of_one_ticket_are_numbered_in_time() -> None:
    assert links([None, "T0", "T0"], [0, 5, 2])[1] == [1, 3, 2]


@pytest.mark.parametrize("previous", [["T9", None], ["T0", None], ["T1", None]])
def test_links_that_lead_nowhere_are_counted(previous: list[str | None]) -> None:
    assert links(previous, [0, 1]) == (["T0", "T1"], [1, 1], 1)


def test_links_in_a_circle_do_not_run_for_ever() -> None:
    assert links(["T1", "T0"], [5, 5]) == (["T0", "T0"], [1, 2], 1)


def test_a_long_chain_ends_at_its_first_ticket() -> None:
    n = 300
    case, number, _ = links([None, *(f"T{k}" for k in range(n - 1))], list(range(n)))
    assert set(case) == {"T0"}
    assert number == list(range(1, n + 1))


def opened_and_resolved(*contacts: tuple[int, float, float | None]) -> Any:
    """Contacts of one case: (number, day opened, day resolved)."""
    rows = [
        {
            "ticket_id": f"T{k}",
            "case_id": "T0",
            "contact_no": number,
            "opened_s": day * DAY,
            "resolved_s": np.nan if end is None else end * DAY,
        }
        for k, (number, day, end) in enumerate(contacts)
    ]
    return make_log(rows).frame


@pytest.mark.parametrize(
    ("contacts", "follows", "new"),
    [
        ([(1, 0, 2), (2, 3, 4)], [1, -1], [True, False]),
        # opened while the first was open: work that no resolution explains
        ([(1, 0, 9), (2, 3, 4)], [-1, -1], [True, True]),
        ([(1, 0, None), (2, 3, 4), (3, 6, None)], [-1, 2, -1], [True, True, False]),
        # both resolved before the third: it follows either
        ([(1, 0, 5), (2, 3, 4), (3, 6, 7)], [2, 2, -1], [True, True, False]),
        # over 30 days later it is demand of its own
        ([(1, 0, 2), (2, 33, 34)], [1, -1], [True, True]),
        # the predecessor is not in the frame
        ([(2, 5, 6), (3, 7, 8)], [1, -1], [False, False]),
        # opened at the very second of the resolution
        ([(1, 0, 2), (2, 2, 4)], [1, -1], [True, False]),
    ],
)
def test_a_case_is_new_unless_it_follows_a_resolution(
    contacts: Any, follows: list[int], new: list[bool]
) -> None:
    frame = opened_and_resolved(*contacts)
    assert next_contacts(frame).tolist() == follows
    assert new_cases(frame).tolist() == new


def test_cases_of_different_replications_do_not_mix() -> None:
    frame = opened_and_resolved((1, 0, 2), (2, 3, 4)).assign(replication=[1.0, 2.0])
    assert next_contacts(frame).tolist() == [-1, -1]


def test_an_empty_frame_has_no_cases() -> None:
    frame = opened_and_resolved((1, 0, 2)).iloc[:0]
    assert len(new_cases(frame)) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("how", ["compiled", "plain"])
def test_followers_are_what_a_search_of_all_contacts_finds(
    seed: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few instants, so that many openings and resolutions coincide; rows in no order."""
    if how == "plain":
        monkeypatch.setattr(Compiled, "__call__", lambda self, *values: self.function(*values))
    rng = np.random.default_rng(seed)
    n = 80
    opened = rng.integers(0, 12, n).astype(float)
    resolved = np.where(rng.random(n) < 0.8, opened + rng.integers(0, 5, n), np.nan)
    case = rng.integers(0, 15, n)
    frame = make_log(
        pd.DataFrame(
            {
                "replication": rng.integers(1, 3, n),
                "ticket_id": [f"T{i}" for i in range(n)],
                "case_id": [f"C{c}" for c in case],
                "contact_no": rng.integers(1, 3, n),
                "opened_s": opened,
                "resolved_s": resolved,
            }
        )
    ).frame
    same = (case[:, None] == case) & (
        frame["replication"].to_numpy()[:, None] == frame["replication"].to_numpy()
    )
    expected = []
    for i in range(n):
        after = [j for j in range(n) if j != i and same[i, j] and opened[j] >= resolved[i]]
        expected.append(min(after, key=lambda j: (opened[j], j), default=-1))
    assert next_contacts(frame).tolist() == expected
    later = frame["contact_no"].to_numpy() > 1
    alone = [later[i] and opened[i] == opened[same[i]].min() for i in range(n)]
    assert orphans(frame).tolist() == alone
