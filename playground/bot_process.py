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
OURS = (
    "DISCORD_TOKEN",
    "DISCORD_API_URL",
    "DISCORD_CDN_URLS",
    "PIXELDOJO_API_KEY",
    "PIXELDOJO_API_URL",
    "PIXELDOJO_MODELS",
    "PIXELDOJO_REQUESTS_PER_MINUTE",
    "PIXELDOJO_SUBMITS_PER_MINUTE",
    "PIXELDOJO_WEBHOOK_URL",
    "WEBHOOK_LISTEN",
    "DATA_DIR",
    "DATABASE_URL",
    "FILES_URL",
    "MAX_JOBS_IN_FLIGHT",
    "MAX_JOBS_PER_MEMBER",
    "MAX_WAITING_PER_MEMBER",
    "MEMBER_SUBMITS_PER_MINUTE",
    "ALLOWED_GUILDS",
    "KEY_CREDITS_PER_DAY",
    "DEFAULT_MEMBER_CREDITS",
    "DEFAULT_SERVER_CREDITS",
    "ACCOUNT_DAYS",
    "JOINED_MINUTES",
    "OPERATOR_GUILD",
    "OPERATOR_CONTACT",
    "PRIVACY_URL",
    "ERASURE_SECRET",
    "LOG_LEVEL",
)
"""Settings of a real bot that must not leak into the playground: an empty value counts as unset."""
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


class BotProcess:
    """Runs ``bot.py`` with the given settings; what it prints goes to our own standard error."""

    def __init__(self, *, settings: Mapping[str, str], program: Path = ROOT / "bot.py") -> None:
        self._program = program
        self._settings = {**dict.fromkeys(OURS, ""), **settings}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(self._program), cwd=ROOT, env={**os.environ, **self._settings}
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
