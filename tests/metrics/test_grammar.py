"""Formulas of own metrics: what is read, what is refused in words, and what missing values do."""

from __future__ import annotations

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcsim.contacts.columns import columns
from svcsim.contacts.log import ContactLog, make_log
from svcsim.metrics.elementwise import Program, elementwise
from svcsim.metrics.facts import FACTS, with_facts
from svcsim.metrics.formula import Condition, Value
from svcsim.metrics.grammar import FormulaError, condition, read, value
from svcsim.metrics.vocabulary import vocabulary

SPELLED = {
    'segment=="VIP"and csat is known': 'segment == "VIP" and csat is known',
    "first_response_s−opened_s≤60min": "first_response_s - opened_s <= 1h",
    "(resolved) AND ((csat>=4.0) or nps > 8)": "resolved and (csat >= 4 or nps > 8)",
    "resolved and csat >= 4 or nps > 8": "resolved and csat >= 4 or nps > 8",
    "not (complaint or churned)": "not (complaint or churned)",
    "not complaint or churned": "not complaint or churned",
    "category not in ['b', \"a\", 'b']": 'category not in ["a", "b"]',
    "category in [“账单”]": 'category == "账单"',
    "hold_s / handle_s > 25%": "hold_s / handle_s > 25%",
    "wait_s - (hold_s - pending_s) > 0": "wait_s - (hold_s - pending_s) > 0s",
    "wait_s * 2 + 90s > 1h30min": "wait_s * 2 + 90s > 90min",
    "-transfers": "-1 * transfers",
    "if transfers > 0 then 2 else if reopens > 0 then 1.5 else 1": (
        "if transfers > 0 then 2 else if reopens > 0 then 1.5 else 1"
    ),
    "(if resolved then 1 else 0) * 2": "(if resolved then 1 else 0) * 2",
    "(if responded then first_response_s else observed_until) - opened_s": (
        "(if responded then first_response_s else observed_until) - opened_s"
    ),
    "log(handle_s / 1s)": "log(handle_s / 1s)",
    "(wait_s + hold_s) is missing": "wait_s + hold_s is missing",
    "handlings / (handle_s / 1h)": "handlings / (handle_s / 1h)",
}


@pytest.mark.parametrize("written", SPELLED)
def test_a_formula_has_one_spelling(written: str) -> None:
    spelled = SPELLED[written].replace("> 0s", "> 0")
    assert str(read(written)) == spelled
    assert str(read(spelled)) == spelled


