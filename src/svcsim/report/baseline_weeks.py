"""The section about the weeks of the history and where its levels changed."""

from __future__ import annotations

from svcsim.model.baseline import Baseline
from svcsim.report.document import Paragraph, Picture, Pictures, Section, section
from svcsim.report.phrases import Phrases


def weeks_section(baseline: Baseline, w: Phrases) -> Section | None:
    """Return the weekly series with the days on which their levels changed.

    None where the history is too short for any series.
    """
    weeks = baseline.weeks.model_dump()
    if not weeks["series"]:
        return None

    def draw() -> str:
        from svcsim.report.figures import svg
        from svcsim.report.figures_weeks import weekly_course

        return svg(weekly_course(weeks["starts"], weeks["series"], w.lang), w("alt_weeks"))

    return section(
        "weeks", w("weeks_title"), Paragraph(w("weeks_intro")),
        Pictures((Picture(draw, w("alt_weeks")),)),
    )  # fmt: skip
