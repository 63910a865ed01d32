"""How right the moment is that a card names for a job's start: ``python -m benchmarks.forecast``.

Simulated time; the product's own queue, scheduler, tracker and forecast with the default settings (8 jobs in
flight, 3 of one member, 40 requests and 10 submits a minute), a provider that takes 35 s in the median.

1. A member asks for 30 jobs at once: how far off the start is that each card shows when it is posted.
2. A look at 1,000 cards of waiting jobs, as every five seconds: how long it holds the event loop.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.simclock import SimulatedClock, SimulatedLoop, simulate
from benchmarks.simulated_provider import Customer, Provider, known_durations, row, unkept
from domain.job import Job, Status
from jobs.queue.forecast import Forecast
from jobs.queue.pace import Pace
from jobs.queue.slots import Slots
from scheduling.scheduler import Scheduler

IN_FLIGHT, PER_MEMBER = 8, 3
REQUESTS, SUBMITS, LIMIT = 40, 10, 60
WISHES = 30
CARDS = 1000


def waiting(number: int, *, member_id: int, created_at: int) -> Job:
    """Return a job that waits."""
    job = row(f"job {number:04}", submitted_at=created_at)
    return replace(job, status=Status.QUEUED, member_id=member_id, submitted_at=None)


async def errors(loop: SimulatedLoop, draw: random.Random) -> list[float]:
    """Return by how many seconds the start was off that each of a member's cards named."""
    clock, durations = SimulatedClock(loop), known_durations(draw)
    scheduler = Scheduler(
        clock=clock,
        requests_per_minute=REQUESTS,
        submits_per_minute=SUBMITS,
        durations=durations,
        webhooks=False,
        keep=unkept,
    )
    slots = Slots(in_flight=IN_FLIGHT, per_member=PER_MEMBER, pace=Pace(clock=clock, per_minute=None))
    forecast = Forecast(
        clock=clock,
        durations=durations,
        slots=slots,
        submits_per_minute=SUBMITS,
        submits_in=lambda: 0.0,
    )
    provider = Provider(clock, draw, LIMIT, lists=True)
    customer = Customer(clock, provider, scheduler, lambda job_id, _staleness: slots.leave(job_id))
    shown: dict[str, int] = {}
    jobs = {job.id: job for job in (waiting(n, member_id=1, created_at=clock.now()) for n in range(WISHES))}
    for job in jobs.values():
        slots.add(job)
        shown[job.id] = forecast.expect(job).starts_at or 0
    work = [asyncio.create_task(each) for each in (scheduler.run(), customer.ask_for_ever())]
    off: list[float] = []
    while len(off) < WISHES:
        await slots.wait()
        job_id = slots.take()
        assert job_id is not None
        began = await customer.submit(job_id)
        slots.occupy(replace(jobs[job_id], status=Status.RUNNING, submitted_at=clock.now()))
        off.append(abs(clock.now() / 1000 - (clock.monotonic() - began) - shown[job_id] / 1000))
    for task in work:
        task.cancel()
    return off


async def look(loop: SimulatedLoop, *, members: int, repeats: int) -> list[float]:
    """Return the milliseconds of processor time that each look at the cards took."""
    clock = SimulatedClock(loop)
    slots = Slots(in_flight=IN_FLIGHT, per_member=PER_MEMBER, pace=Pace(clock=clock, per_minute=None))
    durations = known_durations(random.Random(1))
    forecast = Forecast(
        clock=clock,
        durations=durations,
        slots=slots,
        submits_per_minute=SUBMITS,
        submits_in=lambda: 0.0,
    )
    jobs = [waiting(n, member_id=n % members, created_at=n) for n in range(CARDS)]
    for job in jobs:
        slots.add(job)
    shown = {job.id: forecast.expect(job) for job in jobs}
    took: list[float] = []
    for _ in range(repeats):
        before = time.process_time()
        assert not forecast.no_longer_so(jobs, shown.get)
        took.append((time.process_time() - before) * 1000)
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--draws", type=int, default=40, help="times that a member asks for 30 jobs")
    parser.add_argument("--looks", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    means: list[float] = []
    for number in range(options.draws):
        loop = SimulatedLoop()
        means.append(
            statistics.fmean(simulate(loop, errors(loop, random.Random(f"{options.seed} {number}"))))
        )
    print(f"{WISHES} jobs of one member: the start shown is off by {_spread(means)} s")
    for members in (1, 100, CARDS):
        loop = SimulatedLoop()
        took = simulate(loop, look(loop, members=members, repeats=options.looks))
        print(f"a look at {CARDS:,} cards of {members:,} members: {_spread(took)} ms")


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.1f} ({min(values):.1f} - {max(values):.1f})"


if __name__ == "__main__":
    main()
