"""What is to be expected of the running jobs: when each is worth a request, and which most of all."""

import math
from collections.abc import Iterable, Mapping, Sequence

from scheduling.distributions import LogNormal, Mixture, with_outliers
from scheduling.durations import Durations, Group
from scheduling.pricing import Planner, Prices, balanced_price, list_price
from scheduling.watched import Watched

SILENT_PRIOR = 0.02
"""Share of webhooks that are expected to be lost before any is; each end moves it by ``SILENT_PACE``."""
SILENT_PACE = 0.05
LOWEST_SILENT = 0.01
SWEEPING = 0.5
"""Share of silent ends up to which webhooks are worth waiting for."""
SWEPT_SHARE = 0.75
"""Share of the budget up to which sweeps may fill it: webhooks come when they come, and must find it free."""
POKE_PATIENCE = 30.0
"""Seconds after an end was found in which its webhook may still come."""
LATEST_LIST = 30.0
"""Seconds after which it is looked again, at the latest, whether the list is worth a request."""
FIT_EVERY = 1.0
"""Seconds between fits of the price: each may move the plans of all jobs in flight."""
NEWTON_STEPS, NEAR = 6, 0.05
"""Steps of Newton's method, and how near (as a share of the price) is near enough."""


class Outlook:
    """Plans at the price that fits the load.

    ``silent`` is the share of ends that only asking finds: 1 without webhooks, learned with them, so that
    an address which the provider cannot reach soon counts as none.
    """

    def __init__(self, *, durations: Durations, planner: Planner, prices: Prices, webhooks: bool) -> None:
        self._durations = durations
        self._planner = planner
        self._prices = prices
        self._webhooks = webhooks
        self._known: tuple[object, ...] = ()
        self._next_fit = -math.inf
        self._basis: tuple[object, ...] = ()
        self._mixtures: dict[Group, Mixture] = {}
        self._awaited: dict[str, float] = {}
        self.silent = SILENT_PRIOR if webhooks else 1.0
        self.price = prices.low
        self.list_price = prices.low

    @property
    def sweeping(self) -> bool:
        """Whether asking only looks for webhooks that were lost."""
        return self.silent <= SWEEPING

    def refresh(self, load: Mapping[Group, int], *, rate: float, now: float) -> bool:
        """Fit the price to jobs in flight and requests a second; tell whether any plan may have changed."""
        self._give_up_pokes(now)
        known = (self._durations.version, self.silent, rate, tuple(load.items()))
        if known == self._known or now < self._next_fit:
            return False
        self._known, self._next_fit = known, now + FIT_EVERY
        before = (self._basis, self.price, self.list_price)
        self._basis = known[:2]
        self._set_prices(load, rate)
        return before != (self._basis, self.price, self.list_price)

    def next_age(self, group: Group, asked: float) -> float:
        """Return the age in seconds at which to ask next about a job that was running at ``asked``."""
        fit = self._durations.fit(group)
        return self._planner.plan(fit, price=self.price, silent=self.silent).after(asked)

    def urgency(self, job: Watched, now: float) -> float:
        """Return E[((age - T)+)²] in s² of a job of which nothing was heard since it was last seen running.

        By this the most urgent of the due jobs is chosen. Squared, since the worst twentieth of the staleness
        matters more than its mean, which is hardly worse for it.
        """
        age = now - job.started
        (ended, first, second), known = self._since(job, age)
        return (age * age * ended - 2 * age * first + second) / known

    def list_due(self, jobs: Sequence[Watched], *, now: float) -> float:
        """Return when the staleness that jobs are expected to have gathered is worth one request.

        Newton's method on a convex function: after the first step it comes down on the moment from above.
        """
        later = 0.0
        for step in range(NEWTON_STEPS):
            gathered, rising = self._gathered(jobs, now + later)
            missing = self.list_price - gathered
            if abs(missing) < NEAR * self.list_price or (step == 0 and missing <= 0):
                break
            later = min(LATEST_LIST, later + missing / rising) if rising > 0 else LATEST_LIST
        return now + max(0.0, later)

    def _set_prices(self, load: Mapping[Group, int], rate: float) -> None:
        fits: dict[LogNormal, int] = {}
        for group, number in load.items():
            fit = self._durations.fit(group)
            fits[fit] = fits.get(fit, 0) + number
        prices, silent = self._prices, self.silent
        spare = rate * SWEPT_SHARE if self.sweeping else rate
        price = balanced_price(self._planner, fits, prices=prices, rate=spare, silent=silent)
        self.price = price if self.sweeping else max(prices.low, prices.share * price)
        self.list_price = list_price(fits, prices=prices, rate=rate)

    def found(self, job_id: str, now: float, *, by_poke: bool) -> None:
        """Take in that an end was found; if not by a poke, that one may still be on its way."""
        if by_poke:
            self._learn_silent(0.0)
        elif self._webhooks:
            self._awaited[job_id] = now

    def late_poke(self, job_id: str) -> None:
        """Take in a poke for a job whose end was found already."""
        if self._awaited.pop(job_id, None) is not None:
            self._learn_silent(0.0)

    def _give_up_pokes(self, now: float) -> None:
        for job_id, found in list(self._awaited.items()):
            if found + POKE_PATIENCE > now:
                break
            del self._awaited[job_id]
            self._learn_silent(1.0)

    def _learn_silent(self, share: float) -> None:
        if self._webhooks:
            self.silent = max(LOWEST_SILENT, self.silent + SILENT_PACE * (share - self.silent))

    def _gathered(self, jobs: Iterable[Watched], moment: float) -> tuple[float, float]:
        """Return expected staleness in seconds, and seconds a second, of all jobs at a moment."""
        total = rising = 0.0
        for job in jobs:
            age = max(moment - job.started, job.asked)
            (ended, first, _), known = self._since(job, age)
            total += (age * ended - first) / known
            rising += ended / known
        return total, rising

    def _since(self, job: Watched, age: float) -> tuple[tuple[float, float, float], float]:
        """Return the moments of ends that went unheard up to an age, and the chance to have heard nothing."""
        duration = self._mixture(job.group)
        at, before = duration.moments(age), duration.moments(job.asked)
        ended, first, second = (self.silent * (late - early) for late, early in zip(at, before, strict=True))
        return (ended, first, second), max(1.0 - at[0] + ended, 1e-12)

    def _mixture(self, group: Group) -> Mixture:
        fit = self._durations.fit(group)
        mixture = self._mixtures.get(group)
        if mixture is None or mixture.parts[0][1] is not fit:
            mixture = self._mixtures[group] = with_outliers(fit)
        return mixture
