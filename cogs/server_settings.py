"""The panel of ``/settings server``: also behind **Set up**, which is on a message that everybody sees."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import discord
from discord import ui
from discord.ext import commands

from cogs.allowance import require_manager
from cogs.forms import open_form
from cogs.services import Services, services_in
from cogs.words_form import WordsForm
from domain.places import Deed
from domain.server_settings import ServerSettings
from ui.boundary import PrivateItem, SafeItem
from ui.server_settings import (
    ANSWERS_IN,
    LIMITS,
    LOG,
    NO_LOG_THERE,
    RULES,
    RULES_TEXT,
    STYLES,
    Section,
    build_server_panel,
    words_text,
)

MOST_CHANNELS = 25
"""Entries of one menu that can be chosen at once (Discord)."""
WITH_MESSAGES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]
"""Discord's description of its API names no media channels here."""


class AnswersInMenu(PrivateItem[ui.ChannelSelect[Any]], template=r"dr:server:answers-in"):
    """Chooses where images may be asked for, at once."""

    def __init__(self, channels: Sequence[int] = ()) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id="dr:server:answers-in",
                placeholder="Every channel",
                channel_types=WITH_MESSAGES,
                min_values=0,
                max_values=MOST_CHANNELS,
                default_values=[discord.Object(each) for each in channels],
            )
        )

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen and show the panel as it is then."""
        await _change(interaction, lambda before, chosen: replace(before, answers_in=tuple(map(int, chosen))))


class RulesMenu(PrivateItem[ui.Select[Any]], template=r"dr:server:rules"):
    """Switches a server's rules for images on and off, at once."""

    def __init__(self, settings: ServerSettings | None = None) -> None:
        super().__init__(
            ui.Select(
                custom_id="dr:server:rules",
                placeholder="No rules",
                min_values=0,
                max_values=len(RULES),
                options=[
                    discord.SelectOption(
                        label=label,
                        value=name,
                        description=description,
                        default=settings is not None and getattr(settings, name),
                    )
                    for name, (label, description) in RULES.items()
                ],
            )
        )

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen and show the panel as it is then."""
        await _change(interaction, _switched)


class LogMenu(PrivateItem[ui.ChannelSelect[Any]], template=r"dr:server:log"):
    """Chooses where every job is told of, at once."""

    def __init__(self, channel_id: int | None = None) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id="dr:server:log",
                placeholder="No log",
                channel_types=[discord.ChannelType.text, discord.ChannelType.news],
                min_values=0,
                max_values=1,
                default_values=[] if channel_id is None else [discord.Object(channel_id)],
            )
        )

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen and show the panel as it is then."""
        await _change(
            interaction, lambda before, chosen: replace(before, log_channel=next(map(int, chosen), None))
        )


class WordsButton(PrivateItem[ui.Button[Any]], template=r"dr:server:words"):
    """Opens the form with the words that prompts may not have."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label="Change the words", custom_id="dr:server:words"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled with the words so far."""
        guild_id, services = require_manager(interaction), services_in(interaction.client)
        settings = await services.servers.settings(guild_id)
        form = WordsForm(opened_by=interaction, words=settings.words, save=save_words)
        await open_form(interaction, form)


class SetUpButton(SafeItem[ui.Button[Any]], template=r"dr:set-up"):
    """Opens the panel for whoever may use it."""

    def __init__(self) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label="Set up", style=style, custom_id="dr:set-up"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the panel, privately."""
        await show_server_settings(interaction)


async def show_server_settings(interaction: discord.Interaction[Any]) -> None:
    """Answer a manager with the panel, privately.

    Raises
    ------
    Refusal
        They may not manage this server, or it is none.
    """
    guild_id, services = require_manager(interaction), services_in(interaction.client)
    settings = await services.servers.settings(guild_id)
    await interaction.response.send_message(view=await _panel(services, guild_id, settings), ephemeral=True)


async def _change(
    interaction: discord.Interaction[Any], change: Callable[[ServerSettings, list[str]], ServerSettings]
) -> None:
    """Save what a manager chose and show the panel as it is then; ``change`` gets the values of a menu."""
    guild_id, services = require_manager(interaction), services_in(interaction.client)
    # Not self.item.values: discord.py finds nothing there where an empty "resolved" comes along.
    chosen: list[str] = cast("dict[str, Any]", interaction.data or {}).get("values", [])
    settings = await services.servers.change(guild_id, lambda before: change(before, chosen))
    await interaction.response.edit_message(view=await _panel(services, guild_id, settings))


async def save_words(interaction: discord.Interaction[Any], words: tuple[str, ...]) -> None:
    """Save the words that prompts may not have and show the panel as it is then."""
    await _change(interaction, lambda before, _: replace(before, words=words))


def _switched(before: ServerSettings, chosen: list[str]) -> ServerSettings:
    switched: dict[str, Any] = {name: name in chosen for name in RULES}
    return replace(before, **switched)


async def _panel(services: Services, guild_id: int, settings: ServerSettings) -> ui.LayoutView:
    unusable = [each.style.label for each in await services.styles.views(guild_id) if each.forbidden]
    log = settings.log_channel
    may_log = log is None or services.rights.may(Deed.SEND, log, files=True)
    controls: list[tuple[str, ui.Item[Any]]] = [
        (ANSWERS_IN, AnswersInMenu(settings.answers_in)),
        (RULES_TEXT, RulesMenu(settings)),
        (words_text(len(settings.words), styles=unusable), WordsButton()),
        (LOG if may_log else f"{LOG}\n{NO_LOG_THERE}", LogMenu(log)),
    ]
    sections = [Section(text=text, controls=[control]) for text, control in controls]
    return build_server_panel(
        [*sections, Section(text=LIMITS), Section(text=STYLES)], ids=services.command_ids
    )


async def setup(bot: commands.Bot) -> None:
    """Let the panel's menus and buttons be found by their ids."""
    bot.add_dynamic_items(AnswersInMenu, RulesMenu, WordsButton, LogMenu, SetUpButton)
