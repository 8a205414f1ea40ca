"""Texts of an export -> numbers: stamps, durations, flags; vectorised over distinct texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAY = 86400.0
EARLIEST, LATEST = 315532800.0, 4102444800.0
"""Texts that name an instant before 1980 or after 2099 are no stamps of a desk."""
ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": DAY}
YES = frozenset({"1", "1.0", "true", "yes", "y", "t", "是", "已发送"})
NO = frozenset({"0", "0.0", "false", "no", "n", "f", "否", "未发送"})
_NUMERIC_DATE = (
    r"^\s*(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?"
    r"(?:[ T]*(上午|下午)?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2}(?::\d{2})?)?\s*$"
)

_COMMON = {
    "ymd": ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M"),
    "dmy": ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"),
    "mdy": ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"),
}


@dataclass(frozen=True)
class Stamps:
    """Parsed stamps: UTC epoch seconds and which texts could not be read."""

    epoch: Floats
    unreadable: Flags
    repeated: int = 0
    """Local times that the clock showed twice (end of summer time): read as the first."""
    skipped: int = 0
    """Local times that never were (start of summer time): moved forward."""
    naive: bool = False
    """Whether any stamp carried no zone of its own."""


def parse_times(text: pd.Series, formats: Sequence[str] | None, order: str, zone: str) -> Stamps:
    """Read stamps by explicit formats, or else as numeric dates in a known order.

    Fractions of a second are cut off. A stamp with an offset keeps its instant; the others are
    local times of ``zone``.
    """
    codes, unique = pd.factorize(text)
    distinct = pd.Series(np.asarray(unique, dtype=object), dtype="str")
    if formats is None:
        local, offset = _numeric_dates(distinct, order)
    else:
        local, offset = _formatted(distinct, formats)
    epoch, twice, never = to_epoch(local, zone)
    fixed = ~np.isnan(offset)
    epoch = np.where(fixed, _seconds(local) - offset, epoch)
    if not {"epoch", "epoch_ms"} & set(formats or ()):
        # 0001-01-01, 1900-01-01 and 9999-12-31 stand for "never" in many systems.
        epoch = np.where((epoch >= EARLIEST) & (epoch < LATEST), epoch, np.nan)
    there = codes >= 0
    pick = codes[there]
    out = np.full(len(codes), np.nan)
    unreadable = np.zeros(len(codes), dtype=bool)
    if len(distinct):
        out[there] = epoch[pick]
        unreadable[there] = np.isnan(epoch[pick])
    naive = ~fixed & ~np.isnan(epoch)
    counts = [int(np.sum(mask[pick] & naive[pick])) if len(pick) else 0 for mask in (twice, never)]
    return Stamps(out, unreadable, counts[0], counts[1], bool(naive.any()))


def date_evidence(text: pd.Series) -> dict[str, int]:
    """Return what numeric dates say about their order, each with the position of an example.

    ``dmy``: a first number above 12; ``mdy``: a second number above 12; ``unclear``: neither, or
    a year of two digits. Dates that start with the year are clear and not listed.
    """
    codes, unique = pd.factorize(text)
    # A text of the form 2024-... is clear; leaving it out first saves most of the work.
    texts = np.asarray(unique, dtype=object).tolist()
    words = [word if word[4:5] not in ("-", "/", "年") else "" for word in texts]
    if not any(words):
        return {}
    found = pd.Series(words, dtype="str").str.extract(_NUMERIC_DATE)
    numbers = found[[0, 1]].apply(pd.to_numeric).to_numpy(dtype="float64", na_value=np.nan)
    asks = (found[0].str.len() < 3).to_numpy(dtype=bool, na_value=False)
    short = asks & (found[2].str.len() < 3).to_numpy(dtype=bool, na_value=False)
    whole = asks & ~short
    first, second = numbers[:, 0], numbers[:, 1]
    kinds = {
        "dmy": whole & (first > 12) & (second <= 12),
        "mdy": whole & (second > 12) & (first <= 12),
        "unclear": short | (whole & (first <= 12) & (second <= 12) & (first != second)),
    }
    return {
        kind: int(np.flatnonzero(codes == np.flatnonzero(mask)[0])[0])
        for kind, mask in kinds.items()
        if mask.any()
    }


def to_epoch(local: pd.Series, zone: str) -> tuple[Floats, Flags, Flags]:
    """Return epoch seconds of naive local times; which were ambiguous and which never existed."""
    first = np.ones(len(local), dtype=bool)
    stamps = pd.DatetimeIndex(local)
    utc = stamps.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    later = stamps.tz_localize(zone, ambiguous=~first, nonexistent="shift_forward")
    valid = np.asarray(stamps.notna(), dtype=bool)
    strict = stamps.tz_localize(zone, ambiguous=first, nonexistent="NaT")
    epoch = _seconds(utc.tz_convert("UTC").tz_localize(None))
    twice = valid & np.asarray(utc != later, dtype=bool)
    return epoch, twice, valid & np.asarray(strict.isna(), dtype=bool)


def to_local(epoch: Floats, zone: str) -> pd.Series:
    """Return naive local times of epoch seconds."""
    stamps = pd.to_datetime(pd.Series(epoch), unit="s", utc=True)
    return stamps.dt.tz_convert(zone).dt.tz_localize(None)


def next_day(epoch: Floats, zone: str) -> Floats:
    """Return the same local clock time one day later."""
    return to_epoch(to_local(epoch, zone) + pd.Timedelta(days=1), zone)[0]


def parse_numbers(text: pd.Series) -> tuple[Floats, Flags]:
    """Return numbers and which texts are none."""
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    values = np.where(np.isinf(values), np.nan, values)
    return values, np.isnan(values) & text.notna().to_numpy()


def parse_durations(text: pd.Series, unit: str | None) -> tuple[Floats, Flags]:
    """Return seconds of durations in a unit; ``hms`` reads ``H:MM:SS``, ``H:MM`` and a sign."""
    if unit != "hms":
        values, unreadable = parse_numbers(text)
        return values * UNITS[unit or "s"], unreadable
    found = text.str.extract(r"^\s*(-)?(\d+):([0-5]?\d)(?::([0-5]?\d)(?:\.\d+)?)?\s*$")
    number = found[[1, 2, 3]].apply(pd.to_numeric)
    seconds = number[1] * 3600.0 + number[2] * 60.0 + number[3].fillna(0.0)
    values = seconds.where(found[0].isna(), -seconds).to_numpy(dtype="float64", na_value=np.nan)
    return values, np.isnan(values) & text.notna().to_numpy()


def parse_flags(text: pd.Series) -> tuple[Floats, Flags]:
    """Return 1 for yes, 0 for no (English and Chinese words) and which texts are neither."""
    codes, unique = pd.factorize(text)
    words = [str(word).strip().lower() for word in unique]
    table = np.array([1.0 if w in YES else 0.0 if w in NO else np.nan for w in words] + [np.nan])
    values = table[codes]
    return values, np.isnan(values) & (codes >= 0)


def is_zone(name: str) -> bool:
    """Tell whether there is an IANA time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _numeric_dates(text: pd.Series, order: str) -> tuple[pd.Series, Floats]:
    """Return naive local times and offsets of numeric dates: common forms first, which is quick."""
    local = pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
    offset = np.full(len(text), np.nan)
    todo = np.ones(len(text), dtype=bool)
    for form in dict.fromkeys((*_COMMON["ymd"], *_COMMON[order])):
        if todo.any():
            stamps = pd.to_datetime(text[todo], format=form, errors="coerce")
            local[todo] = stamps.dt.floor("s")
            todo = np.asarray(local.isna(), dtype=bool)
    if todo.any():
        rest, offset[todo] = _any_numeric_dates(text[todo].reset_index(drop=True), order)
        local[todo] = rest.to_numpy()
    return local, offset


