"""A small bot on unmodified discord.py 2.7.1 that uses what an image bot uses."""

import asyncio
import re
from io import BytesIO
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands


class Again(ui.DynamicItem[ui.Button[Any]], template=r"again:(?P<number>\d+)"):
    """A button that works without any view being registered."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "Again":
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"again {self.number}", ephemeral=True)


class Details(ui.Modal, title="More"):
    """A modal with a text field and a file upload."""

    prompt = ui.Label(text="Prompt", component=ui.TextInput[Any](max_length=4000))
    images = ui.Label(text="Images", component=ui.FileUpload[Any](max_values=8, required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        upload, text = self.images.component, self.prompt.component
        assert isinstance(upload, ui.FileUpload)
        assert isinstance(text, ui.TextInput)
        names = ", ".join(item.filename for item in upload.values)
        await interaction.response.send_message(f"{text.value}: {names}")


def card(text: str, *names: str, number: int = 1) -> ui.LayoutView:
    """A Components V2 card: text, a gallery of attached files, one button."""
    view = ui.LayoutView(timeout=None)
    box = ui.Container[Any](ui.TextDisplay(text), accent_color=0x3366FF)
    if names:
        items = [discord.MediaGalleryItem(f"attachment://{name}") for name in names]
        box.add_item(ui.MediaGallery(*items))
    row = ui.ActionRow[Any]()
    row.add_item(Again(number))
    box.add_item(row)
    view.add_item(box)
    return view


def file(name: str, data: bytes) -> discord.File:
    return discord.File(BytesIO(data), name)


class TestBot(commands.AutoShardedBot):
    """Remembers what happens to it."""

    __test__ = False

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True)
        super().__init__(
            "!", intents=intents, allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.01
        )
        self.ready = asyncio.Event()
        self.seen: list[tuple[str, Any]] = []
        self.changed = asyncio.Event()
        self.answers: dict[str, Any] = {}
        self.faults: list[BaseException] = []

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Again)
        add_edit(self)
        add_say(self)
        add_others(self)
        add_group(self)
        self.tree.on_error = self.on_tree_error
        self.registered = await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait the five seconds that discord.py leaves between two sessions."""

    async def on_tree_error(self, _: discord.Interaction, error: BaseException) -> None:
        self.faults.append(getattr(error, "original", error))
        self.changed.set()

    async def on_ready(self) -> None:
        self.ready.set()

    def note(self, name: str, value: Any) -> None:
        self.seen.append((name, value))
        self.changed.set()

    async def on_resumed(self) -> None:
        self.note("resumed", None)

    async def on_shard_connect(self, shard_id: int) -> None:
        self.note("connected", shard_id)

    async def on_message(self, message: discord.Message) -> None:
        self.note("message", message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self.note("deleted", payload)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self.note("reaction", payload)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        self.note("reaction_gone", payload)

    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        self.note("reactions_clear", payload)

    async def on_raw_reaction_clear_emoji(self, payload: discord.RawReactionClearEmojiEvent) -> None:
        self.note("reactions_clear_emoji", payload)

    async def until(self, name: str, count: int = 1) -> Any:
        """Return the so-many-th event of a name; wait for it if need be."""
        async with asyncio.timeout(5):
            while True:
                found = [value for key, value in self.seen if key == name]
                if len(found) >= count:
                    return found[count - 1]
                self.changed.clear()
                await self.changed.wait()

    async def until_fault(self) -> BaseException:
        async with asyncio.timeout(5):
            while not self.faults:
                self.changed.clear()
                await self.changed.wait()
        return self.faults[0]


def add_edit(bot: TestBot) -> None:
    """Register a command with photographs."""

    @bot.tree.command(name="edit", description="Edits images.")
    @app_commands.choices(size=[app_commands.Choice(name="Square", value="1024x1024")])
    async def edit(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 2, 100],
        image: discord.Attachment,
        image2: discord.Attachment | None = None,
        size: app_commands.Choice[str] | None = None,
        count: app_commands.Range[int, 1, 4] = 1,
    ) -> None:
        images = [item for item in (image, image2) if item]
        data = [await item.read() for item in images]
        bot.note("edit", (interaction, prompt, images, size, count))
        names = [f"source{number}.png" for number, _ in enumerate(data)]
        files = [file(name, content) for name, content in zip(names, data, strict=True)]
        reply = await interaction.response.send_message(view=card("Working", *names), files=files)
        bot.note("card", reply.resource)


def add_say(bot: TestBot) -> None:
    """Register a command whose answer the tests decide."""

    @bot.tree.command(name="say", description="Says something.")
    async def say(interaction: discord.Interaction, text: str) -> None:
        bot.note("say", interaction)
        await bot.answers.get("say", plain)(interaction, text)

    @say.autocomplete("text")
    async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}{end}", value=f"{current}{end}") for end in ("a", "b")]


def add_others(bot: TestBot) -> None:
    """Register a command for moderators, one with a modal, and a message command."""

    @bot.tree.command(name="moderate", description="For moderators.")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def moderate(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("moderated", ephemeral=True)

    @bot.tree.command(name="form", description="Opens a form.")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Details())

    @bot.tree.context_menu(name="Edit images")
    async def edit_images(interaction: discord.Interaction, message: discord.Message) -> None:
        names = ", ".join(item.filename for item in message.attachments)
        await interaction.response.send_message(f"{message.content}: {names}", ephemeral=True)


def add_group(bot: TestBot) -> None:
    """Register a command with a subcommand."""
    group = app_commands.Group(name="allowance", description="Allowances.")

    @group.command(name="set", description="Sets one.")
    async def set_allowance(interaction: discord.Interaction, member: discord.Member, credit: float) -> None:
        await interaction.response.send_message(f"{member.name} {credit}")

    bot.tree.add_command(group)


async def plain(interaction: discord.Interaction, text: str) -> None:
    """Answer a /say in the simplest way."""
    await interaction.response.send_message(text)
