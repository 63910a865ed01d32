import asyncio

import pytest

from jobs.intakes import OPEN_PER_MEMBER, Intakes


class Work:
    """Takes in sources until it is let go; notes what has begun and what was broken off."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.broken_off: list[str] = []
        self.go = asyncio.Event()

    def of(self, intakes: Intakes, job_id: str, member_id: int) -> asyncio.Task[str | None]:
        async def take_in() -> str:
            self.begun.append(job_id)
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.broken_off.append(job_id)
                raise
            return f"{job_id} is in"

        return asyncio.ensure_future(intakes.run(job_id, member_id, take_in))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_member_has_three_at_a_time_the_others_wait_and_other_members_do_not() -> None:
    intakes, work = Intakes(), Work()
    tasks = [work.of(intakes, f"a{number}", 1) for number in range(5)] + [work.of(intakes, "b", 2)]
    await settle()
    assert work.begun == ["a0", "a1", "a2", "b"]
    assert OPEN_PER_MEMBER == 3
    work.go.set()
    assert await asyncio.gather(*tasks) == [f"{name} is in" for name in ("a0", "a1", "a2", "a3", "a4", "b")]
    assert (intakes._places, dict(intakes._waiting), intakes._open) == ({}, {}, {}), "nobody is remembered"


async def test_what_is_called_off_ends_at_once_and_makes_room() -> None:
    intakes, work = Intakes(), Work()
    tasks = [work.of(intakes, f"a{number}", 1) for number in range(5)]
    await settle()
    intakes.call_off("a1")
    intakes.call_off("a3")
    intakes.call_off("nobody's")
    await settle()
    assert work.broken_off == ["a1"]
    assert work.begun == ["a0", "a1", "a2", "a4"], "who waited and was called off never begins"
    work.go.set()
    assert await asyncio.gather(*tasks) == ["a0 is in", None, "a2 is in", None, "a4 is in"]


async def test_what_is_to_come_to_its_end_cannot_be_called_off() -> None:
    intakes, work = Intakes(), Work()
    task = work.of(intakes, "a", 1)
    await settle()
    intakes.settle("a")
    intakes.call_off("a")
    work.go.set()
    assert await task == "a is in"


async def test_whoever_is_stopped_leaves_nothing_behind() -> None:
    intakes, work = Intakes(), Work()
    task = work.of(intakes, "a", 1)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.broken_off == ["a"]


async def test_what_fails_fails_for_whoever_asked() -> None:
    async def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await Intakes().run("a", 1, fail)
