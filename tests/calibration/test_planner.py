"""What planners know: their files, what overrides what, and what is said of disagreements."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from small_desks import category, desk
from svcsim.calibration.overrides import time_per_contact, with_known
from svcsim.calibration.planner import Known, read_aht, read_costs, read_shrinkage
from svcsim.calibration.roster import read_roster
from svcsim.contacts.log import ContactLog, make_log
from svcsim.engine.compile_desk import compile_desk
from svcsim.errors import InputError
from svcsim.model.duration import Duration
from svcsim.model.quantity import Share, Time
from svcsim.model.service import ServiceModel


def write(folder: Path, text: str, name: str = "aht.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def history(**handle: float) -> ContactLog:
    """Two hundred resolved contacts a category, each as long as given (minutes)."""
    rows = pd.DataFrame(
        [
            {"ticket_id": f"{name}{i}", "category": name, "team": "L1", "opened_s": 3600.0 * i,
             "resolved_s": 3600.0 * i + 600, "handle_s": 60.0 * minutes}
            for name, minutes in handle.items() for i in range(200)
        ]
    )  # fmt: skip
    return make_log(rows)


def learned(**mean: float) -> ServiceModel:
    """A desk whose categories take so many minutes, within 5 %."""
    kinds = {
        name: category(
            share=1.0 / len(mean),
            team="L1",
            handling={
                "law": "fixed",
                "mean": {
                    "value": 60.0 * minutes,
                    "interval": (57.0 * minutes, 63.0 * minutes),
                    "n": 200,
                    "grade": "measured",
                },
            },
        )
        for name, minutes in mean.items()
    }
    return desk(teams=["L1"], agents={"ann": {"team": "L1"}}, categories=kinds)


# files ------------------------------------------------------------------------------------------


def test_times_by_category_with_bounds(tmp_path: Path):
    path = write(tmp_path, "category,team,minutes,low,high\nrepair,,12,10,15\n*,L2,20,,\n")
    first, second = read_aht(path)
    assert (first.category, first.team, first.seconds) == ("repair", "", 720.0)
    assert first.bounds == (600.0, 900.0)
    assert (second.category, second.team, second.bounds) == ("", "L2", None)
    assert second.where.endswith("aht.csv:3")


def test_chinese_headers_and_a_national_encoding(tmp_path: Path):
    path = write(tmp_path, "类别,班组,秒\n维修,一线,90\n", encoding="gb18030")
    (only,) = read_aht(path)
    assert (only.category, only.team, only.seconds) == ("维修", "一线", 90.0)
    path = write(tmp_path, "类别,平均处理时长,下限,上限\n全部,12min,10min,0.25h\n")
    (only,) = read_aht(path)
    assert (only.category, only.seconds, only.bounds) == ("", 720.0, (600.0, 900.0))


def test_every_bad_row_is_named_with_its_line(tmp_path: Path):
    rows = ["a,12,,", "b,x,,", "c,-3,,", "d,12,15,20", "e,12,10,", "a,13,,", "f,,,"]
    path = write(tmp_path, "category,minutes,low,high\n" + "\n".join(rows))
    with pytest.raises(InputError) as error:
        read_aht(path)
    findings = error.value.findings
    assert [f.where.rsplit(":", 1)[1] for f in findings] == ["3", "4", "5", "6", "7", "8"]
    assert "'x' is not a number of minutes" in findings[0].found
    assert "does not lie between" in findings[2].found
    assert "given already" in findings[4].found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("categry,minutes\na,1\n", "Did you mean categry"),
        ("category,minutes\n", "no rows"),
        ("category,aht\na,12\n", "has no unit"),
        ("category,minutes,seconds\na,12,720\n", "minutes and seconds are both filled"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str):
    with pytest.raises(InputError, match=said):
        read_aht(write(tmp_path, text))


def test_a_missing_file_names_its_neighbour(tmp_path: Path):
    write(tmp_path, "category,minutes\na,1\n")
    with pytest.raises(InputError, match=r"Did you mean aht\.csv"):
        read_aht(tmp_path / "ahd.csv")


def test_shrinkage_is_one_share_or_one_a_team(tmp_path: Path):
    (all_teams,) = read_shrinkage("20%")
    assert (all_teams.team, all_teams.share) == ("", 0.2)
    path = write(tmp_path, "班组,占比\n一线,18%\n*,0.3\n", "shrinkage.csv")
    assert [(row.team, row.share) for row in read_shrinkage(str(path))] == [
        ("一线", 0.18),
        ("", 0.3),
    ]
    with pytest.raises(InputError, match="90% at most"):
        read_shrinkage("95%")
    with pytest.raises(InputError, match="cannot be read"):
        read_shrinkage("20 percent")
    bad = write(tmp_path, "team,share\nL1,a\nL2,140%\n", "bad.csv")
    with pytest.raises(InputError) as error:
        read_shrinkage(str(bad))
    assert len(error.value.findings) == 2


def test_costs_are_read_with_their_provenance(tmp_path: Path):
    cost = read_costs(write(tmp_path, "currency: CNY\nper_hour: 60\n", "costs.yaml"))
    assert (cost.currency, cost.per_hour.value, cost.per_hour.grade) == ("CNY", 60.0, "given")
    assert cost.per_hour.how == "given by the planner (costs.yaml)"
    assert cost.per_contact.grade == "assumed"
    with pytest.raises(InputError, match="per_hour"):
        read_costs(write(tmp_path, "per_huor: 60\n", "costs.yaml"))
    with pytest.raises(InputError, match="no cost is given"):
        read_costs(write(tmp_path, "currency: CNY\n", "costs.yaml"))


def test_names_that_the_history_lacks_are_all_told(tmp_path: Path):
    times = read_aht(write(tmp_path, "category,team,minutes\nrepiar,,12\nbill,L9,3\n"))
    shares = read_shrinkage(str(write(tmp_path, "team,share\nL7,20%\n", "s.csv")))
    with pytest.raises(InputError) as error:
        Known(aht=times, shrinkage=shares).check(history(repair=10, bill=3))
    told = [str(finding) for finding in error.value.findings]
    assert len(told) == 3
    assert "aht.csv:2" in told[0]
    assert "Did you mean repair" in told[0]
    assert "team 'L9' is not in the history; expected one of L1" in told[1]
    assert "s.csv:2" in told[2]


# what they change -------------------------------------------------------------------------------


def given_times(folder: Path, text: str) -> Known:
    return Known(aht=read_aht(write(folder, "category,team,minutes,low,high\n" + text)))


def test_a_given_time_replaces_the_learned_one_and_says_so(tmp_path: Path):
    log = history(repair=10, bill=3)
    known = given_times(tmp_path, "repair,,12,11,13\n")
    model, notes = with_known(learned(repair=10, bill=3), known, log)
    mean = model.categories["repair"].handling.mean
    assert (mean.value, mean.interval, mean.grade) == (720.0, (660.0, 780.0), "given")
    assert mean.how == "given by the planner (aht.csv:2)"
    assert model.categories["bill"].handling.mean.grade == "measured"
    # 11 to 13 minutes and 9.5 to 10.5 have nothing in common
    assert [note.en for note in notes] == [
        "handling: the planner gives 12min a contact for repair, the history says 10min "
        "(measured); the planner's is used"
    ]
    assert "规划人员给定 12 分钟" in notes[0].zh


def test_a_time_that_agrees_is_taken_without_a_word(tmp_path: Path):
    known = given_times(tmp_path, "repair,,10.4,10,11\n")
    model, notes = with_known(learned(repair=10, bill=3), known, history(repair=10, bill=3))
    assert model.categories["repair"].handling.mean.value == pytest.approx(624.0)
    assert notes == []


def test_without_bounds_a_modest_interval_is_stated(tmp_path: Path):
    model, _ = with_known(learned(a=10), given_times(tmp_path, "a,,10,,\n"), history(a=10))
    mean = model.categories["a"].handling.mean
    assert mean.interval == pytest.approx((600 / 1.1, 660.0))
    assert "taken as known within 10%" in mean.how


def test_the_row_of_a_category_overrules_the_row_for_all(tmp_path: Path):
    known = given_times(tmp_path, "*,,5,,\nrepair,,12,,\n")
    model, _ = with_known(learned(repair=10, bill=3), known, history(repair=10, bill=3))
    means = {name: c.handling.mean.value / 60 for name, c in model.categories.items()}
    assert means == pytest.approx({"repair": 12.0, "bill": 5.0})


def test_a_time_is_per_contact_however_often_it_is_handled(tmp_path: Path):
    """Half of the handlings are followed by another: two a contact, six minutes each."""
    kind = category(
        team="L1",
        handling={"law": "fixed", "mean": {"value": 600.0, "n": 200, "grade": "measured"}},
        again=0.5,
        pending={"law": "fixed", "mean": 3600.0},
    )
    model = desk(
        mode="ticket", teams=["L1"], agents={"ann": {"team": "L1"}}, categories={"repair": kind}
    )
    assert time_per_contact(model, model.categories["repair"]) == pytest.approx(1200.0)
    log = history(repair=10)
    bare = replace(log, frame=log.frame.assign(handle_s=np.nan))
    found, _ = with_known(model, given_times(tmp_path, "repair,,12,,\n"), bare)
    assert found.categories["repair"].handling.mean.value == pytest.approx(360.0)
    # where handling times are recorded the same contact goes by its record: 10 become 12
    found, _ = with_known(model, given_times(tmp_path, "repair,,12,,\n"), log)
    assert found.categories["repair"].handling.mean.value == pytest.approx(720.0)


def test_a_category_of_another_team_is_told(tmp_path: Path):
    log = history(repair=10)
    log = replace(log, frame=log.frame.assign(team=["L1", "L2"] * 100))
    model, (note,) = with_known(learned(repair=10), given_times(tmp_path, "repair,L2,12,,\n"), log)
    assert model.categories["repair"].handling.mean.grade == "measured"
    assert "repair begins in team L1" in note.en


def test_shrinkage_makes_an_agent_busy_longer_and_not_the_record():
    model, notes = with_known(
        learned(repair=10), Known(shrinkage=read_shrinkage("20%")), history(repair=10)
    )
    assert notes == []
    share = model.staffing.shrinkage["L1"]
    assert (share.value, share.grade) == (0.2, "given")
    assert share.how == "given by the planner (--shrinkage)"
    assert model.staffing.busy_factor("L1") == pytest.approx(1.25)
    assert compile_desk(model).busy == pytest.approx((1.25,))
    assert model.staffing.slowdown.value == 1.0


def test_time_off_the_queue_is_part_of_the_shrinkage():
    model = learned(repair=10)
    off = {
        "off_share": Share(value=0.3),
        "off_time": Duration(law="fixed", mean=Time(value=600.0)),
    }
    model = model.model_copy(update={"staffing": model.staffing.model_copy(update=off)})
    found, (note,) = with_known(model, Known(shrinkage=read_shrinkage("20%")), history(repair=10))
    assert found.staffing.off_share.value == 0.0
    assert found.staffing.off_share.grade == "given"
    assert "not counted twice" in note.en


def test_a_roster_is_given_too(tmp_path: Path):
    path = write(tmp_path, "agent,weekday,start,end\nann,mon,09:00,17:00\n", "roster.csv")
    model, _ = with_known(learned(repair=10), Known(), history(repair=10), read_roster(path))
    assert model.staffing.presence.grade == "given"
    assert "roster.csv" in model.staffing.presence.how
