"""Metrics whose rows are not contacts: side tables, and what each agent did on each contact.

Their expressions are computed on the table, their rows are dated by its own stamps, and they fall
into the groups of the contacts: a row whose labels no contact has is in no group of a table by
labels (it counts without grouping).
"""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from svcsim.compiler import given
from svcsim.contacts.attach import stage_seconds
from svcsim.contacts.codes import coded
from svcsim.contacts.log import ContactLog
from svcsim.metrics.elementwise import elementwise
from svcsim.metrics.groups import Groups
from svcsim.metrics.metric import Across, BeforeAfter, Metric, Part, Slope
from svcsim.metrics.periods import Periods, day_index, local_periods
from svcsim.metrics.reduce import Cells, Reduced, reduce
from svcsim.stats.interval import LEVEL, poisson_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTHLY = ("finance", "installed", "headcount")
"""Tables with a row a month, dated by its first day."""
FROM_CONTACT = ("agent", "team", "category", "channel", "priority", "segment", "language")
"""What a row that names a contact takes from it where it does not say it."""


def rows_of(log: ContactLog, table: str) -> pd.DataFrame:
    """Return the rows of a table as metrics see them, with the texts they are grouped by."""
    build = _BUILD.get(table)
    rows = log.tables[table] if build is None else build(log)
    out = rows.assign(observed_until=log.observed_until)
    if "ticket_id" in out:
        out = _with_contact(out, log.frame)
    return _with_team(out, log.frame) if "agent" in out else out


def grouped_by(log: ContactLog, table: str) -> tuple[str, ...]:
    """Return the text columns by which the rows of a table can be grouped."""
    return tuple(str(name) for name in rows_of(log, table).columns)


def tables_of(metric: Metric) -> list[str]:
    """Return the tables beside the contacts whose rows a metric counts."""
    kind = metric.kind
    named = [kind.top.table, kind.bottom.table] if isinstance(kind, Across) else [metric.table]
    return [name for name in named if name != "contacts"]


def side(metric: Metric, log: ContactLog, groups: Groups, periods: Periods, days: bool) -> Reduced:
    """Return every cell of a metric of another table than the contacts.

    ``days``: whether intervals are wanted.
    """
    kind = metric.kind
    if isinstance(kind, Across):
        return _across(kind, log, groups, periods, days)
    rows = rows_of(log, metric.table)
    parts = [part for part in vars(kind).values() if isinstance(part, nw.Expr)]
    values = nw.from_native(rows).select(**{f"e{id(part)}": part for part in parts})
    columns = {id(part): values[f"e{id(part)}"].to_numpy() for part in parts}
    cell, dates = _cells(rows, metric.dated_by, groups, periods)
    if isinstance(kind, BeforeAfter):
        found = before_after(kind, log, rows, cell, len(groups) * len(periods.labels))
        blank = np.full(len(found.value), np.nan)
        return found if days else Reduced(found.value, found.n, blank, blank)
    cells = Cells(
        cell,
        len(groups) * len(periods.labels),
        {key: given(v.astype(bool), "?") for key, v in columns.items() if _is_flag(v)},
        {key: given(v.astype(float), "f8") for key, v in columns.items() if not _is_flag(v)},
        _codes(kind, rows),
        (lambda: day_index(dates, log.timezone)) if days else None,
        dates,
    )
    return reduce(kind, cells)


