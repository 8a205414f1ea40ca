"""What tests assert of the rows of a benchmark with known answers."""

from __future__ import annotations

from collections.abc import Sequence

from known.measure import Row


def holds(rows: Sequence[Row], number: int, vague: float = 0.15) -> None:
    """Assert that every row agrees, that none is missing and that agreement means something."""
    wrong = [f"{r.id} {r.what}: {r.got:.6g} for {r.expected:.6g}" for r in rows if not r.ok]
    assert not wrong, "; ".join(wrong)
    assert len(rows) == number
    loose = [r.what for r in rows if r.error and r.error > vague * abs(r.expected) > 0.0015]
    assert not loose, f"errors too large to tell anything: {loose}"
