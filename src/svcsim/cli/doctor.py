"""``svcsim doctor``: is this machine fit to run svcsim."""

from __future__ import annotations

import os
import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from svcsim import __version__
from svcsim.cli.output import Output, common_options
from svcsim.cli.words import word
from svcsim.text import Text

CORE = (
    "simpy", "numpy", "scipy", "pandas", "matplotlib", "click", "pydantic", "ruamel.yaml",
    "duckdb", "narwhals", "jinja2", "holidays", "joblib", "python-calamine",
)  # fmt: skip

OFFICIAL_UNTIL = 2026
"""Last year whose Chinese make-up working days were checked in the holiday tables."""


@click.command(epilog="Example: svcsim doctor --json")
@common_options
def command(out: Output) -> int:
    """Check versions, time zones, glyphs, holiday tables, and one small simulation."""
    checks: list[tuple[str, bool, str]] = [("svcsim", True, __version__)]
    checks.append(("python", True, platform.python_version()))
    for name in CORE:
        try:
            checks.append((name, True, version(name)))
        except PackageNotFoundError:
            checks.append(
                (
                    name,
                    False,
                    Text(
                        f"missing; install it with: pip install {name}",
                        f"未安装；安装：pip install {name}",
                    ),
                )
            )
    checks += [_zones(), _glyphs(), _folder(), _simulation()]
    checks.append(
        (
            Text("holiday tables", "节假日表"),
            True,
            Text(f"China official until {OFFICIAL_UNTIL}", f"中国官方安排至 {OFFICIAL_UNTIL} 年"),
        )
    )
    checks.append((Text("cores", "核数"), True, str(os.cpu_count())))
    lines = [(n, word("ok" if ok else "fault"), d) for n, ok, d in checks]
    out.table(lines, (word("what_checked"), "", word("detail")))
    out.emit({"checks": [{"name": n, "ok": ok, "detail": d} for n, ok, d in checks]})
    return 0 if all(ok for _, ok, _ in checks) else 4


def _zones() -> tuple[str, bool, str]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return Text("time zones", "时区"), True, str(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError:
        return (
            Text("time zones", "时区"),
            False,
            Text(
                "no zone data; install it with: pip install tzdata",
                "没有时区数据；安装：pip install tzdata",
            ),
        )


def _glyphs() -> tuple[str, bool, str]:
    from importlib.resources import files

    fonts = [f.name for f in files("svcsim.report").joinpath("fonts").iterdir()]
    found = [name for name in fonts if name.endswith((".otf", ".ttf"))]
    return (
        Text("Chinese glyphs", "中文字形"),
        bool(found),
        ", ".join(found) or Text("no font in the package", "包内没有字体"),
    )


def _folder() -> tuple[str, bool, str]:
    try:
        with tempfile.TemporaryDirectory(dir=Path.cwd()):
            return Text("folder writable", "目录可写"), True, str(Path.cwd())
    except OSError as error:
        return Text("folder writable", "目录可写"), False, f"{Path.cwd()}: {error.strerror}"


def _simulation() -> tuple[str, bool, str]:
    """Simulate one week of the sample's truth twice: the rows must be equal."""
    from datetime import date

    from svcsim.engine.demand import Horizon
    from svcsim.engine.simulate import simulate
    from svcsim.samples.history import truth

    week = Horizon(date(2025, 1, 6), 7, 0)
    first, second = (simulate(truth(), week, seed=1, replication=1).frame for _ in range(2))
    return (
        Text("simulation", "模拟"),
        first.equals(second) and len(first) > 100,
        Text(f"{len(first)} contacts in a week", f"一周 {len(first)} 条联络"),
    )
