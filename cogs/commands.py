"""Telling Discord of the commands: only when they changed, since it counts 200 creations a day."""

import hashlib
import json
import logging
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot import DarkroomBot

log = logging.getLogger(__name__)

FACT = "commands"


class CommandRegister:
    """Keeps Discord's list of our commands like ours."""

    def __init__(self, *, bot: "DarkroomBot") -> None:
        self._bot = bot

    async def publish(self) -> dict[str, int]:
        """Write the commands if they differ from what Discord has; return their ids by name."""
        tree = self._bot.tree
        there = {command.name: command.id for command in await tree.fetch_commands()}
        ours = [command.to_dict(tree) for command in tree.get_commands()]
        ours += [command.to_dict(tree) for command in tree.get_commands(type=discord.AppCommandType.message)]
        digest = hashlib.sha256(json.dumps(ours, sort_keys=True, default=str).encode()).hexdigest()
        stamp = f"{self._bot.application_id}:{digest}"
        known = await self._bot.archive.fact(FACT)
        if known == stamp and {command["name"] for command in ours} == there.keys():
            return there
        there = {command.name: command.id for command in await tree.sync()}
        await self._bot.archive.set_fact(FACT, stamp)
        log.info("Discord knows %d commands now.", len(there))
        return there
