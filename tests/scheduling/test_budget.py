"""The budget against providers that count every window of sixty seconds, and against what replies say."""

import math
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.budget import LONGEST_CALL, SPAN, Budget, Window
from scheduling.calls import Call
from scheduling.throttle import BACKOFF, RECOVERY, Throttle


def budget(requests: int = 60, submits: int = 60, *, webhooks: bool = False) -> Budget:
    return Budget(requests_per_minute=requests, submits_per_minute=submits, webhooks=webhooks)


def spend(of: Budget, call: Call, now: float, *, seconds: float = 0.0) -> float:
    """Make a call as soon as it may begin; return when it began."""
    while (ready := of.ready_at(call, now)) > now:
        now = ready
    of.close(call, of.open(call, now), now + seconds)
    return now


def most_in_a_minute(moments: list[float]) -> int:
    moments = sorted(moments)
    return max(bisect_left(moments, moment + 60.0) - place for place, moment in enumerate(moments))


calls = st.tuples(
    st.sampled_from(list(Call)),
    st.floats(0, 20) | st.just(0.0),
    st.floats(0, 5) | st.floats(0, LONGEST_CALL - 1),
    st.floats(0, 1),
)


@settings(max_examples=80, deadline=None)
@given(
    limit=st.integers(1, 40),
    submits=st.integers(1, 40),
    webhooks=st.booleans(),
    made=st.lists(calls, min_size=1, max_size=150),
)
def test_no_minute_of_the_providers_holds_more_calls_than_the_limit(
    limit: int, submits: int, webhooks: bool, made: list[tuple[Call, float, float, float]]
) -> None:
    """Whenever calls are wanted, however long they take, and whenever on their way they are counted."""
    of = budget(limit, submits, webhooks=webhooks)
    now, arrived, submitted = 0.0, list[float](), list[float]()
    under_way: list[tuple[float, Call, tuple[int, ...]]] = []

    def advance(until: float) -> None:
        for end, call, tickets in sorted(under_way, key=lambda each: each[0]):
            if end > until:
                break
            of.close(call, tickets, end)
            under_way.remove((end, call, tickets))

    for call, pause, seconds, when in made:
        now += pause
        advance(now)
        while (ready := of.ready_at(call, now)) > now:
            now = min([ready, *(end for end, _, _ in under_way if end > now)])
            advance(now)
        under_way.append((now + seconds, call, of.open(call, now)))
        arrived.append(now + seconds * when)
        if call is Call.SUBMIT:
            submitted.append(now + seconds * when)
    assert most_in_a_minute(arrived) <= limit
    assert not submitted or most_in_a_minute(submitted) <= submits


def test_the_whole_limit_can_be_used_minute_after_minute() -> None:
    of, now = budget(60), 0.0
    for _ in range(600):
        now = spend(of, Call.STATUS, now)
    assert now == pytest.approx(599 * SPAN / 60, rel=0.01)


def test_a_few_calls_go_at_once_and_the_rest_evenly() -> None:
    of, now, moments = budget(60), 0.0, list[float]()
    for _ in range(6):
        now = spend(of, Call.STATUS, now)
        moments.append(now)
    assert moments == pytest.approx([0.0, 0.0, 1.0, 2.0, 3.0, 4.0], abs=0.01)


def test_with_webhooks_places_are_kept_for_what_cannot_wait() -> None:
    of, now = budget(60, webhooks=True), 0.0
    while now < 50.0:
        now = spend(of, Call.SUBMIT, now)
    assert of.ready_at(Call.SUBMIT, now) > now
    assert of.ready_at(Call.POKE, now) == now


def test_submits_have_a_smaller_budget_and_leave_the_rest_to_others() -> None:
    of, now = budget(60, 10), 0.0
    for _ in range(10):
        now = spend(of, Call.SUBMIT, now)
    assert of.ready_at(Call.SUBMIT, now) >= SPAN
    assert of.ready_at(Call.STATUS, now) < now + 1.1


def test_a_call_counts_until_a_minute_after_its_reply() -> None:
    window = Window(limit=1, burst=1)
    ticket = window.open(0.0)
    window.close(ticket, 20.0)
    window.close(ticket, 25.0)
    assert window.ready_at(21.0) == pytest.approx(20.0 + SPAN)


def test_a_call_that_nobody_ended_does_not_count_for_ever() -> None:
    window = Window(limit=1, burst=1)
    window.open(0.0)
    assert window.under_way() == 1
    assert window.ready_at(1.0) == pytest.approx(LONGEST_CALL + SPAN)
    assert window.ready_at(LONGEST_CALL + SPAN) == pytest.approx(LONGEST_CALL + SPAN)
    assert window.under_way() == 0


@pytest.mark.parametrize("seconds", [1.0, 17.0, 300.0])
def test_retry_after_is_kept_to_the_second(seconds: float) -> None:
    of = budget()
    of.observe(Call.STATUS, now=5.0, refused=True, retry_after=seconds)
    assert of.ready_at(Call.POKE, 5.0) == 5.0 + seconds
    assert of.ready_at(Call.SUBMIT, 5.0) == 5.0 + seconds


