"""When to ask about a job: the best moments for what a request is worth.

A job's duration T has density f, distribution function F and survival S. It is asked about at chosen ages
until an answer shows that it has ended. Staleness is the time from its end to that answer. *Price* is what
one request is worth in seconds of staleness; the best moments make staleness + price · requests smallest.
"""

import math
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduling.distributions import Distribution, LogNormal

Line = tuple[float, float, float]
"""A cost as a straight line in F(t): its level, minus its slope, and the age that it stands for."""

STEPS_PER_SIGMA = 50
"""Ages in a table for each standard deviation of the logarithm, about six for the shortest interval."""
_EARLIEST, _LATEST = 4.5, 4.0
"""From where to where, in standard deviations, a table is that fine."""
_HORIZON, _COARSE = 30.0, 0.03
"""To which multiple of the median it goes on for outliers, and in which steps (of the logarithm)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When to ask next after an ask that said "running".

    ``following[i]`` is the age of the best next ask after one at ``ages[i]``; ``ages`` rises.
    """

    ages: Sequence[float]
    following: Sequence[float]

    def after(self, age: float) -> float:
        """Return the age of the next ask after one at ``age`` (0 for a job never asked about)."""
        ages, following = self.ages, self.following
        if age >= ages[-2]:
            return age * following[-2] / ages[-2]
        if age <= ages[0]:
            return following[0]
        below = bisect_right(ages, age) - 1
        share = (age - ages[below]) / (ages[below + 1] - ages[below])
        return following[below] + share * (following[below + 1] - following[below])

    def moments(self) -> Iterator[float]:
        """Yield the ages of all asks of a job that never ends, up to the end of the plan."""
        age = self.after(0.0)
        while age < self.ages[-1]:
            yield age
            age = self.after(age)


@dataclass(frozen=True, slots=True)
class Cost:
    """Means per job: requests without the submit, and staleness in the unit of the ages."""

    asks: float
    staleness: float


@dataclass(frozen=True, slots=True)
class Table:
    """A duration at the ages among which asks are placed: its moments of order 0 and 1 (``F``, ``∫x·f``)."""

    ages: Sequence[float]
    ended: Sequence[float]
    first: Sequence[float]


def tabulate(duration: Distribution, usual: LogNormal) -> Table:
    """Return a table that is finer than any interval between asks while jobs end, and wide beyond.

    Parameters
    ----------
    usual
        What nearly all jobs follow: it sets the ages.
    """
    fine = usual.sigma / STEPS_PER_SIGMA
    steps = int((_EARLIEST + _LATEST) * STEPS_PER_SIGMA)
    logs = [usual.mu - _EARLIEST * usual.sigma + step * fine for step in range(steps)]
    end = max(usual.mu + math.log(_HORIZON), logs[-1] + 10 * _COARSE)
    while logs[-1] < end:
        logs.append(logs[-1] + _COARSE)
    ages = array("d", map(math.exp, logs))
    moments = [duration.moments(age) for age in ages]
    ended, first = (array("d", (moment[order] for moment in moments)) for order in (0, 1))
    return Table(ages, ended, first)


def solve(table: Table, *, price: float, silent: float) -> Plan:
    """Return the best plan by dynamic programming over a table of ages.

    Let W(t) be the least cost from an ask at age t that said "running" on, times the chance of getting
    there. With G the integral of F, and ``silent`` = q the share of ends that only asking can find (1 without
    webhooks),

        W(t) = min over u > t of  price·[S(u) + q(F(u) - F(t))] + q[G(u) - G(t) - (u - t)F(t)] + W(u).

    Sorted by powers of F(t), each u is a straight line in F(t), so that the minimum is the lower envelope
    of lines that come with falling slopes and are asked for falling F(t): one pass, linear in the ages.

    Parameters
    ----------
    price
        In the unit of the ages.
    """
    ages, ended, first = table.ages, table.ended, table.first
    # Beyond the table: the square-root rule for the hazard 1/age of a job that may never end.
    interval = math.sqrt(2.0 * price * ages[-1] / silent)
    cost = (1.0 - ended[-1]) * (price + interval)
    following = array("d", bytes(8 * len(ages)))
    following[-1] = ages[-1] + interval
    lines: deque[Line] = deque()
    for at in range(len(ages) - 2, -1, -1):
        age, share = ages[at + 1], ended[at + 1]
        level = price * (1.0 - share + silent * share) + silent * (age * share - first[at + 1]) + cost
        _add_line(lines, (level, silent * (price + age), age))
        level, slope, following[at] = _lowest(lines, ended[at])
        cost = level - slope * ended[at] + silent * first[at]
    return Plan(ages, following)


def cost(plan: Plan, duration: Distribution, *, silent: float = 1.0) -> Cost:
    """Return what a plan costs a job with this duration, on average."""
    asks = staleness = before_ended = before_first = 0.0
    for age in plan.moments():
        ended, first, _ = duration.moments(age)
        asks += 1.0 - ended + silent * (ended - before_ended)
        staleness += silent * (age * (ended - before_ended) - (first - before_first))
        before_ended, before_first = ended, first
    return Cost(asks, staleness)


def _add_line(lines: deque[Line], line: Line) -> None:
    """Put a line (level, minus its slope, age) at the end; those that are nowhere lowest any more go."""
    level, slope, _ = line
    while len(lines) >= 2:
        (level_0, slope_0, _), (level_1, slope_1, _) = lines[-2], lines[-1]
        if (level_0 - level_1) * (slope_1 - slope) > (level_1 - level) * (slope_0 - slope_1):
            break
        lines.pop()
    lines.append(line)


def _lowest(lines: deque[Line], ended: float) -> Line:
    """Return the lowest line at F(t) = ``ended``, which never rises from one call to the next."""
    while len(lines) >= 2 and lines[1][0] - lines[1][1] * ended <= lines[0][0] - lines[0][1] * ended:
        lines.popleft()
    return lines[0]
