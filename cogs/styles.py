"""``/style``: the looks of a server, for its managers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.app_commands import Choice, Range
from discord.ext import commands

from cogs.allowance import page_start, require_manager
from cogs.services import Services, services_in
from cogs.suggestions import suggest_styles
from domain.errors import Reason, Refusal
from domain.styles import EMOJI, MOST, NAME, TEXT, Style, looks
from domain.views import StyleView
from ui.boundary import PrivateItem
from ui.choices import model_name, suggestions, value_name
from ui.starter_styles import STARTERS
from ui.styles import ROWS, adopt_label, adopted_text, build_styles, removed_text, saved_text

NOTHING = "-"
"""What a style leaves to its member: the value of that suggestion."""
Name = Range[str, 1, NAME]
Text = Range[str, 1, TEXT]
Emoji = Range[str, 1, EMOJI]
Value = Range[str, 1, 100]
DESCRIPTIONS = {
    "name": "What members choose it by",
    "text": "What goes to the image service, with {prompt} where a member’s words go",
    "emoji": "One of the standard emoji, before its name",
    "model": "Which model makes it, unless a member chooses another",
    "size": "Its shape, unless a member chooses another",
    "quality": "Its quality, unless a member chooses another",
}


class StylesPageButton(PrivateItem[ui.Button[Any]], template=r"dr:styles:(?P<offset>[0-9]{1,3})"):
    """Turns to another page of the list."""

    def __init__(self, offset: int, *, label: str = "page", disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=f"dr:styles:{offset}"))
        self.offset = offset

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(int(match["offset"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, if the member still may see it."""
        guild_id = require_manager(interaction)
        view = await _list(services_in(interaction.client), guild_id, self.offset)
        await interaction.response.edit_message(view=view)


class AdoptButton(PrivateItem[ui.Button[Any]], template=r"dr:styles:adopt"):
    """Adds the ten that are ready, or what is missing of them."""

    def __init__(self, missing: int = len(STARTERS)) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label=adopt_label(missing), style=style, custom_id="dr:styles:adopt"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Add those that look like none that is there, and show the list."""
        guild_id, services = require_manager(interaction), services_in(interaction.client)
        added = await services.styles.add(guild_id, STARTERS)
        await interaction.response.edit_message(view=await _list(services, guild_id, 0))
        await interaction.followup.send(adopted_text(len(added)), ephemeral=True)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class StyleCog(
    commands.GroupCog,
    name="Styles",
    group_name="style",
    group_description="Looks that members can give their words",
):
    """Lists, adds, changes and removes styles."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(StylesPageButton, AdoptButton)

    @app_commands.command(name="list", description="All styles of this server, and ten to begin with")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the first page, privately."""
        view = await _list(self._services, require_manager(interaction), 0)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name="add", description="Write a style for this server’s members")
    @app_commands.describe(**DESCRIPTIONS)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def add(
        self,
        interaction: discord.Interaction[Any],
        name: Name,
        text: Text,
        emoji: Emoji | None = None,
        model: Value | None = None,
        size: Value | None = None,
        quality: Value | None = None,
    ) -> None:
        """Add a style."""
        guild_id = require_manager(interaction)
        style = _with(Style(name=name, text=text), emoji=emoji, model=model, size=size, quality=quality)
        if not (added := await self._services.styles.add(guild_id, [style])):
            raise Refusal(Reason.STYLE_TAKEN, style=name)
        await self._say_saved(interaction, guild_id, added[0])

    @app_commands.command(name="edit", description="Change a style: what is left out stays")
    @app_commands.describe(style="Which one", **DESCRIPTIONS)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def edit(
        self,
        interaction: discord.Interaction[Any],
        style: str,
        name: Name | None = None,
        text: Text | None = None,
        emoji: Emoji | None = None,
        model: Value | None = None,
        size: Value | None = None,
        quality: Value | None = None,
    ) -> None:
        """Change what is given."""
        guild_id = require_manager(interaction)
        given = {"name": name, "text": text, "emoji": emoji, "model": model, "size": size, "quality": quality}
        changed = await self._services.styles.change(guild_id, style, lambda before: _with(before, **given))
        await self._say_saved(interaction, guild_id, changed)

    async def _say_saved(self, interaction: discord.Interaction[Any], guild_id: int, style: Style) -> None:
        view = await self._services.styles.view(guild_id, style)
        await interaction.response.send_message(saved_text(view, self._services.command_ids), ephemeral=True)

    @app_commands.command(name="remove", description="Remove a style; what was made with it stays")
    @app_commands.describe(style="Which one")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def remove(self, interaction: discord.Interaction[Any], style: str) -> None:
        """Remove it."""
        guild_id = require_manager(interaction)
        removed = await self._services.styles.remove(guild_id, style)
        await interaction.response.send_message(removed_text(removed), ephemeral=True)

    @edit.autocomplete("style")
    @remove.autocomplete("style")
    async def _suggest_styles(self, interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        return await suggest_styles(interaction, current)

    @add.autocomplete("model")
    @edit.autocomplete("model")
    async def _suggest_models(self, interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        if not self._services.gate.shows(interaction):
            return []
        return _suggested(
            {model: f"{model_name(model)} ({model})" for model in self._services.styles.models()}, current
        )

    @add.autocomplete("size")
    @edit.autocomplete("size")
    async def _suggest_sizes(self, interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        return self._suggest_values(interaction, "size", current)

    @add.autocomplete("quality")
    @edit.autocomplete("quality")
    async def _suggest_qualities(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[Choice[str]]:
        return self._suggest_values(interaction, "quality", current)

    def _suggest_values(
        self, interaction: discord.Interaction[Any], option: str, current: str
    ) -> list[Choice[str]]:
        if not self._services.gate.shows(interaction):
            return []
        wanted = getattr(interaction.namespace, "model", None)
        names = {value: value_name(option, value) for value in self._services.styles.values(option, wanted)}
        return _suggested(names, current)


def _with(style: Style, **given: str | None) -> Style:
    """Return a style with what is given in the place of what it has."""
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name in ("model", "size", "quality"):
        if values.get(name) == NOTHING:
            values[name] = None
    if values.get("emoji") == NOTHING:
        values["emoji"] = ""
    return replace(style, **values)


def _suggested(names: dict[str, str], typed: str) -> list[Choice[str]]:
    return suggestions({NOTHING: "Left to the member", **names}, typed=typed)


async def _list(services: Services, guild_id: int, offset: int) -> ui.LayoutView:
    return listed(await services.styles.views(guild_id), offset=offset, ids=services.command_ids)


def listed(styles: Sequence[StyleView], *, offset: int, ids: Mapping[str, int]) -> ui.LayoutView:
    """Return a page of the list, with what turns it and what adds the ten that are ready, if they fit."""
    buttons: list[ui.Item[Any]] = []
    offset = page_start(offset, len(styles), rows=ROWS)
    if len(styles) > ROWS:
        after = offset + ROWS
        buttons = [
            StylesPageButton(max(offset - ROWS, 0), label="Back", disabled=offset == 0),
            StylesPageButton(after, label="More", disabled=after >= len(styles)),
        ]
    there = set[str]().union(*(looks(view.style) for view in styles))
    missing = sum(there.isdisjoint(looks(style)) for style in STARTERS)
    if 0 < missing <= MOST - len(styles):
        buttons.append(AdoptButton(missing))
    return build_styles(styles, offset=offset, ids=ids, buttons=buttons)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(StyleCog(bot=bot, services=services_in(bot)))
