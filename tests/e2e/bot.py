"""The real bot as a process of its own."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from playground.bot_process import bare_environment
from tests.e2e.forked import Forked, start
from tests.e2e.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]


class Bot:
    """Starts, stops, kills and restarts the bot; what it prints goes to a file."""

    def __init__(self, *, folder: Path, settings: Mapping[str, str]) -> None:
        self.data = folder / "data"
        self.log_path = folder / "bot.log"
        self.process: asyncio.subprocess.Process | Forked | None = None
        self._settings = dict(settings)
        folder.mkdir(parents=True, exist_ok=True)

    def settings(self, **more: str) -> dict[str, str]:
        """Return all settings."""
        return {"DATA_DIR": str(self.data), **self._settings, **more}

    def environment(self, *, bare: bool = False, **more: str) -> dict[str, str]:
        """Return a bot's environment; a bare one has no settings but those named, and those of its ``.env``."""
        return bare_environment({"NO_ENV_FILE": "", **more} if bare else self.settings(**more))

    async def start_bot(self, *, program: Path = ROOT / "bot.py", **more: str) -> None:
        """Start the bot and wait until it is ready."""
        times = self.log().count("Ready as") + 1
        self.process = await start(program, environment=self.environment(**more), log=self.log_path)
        await self.logged("Ready as", times=times)

    async def start_by_hand(self, *, tree: Path, **more: str) -> None:
        """Start the bot of a tree as an operator does, anywhere and with no settings but those named."""
        times = self.log().count("Ready as") + 1
        with self.log_path.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(tree / "bot.py"),
                cwd="/",
                env=self.environment(bare=True, **more),
                stdout=log,
                stderr=log,
            )
        await self.logged("Ready as", times=times)

    async def run_bot(
        self, *arguments: str, tree: Path = ROOT, bare: bool = False, **more: str
    ) -> tuple[int, str]:
        """Run the bot's program to its end, anywhere; return its exit status and all that it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(tree / "bot.py"),
            *arguments,
            cwd="/",
            env=self.environment(bare=bare, **more),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        return process.returncode or 0, printed.decode()

    async def kill_bot(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop_bot(self) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    def children(self) -> list[Path]:
        """Return the folders in /proc of the processes that the bot has started; none but on Linux."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [Path("/proc", child) for child in listed.read_text().split()] if listed.exists() else []

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    async def logged(self, text: str, *, times: int = 1) -> None:
        def enough() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, f"the bot ended:\n{self.log()}"
            return self.log().count(text) >= times

        await until(enough, what=lambda: f"{text!r} in the log:\n{self.log()[-4000:]}", seconds=PATIENCE)
