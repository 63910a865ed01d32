"""Processes on loopback: both stand-ins, the bot, the floor; what they cost and when they are ready."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from playground.bot_process import NOTHING_AT_STAKE, bare_environment

ROOT = Path(__file__).parents[1]
TICK = 1000 / os.sysconf("SC_CLK_TCK")
"""Milliseconds of one tick of the kernel's bookkeeping."""
PATIENCE = 60.0
"""Seconds within which anything here has started or stopped."""

BOT = ("bot.py",)
FLOOR = ("-m", "benchmarks.floor")


class Program:
    """A Python program that is running; what it prints is kept for a failure to show."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._began = time.perf_counter()
        self._printed: list[str] = []
        self._changed = asyncio.Condition()
        # All that is printed is read at once: a full pipe would hold the program up.
        self._reader = asyncio.create_task(self._read())
        self._ended = False

    @classmethod
    @asynccontextmanager
    async def running(
        cls, arguments: Sequence[str], settings: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Self]:
        """Start a program, and end it as an operator would."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=ROOT,
            env=bare_environment(settings or {}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        program = cls(process)
        try:
            yield program
        finally:
            await program._stop()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            async with self._changed:
                self._printed.append(raw.decode(errors="replace"))
                self._changed.notify_all()
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _printed_with(self, words: str) -> list[str]:
        return [line for line in self._printed if words in line]

    async def line(self, containing: str) -> str:
        """Return the first line that it prints with these words.

        Raises
        ------
        RuntimeError
            It ended before, or printed nothing of the kind for a minute.
        """
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: self._printed_with(containing) or self._ended)
        except TimeoutError:
            self._printed.append("(no answer)")
        if found := self._printed_with(containing):
            return found[0]
        raise RuntimeError(f"{containing!r} was not printed:\n{''.join(self._printed[-40:])}")

    async def ready(self) -> float:
        """Wait until a bot is connected; return the seconds since it was started."""
        await self.line("Ready as")
        return time.perf_counter() - self._began

    def cpu(self) -> float:
        """Return the milliseconds of processor time so far: user and system, ended children included."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) * TICK

    def memory(self) -> float:
        """Return the megabytes that are resident now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    async def _stop(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader


@dataclass(frozen=True, slots=True)
class StandIns:
    """Where the stand-ins listen, and what is needed to talk to them."""

    discord: Mapping[str, str]
    provider: Mapping[str, str]

    @property
    def page(self) -> str:
        """Where the members' side of the stand-in Discord is."""
        return self.discord["origin"]

    @property
    def control(self) -> str:
        """Where the stand-in provider is looked into."""
        return self.provider["api_url"].partition("/api/")[0] + "/control"

    def settings(self, data: Path) -> dict[str, str]:
        """Return what points a bot (or the floor) at them, with limits that never get in the way."""
        return {
            **NOTHING_AT_STAKE,
            "DISCORD_TOKEN": self.discord["token"],
            "DISCORD_API_URL": self.discord["api_url"],
            "DISCORD_CDN_URLS": self.discord["cdn_url"],
            "PIXELDOJO_API_URL": self.provider["api_url"],
            "PIXELDOJO_API_KEY": self.provider["key"],
            "PIXELDOJO_MODELS": "gpt-image-1-5-edit,gpt-image-2-edit",
            "PIXELDOJO_GENERATE_MODELS": "gpt-image-1-5,gpt-image-2",
            "PIXELDOJO_REQUESTS_PER_MINUTE": "6000",
            "PIXELDOJO_SUBMITS_PER_MINUTE": "6000",
            "MAX_JOBS_PER_MEMBER": "1000",
            "MAX_JOBS_IN_FLIGHT": "1000",
            "DATA_DIR": str(data),
        }


@asynccontextmanager
async def stand_ins(*, latency: float, **switches: Any) -> AsyncGenerator[StandIns]:
    """Run the stand-in provider and the stand-in Discord, each a process of its own.

    ``latency`` is a factor on the provider's real durations, ``switches`` its other ones.
    """
    free = {"requests_per_minute": None, "submits_per_minute": None, "fast_results": True, **switches}
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(
            Program.running(
                [
                    *("-m", "playground.pixeldojo", f"--latency={latency}", "--balance=1000000"),
                    f"--switches={json.dumps(free)}",
                ]
            )
        )
        where = json.loads(await provider.line("api_url"))
        discord = await stack.enter_async_context(
            Program.running(["-m", "playground.discord", "--no-rate-limits"])
        )
        yield StandIns(discord=json.loads(await discord.line("api_url")), provider=where)


def free_address() -> str:
    """Return an address on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
