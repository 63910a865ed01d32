"""A stand-in Discord on loopback: REST, gateway, CDN and the page's server. It knows nothing of the bot."""

from playground.discord.server import DiscordStandIn

__all__ = ["DiscordStandIn"]
