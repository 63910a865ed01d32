"""FairQueue between members."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.queue.fair_queue import FairQueue


def queue(*jobs: tuple[str, int], in_flight: int = 8, per_member: int = 3) -> FairQueue:
    turns = FairQueue(in_flight=in_flight, per_member=per_member)
    for place, (job_id, member_id) in enumerate(jobs):
        turns.add(job_id, member_id, (place, job_id))
    return turns


def drain(turns: FairQueue) -> list[str]:
    """Serve all as if each ended before the next one began."""
    served = []
    while (job_id := turns.next({})) is not None:
        turns.serve(job_id)
        served.append(job_id)
    return served


def test_one_members_jobs_go_in_the_order_in_which_they_were_asked_for() -> None:
    turns = FairQueue(in_flight=8, per_member=3)
    turns.add("late", 1, (2, "late"))
    turns.add("early", 1, (1, "early"))
    assert drain(turns) == ["early", "late"]


def test_members_take_turns() -> None:
    turns = queue(("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("b2", 2), ("c1", 3))
    assert drain(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_fifty_waiting_jobs_delay_another_members_first_by_at_most_one() -> None:
    turns = queue(*((f"a{n}", 1) for n in range(50)))
    turns.serve("a0")
    turns.add("b", 2, (1000, "b"))
    assert turns.next({1: 1}) == "b"


def test_a_member_who_comes_while_another_is_being_served_waits_for_that_one_only() -> None:
    turns = queue(*((f"a{n}", 1) for n in range(50)), ("b", 2), in_flight=1)
    order = drain(turns)
    assert order.index("b") == 1


def test_a_member_at_their_cap_is_stepped_over() -> None:
    turns = queue(("a1", 1), ("a2", 1), ("b1", 2))
    assert turns.next({1: 3}) == "b1"
    assert turns.next({1: 2}) == "a1"
    assert turns.next({1: 3, 2: 3}) is None


def test_nobody_goes_while_all_slots_are_held() -> None:
    turns = queue(("a1", 1), in_flight=2)
    assert turns.next({5: 1, 6: 1}) is None
    assert turns.next({5: 1}) == "a1"


def test_who_was_stepped_over_keeps_their_turn() -> None:
    turns = queue(("a1", 1), ("b1", 2), ("b2", 2))
    assert turns.next({1: 3}) == "b1"
    turns.serve("b1")
    assert turns.next({}) == "a1"


def test_a_cancelled_job_leaves_the_queue_and_its_member_keeps_their_turn() -> None:
    turns = queue(("a1", 1), ("a2", 1), ("b1", 2))
    turns.remove("a1")
    turns.remove("a1")
    assert "a1" not in turns
    assert drain(turns) == ["a2", "b1"]


def test_a_job_that_comes_back_goes_before_its_members_others() -> None:
    turns = queue(("a1", 1), ("a2", 1))
    turns.serve("a1")
    turns.add("a1", 1, (0, "a1"))
    assert drain(turns) == ["a1", "a2"]


def test_a_job_added_twice_waits_once() -> None:
    turns = queue(("a1", 1), ("a1", 1))
    assert len(turns) == 1
    assert drain(turns) == ["a1"]


def test_serving_a_job_that_does_not_wait_is_an_error() -> None:
    with pytest.raises(KeyError):
        queue(("a1", 1)).serve("b")


def test_after_a_restart_turns_go_on_where_they_stopped() -> None:
    jobs = [(f"{member}{n}", member) for n in range(4) for member in (1, 2, 3)]
    turns = queue(*jobs)
    before = [turns.next({}) for _ in range(1)]
    for _ in range(5):
        job_id = turns.next({})
        assert job_id is not None
        before.append(job_id)
        turns.serve(job_id)
    expected = [job_id for job_id, _ in turns.waiting()]

    again = FairQueue(in_flight=8, per_member=3)
    for job_id in before[1:]:
        again.served(int(job_id[0]))
    for place, (job_id, member_id) in enumerate(jobs):
        if job_id not in before:
            again.add(job_id, member_id, (place, job_id))
    assert drain(again) == expected == drain(turns)


def test_members_who_left_are_forgotten_after_a_while() -> None:
    turns = FairQueue(in_flight=8, per_member=3)
    turns.add("a1", 1, (0, "a1"))
    for member_id in range(1, 3000):
        turns.served(member_id)
    assert len(turns._served) < 1100


waiting_jobs = st.lists(st.integers(1, 6), max_size=40)


@given(members=waiting_jobs, served=st.lists(st.integers(1, 6), max_size=10))
def test_the_order_of_turns_is_that_in_which_jobs_are_served(members: list[int], served: list[int]) -> None:
    turns = queue(*((f"{n}", member) for n, member in enumerate(members)))
    for member_id in served:
        turns.served(member_id)
    in_order = [job_id for job_id, _ in turns.waiting()]
    assert drain(turns) == in_order


@given(members=waiting_jobs, joining=st.lists(st.integers(1, 6), max_size=3))
def test_the_place_of_a_job_that_joins_is_that_which_it_gets(members: list[int], joining: list[int]) -> None:
    turns = queue(*((f"{n}", member) for n, member in enumerate(members)))
    new = [(member_id, (1000 - n, f"new {n}")) for n, member_id in enumerate(joining)]
    told = list(turns.waiting(new))
    for member_id, order in new:
        turns.add(order[1], member_id, order)
    assert list(turns.waiting()) == told


@settings(max_examples=40)
@given(data=st.data())
def test_while_two_members_wait_neither_is_served_twice_more_than_the_other(data: st.DataObject) -> None:
    """Whatever arrives and ends: between two services of one waiting member, nobody else is served twice."""
    turns = FairQueue(in_flight=4, per_member=2)
    running: list[int] = []
    number = 0
    since: dict[int, Counter[int]] = {}
    for _ in range(60):
        step = data.draw(st.sampled_from(["add", "add", "start", "end"]))
        if step == "add":
            member_id = data.draw(st.integers(1, 4))
            turns.add(f"{number}", member_id, (number, f"{number}"))
            since.setdefault(member_id, Counter())
            number += 1
        elif step == "end" and running:
            running.pop(data.draw(st.integers(0, len(running) - 1)))
        elif step == "start" and (job_id := turns.next(Counter(running))) is not None:
            held = Counter(running)
            member_id = turns.serve(job_id)
            running.append(member_id)
            assert held[member_id] < 2
            assert sum(held.values()) < 4
            still = {each for _, each in turns.waiting()}
            since = {each: since.get(each, Counter()) for each in still}
            for each in still - {member_id}:
                since[each][member_id] += held[each] < 2
                assert since[each][member_id] <= 1
            since.pop(member_id, None)


def test_ten_members_with_unequal_demand_are_served_alike() -> None:
    draw = random.Random(4)
    turns = FairQueue(in_flight=8, per_member=3)
    place = 0
    for member_id in range(10):
        for _ in range(20 * (member_id + 1)):
            turns.add(f"{place}", member_id, (place, f"{place}"))
            place += 1
    running: list[tuple[float, int]] = []
    served: Counter[int] = Counter()
    while served.total() < 190:
        job_id = turns.next(Counter(member for _, member in running))
        if job_id is None:
            running.remove(min(running))
            continue
        member_id = turns.serve(job_id)
        served[member_id] += 1
        running.append((draw.random(), member_id))
    shares = list(served.values())
    assert sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares)) > 0.98
