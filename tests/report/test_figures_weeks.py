"""The picture of the weeks shows every series, its unit, and a dashed line for each change."""

from __future__ import annotations

from svcsim.model.weeks import WeeklySeries, Weeks
from svcsim.report.figures import svg
from svcsim.report.figures_weeks import weekly_course
from svcsim.text import Text


def test_every_series_has_its_picture_and_every_change_a_line():
    weeks = Weeks(
        starts=("2025-03-03", "2025-03-10", "2025-03-17", "2025-03-24"),
        series=(
            WeeklySeries(name=Text("contacts a week", "每周联络量"), unit="contacts",
                         values=(300, 310, 290, None), low=(280, 290, 270, None),
                         high=(320, 330, 310, None)),
            WeeklySeries(name=Text("share reopened", "重开率"), unit="share",
                         values=(0.1, 0.1, 0.3, 0.3), low=(0.08, 0.08, 0.27, 0.27),
                         high=(0.12, 0.12, 0.33, 0.33), changes=("2025-03-17",)),
        ),
    )  # fmt: skip
    data = weeks.model_dump()
    figure = weekly_course(data["starts"], data["series"])
    volume, reopened = figure.axes
    assert "contacts a week" in svg(figure, "weeks")
    dashed = [
        [line for line in axes.lines if line.get_linestyle() == "--"] for axes in (volume, reopened)
    ]
    assert [len(lines) for lines in dashed] == [0, 1]
    assert dashed[1][0].get_xdata()[0] == 1.5
    assert "每周联络量" in svg(weekly_course(data["starts"], data["series"], "zh"), "周")
