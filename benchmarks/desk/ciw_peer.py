"""The desk in Ciw: the whole model, with a Node of its own for skills and named agents.

Ciw's servers have no names, skills or speeds, and its schedules replace all servers at each change
of shift. So the node below keeps one server an agent, changes who is there at a shift change, and
matches by skill, longest idle, priority and age. Customers leave by Ciw's reneging, return through
a second node without queue, and rows are Ciw's own data records. What differs from the other
contenders: nothing in the rows; the waiting line and the servers are searched one by one, as Ciw
does.
"""

from __future__ import annotations

import math
from typing import Any

import ciw
import numpy as np

from given import ABANDONED, ANSWERED, OPEN, ROW, Counts, Given, counts
from workload import DAY, PRIORITIES, WEEK, Desk


class Sampled(ciw.dists.Distribution):
    """A time looked up for the individual at hand."""

    def __init__(self, look_up: Any) -> None:
        self.look_up = look_up

    def __deepcopy__(self, memo: Any) -> Sampled:
        """Share the numbers: Ciw copies distributions for each class."""
        return self

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """Return the individual's time."""
        return float(self.look_up(ind))


class Caller(ciw.individual.Individual):
    """A case; ``contact`` counts from 0."""

    contact = 0

    @property
    def case(self) -> int:
        """Position of the case: individuals are numbered as they arrive."""
        return int(self.id_number) - 1


class Agents(ciw.Node):
    """The desk: servers are agents."""

    def __init__(self, id_: int, simulation: Any) -> None:
        super().__init__(id_, simulation)
        desk, given = simulation.network.desk, simulation.network.given
        self.agents = []
        for i in range(desk.agents):
            agent = simulation.ServerType(self, i, 0.0)
            agent.serves = frozenset(desk.groups[desk.agent_group[i]])
            agent.speed = desk.speed[i]
            agent.idle_since = 0.0
            self.agents.append(agent)
        teams = np.array([c.team for c in desk.categories])
        self.team = teams[given.category].tolist()
        self.changes = _changes(desk)

    def begin(self, agent: Any, caller: Any) -> None:
        """Let an agent take a caller."""
        self.attach_server(agent, caller)
        caller.service_start_date = self.now
        caller.service_time = self.get_service_time(caller)
        caller.service_end_date = self.now + caller.service_time
        agent.next_end_service_date = caller.service_end_date
        self.number_in_service += 1

    def begin_service_if_possible_accept(self, next_individual: Any) -> None:
        """Give an arrival to the longest idle agent of the right skill."""
        next_individual.arrival_date = self.now
        next_individual.reneging_date = self.get_reneging_date(next_individual)
        team = self.team[next_individual.case]
        free = [s for s in self.servers if not s.busy and team in s.serves]
        if free:
            self.begin(min(free, key=lambda s: (s.idle_since, s.id_number)), next_individual)

    def begin_service_if_possible_release(
        self, next_individual: Any, newly_free_server: Any
    ) -> None:
        """Let an agent who has finished take the next caller, when still on shift."""
        if newly_free_server in self.servers:
            self.take_next(newly_free_server)

    def take_next(self, agent: Any) -> None:
        """Let an agent take the first caller by priority, then age."""
        for line in self.individuals:
            for caller in line:
                if not caller.server and self.team[caller.case] in agent.serves:
                    self.begin(agent, caller)
                    return

    def detatch_server(self, server: Any, individual: Any) -> None:
        """Note since when an agent is idle."""
        server.next_end_service_date = math.inf
        server.idle_since = self.now
        super().detatch_server(server, individual)

    def change_shift(self) -> None:
        """Let agents come and go; a running service is finished."""
        self.schedule.get_next_shift()
        self.next_shift_change = self.schedule.next_shift_change_date
        self.c = self.schedule.c
        coming, leaving = self.changes.get(round(self.now) % WEEK, ((), ()))
        for number in leaving:
            agent = self.agents[number]
            agent.shift_end, agent.offduty = self.now, agent.busy
            if not agent.busy:
                self.kill_server(agent)
        for number in coming:
            agent = self.agents[number]
            agent.start_date = agent.idle_since = self.now
            agent.busy_time, agent.offduty = 0.0, False
            self.servers.append(agent)
            self.take_next(agent)


