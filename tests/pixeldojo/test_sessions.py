"""What may not leave does not: each request looks whether it may when all that is left to do is to write it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import uvloop

from pixeldojo import PixelDojo, errors
from pixeldojo.sessions import Sessions
from tests.pixeldojo.servers import KEY, Connection, RawServer, raw_server
from tests.pixeldojo.test_submitting import submit, take

Run = Callable[[Coroutine[Any, Any, None]], None]


def on(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Run:
    """Return what runs something on a loop of its own; ``asyncio.run`` would take away the thread's current one."""

    def run(work: Coroutine[Any, Any, None]) -> None:
        with closing(new_loop()) as loop:
            loop.run_until_complete(work)

    return run


LOOPS = pytest.mark.parametrize(
    "run", [on(asyncio.new_event_loop), on(uvloop.new_event_loop)], ids=["asyncio", "uvloop"]
)


@asynccontextmanager
async def opened(server: RawServer, may_send: Callable[[], bool]) -> Any:
    sessions = Sessions(trusted_origins=[], may_send=may_send)
    client = PixelDojo(
        session=sessions.provider, downloads=sessions.downloads, api_url=f"{server.url}/api/v1", key=KEY
    )
    try:
        yield sessions, client
    finally:
        await sessions.close()


def looks(*seen: bool) -> Callable[[], bool]:
    answers: Iterator[bool] = iter(seen)
    return lambda: next(answers)


@LOOPS
@pytest.mark.parametrize("seen", [(False,), (True, False)], ids=["at its head", "at its body"])
def test_a_submission_that_may_not_leave_was_never_sent(run: Run, seen: tuple[bool, ...]) -> None:
    async def held_back() -> None:
        async with raw_server(take) as server, opened(server, looks(*seen)) as (_, client):
            with pytest.raises(errors.Unavailable, match="Withheld"):
                await submit(client)
            assert server.connections == 1, "it was about to leave"
            assert server.requests == []

    run(held_back())


@LOOPS
def test_a_question_that_may_not_leave_was_never_asked(run: Run) -> None:
    async def held_back() -> None:
        async with raw_server(take) as server, opened(server, looks(False)) as (_, client):
            with pytest.raises(errors.Unavailable, match="Withheld"):
                await client.models()
            assert server.requests == []

    run(held_back())


@LOOPS
def test_what_is_cut_when_it_was_looked_at_for_the_last_time_does_not_arrive(run: Run) -> None:
    async def cut() -> None:
        looked: list[bool] = []

        def may_send() -> bool:
            looked.append(True)
            if len(looked) == 2:
                sessions.cut()
            return True

        async with raw_server(take) as server, opened(server, may_send) as (sessions, client):
            with pytest.raises(errors.Unanswered):
                await submit(client)
            assert len(looked) == 2
            assert server.requests == []

    run(cut())


@LOOPS
def test_what_was_sent_before_is_answered_whatever_is_cut(run: Run) -> None:
    async def cut() -> None:
        arrived, answered = asyncio.Event(), asyncio.Event()

        async def answer_later(connection: Connection) -> None:
            await connection.request()
            arrived.set()
            await answered.wait()
            await connection.reply(b'{"jobId": "job_1"}', status="202 Accepted")

        async with raw_server(answer_later) as server, opened(server, lambda: True) as (sessions, client):
            asking = asyncio.create_task(submit(client))
            await arrived.wait()
            assert not sessions._leaving, "its connection is nobody's business any more"
            sessions.cut()
            answered.set()
            assert (await asking).job_id == "job_1"

    run(cut())
