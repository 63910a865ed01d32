"""``/channels/{channel}/messages/{message}/reactions``."""

from playground.discord.access import Access
from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.ratelimits import REACT
from playground.discord.reactions import Reactions, emoji_key
from playground.discord.render import user_json
from playground.discord.world import World


class ReactionRoutes:
    """Adds, lists and takes away reactions."""

    def __init__(self, *, world: World, access: Access, reactions: Reactions) -> None:
        self._world = world
        self._access = access
        self._reactions = reactions

    def routes(self) -> list[Route]:
        """Return the routes."""
        base = "/channels/{channel_id}/messages/{message_id}/reactions"
        one = base + "/{emoji}"
        return [
            Route("PUT", one + "/@me", self._add, limit=REACT),
            Route("DELETE", one + "/@me", self._remove_own, limit=REACT),
            Route("DELETE", one + "/{user_id}", self._remove, limit=REACT),
            Route("GET", one, self._people),
            Route("DELETE", one, self._clear_emoji, limit=REACT),
            Route("DELETE", base, self._clear, limit=REACT),
        ]

    async def _add(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        self._access.require(channel, "READ_MESSAGE_HISTORY")
        emoji = emoji_key(call.params["emoji"])
        if emoji not in message.reactions:
            self._access.require(channel, "ADD_REACTIONS")
        self._reactions.add(message, self._world.bot.id, emoji)
        return NOTHING

    async def _remove_own(self, call: Call) -> Reply:
        _, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        self._reactions.remove(message, self._world.bot.id, emoji_key(call.params["emoji"]))
        return NOTHING

    async def _remove(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        user_id = call.id("user_id")
        if user_id != self._world.bot.id:
            self._access.require(channel, "MANAGE_MESSAGES")
        self._reactions.remove(message, user_id, emoji_key(call.params["emoji"]))
        return NOTHING

    async def _people(self, call: Call) -> Reply:
        _, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        people = sorted(message.reactions.get(emoji_key(call.params["emoji"]), []))
        after = call.number("after", 0, low=0, high=2**63)
        count = call.number("limit", 25, low=1, high=100)
        shown = [user for user in people if user > after][:count]
        return Reply([user_json(self._world.users[user]) for user in shown])

    async def _clear_emoji(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        self._access.require(channel, "MANAGE_MESSAGES")
        self._reactions.clear_emoji(message, emoji_key(call.params["emoji"]))
        return NOTHING

    async def _clear(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        self._access.require(channel, "MANAGE_MESSAGES")
        self._reactions.clear(message)
        return NOTHING
