"""Plans against closed forms, brute force, the design's own figures and draws."""

import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.distributions import LogNormal, with_outliers
from scheduling.polling import Plan, Table, cost, solve, tabulate
from scheduling.pricing import Planner, Prices, balanced_price, list_price
from tests.scheduling.closed_forms import hazard, product_bound, square_root_interval

USUAL = LogNormal.of(median=35.0, sigma=0.4)


def best_plan(price: float, *, silent: float = 1.0, usual: LogNormal = USUAL) -> Plan:
    return solve(tabulate(usual, usual), price=price, silent=silent)


def test_the_square_root_rule_balances_price_and_hazard() -> None:
    interval = square_root_interval(USUAL, 40.0, 0.5)
    assert interval**2 * hazard(USUAL, 40.0) / 2 == pytest.approx(0.5)
    assert square_root_interval(USUAL, 40.0, 2.0) == pytest.approx(2 * interval)


def test_the_products_bound_is_that_of_the_design() -> None:
    assert product_bound(USUAL) == pytest.approx(12.0, abs=0.1)


def test_the_products_bound_grows_with_the_median() -> None:
    assert product_bound(LogNormal.of(median=70.0, sigma=0.4)) == pytest.approx(2 * product_bound(USUAL))


@pytest.mark.parametrize(
    ("price", "requests", "staleness", "product"),
    [(0.2, 8.8, 1.5, 12.0), (0.5, 6.1, 2.4, 12.2), (1.0, 4.7, 3.4, 12.5)],
)
def test_plans_reach_the_designs_optimum(
    price: float, requests: float, staleness: float, product: float
) -> None:
    costs = cost(best_plan(price), USUAL)
    assert costs.asks + 1 == pytest.approx(requests, abs=0.06)
    assert costs.staleness == pytest.approx(staleness, abs=0.06)
    assert costs.asks * costs.staleness == pytest.approx(product, abs=0.06)


def brute_force(table: Table, price: float, silent: float) -> list[int]:
    """The same dynamic programme by trying every next age."""
    ages, ended, first = table.ages, table.ended, table.first
    last = len(ages) - 1
    costs = [0.0] * len(ages)
    costs[last] = (1 - ended[last]) * (price + (2 * price * ages[last] / silent) ** 0.5)
    following = [last] * len(ages)

    def at(now: int, then: int) -> float:
        share = ended[then] - ended[now]
        asking = price * (1 - ended[then] + silent * share)
        return asking + silent * (ages[then] * share - (first[then] - first[now])) + costs[then]

    for now in range(last - 1, -1, -1):
        following[now] = min(range(now + 1, last + 1), key=lambda then: at(now, then))
        costs[now] = at(now, following[now])
    return following


@settings(max_examples=15, deadline=None)
@given(
    sigma=st.floats(0.15, 1.0),
    price=st.floats(0.002, 3.0),
    silent=st.sampled_from([1.0, 0.3, 0.02]),
    step=st.integers(12, 20),
)
def test_one_pass_finds_what_trying_everything_finds(
    sigma: float, price: float, silent: float, step: int
) -> None:
    fine = tabulate(with_outliers(LogNormal(0.0, sigma)), LogNormal(0.0, sigma))
    table = Table(*(array("d", column[::step]) for column in (fine.ages, fine.ended, fine.first)))
    plan = solve(table, price=price, silent=silent)
    expected = [table.ages[index] for index in brute_force(table, price, silent)[:-1]]
    # Where hardly any job is left, neighbours are equally good to the last digit.
    alive = sum(1 for ended in table.ended[:-1] if ended < 1 - 1e-6)
    assert list(plan.following[:alive]) == pytest.approx(expected[:alive], rel=0.2)
    costs = cost(plan, with_outliers(LogNormal(0.0, sigma)), silent=silent)
    other = cost(
        Plan(table.ages, array("d", [*expected, plan.following[-1]])),
        with_outliers(LogNormal(0.0, sigma)),
        silent=silent,
    )
    assert costs.staleness + price * costs.asks == pytest.approx(
        other.staleness + price * other.asks, rel=1e-3
    )


