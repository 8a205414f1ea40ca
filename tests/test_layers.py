"""The house rules that a reader relies on: who may import whom, and which library lives where.

Every import counts: inside functions, under `TYPE_CHECKING`, and as a text that starts a module.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOOR = {"errors", "text", "units", "calendar", "spec", "stats", "compiler", "wording"}
MAY_IMPORT = {
    "errors": set(),
    "text": set(),
    "compiler": set(),
    "units": {"errors", "text"},
    "calendar": {"errors", "units"},
    "wording": {"errors"},
    "spec": {"errors", "units", "wording"},
    "stats": {"errors", "units"},
    "contacts": FLOOR,
    "model": FLOOR,
    "metrics": FLOOR | {"contacts"},
    "engine": FLOOR | {"contacts", "model"},
    "calibration": FLOOR | {"contacts", "model"},
    "scenario": FLOOR | {"model"},
    "scorecard": FLOOR | {"contacts", "metrics"},
    "study": FLOOR | {"contacts", "model", "metrics", "engine", "scenario"},
    "targets": FLOOR
    | {"contacts", "model", "metrics", "engine", "scenario", "scorecard", "study", "calibration"},
    "report": FLOOR | {"contacts", "model", "metrics", "scorecard", "study", "targets"},
    "samples": FLOOR | {"contacts", "model", "engine"},
}
"""Room -> rooms it may import, besides itself; the command line may import anything."""

FENCES = {
    "numba": {"compiler/"},
    "simpy": {"engine/simpy_clock.py"},
    "matplotlib": {"report/figures"},
    "click": {"cli/"},
    "rich_click": {"cli/"},
    "rich": {"cli/"},
    "ruamel": {"spec.py"},
    "yaml": set(),
    "duckdb": {"contacts/", "metrics/evaluate.py", "metrics/warehouse/"},
}
"""Library -> files (or how their names begin: folders, families) that may import it."""

ALLOWED = {
    "simpy", "numpy", "numba", "llvmlite", "scipy", "pandas", "matplotlib", "click", "rich_click",
    "rich", "pydantic", "ruamel", "duckdb", "narwhals", "jinja2", "holidays", "joblib",
    "python_calamine",
    "markupsafe",  # comes with jinja2
}  # fmt: skip

SOURCE = Path(__file__).resolve().parents[1] / "src" / "svcsim"
FILES = {str(path.relative_to(SOURCE)): path for path in sorted(SOURCE.rglob("*.py"))}


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every imported module with its line; relative ones start with a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base, node.lineno
            if base == "svcsim":
                names = (alias.name for alias in node.names if alias.name != "__version__")
                yield from ((f"svcsim.{name}", node.lineno) for name in names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, node.lineno


def violations(name: str, text: str) -> list[str]:
    """Everything in a file that breaks a rule of the house."""
    tree = ast.parse(text)
    room = name.split("/")[0].removesuffix(".py")
    found = []
    for module, line in imports(tree):
        top, *rest = module.split(".")
        at = f"{name}:{line}"
        if module.startswith("."):
            found.append(f"{at} relative import")
        elif top == "svcsim":
            target = rest[0] if rest else ""
            allowed = MAY_IMPORT.get(room)
            if target and allowed is not None and target not in allowed | {room}:
                found.append(f"{at} {room} imports {target}")
            if target == "cli" and room not in ("cli", "__main__"):
                found.append(f"{at} {room} imports the command line")
        elif top in FENCES and not any(name.startswith(place) for place in FENCES[top]):
            found.append(f"{at} {top} is imported outside its place")
        elif top not in ALLOWED and top not in sys.stdlib_module_names:
            found.append(f"{at} {top} is not one of the project's libraries")
    if name != "cli/output.py":
        found += [
            f"{name}:{node.lineno} prints"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("print", "sys.stdout.write", "sys.stderr.write")
        ]
    if name != "spec.py":
        found += [
            f"{name}:{node.lineno} declares on pydantic's BaseModel instead of Spec"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and node.module == "pydantic"
            and any(alias.name == "BaseModel" for alias in node.names)
        ]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_file_keeps_to_its_place(name):
    assert violations(name, FILES[name].read_text(encoding="utf-8")) == []


def test_every_room_is_in_the_table():
    rooms = {name.split("/")[0].removesuffix(".py") for name in FILES}
    assert rooms - {"cli", "__init__", "__main__"} == set(MAY_IMPORT)


def test_the_table_has_no_circle():
    order: list[str] = []
    left = dict(MAY_IMPORT)
    while left:
        ready = [room for room, needs in left.items() if needs <= set(order)]
        assert ready, f"circle among {sorted(left)}"
        order += ready
        left = {room: needs for room, needs in left.items() if room not in ready}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("engine/x.py", "def f():\n    from svcsim.metrics import evaluate\n", "imports metrics"),
        ("calibration/x.py", "from svcsim import engine\n", "imports engine"),
        ("study/x.py", "import svcsim.calibration.fit\n", "imports calibration"),
        ("contacts/x.py", "if TYPE_CHECKING:\n    from svcsim.model import service\n", "model"),
        ("engine/rules.py", "import simpy\n", "simpy is imported outside"),
        ("report/table.py", "import matplotlib.pyplot as plt\n", "matplotlib is imported"),
        ("metrics/facts.py", "from duckdb import connect\n", "duckdb is imported outside"),
        ("model/x.py", "from ruamel.yaml import YAML\n", "ruamel is imported outside"),
        ("model/x.py", "from . import service\n", "relative"),
        ("stats/x.py", "def f():\n    print(1)\n", "prints"),
        ("stats/x.py", "import requests\n", "not one of the project's libraries"),
        ("targets/x.py", "from svcsim.cli.output import emit\n", "imports the command line"),
        ("model/x.py", "from pydantic import BaseModel\n", "instead of Spec"),
        ("study/x.py", "importlib.import_module('svcsim.report.render')\n", "imports report"),
    ],
)
def test_a_breach_would_be_found(name, text, said):
    assert any(said in finding for finding in violations(name, text))


def test_what_is_allowed_is_not_a_breach():
    fine = "import math\nimport numpy as np\nfrom svcsim.model.service import ServiceModel\n"
    assert violations("engine/x.py", fine) == []
    assert violations("engine/simpy_clock.py", "import simpy\n") == []
    assert violations("report/figures_hour.py", "import matplotlib as mpl\n") == []
    assert violations("cli/output.py", "print(1)\nimport click\n") == []
