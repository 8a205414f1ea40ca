"""From a log to a baseline: the sample desk is learned back; real histories give whole desks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from svcsim.calibration.fit import calibrate
from svcsim.contacts.log import ContactLog
from svcsim.contacts.read import read_history
from svcsim.errors import InputError
from svcsim.model.baseline import Baseline
from svcsim.model.quantity import walk
from svcsim.samples.history import history_path, truth

WEEK = 604800.0


@cache
def history() -> ContactLog:
    return read_history(history_path()).log


@cache
def sample() -> Baseline:
    log = history()
    return calibrate(log.window(log.end - 26 * WEEK, log.end), name="sample", zh="样例")


def test_a_baseline_reads_back_as_it_was_written(tmp_path: Path):
    path = tmp_path / "baseline.yaml"
    path.write_text(sample().to_yaml(), encoding="utf-8")
    again = Baseline.from_yaml(path)
    assert again.to_yaml() == sample().to_yaml()
    assert again.model.teams == sample().model.teams


def test_where_the_numbers_come_from_is_recorded():
    source = sample().source
    assert (source.start, source.end) == ("2025-05-05", "2025-11-03")
    # contacts outside the window are context, not fitted
    assert source.rows == len(history().between(history().end - 26 * WEEK, history().end))
    assert sample().zh == "样例"
    assert any(note.startswith("repeats:") for note in sample().notes)


def test_the_flow_of_the_sample_desk_is_learned_back():
    model, known = sample().model, truth()
    assert set(model.categories) == set(known.categories)
    for name, category in model.categories.items():
        true = known.categories[name]
        assert category.team == true.team
        assert category.share.value == pytest.approx(true.share.value, abs=0.015)
        assert category.again.value == pytest.approx(true.again.value, abs=0.04)
        assert category.transfer.value == pytest.approx(true.transfer.value, abs=0.03)
        assert category.pending.mean.value == pytest.approx(true.pending.mean.value, rel=0.15)
        assert category.handling.mean.value == pytest.approx(true.handling.mean.value, rel=0.12)
    assert model.categories["repair"].transfer_to == "L2"
    assert model.channels["phone"].mode == "live"
    assert model.channels["web"].mode == "ticket"


def test_the_level_is_that_of_new_cases():
    assert sample().model.arrivals.level.value == pytest.approx(790, rel=0.06)


def test_the_hours_of_the_sample_desk_are_learned_back():
    model, known = sample().model, truth()

    def hours(staffing) -> float:
        length = {
            name: sum(_minutes(b) - _minutes(a) for a, b in windows) / 60
            for name, windows in staffing.shifts.items()
        }
        by_day = {}
        for day in staffing.days:
            total = sum(length[shift] * len(names) for shift, names in day.on.items())
            by_day.setdefault(day.weekday, []).append(total)
        return sum(sum(days) / len(days) for days in by_day.values())

    expected = hours(known.staffing) * known.staffing.presence.value
    assert hours(model.staffing) == pytest.approx(expected, rel=0.07)
    assert set(model.agents) == set(known.agents)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def test_satisfaction_of_the_sample_desk_is_learned_back():
    survey, known = sample().model.survey, truth().survey
    assert survey.asked.value == pytest.approx(known.asked.value, abs=0.02)
    assert survey.answered.value == pytest.approx(known.answered.value, abs=0.02)
    assert survey.wait_effect.value == pytest.approx(known.wait_effect.value, abs=0.12)
    assert survey.return_effect.value == pytest.approx(known.return_effect.value, abs=0.3)


def test_every_part_is_announced():
    parts: list[str] = []
    log = history()
    calibrate(log.window(log.end - 4 * WEEK, log.end), progress=parts.append)
    assert parts[0] == "difficulty"
    assert {"staffing", "resolution", "repeats", "arrivals", "survey", "drift"} <= set(parts)


def test_the_same_log_gives_the_same_baseline():
    log = history().window(history().end - 4 * WEEK, history().end)
    assert calibrate(log).to_yaml() == calibrate(log).to_yaml()


def test_too_little_history_says_how_much_is_needed():
    log = history()
    with pytest.raises(InputError, match="200 contacts and 14 days"):
        calibrate(log.between(log.start, log.start + WEEK))


def test_without_agents_a_roster_makes_the_desk(tmp_path: Path):
    log = history().between(history().end - 6 * WEEK, history().end)
    frame = log.frame.assign(agent=pd.Series([None] * len(log), dtype="str"))
    nameless = ContactLog(frame, log.start, log.end, log.observed_until, timezone=log.timezone)
    with pytest.raises(InputError, match="--roster"):
        calibrate(nameless)
    path = tmp_path / "roster.csv"
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    rows = [f"p{i},{'L1' if i else 'L9'},{day},09:00,18:00" for day in days for i in range(20)]
    path.write_text("agent,team,weekday,start,end\n" + "\n".join(rows) + "\n")
    baseline = calibrate(nameless, roster=path)
    model = baseline.model
    assert len(model.agents) == 20
    assert model.agents["p1"].team == "L1"
    # nobody on the roster belongs to the second tier: somebody has to serve it, and that is said
    assert "L2" in model.agents["p1"].serves
    assert any("team L2 has no rostered agent" in note for note in baseline.notes)


def test_rare_categories_and_teams_do_not_break_the_desk():
    log = history().between(history().end - 6 * WEEK, history().end)
    frame = log.frame.copy()
    odd = frame.index % 97 == 0
    frame.loc[odd, "category"] = [f"odd {i}" for i in range(odd.sum())]
    frame.loc[odd, "team"] = [f"crew {i % 20}" for i in range(odd.sum())]
    mixed = ContactLog(frame, log.start, log.end, log.observed_until, timezone=log.timezone)
    model = calibrate(mixed).model
    assert set(model.categories) == {"installation", "repair", "returns", "technical", "other"}
    assert sum(category.share.value for category in model.categories.values()) == pytest.approx(1)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("files", "preset", "start", "agents"),
    [
        ("servicenow_incidents_2016_mar_apr.csv.gz", "servicenow-log", "2016-04-11", 80),
        ("bank_calls_1999_0*.tsv.gz", "bank-calls", "1999-01-01", 25),
    ],
)
def test_a_real_history_gives_a_desk_that_can_run(
    data_dir: Path, files: str, preset: str, start: str, agents: int
):
    log = read_history(data_dir / files, preset=preset).log
    begin = pd.Timestamp(start, tz=log.timezone).timestamp()
    baseline = calibrate(log.window(begin, log.end), name=preset)
    model = baseline.model
    assert len(model.agents) >= agents
    quantities = [quantity for _, quantity in walk(model)]
    assert sum(q.interval is not None for q in quantities) > 0.5 * len(quantities)
    if preset == "bank-calls":
        assert model.channels["phone"].mode == "live"
        assert model.staffing.off_share.value > 0.1
        assert model.staffing.off_share.grade == "measured"
        assert {"1999-01-11", "1999-01-13"}.isdisjoint(day.label for day in model.staffing.days)
    else:
        assert model.channels["Phone"].mode == "ticket"
        assert any("no handling times" in note for note in baseline.notes)
        again = [category.again.value for category in model.categories.values()]
        assert 0.2 < sum(again) / len(again) < 0.7
