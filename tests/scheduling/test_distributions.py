"""The closed forms against plain numerical integration."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.distributions import LogNormal, Mixture, mean_left, remaining, with_outliers
from tests.scheduling.closed_forms import density, hazard

USUAL = LogNormal.of(median=35.0, sigma=0.4)
BOTH = pytest.mark.parametrize("duration", [USUAL, with_outliers(USUAL)], ids=["log-normal", "mixture"])


def integral(function: Callable[[float], float], end: float, steps: int = 5_000) -> float:
    width = end / steps
    return sum(function((step + 0.5) * width) for step in range(steps)) * width


@BOTH
@pytest.mark.parametrize("age", [10.0, 35.0, 90.0])
def test_moments_are_the_integrals_of_the_density(duration: LogNormal | Mixture, age: float) -> None:
    for order, moment in enumerate(duration.moments(age)):
        by_hand = integral(lambda x, order=order: x**order * density(duration, x), age)
        assert moment == pytest.approx(by_hand, rel=1e-4)


@BOTH
def test_survival_is_what_the_density_leaves(duration: LogNormal | Mixture) -> None:
    assert duration.survival(40.0) == pytest.approx(
        1 - integral(lambda x: density(duration, x), 40.0), rel=1e-4
    )
    assert duration.survival(0.0) == 1.0
    assert duration.moments(0.0) == (0.0, 0.0, 0.0)
    assert density(duration, 0.0) == 0.0


@BOTH
def test_the_mean_is_the_integral_of_survival(duration: LogNormal | Mixture) -> None:
    assert duration.mean == pytest.approx(integral(duration.survival, 3000.0), rel=1e-3)


@given(share=st.floats(0.001, 0.999), median=st.floats(0.1, 500), sigma=st.floats(0.1, 1.5))
def test_a_quantile_is_where_survival_has_fallen_to_the_rest(
    share: float, median: float, sigma: float
) -> None:
    usual = LogNormal.of(median=median, sigma=sigma)
    assert usual.survival(usual.quantile(share)) == pytest.approx(1 - share, abs=1e-9)
    mixed = with_outliers(usual)
    assert mixed.survival(mixed.quantile(share)) == pytest.approx(1 - share, abs=2e-3)


def test_the_median_and_mean_of_a_log_normal() -> None:
    assert USUAL.median == pytest.approx(35.0)
    assert USUAL.quantile(0.5) == pytest.approx(35.0)
    assert USUAL.mean == pytest.approx(35.0 * math.exp(0.08))


@BOTH
def test_the_hazard_is_the_rate_at_which_those_still_running_end(duration: LogNormal | Mixture) -> None:
    step = 1e-4
    by_hand = (duration.survival(50.0) - duration.survival(50.0 + step)) / step / duration.survival(50.0)
    assert hazard(duration, 50.0) == pytest.approx(by_hand, rel=1e-4)


def test_a_job_that_hangs_is_expected_less_and_less() -> None:
    mixed = with_outliers(USUAL)
    assert hazard(mixed, 300.0) < hazard(USUAL, 300.0) / 3
    assert hazard(mixed, 600.0) < hazard(mixed, 300.0)


@BOTH
@pytest.mark.parametrize("age", [0.0, 35.0, 120.0, 400.0])
def test_half_of_the_jobs_that_run_at_an_age_end_within_what_remains(
    duration: LogNormal | Mixture, age: float
) -> None:
    left = remaining(duration, age)
    assert duration.survival(age + left) == pytest.approx(duration.survival(age) / 2, rel=0.02)


@BOTH
@pytest.mark.parametrize("age", [0.0, 35.0, 90.0])
def test_the_mean_of_what_is_left_is_the_integral_of_survival_from_there_on(
    duration: LogNormal | Mixture, age: float
) -> None:
    left = integral(lambda x: duration.survival(age + x), 3000.0) / duration.survival(age)
    assert mean_left(duration, age) == pytest.approx(left, rel=2e-3)


def test_nothing_is_left_of_a_job_that_cannot_run_any_more() -> None:
    assert mean_left(USUAL, 1e6) == 0.0
