"""``svcsim score`` with roles, points given by hand, gates and a bonus."""

import json
from pathlib import Path

import pandas as pd
import pytest

from svcsim.cli.main import run
from svcsim.contacts.log import ContactLog

CARD = """\
name: small
zh: 小考核表
kpis:
  - {metric: csat_top2, weight: 60%, target: 85%, floor: 50%, stretch: 100%}
  - {metric: frt_within(20min), weight: 40%, target: 80%}
  - {metric: csat_mean, curve: gate, target: 3.5, cap: 30}
bonus:
  - {metric: volume, points_per: 1, per: 50, cap: 2}
  - {item: supervisor, zh: 主管加减分, cap: 5}
"""
POINTS = """\
agent,points,reason,date
a00,3,helped a newcomer,2026-03-05
good,-1,shared a password,2026-03-06
a0x,2,a typo,2026-03-07
a01,2,too early,2026-02-07
"""
FOLDER = ("log.parquet", "card.yaml", "roles.csv", "points.csv")


@pytest.fixture
def files(tmp_path: Path, unequal_agents: ContactLog) -> dict[str, str]:
    paths = {name.split(".")[0]: tmp_path / name for name in FOLDER}
    unequal_agents.to_parquet(paths["log"])
    paths["card"].write_text(CARD, encoding="utf-8")
    agents = unequal_agents.frame["agent"].unique()
    rows = [f"{name},{'senior' if i % 2 else 'junior'}" for i, name in enumerate(agents)]
    paths["roles"].write_text("\n".join(["agent,role", *rows]), encoding="utf-8")
    paths["points"].write_text(POINTS, encoding="utf-8")
    return {name: str(path) for name, path in paths.items()}


def command(files: dict[str, str], *more: str) -> list[str]:
    return ["score", files["log"], "--scorecard", files["card"], "--roles", files["roles"],
            "--points", files["points"], *more]  # fmt: skip


def test_people_read_bonus_gates_and_roles(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command(files, "--lang", "en")) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    header = next(line for line in lines if "bonus  penalty  total" in line)
    assert "role" in header
    bad = next(line for line in lines if line.startswith("agent  bad"))
    assert "gated" in bad
    gate = next(line for line in lines if line.startswith("csat_mean  bad"))
    assert "failed" in gate
    assert "points.csv row 4  set aside: agent 'a0x' is not in the log" in shown.err
    assert "points.csv row 5  set aside: 2026-02-07 lies outside the period" in shown.err
    assert "the gate was missed by bad" in shown.err


def test_the_same_in_chinese(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command(files, "--lang", "zh")) == 0
    shown = capsys.readouterr()
    assert "加分" in shown.out
    assert "触及红线" in shown.out
    assert "已搁置：数据中没有坐席“a0x”" in shown.err
    assert "触及红线：bad" in shown.err


@pytest.mark.parametrize(("lang", "page"), [("en", "scores.html"), ("zh", "scores.zh.html")])
def test_the_files_hold_it_beside_the_score(
    files: dict[str, str], tmp_path: Path, lang: str, page: str
) -> None:
    folder = tmp_path / "march"
    assert run(command(files, "-o", str(folder), "-q", "--lang", lang)) == 0
    result = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    units = {unit["unit"]: unit for unit in result["units"]}
    assert [gate["metric"] for gate in result["gates"]] == ["csat_mean"]
    assert "csat_mean" not in [kpi["metric"] for kpi in result["kpis"]]
    first, bad, good = units["a00"], units["bad"], units["good"]
    assert (first["bonus"], first["penalty"]) == (5.0, 0.0)  # 150 contacts: 2 at most, and 3
    assert (good["bonus"], good["penalty"]) == (2.0, 1.0)
    assert first["total"] == pytest.approx(first["score"] + 5.0)
    assert bad["gates"][0]["status"] == "failed"
    assert bad["gates"][0]["p_failed"] > 0.99
    assert (bad["gates"][0]["status_zh"], bad["band_zh"]) == ("触及", "触及红线")
    assert bad["total"] == 30.0 if bad["score"] > 28 else bad["total"] == bad["score"] + 2
    assert first["extras"][1]["reasons"] == ["2026-03-05 +3: helped a newcomer"]
    table = pd.read_csv(folder / "scores.csv")
    assert {"role", "bonus", "penalty", "total", "gates_failed"} <= set(table.columns)
    assert set(table.loc[table["unit"] == "bad", "gates_failed"]) == {"csat_mean"}
    gates = table[table["metric"] == "csat_mean"]
    assert len(gates) == len(result["units"])
    assert set(gates["weight"]) == {0.0}
    assert gates.loc[gates["unit"] == "bad", "p_met"].item() < 0.01
    html = (folder / page).read_text(encoding="utf-8")
    assert "helped a newcomer" in html
    assert ("红线" if lang == "zh" else "Beside the score") in html
    assert ("主管加减分" in html) is (lang == "zh")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"scorecard", "log", "roles", "points"} == set(manifest["inputs"])


def test_mistakes_of_all_files_are_told_together(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(files["card"]).write_text(CARD.replace("60%", "50%"), encoding="utf-8")
    Path(files["roles"]).write_text("agent,rolle\na00,x\n", encoding="utf-8")
    Path(files["points"]).write_text(POINTS.replace(",3,", ",three,"), encoding="utf-8")
    assert run(command(files)) == 2
    shown = capsys.readouterr()
    assert "the weights sum to 90%" in shown.err
    assert "'rolle' is no column" in shown.err
    assert "'three' is not a number" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--scorecard", "role-pre-sales"], "add --roles FILE"),
        (["--scorecard", "role-pre-sales", "--roles", "ROLES"], "role 'pre-sales' is nobody's"),
        (["--scorecard", "newcomer", "--roles", "ROLES"], "tier 'newcomer' is nobody's"),
        (["--scorecard", "CARD", "--roles", "nowhere.csv"], "no such file"),
        (["--scorecard", "small-team", "--points", "POINTS"], "no item for points"),
    ],
)
def test_a_card_for_nobody_and_files_that_do_not_fit(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    options = [files.get(part.lower(), part) if part.isupper() else part for part in options]
    assert run(["score", files["log"], *options, "--lang", "en"]) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_a_card_without_bonus_and_gates_reads_as_before(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = tmp_path / "plain.yaml"
    plain.write_text("\n".join(CARD.splitlines()[:5]), encoding="utf-8")
    assert run(["score", files["log"], "--scorecard", str(plain), "--json", "-q"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["gates"] == []
    for unit in result["units"]:
        assert (unit["bonus"], unit["penalty"], unit["extras"], unit["gates"]) == (0, 0, [], [])
        assert unit["total"] == unit["score"]
