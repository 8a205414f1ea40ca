"""Detections and alerts in lines of text, one a finding."""

from __future__ import annotations

from collections.abc import Iterator

from svcsim.scorecard.alerts_table import AlertTable
from svcsim.scorecard.integrity.detection import NAMES, IntegrityTable
from svcsim.text import Text

DESK = Text("the desk", "全台")
TITLE = Text(
    "To check (a reason to look, never a verdict):", "请核实（仅为核实的理由，不是结论）："
)
ALERTS = Text("Got worse:", "变差预警：")
NONE = Text("nothing", "无")


def spoken_lines(table: IntegrityTable, alerts: AlertTable | None, lang: str) -> Iterator[str]:
    """Yield a heading and one line a finding; nothing where nothing was found or asked for."""
    if table.detections:
        yield ""
        yield TITLE.in_(lang)
    for one in table.detections:
        who = DESK.in_(lang) if one.kind == "desk" else one.unit
        text = one.text.in_(lang)
        yield f"  {who}  {NAMES[one.detector].in_(lang)}: {text} [{', '.join(one.tickets[:3])}]"
    if alerts is None:
        return
    yield ""
    space = " " if lang == "en" else ""
    yield ALERTS.in_(lang) + ("" if alerts.alerts else space + NONE.in_(lang))
    for alert in alerts.alerts:
        who = DESK.in_(lang) if alert.kind == "desk" else alert.unit
        yield f"  {who}  {alert.text.in_(lang)}"
    for note in alerts.notes:
        yield f"  {note.in_(lang)}"
