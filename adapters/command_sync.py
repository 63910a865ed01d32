"""Telling Discord of the commands: only when they changed, since it counts 200 creations a day."""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot import DarkroomBot

log = logging.getLogger(__name__)

FACT = "commands"
"""What was told last: a stamp of all commands, and the ids that Discord gave them."""


class CommandSync:
    """Keeps Discord's list of our commands like ours."""

    def __init__(self, *, bot: "DarkroomBot") -> None:
        self._bot = bot

    async def publish(self) -> dict[str, int]:
        """Write the commands if they differ from what Discord has; return their ids by name."""
        names, stamp = self._ours()
        told = json.loads(await self._bot.archive.fact(FACT) or "{}")
        there = await self._theirs(told.get("ids", {}))
        if told.get("stamp") == stamp and there.keys() == names:
            return there
        there = {command.name: command.id for command in await self._bot.tree.sync()}
        await self._bot.archive.set_fact(FACT, json.dumps({"stamp": stamp, "ids": there}))
        log.info("Discord knows %d commands now.", len(there))
        return there

    def _ours(self) -> tuple[set[str], str]:
        tree = self._bot.tree
        kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
        commands = [command.to_dict(tree) for kind in kinds for command in tree.get_commands(type=kind)]
        digest = hashlib.sha256(json.dumps(commands, sort_keys=True, default=str).encode()).hexdigest()
        return {command["name"] for command in commands}, f"{self._bot.application_id}:{digest}"

    async def _theirs(self, remembered: Mapping[str, int]) -> dict[str, int]:
        """Return what Discord has; where it does not say, what it had when it was told last."""
        try:
            return {command.name: command.id for command in await self._bot.tree.fetch_commands()}
        except discord.HTTPException as error:
            log.warning("Discord does not list our commands (HTTP %d).", error.status)
            return dict(remembered)
