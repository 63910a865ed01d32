"""What a request is worth: the price at which the sum of all asking fits the budget, and the plans for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from scheduling.distributions import LogNormal, Mixture, with_outliers
from scheduling.polling import Cost, Plan, Table, cost, solve, tabulate

SIGMA_STEP = 0.06
"""Plans are made for spreads this far apart (in logarithms), and for prices ``PRICE_STEP`` apart: near an
optimum such an error costs less than a thousandth, and the same plans serve again and again."""
PRICE_STEP = 0.1
SILENT_STEP = 0.35
"""The same for the share of silent ends."""
BALANCE_STEP = 3 * PRICE_STEP
"""How closely the balanced price is sought."""
NARROWEST, WIDEST = 0.05, 2.0
"""Spreads beyond these are planned for as these."""


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A plan for one group, in seconds; ``asks`` and ``staleness`` are means per job."""

    scale: float
    plan: Plan
    relative: Cost

    @property
    def asks(self) -> float:
        """Mean requests per job, without the submit."""
        return self.relative.asks

    @property
    def staleness(self) -> float:
        """Mean seconds from a job's end to the answer that shows it."""
        return self.relative.staleness * self.scale

    def after(self, age: float) -> float:
        """Return the age in seconds at which to ask next, after an answer "running" at ``age`` seconds."""
        return self.plan.after(age / self.scale) * self.scale


class Planner:
    """Makes plans and keeps them.

    A log-normal plan depends on the spread and on price / median only; all else is a change of scale.
    A new plan takes about a millisecond, so that it never holds up the event loop.
    """

    def __init__(self, *, kept: int = 512) -> None:
        self._solved = lru_cache(maxsize=kept)(self._solve)
        self._tabulated = lru_cache(maxsize=32)(_tabulate)

    def plan(self, fit: LogNormal, *, price: float, silent: float) -> GroupPlan:
        """Return the best plan for jobs with these durations.

        Parameters
        ----------
        price
            Seconds of staleness that one request is worth.
        silent
            Share of ends that only asking finds: 1 without webhooks.
        """
        sigma = round(math.log(max(NARROWEST, min(WIDEST, fit.sigma))) / SIGMA_STEP)
        relative = round(math.log(price / fit.median) / PRICE_STEP)
        return GroupPlan(fit.median, *self._solved(sigma, relative, round(math.log(silent) / SILENT_STEP)))

    def _solve(self, sigma: int, price: int, silent: int) -> tuple[Plan, Cost]:
        duration, table = self._tabulated(sigma)
        share = math.exp(silent * SILENT_STEP)
        plan = solve(table, price=math.exp(price * PRICE_STEP), silent=share)
        return plan, cost(plan, duration, silent=share)


@dataclass(frozen=True, slots=True)
class Prices:
    """Between which prices to stay, in seconds of staleness per request.

    ``low`` is what a request is worth even when nobody else needs it; ``high`` the most it may be worth,
    ``high_swept`` where only lost webhooks are looked for, ``high_listed`` for one that tells of all jobs.

    ``share`` (``share_listed``) of the balanced price is charged. That is less than what fits, since a token
    that nobody uses is lost, while of too many due jobs the most urgent still goes first.
    """

    low: float = 0.05
    high: float = 600.0
    high_swept: float = 10.0
    high_listed: float = 1.0
    share: float = 0.2
    share_listed: float = 0.5


def balanced_price(
    planner: Planner, load: Mapping[LogNormal, int], *, prices: Prices, rate: float, silent: float
) -> float:
    """Return the price at which jobs that are always in flight use the whole budget.

    A slot needs, from submit to submit, one submit, the asks of the plan, and a GET after the webhook; and it
    lasts a mean duration and a mean staleness. What all need falls with the price, found by bisection.

    Parameters
    ----------
    load
        Jobs in flight by what their durations follow.
    rate
        Requests a second.
    """
    high = prices.high if silent > 0.5 else prices.high_swept
    steps = max(0, math.ceil(math.log(high / prices.low) / BALANCE_STEP))
    below, above = 0, steps
    while below < above:
        middle = (below + above) // 2
        price = prices.low * math.exp(middle * BALANCE_STEP)
        needed = sum(number * _need(planner, fit, price, silent) for fit, number in load.items())
        below, above = (middle + 1, above) if needed > rate else (below, middle)
    return min(high, prices.low * math.exp(below * BALANCE_STEP))


def list_price(load: Mapping[LogNormal, int], *, prices: Prices, rate: float) -> float:
    """Return the price of a request that asks about all jobs at once: what submits leave is for these.

    At X ends a second (as many submits) and L = rate - X lists a second, staleness is 1 / (2·L), X is
    jobs / (mean duration + staleness), and the square-root rule is best for the price X / (2·L²).
    """
    jobs = sum(load.values())
    mean = sum(number * with_outliers(fit).mean for fit, number in load.items()) / max(jobs, 1)
    low, high = 0.0, rate
    for _ in range(30):
        ends = (low + high) / 2
        crowded = ends * (mean + 0.5 / (rate - ends)) > jobs
        low, high = (low, ends) if crowded else (ends, high)
    balanced = low / (2 * (rate - low) ** 2)
    return max(prices.low, min(prices.high_listed, prices.share_listed * balanced))


def _need(planner: Planner, fit: LogNormal, price: float, silent: float) -> float:
    plan = planner.plan(fit, price=price, silent=silent)
    return (2.0 - silent + plan.asks) / (fit.mean + plan.staleness)


def _tabulate(sigma: int) -> tuple[Mixture, Table]:
    usual = LogNormal(0.0, math.exp(sigma * SIGMA_STEP))
    duration = with_outliers(usual)
    return duration, tabulate(duration, usual)
