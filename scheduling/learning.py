"""Learning a log-normal duration from jobs whose end is known only to lie between two moments.

Everything here is on the scale of natural logarithms of seconds (or of ratios of seconds).
"""

import math
from collections import deque
from dataclasses import dataclass
from statistics import NormalDist

from scheduling.distributions import phi

_STANDARD = NormalDist()
_ROOT_2_PI = math.sqrt(2.0 * math.pi)

FORGET = 0.99
"""What is left of a job's weight when the next one ends: about the last hundred count."""
HALF_LIFE_MS = 14 * 86_400_000
"""Milliseconds after which a job weighs half, however few came after it."""
FARTHEST = 3.0
"""A job counts as at most this many standard deviations from the mean."""
RECENT = 12
"""Jobs that are looked at for a change; what they say replaces what was known before."""
FEWEST = 3
"""Jobs that it takes to see a change."""
SURPRISE, HASTE = 3.4, 3.0
"""Standard errors by which the latest n jobs must be off, all together, to be taken for a change: SURPRISE +
HASTE / n. Without any change that happens to one job in 3,000; a doubled median is seen after four to six."""
SPREAD_KEPT = 8.0
"""Jobs that the former spread is worth after a change: what makes jobs slower makes them slower alike."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a normal mean and variance (normal-inverse-gamma, Gelman et al. 2013, 3.3).

    ``mean`` is worth ``jobs`` observations, ``variance`` is worth ``freedom`` of them.
    """

    mean: float
    variance: float
    jobs: float
    freedom: float

    @property
    def spread(self) -> float:
        """Standard deviation of the next job: its own, and that of the mean."""
        return math.sqrt(self.variance * (1.0 + 1.0 / self.jobs))


@dataclass(frozen=True, slots=True)
class Seen:
    """One job as seen under a belief: mean, variance, and how surprising it was in standard deviations."""

    mean: float
    variance: float
    surprise: float


def see(low: float, high: float, belief: Belief) -> Seen:
    """Return what is known of a job that ended between two moments.

    The mean and variance are those of a normal variable cut off at both ends, so that a fit to jobs asked
    about rarely is not drawn towards the moments of asking (expectation-maximization, Dempster et al. 1977).

    Parameters
    ----------
    low, high
        Logarithms of the ages; ``low`` is minus infinity where it was never seen running.
    """
    spread = belief.spread
    a, b = (low - belief.mean) / spread, (high - belief.mean) / spread
    below, above = phi(a), phi(b)
    middle = (below + above) / 2
    if not 1e-3 < middle < 1 - 1e-3:
        return _far(low, high, belief)
    if above - below < 1e-9:
        return Seen((low + high) / 2, 0.0, (a + b) / 2)
    at_a, at_b = _bell(a), _bell(b)
    share = above - below
    shift = (at_a - at_b) / share
    inner = ((a * at_a if at_a else 0.0) - b * at_b) / share
    variance = max(0.0, 1.0 + inner - shift**2)
    return Seen(belief.mean + spread * shift, spread**2 * variance, _STANDARD.inv_cdf(middle))


def _far(low: float, high: float, belief: Belief) -> Seen:
    """Return what is known of a job that is so far off that the belief says nothing of where it ended."""
    low = max(low, high - math.log(4.0))
    middle = (low + high) / 2
    surprise = (middle - belief.mean) / belief.spread
    cut = max(-FARTHEST, min(FARTHEST, surprise))
    return Seen(middle, (high - low) ** 2 / 12, cut)


def _bell(z: float) -> float:
    return math.exp(-0.5 * z * z) / _ROOT_2_PI if math.isfinite(z) else 0.0


class Level:
    """What the ended jobs of one kind say; the newest weigh most, and a sudden change replaces them all."""

    def __init__(self) -> None:
        self._jobs = 0.0
        self._freedom = 0.0
        self._mean = 0.0
        self._squares = 0.0
        self._at_ms = 0
        self._recent: deque[Seen] = deque(maxlen=RECENT)

    def believe(self, prior: Belief) -> Belief:
        """Return what is believed after these jobs and what was believed before them."""
        jobs = prior.jobs + self._jobs
        freedom = prior.freedom + self._freedom
        off = self._mean - prior.mean
        squares = prior.freedom * prior.variance + self._squares + prior.jobs * self._jobs / jobs * off**2
        mean = (prior.jobs * prior.mean + self._jobs * self._mean) / jobs
        return Belief(mean, squares / freedom, jobs, freedom)

    def add(self, low: float, high: float, *, at_ms: int, belief: Belief) -> None:
        """Take in a job that ended between two (logarithms of) ages, at a moment in Unix milliseconds."""
        seen = see(low, high, belief)
        self._recent.append(seen)
        changed = self._changed()
        if changed:
            self._start_again(changed, belief.variance)
        else:
            reach = FARTHEST * belief.spread
            mean = max(belief.mean - reach, min(belief.mean + reach, seen.mean))
            self._weigh(FORGET * 0.5 ** (max(0, at_ms - self._at_ms) / HALF_LIFE_MS))
            self._count(mean, seen.variance)
        self._at_ms = max(self._at_ms, at_ms)

    def _changed(self) -> int:
        """Return how many of the latest jobs no longer fit what was believed; 0 if they do."""
        total, found = 0.0, 0
        for number, seen in enumerate(reversed(self._recent), start=1):
            total += seen.surprise
            limit = (SURPRISE + HASTE / number) * math.sqrt(number)
            if number >= FEWEST and abs(total) > limit:
                found = number
        return found

    def _start_again(self, number: int, variance: float) -> None:
        latest = list(self._recent)[-number:]
        self._recent.clear()
        self._jobs = self._mean = 0.0
        self._freedom, self._squares = SPREAD_KEPT, SPREAD_KEPT * variance
        for seen in latest:
            self._count(seen.mean, seen.variance)

    def _weigh(self, weight: float) -> None:
        self._jobs *= weight
        self._freedom *= weight
        self._squares *= weight

    def _count(self, mean: float, variance: float) -> None:
        self._jobs += 1.0
        self._freedom += 1.0
        off = mean - self._mean
        self._mean += off / self._jobs
        self._squares += off * (mean - self._mean) + variance
