"""The benchmark of theory in short: one queue against formulas, on the clocks that run it.

Each row is a comparison with a known answer at 4 standard errors (see `known.measure`); the
benchmark itself runs the same functions for many more days.
"""

import pytest

from known import patience, queues
from known.measure import Effort
from known_answers import holds

ROWS = {"A0": 12, "A1": 22, "A2": 33, "general": 24, "A3": 19, "A4": 11, "A10": 15}


@pytest.mark.parametrize(("engine", "size"), [("compiled", 0.2), ("simpy", 0.1)])
def test_a_clock_equals_the_recursions(engine, size):
    holds(queues.trace(Effort(size, engine)), ROWS["A0"])


@pytest.mark.parametrize(
    ("check", "size", "number"),
    [
        (queues.erlang_c, 0.08, ROWS["A1"]),
        (patience.erlang_a, 0.05, ROWS["A2"]),
        (patience.general_leaving, 0.04, ROWS["general"]),
        (queues.priorities, 0.06, ROWS["A4"]),
        (queues.square_root, 0.1, ROWS["A10"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_queue_follows_its_formula(check, size, number):
    holds(check(Effort(size)), number)


def test_general_service_waits_as_published():
    holds(queues.general_service(Effort(0.05)), ROWS["A3"], vague=0.25)
