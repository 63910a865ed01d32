"""``/webhooks/{application}/{token}``: everything that an interaction's token is good for later."""

from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.drafts import SETTABLE, draft_of, ephemeral
from playground.discord.errors import unknown_message, unknown_webhook
from playground.discord.interaction_json import metadata_json
from playground.discord.interactions import Interactions
from playground.discord.messages import Messages, Origin
from playground.discord.model import Interaction
from playground.discord.posts import Message
from playground.discord.ratelimits import WEBHOOK
from playground.discord.render_message import MessageRenderer
from playground.discord.rest_callbacks import REPLY_MESSAGE
from playground.discord.upload_limits import UploadLimits
from playground.discord.validate_message import EPHEMERAL, LOADING
from playground.discord.world import World


class WebhookRoutes:
    """Follow-ups, and edits of what an interaction was answered with."""

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
        """Return the routes: none asks for the bot's token or counts towards 50 a second."""
        base = "/webhooks/{webhook_id}/{token}"
        one = base + "/messages/{message_id}"
        return [
            Route("POST", base, self._follow_up, token=False, limit=WEBHOOK),
            Route("GET", one, self._get, token=False, limit=WEBHOOK),
            Route("PATCH", one, self._edit, token=False, limit=WEBHOOK),
            Route("DELETE", one, self._delete, token=False, limit=WEBHOOK),
        ]

    def _find(self, call: Call) -> tuple[Interaction, Message]:
        interaction = self._interaction(call)
        wanted = call.params["message_id"]
        if wanted == "@original":
            if interaction.original_id is None:
                raise unknown_webhook()
            number = interaction.original_id
        else:
            number = call.id("message_id")
            if number not in interaction.followups and number != interaction.original_id:
                raise unknown_message()
        message = self._world.message(interaction.channel_id, number)
        if message is None:
            raise unknown_message()
        return interaction, message

    def _interaction(self, call: Call) -> Interaction:
        if call.id("webhook_id") != self._world.application.id:
            raise unknown_webhook()
        return self._interactions.by_token(call.params["token"])

    def _show(self, message: Message) -> Reply:
        return Reply(self._renderer.message(message, viewer=self._world.bot.id))

    async def _get(self, call: Call) -> Reply:
        return self._show(self._find(call)[1])

    async def _edit(self, call: Call) -> Reply:
        _, message = self._find(call)
        self._change(call, message)
        return self._show(message)

    def _change(self, call: Call, message: Message) -> None:
        limit = self._limits.for_interaction()
        self._messages.edit(message, draft_of(call.body, call.body.object, limit=limit, old=message))

    async def _delete(self, call: Call) -> Reply:
        self._messages.delete(self._find(call)[1])
        return NOTHING

    async def _follow_up(self, call: Call) -> Reply:
        interaction = self._interaction(call)
        if interaction.answer is None:
            raise unknown_webhook()
        original = self._world.message(interaction.channel_id, interaction.original_id or 0)
        if original is not None and original.flags & LOADING:
            # The first follow-up after a deferral becomes the answer itself.
            self._change(call, original)
            return self._show(original)
        message = self._create(call, interaction)
        interaction.followups.add(message.id)
        # Without ``wait`` an ordinary webhook answers 204; an interaction's always waits.
        return self._show(message)

    def _create(self, call: Call, interaction: Interaction) -> Message:
        payload = call.body.object
        limit, settable = self._limits.for_interaction(), SETTABLE | EPHEMERAL
        draft = draft_of(call.body, payload, limit=limit, settable=settable)
        metadata = metadata_json(self._world, interaction)
        if interaction.original_id is not None:
            metadata["original_response_message_id"] = str(interaction.original_id)
        origin = Origin(
            kind=REPLY_MESSAGE if interaction.original_id else 0,
            reply_to=interaction.original_id,
            only_for=interaction.user_id if ephemeral(payload.get("flags")) else None,
            metadata=metadata,
            webhook_id=self._world.application.id,
            tts=payload.get("tts") is True,
        )
        channel = self._world.channels[interaction.channel_id]
        return self._messages.create(
            author_id=self._world.bot.id, channel=channel, draft=draft, origin=origin
        )
