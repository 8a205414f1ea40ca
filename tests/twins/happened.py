"""What really happened in a run, counted from what its clock wrote down."""

from __future__ import annotations

from collections import Counter

import numpy as np

from svcsim.engine.rows import NEVER, Tables
from svcsim.engine.setting import Setting
from svcsim.model.events import stream_of

POSITIVE = {
    "waits": "wait", "reopens": "reopens", "reworks": "reworks", "pending": "pending",
    "pending for the customer": "pending_customer", "transfers": "transfers", "holds": "hold",
    "surveys sent": "survey_sent", "complaints": "complaint", "churned": "churned",
    "empty replies": "empty_reply",
}  # fmt: skip
"""What happened to a contact -> column that is above 0 then."""

KNOWN = {
    "abandoned": "abandoned", "surveys answered": "score", "automatic replies": "auto_reply",
    "segments": "segment", "languages": "language", "customers": "customer",
}  # fmt: skip
"""The same, where a column is not empty then."""

INCIDENTS = [stream_of(f"burst:{name}") for name in ("outage", "recall")]


def happened(setting: Setting, tables: Tables) -> Counter[str]:
    """Count what happened; ``setting`` after the run, with as many contacts carried over."""
    rows, work = tables.rows, tables.work
    out = Counter({name: int((rows[column] > 0).sum()) for name, column in POSITIVE.items()})
    out.update({name: int((rows[column] > NEVER).sum()) for name, column in KNOWN.items()})
    for name in ("segments", "languages", "customers"):
        out[name] = int((rows[KNOWN[name]] >= 0).sum())
    out["quality checks"] = int((~np.isnan(rows["checked"])).sum())
    out["cut off"] = tables.capped
    out["overtime"] = len(tables.staffed) - len(setting.windows)
    out["wrap-up or slowdown"] = int((work["free"] > work["end"]).sum())
    out["cases of incidents"] = int(np.isin(setting.cases.stream, INCIDENTS).sum())
    hired = np.array(setting.hired)[work["agent"]]
    new = work["agent"] >= len(setting.desk.model.agents)
    out["handlings by added agents"] = int((new & (hired < setting.start)).sum())
    out["handlings by replacements"] = int((new & (hired >= setting.start)).sum())
    return out + returns(rows) + spells(rows, work)


def returns(rows: np.ndarray) -> Counter[str]:
    """Further contacts of a case: redialled after giving up, or about a problem that is back."""
    order = np.lexsort((rows["no"], rows["case"]))
    case, gave_up = rows["case"][order], rows["abandoned"][order] != NEVER
    further = case[1:] == case[:-1]
    return Counter({
        "redials": int((further & gave_up[:-1]).sum()),
        "repeat contacts": int((further & ~gave_up[:-1]).sum()),
    })  # fmt: skip


def spells(rows: np.ndarray, work: np.ndarray) -> Counter[str]:
    """Spells of work: with a helper, taken up again after a hand-back, several chats at once."""
    order = np.lexsort((work["agent"], work["start"], work["contact"]))
    contact, start, agent = (work[name][order] for name in ("contact", "start", "agent"))
    helped = (
        (contact[1:] == contact[:-1]) & (start[1:] == start[:-1]) & (agent[1:] != agent[:-1])
    )  # fmt: skip
    helpers = np.bincount(contact[1:][helped], minlength=len(rows))
    all_spells = np.bincount(work["contact"], minlength=len(rows))
    side_by_side = 0
    for who in np.unique(work["agent"]):
        own = work[(work["agent"] == who) & (work["end"] > work["start"])]
        own = own[np.argsort(own["start"], kind="stable")]
        side_by_side += int((own["start"][1:] < np.maximum.accumulate(own["end"])[:-1]).sum())
    return Counter({
        "helpers held": int(helped.sum()),
        "hand-backs": int(np.maximum(all_spells - helpers - rows["handlings"], 0).sum()),
        "chats side by side": side_by_side,
    })  # fmt: skip
