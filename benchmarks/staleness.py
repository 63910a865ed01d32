"""Staleness against requests for one job: ``python -m benchmarks.staleness``.

Simulated clock, the scheduler's own planning, log-normal durations; round trips take no time. Three parts:

1. After 400 jobs to learn from, against the exact optimum for the true durations, which the benchmark
   computes itself by dynamic programming. Between two ends nothing is learned, so the ages at which a job is
   asked about are the same for all draws of a history.
2. From an empty history, without being told the durations: the first 200 jobs.
3. The true median doubles (and halves) after 200 jobs: how fast it is noticed.
"""

import argparse
import os
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

from benchmarks.one_job import Asked, Asker, Means, at_moments, backing_off, draws, every
from benchmarks.optimum import optimum
from scheduling.distributions import LogNormal
from scheduling.pricing import Planner

MEDIANS, SIGMAS, PRICES = (20.0, 35.0, 60.0), (0.25, 0.4, 0.7), (0.2, 0.5, 1.0)
LEARNED_FROM, FIRST = 400, 200
CHANGES = ((1, 1), (2, 3), (4, 5), (6, 10), (11, 20), (21, 40), (41, 80), (81, 160))
"""Jobs after a change, in groups."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is true, and the price of a request in seconds of staleness."""

    median: float
    sigma: float
    price: float

    @property
    def duration(self) -> LogNormal:
        """What durations follow."""
        return LogNormal.of(median=self.median, sigma=self.sigma)


CASES = [Case(*values) for values in product(MEDIANS, SIGMAS, PRICES)]


def main() -> None:
    """Measure and print."""
    options = _options()
    with ProcessPoolExecutor(options.processes) as pool:
        print(_simple_ways(options.draws, options.seed))
        print(
            f"\nAfter {LEARNED_FROM} jobs; {options.draws:,} draws per row in {options.histories} histories\n"
        )
        print("| median, sigma, price | asks | staleness s | product | optimum | ratio | least - most |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        task: Callable[[Case], str] = partial(
            learned_row, number=options.draws, histories=options.histories, seed=options.seed
        )
        for row in pool.map(task, CASES):
            print(row, flush=True)
        print(f"\nFrom nothing: the first {FIRST} jobs of {options.histories} histories\n")
        print("| median, sigma, price | product | optimum | ratio | job 1 | 2-5 | 6-20 | 21-200 |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        task = partial(first_row, histories=options.histories, seed=options.seed)
        for row in pool.map(task, CASES):
            print(row, flush=True)
        print(f"\nProduct / optimum after the median of 35 s changes; {options.changes} histories, 0.5 s\n")
        print("| jobs since |", *(f"{_span(first, last)} |" for first, last in CHANGES))
        print("| --- |", *("--- |" for _ in CHANGES))
        changes = [(factor, sigma) for factor in (2.0, 0.5) for sigma in SIGMAS]
        change: Callable[[tuple[float, float]], str] = partial(
            change_row, histories=options.changes, seed=options.seed
        )
        for row in pool.map(change, changes):
            print(row, flush=True)


def learned_row(case: Case, *, number: int, histories: int, seed: int) -> str:
    """Return a row of the first table."""
    best, planner = optimum(case.duration, case.price), Planner()
    ratios: list[float] = []
    everything: list[Asked] = []
    for history in range(histories):
        draw = random.Random(f"{seed} {history} {case}")
        asker = Asker(price=case.price, planner=planner)
        for seconds in draws(case.duration, LEARNED_FROM, draw):
            asker.follow(seconds)
        jobs = at_moments(asker.moments(case.duration), draws(case.duration, number // histories, draw))
        ratios.append(Means.of(jobs).product / best.product)
        everything += jobs
    means = Means.of(everything)
    return (
        f"| {case.median:.0f} s, {case.sigma}, {case.price} s | {means.asks:.2f} | {means.staleness:.2f} | "
        f"{means.product:.2f} | {best.product:.2f} | **{means.product / best.product:.3f}** | "
        f"{min(ratios):.2f} - {max(ratios):.2f} |"
    )


def first_row(case: Case, *, histories: int, seed: int) -> str:
    """Return a row of the second table."""
    best, planner = optimum(case.duration, case.price).product, Planner()
    runs: list[list[Asked]] = []
    for history in range(histories):
        draw = random.Random(f"{seed} first {history} {case}")
        asker = Asker(price=case.price, planner=planner)
        runs.append([asker.follow(seconds) for seconds in draws(case.duration, FIRST, draw)])
    whole = Means.of([job for run in runs for job in run]).product
    parts = [
        Means.of([job for run in runs for job in run[first:last]]).product / best
        for first, last in ((0, 1), (1, 5), (5, 20), (20, 200))
    ]
    return (
        f"| {case.median:.0f} s, {case.sigma}, {case.price} s | {whole:.2f} | {best:.2f} | "
        f"**{whole / best:.3f}** | " + " | ".join(f"{part:.2f}" for part in parts) + " |"
    )


def change_row(change: tuple[float, float], *, histories: int, seed: int) -> str:
    """Return a row of the third table."""
    factor, sigma = change
    before, after = Case(35.0, sigma, 0.5), Case(35.0 * factor, sigma, 0.5)
    best, planner = optimum(after.duration, after.price).product, Planner()
    runs: list[list[Asked]] = []
    for history in range(histories):
        draw = random.Random(f"{seed} change {history} {change}")
        asker = Asker(price=before.price, planner=planner)
        for seconds in draws(before.duration, FIRST, draw):
            asker.follow(seconds)
        runs.append([asker.follow(seconds) for seconds in draws(after.duration, CHANGES[-1][1], draw)])
    parts = [
        Means.of([job for run in runs for job in run[first - 1 : last]]).product / best
        for first, last in CHANGES
    ]
    name = f"{before.median:.0f} to {after.median:g} s, sigma {sigma}"
    return f"| {name} | " + " | ".join(f"{part:.2f}" for part in parts) + " |"


def _simple_ways(number: int, seed: int) -> str:
    """Return how simple ways of asking fare, for comparison."""
    duration = LogNormal.of(median=35.0, sigma=0.4)
    durations = draws(duration, number, random.Random(seed))
    ways = {
        "every 3 s": every(3.0),
        "every 3 s, first at the 1 % quantile": every(3.0, first=duration.quantile(0.01)),
        "back-off 1 to 10 s, x 1.5": backing_off(1.0, 10.0, 1.5),
    }
    lines = [f"One job of 35 s, sigma 0.4; {number:,} draws\n"]
    lines += ["| way | asks | staleness s | product |", "| --- | --- | --- | --- |"]
    for name, moments in ways.items():
        means = Means.of(at_moments(moments, durations))
        lines.append(f"| {name} | {means.asks:.1f} | {means.staleness:.2f} | {means.product:.1f} |")
    return "\n".join(lines)


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--draws", type=int, default=200_000, help="jobs per row of the first table")
    parser.add_argument("--histories", type=int, default=30, help="histories per row")
    parser.add_argument("--changes", type=int, default=100, help="histories per row of the last table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