class AfterContact(ciw.routing.NodeRouting):
    """Another contact follows by category, difficulty and agent."""

    def __init__(self, desk: Desk, given: Given) -> None:
        self.last, self.back = desk.max_contacts - 1, given.back
        self.chance = desk.return_chance()[given.category, given.tier]

    def next_node(self, ind: Any) -> Any:
        """Return the node between contacts, or the exit."""
        here = ind.case, ind.contact
        back = self.back[here] < self.chance[ind.case, ind.server.id_number]
        if back and ind.contact < self.last:
            ind.contact += 1
            return self.simulation.nodes[2]
        return self.simulation.nodes[-1]


def _changes(desk: Desk) -> dict[int, tuple[list[int], list[int]]]:
    """Return second of the week -> agents who come, agents who leave."""
    out: dict[int, tuple[list[int], list[int]]] = {}
    for begin, end, who in desk.shifts():
        if begin < WEEK:
            out.setdefault(begin % WEEK, ([], []))[0].append(who)
            out.setdefault(end % WEEK, ([], []))[1].append(who)
    return out


def _schedule(desk: Desk) -> Any:
    """Return Ciw's weekly schedule: how many agents there are, and until when."""
    on, numbers, ends = 0, [], []
    for second, (coming, leaving) in sorted(_changes(desk).items()):
        numbers.append(on)
        ends.append(second)
        on += len(coming) - len(leaving)
    return ciw.Schedule(numbers_of_servers=[*numbers, on], shift_end_dates=[*ends, WEEK])


def _network(desk: Desk, given: Given) -> Any:
    numbers = {k: np.flatnonzero(given.priority == k) for k in range(len(PRIORITIES))}
    gaps = {k: np.diff(given.opened[i], prepend=0.0) for k, i in numbers.items()}
    handling = Sampled(lambda ind: given.handling[ind.case, ind.contact] / ind.server.speed)
    patience = Sampled(lambda ind: given.patience[ind.case, ind.contact])
    delay = Sampled(lambda ind: given.delay[ind.case, ind.contact - 1])
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Sequential([*gaps[k].tolist(), math.inf]), None]
            for k, name in enumerate(PRIORITIES)
        },
        service_distributions={name: [handling, delay] for name in PRIORITIES},
        reneging_time_distributions={name: [patience, None] for name in PRIORITIES},
        priority_classes={name: k for k, name in enumerate(PRIORITIES)},
        number_of_servers=[_schedule(desk), math.inf],
        routing={
            name: ciw.routing.NetworkRouting([AfterContact(desk, given), ciw.routing.Direct(to=1)])
            for name in PRIORITIES
        },
    )
    network.desk, network.given = desk, given
    return network


def run(desk: Desk, given: Given) -> tuple[list[Any], list[Any]]:
    """Simulate one replication; Ciw's records, and its individuals who are still there."""
    simulation = ciw.Simulation(
        _network(desk, given), node_class=[Agents, ciw.Node], individual_class=Caller
    )
    simulation.simulate_until_max_time(desk.calendar_days * DAY)
    return simulation.get_all_records(), simulation.nodes[1].all_individuals


def table(rows: tuple[list[Any], list[Any]]) -> np.ndarray:
    """Return the records as the other peers' rows."""
    nan = math.nan
    records, left = rows
    here = sorted((r for r in records if r.node == 1), key=lambda r: (r.id_number, r.arrival_date))
    out = [
        (r.id_number - 1, 0, r.arrival_date, r.exit_date, nan, -1, ABANDONED)
        if r.record_type == "renege"
        else (r.id_number - 1, 0, r.arrival_date, r.service_start_date, r.service_end_date,
              r.server_id, ANSWERED)
        for r in here
    ]  # fmt: skip
    for caller in left:
        start, agent = (
            (caller.service_start_date, caller.server.id_number) if caller.server else (nan, -1)
        )
        out.append((caller.case, 0, caller.arrival_date, start, nan, agent, OPEN))
    array = np.sort(np.array(out, dtype=ROW), order=("case", "opened"))
    place = np.arange(len(array))
    first = np.diff(array["case"], prepend=-1) != 0
    array["contact"] = place - np.maximum.accumulate(np.where(first, place, 0))
    return array


def count(rows: tuple[list[Any], list[Any]], desk: Desk) -> Counts:
    """Count for the comparison."""
    return counts(table(rows), desk)
