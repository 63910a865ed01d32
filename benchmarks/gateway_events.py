"""What the events cost that come along with deletions of messages: ``python -m benchmarks.gateway_events``.

The library's own receiving, without a socket: decompressed, decoded, parsed or not. A server's message holds what
Discord sends of one (author, member, mentions), but no content: that is privileged.
"""

import asyncio
import json
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from adapters.client import UNHEARD
from domain.clock import SystemClock
from jobs.keeping.outside import Outside
from storage.database import open_database

EVENTS = 20_000
DELETIONS = 2_000
GUILD, CHANNEL, AUTHOR = 1_100_000_000_000_000_001, 1_100_000_000_000_000_002, 1_100_000_000_000_000_003


def message(number: int) -> dict[str, Any]:
    """Return a message as Discord tells of it without the privileged intent."""
    user = {"id": str(AUTHOR), "username": "somebody", "global_name": "Somebody", "avatar": "a" * 32}
    return {
        "id": str(1_200_000_000_000_000_000 + number),
        "channel_id": str(CHANNEL),
        "guild_id": str(GUILD),
        "author": {**user, "discriminator": "0", "public_flags": 0, "clan": None, "primary_guild": None},
        "member": {"roles": [str(GUILD + n) for n in range(5)], "joined_at": "2024-01-01T00:00:00+00:00",
                   "nick": None, "mute": False, "deaf": False, "flags": 0, "avatar": None},
        "content": "", "timestamp": "2026-11-30T08:00:00.000000+00:00", "edited_timestamp": None, "tts": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "components": [], "pinned": False, "type": 0, "flags": 0, "nonce": "1" * 19, "channel_type": 0,
    }  # fmt: skip


def frames(event: str, payloads: list[dict[str, Any]]) -> list[bytes]:
    """Return events as the gateway sends them: one compressed stream."""
    packed = zlib.compressobj()
    made: list[bytes] = []
    for number, data in enumerate(payloads, 1):
        text = json.dumps({"t": event, "s": number, "op": 0, "d": data}, separators=(",", ":")).encode()
        made.append(packed.compress(text) + packed.flush(zlib.Z_SYNC_FLUSH))
    return made


def nobody(*_told: object) -> None:
    """Hear of an event and do nothing."""


def state_of(bot: commands.AutoShardedBot) -> Any:
    """Return the library's state, which hands on to nobody."""
    state = vars(bot)["_connection"]
    state.dispatch = nobody
    return state


def socket_of(bot: commands.AutoShardedBot) -> DiscordWebSocket:
    """Return the library's receiver, without a connection."""
    none: Any = None
    ws = DiscordWebSocket(none, loop=asyncio.get_running_loop())
    vars(ws).update(_discord_parsers=state_of(bot).parsers, _dispatch=nobody, shard_id=0)
    return ws


async def cost(bot: commands.AutoShardedBot, event: str, payloads: list[dict[str, Any]]) -> float:
    """Return microseconds of processor time an event."""
    ws, told = socket_of(bot), frames(event, payloads)
    began = time.process_time()
    for frame in told:
        await ws.received_message(frame)
    return (time.process_time() - began) / len(told) * 1e6


async def deletions(look: Callable[[list[int]], Awaitable[None]]) -> float:
    """Return microseconds of processor time, both threads', a deletion of a message that is no card."""
    began = time.process_time()
    for number in range(DELETIONS):
        await look([number + 1])
    return (time.process_time() - began) / DELETIONS * 1e6


def made() -> commands.AutoShardedBot:
    """Return a client with the bot's own intents and flags that is not connected."""
    return commands.AutoShardedBot(
        command_prefix=commands.when_mentioned,
        intents=discord.Intents(guilds=True, guild_reactions=True, guild_messages=True),
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        max_messages=None,
    )


async def main() -> None:
    """Print the table of docs/benchmarks.md."""
    payloads = [message(number) for number in range(EVENTS)]
    bot, listening = made(), made()
    for event in UNHEARD:
        del state_of(bot).parsers[event]
    rows = [
        ("a message, dropped before it is parsed (as it is)", await cost(bot, "MESSAGE_CREATE", payloads)),
        ("a message, parsed by the library", await cost(listening, "MESSAGE_CREATE", payloads)),
        ("a deletion, parsed and handed on", await cost(bot, "MESSAGE_DELETE", [
            {"id": each["id"], "channel_id": str(CHANNEL), "guild_id": str(GUILD)} for each in payloads])),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(Path(folder))
        outside = Outside(database=database, clock=SystemClock(), went=lambda: None)
        rows.append(("a deletion, found to be no card of ours", await deletions(outside.messages_deleted)))
        await database.close()
    for what, microseconds in rows:
        print(f"| {what} | {microseconds:.0f} µs |")


if __name__ == "__main__":
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    asyncio.run(main())
