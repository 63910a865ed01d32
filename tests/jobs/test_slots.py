"""The queue: whose turn it is, and who holds a slot; through its public methods alone."""

import asyncio
from dataclasses import replace

from domain.job import Job
from jobs.pace import Pace
from jobs.slots import Slots
from tests.clock import FakeClock
from tests.storage.rows import ANN, BEN, NOON, a_job


def job(number: int, member: int = ANN) -> Job:
    return a_job(f"i{number}", member_id=member, created_at=NOON + number)


def queue(
    *jobs: Job,
    in_flight: int = 8,
    per_member: int = 3,
    clock: FakeClock | None = None,
    per_minute: int | None = None,
) -> Slots:
    pace = Pace(clock=clock or FakeClock(), per_minute=per_minute)
    made = Slots(in_flight=in_flight, per_member=per_member, pace=pace)
    for each in jobs:
        made.add(each)
    return made


def taken(made: Slots) -> list[str]:
    return list(iter(made.take, None))


def test_members_take_turns_however_many_jobs_one_of_them_has() -> None:
    many = [job(number) for number in range(5)]
    made = queue(*many, job(10, BEN), job(11, BEN), per_member=9)
    assert taken(made) == ["i0", "i10", "i1", "i11", "i2", "i3", "i4"]


def test_one_members_jobs_go_in_the_order_in_which_they_were_asked_for() -> None:
    assert taken(queue(job(3), job(1), job(2))) == ["i1", "i2", "i3"]


def test_no_more_go_than_there_are_slots_for_all_and_for_one_member() -> None:
    made = queue(*(job(number) for number in range(6)), job(10, BEN), in_flight=4)
    assert taken(made) == ["i0", "i10", "i1", "i2"]
    made.leave("i10")
    assert taken(made) == []
    made.leave("i0")
    assert taken(made) == ["i3"]
    assert len(made.held()) == 3


def test_a_job_that_leaves_twice_frees_one_slot() -> None:
    made = queue(job(1), job(2), in_flight=1)
    assert made.take() == "i1"
    made.leave("i1")
    made.leave("i1")
    assert taken(made) == ["i2"]


def test_a_withdrawn_job_is_not_taken() -> None:
    made = queue(job(1), job(2))
    made.withdraw("i1")
    made.withdraw("nobody")
    assert taken(made) == ["i2"]


def test_a_job_that_is_at_the_provider_already_holds_its_slot() -> None:
    made = queue(job(1), in_flight=1)
    made.occupy(job(9, BEN))
    made.occupy(job(9, BEN))
    assert made.take() is None
    assert len(made.held()) == 1
    made.leave("i9")
    assert made.take() == "i1"


def test_a_job_added_twice_waits_once() -> None:
    assert taken(queue(job(1), job(1))) == ["i1"]


def test_the_order_of_turns_is_known_with_those_who_are_not_ready_yet() -> None:
    made = queue(job(1), job(2), job(10, BEN), in_flight=1)
    order = made.waiting([job(3), job(11, BEN), job(2)])
    assert [each.id for each in order] == ["i1", "i10", "i2", "i11", "i3"]
    assert made.take() == "i1"
    assert [each.id for each in made.waiting([job(1)])] == ["i10", "i2"]


def test_the_rows_of_jobs_with_a_slot_are_kept_up_to_date() -> None:
    made = queue(job(1), job(2), in_flight=1)
    assert made.take() == "i1"
    made.occupy(replace(job(1), submitted_at=NOON))
    assert [(each.id, each.submitted_at) for each in made.held()] == [("i1", NOON)]


async def test_whoever_waits_is_woken_when_a_job_may_go() -> None:
    made = queue(in_flight=1)
    waiting = asyncio.create_task(made.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    made.add(job(1))
    await asyncio.wait_for(waiting, 5)
    assert made.take() == "i1"
    made.add(job(2))
    waiting = asyncio.create_task(made.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    made.leave("i1")
    await asyncio.wait_for(waiting, 5)


async def test_who_was_submitted_for_as_often_as_they_may_rests_while_others_pass() -> None:
    clock = FakeClock()
    made = queue(*(job(number) for number in range(5)), job(10, BEN), per_member=9, clock=clock, per_minute=2)
    assert taken(made) == ["i0", "i10", "i1"]
    waits = asyncio.create_task(made.wait())
    await clock.advance(59.9)
    assert not waits.done()
    await clock.advance(0.2)
    assert waits.done()
    assert taken(made) == ["i2", "i3"]


async def test_a_job_of_somebody_else_ends_the_wait_for_a_rest() -> None:
    made = queue(job(1), job(2), clock=FakeClock(), per_minute=1)
    assert taken(made) == ["i1"]
    waits = asyncio.create_task(made.wait())
    await asyncio.sleep(0)
    made.add(job(10, BEN))
    await asyncio.wait_for(waits, 5)


def test_what_was_submitted_just_before_a_restart_counts() -> None:
    made = queue(job(2), clock=FakeClock(), per_minute=1)
    made.resume(replace(job(1), submitted_at=NOON), at=NOON + 59_000)
    assert taken(made) == []
    later = queue(job(2), clock=FakeClock(), per_minute=1)
    later.resume(replace(job(1), submitted_at=NOON), at=NOON + 61_000)
    assert taken(later) == ["i2"]


async def test_whoever_rests_does_so_for_a_moment_however_a_time_is_rounded() -> None:
    """Woken at the very end of a minute, by float arithmetic some are still within it."""
    clock = FakeClock()
    await clock.advance(0.1 + 0.2)
    pace = Pace(clock=clock, per_minute=1)
    pace.note(ANN)
    await clock.advance(60.0 - 1e-9)
    waiting = asyncio.ensure_future(pace.until(asyncio.Event()))
    await asyncio.sleep(0)
    await clock.advance(1.0)
    await waiting
    assert clock.slept == [0.001]
