"""Documents cannot drift: every verb and column is documented."""

from svcsim.cli.main import VERBS
from svcsim.contacts.columns import columns, markdown
from svcsim.study.run import DEFAULT_METRICS, WHERE_DECLARED


def test_the_page_of_columns_is_the_one_generated_from_the_table(repo_root):
    assert (repo_root / "docs" / "columns.md").read_text(encoding="utf-8") == markdown()


def test_every_column_says_what_it_means():
    assert all(column.description and column.source for column in columns().values())


def test_every_verb_is_on_the_page_of_commands(repo_root):
    page = (repo_root / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"`svcsim {verb}" not in page] == []


def test_the_kpis_shown_by_default_are_those_the_page_names(repo_root):
    page = (repo_root / "docs" / "cli.md").read_text(encoding="utf-8")
    part = page.partition("### Which KPIs are shown")[2].partition("One of the first list")[0]
    always, _, declared = part.partition("- always:")[2].partition("\n- ")
    assert always.split("`")[1::2] == list(DEFAULT_METRICS)
    assert declared.split("`")[1::2] == list(WHERE_DECLARED)
