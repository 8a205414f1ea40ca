import gzip
import io

import pandas as pd

from svcsim.samples.history import export, history_path, simulate_truth, truth


def test_the_truth_is_a_desk_of_24_agents_in_two_tiers_and_four_categories():
    desk = truth()
    assert len(desk.agents) == 24
    assert desk.teams == ("L1", "L2")
    assert len(desk.categories) == 4


def test_the_sample_is_what_the_truth_generates(tmp_path):
    """The first weeks, generated again, are the rows that ship (the rest follows the same code)."""
    shipped = pd.read_csv(history_path(), dtype=str, keep_default_na=False)
    log = simulate_truth(days=14)
    fresh = export(log).head(200)
    text = io.StringIO()
    fresh.to_csv(text, index=False)
    again = pd.read_csv(io.StringIO(text.getvalue()), dtype=str, keep_default_na=False)
    same = ["Ticket ID", "Category", "Complexity", "Created", "Customer"]
    clean = ~again["Status"].isin(["Spam", "Merged"]) & ~again["Ticket ID"].duplicated()
    both = again[clean].merge(
        shipped.drop_duplicates("Ticket ID"), on="Ticket ID", suffixes=("", "_shipped")
    )
    assert len(both) > 150
    for column in same[1:]:
        assert (both[column] == both[f"{column}_shipped"]).all()


def test_the_file_is_gzip_without_a_time_stamp():
    raw = history_path().read_bytes()
    assert raw[4:8] == b"\x00\x00\x00\x00"
    assert gzip.decompress(raw).startswith(b"Ticket ID,")
