"""Discord's JSON objects for people, roles, channels and the server."""

from playground.discord.clock import iso
from playground.discord.jsons import JsonObject
from playground.discord.model import Channel, Guild, Member, Role, User
from playground.discord.permissions import NAMES
from playground.discord.world import World

HIDDEN_NAME, HIDDEN_FLAG = "___hidden___", 1 << 17
"""What stands for a channel that the bot may not view."""


def user_json(user: User) -> JsonObject:
    """Write a user object."""
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "4321" if user.bot else "0",
        "global_name": None if user.bot else user.title,
        "avatar": None,
        "bot": user.bot,
        "system": False,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "primary_guild": None,
    }


def member_json(member: Member, *, with_user: bool = True) -> JsonObject:
    """Write a guild member object; events about messages leave its user out."""
    body: JsonObject = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in member.roles],
        "joined_at": iso(member.joined),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return {"user": user_json(member.user), **body} if with_user else body


def role_json(role: Role) -> JsonObject:
    """Write a role object."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.managed,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_json(world: World, channel: Channel) -> JsonObject:
    """Write a channel object, of the server or of direct messages."""
    newest = channel.timeline.newest(1)
    body: JsonObject = {
        "id": str(channel.id),
        "type": channel.kind,
        "last_message_id": str(newest[0].id) if newest else None,
        "flags": 0,
    }
    if channel.guild_id is None:
        recipient = world.users[channel.recipient_id] if channel.recipient_id else world.bot
        return {**body, "recipients": [user_json(recipient)]}
    return {
        **body,
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "position": channel.position,
        "permission_overwrites": [
            {"id": str(item.id), "type": item.kind, "allow": str(item.allow), "deny": str(item.deny)}
            for item in channel.overwrites.values()
        ],
        "topic": None,
        "nsfw": channel.nsfw,
        "rate_limit_per_user": 0,
        "parent_id": None,
    }


def channel_for_bot_json(world: World, channel: Channel) -> JsonObject:
    """Write a channel as the gateway shows it to the bot: one that it may not view is made up.

    Only id, type, position and parent are real (Discord's channel obfuscation, since 16 November 2026).
    """
    shown = channel_json(world, channel)
    if world.may(world.bot.id, channel, "VIEW_CHANNEL"):
        return shown
    denied = {"id": str(world.guild.id), "type": 0, "allow": "0", "deny": str(NAMES["VIEW_CHANNEL"])}
    return {
        **shown,
        "name": HIDDEN_NAME,
        "flags": HIDDEN_FLAG,
        "last_message_id": None,
        "permission_overwrites": [denied],
    }


def guild_json(guild: Guild) -> JsonObject:
    """Write a guild object without its channels and members."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "region": "",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "application_id": None,
        "system_channel_id": str(guild.channels[0].id) if guild.channels else None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "preferred_locale": "en-GB",
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "home_header": None,
        "incidents_data": None,
        "widget_enabled": False,
        "widget_channel_id": None,
        "max_members": 500_000,
        "max_presences": None,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": [role_json(role) for role in guild.roles.values()],
    }


def guild_create_json(world: World, *, joined: bool = False) -> JsonObject:
    """Write what GUILD_CREATE carries for a bot without the members intent: itself as the only member.

    Parameters
    ----------
    joined
        Whether the bot has just come into the server; otherwise the server has become available.
    """
    guild = world.guild
    return {
        **({} if joined else {"unavailable": False}),
        **guild_json(guild),
        "joined_at": iso(guild.members[world.bot.id].joined),
        "large": False,
        "member_count": len(guild.members),
        "members": [member_json(guild.members[world.bot.id])],
        "channels": [channel_for_bot_json(world, channel) for channel in guild.channels],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
