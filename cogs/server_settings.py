"""The panel of ``/settings server``: also behind **Set up**, which is on a message that everybody sees."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self, cast

import discord
from discord import ui
from discord.ext import commands

from cogs.allowance import require_manager
from cogs.services import Services, services_in
from domain.server_settings import ServerSettings
from ui.boundary import PrivateItem, SafeItem
from ui.server_settings import ANSWERS_IN, LIMITS, STYLES, Section, build_server_panel

MOST_CHANNELS = 25
"""Entries of one menu that can be chosen at once (Discord)."""
WITH_MESSAGES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]


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

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu again from its id."""
        del interaction, item, match
        return cls()

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen and show the panel as it is then."""
        guild_id, services = require_manager(interaction), services_in(interaction.client)
        # Not self.item.values: discord.py finds nothing there where an empty "resolved" comes along.
        chosen = cast("dict[str, Any]", interaction.data or {}).get("values", [])
        channels = tuple(int(each) for each in chosen)
        settings = await services.servers.change(
            guild_id, lambda before: replace(before, answers_in=channels)
        )
        await interaction.response.edit_message(view=_panel(services, settings))


class SetUpButton(SafeItem[ui.Button[Any]], template=r"dr:set-up"):
    """Opens the panel for whoever may use it."""

    def __init__(self) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label="Set up", style=style, custom_id="dr:set-up"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from its id."""
        del interaction, item, match
        return cls()

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
    await interaction.response.send_message(view=_panel(services, settings), ephemeral=True)


def _panel(services: Services, settings: ServerSettings) -> ui.LayoutView:
    answers_in: list[ui.Item[Any]] = [AnswersInMenu(settings.answers_in)]
    sections = [
        Section(text=ANSWERS_IN, controls=answers_in),
        Section(text=LIMITS),
        Section(text=STYLES),
    ]
    return build_server_panel(sections, ids=services.command_ids)


async def setup(bot: commands.Bot) -> None:
    """Let the panel's menus and buttons be found by their ids."""
    bot.add_dynamic_items(AnswersInMenu, SetUpButton)
