"""Interactions: made by the page, sent to the bot, answered within three seconds or failed."""

import asyncio
import secrets

from playground.discord.errors import (
    already_acknowledged,
    expired_token,
    unknown_interaction,
    unknown_webhook,
)
from playground.discord.faults import Faults
from playground.discord.gateway import GatewayHub
from playground.discord.interaction_json import interaction_json
from playground.discord.jsons import JsonObject
from playground.discord.model import Channel, Interaction
from playground.discord.page_hub import PageHub
from playground.discord.posts import Message
from playground.discord.render_message import MessageRenderer
from playground.discord.upload_limits import UploadLimits
from playground.discord.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
ANSWER_WITHIN = 3_000
"""Milliseconds for the first answer."""
TOKEN_LIFETIME = 15 * 60_000
"""Milliseconds that a token is good for."""
NO_ANSWER = "The application did not respond"


class Interactions:
    """Starts interactions and knows in what state each is."""

    def __init__(
        self,
        *,
        world: World,
        gateway: GatewayHub,
        pages: PageHub,
        faults: Faults,
        renderer: MessageRenderer,
        limits: UploadLimits,
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._pages = pages
        self._faults = faults
        self._renderer = renderer
        self._limits = limits
        self._waiting: dict[int, asyncio.TimerHandle] = {}

    def start(
        self,
        kind: int,
        *,
        user_id: int,
        channel: Channel,
        data: JsonObject,
        nonce: object,
        source: Message | None = None,
        trigger: Interaction | None = None,
        claims: JsonObject | None = None,
    ) -> Interaction:
        """Make an interaction, send it to the bot and start its three seconds.

        Parameters
        ----------
        claims
            What is told of it in the place of what is so: another server, another way to have got the bot.
        """
        world = self._world
        interaction = Interaction(
            world.ids.next(), secrets.token_urlsafe(72), kind, user_id, channel.id, world.clock.now(), data
        )
        interaction.nonce, interaction.trigger = nonce, trigger
        interaction.source_id = source.id if source else None
        world.interactions[interaction.id] = world.tokens[interaction.token] = interaction
        self._tell(interaction, "sent")
        body = interaction_json(world, interaction, limit=self._limits.announced())
        if source is not None:
            body["message"] = self._renderer.message(source, viewer=world.bot.id)
        body |= claims or {}
        self._gateway.dispatch("INTERACTION_CREATE", body, direct=channel.guild_id is None)
        loop = asyncio.get_running_loop()
        self._waiting[interaction.id] = loop.call_later(ANSWER_WITHIN / 1000, self._give_up, interaction)
        return interaction

    def open(self, interaction_id: int, token: str) -> Interaction:
        """Find an interaction that can still be answered for the first time.

        Raises
        ------
        ApiError
            40060 if it has been answered, 10062 if it is unknown or its three seconds are over.
        """
        interaction = self._world.interactions.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown_interaction()
        if interaction.answer is not None:
            raise already_acknowledged()
        if interaction.failed or self._world.clock.now() - interaction.created > ANSWER_WITHIN:
            raise unknown_interaction()
        return interaction

    def by_token(self, token: str) -> Interaction:
        """Find the interaction that a token belongs to.

        Raises
        ------
        ApiError
            10015 if there is none, 50027 if the token is older than fifteen minutes.
        """
        interaction = self._world.tokens.get(token)
        if interaction is None:
            raise unknown_webhook()
        if self._faults.token_expired or self._world.clock.now() - interaction.created > TOKEN_LIFETIME:
            raise expired_token()
        return interaction

    def answered(self, interaction: Interaction, kind: int) -> None:
        """Note the first answer and tell the page."""
        interaction.answer = kind
        timer = self._waiting.pop(interaction.id, None)
        if timer is not None:
            timer.cancel()
        self._tell(interaction, "answered")

    def tell(self, interaction: Interaction, name: str, data: JsonObject) -> None:
        """Send the page that asked something of its own."""
        self._pages.tell(interaction.user_id, name, {"nonce": interaction.nonce, **data})

    def give_up_late(self) -> None:
        """Fail those whose three seconds went by in a skip of the clock."""
        for number in list(self._waiting):
            interaction = self._world.interactions[number]
            if self._world.clock.now() - interaction.created > ANSWER_WITHIN:
                self._waiting[number].cancel()
                self._give_up(interaction)

    def close(self) -> None:
        """Stop all timers."""
        for timer in self._waiting.values():
            timer.cancel()

    def _give_up(self, interaction: Interaction) -> None:
        self._waiting.pop(interaction.id, None)
        interaction.failed = True
        self._tell(interaction, "failed", NO_ANSWER)

    def _tell(self, interaction: Interaction, state: str, error: str | None = None) -> None:
        self.tell(interaction, "interaction", {"id": str(interaction.id), "state": state, "error": error})
