"""Members' names as of now, for pictures, where a mention cannot stand for itself."""

import asyncio
import logging
from collections.abc import Iterable, Sequence

import aiohttp
import discord

from domain.clock import Clock

log = logging.getLogger(__name__)

KEPT_FOR = 600.0
"""Seconds for which a name is kept."""
PATIENCE = 2.0
"""Seconds that a report waits for names; who is not named by then is shown by id."""
AT_ONCE, PATIENCE_FOR_ALL = 100, 20.0
"""Members that one message to the gateway asks for (Discord), and the seconds that an export waits for it."""


class Names:
    """Asks Discord for members by id, a few at a time. Without the members intent nobody is in a cache."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[int, int], tuple[float, str | None]] = {}

    async def of(self, guild: discord.Guild, member_ids: Iterable[int]) -> dict[int, str]:
        """Return the display names of those who are members now, by id."""
        now = self._clock.monotonic()
        self._kept = {key: value for key, value in self._kept.items() if value[0] > now}
        unknown = [member_id for member_id in set(member_ids) if (guild.id, member_id) not in self._kept]
        if unknown:
            asked = [asyncio.create_task(self._ask(guild, member_id)) for member_id in unknown]
            _, late = await asyncio.wait(asked, timeout=PATIENCE)
            for task in late:
                task.cancel()
        found = {member_id: self._kept.get((guild.id, member_id), (0.0, None))[1] for member_id in member_ids}
        return {member_id: name for member_id, name in found.items() if name is not None}

    async def of_all(self, guild: discord.Guild, member_ids: Sequence[int]) -> dict[int, str]:
        """Return the display names of many, asked for over the gateway: it costs no requests."""
        found: dict[int, str] = {}
        for first in range(0, len(member_ids), AT_ONCE):
            some = list(member_ids[first : first + AT_ONCE])
            try:
                async with asyncio.timeout(PATIENCE_FOR_ALL):
                    members = await guild.query_members(user_ids=some, limit=AT_ONCE, cache=False)
            except (TimeoutError, discord.ClientException, aiohttp.ClientError, OSError) as error:
                log.warning("Names for an export could not be asked for (%s).", type(error).__name__)
                break
            found.update({member.id: member.display_name for member in members})
        return found

    async def _ask(self, guild: discord.Guild, member_id: int) -> None:
        name: str | None = None
        try:
            name = (await guild.fetch_member(member_id)).display_name
        except discord.NotFound:
            log.debug("A member of a report has left.")
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("A member's name could not be asked for (%s).", type(error).__name__)
            return
        self._kept[guild.id, member_id] = (self._clock.monotonic() + KEPT_FOR, name)
