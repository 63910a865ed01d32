"""The bot as a process of its own, started by the same ``bot.py`` that runs on Discord."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 40.0
"""Seconds that the bot may take to stop."""
NEEDED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
NEEDED_TOO = ("LC_", "PYTHON")
"""What any program may need of an environment, and how more such names begin. A bot that is only tried gets
nothing else of it: settings come to be, and one that is forgotten here would be the real database."""
NO_STRANGERS = {
    "MAX_WAITING_PER_MEMBER": "1000",
    "MEMBER_SUBMITS_PER_MINUTE": "6000",
    "ACCOUNT_DAYS": "0",
    "JOINED_MINUTES": "0",
}
"""Settings for a server that came to be a moment ago, and for whoever plays all of its members."""
NOTHING_AT_STAKE = {
    **NO_STRANGERS,
    "ALLOWED_GUILDS": "any",
    "KEY_CREDITS_PER_DAY": "unlimited",
    "DEFAULT_MEMBER_CREDITS": "unlimited",
}
"""Settings for a provider that takes no money: what guards a real key would only be in the way."""


def bare_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that holds these settings and none of a real bot's: nor is its ``.env`` read."""
    needed = {
        name: value for name, value in os.environ.items() if name in NEEDED or name.startswith(NEEDED_TOO)
    }
    return {**needed, "NO_ENV_FILE": "1", **settings}


class BotProcess:
    """Runs ``bot.py`` with the given settings; what it prints goes to our own standard error."""

    def __init__(self, *, settings: Mapping[str, str], program: Path = ROOT / "bot.py") -> None:
        self._program = program
        self._settings = dict(settings)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(self._program), cwd=ROOT, env=bare_environment(self._settings)
        )

    async def wait(self) -> int:
        """Wait until it has ended by itself and return its exit status."""
        assert self._process is not None
        return await self._process.wait()

    def kill(self) -> None:
        """End it as a machine does that fails: it has no time for anything."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """Ask it to stop, and end it if it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
