"""Whose turn it is, with processes that answer when the test says so."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.errors import Reason, Refusal
from pictures.kept import Exhausted, Kept
from pictures.turns import BUDGET, SMALL, WINDOW, Turns
from pictures.values import Inspected, Reply, Request
from pictures.work import PictureWork
from tests.clock import FakeClock


class Hand(Kept):
    """A process of the test: holds each request until it is answered by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.given_up: list[str] = []
        self._answer: asyncio.Future[Reply] = asyncio.Future()

    async def ask(self, request: Request, pictures: Sequence[Path], outs: Sequence[Path] = ()) -> Reply:
        name = request["sha256"]
        self.asked.append(name)
        if name.startswith("large") and request["pixels"] == SMALL:
            return {"larger": True}
        self._answer = asyncio.get_running_loop().create_future()
        try:
            return await self._answer
        except asyncio.CancelledError:
            self.given_up.append(name)
            raise

    async def answer(self, outcome: Reply | Exception | None = None) -> None:
        """Answer what is asked now; the next one is asked when this returns."""
        if isinstance(outcome, Exception):
            self._answer.set_exception(outcome)
        else:
            self._answer.set_result(outcome or {})
        await settle()

    async def close(self) -> None:
        self._answer.cancel()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def look(name: str) -> Request:
    return {
        "task": "inspect",
        "generated": False,
        "outs": 0,
        "limit": 1,
        "sha256": name,
        "seconds": 1,
        "pixels": 0,
    }


