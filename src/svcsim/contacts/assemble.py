"""From the values of a mapping to the rows of a log: what is set aside, cases, work, window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from svcsim.contacts.chains import case_chain, previous_chain
from svcsim.contacts.columns import columns as canonical_columns
from svcsim.contacts.derive import Deriver
from svcsim.contacts.mapping_check import kind_of
from svcsim.contacts.stamps import to_epoch, to_local
from svcsim.errors import Finding, InputError
from svcsim.text import Text

Flags = npt.NDArray[np.bool_]


def canonical_frame(deriver: Deriver, keep: Flags) -> pd.DataFrame:
    """Return the canonical columns of the kept units, in order of opening."""
    known, rules = canonical_columns(), deriver.mapping
    mapped = [name for name in rules.columns if name in known]
    if "resolved_filled" in deriver.values:
        mapped.append("resolved_filled")
    data = {name: deriver.values[name][keep] for name in dict.fromkeys(mapped)}
    if rules.derive.case_chain is not None:
        chain = rules.derive.case_chain
        keys = [deriver.values[name][keep] for name in chain.by]
        stamps = [data[n] for n in ("resolved_s", "abandoned_s") if n in data]
        ended = np.fmax.reduce(stamps) if stamps else np.full(int(keep.sum()), np.nan)
        data["case_id"], data["contact_no"] = case_chain(
            chain, data["ticket_id"], keys, data["opened_s"], ended
        )
    elif rules.derive.previous_ticket is not None:
        before = deriver.cells.text(rules.derive.previous_ticket)
        links = before.astype(object).where(before.notna(), None).to_numpy()[keep]
        data["case_id"], data["contact_no"], astray = previous_chain(
            data["ticket_id"], links, data["opened_s"]
        )
        if astray.any():
            deriver.cells.notes.append(
                Finding(
                    deriver.account.raw.source,
                    f"{int(astray.sum())} contacts name a previous ticket that is not used here, "
                    f"such as {links[astray][0]}: each starts a case of its own",
                    level="note",
                )
            )
    frame = pd.DataFrame(
        {
            name: pd.Series(values, dtype="str" if kind_of("columns", name) == "text" else float)
            for name, values in data.items()
        }
    )
    if "replication" in frame:  # a simulated log keeps its order
        return frame
    return frame.sort_values("opened_s", kind="stable", ignore_index=True)


def set_aside_impossible(deriver: Deriver) -> None:
    """Set aside what cannot be a contact: no id, no opening, twice the same, impossible order."""
    values, account = deriver.values, deriver.account
    ids, opened = values["ticket_id"], values["opened_s"]
    nothing = np.full(deriver.units, np.nan)
    account.aside_units(np.asarray(pd.isna(ids), dtype=bool), Text("no ticket id", "缺工单编号"))
    account.aside_units(np.isnan(opened), Text("no opening time", "缺创建时间"))
    keys = {"id": ids, "replication": values.get("replication", nothing)}
    table = pd.DataFrame(keys)[account.units_kept(deriver.units)]
    twice = np.zeros(deriver.units, dtype=bool)
    twice[table.index[table.duplicated()]] = True
    account.aside_units(
        twice, Text("ticket id comes twice (the first is kept)", "工单编号重复（保留首个）")
    )
    for name, what in (
        ("first_response_s", Text("first response before the opening", "首次响应早于创建")),
        ("resolved_s", Text("resolved before the opening", "解决早于创建")),
        ("abandoned_s", Text("abandoned before the opening", "放弃早于创建")),
    ):
        account.aside_units(values.get(name, nothing) < opened, what)
    for name in ("handle_s", "wait_s", "pending_s"):
        negative = Text(f"negative {name}", f"{name} 为负")
        account.aside_units(values.get(name, nothing) < 0, negative)


def check_scores(deriver: Deriver) -> list[Finding]:
    """Blank satisfaction scores outside 1..5; refuse a scale that is plainly another one."""
    scores = deriver.values.get("csat")
    if scores is None:
        return []
    wrong = ((scores < 1) | (scores > 5)) & deriver.account.units_kept(deriver.units)
    count, there = int(wrong.sum()), int((~np.isnan(scores)).sum())
    if not count:
        return []
    place = deriver.account.raw.source
    found = f"{count} of {there} satisfaction scores lie outside 1..5, such as {scores[wrong][0]:g}"
    mend = "map the scale with values:, for example {Good: 5, Bad: 1}"
    if count > there / 2:
        raise InputError(Finding(place, found, "expected the 1-5 scale", mend))
    deriver.values["csat"] = np.where(wrong, np.nan, scores)
    return [Finding(place, found, "these scores are left out", mend, "warning")]


def work_spells(deriver: Deriver) -> pd.DataFrame | None:
    """Return the spells of work of the contacts that are kept."""
    rules, data = deriver.mapping.work, deriver.work
    if rules is None:
        return None
    rows = deriver.account.kept & deriver.cells.holds(rules.where) & ~np.isnan(data["end_s"])
    codes = deriver.codes if deriver.codes is not None else np.arange(deriver.units)
    texts = {"agent": data["agent"], "team": data.get("team", np.full(len(rows), None))}
    texts["ticket_id"] = deriver.values["ticket_id"][codes]
    stamps = {"start_s": data.get("start_s", np.full(len(rows), np.nan)), "end_s": data["end_s"]}
    frame = pd.DataFrame(
        {name: pd.Series(values[rows], dtype="str") for name, values in texts.items()}
        | {name: pd.Series(values[rows], dtype="float64") for name, values in stamps.items()}
    )
    return frame.sort_values("end_s", kind="stable", ignore_index=True)


def observed_window(frame: pd.DataFrame, zone: str) -> tuple[float, float, float]:
    """Return whole local days from the first to the last opening, and until when things are known.

    A log is known until its last stamp, and at least until the end of its last day.
    """
    opened = frame["opened_s"].to_numpy()
    days = to_local(np.array([opened.min(), opened.max()]), zone).dt.normalize()
    days.iloc[1] += pd.Timedelta(days=1)
    start, end = to_epoch(days, zone)[0]
    times = [n for n, c in canonical_columns().items() if c.type == "time" and n in frame]
    last = float(np.nanmax(frame[times].to_numpy()))
    return float(start), float(end), max(float(end), last + 1.0)
