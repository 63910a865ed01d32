"""``POST /interactions/{id}/{token}/callback``: the first answer to an interaction."""

from playground.discord.bodies import Body
from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.components import numbered
from playground.discord.drafts import SETTABLE, Draft, draft_of, ephemeral
from playground.discord.errors import unknown_message
from playground.discord.form import Form
from playground.discord.interaction_json import callback_json, metadata_json
from playground.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interactions
from playground.discord.jsons import JsonObject, as_object, objects
from playground.discord.messages import Messages, Origin
from playground.discord.model import Interaction
from playground.discord.posts import Message
from playground.discord.render_message import MessageRenderer
from playground.discord.upload_limits import UploadLimits
from playground.discord.validate_commands import STRING, check_choices
from playground.discord.validate_message import EPHEMERAL, LOADING
from playground.discord.validate_modals import check_modal
from playground.discord.world import World

ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
CHAT_MESSAGE, MENU_MESSAGE, REPLY_MESSAGE = 20, 23, 19


class CallbackRoutes:
    """Takes first answers of every type."""

    def __init__(
        self,
        *,
        world: World,
        interactions: Interactions,
        messages: Messages,
        renderer: MessageRenderer,
        limits: UploadLimits,
    ) -> None:
        self._world = world
        self._interactions = interactions
        self._messages = messages
        self._renderer = renderer
        self._limits = limits

    def routes(self) -> list[Route]:
        """Return the one route; it has no rate limit."""
        path = "/interactions/{interaction_id}/{token}/callback"
        return [Route("POST", path, self._callback, token=False, limit=None)]

    async def _callback(self, call: Call) -> Reply:
        interaction = self._interactions.open(call.id("interaction_id"), call.params["token"])
        form = Form(call.body.object)
        kind = form.child("type").choice(self._allowed(interaction))
        form.finish()
        message = self._answer(interaction, kind or 0, call.body, form.child("data"))
        self._interactions.answered(interaction, kind or 0)
        if call.query.get("with_response", "").lower() not in ("true", "1"):
            return NOTHING
        shown = message and self._renderer.message(message, viewer=self._world.bot.id)
        return Reply(callback_json(interaction, kind=kind or 0, message=shown))

    @staticmethod
    def _allowed(interaction: Interaction) -> tuple[int, ...]:
        if interaction.kind == AUTOCOMPLETE:
            return (CHOICES,)
        allowed = (ANSWER, DEFER)
        if interaction.source_id is not None:
            allowed += (DEFER_UPDATE, UPDATE)
        return allowed if interaction.kind == MODAL else (*allowed, OPEN_MODAL)

    def _answer(self, interaction: Interaction, kind: int, body: Body, data: Form) -> Message | None:
        if kind == CHOICES:
            self._choices(interaction, data)
            return None
        if kind == OPEN_MODAL:
            self._modal(interaction, data)
            return None
        if kind in (DEFER_UPDATE, UPDATE):
            return self._update(interaction, kind, body, as_object(data.value))
        return self._new(interaction, kind, body, as_object(data.value))

    def _choices(self, interaction: Interaction, data: Form) -> None:
        choices = data.child("choices").items(high=25)
        kind = next((item["type"] for item in focused(interaction.data)), STRING)
        check_choices(choices, kind)
        data.finish()
        listed = [{"name": item.child("name").value, "value": item.child("value").value} for item in choices]
        self._interactions.tell(interaction, "choices", {"choices": listed})

    def _modal(self, interaction: Interaction, data: Form) -> None:
        check_modal(data)
        data.finish()
        modal = as_object(data.value)
        modal = {**modal, "components": numbered(objects(modal.get("components")))}
        interaction.modal = modal
        about = {name: modal.get(name) for name in ("custom_id", "title", "components")}
        self._interactions.tell(interaction, "modal", {"interaction_id": str(interaction.id), **about})

    def _update(self, interaction: Interaction, kind: int, body: Body, data: JsonObject) -> Message:
        source = self._world.message(interaction.channel_id, interaction.source_id or 0)
        if source is None:
            raise unknown_message()
        if kind == UPDATE:
            limit = self._limits.for_interaction()
            self._messages.edit(source, draft_of(body, data, limit=limit, old=source, place="data"))
        interaction.original_id = source.id
        return source

    def _new(self, interaction: Interaction, kind: int, body: Body, data: JsonObject) -> Message:
        hidden = ephemeral(data.get("flags"))
        if kind == DEFER:
            draft = Draft("", LOADING | (EPHEMERAL if hidden else 0), [], [])
        else:
            limit, settable = self._limits.for_interaction(), SETTABLE | EPHEMERAL
            draft = draft_of(body, data, limit=limit, settable=settable, place="data")
        origin = Origin(
            kind=_message_kind(interaction),
            reply_to=interaction.source_id,
            only_for=interaction.user_id if hidden else None,
            metadata=metadata_json(self._world, interaction),
            webhook_id=self._world.application.id,
            tts=data.get("tts") is True,
        )
        channel = self._world.channels[interaction.channel_id]
        message = self._messages.create(
            author_id=self._world.bot.id, channel=channel, draft=draft, origin=origin
        )
        interaction.original_id = message.id
        return message


def _message_kind(interaction: Interaction) -> int:
    first = interaction.trigger or interaction
    if first.kind == COMPONENT or interaction.source_id is not None:
        return REPLY_MESSAGE
    return CHAT_MESSAGE if first.kind == COMMAND and first.data.get("type") == 1 else MENU_MESSAGE


def focused(data: JsonObject) -> list[JsonObject]:
    """List the options that an autocomplete is about, however deep: one at most."""
    found: list[JsonObject] = []
    for option in objects(data.get("options")):
        found += [option] if option.get("focused") else focused(option)
    return found
