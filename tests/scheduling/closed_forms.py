"""What ``docs/scheduling.md`` says in closed form, for comparison: density, hazard, the square-root rule, its bound."""

import math

from scheduling.distributions import LogNormal, Mixture
from scheduling.pricing import Prices


def density(duration: LogNormal | Mixture, age: float) -> float:
    """f: the density at an age in seconds, per second."""
    if isinstance(duration, Mixture):
        return sum(share * density(part, age) for share, part in duration.parts)
    if age <= 0:
        return 0.0
    return math.exp(-0.5 * duration.score(age) ** 2) / (math.sqrt(2 * math.pi) * duration.sigma * age)


def hazard(duration: LogNormal | Mixture, age: float) -> float:
    """f/S: the rate, per second, at which a job that still runs at an age ends."""
    return density(duration, age) / duration.survival(age)


def square_root_interval(duration: LogNormal | Mixture, age: float, price: float) -> float:
    """sqrt(2 · price / hazard): best where the interval is short against the duration."""
    return math.sqrt(2.0 * price / hazard(duration, age))


def product_bound(duration: LogNormal) -> float:
    """½ (∫ sqrt(f·S) dt)² in seconds, which staleness · (asks - ½) comes near to under that rule."""
    low, high, steps = duration.quantile(1e-9), duration.quantile(1 - 1e-9), 4000
    ratio = (high / low) ** (1 / steps)
    total = 0.0
    for step in range(steps):
        age = low * ratio ** (step + 0.5)
        total += math.sqrt(density(duration, age) * duration.survival(age)) * age
    return 0.5 * (total * math.log(ratio)) ** 2


def at_price(price: float) -> Prices:
    """One price, whatever the load."""
    return Prices(low=price, high=price, high_swept=price, high_listed=price)
