"""Time and memory of a whole calibration: python benchmarks/calibrate_scale.py.

The desk of the sample (`svcsim.samples.truth`) is enlarged: every agent is hired several times,
and cases arrive as many times more often. The compiled engine writes its history to Parquet; then
`svcsim calibrate` runs in a process of its own on two cores: tuning, fidelity and report included.
Wall and CPU seconds (with the workers), the largest resident memory of the process and of its
largest worker, and the same for every part as the progress tells them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "desk"))

from machine import describe, peak_mb  # noqa: E402
from svcsim.engine.demand import Horizon  # noqa: E402
from svcsim.engine.simulate import simulate  # noqa: E402
from svcsim.model.service import ServiceModel  # noqa: E402
from svcsim.samples.history import truth  # noqa: E402

START = date(2023, 1, 2)
DESKS = {
    "hundred-thousand": (3, 37),
    "long": (1, 112),
    "million": (16, 69),
    "ten-million": (160, 69),
}
"""Name -> how many times the sample's desk, over how many weeks."""
CORES = 2


def enlarged(times: int) -> ServiceModel:
    """The sample's desk with every agent hired ``times`` times, and as many times the cases."""
    desk = truth()

    def names(name: str) -> list[str]:
        return [name, *(f"{name} {i}" for i in range(2, times + 1))]

    agents = {new: agent for name, agent in desk.agents.items() for new in names(name)}
    days = tuple(
        day.model_copy(
            update={"on": {s: tuple(n for a in on for n in names(a)) for s, on in day.on.items()}}
        )
        for day in desk.staffing.days
    )
    level = desk.arrivals.level
    level = level.model_copy(update={"value": level.value * times})
    return desk.model_copy(
        update={
            "agents": agents,
            "arrivals": desk.arrivals.model_copy(update={"level": level}),
            "staffing": desk.staffing.model_copy(update={"days": days}),
        }
    )


def generate(name: str, folder: Path) -> Path:
    """Write the history of a desk; one that is there already is kept."""
    file = folder / f"{name}.parquet"
    if not file.exists():
        times, weeks = DESKS[name]
        horizon = Horizon(START, 7 * weeks, 0)
        log = simulate(enlarged(times), horizon, seed=1, replication=1, redraw_parameters=False)
        frame = log.frame.assign(replication=0.0)
        for column in ("ticket_id", "case_id"):
            frame[column] = "T" + frame[column].astype("str")
        frame["customer"] = "K" + (log.case_code % 4_000_001).astype("str").astype(object)
        # what an export holds: no roster, no spells of work
        from dataclasses import replace

        replace(
            log, frame=frame, origin="history", work=None, staffed=None, joins=None, off=None,
            name=name,
        ).to_parquet(file)  # fmt: skip
    return file


def workers() -> tuple[float, float]:
    """CPU seconds of all live workers, and the largest resident memory of one of them (MB)."""
    ticks, spent, largest = os.sysconf("SC_CLK_TCK"), 0.0, 0.0
    for child in Path("/proc/self/task").glob("*/children"):
        for number in child.read_text().split():
            folder = Path("/proc") / number
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            spent += (int(fields[11]) + int(fields[12])) / ticks
            lines = (folder / "status").read_text().splitlines()
            high = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
            largest = max(largest, high[0] / 1024 if high else 0.0)
    return spent, largest


class Meter:
    """Wall, CPU and memory of each part: a part ends when the next one is told."""

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []
        self.begin = time.perf_counter()
        self.label = "read"
        self.mark = (self.begin, self.cpu())
        self.peak = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def cpu() -> float:
        """CPU seconds of this process."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        return own.ru_utime + own.ru_stime

    def _watch(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE") / 1e6
        while True:
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * page
            self.peak = max(self.peak, resident)
            time.sleep(0.02)

    def part(self, label: str) -> None:
        """Close the part under way and begin another."""
        now, cpu = time.perf_counter(), self.cpu()
        row = {"part": self.label, "wall_s": now - self.mark[0], "cpu_s": cpu - self.mark[1]}
        self.parts.append({**{k: _short(v) for k, v in row.items()}, "peak_mb": round(self.peak)})
        self.label, self.mark, self.peak = label, (now, cpu), 0.0


def _short(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def worker(log: str, output: str) -> None:
    """Calibrate as the verb does, and print what it took."""
    import click

    from svcsim.cli import output as spoken
    from svcsim.cli.calibrate import command

    meter = Meter()
    say, progress = spoken.Output.say, spoken.Output.progress

    def told(self: Any, text: str, level: int = 0) -> None:
        if level == 0:
            meter.part(str(text))
        say(self, text, level)

    def shown(self: Any, label: str) -> Any:
        show, state = progress(self, label), {"on": False}

        def step(done: int, total: int) -> None:
            if not state["on"]:
                state["on"] = True
                meter.part(str(label))
            show(done, total)

        return step

    spoken.Output.say, spoken.Output.progress = told, shown  # type: ignore[method-assign]
    code = 0
    try:
        code = click.Context(command).invoke(
            command.callback, **command.make_context("calibrate", [log, "-o", output, "-q"]).params
        )
    finally:
        meter.part("end")
        spent, largest = workers()
        print(json.dumps({
            "wall_s": round(time.perf_counter() - meter.begin, 1),
            "cpu_s": round(meter.cpu(), 1),
            "cpu_of_workers_s": round(spent, 1),
            "peak_mb": round(peak_mb()),
            "peak_of_largest_worker_mb": round(largest),
            "load": round(os.getloadavg()[0], 1),
            "exit_code": code,
            "parts": meter.parts,
        }))  # fmt: skip


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Generate and calibrate one desk in processes of their own."""
    from svcsim.contacts.store import count_rows

    own = [sys.executable, __file__, "--folder", str(folder)]
    begin = time.perf_counter()
    subprocess.run([*own, "--generate", name], check=True)
    made = time.perf_counter() - begin
    file = folder / f"{name}.parquet"
    pinned = {**os.environ, "OMP_NUM_THREADS": str(CORES)}
    command = [*own, "--worker", str(file), str(folder / f"{name}.yaml")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=pinned)
    times, weeks = DESKS[name]
    return {
        "contacts": count_rows(file), "agents": 24 * times, "weeks": weeks,
        "file_mb": round(file.stat().st_size / 1e6), "generated_s": round(made, 1),
        **json.loads(done.stdout.splitlines()[-1]),
    }  # fmt: skip


def main() -> None:
    """Measure the desks asked for and keep the others' figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("desks", nargs="*", default=["hundred-thousand"], help=", ".join(DESKS))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "scale")
    parser.add_argument("--generate")
    parser.add_argument("--worker", nargs=2)
    parser.add_argument("-o", type=Path, default=HERE / "results" / "calibrate_scale.json")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    if asked.generate:
        generate(asked.generate, asked.folder)
    elif asked.worker:
        worker(*asked.worker)
    else:
        kept = json.loads(asked.o.read_text()) if asked.o.exists() else {"desks": {}}
        for name in asked.desks:
            kept["desks"][name] = measure(name, asked.folder)
            kept["machine"] = describe()
            asked.o.write_text(json.dumps(kept, indent=1) + "\n")
            print(json.dumps(kept["desks"][name], indent=1))


if __name__ == "__main__":
    main()
