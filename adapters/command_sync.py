"""Telling Discord of the commands: only when they changed, since it counts 200 creations a day."""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from jobs.archive import Archive

log = logging.getLogger(__name__)

FACT = "commands"
"""What was told last: a stamp of all commands, and the ids that Discord gave them."""


class CommandSync:
    """Keeps Discord's list of our commands like ours."""

    def __init__(self, *, tree: app_commands.CommandTree[Any], archive: Archive) -> None:
        self._tree = tree
        self._archive = archive
        self.ids: dict[str, int] = {}
        """What Discord calls our commands, by name, once they are published."""

    async def publish(self) -> None:
        """Write the commands if they differ from what Discord has."""
        names, stamp = self._ours()
        told = json.loads(await self._archive.fact(FACT) or "{}")
        there = await self._theirs(told.get("ids", {}))
        if told.get("stamp") == stamp and there.keys() == names:
            self.ids.update(there)
            return
        there = {command.name: command.id for command in await self._tree.sync()}
        await self._archive.set_fact(FACT, json.dumps({"stamp": stamp, "ids": there}))
        log.info("Discord knows %d commands now.", len(there))
        self.ids.update(there)

    def _ours(self) -> tuple[set[str], str]:
        tree = self._tree
        kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
        commands = [command.to_dict(tree) for kind in kinds for command in tree.get_commands(type=kind)]
        digest = hashlib.sha256(json.dumps(commands, sort_keys=True, default=str).encode()).hexdigest()
        return {command["name"] for command in commands}, f"{tree.client.application_id}:{digest}"

    async def _theirs(self, remembered: Mapping[str, int]) -> dict[str, int]:
        """Return what Discord has; where it does not say, what it had when it was told last."""
        try:
            return {command.name: command.id for command in await self._tree.fetch_commands()}
        except discord.HTTPException as error:
            log.warning("Discord does not list our commands (HTTP %d).", error.status)
            return dict(remembered)
