"""Who has which role: files as people write them, strict, and tiers from the time at work."""

from pathlib import Path

import pytest

from svcsim.errors import InputError
from svcsim.scorecard.roles import Audience, Person, Roles, read_roles

TABLE = (
    "agent,role,tier,since\nChen,after-sales,senior,\nWang,pre-sales,,2026-02-01\nLi,pre-sales,,\n"
)
YAML = """\
agents:
  Chen: {role: after-sales, tier: senior}
  Wang: {role: pre-sales, since: 2026-02-01}
  Li: {role: pre-sales}
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_and_yaml_say_the_same(tmp_path: Path) -> None:
    table = read_roles(write(tmp_path, "roles.csv", TABLE))
    assert table.people == read_roles(write(tmp_path, "roles.yaml", YAML)).people
    assert table.role("Wang") == "pre-sales"
    assert table.role("nobody") == ""


def test_chinese_headers_and_a_spreadsheet_s_separator(tmp_path: Path) -> None:
    text = "坐席;角色;层级;在岗月数\n陈静;售后;;30\n王磊;售前;组长;2\n"
    roles = read_roles(write(tmp_path, "roles.csv", text))
    assert roles.role("陈静") == "售后"
    assert [roles.tier(name, "2026-03-01") for name in ("陈静", "王磊")] == ["senior", "组长"]


@pytest.mark.parametrize(
    ("day", "tier"),
    [
        ("2026-02-01", "newcomer"), ("2026-08-01", "newcomer"), ("2026-08-03", "regular"),
        ("2028-01-31", "regular"), ("2028-02-02", "senior"),
    ],
)  # fmt: skip
def test_the_tier_follows_the_months_at_work(day: str, tier: str) -> None:
    """Six months are 182.6 days, two years 730.5: a day on either side."""
    assert Person(role="x", since="2026-02-01").tier_on(day) == tier


def test_without_a_tenure_there_is_no_tier() -> None:
    assert Person(role="x").tier_on("2026-03-01") == ""


def test_every_part_of_an_audience_must_hold() -> None:
    people = {
        "a": Person(role="x", tier="senior"),
        "b": Person(role="x"),
        "c": Person(role="y", tier="senior"),
    }
    roles = Roles(people)

    def meant(**parts: tuple[str, ...]) -> list[str]:
        return roles.meant(Audience(**parts), ["a", "b", "c", "d"], "2026-03-01")

    assert meant(role=("x",)) == ["a", "b"]
    assert meant(role=("x", "y")) == ["a", "b", "c"]
    assert meant(role=("x",), tier=("senior",)) == ["a"]
    assert meant(agent=("d", "c"), tier=("senior",)) == ["c"]


@pytest.mark.parametrize(
    ("name", "text", "where", "says"),
    [
        ("r.csv", "agent,rolle\nA,x\n", ":1", "'rolle' is no column.*Did you mean role"),
        ("r.csv", "agent,tier\nA,x\n", ":1", "the column role is missing"),
        ("r.csv", "agent,role,role\nA,x,y\n", ":1", "no column|stands twice"),
        ("r.csv", "agent,role\nA,x\nA,y\n", " row 3", "A stands twice"),
        ("r.csv", "agent,role\nA,x\n,y\n", " row 3", "names no agent"),
        ("r.csv", "agent,role\nA,x\nB,\n", " row 3", "B has no role"),
        ("r.csv", "agent,role,since\nA,x,soon\n", " row 2", "'soon' is not a day"),
        ("r.csv", "agent,role,tenure_months\nA,x,-1\n", " row 2", "0.0 or more"),
        ("r.csv", "agent,role,tenure_months,since\nA,x,1,2026-01-01\n", " row 2", "both written"),
        ("r.csv", "", "", "the file is empty"),
        ("r.yaml", "agents:\n  A: {rol: x}\n", ":2", "rol is not a known key; Did you mean role"),
        ("r.yaml", "agents: {}\n", ":1", "1 or more of them"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str, where: str, says: str) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(InputError, match=says) as caught:
        read_roles(file)
    assert any(found.where == f"{file}{where}" for found in caught.value.findings), caught.value


def test_all_mistakes_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    text = "agent,role,since\nA,x,\nA,y,\nB,,\nC,x,soon\n"
    with pytest.raises(InputError) as caught:
        read_roles(write(tmp_path, "r.csv", text))
    assert len(caught.value.findings) == 3
