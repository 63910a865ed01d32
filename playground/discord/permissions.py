"""Permission bits and how roles and overwrites make them.

The order is Discord's own: https://discord.com/developers/docs/topics/permissions#permission-overwrites
"""

from collections.abc import Iterable

from playground.discord.model import Channel, Guild, Overwrite

NAMES: dict[str, int] = {
    "CREATE_INSTANT_INVITE": 1 << 0,
    "KICK_MEMBERS": 1 << 1,
    "BAN_MEMBERS": 1 << 2,
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5,
    "ADD_REACTIONS": 1 << 6,
    "VIEW_AUDIT_LOG": 1 << 7,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "SEND_TTS_MESSAGES": 1 << 12,
    "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14,
    "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17,
    "USE_EXTERNAL_EMOJIS": 1 << 18,
    "CONNECT": 1 << 20,
    "SPEAK": 1 << 21,
    "CHANGE_NICKNAME": 1 << 26,
    "MANAGE_NICKNAMES": 1 << 27,
    "MANAGE_ROLES": 1 << 28,
    "MANAGE_WEBHOOKS": 1 << 29,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "CREATE_PRIVATE_THREADS": 1 << 36,
    "USE_EXTERNAL_STICKERS": 1 << 37,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "MODERATE_MEMBERS": 1 << 40,
    "SEND_VOICE_MESSAGES": 1 << 46,
    "SEND_POLLS": 1 << 49,
    "USE_EXTERNAL_APPS": 1 << 50,
}
ALL = sum(NAMES.values())
DIRECT = (
    NAMES["VIEW_CHANNEL"]
    | NAMES["SEND_MESSAGES"]
    | NAMES["READ_MESSAGE_HISTORY"]
    | NAMES["ATTACH_FILES"]
    | NAMES["EMBED_LINKS"]
    | NAMES["MENTION_EVERYONE"]
    | NAMES["ADD_REACTIONS"]
    | NAMES["USE_EXTERNAL_EMOJIS"]
)
"""What everybody has in a direct-message channel."""


def bits(names: Iterable[str]) -> int:
    """Add up permissions by name, in any letter case.

    Raises
    ------
    ValueError
        If a name is not one of Discord's.
    """
    total = 0
    for name in names:
        bit = NAMES.get(name.upper())
        if bit is None:
            raise ValueError(f"{name} is not a permission.")
        total |= bit
    return total


def has(permissions: int, name: str) -> bool:
    """Say whether the bits contain a permission."""
    return permissions & NAMES[name] == NAMES[name]


def base(guild: Guild, user_id: int) -> int:
    """Compute what a member's roles allow in the whole server."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return ALL
    total = guild.roles[guild.id].permissions
    for role_id in member.roles:
        total |= guild.roles[role_id].permissions
    return ALL if has(total, "ADMINISTRATOR") else total


def in_channel(guild: Guild, channel: Channel, user_id: int) -> int:
    """Compute what a member may do in one channel of the server."""
    total = base(guild, user_id)
    member = guild.members.get(user_id)
    if member is None or has(total, "ADMINISTRATOR"):
        return total
    total = _apply(total, [channel.overwrites.get(guild.id)])
    total = _apply(total, [channel.overwrites.get(role) for role in member.roles])
    total = _apply(total, [channel.overwrites.get(user_id)])
    if not has(total, "VIEW_CHANNEL"):
        return 0
    if not has(total, "SEND_MESSAGES"):
        total &= ~bits(["MENTION_EVERYONE", "SEND_TTS_MESSAGES", "ATTACH_FILES", "EMBED_LINKS"])
    return total


def _apply(permissions: int, overwrites: Iterable[Overwrite | None]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        if overwrite is not None:
            allow |= overwrite.allow
            deny |= overwrite.deny
    return (permissions & ~deny) | allow
