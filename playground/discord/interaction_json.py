"""Discord's JSON objects for interactions.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from playground.discord.jsons import JsonObject
from playground.discord.model import Interaction
from playground.discord.render import channel_json, member_json, user_json
from playground.discord.world import World

IN_GUILD, IN_BOT_DIRECT = 0, 1


def owners(world: World, *, guild: bool) -> JsonObject:
    """Write who authorised the bot here: the server, or nobody in direct messages."""
    return {"0": str(world.guild.id) if guild else "0"}


def interaction_json(world: World, interaction: Interaction, *, limit: int) -> JsonObject:
    """Write what INTERACTION_CREATE carries, without the message of a component.

    Parameters
    ----------
    limit
        Bytes per file for the answer.
    """
    channel = world.channels[interaction.channel_id]
    in_guild = channel.guild_id is not None
    body: JsonObject = {
        "id": str(interaction.id),
        "application_id": str(world.application.id),
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": {
            **channel_json(world, channel),
            "permissions": str(world.permissions(interaction.user_id, channel)),
        },
        "app_permissions": str(world.permissions(world.bot.id, channel)),
        "locale": "en-GB",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(world, guild=in_guild),
        "context": IN_GUILD if in_guild else IN_BOT_DIRECT,
        "attachment_size_limit": limit,
    }
    return body | _asker(world, interaction, in_guild=in_guild)


def _asker(world: World, interaction: Interaction, *, in_guild: bool) -> JsonObject:
    if not in_guild:
        return {"user": user_json(world.users[interaction.user_id])}
    channel = world.channels[interaction.channel_id]
    member = world.guild.members[interaction.user_id]
    allowed = str(world.permissions(interaction.user_id, channel))
    return {
        "guild_id": str(world.guild.id),
        "guild": {"id": str(world.guild.id), "locale": "en-GB", "features": []},
        "guild_locale": "en-GB",
        "member": {**member_json(member), "permissions": allowed},
    }


def metadata_json(world: World, interaction: Interaction) -> JsonObject:
    """Write the ``interaction_metadata`` of a message that answers an interaction."""
    in_guild = world.channels[interaction.channel_id].guild_id is not None
    body: JsonObject = {
        "id": str(interaction.id),
        "type": interaction.kind,
        "user": user_json(world.users[interaction.user_id]),
        "authorizing_integration_owners": owners(world, guild=in_guild),
    }
    if interaction.trigger is not None:
        body["triggering_interaction_metadata"] = metadata_json(world, interaction.trigger)
    elif interaction.source_id is not None:
        body["interacted_message_id"] = str(interaction.source_id)
    elif "name" in interaction.data:
        body |= {"name": interaction.data["name"], "command_type": interaction.data["type"]}
        if interaction.data.get("target_id"):
            body["target_message_id"] = interaction.data["target_id"]
    return body


def callback_json(interaction: Interaction, *, kind: int, message: JsonObject | None) -> JsonObject:
    """Write the reply to a callback that asked for one (``with_response=true``)."""
    about: JsonObject = {"id": str(interaction.id), "type": interaction.kind}
    resource: JsonObject = {"type": kind}
    if message is not None:
        flags = message["flags"]
        about |= {
            "response_message_id": message["id"],
            "response_message_loading": bool(flags & 128),
            "response_message_ephemeral": bool(flags & 64),
            "channel_id": message["channel_id"],
        }
        resource["message"] = message
    return {"interaction": about, "resource": resource}
