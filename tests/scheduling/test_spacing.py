"""Work that comes due at once begins one after the other."""

import asyncio

import pytest

from scheduling.spacing import AT_ONCE, BRISK_GAP, COURTESY, GAP, Spacing
from tests.clock import FakeClock


async def test_whoever_comes_alone_does_not_wait() -> None:
    clock = FakeClock()
    spacing = Spacing(clock=clock)
    for _ in range(3):
        await spacing.wait()
        await clock.advance(GAP)
    assert clock.slept == []


@pytest.mark.parametrize(("asked_ago", "gap"), [(0.0, GAP), (COURTESY + 1, BRISK_GAP)])
async def test_many_at_once_begin_one_after_the_other_in_their_order(asked_ago: float, gap: float) -> None:
    clock = FakeClock()
    spacing, begun = Spacing(clock=clock), list[tuple[int, float]]()
    spacing.give_way()
    await clock.advance(asked_ago)
    start = clock.monotonic()

    async def work(number: int) -> None:
        await spacing.wait()
        begun.append((number, round((clock.monotonic() - start) / gap, 6)))

    tasks = [asyncio.create_task(work(number)) for number in range(AT_ONCE + 4)]
    await clock.advance(10 * GAP)
    assert begun == [(number, max(0, number - AT_ONCE + 1)) for number in range(AT_ONCE + 4)]
    assert all(task.done() for task in tasks)


async def test_a_wait_that_was_broken_off_holds_nobody_up_for_longer_than_its_turn() -> None:
    clock = FakeClock()
    spacing = Spacing(clock=clock)
    for _ in range(AT_ONCE):
        await spacing.wait()
    impatient = asyncio.create_task(spacing.wait())
    await asyncio.sleep(0)
    impatient.cancel()
    await clock.advance(2 * GAP)
    before = len(clock.slept)
    await spacing.wait()
    assert len(clock.slept) == before
