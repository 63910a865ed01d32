"""What the application's owner is told, by direct message, at most once an hour for the same thing."""

import logging

import aiohttp
import discord

from domain.clock import Clock
from ui.operator_texts import OPERATOR_TEXTS

log = logging.getLogger(__name__)

QUIET = 3_600.0
"""Seconds before the same thing is said again."""


class DiscordOperator:
    """Implements ``jobs.delivery.ports.Operator``."""

    def __init__(self, *, bot: discord.Client, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._said: dict[tuple[str | int, ...], float] = {}

    async def warn(self, key: str, **values: str | int) -> bool:
        """Tell the application's owner something, at most once an hour for the same key (model, options).

        ``False`` if nobody could be told now.
        """
        text = OPERATOR_TEXTS[key].format_map(values)
        log.warning("For the operator: %s", text)
        now = self._clock.monotonic()
        # Two models may end within the same hour, and two prices of one change.
        said = (key, values.get("model", ""), values.get("options", ""))
        if now < self._said.get(said, 0.0):
            return True
        self._said[said] = now + QUIET
        told = await self.tell(text)
        if not told:
            del self._said[said]
        return told

    async def tell(self, text: str) -> bool:
        """Send a direct message to each owner of the application; ``False`` if none got it."""
        told = False
        for owner in await self._owners():
            try:
                channel = await self._bot.create_dm(discord.Object(owner))
                await channel.send(text)
                told = True
            except (discord.HTTPException, aiohttp.ClientError, OSError, RuntimeError) as error:
                # RuntimeError: aiohttp's, of a session that was closed meanwhile.
                log.warning("The operator could not be told (%s).", type(error).__name__)
        return told

    async def _owners(self) -> list[int]:
        info = self._bot.application or await self._bot.application_info()
        if info.team is not None:
            return [member.id for member in info.team.members]
        return [info.owner.id]
