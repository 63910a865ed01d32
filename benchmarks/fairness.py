"""Turns between members: ``python -m benchmarks.fairness``.

Simulated time, the real turns, scheduler and budget with the default settings (8 jobs in flight, 3 of one
member, 40 requests and 10 submits a minute), a provider that takes 35 s in the median.

1. One member (three members) has 50 jobs waiting; another asks for a single one at a random moment. How many
   others start between that moment and the start of the single one, and how long it waits; beside a plain
   queue (first come, first served). One member alone holds three slots at most, three hold all eight.
2. Ten members who want unequally much, the tenth ten times as much as the first. Jain's index (1: all alike) of
   the jobs that each had started while all of them had jobs waiting, and of the whole time's shares relative to
   what max-min fairness gives each.
"""

import argparse
import asyncio
import os
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from benchmarks.simclock import SimulatedClock, SimulatedLoop, simulate
from benchmarks.simulated_provider import Customer, Provider, known_durations, unkept
from jobs.queue.fair_queue import FairQueue
from scheduling.scheduler import Scheduler

IN_FLIGHT, PER_MEMBER = 8, 3
REQUESTS, SUBMITS, LIMIT = 40, 10, 60
SINGLE = 99
FIFTY = 50
PATIENCE = 1800.0
"""Seconds after which even the last of three members' fifty jobs has started."""
HOUR = 3600.0


@dataclass(slots=True)
class Service:
    """Members' jobs in turns, or first come, first served."""

    clock: SimulatedClock
    draw: random.Random
    plain: bool = False
    started: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    _wanted: int = 0
    _held: Counter[int] = field(default_factory=Counter[int])
    _members: dict[str, int] = field(default_factory=dict[str, int])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _turns: FairQueue = field(init=False)
    _customer: Customer = field(init=False)

    def __post_init__(self) -> None:
        # First come, first served is what turns are when all jobs are one member's.
        self._turns = FairQueue(in_flight=IN_FLIGHT, per_member=IN_FLIGHT if self.plain else PER_MEMBER)
        scheduler = Scheduler(
            clock=self.clock,
            requests_per_minute=REQUESTS,
            submits_per_minute=SUBMITS,
            durations=known_durations(self.draw),
            webhooks=False,
            keep=unkept,
        )
        provider = Provider(self.clock, self.draw, LIMIT)
        self._customer = Customer(self.clock, provider, scheduler, self._ended)

    def want(self, member_id: int) -> None:
        """Take a member's wish for a job."""
        job_id = f"job {self._wanted}"
        self._members[job_id] = member_id
        self._turns.add(job_id, 0 if self.plain else member_id, (self._wanted, job_id))
        self._wanted += 1
        self._changed.set()

    async def serve_for_ever(self) -> None:
        """Start jobs in turns."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._customer.scheduler.run())
            tasks.create_task(self._customer.ask_for_ever())
            while True:
                job_id = self._turns.next(self._held)
                if job_id is None:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                self._held[self._turns.serve(job_id)] += 1
                self.started.append((await self._customer.submit(job_id), self._members[job_id]))

    def _ended(self, job_id: str, staleness: float) -> None:
        del staleness
        self._held[0 if self.plain else self._members[job_id]] -= 1
        self._changed.set()


def delay(case: int, *, greedy: int, plain: bool, seed: int) -> tuple[int, float]:
    """Return how many jobs started before another member's single one, and how long that waited."""
    loop = SimulatedLoop()
    draw = random.Random(f"{seed} {greedy} {case}")

    async def watch() -> tuple[int, float]:
        service = Service(SimulatedClock(loop), draw, plain=plain)
        serving = asyncio.create_task(service.serve_for_ever())
        for _ in range(FIFTY):
            for member in range(1, greedy + 1):
                service.want(member)
        await asyncio.sleep(draw.uniform(0.0, 200.0))
        asked = loop.time()
        service.want(SINGLE)
        await asyncio.sleep(PATIENCE)
        serving.cancel()
        start = next(begun for begun, member in service.started if member == SINGLE)
        between = sum(asked < begun < start for begun, _ in service.started)
        return between, start - asked

    return simulate(loop, watch())


def ten_members(case: int, *, hours: float, plain: bool, seed: int) -> tuple[float, float]:
    """Return Jain's index while all wait, and over the whole time relative to max-min fair shares."""
    loop = SimulatedLoop()
    draw = random.Random(f"{seed} ten {case}")

    async def watch() -> tuple[float, float]:
        service = Service(SimulatedClock(loop), draw, plain=plain)
        serving = asyncio.create_task(service.serve_for_ever())
        demand = {member: 14 * member for member in range(1, 11)}
        wishes = [member for member, number in demand.items() for _ in range(number)]
        draw.shuffle(wishes)
        for member in wishes:
            service.want(member)
        await asyncio.sleep(hours * HOUR)
        serving.cancel()
        members = [member for _, member in service.started]
        fair = max_min_fair(demand, len(members))
        whole = [Counter(members)[member] / fair[member] for member in demand]
        return jain(list(Counter(while_all_wait(members, demand)).values())), jain(whole)

    return simulate(loop, watch())


def while_all_wait(members: Sequence[int], demand: dict[int, int]) -> Sequence[int]:
    """Return whose jobs started until the first member had none left."""
    left = dict(demand)
    for number, member in enumerate(members):
        left[member] -= 1
        if not left[member]:
            return members[: number + 1]
    return members


def max_min_fair(demand: dict[int, int], total: int) -> dict[int, float]:
    """Return the shares of a total that leave nobody who wants more with less than another has."""
    shares: dict[int, float] = {}
    left, others = float(total), len(demand)
    for member, wanted in sorted(demand.items(), key=lambda item: item[1]):
        shares[member] = min(float(wanted), left / others)
        left -= shares[member]
        others -= 1
    return shares


def jain(values: Sequence[float]) -> float:
    """Return Jain's index of fairness: 1 if all are alike, 1/n if one has everything."""
    return sum(values) ** 2 / (len(values) * sum(value**2 for value in values))


def main() -> None:
    """Measure and print."""
    options = _options()
    with ProcessPoolExecutor(options.processes) as pool:
        print(
            f"{options.draws} draws of the first four rows, {options.repeats} of the others; least - most\n"
        )
        print("| | in turns | first come, first served |")
        print("| --- | --- | --- |")
        for greedy in (1, 3):
            delays = [
                list(
                    pool.map(
                        partial(delay, greedy=greedy, plain=plain, seed=options.seed), range(options.draws)
                    )
                )
                for plain in (False, True)
            ]
            name = f"{greedy} x 50 jobs wait: "
            _print_row(name + "started before another's first", [[n for n, _ in each] for each in delays], 1)
            _print_row(name + "seconds that it waited", [[wait for _, wait in each] for each in delays], 1)
        tens = [
            list(
                pool.map(
                    partial(ten_members, hours=options.hours, plain=plain, seed=options.seed),
                    range(options.repeats),
                )
            )
            for plain in (False, True)
        ]
        _print_row("Jain's index of ten while all wait", [[wait for wait, _ in each] for each in tens], 3)
        _print_row("Jain's index of their fair shares", [[whole for _, whole in each] for each in tens], 3)


def _print_row(name: str, columns: Sequence[Sequence[float]], digits: int) -> None:
    cells = [
        f"**{statistics.fmean(values):.{digits}f}** ({min(values):.{digits}f} - {max(values):.{digits}f})"
        for values in columns
    ]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--draws", type=int, default=60, help="moments at which another member asks")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--hours", type=float, default=1.0, help="simulated hours of the ten members")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
