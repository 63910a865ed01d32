"""How stale answers are, and how long submits wait, when many jobs share one request budget.

    python -m benchmarks.budget [--hours 4] [--repeats 3] [--seed 1]

J jobs are always in flight: as soon as one is seen to have ended, the next is submitted. The provider takes 60
requests a minute (counted in every window of 60 s), the scheduler is given all of them. Simulated time, the
real scheduler. Durations: log-normal, median 35 s, sigma 0.4. Beside each row the one of the simulation from
which the design was made.
"""

import argparse
import asyncio
import random
import statistics
from collections import deque
from dataclasses import dataclass, field

from benchmarks.simclock import SimulatedClock, SimulatedLoop, simulate
from jobs.durations import Bounds, Durations, Group
from jobs.scheduler import Ask, Call, Scheduler

GROUP = Group("gpt-image-1-5-edit", "high", 1)
LIMIT = 60
MEDIAN, SIGMA = 35.0, 0.4
WARM_UP = 600.0
WEBHOOK_DELAY = (0.1, 0.6)


@dataclass(slots=True)
class Provider:
    """Counts requests as a provider does, over every window of sixty seconds."""

    clock: SimulatedClock
    taken: deque[float] = field(default_factory=deque)
    refused: int = 0
    requests: int = 0

    def request(self) -> None:
        now = self.clock.monotonic()
        while self.taken and self.taken[0] <= now - 60.0:
            self.taken.popleft()
        self.requests += 1
        if len(self.taken) >= LIMIT:
            self.refused += 1
        else:
            self.taken.append(now)


@dataclass(slots=True)
class Figures:
    staleness: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


@dataclass(slots=True)
class World:
    clock: SimulatedClock
    rng: random.Random
    mode: str
    lost: float
    latency: float
    provider: Provider
    scheduler: Scheduler
    figures: Figures
    ends: dict[str, float] = field(default_factory=dict)
    free: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    numbers: int = 0

    async def submitter(self) -> None:
        while True:
            since = await self.free.get()
            with await self.scheduler.permit(Call.SUBMIT):
                now = self.clock.monotonic()
                if since >= WARM_UP:
                    self.figures.waits.append(now - since)
                self.provider.request()
                await self.hop()
            self.numbers += 1
            job_id = f"job {self.numbers}"
            duration = self.rng.lognormvariate(statistics.math.log(MEDIAN), SIGMA)
            self.ends[job_id] = now + duration
            self.scheduler.watch(
                job_id, group=GROUP, submitted_at=self.clock.now() - int(self.latency * 1000)
            )
            if self.mode == "webhook" and self.rng.random() >= self.lost:
                delay = WEBHOOK_DELAY[0] + self.rng.expovariate(1 / WEBHOOK_DELAY[1])
                asyncio.get_running_loop().call_later(duration + delay, self.scheduler.poke, job_id)

    async def hop(self) -> None:
        if self.latency:
            await asyncio.sleep(self.latency)

    async def asker(self) -> None:
        tasks = set()
        while True:
            ask = await self.scheduler.next_ask()
            t = asyncio.create_task(self.ask(ask))
            tasks.add(t)
            t.add_done_callback(tasks.discard)

    async def ask(self, ask: Ask) -> None:
        with ask:
            self.provider.request()
            now = self.clock.monotonic()
            await self.hop()
            for job_id in ask.job_ids:
                if job_id not in self.ends:
                    continue
                running = self.ends[job_id] > now
                self.scheduler.answered(job_id, running=running)
                if not running:
                    end = self.ends.pop(job_id)
                    later = self.clock.monotonic()
                    if later >= WARM_UP:
                        self.figures.staleness.append(later - end)
                    self.free.put_nowait(later)


async def run(loop, mode, jobs, hours, seed, lost, latency, history):
    clock = SimulatedClock(loop)
    rng = random.Random(seed)
    durations = Durations()
    for _ in range(history):
        d = rng.lognormvariate(3.5553, SIGMA)
        durations.add(GROUP, Bounds(d - 1, d + 1), at_ms=0)
    provider = Provider(clock)
    scheduler = Scheduler(
        clock=clock,
        requests_per_minute=LIMIT,
        submits_per_minute=LIMIT,
        durations=durations,
        webhooks=mode == "webhook",
    )
    scheduler.list_usable(mode == "list")
    world = World(clock, rng, mode, lost, latency, provider, scheduler, Figures())
    for _ in range(jobs):
        world.free.put_nowait(0.0)
    tasks = [
        asyncio.create_task(t)
        for t in (scheduler.run(), world.asker(), *(world.submitter() for _ in range(jobs)))
    ]
    await asyncio.sleep(WARM_UP)
    before = provider.requests
    await asyncio.sleep(hours * 3600)
    for t in tasks:
        if t.done():
            t.result()
    s = sorted(world.figures.staleness)
    w = world.figures.waits
    return (
        len(s) / hours / 60,
        sum(s) / len(s),
        s[int(0.95 * len(s))],
        sum(w) / len(w),
        provider.refused,
        (provider.requests - before) / hours / 60,
        durations.fit(GROUP),
        scheduler._agenda._outlook.price,
    )


if __name__ == "__main__":
    import sys, time

    lat = float(sys.argv[1])
    seeds = int(sys.argv[2])
    for mode, lost in (("polling", 0), ("webhook", 0), ("webhook", 0.01), ("list", 0)):
        for jobs in (5, 20, 40):
            t0 = time.time()
            r = []
            for seed in range(seeds):
                loop = SimulatedLoop()
                r.append(simulate(loop, run(loop, mode, jobs, 4, seed, lost, lat, 200)))
            print(
                mode,
                lost,
                jobs,
                " ".join("%.2f" % (sum(x[i] for x in r) / seeds) for i in range(6)),
                r[0][6:],
                "%.1fs" % (time.time() - t0),
                flush=True,
            )