class Table:
    """Two processes, a clock, and whoever asks."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.small, self.large = Hand(), Hand()
        self.turns = Turns(clock=self.clock, small=self.small, large=self.large)
        self.tasks: list[asyncio.Task[Reply]] = []

    async def ask(self, name: str, member_id: int, *, paid: bool = False) -> asyncio.Task[Reply]:
        asking = self.turns.ask(look(name), [], member_id=member_id, paid=paid)
        task = asyncio.ensure_future(asking)
        self.tasks.append(task)
        await settle()
        return task


async def test_members_take_turns_however_much_one_of_them_brings() -> None:
    table = Table()
    for number in range(6):
        await table.ask(f"large a{number}", 1)
    await table.ask("large b0", 2)
    await table.ask("large c0", 3)
    for _ in range(8):
        await table.large.answer()
    assert table.large.asked[:4] == ["large a0", "large b0", "large c0", "large a1"]
    assert all(task.done() for task in table.tasks)


async def test_a_small_picture_never_waits_for_a_large_one() -> None:
    table = Table()
    for number in range(4):
        await table.ask(f"large a{number}", 1)
    await table.ask("b0", 2)
    assert table.large.asked == ["large a0"]
    assert table.small.asked[-1] == "b0"
    await table.small.answer()
    assert table.tasks[-1].done()


async def test_a_large_picture_is_never_decoded_by_the_small_process() -> None:
    table = Table()
    await table.ask("large a", 1)
    assert (table.small.asked, table.large.asked) == (["large a"], ["large a"])
    await table.ask("b", 2)
    await table.ask("c", 3)
    assert (table.small.asked, table.large.asked) == (["large a", "b"], ["large a"])
    await table.large.answer()
    assert table.large.asked == ["large a", "c"], "what is small may go wherever there is room"


async def test_what_is_paid_for_goes_first() -> None:
    table = Table()
    for name in ("a0", "a1", "a2"):
        await table.ask(name, 1)
    await table.ask("b", 2)
    await table.ask("result", 1, paid=True)
    await table.small.answer()
    assert table.small.asked == ["a0", "result"]


async def test_who_has_used_up_their_time_waits_behind_everybody_for_a_minute() -> None:
    table = Table()
    await table.ask("a0", 1)
    await table.ask("busy", 9)
    await table.clock.advance(BUDGET + 0.1)
    await table.small.answer()
    # Served once more, the others would come after a member who is within their time.
    for name, member_id in (("b0", 2), ("a1", 1), ("b1", 2), ("b2", 2)):
        await table.ask(name, member_id)
    for _ in range(4):
        await table.small.answer()
    assert table.small.asked == ["a0", "b0", "b1", "b2", "a1"]
    await table.clock.advance(WINDOW + 1)
    for name, member_id in (("b3", 2), ("b4", 2), ("a2", 1)):
        await table.ask(name, member_id)
    for _ in range(3):
        await table.small.answer()
    assert table.small.asked[-3:] == ["b3", "a2", "b4"]


async def test_who_gives_up_frees_the_process_or_their_place_in_line() -> None:
    table = Table()
    working, *waiting = [await table.ask(f"large a{number}", 1) for number in range(3)]
    waiting[0].cancel()
    working.cancel()
    await settle()
    assert table.large.given_up == ["large a0"]
    assert table.large.asked == ["large a0", "large a2"]
    await table.large.answer()
    assert waiting[1].done()


async def test_who_gives_up_in_the_moment_of_their_turn_passes_it_on() -> None:
    table = Table()
    first, second, third = [await table.ask(f"large a{number}", 1) for number in range(3)]
    table.large._answer.set_result({})
    # The first has its answer, the second is given the process: and is cancelled before it can ask.
    while not first.done():
        await asyncio.sleep(0)
    second.cancel()
    await settle()
    assert table.large.asked[-1] == "large a2"
    await table.large.answer()
    assert third.done()


async def test_what_fails_leaves_the_process_to_others() -> None:
    table = Table()
    failing = await table.ask("large a", 1)
    other = await table.ask("large b", 2)
    await table.large.answer(Exhausted())
    with pytest.raises(Exhausted):
        await failing
    await table.large.answer()
    assert other.done()


async def test_closing_ends_what_is_worked_on_and_what_waits() -> None:
    table = Table()
    tasks = [await table.ask(f"large a{number}", 1) for number in range(3)]
    await table.turns.close()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3


async def test_members_who_want_nothing_more_are_forgotten() -> None:
    table = Table()
    for member_id in range(1, 1_100):
        await table.ask("a", member_id)
        await table.small.answer()
        await table.clock.advance(1)
    assert len(table.turns._accounts) < 1_050


async def test_one_file_is_decoded_once_however_many_ask_for_it(tmp_path: Path) -> None:
    small, large = Hand(), Hand()
    work = PictureWork(small=small, large=large)
    outs = [tmp_path / str(number) for number in range(4)]
    asking = [
        asyncio.ensure_future(
            work.inspect(
                Path("file"), member_id=number, thumbnail=out, normal=tmp_path / "normal", sha256="same"
            )
        )
        for number, out in enumerate(outs[:3])
    ]
    await settle()
    outs[0].write_bytes(b"thumbnail")
    fields = {"media_type": "image/png", "width": 1, "height": 2, "size": 3, "sha256": "same"}
    await small.answer({"inspected": [fields]})  # type: ignore[list-item]
    found = await asyncio.gather(*asking)
    found.append(
        await work.inspect(
            Path("file"), member_id=9, thumbnail=outs[3], normal=tmp_path / "normal", sha256="same"
        )
    )
    assert [each.height for each in found] == [2] * 4
    assert [out.read_bytes() for out in outs] == [b"thumbnail"] * 4
    assert small.asked + large.asked == ["same"]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Exhausted(), Reason.TOO_HARD), (Refusal(Reason.NOT_AN_IMAGE), Reason.NOT_AN_IMAGE)],
    ids=["exhausted", "refused"],
)
async def test_what_is_wrong_with_a_file_is_found_once(
    tmp_path: Path, outcome: Exception, reason: Reason
) -> None:
    small = Hand()
    work = PictureWork(small=small, large=Hand())

    async def inspect() -> None:
        await work.inspect(
            Path("file"), member_id=1, thumbnail=tmp_path / "out", normal=tmp_path / "normal", sha256="bomb"
        )

    first = asyncio.ensure_future(inspect())
    await settle()
    await small.answer(outcome)
    for asked in (first, inspect()):
        with pytest.raises(Refusal) as caught:
            await asked
        assert caught.value.reason is reason
    assert small.asked == ["bomb"]


async def test_a_file_whose_first_asker_gave_up_is_looked_at_for_the_next(tmp_path: Path) -> None:
    small = Hand()
    work = PictureWork(small=small, large=Hand())
    first, second = [
        asyncio.ensure_future(
            work.inspect(
                Path("file"),
                member_id=each,
                thumbnail=tmp_path / "out",
                normal=tmp_path / "normal",
                sha256="x",
            )
        )
        for each in (1, 2)
    ]
    await settle()
    first.cancel()
    await settle()
    (tmp_path / "out").write_bytes(b"thumbnail")
    fields = {"media_type": "image/png", "width": 1, "height": 2, "size": 3, "sha256": "x"}
    await small.answer({"inspected": [fields]})  # type: ignore[list-item]
    assert (await second).width == 1
    assert (small.given_up, small.asked) == (["x"], ["x", "x"])


async def test_nobody_waits_for_the_turn_of_another_who_wants_the_same(tmp_path: Path) -> None:
    small, large = Hand(), Hand()
    work = PictureWork(small=small, large=large)

    def inspect(sha256: str, member_id: int) -> asyncio.Task[Inspected]:
        out = tmp_path / f"{member_id} {sha256}"
        out.write_bytes(b"thumbnail")
        return asyncio.ensure_future(
            work.inspect(
                Path("file"), member_id=member_id, thumbnail=out, normal=tmp_path / "normal", sha256=sha256
            )
        )

    hers = [inspect(f"large {number}", 1) for number in range(3)]
    await settle()
    hers.append(inspect("large same", 1))
    await settle()
    his = inspect("large same", 2)
    await settle()
    fields = {"media_type": "image/png", "width": 1, "height": 2, "size": 3}
    await large.answer({"inspected": [{**fields, "sha256": "large 0"}]})  # type: ignore[list-item]
    assert large.asked == ["large 0", "large same"]
    await large.answer({"inspected": [{**fields, "sha256": "large same"}]})  # type: ignore[list-item]
    assert (await his).height == 2
    for number in (1, 2):
        await large.answer({"inspected": [{**fields, "sha256": f"large {number}"}]})  # type: ignore[list-item]
    await asyncio.gather(*hers)
    assert large.asked == ["large 0", "large same", "large 1", "large 2"], "and it is decoded once"
