import pytest

from svcsim.model.tuning import FreeFactor, MomentFit, Ridge, Tuning
from svcsim.report.baseline_tuning import tuning_section
from svcsim.report.phrases import Phrases
from svcsim.study.moments import label_of
from svcsim.text import Text


@pytest.fixture
def tuning():
    rows = (("frt.day", 7.601402334583733, 7.2), ("abandon", -1.6094379124341003, -2.0))
    return Tuning(
        start="2025-03-03", end="2025-03-31", replications=8, j=40.0, df=6.0, p=4e-7,
        factors=(
            FreeFactor(name="slowdown", what=Text("k", "系数"), value=1.1, low=1.0, high=1.2),
        ),
        moments=tuple(
            MomentFit(name=n, what=label_of(n), observed=o, simulated=s, error=0.1, z=(o - s) / 0.1)
            for n, o, s in rows
        ),
        parameters=("slowdown", "handling"), singular=(100.0, 1.0), condition=100.0,
        ridges=(Ridge(what=Text("only the product", "只有积"), frozen=("handling",)),),
    )  # fmt: skip


def texts(section):
    """All texts of a section's blocks."""
    out = []
    for block in section.blocks:
        if block.kind == "table":
            out += [f"{cell.text} {cell.sub}" for row in block.rows for cell in row]
        elif block.kind == "bullets":
            out += [bullet.text for bullet in block.items]
        else:
            out.append(block.text)
    return " | ".join(out)


def test_moments_are_shown_as_what_they_stand_for(tuning):
    """log(1 + 2000 s) reads 33.3 min, log(20 %) reads 20 %."""
    shown = texts(tuning_section(tuning, Phrases("en")))
    assert "33.3min" in shown
    assert "20%" in shown
    assert "1.00 – 1.20" in shown


@pytest.mark.parametrize(("lang", "said"), [("en", "do not fit together"), ("zh", "无法同时吻合")])
def test_a_rejected_structure_and_its_ridges_are_said_in_words(tuning, lang, said):
    shown = texts(tuning_section(tuning, Phrases(lang)))
    assert said in shown
    assert ("only the product" if lang == "en" else "只有积") in shown
    assert "p < 0.0001" in shown


def test_a_baseline_that_was_never_tuned_has_no_section():
    assert tuning_section(Tuning(), Phrases("en")) is None
