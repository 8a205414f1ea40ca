"""The review of a score table in a few lines of text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from svcsim.scorecard.change_words import sentence
from svcsim.scorecard.labels import USES
from svcsim.scorecard.table import ScoreTable

MOST = 5
"""Talks told on the terminal; all of them stand in the results."""
_HEADS: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("Against {period}:", "Talks before consequences:", "use: {use}", "and {n} more"),
    "zh": ("与 {period} 相比：", "先辅导，后奖惩：", "用途：{use}", "另有 {n} 项"),
}


def review_lines(table: ScoreTable, lang: str) -> list[str]:
    """Return what changed at the desk and whom to talk with; nothing where there is neither."""
    review, (against, talks, use, more) = table.review, _HEADS[lang]
    asked = {one.kpi.metric: one for one in table.kpis}
    lines = []
    desk = [change for change in review.changes if change.kind == "desk"]
    for period in dict.fromkeys(change.period_before for change in desk):
        lines.append(against.format(period=period))
        for change in desk:
            if change.period_before == period:
                one = asked[change.metric]
                text = sentence(change, one.kpi.kind, one.curve.direction)
                lines.append(f"  {text.in_(lang)}")
    if review.coaching:
        lines.append(talks)
    for talk in review.coaching[:MOST]:
        kpi = asked[talk.metric].kpi if talk.metric in asked else None
        name = "" if kpi is None else kpi.kind.zh if lang == "zh" else kpi.metric
        allowed = USES[talk.use] if lang == "zh" else talk.use
        about = [part for part in (name, use.format(use=allowed) if talk.use else "") if part]
        lines.append(f"  {talk.unit} [{', '.join(about)}] {talk.text.in_(lang)}".replace(" []", ""))
    if len(review.coaching) > MOST:
        lines.append(f"  {more.format(n=len(review.coaching) - MOST)}")
    return lines
