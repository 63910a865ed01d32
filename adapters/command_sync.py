"""Telling Discord of the commands: only when they changed, since it counts 200 creations a day."""

import hashlib
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import discord
from discord import app_commands

from adapters.login import CommandsRefused, from_discord
from jobs.keeping.archive import Archive

log = logging.getLogger(__name__)

PLAIN = "plain"
"""Among a command's extras: Discord does not take all that it would say."""
FACT = "commands"
"""What was told last: a stamp of all commands, and the ids that Discord gave them."""


class CommandSync:
    """Keeps Discord's list of our commands like ours."""

    def __init__(
        self, *, tree: app_commands.CommandTree[Any], archive: Archive, operator_guild: int | None
    ) -> None:
        self._tree = tree
        self._archive = archive
        self._operator_guild = operator_guild
        self.ids: dict[str, int] = {}
        """What Discord calls our commands, by name, once they are published."""

    async def were_told(self) -> bool:
        """Tell whether Discord was told of commands before: this is not the first start of all."""
        return await self._archive.fact(FACT) is not None

    async def publish(self) -> None:
        """Write the commands if they differ from what Discord has.

        Raises
        ------
        NotDiscord, CommandsRefused
            What answers is something else, or Discord does not take them.
        discord.HTTPException, aiohttp.ClientError, OSError
            Discord cannot be reached, or is ill.
        """
        names, stamp = self._ours()
        told = json.loads(await self._archive.fact(FACT) or "{}")
        there = await self._theirs(told.get("ids", {}))
        if told.get("stamp") == stamp and there.keys() == names:
            if told.get(PLAIN):
                self._say_less()
            self.ids.update(there)
            return
        commands, plain = await self._write()
        there = {command.name: command.id for command in commands}
        complete = await self._publish_to_operator(told.get("guild"))
        fact = {
            "stamp": stamp if complete else "",
            "ids": there,
            "guild": self._operator_guild,
            PLAIN: plain,
        }
        await self._archive.set_fact(FACT, json.dumps(fact))
        log.info("Discord knows %d commands now.", len(there))
        self.ids.update(there)

    async def _write(self) -> tuple[list[app_commands.AppCommand], bool]:
        """Write the commands; without what is newer than a Discord that refuses it, which is then said."""
        try:
            return await self._sync(), False
        except discord.HTTPException as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            log.warning("Discord refuses our commands as they are: trying without kinds of files.")
        self._say_less()
        try:
            return await self._sync(), True
        except discord.HTTPException as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            raise CommandsRefused(str(error.status)) from error

    async def _sync(self, guild: discord.Object | None = None) -> list[app_commands.AppCommand]:
        with from_discord():
            return await self._tree.sync(guild=guild)

    def _say_less(self) -> None:
        for command in self._tree.get_commands(type=discord.AppCommandType.chat_input):
            command.extras[PLAIN] = True

    async def _publish_to_operator(self, told: int | None) -> bool:
        """Write the operator's own commands to their server, and take them from where they were before."""
        if told is not None and told != self._operator_guild:
            await self._sync_in(told)
        return self._operator_guild is None or await self._sync_in(self._operator_guild)

    async def _sync_in(self, guild_id: int) -> bool:
        try:
            await self._sync(discord.Object(guild_id))
        except discord.HTTPException as error:
            log.warning("Server %d does not take the operator's commands (HTTP %d).", guild_id, error.status)
            return False
        return True

    def _ours(self) -> tuple[set[str], str]:
        tree = self._tree
        kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
        commands = [command.to_dict(tree) for kind in kinds for command in tree.get_commands(type=kind)]
        own = None if self._operator_guild is None else discord.Object(self._operator_guild)
        theirs = [] if own is None else [command.to_dict(tree) for command in tree.get_commands(guild=own)]
        told = [commands, self._operator_guild, theirs]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
        return {command["name"] for command in commands}, f"{tree.client.application_id}:{digest}"

    async def _theirs(self, remembered: Mapping[str, int]) -> dict[str, int]:
        """Return what Discord has; where it does not say, what it had when it was told last."""
        try:
            with from_discord():
                return {command.name: command.id for command in await self._tree.fetch_commands()}
        except discord.HTTPException as error:
            log.warning("Discord does not list our commands (HTTP %d).", error.status)
            return dict(remembered)
