"""``python -m tests.crash.roads PORT …``: proxies in a process of their own, told over a pipe what to do.

Whatever keeps the stand-ins and the members busy is in nobody's way there, and the other way round.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.crash.proxy import Proxy

ROOT = Path(__file__).parents[2]


class Road:
    """One of the proxies over there, by its ``port``: what it was told has come about when the call returns."""

    def __init__(self, port: int, place: int, process: Process, turn: asyncio.Lock) -> None:
        self.port = port
        self._place = place
        self._process = process
        self._turn = turn

    async def cut(self) -> None:
        """Reset every connection, and each that comes."""
        await self._tell("cut")

    async def swallow(self) -> None:
        """Let nothing pass, and tell nobody."""
        await self._tell("swallow")

    async def pass_on(self) -> None:
        """Let everything pass from now on."""
        await self._tell("pass_on")

    async def lead_to(self, target: int) -> None:
        """Lead what comes from now on to another port."""
        await self._tell(f"lead_to {target}")

    async def _tell(self, what: str) -> None:
        wishes, answers = self._process.stdin, self._process.stdout
        assert wishes is not None
        assert answers is not None
        async with self._turn:
            wishes.write(f"{self._place} {what}\n".encode())
            if await answers.readline() != b"done\n":
                raise ConnectionError(f"the roads are gone; one was to {what}")


@asynccontextmanager
async def open_roads(*targets: int) -> AsyncGenerator[Sequence[Road]]:
    """Open a road to each port, until the end or our own."""
    command = (sys.executable, "-m", "tests.crash.roads", *map(str, targets))
    # A session of its own: Ctrl-C is for us, who end it in our own time.
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ports = map(int, (await process.stdout.readline()).split())
        turn = asyncio.Lock()
        yield [Road(port, place, process, turn) for place, port in enumerate(ports)]
    finally:
        process.stdin.close()
        await process.wait()


async def serve(targets: Sequence[int]) -> None:
    """Say which ports lead there, and do what each line of the input says, until it ends."""
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy.to(target)) for target in targets]
        _say(*(proxy.port for proxy in proxies))
        while line := await asyncio.to_thread(sys.stdin.readline):
            place, what, *arguments = line.split()
            getattr(proxies[int(place)], what)(*map(int, arguments))
            _say("done")


def _say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(serve([int(each) for each in sys.argv[1:]]))
