"""Learning durations: from nothing, from coarser groups, from rare asks, through changes and outliers."""

import math
import random

import pytest

from scheduling.durations import Bounds, Durations, Ended, Group

EDIT = Group("gpt-image-1-5-edit", "high", 1)
DAY_MS = 86_400_000


def learn(durations: Durations, seconds: float, *, group: Group = EDIT, times: int = 1) -> None:
    for _ in range(times):
        durations.add(group, Bounds(seconds * 0.99, seconds * 1.01), at_ms=0)


def drawn(median: float, sigma: float, number: int, *, seed: int = 1) -> list[float]:
    draw = random.Random(seed)
    return [draw.lognormvariate(math.log(median), sigma) for _ in range(number)]


def asked_every(interval: float, seconds: float) -> Bounds:
    low = interval * math.floor(seconds / interval)
    return Bounds(low, low + interval)


def test_before_any_job_the_prior_is_believed_but_widely() -> None:
    fit = Durations().fit(EDIT)
    assert fit.median == pytest.approx(35.0)
    assert fit.sigma > 1.0


def test_low_quality_is_expected_to_be_faster() -> None:
    durations = Durations()
    assert durations.fit(Group(EDIT.model, "low", 1)).median < durations.fit(EDIT).median


def test_the_first_job_that_ends_outweighs_the_prior() -> None:
    durations = Durations()
    learn(durations, 2.0)
    assert 1.5 < durations.fit(EDIT).median < 3.5


@pytest.mark.parametrize(("median", "sigma"), [(20.0, 0.25), (35.0, 0.4), (60.0, 0.7)])
def test_many_jobs_tell_median_and_spread(median: float, sigma: float) -> None:
    durations = Durations()
    for seconds in drawn(median, sigma, 400):
        learn(durations, seconds)
    fit = durations.fit(EDIT)
    assert fit.median == pytest.approx(median, rel=0.15)
    assert fit.sigma == pytest.approx(sigma, rel=0.2)


@pytest.mark.parametrize("interval", [5.0, 15.0, 25.0])
def test_rare_asks_do_not_draw_the_fit_towards_the_moments_of_asking(interval: float) -> None:
    medians, sigmas = [], []
    for seed in range(8):
        durations = Durations()
        for seconds in drawn(35.0, 0.4, 400, seed=seed):
            durations.add(EDIT, asked_every(interval, seconds), at_ms=0)
        medians.append(durations.fit(EDIT).median)
        sigmas.append(durations.fit(EDIT).sigma)
    assert sum(medians) / 8 == pytest.approx(35.0, rel=0.05)
    assert sum(sigmas) / 8 == pytest.approx(0.4, rel=0.15)


def test_a_job_found_ended_at_the_first_ask_is_not_taken_to_have_ended_then() -> None:
    durations = Durations()
    for seconds in drawn(35.0, 0.4, 100):
        learn(durations, seconds)
    before = durations.fit(EDIT).median
    durations.add(EDIT, Bounds(0.0, 80.0), at_ms=0)
    assert durations.fit(EDIT).median == pytest.approx(before, rel=0.02)


def test_a_group_without_jobs_is_believed_to_be_like_its_model() -> None:
    durations = Durations()
    learn(durations, 90.0, times=30)
    four = durations.fit(Group(EDIT.model, "high", 4))
    other_quality = durations.fit(Group(EDIT.model, "low", 1))
    other_model = durations.fit(Group("gpt-image-2-edit", "high", 1))
    assert four.median == pytest.approx(90.0, rel=0.1)
    assert other_quality.median == pytest.approx(45.0, rel=0.1)
    assert other_model.median == pytest.approx(90.0, rel=0.2)


def test_a_groups_own_jobs_soon_outweigh_the_others() -> None:
    durations = Durations()
    four = Group(EDIT.model, "high", 4)
    learn(durations, 20.0, times=100)
    learn(durations, 60.0, group=four, times=20)
    assert durations.fit(four).median == pytest.approx(60.0, rel=0.2)
    assert durations.fit(EDIT).median == pytest.approx(20.0, rel=0.1)


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_a_sudden_change_is_believed_within_fifteen_jobs(factor: float) -> None:
    durations = Durations()
    for seconds in drawn(35.0, 0.4, 200):
        learn(durations, seconds)
    for seconds in drawn(35.0 * factor, 0.4, 15, seed=2):
        learn(durations, seconds)
    assert durations.fit(EDIT).median == pytest.approx(35.0 * factor, rel=0.25)
    assert durations.fit(EDIT).sigma < 0.7


def test_one_job_that_hung_changes_little() -> None:
    durations = Durations()
    for seconds in drawn(35.0, 0.4, 100):
        learn(durations, seconds)
    before = durations.fit(EDIT)
    learn(durations, 3000.0)
    assert durations.fit(EDIT).median == pytest.approx(before.median, rel=0.03)
    assert durations.fit(EDIT).sigma == pytest.approx(before.sigma, rel=0.15)


def test_what_is_a_month_old_weighs_less_than_what_is_new() -> None:
    def median_after(days: int) -> float:
        durations = Durations()
        for seconds in drawn(35.0, 0.4, 30):
            durations.add(EDIT, Bounds(seconds - 0.1, seconds), at_ms=0)
        for seconds in drawn(45.0, 0.4, 10, seed=3):
            durations.add(EDIT, Bounds(seconds - 0.1, seconds), at_ms=days * DAY_MS)
        return durations.fit(EDIT).median

    assert median_after(60) > median_after(0) * 1.05


def test_loaded_jobs_count_as_if_they_had_just_ended() -> None:
    one, other = Durations(), Durations()
    ended = [Ended(EDIT, Bounds(s - 1, s), at_ms=n) for n, s in enumerate(drawn(20.0, 0.3, 50))]
    one.load(ended)
    for job in ended:
        other.add(job.group, job.bounds, at_ms=job.at_ms)
    assert one.fit(EDIT) == other.fit(EDIT)
    assert one.version == other.version == 50


@pytest.mark.parametrize("bounds", [Bounds(0.0, 0.0), Bounds(5.0, 5.0), Bounds(9.0, 3.0), Bounds(0.0, 9e9)])
def test_odd_bounds_leave_a_fit_that_can_be_used(bounds: Bounds) -> None:
    durations = Durations()
    for _ in range(5):
        durations.add(EDIT, bounds, at_ms=0)
    fit = durations.fit(EDIT)
    assert math.isfinite(fit.mu)
    assert 0 < fit.sigma < 20
    assert durations.distribution(EDIT).survival(1.0) >= 0