def test_a_plan_costs_what_draws_say() -> None:
    plan = best_plan(0.5)
    draw = random.Random(5)
    asks = staleness = 0.0
    for _ in range(20_000):
        duration = draw.lognormvariate(USUAL.mu, USUAL.sigma)
        age = 0.0
        while age < duration:
            age = plan.after(age)
            asks += 1
        staleness += age - duration
    costs = cost(plan, USUAL)
    assert asks / 20_000 == pytest.approx(costs.asks, rel=0.02)
    assert staleness / 20_000 == pytest.approx(costs.staleness, rel=0.02)


def test_cheap_requests_follow_the_square_root_rule() -> None:
    plan = best_plan(0.1)
    for age in (30.0, 40.0, 55.0):
        interval = plan.after(age) - age
        middle = age + interval / 2
        assert interval == pytest.approx(square_root_interval(USUAL, middle, 0.1), rel=0.1)


def test_a_job_beyond_the_table_is_asked_about_ever_more_rarely() -> None:
    plan = solve(tabulate(with_outliers(USUAL), USUAL), price=0.5, silent=1.0)
    gaps = [plan.after(age) - age for age in (600.0, 2000.0, 20_000.0)]
    assert 10 < gaps[0] < gaps[1] < gaps[2]


def test_with_webhooks_the_first_ask_comes_when_nearly_all_have_ended() -> None:
    polling, sweeping = best_plan(1.0), best_plan(1.0, silent=0.02)
    assert USUAL.survival(polling.after(0.0)) > 0.7
    assert USUAL.survival(sweeping.after(0.0)) < 0.2
    assert cost(sweeping, USUAL, silent=0.02).asks < 0.25


def test_plans_of_a_planner_scale_with_the_median() -> None:
    planner = Planner()
    short = planner.plan(USUAL, price=0.5, silent=1.0)
    long = planner.plan(LogNormal.of(median=70.0, sigma=0.4), price=1.0, silent=1.0)
    assert long.after(50.0) == pytest.approx(2 * short.after(25.0), rel=1e-9)
    assert long.staleness == pytest.approx(2 * short.staleness)


@pytest.mark.parametrize("jobs", [5, 10, 20, 40])
def test_at_the_balanced_price_jobs_use_the_whole_budget(jobs: int) -> None:
    planner = Planner()
    price = balanced_price(planner, {USUAL: jobs}, prices=Prices(), rate=1.0, silent=1.0)
    plan = planner.plan(USUAL, price=price, silent=1.0)
    used = jobs * (1 + plan.asks) / (USUAL.mean + plan.staleness)
    assert used == pytest.approx(1.0, rel=0.1)


def test_a_lone_job_pays_the_least_and_a_crowd_the_most() -> None:
    planner, prices = Planner(), Prices()
    assert balanced_price(planner, {USUAL: 1}, prices=prices, rate=1.0, silent=1.0) == prices.low
    assert balanced_price(planner, {}, prices=prices, rate=1.0, silent=1.0) == prices.low
    crowd = balanced_price(planner, {USUAL: 1000}, prices=prices, rate=0.7, silent=1.0)
    assert crowd == prices.high
    assert balanced_price(planner, {USUAL: 1000}, prices=prices, rate=0.7, silent=0.02) == prices.high_swept


def test_a_list_call_is_cheap_while_submits_leave_much_and_dear_when_they_do_not() -> None:
    prices = [
        list_price({USUAL: jobs}, prices=Prices(high_listed=99.0), rate=1.0) for jobs in (2, 20, 30, 40)
    ]
    assert prices == sorted(prices)
    assert prices[0] == Prices().low
    assert prices[-1] > 10 * prices[1]