def before_after(
    kind: BeforeAfter, log: ContactLog, rows: pd.DataFrame, cell: Ints, size: int
) -> Reduced:
    """Return the change of linked categories' volume in every cell, beside the other categories.

    Each article splits the contacts opened within ``window`` of it into a (own category, after),
    b (own, before), c (others, after), d (others, before). Pooled by Mantel and Haenszel (1959):
    ratio = Σ a·d/t / Σ b·c/t with t = a + b + c + d; value = ratio − 1, interval by Robins,
    Breslow and Greenland (1986). ``n`` counts the articles with both windows inside
    the log; one whose windows overlap those of an earlier one of its category adds nothing: the
    same contacts would count twice.
    """
    last = min(log.end, log.openings_until, log.observed_until)
    time = rows["time_s"].to_numpy()
    linked = rows["action"].isin(["new", "update"]) & rows["category"].notna()
    whole = (time - kind.window >= log.start) & (time + kind.window <= last)
    use = np.flatnonzero(linked.to_numpy() & whole & (cell >= 0))
    use = _apart(use, time, rows["category"].to_numpy(dtype=object), 2 * kind.window)
    opened = np.sort(log.frame["opened_s"].to_numpy())
    own = {
        name: np.sort(part.to_numpy())
        for name, part in log.frame.groupby("category", observed=True)["opened_s"]
    }
    sums, n = np.zeros((5, size)), np.zeros(size, dtype=np.int64)
    for row in use:
        ends = time[row] + np.array([-kind.window, 0.0, kind.window])
        mine = own.get(rows["category"].iloc[row], opened[:0])
        b, a = np.diff(np.searchsorted(mine, ends)).astype(float)
        d, c = np.diff(np.searchsorted(opened, ends)) - (b, a)
        total = a + b + c + d
        if total == 0:
            continue
        r, s, p, q = a * d / total, b * c / total, (a + d) / total, (b + c) / total
        sums[:, cell[row]] += (r, s, p * r, p * s + q * r, q * s)
        n[cell[row]] += 1
    r, s, pr, mixed, qs = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((n > 0) & (s > 0), r / s, np.nan)
        error = np.sqrt(pr / (2 * r**2) + mixed / (2 * r * s) + qs / (2 * s**2))
        z = ndtri(0.5 + LEVEL / 2)
        low, high = ratio * np.exp(-z * error), ratio * np.exp(z * error)
    return Reduced(ratio - 1, n, low - 1, high - 1)


def _apart(use: Ints, time: Floats, category: NDArray[np.object_], least: float) -> Ints:
    """Return the rows at least so far after the last kept one of their category."""
    kept: list[int] = []
    last: dict[str, float] = {}
    for row in use[np.argsort(time[use], kind="stable")]:
        if time[row] - last.get(category[row], -np.inf) >= least:
            last[category[row]] = float(time[row])
            kept.append(int(row))
    return np.array(kept, dtype=np.int64)


def _across(kind: Across, log: ContactLog, groups: Groups, periods: Periods, days: bool) -> Reduced:
    """Return per · top / bottom; a top that counts events has their Poisson interval (Garwood).

    Beside a table of months, contacts count in those months alone. Groups that a table cannot be
    split by are unknown.
    """
    months = _months(kind, log)
    top, _ = _sum(kind.top, log, groups, periods, months)
    bottom, n = _sum(kind.bottom, log, groups, periods, months)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(bottom > 0, kind.per / bottom, np.nan)
    low = high = np.full(len(scale), np.nan)
    if days and kind.top.value is None:
        low, high = (scale * bound for bound in poisson_interval(top))
    value = scale * top
    return Reduced(value, np.where(np.isfinite(value), n, 0), low, high)


