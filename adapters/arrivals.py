"""When a member's wish came: whoever was told "did not respond" asks again, and would pay for both."""

import time
from typing import Any

import discord

_ARRIVED = "arrived"


def note_arrival(interaction: discord.Interaction[Any]) -> None:
    """Note that an interaction came just now."""
    interaction.extras[_ARRIVED] = time.monotonic()


def arrived_at(interaction: discord.Interaction[Any]) -> float:
    """Return when an interaction came, in seconds of ``time.monotonic``; now if that is being noted yet.

    Its listeners begin in the same turn of the event loop as its handler: one that waited for anything
    finds it noted.
    """
    arrived: float = interaction.extras.get(_ARRIVED, time.monotonic())
    return arrived
