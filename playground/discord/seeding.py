"""The fixed beginning: one server, two channels, two members, a moderator, an owner and the bot."""

import base64
import random

from playground.discord.clock import PlaygroundClock
from playground.discord.model import (
    TEXT_CHANNEL,
    Application,
    Channel,
    Guild,
    Member,
    Overwrite,
    Role,
    User,
)
from playground.discord.permissions import bits
from playground.discord.snowflake import Snowflakes, snowflake
from playground.discord.world import World

FOUNDED = 1_704_067_200_000
"""First of January 2024 in Unix milliseconds: the ids of the seed are made around it."""

EVERYONE = (
    "VIEW_CHANNEL",
    "SEND_MESSAGES",
    "SEND_MESSAGES_IN_THREADS",
    "EMBED_LINKS",
    "ATTACH_FILES",
    "READ_MESSAGE_HISTORY",
    "ADD_REACTIONS",
    "USE_APPLICATION_COMMANDS",
    "CHANGE_NICKNAME",
)
BOT = (
    "VIEW_CHANNEL",
    "SEND_MESSAGES",
    "SEND_MESSAGES_IN_THREADS",
    "EMBED_LINKS",
    "ATTACH_FILES",
    "READ_MESSAGE_HISTORY",
    "ADD_REACTIONS",
)
MODERATOR = ("MANAGE_GUILD", "MODERATE_MEMBERS", "MANAGE_MESSAGES")


class _Numbers:
    """Ids that depend on the seed alone."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._moment = FOUNDED

    def next(self) -> int:
        self._moment += self._rng.randrange(1_000, 3_600_000)
        return snowflake(self._moment, self._rng.randrange(4096))


def bot_token(application_id: int, rng: random.Random) -> str:
    """Make a token of the shape that Discord's have."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    first = base64.urlsafe_b64encode(str(application_id).encode()).decode().rstrip("=")
    return f"{first}.{''.join(rng.choices(letters, k=6))}.{''.join(rng.choices(letters, k=38))}"


def seeded_world(*, clock: PlaygroundClock, seed: int, token: str | None = None) -> World:
    """Make the world that every run starts with.

    Parameters
    ----------
    seed
        Decides all ids and, if none is given, the bot's token.
    """
    rng = random.Random(seed)
    numbers = _Numbers(rng)
    owner = User(numbers.next(), "owner", "Olive", "#7a8ca5")
    guild = Guild(numbers.next(), "Darkroom Test Server", owner.id)
    bot = User(numbers.next(), "Darkroom", "Darkroom", "#b4453a", bot=True)
    mod = User(numbers.next(), "mod", "Mod", "#3f7d58")
    application = Application(bot.id, "Darkroom", bot, mod.id, token or bot_token(bot.id, rng))
    world = World(clock, Snowflakes(clock=clock), rng, guild, application)
    _add_roles(world, numbers)
    moderators = next(role for role in guild.roles.values() if role.name == "Moderators")
    apps = next(role for role in guild.roles.values() if role.managed)
    _join(world, owner, [], hidden=True)
    _join(world, bot, [apps.id], hidden=True)
    _join(world, User(numbers.next(), "ann", "Ann", "#3c6fd1"), [])
    _join(world, User(numbers.next(), "ben", "Ben", "#c07a1f"), [])
    _join(world, mod, [moderators.id])
    _add_channels(world, numbers)
    return world


def _add_roles(world: World, numbers: _Numbers) -> None:
    guild = world.guild
    guild.roles[guild.id] = Role(guild.id, "@everyone", bits(EVERYONE))
    for position, (name, granted, color, managed) in enumerate(
        (("Darkroom", BOT, 0, True), ("Moderators", MODERATOR, 0x3F7D58, False)), start=1
    ):
        role = Role(numbers.next(), name, bits(granted), position, color, managed)
        guild.roles[role.id] = role


def _join(world: World, user: User, roles: list[int], *, hidden: bool = False) -> None:
    world.users[user.id] = user
    world.guild.members[user.id] = Member(user, roles, FOUNDED, hidden)


def _add_channels(world: World, numbers: _Numbers) -> None:
    for position, name in enumerate(("darkroom", "lounge")):
        channel = Channel(numbers.next(), TEXT_CHANNEL, name, world.guild.id, position)
        channel.overwrites[world.bot.id] = Overwrite(world.bot.id, 1)
        world.guild.channels.append(channel)
        world.channels[channel.id] = channel
    for member in world.guild.members.values():
        if not member.hidden:
            channel = Channel(numbers.next(), 1, world.bot.title, recipient_id=member.user.id)
            world.direct[member.user.id] = world.channels[channel.id] = channel
