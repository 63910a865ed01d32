"""The exact optimum of asking about one job, computed apart from the product: plain dynamic programming."""

import math
from dataclasses import dataclass

from scheduling.distributions import LogNormal

STEPS, BEFORE, AFTER = 1200, 4.5, 4.5
"""Ages on the grid, and from where to where it goes in standard deviations of the logarithm."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """Means per job: requests without the submit, and seconds of staleness."""

    asks: float
    staleness: float

    @property
    def product(self) -> float:
        """Staleness times requests, in seconds."""
        return self.asks * self.staleness


def optimum(duration: LogNormal, price: float) -> Optimum:
    """Return what the best moments cost at a price in seconds of staleness per request.

    Every age of a fine grid is tried as the next one after every other, from the last backwards.
    """
    width = (BEFORE + AFTER) * duration.sigma / STEPS
    ages = [math.exp(duration.mu - BEFORE * duration.sigma + step * width) for step in range(STEPS)]
    survival = [duration.survival(age) for age in ages]
    first = [duration.moments(age)[1] for age in ages]
    costs = [0.0] * STEPS
    following = [STEPS - 1] * STEPS
    for now in range(STEPS - 2, -1, -1):
        best = math.inf
        # Later starts never ask earlier, so nothing beyond the next one's choice needs trying.
        for then in range(now + 1, following[now + 1] + 1):
            ended = survival[now] - survival[then]
            cost = price * survival[now] + ages[then] * ended - (first[then] - first[now]) + costs[then]
            if cost < best:
                best, following[now] = cost, then
        costs[now] = best
    return _measured(ages, survival, first, following)


def _measured(ages: list[float], survival: list[float], first: list[float], following: list[int]) -> Optimum:
    asks = staleness = 0.0
    now = 0
    while now < STEPS - 1:
        then = following[now]
        ended = survival[now] - survival[then]
        asks += survival[now]
        staleness += ages[then] * ended - (first[then] - first[now])
        now = then
    return Optimum(asks, staleness)
