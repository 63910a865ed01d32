"""The page's wishes that become interactions: commands, components, modals."""

from dataclasses import replace

from playground.discord.client_fields import check_menu_count, checked_choices, checked_fields
from playground.discord.client_options import checked_options, partial_options
from playground.discord.command_rules import may_use, offered_here
from playground.discord.components import walk
from playground.discord.faults import Faults
from playground.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interactions
from playground.discord.jsons import JsonObject, as_id, as_list, as_object, objects
from playground.discord.model import Channel
from playground.discord.page_hub import PageConnection
from playground.discord.page_socket import Action, PageError
from playground.discord.posts import Message
from playground.discord.render_message import MessageRenderer
from playground.discord.resolving import Resolver
from playground.discord.validate_commands import CHAT, USER
from playground.discord.validate_controls import BUTTON, LINK, SELECTS
from playground.discord.world import World


class PageInteractions:
    """Does what Discord's client does before it sends an interaction, then sends it.

    A wish with ``unchecked`` skips the checks, as a forged client would; ``claims`` are fields of the
    interaction that take the place of the true ones, as where the bot is used in ways that the page lacks.
    """

    def __init__(
        self, *, world: World, interactions: Interactions, renderer: MessageRenderer, faults: Faults
    ) -> None:
        self._world = world
        self._interactions = interactions
        self._renderer = renderer
        self._faults = faults

    def actions(self) -> dict[str, Action]:
        """Return the wishes by their ``op``."""
        return {
            "command": self._command,
            "autocomplete": self._autocomplete,
            "component": self._component,
            "modal": self._modal,
        }

    def channel(self, user_id: int, wish: JsonObject) -> Channel:
        """Find the channel of a wish; none named means the bot's direct messages.

        Raises
        ------
        PageError
            If the member does not see it.
        """
        number = as_id(wish.get("channel_id"))
        if number is None:
            return self._world.direct_channel(user_id)
        channel = self._world.channels.get(number)
        if channel is None or not self._world.may(user_id, channel, "VIEW_CHANNEL"):
            raise PageError("You cannot see that channel.")
        return channel

    def message(self, user_id: int, wish: JsonObject) -> Message:
        """Find the message of a wish.

        Raises
        ------
        PageError
            If the member does not see it.
        """
        channel = self.channel(user_id, wish)
        message = self._world.message(channel.id, as_id(wish.get("message_id")) or 0)
        if message is None or not self._world.sees(user_id, message):
            raise PageError("That message is gone.")
        return message

    def _resolver(self, user_id: int) -> Resolver:
        limit = self._faults.member_upload_limit
        return Resolver(world=self._world, renderer=self._renderer, user_id=user_id, upload_limit=limit)

    def _wanted(self, page: PageConnection, wish: JsonObject) -> tuple[Channel, JsonObject]:
        channel = self.channel(page.user_id, wish)
        command = self._world.application.commands.get(as_id(wish.get("command_id")) or 0)
        if command is None:
            raise PageError("This command is outdated, please try again in a few minutes.")
        if wish.get("unchecked") is not True:
            if not offered_here(command, channel):
                raise PageError(f"{command['name']} cannot be used here.")
            if not may_use(self._world, page.user_id, channel, command):
                raise PageError(f"You do not have permission to use {command['name']} here.")
        return channel, command

    async def _command(self, page: PageConnection, wish: JsonObject) -> None:
        channel, command = self._wanted(page, wish)
        resolver = self._resolver(page.user_id)
        data: JsonObject = {name: command[name] for name in ("id", "name", "type")}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if command["type"] == CHAT:
            data["options"] = self._options(command, wish, resolver)
        elif command["type"] == USER:
            data["target_id"] = resolver.user(wish.get("target_id"))
        else:
            data["target_id"] = resolver.message(channel.id, wish.get("target_id"))
        if resolver.found:
            data["resolved"] = resolver.found
        self._start(COMMAND, page, wish, channel, data)

    @staticmethod
    def _options(command: JsonObject, wish: JsonObject, resolver: Resolver) -> list[JsonObject]:
        given = objects(wish.get("options"))
        if wish.get("unchecked") is not True:
            return checked_options(command, given, resolver)
        for option in given:
            if option.get("type") == 11:
                resolver.upload(option.get("value"))
        return given

    async def _autocomplete(self, page: PageConnection, wish: JsonObject) -> None:
        channel, command = self._wanted(page, wish)
        data: JsonObject = {name: command[name] for name in ("id", "name", "type")}
        data["options"] = partial_options(command, objects(wish.get("options")))
        self._start(AUTOCOMPLETE, page, wish, channel, data)

    def _start(
        self, kind: int, page: PageConnection, wish: JsonObject, channel: Channel, data: JsonObject
    ) -> None:
        self._interactions.start(
            kind,
            user_id=page.user_id,
            channel=channel,
            data=data,
            nonce=wish.get("nonce"),
            claims=as_object(wish.get("claims")),
        )

    async def _component(self, page: PageConnection, wish: JsonObject) -> None:
        message = self.message(page.user_id, wish)
        custom_id = wish.get("custom_id")
        resolver = self._resolver(page.user_id)
        data: JsonObject = {"custom_id": custom_id, "component_type": BUTTON}
        source = message
        if wish.get("unchecked") is True:
            source = _with_button(message, custom_id)
        else:
            item = _usable(message, custom_id)
            data |= {"component_type": item["type"], "id": item.get("id")}
            if item["type"] in SELECTS:
                values = as_list(wish.get("values"))
                check_menu_count(item, values)
                data |= {"values": checked_choices(item, values, resolver), "resolved": resolver.found}
        self._interactions.start(
            COMPONENT,
            user_id=page.user_id,
            channel=self._world.channels[message.channel_id],
            data=data,
            nonce=wish.get("nonce"),
            source=source,
            claims=as_object(wish.get("claims")),
        )

    async def _modal(self, page: PageConnection, wish: JsonObject) -> None:
        opener = self._world.interactions.get(as_id(wish.get("interaction_id")) or 0)
        if opener is None or opener.modal is None or opener.user_id != page.user_id:
            raise PageError("That form is not open.")
        resolver = self._resolver(page.user_id)
        components = checked_fields(opener.modal, objects(wish.get("components")), resolver)
        data = {
            "custom_id": opener.modal["custom_id"],
            "components": components,
            "resolved": resolver.found,
        }
        self._interactions.start(
            MODAL,
            user_id=page.user_id,
            channel=self._world.channels[opener.channel_id],
            data=data,
            nonce=wish.get("nonce"),
            source=self._world.message(opener.channel_id, opener.source_id or 0),
            trigger=opener,
            claims=as_object(wish.get("claims")),
        )


def _with_button(message: Message, custom_id: object) -> Message:
    """Return a message as it is told of with a forged button: of one that it lacks libraries tell nobody."""
    button: JsonObject = {"type": BUTTON, "style": 2, "label": "forged", "custom_id": custom_id}
    return replace(message, components=[*message.components, {"type": 1, "components": [button]}])


def _usable(message: Message, custom_id: object) -> JsonObject:
    for item in walk(message.components):
        if item.get("custom_id") == custom_id and item.get("style") != LINK:
            if item.get("disabled"):
                raise PageError("That is switched off.")
            return item
    raise PageError("There is no such button or menu.")