def _months(kind: Across, log: ContactLog) -> Floats | None:
    """Return starts and ends (months x 2) of the local months that a monthly table holds."""
    tables = [part.table for part in (kind.top, kind.bottom) if part.table in MONTHLY]
    if not tables:
        return None
    found = [
        local_periods(first, np.nextafter(first, np.inf), log.timezone, "month").edges
        for first in log.tables[tables[0]]["time_s"].unique()
    ]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _sum(
    part: Part, log: ContactLog, groups: Groups, periods: Periods, months: Floats | None
) -> tuple[Floats, Ints]:
    """Return Σ value over the rows of a table that count, and their number, in every cell."""
    size = len(groups) * len(periods.labels)
    parts = [part.among] + ([] if part.value is None else [part.value])
    if part.table == "contacts":
        values = elementwise(log, parts, set())
        among = values.flags[id(part.among)]
        number = None if part.value is None else values.numbers[id(part.value)]
        dates = _dates(log.frame, part.dated_by)
        cell = periods.cells(dates, groups.row)
        if months is not None:
            inside = (dates[:, None] >= months[:, 0]) & (dates[:, None] < months[:, 1])
            among = among & inside.any(axis=1)
    else:
        rows = rows_of(log, part.table)
        table = nw.from_native(rows).select(**{f"e{i}": one for i, one in enumerate(parts)})
        among = table["e0"].to_numpy().astype(bool)
        number = None if part.value is None else table["e1"].to_numpy().astype(float)
        if any(name not in rows or rows[name].isna().all() for name in groups.labels):
            return np.full(size, np.nan), np.zeros(size, dtype=np.int64)
        cell, _ = _cells(rows, part.dated_by, groups, periods)
    use = among & (cell >= 0)
    if number is not None:
        use &= np.isfinite(number)
    n = np.bincount(cell[use], minlength=size).astype(np.int64)
    sums = n if number is None else np.bincount(cell[use], number[use], size)
    return np.asarray(sums, dtype=np.float64), n


def _cells(
    rows: pd.DataFrame, dated_by: tuple[str, ...], groups: Groups, periods: Periods
) -> tuple[Ints, Floats]:
    """Return the cell of every row (negative: none) and its date."""
    dates = _dates(rows, dated_by)
    group = groups.of(rows)
    if group is None:
        return np.full(len(rows), -1, dtype=np.int64), dates
    return given(periods.cells(dates, group), "i8"), dates


def _dates(rows: pd.DataFrame, dated_by: tuple[str, ...]) -> Floats:
    dates = rows[dated_by[0]].to_numpy(dtype=float)
    for name in dated_by[1:]:
        dates = np.where(np.isnan(dates), rows[name].to_numpy(dtype=float), dates)
    return dates


def _codes(kind: object, rows: pd.DataFrame) -> dict[str, tuple[Ints, int]]:
    column = kind.within if isinstance(kind, Slope) else getattr(kind, "column", "")
    if not column:
        return {}
    code = coded(rows, column).code
    return {column: (given(code, "i8"), int(code.max(initial=-1)) + 1)}


def _is_flag(values: NDArray[np.generic]) -> bool:
    return values.dtype == bool or values.dtype == object


