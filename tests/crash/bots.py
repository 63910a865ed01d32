"""Bots by the dozen: processes of their own, forked from one that has done their imports."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from tests.crash.touches import Order

ROOT = Path(__file__).parents[2]


class Bot:
    """A running bot; ``ended`` becomes its exit status, negative for a signal."""

    def __init__(self, *, pid: int, ended: "asyncio.Task[int]") -> None:
        self.pid = pid
        self.ended = ended

    @property
    def alive(self) -> bool:
        return not self.ended.done()

    async def kill(self) -> None:
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        await self.ended


class ForkServer:
    """Starts one bot at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._wishes, self._answers = process.stdin, process.stdout

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncGenerator[Self]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.fork_server",
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def start(
        self, *, settings: Mapping[str, str], log: Path, trace: Path, order: Order | None = None
    ) -> Bot:
        wish = {
            "settings": dict(settings),
            "log": str(log),
            "trace": str(trace),
            "order": str(order) if order else "",
        }
        self._wishes.write(json.dumps(wish).encode() + b"\n")
        pid = await self._answer()
        return Bot(pid=pid, ended=asyncio.create_task(self._answer()))

    async def _answer(self) -> int:
        answer = await self._answers.readline()
        if not answer:
            raise RuntimeError("The fork_server has ended: what the bot imports cannot be imported.")
        return int(answer)
