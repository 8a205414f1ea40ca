"""The vocabulary of the metric declarations: who counts, as Narwhals expressions.

One object a notion, so that metrics that share a notion share its computation. "Within d" always
means at most d, and a verdict on "within d" exists only once d has passed before the end of
knowledge (``observed_until``).
"""

from __future__ import annotations

import narwhals as nw

from svcsim.text import Text

until = nw.col("observed_until")
openings_until = nw.col("openings_until")
opened = nw.col("opened_s")
queued = nw.col("queued_s")
resolved_at = nw.col("resolved_s")

abandoned = nw.col("is_abandoned")
kept = ~abandoned
resolved = nw.col("is_resolved")
stamped = nw.col("resolved_filled").is_null() | (nw.col("resolved_filled") == 0)
"""The resolution time is the export's own, not another stamp in its place."""
timed = resolved & ~resolved_at.is_null()
"""Resolved at a known instant: an export may tell that a contact ended but not when."""
responded = ~nw.col("first_response_s").is_null()
waited = ~nw.col("wait_s").is_null()

everyone = ~opened.is_null()
answered = kept & (waited | responded | resolved)
"""Reached an agent."""
offered = abandoned | answered
"""Answered or abandoned."""
waiting = kept & ~waited & ~responded & ~resolved
"""Still in the queue at the end of knowledge."""


def spell(seconds: float) -> Text:
    """Return a duration in its largest whole unit: 90s, 10min, 1h, 24h, 7d; 90 秒, 10 分钟."""
    for unit, zh, size, least in (
        ("d", "天", 86400, 172800),
        ("h", "小时", 3600, 3600),
        ("min", "分钟", 60, 120),
    ):
        if seconds >= least and seconds % size == 0:
            return Text(f"{seconds / size:.0f}{unit}", f"{seconds / size:.0f} {zh}")
    return Text(f"{seconds:.15g}s", f"{seconds:.15g} 秒")
