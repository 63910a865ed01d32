"""Many jobs under one request budget: ``python -m benchmarks.budget``.

J jobs are always in flight for four simulated hours (after ten minutes that do not count): as soon as one is
seen to have ended, the next wants to be submitted. The provider takes 60 requests in any 60 s (``--limit``), and
the product's own scheduler and tracker are given all 60 of them; whether there is a list they find out by
themselves. Durations are log-normal, median 35 s, sigma 0.4, and learned as jobs end.
Round trips take no time (``--latency``), webhooks 0.7 s in the mean. Beside each row stands the best one known
of the simulations from which the product was designed.

Bucket parameters: a call holds one of the 60 places from before it is sent until 60.02 s after its reply, so
that no minute can hold more. Beyond that calls are spread evenly, after two at once without webhooks, six
with them; two places are then kept for what a webhook tells of.
"""

import argparse
import asyncio
import logging
import os
import random
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from benchmarks.simclock import SimulatedClock, SimulatedLoop, simulate
from benchmarks.simulated_provider import Customer, Provider, known_durations, unkept
from scheduling.scheduler import Scheduler

LIMIT = 60
WARM_UP = 600.0
IN_FLIGHT = (5, 20, 40)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to learn of ends: its name, the share of webhooks lost (``None``: no webhooks), and the list."""

    name: str
    lost: float | None = None
    by_list: bool = False


WAYS = (
    Way("polling"),
    Way("webhook, none lost", lost=0.0),
    Way("webhook, 1 % lost", lost=0.01),
    Way("list", by_list=True),
)
KNOWN: dict[tuple[str, int], str] = {
    ("polling", 5): "7.4 / 2.1 / 4.9",
    ("polling", 20): "23.9 / 11.5 / 22.5",
    ("polling", 40): "29.7 / 42 / 61",
    ("webhook", 5): "7.8 / 1.0 / 1.9",
    ("webhook", 20): "27.7 / 1.5 / 3.0",
    ("webhook", 40): "28.6 / 2.0 / 4.1",
    ("list", 20): "29.7 / 1.2 / 3.0",
    ("list", 40): "52.2 / 4.0 / 8.9",
}
"""Jobs a minute, mean staleness and that of the stalest twentieth, in seconds."""


@dataclass(slots=True)
class Figures:
    """What one run saw after its warm-up; seconds."""

    hours: float
    staleness: list[float] = field(default_factory=list[float])
    waits: list[float] = field(default_factory=list[float])
    requests: int = 0
    refused: int = 0

    @property
    def per_minute(self) -> float:
        """Jobs a minute."""
        return len(self.staleness) / self.hours / 60


class Run:
    """J slots, each with one job after another."""

    def __init__(
        self, loop: SimulatedLoop, way: Way, in_flight: int, *, options: argparse.Namespace, seed: str
    ) -> None:
        draw = random.Random(seed)
        clock = SimulatedClock(loop)
        scheduler = Scheduler(
            clock=clock,
            requests_per_minute=options.limit,
            submits_per_minute=options.submits,
            durations=known_durations(draw),
            webhooks=way.lost is not None,
            keep=unkept,
        )
        self.provider = Provider(
            clock,
            draw,
            options.limit,
            latency=options.latency,
            lost=way.lost or 0.0,
            poked=None if way.lost is None else scheduler.poke,
            lists=way.by_list,
        )
        self.customer = Customer(clock, self.provider, scheduler, self._ended)
        self.figures = Figures(options.hours)
        self._in_flight = in_flight
        self._clock = clock
        self._running: dict[str, asyncio.Future[None]] = {}

    async def go(self) -> Figures:
        """Simulate and return what was seen."""
        work = [self.customer.scheduler.run(), self.customer.ask_for_ever()]
        tasks = [asyncio.create_task(each) for each in (*work, *map(self._slot, range(self._in_flight)))]
        await asyncio.sleep(WARM_UP)
        before = self.provider.requests
        await asyncio.sleep(self.figures.hours * 3600)
        for task in tasks:
            if task.done():
                task.result()
        self.figures.requests = self.provider.requests - before
        self.figures.refused = self.provider.refused
        return self.figures

    async def _slot(self, number: int) -> None:
        turn = 0
        while True:
            job_id, wanted = f"job {number}.{turn}", self._clock.monotonic()
            turn += 1
            ended = self._running[job_id] = asyncio.get_running_loop().create_future()
            begun = await self.customer.submit(job_id)
            if begun >= WARM_UP:
                self.figures.waits.append(begun - wanted)
            await ended

    def _ended(self, job_id: str, staleness: float) -> None:
        self._running.pop(job_id).set_result(None)
        if self._clock.monotonic() >= WARM_UP:
            self.figures.staleness.append(staleness)


def run(case: tuple[Way, int, int], *, options: argparse.Namespace) -> Figures:
    """Simulate one repetition of one row."""
    way, in_flight, _ = case
    loop = SimulatedLoop()
    return simulate(loop, Run(loop, way, in_flight, options=options, seed=f"{options.seed} {case}").go())


def main() -> None:
    """Measure and print."""
    options = _options()
    # That there is no list is no news here.
    logging.getLogger("jobs.asking.tracker").setLevel(logging.ERROR)
    rows = [(way, in_flight) for way in WAYS if way.name in options.ways for in_flight in options.in_flight]
    cases = [(way, in_flight, number) for way, in_flight in rows for number in range(options.repeats)]
    print(f"{options.repeats} repetitions of {options.hours:g} h; least - most of them in brackets\n")
    print("| J, way | jobs/min | mean s | 95 % s | submit wait s | requests/min | refused | known best |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    task = partial(run, options=options)
    with ProcessPoolExecutor(options.processes) as pool:
        done = pool.map(task, cases)
        for way, in_flight in rows:
            print(
                _row(way, in_flight, options.limit, [next(done) for _ in range(options.repeats)]), flush=True
            )


def _row(way: Way, in_flight: int, limit: int, runs: list[Figures]) -> str:
    known = KNOWN.get((way.name.partition(",")[0], in_flight), "-") if limit == LIMIT else "-"
    columns = [
        _spread([each.per_minute for each in runs]),
        _spread([statistics.fmean(each.staleness) for each in runs]),
        _spread([statistics.quantiles(each.staleness, n=20)[-1] for each in runs]),
        f"{statistics.fmean(statistics.fmean(each.waits) for each in runs):.1f}",
        f"{statistics.fmean(each.requests / each.hours / 60 for each in runs):.1f}",
        f"{sum(each.refused for each in runs)}",
        known,
    ]
    return f"| {in_flight}, {way.name} | " + " | ".join(columns) + " |"


def _spread(values: list[float]) -> str:
    return f"**{statistics.fmean(values):.1f}** ({min(values):.1f} - {max(values):.1f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--hours", type=float, default=4.0, help="simulated hours per repetition")
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--in-flight", type=int, nargs="+", default=IN_FLIGHT)
    parser.add_argument("--ways", nargs="+", default=[way.name for way in WAYS])
    parser.add_argument("--limit", type=int, default=LIMIT, help="requests a minute")
    parser.add_argument("--submits", type=int, default=LIMIT, help="submits a minute")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds of a round trip")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
