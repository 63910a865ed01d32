"""How long a job takes: log-normal durations, in closed form.

Seconds in, seconds out (or any other unit, as long as it is the same). ``F`` below is the distribution
function, ``f`` its density.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

_STANDARD = NormalDist()
_ROOT_2 = math.sqrt(2.0)

# One job in two hundred hangs or is redone by the provider. Without this share the hazard of a job that
# is long overdue stays high, and it would be asked about every few seconds until its deadline.
OUTLIER_SHARE = 0.005
_OUTLIER_TIMES = 3.0
_OUTLIER_SIGMA = 0.8


def phi(z: float) -> float:
    """Return the standard normal distribution function, exact far into the lower tail."""
    return 0.5 * math.erfc(-z / _ROOT_2)


class Distribution(Protocol):
    """What asking and estimating need to know of a duration."""

    @property
    def mean(self) -> float:
        """Mean duration in seconds."""
        ...

    def survival(self, age: float) -> float:
        """Return the chance of still running at an age in seconds."""
        ...

    def moments(self, age: float) -> tuple[float, float, float]:
        """Return the integrals from 0 to ``age`` of f(x), x·f(x) and x²·f(x)."""
        ...

    def quantile(self, share: float) -> float:
        """Return the age in seconds by which this share has ended."""
        ...


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A duration whose logarithm is normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: float
    sigma: float

    @classmethod
    def of(cls, *, median: float, sigma: float) -> "LogNormal":
        """Return the one with this median in seconds."""
        return cls(math.log(median), sigma)

    @property
    def median(self) -> float:
        """Median duration in seconds."""
        return math.exp(self.mu)

    @property
    def mean(self) -> float:
        """Mean duration in seconds."""
        return math.exp(self.mu + self.sigma**2 / 2)

    def survival(self, age: float) -> float:
        """Return the chance of still running at an age in seconds."""
        return phi(-self.score(age))

    def moments(self, age: float) -> tuple[float, float, float]:
        """Return the integrals from 0 to ``age`` of f(x), x·f(x) and x²·f(x)."""
        if age <= 0:
            return 0.0, 0.0, 0.0
        z, sigma = (math.log(age) - self.mu) / self.sigma, self.sigma
        growth = math.exp(sigma * sigma / 2)
        mean = math.exp(self.mu) * growth
        square = (mean * growth) ** 2
        # erfc directly: this is where the time goes.
        return (
            0.5 * math.erfc(-z / _ROOT_2),
            0.5 * mean * math.erfc((sigma - z) / _ROOT_2),
            0.5 * square * math.erfc((2 * sigma - z) / _ROOT_2),
        )

    def quantile(self, share: float) -> float:
        """Return the age in seconds by which this share has ended."""
        return math.exp(self.mu + self.sigma * _STANDARD.inv_cdf(share))

    def score(self, age: float) -> float:
        """Return how many standard deviations the logarithm of an age is above its mean."""
        return (math.log(age) - self.mu) / self.sigma if age > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several kinds of duration, each with its share; the shares add up to one."""

    parts: tuple[tuple[float, LogNormal], ...]

    @property
    def mean(self) -> float:
        """Mean duration in seconds."""
        return sum(share * part.mean for share, part in self.parts)

    def survival(self, age: float) -> float:
        """Return the chance of still running at an age in seconds."""
        return sum(share * part.survival(age) for share, part in self.parts)

    def moments(self, age: float) -> tuple[float, float, float]:
        """Return the integrals from 0 to ``age`` of f(x), x·f(x) and x²·f(x)."""
        zeroth = first = second = 0.0
        for share, part in self.parts:
            moment = part.moments(age)
            zeroth += share * moment[0]
            first += share * moment[1]
            second += share * moment[2]
        return zeroth, first, second

    def quantile(self, share: float) -> float:
        """Return the age in seconds by which this share has ended."""
        quantiles = [part.quantile(share) for _, part in self.parts]
        return _solve(lambda age: 1.0 - self.survival(age) - share, min(quantiles), max(quantiles))


def with_outliers(usual: LogNormal) -> Mixture:
    """Return a duration that is as ``usual``, but for one job in two hundred that takes far longer."""
    outlier = LogNormal(usual.mu + math.log(_OUTLIER_TIMES), max(_OUTLIER_SIGMA, usual.sigma))
    return Mixture(((1.0 - OUTLIER_SHARE, usual), (OUTLIER_SHARE, outlier)))


def remaining(duration: Distribution, age: float) -> float:
    """Return the median of the seconds that a job still running at an age has left."""
    running = duration.survival(age)
    high = max(2 * age, duration.quantile(0.5))
    while duration.survival(high) > running / 2:
        high *= 2
    return _solve(lambda later: running / 2 - duration.survival(later), age, high) - age


def mean_left(duration: Distribution, age: float) -> float:
    """Return the mean of the seconds that a job still running at an age has left: E[T; T > age] / S - age."""
    running = duration.survival(age)
    return max(0.0, (duration.mean - duration.moments(age)[1]) / running - age) if running > 1e-9 else 0.0


def _solve(rising: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function passes zero between two ages, to a ten-thousandth of the age."""
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
