"""Independent work: one's trouble is not another's, and what must come to its end does."""

import asyncio

import pytest

from jobs.tasks import FIRST_PAUSE, LONGEST_FOR_STORAGE, LONGEST_PAUSE, Tasks, stubbornly
from storage.errors import StorageError
from tests.clock import HastyClock


async def test_one_failure_is_logged_and_touches_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def fail() -> None:
        raise ZeroDivisionError("mine alone")

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    tasks.spawn("bad", fail())
    tasks.spawn("good", work())
    await asyncio.wait_for(done.wait(), 5)
    assert "bad failed." in caplog.text
    assert "mine alone" in caplog.text
    await tasks.close(patience=1.0)


async def test_closing_breaks_off_what_may_be_and_waits_for_what_must_end() -> None:
    tasks, ends = Tasks(), list[str]()
    go_on = asyncio.Event()

    async def free() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("free")

    async def shielded() -> None:
        await go_on.wait()
        ends.append("shielded")

    tasks.spawn("free", free())
    asked = asyncio.create_task(tasks.shielded("shielded", shielded()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(tasks.close(patience=20.0))
    await asyncio.sleep(0.01)
    assert ends == ["free"]
    assert not closing.done()
    go_on.set()
    await closing
    assert ends == ["free", "shielded"]
    await asked


async def test_patience_has_an_end(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks()
    asked = asyncio.create_task(tasks.shielded("for ever", asyncio.Event().wait()))
    await asyncio.sleep(0)
    await tasks.close(patience=0.01)
    assert "for ever did not end in time." in caplog.text
    await asyncio.wait({asked})


async def test_nothing_is_started_any_more_once_the_bot_stops() -> None:
    tasks, ran = Tasks(), list[str]()

    async def work() -> None:
        ran.append("work")

    await tasks.close(patience=0.0)
    tasks.spawn("late", work())
    with pytest.raises(asyncio.CancelledError):
        await tasks.shielded("late as well", work())
    await asyncio.sleep(0.01)
    assert ran == []


@pytest.mark.parametrize(
    ("trouble", "longest"),
    [
        (ValueError("a surprise"), LONGEST_PAUSE),
        (OSError("no space left"), LONGEST_FOR_STORAGE),
        (StorageError("locked"), LONGEST_FOR_STORAGE),
    ],
)
async def test_work_is_repeated_with_growing_pauses_until_it_succeeds(
    caplog: pytest.LogCaptureFixture, trouble: Exception, longest: float
) -> None:
    clock, left = HastyClock(), 12

    async def work() -> None:
        nonlocal left
        left -= 1
        if left:
            raise trouble

    await stubbornly("the work", work, clock=clock)
    assert left == 0
    assert clock.slept[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(clock.slept) == clock.slept[-1] == longest
    assert caplog.text.count("the work failed") == 11


async def test_after_work_that_went_well_for_a_while_the_pauses_begin_anew() -> None:
    clock = HastyClock()
    goes_well_for = [0.0, 0.0, 0.0, 3600.0, 0.0, 3600.0, 3600.0, 3600.0]

    async def work() -> None:
        if goes_well_for:
            clock.jump(7_200_000)
            clock._seconds += goes_well_for.pop(0)
            raise ValueError("trouble")

    await stubbornly("the loop", work, clock=clock)
    first = FIRST_PAUSE
    assert clock.slept == [first, 2 * first, 4 * first, first, 2 * first, first, first, first]


async def test_work_that_is_broken_off_is_not_repeated() -> None:
    clock, tries = HastyClock(), 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await stubbornly("the work", work, clock=clock)
    assert tries == 1
