"""The desk as an experienced SimPy user writes it: a process a case, agents in a priority store.

Waiting cases ask one store for an agent who serves their team; the store serves requests by
priority, then age, and offers agents in the order in which they became idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy
from simpy.core import BoundClass
from simpy.resources.resource import SortedQueue
from simpy.resources.store import FilterStoreGet

from given import ABANDONED, ANSWERED, OPEN, ROW, Counts, Given, counts
from workload import WEEK, Desk


class PriorityFilterStoreGet(FilterStoreGet):
    """A request with a rank: priority, then the time of asking."""

    def __init__(self, store: simpy.FilterStore, accepts: Any, priority: int) -> None:
        self.key = (priority, store._env.now)
        super().__init__(store, accepts)


class PriorityFilterStore(simpy.FilterStore):
    """A FilterStore that serves its waiting requests by rank."""

    GetQueue = SortedQueue
    get = BoundClass(PriorityFilterStoreGet)


@dataclass(eq=False)
class Agent:
    """One agent."""

    number: int
    serves: frozenset[int]
    speed: float
    on_shift: bool = False
    busy: bool = False


@dataclass
class Floor:
    """One replication."""

    desk: Desk
    given: Given
    env: simpy.Environment = field(default_factory=simpy.Environment)
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        desk = self.desk
        self.idle = PriorityFilterStore(self.env)
        self.chance = desk.return_chance()
        self.agents = [
            Agent(i, frozenset(desk.groups[desk.agent_group[i]]), desk.speed[i])
            for i in range(desk.agents)
        ]
        for agent in self.agents:
            mine = [(begin, end) for begin, end, who in desk.shifts() if who == agent.number]
            self.env.process(self.shifts(agent, mine))
        self.env.process(self.arrivals())

    def shifts(self, agent: Agent, windows: list[tuple[int, int]]) -> Iterator[simpy.Event]:
        """Let an agent come and go; a running contact is finished."""
        for begin, end in windows:
            yield self.env.timeout(begin - self.env.now)
            agent.on_shift = True
            if not agent.busy:
                self.idle.put(agent)
            yield self.env.timeout(end - self.env.now)
            agent.on_shift = False
            if not agent.busy:
                self.idle.items.remove(agent)

    def arrivals(self) -> Iterator[simpy.Event]:
        """Open the new cases."""
        for case, opened in enumerate(self.given.opened):
            yield self.env.timeout(opened - self.env.now)
            self.env.process(self.case(case))

    def case(self, case: int) -> Iterator[simpy.Event]:
        """Live the life of one case: wait, be served or leave, perhaps come again."""
        env, given = self.env, self.given
        category, tier = given.category[case], given.tier[case]
        team = self.desk.categories[category].team
        for contact in range(self.desk.max_contacts):
            opened = env.now
            row = len(self.rows)
            self.rows.append((case, contact, opened, np.nan, np.nan, -1, OPEN))
            request = self.idle.get(lambda agent: team in agent.serves, given.priority[case])
            patience = env.timeout(given.patience[case, contact])
            yield request | patience
            if not request.triggered:
                request.cancel()
                self.rows[row] = (case, contact, opened, env.now, np.nan, -1, ABANDONED)
                return
            agent = request.value
            agent.busy = True
            start = env.now
            yield env.timeout(given.handling[case, contact] / agent.speed)
            self.rows[row] = (case, contact, opened, start, env.now, agent.number, ANSWERED)
            agent.busy = False
            if agent.on_shift:
                self.idle.put(agent)
            if given.back[case, contact] >= self.chance[category, tier, agent.number]:
                return
            if contact + 1 < self.desk.max_contacts:
                yield env.timeout(given.delay[case, contact])


def run(desk: Desk, given: Given) -> list[tuple[Any, ...]]:
    """Simulate one replication."""
    floor = Floor(desk, given)
    floor.env.run(until=desk.calendar_days * 86400)
    return floor.rows


def run_with_kpis(desk: Desk, given: Given) -> tuple[list[tuple[Any, ...]], Any]:
    """Simulate one replication and measure it by agent and week with pandas."""
    rows = run(desk, given)
    return rows, kpis(rows, desk)


def kpis(rows: list[tuple[Any, ...]], desk: Desk) -> Any:
    """Return ten KPIs by agent and week: volume, waits, limits kept, abandonment, and so on."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(ROW.names or ()))
    answered = frame["outcome"] == ANSWERED
    last = frame.groupby("case")["contact"].transform("max")
    frame = frame.assign(
        week=frame["opened"] // WEEK,
        wait=(frame["start"] - frame["opened"]).where(answered),
        handled=(frame["end"] - frame["start"]).where(answered),
        in_time=(frame["start"] - frame["opened"] <= 20).where(answered),
        abandoned=frame["outcome"] == ABANDONED,
        repeated=(frame["contact"] < last).where(answered),
        resolution=frame["end"] - frame["opened"],
    )
    groups = frame.groupby(["agent", "week"])
    out = groups.agg(
        volume=("case", "size"),
        wait=("wait", "mean"),
        in_time=("in_time", "mean"),
        abandon=("abandoned", "mean"),
        handling=("handled", "mean"),
        repeat=("repeated", "mean"),
        resolution=("resolution", "mean"),
        busy=("handled", "sum"),
    )
    out[["wait_p90", "resolution_p90"]] = groups[["wait", "resolution"]].quantile(0.9)
    out["occupancy"] = out.pop("busy") / (5 * desk.shift_s)
    return out.reset_index()


def table(rows: list[tuple[Any, ...]]) -> np.ndarray:
    """Return the rows as an array sorted by case and contact."""
    return np.sort(np.array(rows, dtype=ROW), order=("case", "contact"))


def count(rows: list[tuple[Any, ...]], desk: Desk) -> Counts:
    """Count for the comparison."""
    return counts(table(rows), desk)
