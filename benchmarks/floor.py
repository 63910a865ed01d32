"""The least that a bot for this could cost: bare discord.py and aiohttp, the same traffic, nothing stored.

Run by ``python -m benchmarks.bot`` beside the real one. It makes the requests that the bot makes for a job,
with equal components and equally large files: first answer, source, submission, questions, result, edits,
upload, reaction. It keeps no rows and no files, checks nothing, survives nothing. Settings are the bot's own;
``FLOOR`` is JSON with ``sheet`` (bytes of the contact sheet), ``every`` (seconds between questions) and
``uvloop`` (whether to run on it, as the bot does; bare asyncio is what a script would use).
"""

import asyncio
import io
import json
import os
from typing import Any

import aiohttp
import discord
import uvloop
from discord import app_commands, ui
from discord.http import Route

AMBER, GREEN, GREY = 0xF0B232, 0x23A55A, 0x80848E
LABELS = ("Reroll · 4 credits", "Edit result · 4 credits", "Delete · free")
EMOJI = ("🔁", "✏️", "🗑️")


def card(
    state: str, prompt: str, member: int, job: str, *, colour: int, picture: str, sheet: str = ""
) -> ui.LayoutView:
    """Return a card with the components of the bot's."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    head: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay(f"### {state}\n> {prompt}")
    if sheet:
        thumbnail: ui.Thumbnail[ui.LayoutView] = ui.Thumbnail(sheet, description="The source image")
        container.add_item(ui.Section(head, accessory=thumbnail))
    else:
        container.add_item(head)
    container.add_item(ui.MediaGallery(discord.MediaGalleryItem(picture, description="Source 1")))
    container.add_item(ui.TextDisplay(f"-# gpt-image-1-5-edit · paid by <@{member}>"))
    layout.add_item(container)
    labels = LABELS if sheet else ("Cancel · free",) if colour == GREY else ()
    if labels:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for number, label in enumerate(labels):
            emoji = EMOJI[number] if sheet else None
            row.add_item(ui.Button(label=label, emoji=emoji, custom_id=f"dr:{number}:{job}"))
        layout.add_item(row)
    return layout


class Floor(discord.AutoShardedClient):
    """Answers ``/edit`` and does the rest of a job in memory."""

    def __init__(self, *, sheet: int, every: float) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_reactions=True),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="edit", description="Edit an image")(self.edit)
        self._sheet, self._every = bytes(sheet), every
        self._api = os.environ["PIXELDOJO_API_URL"]
        self._http: aiohttp.ClientSession

    async def setup_hook(self) -> None:
        """Tell Discord of the command."""
        key = os.environ["PIXELDOJO_API_KEY"]
        self._provider = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})
        self._files = aiohttp.ClientSession()
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Say that it is there, as the bot does."""
        print("Ready as floor", flush=True)

    async def edit(
        self, interaction: discord.Interaction[Any], prompt: str, image: discord.Attachment
    ) -> None:
        """Do one job."""
        job, member = f"i{interaction.id}", interaction.user.id

        def shown(state: str, colour: int, picture: str = image.url, sheet: str = "") -> ui.LayoutView:
            return card(state, prompt, member, job, colour=colour, picture=picture, sheet=sheet)

        await interaction.response.send_message(view=shown("Queued · 0 ahead · starts <t:1:R>", GREY))
        await self._get(image.url)
        await interaction.edit_original_response(view=shown("Submitting", AMBER))
        name = await self._submit(prompt, image.url)
        await interaction.edit_original_response(view=shown("Running · done about <t:1:R>", AMBER))
        result = await self._get(await self._result(name))
        names = (f"darkroom-{job}-1.png", "sources.jpg")
        files = [
            discord.File(io.BytesIO(data), filename=each)
            for data, each in zip((result, self._sheet), names, strict=True)
        ]
        place, sheet = (f"attachment://{each}" for each in names)
        message = await interaction.edit_original_response(
            view=shown("Done · 4 credits", GREEN, place, sheet), attachments=files
        )
        await message.add_reaction("🔁")

    async def _get(self, url: str) -> bytes:
        async with self._files.get(url) as reply:
            return await reply.read()

    async def _submit(self, prompt: str, url: str) -> str:
        address = f"{self._api}/models/gpt-image-1-5-edit/run"
        async with self._provider.post(address, json={"prompt": prompt, "image_urls": [url]}) as reply:
            return str((await reply.json())["jobId"])

    async def _result(self, name: str) -> str:
        while True:
            await asyncio.sleep(self._every)
            async with self._provider.get(f"{self._api}/jobs/{name}") as reply:
                told = await reply.json()
            if told["status"] == "completed":
                return str(told["output"]["images"][0])

    async def close(self) -> None:
        """Close the sessions."""
        await self._provider.close()
        await self._files.close()
        await super().close()


async def run(recipe: dict[str, Any]) -> None:
    """Run until SIGTERM."""
    Route.BASE = os.environ["DISCORD_API_URL"]
    async with Floor(sheet=recipe["sheet"], every=recipe["every"]) as floor:
        loop = asyncio.get_running_loop()
        connected = asyncio.create_task(floor.start(os.environ["DISCORD_TOKEN"]))
        loop.add_signal_handler(15, connected.cancel)
        await asyncio.wait({connected})


if __name__ == "__main__":
    settings = json.loads(os.environ["FLOOR"])
    (uvloop.run if settings["uvloop"] else asyncio.run)(run(settings))
