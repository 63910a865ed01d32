"""``python -m benchmarks.bare_bot``: the least that answers ``/edit``, to compare with.

Bare discord.py on the bot's own event loop: one command, one sentence, no job, no row, no file.
"""

import asyncio
import os
import signal
from typing import Any

import discord
import uvloop
from discord import app_commands
from discord.http import Route


class BareBot(discord.AutoShardedClient):
    """Answers and forgets."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="edit", description="Edit an image")(self.edit)

    async def setup_hook(self) -> None:
        """Tell Discord of the command."""
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Say that it is there, as the bot does."""
        print("Ready as the bare bot", flush=True)

    async def edit(
        self, interaction: discord.Interaction[Any], prompt: str, image: discord.Attachment
    ) -> None:
        """Answer."""
        await interaction.response.send_message(f"{image.filename}: {prompt}")


async def run() -> None:
    """Run until SIGTERM."""
    Route.BASE = os.environ["DISCORD_API_URL"]
    async with BareBot() as bot:
        connected = asyncio.create_task(bot.start(os.environ["DISCORD_TOKEN"]))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, connected.cancel)
        await asyncio.wait({connected})


if __name__ == "__main__":
    uvloop.run(run())
