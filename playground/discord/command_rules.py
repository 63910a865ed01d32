"""Whether a member may use a command in a channel, by Discord's order of rules.

https://discord.com/developers/docs/interactions/application-commands#permissions
"""

from playground.discord import permissions
from playground.discord.jsons import JsonList, JsonObject, as_id, objects
from playground.discord.model import Channel, Member
from playground.discord.world import World

ROLE, USER, CHANNEL = 1, 2, 3
GUILD_CONTEXT, DIRECT_CONTEXT = 0, 1


def offered_here(command: JsonObject, channel: Channel) -> bool:
    """Say whether a command exists in the server's channels or in direct messages."""
    direct = channel.guild_id is None
    if "guild_id" in command:
        return not direct
    contexts = command.get("contexts")
    if contexts is not None:
        return (DIRECT_CONTEXT if direct else GUILD_CONTEXT) in contexts
    return not direct or command.get("dm_permission") is not False


def may_use(world: World, user_id: int, channel: Channel, command: JsonObject) -> bool:
    """Say whether an account may use a command in a channel."""
    member = world.member(user_id)
    if channel.guild_id is None:
        return True
    if member is None or not world.bot_inside:
        return False
    allowed = world.permissions(user_id, channel)
    if permissions.has(permissions.base(world.guild, user_id), "ADMINISTRATOR"):
        return True
    if not permissions.has(allowed, "USE_APPLICATION_COMMANDS"):
        return False
    rules = world.application.command_rules
    own = rules.get(int(command["id"]))
    general = rules.get(world.application.id, [])
    verdict = _by_rules(general if own is None else own, world.guild.id, channel, member)
    return _by_default(world, user_id, command) if verdict is None else verdict


def _by_rules(rules: JsonList, guild_id: int, channel: Channel, member: Member) -> bool | None:
    said = {
        (rule.get("type"), as_id(rule.get("id"))): rule.get("permission") is True for rule in objects(rules)
    }
    everywhere = said.get((CHANNEL, guild_id - 1), True)
    if not said.get((CHANNEL, channel.id), everywhere):
        return False
    if (USER, member.user.id) in said:
        return said[(USER, member.user.id)]
    of_roles = [said[(ROLE, role)] for role in member.roles if (ROLE, role) in said]
    if of_roles:
        return any(of_roles)
    return said.get((ROLE, guild_id))


def _by_default(world: World, user_id: int, command: JsonObject) -> bool:
    wanted = as_id(command.get("default_member_permissions"))
    if wanted is None:
        return True
    held = permissions.base(world.guild, user_id)
    return wanted != 0 and held & wanted == wanted