def test_a_refusal_that_names_no_time_is_followed_by_growing_silence() -> None:
    of, now, pauses = budget(), 0.0, list[float]()
    for _ in range(6):
        of.observe(None, now=now, refused=True)
        pauses.append(of.ready_at(Call.STATUS, now) - now)
        now += pauses[-1]
    assert pauses == [BACKOFF, 10.0, 20.0, 40.0, 60.0, 60.0]
    of.observe(None, now=now)
    of.observe(None, now=now, refused=True)
    assert of.ready_at(Call.STATUS, now) - now == BACKOFF


def test_a_refusal_halves_the_rate_at_once_and_it_comes_back_slowly() -> None:
    of = budget()
    full = of.rate(0.0)
    of.observe(None, now=0.0, refused=True, retry_after=1.0)
    assert of.rate(0.0) == pytest.approx(full / 2)
    rates = [of.rate(moment) for moment in (0.0, 60.0, 300.0, RECOVERY / 2)]
    assert rates == sorted(rates)
    assert rates[1] < 0.6 * full
    assert rates[-1] == pytest.approx(full)


def test_refusals_of_one_volley_count_once() -> None:
    throttle = Throttle(60)
    for moment in (0.0, 0.1, 0.2):
        throttle.hear_refusal(moment, 30.0)
    assert throttle.limit(1.0) == 30
    throttle.hear_refusal(31.0, 30.0)
    assert throttle.limit(31.0) == pytest.approx(15, abs=1)


def test_however_often_it_is_refused_some_rate_is_left() -> None:
    throttle = Throttle(5)
    for minute in range(20):
        throttle.hear_refusal(minute * 60.0, 1.0)
    assert throttle.limit(20 * 60.0) >= 1


def test_a_lower_limit_holds_at_once_and_a_higher_one_is_approached() -> None:
    of = budget(40)
    of.observe(Call.STATUS, now=0.0, limit=20)
    assert of.rate(0.0) == pytest.approx(20 / SPAN)
    of.observe(Call.STATUS, now=1.0, limit=60)
    assert of.rate(1.0) < 22 / SPAN
    assert of.rate(RECOVERY) == pytest.approx(40 / SPAN)


def test_what_others_left_is_all_that_is_spent_until_the_reset() -> None:
    of = budget(40)
    of.observe(Call.STATUS, now=0.0, limit=60, remaining=3, reset_in=30.0)
    moments, now = [], 0.0
    for _ in range(4):
        now = spend(of, Call.STATUS, now)
        moments.append(now)
    assert moments[2] < 10.0
    assert moments[3] == 30.0


def test_nothing_remaining_stops_everything_until_the_reset() -> None:
    of = budget(40)
    of.observe(None, now=0.0, remaining=0, reset_in=12.0)
    assert of.ready_at(Call.POKE, 0.0) == 12.0


def test_calls_under_way_are_taken_from_what_remains() -> None:
    of = budget(40)
    first = of.open(Call.STATUS, 0.0)
    of.open(Call.STATUS, 0.0)
    of.observe(Call.STATUS, now=1.0, limit=60, remaining=2, reset_in=30.0)
    of.close(Call.STATUS, first, 1.0)
    now = spend(of, Call.STATUS, 10.0)
    assert now == 10.0
    assert of.ready_at(Call.STATUS, 15.0) == 31.0


def test_what_we_spent_ourselves_is_not_taken_for_others() -> None:
    of, now = budget(60), 0.0
    for left in range(59, 0, -1):
        now = spend(of, Call.STATUS, now)
        of.observe(Call.STATUS, now=now, limit=60, remaining=left, reset_in=60.0)
    assert now < 60.0


def test_a_reset_far_away_is_a_wrong_clock() -> None:
    of = budget(40)
    of.observe(None, now=0.0, remaining=0, reset_in=9e9)
    assert of.ready_at(Call.STATUS, 0.0) <= 120.0


def test_a_limit_of_submits_does_not_become_the_limit_of_all() -> None:
    of = budget(40, 10)
    of.observe(Call.STATUS, now=0.0, limit=60)
    of.observe(Call.SUBMIT, now=0.0, limit=5)
    assert of.rate(0.0) == pytest.approx(40 / SPAN)
    now = 0.0
    for _ in range(5):
        now = spend(of, Call.SUBMIT, now)
    assert of.ready_at(Call.SUBMIT, now) >= SPAN


def test_whose_limit_it_is_shows_when_only_a_submit_is_under_way() -> None:
    of = budget(40, 10)
    of.observe(Call.STATUS, now=0.0, limit=60)
    tickets = of.open(Call.SUBMIT, 0.0)
    of.observe(None, now=1.0, limit=5)
    of.close(Call.SUBMIT, tickets, 1.0)
    of.observe(None, now=2.0, limit=5)
    assert of.rate(2.0) == pytest.approx(40 / SPAN)


def test_what_goes_first_is_ordered_by_handicap() -> None:
    order = [Call.POKE, Call.SUBMIT, Call.CATALOGUE, Call.STATUS]
    assert sorted(order, key=lambda call: call.handicap) == order
    assert all(math.isfinite(call.handicap) for call in Call)
