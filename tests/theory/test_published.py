"""The benchmark of theory in short: figures that other programs printed."""

import pytest

from known import learned, published
from known.measure import Effort
from known_answers import holds


@pytest.mark.parametrize(
    ("check", "size", "number"),
    [(published.erlang, 0.1, 18), (published.staffing, 1.0, 4), (learned.observations, 1.0, 6)],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_printed_examples_hold(check, size, number):
    holds(check(Effort(size)), number)


def test_eight_hours_from_empty():
    """ContactCenters' MMC and MMCAb: the whole thousand days, within the printed intervals."""
    holds(published.from_empty(Effort(1.0)), 16)


def test_a_call_centre_with_busy_days():
    """ContactCenters' CallCC, within the printed 90 % intervals."""
    rows = published.busy_days(Effort(0.5))
    holds(rows, 6)