REFUSED = {
    "": "empty",
    "segmnt == 'VIP'": "'segmnt' (character 1) is no column, fact or notion. Did you mean segment",
    "VIP == segment": 'A text stands in quotes: "VIP"',
    "is_resolved": "Did you mean resolved",
    "csat >= 85%": "compares a number ('csat') with a share ('85%')",
    "wait_s > 10": "write the duration with its unit",
    "wait_s > 10mins": "'10mins' (character 10) is no number",
    "opened_s + 85%": "an instant ('opened_s') and a share ('85%') do not belong in one sum",
    "opened_s + queued_s": "take their difference",
    "first_response_s <= 10min": "take a difference of instants first",
    "opened_s > 0": "compare two instants",
    "handle_s * wait_s": "cannot be multiplied",
    "handlings / handle_s": "for a rate an hour write / (handle_s / 1h)",
    "wait_s / 0": "by 0",
    "segment > 'a'": "does not order texts",
    "segment == team": "compared with a text in quotes",
    "csat == 'good'": "a text column is compared with a text",
    "segment + 1": "'segment' is a text",
    "complaint == 1": "a condition stands alone",
    "resolved + 1": "'resolved' is a condition",
    "csat and nps": "'csat' is a number, expected a condition such as csat >= 4",
    "not wait_s": "such as wait_s <= 10min",
    "3 < csat < 5": "write a < b and b < c",
    "csat = 4": "write == to compare",
    "csat > 3 && resolved": "write and",
    "csat is not null": "expected known or missing",
    "resolved is known": "it always is",
    "csat in [4, 5]": "expected a text column before in",
    "segment in 'VIP'": "expected [",
    "segment in ['VIP'": "found the end, expected ]",
    "segment == 'VIP": "ends with the quote it begins with",
    "(csat > 3": "found the end, expected )",
    "csat > 3)": "')' (character 9) is too much",
    "csat >": "found the end",
    "1 + 2 > 4": "the same for every contact",
    "log(opened_s)": "has no logarithm",
    "sqrt(csat)": "the only one is log()",
    "__import__('os')": "'__import__' (character 1) is no function",
    "if resolved then resolved_s else 10min": "both sides of else have one type",
    "if csat > 3 then 1": "found the end, expected else",
    "if (if resolved then 1 else 0) > 0 then 1 else 0": "join conditions with and, or",
    "(" * 13 + "csat" + ")" * 13: "12 parentheses deep",
    " + ".join(["csat"] * 200): "at most 300",
    "csat > 3; drop": "leave it out",
    "csat ≥ 3 。": "cannot be read here",
}


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_wrong_is_said_with_its_place(written: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(written)
    assert REFUSED[written] in str(caught.value)


def test_a_value_is_no_condition_and_a_condition_no_value() -> None:
    with pytest.raises(FormulaError, match="expected a condition such as csat >= 4"):
        condition("csat")
    with pytest.raises(FormulaError, match="if resolved then 1 else 0"):
        value("resolved")


def test_facts_of_the_vocabulary_are_facts_of_a_log() -> None:
    others = {n: w for n, w in vocabulary().items() if n not in columns()}
    facts = {name for name, word in others.items() if word.type != "condition"}
    assert facts <= set(FACTS)
    assert {"observed_until", "next_contact_gap_s"} <= facts


ROWS = pd.DataFrame(
    {
        "ticket_id": ["1", "2", "3"], "opened_s": [0.0, 0.0, 0.0], "resolved_s": [60, 60, np.nan],
        "csat": [5.0, 2.0, np.nan], "segment": ["VIP", None, "basic"],
        "complaint": [1.0, np.nan, 0.0], "transfers": [0.0, 2.0, np.nan],
    }
)  # fmt: skip
THREE = {
    "csat >= 4": "TF?",
    "not csat >= 4": "FT?",
    "csat != 5": "FT?",
    "csat is missing": "FFT",
    'segment == "VIP"': "T?F",
    'segment != "VIP"': "F?T",
    'segment not in ["VIP", "gold"]': "F?T",
    "complaint": "T?F",
    "not complaint": "F?T",
    "csat >= 4 or complaint": "T??",
    "csat >= 4 and complaint": "TFF",
    "csat is known and csat >= 4": "TFF",
    "csat / transfers > 1": "?F?",
    "csat / transfers is known": "FTF",
    "log(transfers) > 0": "?T?",
    "(if complaint then 1 else 0) == 1": "T?F",
    "(if resolved then csat else 3) >= 3": "TFT",
}
"""Formula -> so, not so or not known, by contact."""


@pytest.mark.parametrize("written", THREE)
def test_what_is_not_known_is_neither_so_nor_not_so(written: str) -> None:
    log, part = make_log(ROWS), condition(written)
    sides = {"T": part.true(), "F": part.false()}
    known = part.known()
    found = elementwise(log, sides.values(), set()).flags
    answers = "".join(
        "T" if so else "F" if not_so else "?"
        for so, not_so in zip(found[id(sides["T"])], found[id(sides["F"])], strict=True)
    )
    assert answers == THREE[written]
    if known is not None:
        asked = elementwise(log, [known], set()).flags[id(known)]
        assert [bool(one) for one in asked] == [answer != "?" for answer in answers]


VALUES = st.sampled_from(
    [
        "csat",
        "transfers",
        "csat / transfers",
        "log(transfers)",
        "csat * 2 - 3",
        "4",
        "transfers + 1",
    ]
)
PLAIN = st.one_of(
    st.builds(
        "{} {} {}".format, VALUES, st.sampled_from(["<", "<=", "==", "!=", ">"]), VALUES
    ).filter(lambda text: not text.startswith("4 ") or not text.endswith(" 4")),
    st.sampled_from(
        ['category == "bill"', 'agent != "An"', 'agent in ["An", "Bo"]', "complaint", "resolved",
         "csat is missing", "(if complaint then csat else transfers) > 1", "answered"]
    ),
)  # fmt: skip
FORMULAS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(written=FORMULAS)
def test_every_engine_gives_the_same_sides(log: ContactLog, written: str) -> None:
    """Blocks of arrays, Narwhals on pandas, Narwhals on DuckDB where missing is NULL."""
    part = condition(written)
    sides = {"true": part.true(), "false": part.false()}
    for side in sides.values():
        Program().add(side)  # nothing is left to the slow way
    mine = elementwise(log, sides.values(), set()).flags
    frame = with_facts(log, set())
    here = nw.from_native(frame).select(**sides).to_native()
    names = [name for name in frame if frame[name].dtype.kind == "f"]
    nulls = ", ".join(f"nullif({name}, 'nan'::DOUBLE) AS {name}" for name in names)
    relation = duckdb.sql(f"SELECT * REPLACE ({nulls}) FROM frame")
    there = nw.from_native(relation).select(**sides).to_native().df()
    for name, side in sides.items():
        np.testing.assert_array_equal(mine[id(side)], here[name])
        np.testing.assert_array_equal(mine[id(side)], there[name].astype(bool))
    assert not (mine[id(sides["true"])] & mine[id(sides["false"])]).any()


@settings(max_examples=60, deadline=None)
@given(written=FORMULAS)
def test_the_spelling_means_the_same(written: str) -> None:
    part = read(written)
    assert isinstance(part, (Condition, Value))
    assert str(read(str(part))) == str(part)
