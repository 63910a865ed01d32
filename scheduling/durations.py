"""How long jobs take, learned from those that ended."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.distributions import LogNormal, Mixture, with_outliers
from scheduling.learning import Belief, Level

PRIOR_MEDIAN = 35.0
"""Seconds that an edit takes before anything is known (the provider's page and its operator's scripts)."""
PRIOR_SIGMA = 0.4
PRIOR_JOBS = 0.1
"""Jobs that the prior is worth: the first job that ends outweighs it, since a provider can be ten times
faster or slower than its page says."""
PARENT_JOBS = 3.0
"""Jobs that the coarser group is worth to the finer one."""
FREEDOM = 4.0
"""Jobs that what is believed of the spread is worth to the next finer group."""

QUALITY_TIMES = {"low": 0.5, "medium": 0.75}
"""What a quality does to the prior; learned durations soon outweigh it."""
SHORTEST = 1e-3
"""Seconds: shorter spans cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that are expected to take equally long: one model, one quality, one number of images."""

    model: str
    quality: str
    count: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a job took: more than ``low`` and at most ``high`` seconds."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that ended at ``at_ms`` (Unix milliseconds)."""

    group: Group
    bounds: Bounds
    at_ms: int


class Durations:
    """Durations by group, each believed in as far as it is known and as its coarser groups for the rest.

    The coarser groups of (model, quality, count) are (model, quality), (model) and everything. What a level
    learns is the ratio to its prior, so that a model's slow and fast qualities teach each other.

    Parameters
    ----------
    median, sigma
        Of the prior for an edit in high quality: seconds, and the standard deviation of their logarithm.
    """

    def __init__(self, *, median: float = PRIOR_MEDIAN, sigma: float = PRIOR_SIGMA) -> None:
        self._median = median
        self._root = Belief(mean=0.0, variance=sigma**2, jobs=PRIOR_JOBS, freedom=FREEDOM)
        self._levels: dict[tuple[object, ...], Level] = {}
        self._fits: dict[Group, LogNormal] = {}
        self.version = 0

    def load(self, ended: Iterable[Ended]) -> None:
        """Take in jobs that ended earlier, oldest first."""
        for job in ended:
            self.add(job.group, job.bounds, at_ms=job.at_ms)

    def add(self, group: Group, bounds: Bounds, *, at_ms: int) -> None:
        """Take in a job that ended at a moment in Unix milliseconds."""
        prior = math.log(self._prior(group))
        high = math.log(max(bounds.high, SHORTEST)) - prior
        low = math.log(bounds.low) - prior if bounds.low > SHORTEST else -math.inf
        belief = self._root
        for key in _keys(group):
            level = self._levels.setdefault(key, Level())
            before = level.believe(_handed_down(belief))
            level.add(min(low, high), high, at_ms=at_ms, belief=before)
            belief = level.believe(_handed_down(belief))
        self._fits.clear()
        self.version += 1

    def fit(self, group: Group) -> LogNormal:
        """Return the log-normal that the next job of a group is expected to follow."""
        fit = self._fits.get(group)
        if fit is None:
            fit = self._fits[group] = self._fit(group)
        return fit

    def distribution(self, group: Group) -> Mixture:
        """Return the same with its share of jobs that take far longer."""
        return with_outliers(self.fit(group))

    def _fit(self, group: Group) -> LogNormal:
        belief = self._root
        for key in _keys(group):
            level = self._levels.get(key)
            if level is None:
                continue
            belief = level.believe(_handed_down(belief))
        return LogNormal(math.log(self._prior(group)) + belief.mean, belief.spread)

    def _prior(self, group: Group) -> float:
        return self._median * QUALITY_TIMES.get(group.quality, 1.0)


def _handed_down(belief: Belief) -> Belief:
    """Return what a coarser group is worth to a finer one."""
    return Belief(belief.mean, belief.variance, min(PARENT_JOBS, belief.jobs), FREEDOM)


def _keys(group: Group) -> tuple[tuple[object, ...], ...]:
    return (), (group.model,), (group.model, group.quality), (group.model, group.quality, group.count)
