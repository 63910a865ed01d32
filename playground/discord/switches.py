"""Fault switches that change the server itself, and tell the bot about it as Discord would."""

from playground.discord import intents
from playground.discord.faults import Faults
from playground.discord.gateway import GatewayHub
from playground.discord.jsons import JsonObject, as_list
from playground.discord.model import Channel, Overwrite
from playground.discord.permissions import bits
from playground.discord.render import channel_for_bot_json, guild_create_json, guild_json
from playground.discord.world import World


class Switches:
    """Sets the switches and does what they mean."""

    def __init__(self, *, world: World, faults: Faults, gateway: GatewayHub) -> None:
        self._world = world
        self._faults = faults
        self._gateway = gateway

    def set(self, body: JsonObject) -> JsonObject:
        """Merge switches and return them all.

        Raises
        ------
        ValueError
            If a name or value makes no sense; nothing is changed then.
        """
        bits([str(name) for name in as_list(body.get("missing_permissions"))])
        self._faults.merge(body)
        if {"channel_hidden", "missing_permissions"} & set(body):
            self._restrict_bot()
        if self._faults.premium_tier != self._world.guild.premium_tier:
            self._world.guild.premium_tier = self._faults.premium_tier
            self._gateway.dispatch("GUILD_UPDATE", guild_json(self._world.guild), needs=intents.GUILDS)
        if self._faults.bot_removed == self._world.bot_inside:
            self._move_bot()
        return self._faults.show()

    def overwrite(self, channel: Channel, overwrite: Overwrite) -> None:
        """Set one overwrite of a channel and tell the bot."""
        channel.overwrites[overwrite.id] = overwrite
        shown = channel_for_bot_json(self._world, channel)
        self._gateway.dispatch("CHANNEL_UPDATE", shown, needs=intents.GUILDS)

    def _restrict_bot(self) -> None:
        names = [*self._faults.missing_permissions]
        if self._faults.channel_hidden:
            names.append("VIEW_CHANNEL")
        darkroom = self._world.guild.channels[0]
        self.overwrite(darkroom, Overwrite(self._world.bot.id, 1, deny=bits(names)))

    def _move_bot(self) -> None:
        world = self._world
        world.bot_inside = not self._faults.bot_removed
        if world.bot_inside:
            world.guild.members[world.bot.id].joined = world.clock.now()
            self._gateway.dispatch(
                "GUILD_CREATE", guild_create_json(world, joined=True), needs=intents.GUILDS
            )
        else:
            self._gateway.dispatch("GUILD_DELETE", {"id": str(world.guild.id)}, needs=intents.GUILDS)