def _any_numeric_dates(text: pd.Series, order: str) -> tuple[pd.Series, Floats]:
    found = text.str.extract(_NUMERIC_DATE)
    numbers = found[[0, 1, 2]].apply(pd.to_numeric).to_numpy(dtype="float64", na_value=np.nan)
    leads = (found[0].str.len() > 2).to_numpy(dtype=bool, na_value=False)
    year, month, day = (
        np.where(leads, numbers[:, k], numbers[:, other])
        for k, other in zip(ORDERS["ymd"], ORDERS[order], strict=True)
    )
    year = np.where(year < 100, year + np.where(year < 70, 2000, 1900), year)
    parts = pd.DataFrame({"year": year, "month": month, "day": day})
    days = pd.to_datetime(parts, errors="coerce").astype("datetime64[s]")
    hour, minute, second = (pd.to_numeric(found[k]).fillna(0.0) for k in (4, 5, 6))
    half = found[3].fillna(found[7]).str.lower().str.replace(".", "")
    twelve = half.notna() & (hour == 12)
    hour = hour + 12.0 * half.isin(["pm", "下午"]) - 12.0 * twelve
    wrong = (hour > 23) | (hour < 0) | (minute > 59) | (second > 59)
    seconds = (hour * 3600 + minute * 60 + second).to_numpy(dtype="float64")
    local = days + pd.to_timedelta(seconds, unit="s").astype("timedelta64[s]")
    return local.where(~wrong), _offsets(found[8])


def _offsets(text: pd.Series) -> Floats:
    """Return seconds east of UTC for ``Z`` and ``+08:00``; NaN where a stamp has no offset."""
    digits = text.str.replace(":", "").str.replace("Z", "+0000")
    hours, minutes = pd.to_numeric(digits.str[1:3]), pd.to_numeric(digits.str[3:5])
    east = hours * 3600.0 + minutes * 60.0
    signed = east.where(digits.str[0] != "-", -east)
    return signed.to_numpy(dtype="float64", na_value=np.nan)


def _formatted(text: pd.Series, formats: Sequence[str]) -> tuple[pd.Series, Floats]:
    local = pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
    offset = np.full(len(text), np.nan)
    for form in formats:
        todo = local.isna()
        if not todo.any():
            break
        part = text[todo]
        if form in ("epoch", "epoch_ms"):
            values = parse_numbers(part)[0] / (1000.0 if form == "epoch_ms" else 1.0)
            values = np.where(np.abs(values) < 1e11, np.floor(values), np.nan)
            local[todo] = pd.to_datetime(values, unit="s")
            offset[todo.to_numpy()] = np.where(np.isnan(values), np.nan, 0.0)
        elif form in ("iso", "utc"):
            stamps, east = _numeric_dates(part.reset_index(drop=True), "ymd")
            local[todo] = stamps.to_numpy()
            offset[todo.to_numpy()] = np.where(np.isnan(east) & (form == "utc"), 0.0, east)
        else:
            aware = "%z" in form
            stamps = pd.to_datetime(part, format=form, errors="coerce", utc=aware)
            local[todo] = (stamps.dt.tz_localize(None) if aware else stamps).dt.floor("s")
            offset[todo.to_numpy()] = np.where(aware & stamps.notna(), 0.0, np.nan)
    return local, offset


def _seconds(stamps: pd.Series | pd.DatetimeIndex) -> Floats:
    values = np.asarray(stamps, dtype="datetime64[s]")
    return np.where(np.isnat(values), np.nan, values.astype("int64").astype("float64"))