def _with_contact(rows: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the texts of the contact they name where they have none of their own."""
    place = pd.Series(np.arange(len(contacts)), index=contacts["ticket_id"].astype("str"))
    place = place[~place.index.duplicated()]
    at = rows["ticket_id"].astype("str").map(place)
    known = at.notna().to_numpy()
    texts = {}
    for name in FROM_CONTACT:
        theirs = pd.Series([None] * len(rows), index=rows.index, dtype="str")
        picked = contacts[name].iloc[at[known].astype(int)].astype("str")
        theirs.loc[known] = picked.to_numpy()
        texts[name] = rows[name].fillna(theirs) if name in rows else theirs
    return rows.assign(**texts)


def _with_team(rows: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the team for which their agent mostly worked, where they name none."""
    pairs = contacts[["agent", "team"]].dropna().astype("str").value_counts().reset_index()
    pairs = pairs.sort_values(["agent", "count", "team"], ascending=[True, False, True])
    mostly = pairs.drop_duplicates("agent").set_index("agent")["team"]
    team = rows["agent"].astype("str").map(mostly).astype("str")
    return rows.assign(team=rows["team"].fillna(team) if "team" in rows else team)


def _work_rows(log: ContactLog) -> pd.DataFrame:
    """Return one row an agent and contact: when it was last worked on, and whose contact it is."""
    empty = pd.DataFrame({"agent": [], "ticket_id": [], "end_s": []})
    work = (empty if log.work is None else log.work).dropna(subset=["agent"])
    work = work.assign(ticket_id=work["ticket_id"].astype("str"), agent=work["agent"].astype("str"))
    spells = work.groupby(["ticket_id", "agent"])["end_s"]
    last = spells.agg(time_s="max", first_s="min").reset_index()
    owner = pd.Series(
        log.frame["agent"].astype("str").to_numpy(), index=log.frame["ticket_id"].astype("str")
    )
    owner = owner[~owner.index.duplicated()]
    whose = last["ticket_id"].map(owner)
    own = np.where(whose.isna(), np.nan, (whose == last["agent"]).astype(float))
    return _rated(last.assign(is_owner=own), work, log.frame)


def _rated(rows: pd.DataFrame, work: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the rating of their contact, and what the agent had to do with it.

    ``touched``: worked on it before the rating; ``at_rating``: worked on it last before it.
    """
    rated = contacts.assign(ticket_id=contacts["ticket_id"].astype("str"))
    rated = rated.drop_duplicates("ticket_id")[["ticket_id", "csat", "survey_s", "resolved_s"]]
    rows = rows.merge(rated, on="ticket_id", how="left")
    when = rows["survey_s"].fillna(rows["resolved_s"])
    spells = work.merge(rated, on="ticket_id")
    before = spells[spells["end_s"] <= spells["survey_s"].fillna(spells["resolved_s"])]
    before = before.sort_values("end_s", kind="stable").drop_duplicates("ticket_id", keep="last")
    who = rows["ticket_id"].map(before.set_index("ticket_id")["agent"])
    return rows.assign(
        touched=(rows["first_s"] <= when).astype(float),
        at_rating=(who == rows["agent"]).astype(float),
    )


def _review_rows(log: ContactLog) -> pd.DataFrame:
    """Return one row a check: its score, the items that apply and those with full marks.

    Score = 100·Σ w·(score − lowest)/(highest − lowest) / Σ w over the items that apply; 0 when a
    critical item is below one half.
    """
    items = log.tables["reviews"].dropna(subset=["score"])
    part = (items["score"] - items["lowest"]) / (items["highest"] - items["lowest"])
    failed = (items["critical"] == 1) & (part < 0.5)
    items = items.assign(
        top=part * items["weight"], failed=failed, passed=(part >= 1.0).astype(float), items=1.0
    )
    found = items.groupby("review", as_index=False).agg(
        time_s=("time_s", "max"), agent=("agent", "first"), ticket_id=("ticket_id", "first"),
        top=("top", "sum"), weight=("weight", "sum"), failed=("failed", "any"),
        passed=("passed", "sum"), items=("items", "sum"),
    )  # fmt: skip
    score = np.where(found["failed"], 0.0, 100.0 * found["top"] / found["weight"])
    texts = {name: found[name].astype("str") for name in ("agent", "ticket_id")}
    return found.drop(columns=["top", "weight", "failed"]).assign(iqs=score, **texts)


def _stage_rows(log: ContactLog) -> pd.DataFrame:
    stages = log.tables["stages"]
    return stages.assign(seconds=stage_seconds(stages, log.observed_until))


def _stage_totals(log: ContactLog) -> pd.DataFrame:
    """Return one row a contact and stage that it has left: all its visits together."""
    stages = _stage_rows(log).assign(over=lambda rows: rows["end_s"].notna())
    found = stages.groupby(["ticket_id", "stage"], as_index=False).agg(
        end_s=("end_s", "max"), seconds=("seconds", "sum"), over=("over", "all")
    )
    return found[found["over"]].reset_index(drop=True)


_BUILD: dict[str, Callable[[ContactLog], pd.DataFrame]] = {
    "work": _work_rows,
    "reviews": _review_rows,
    "stages": _stage_rows,
    "stage_totals": _stage_totals,
}
"""Tables whose rows are made from others."""
