"""What the options of ``/edit`` and ``/generate`` offer while somebody types: what the chosen model takes."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from cogs.services import services_in
from domain.job import Kind
from ui.choices import choices_of
from ui.styles import style_choices


def offer_values(command: app_commands.Command[Any, ..., Any], kind: Kind, *, options: Sequence[str]) -> None:
    """Let a command's options offer what the chosen model, or the first on offer, takes."""
    for option in options:
        command.autocomplete(option)(_suggesting(kind, option))


async def suggest_styles(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
    """Offer the styles of a server, those used last first."""
    services = services_in(interaction.client)
    if not services.gate.shows(interaction):
        return []
    return style_choices(await services.styles.of(interaction.guild_id or 0), typed)


Suggest = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[Choice[str]]]]


def _suggesting(kind: Kind, option: str) -> Suggest:
    async def suggest(interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        services = services_in(interaction.client)
        if not services.gate.shows(interaction):
            return []
        offered = services.models.offered(kind)
        wanted = getattr(interaction.namespace, "model", None)
        wanted = wanted or (await services.preferring.of(interaction.user.id)).model(kind)
        model = wanted if wanted in offered else next(iter(offered), None)
        takes = None if model is None else services.models.takes(model).get(option)
        return [] if takes is None else choices_of(option, takes, typed=current)

    return suggest
