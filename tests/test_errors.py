"""One error family: findings are gathered, and every one tells how to mend it."""

from __future__ import annotations

import pytest

from svcsim.errors import Finding, InputError, NotInstalledError, SvcsimError, nearest

ONE = Finding("desk.yaml:6", "speeed is not a known key", "", "Did you mean speed?")
TWO = Finding("desk.yaml:9", "share: '120%' is not between 0% and 100%", level="warning")


def test_a_finding_reads_as_one_line():
    assert str(ONE) == "desk.yaml:6  speeed is not a known key; Did you mean speed?"
    assert TWO.to_dict() == {
        "where": "desk.yaml:9",
        "found": "share: '120%' is not between 0% and 100%",
        "expected": "",
        "mend": "",
        "level": "warning",
    }


def test_an_input_error_carries_every_finding():
    error = InputError([ONE, TWO])
    assert error.findings == (ONE, TWO)
    assert str(error).splitlines() == [str(ONE), str(TWO)]
    assert InputError(ONE).findings == (ONE,)
    assert InputError(f for f in [ONE]).findings == (ONE,)


def test_exit_codes_are_the_contracts():
    assert InputError(ONE).exit_code == 2
    assert NotInstalledError("svcsim[live]").exit_code == 4
    assert SvcsimError().exit_code == 1
    with pytest.raises(SvcsimError):
        raise InputError(ONE)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("speeed", "Did you mean speed?"),
        ("SPEED", "Did you mean speed?"),
        ("xyzzy", ""),
        ("agents.Chen Jing.sped", "Did you mean agents.Chen Jing.speed?"),
    ],
)
def test_nearest_names(name, text):
    assert nearest(name, ["speed", "quality", "agents.Chen Jing.speed"]) == text
