"""The page's other wishes: messages, reactions, deletions."""

from playground.discord.drafts import Draft, NewFile
from playground.discord.errors import ApiError
from playground.discord.jsons import JsonObject, as_id, as_list, as_text
from playground.discord.messages import Messages, Origin
from playground.discord.model import Channel
from playground.discord.page_hub import PageConnection
from playground.discord.page_interactions import PageInteractions
from playground.discord.page_socket import Action, PageError
from playground.discord.posts import Attachment
from playground.discord.reactions import Reactions, emoji_key
from playground.discord.validate_message import MOST_CONTENT, MOST_FILES
from playground.discord.world import World

REPLY_MESSAGE = 19


class PageWishes:
    """Does what a member may do without the bot."""

    def __init__(
        self, *, world: World, messages: Messages, reactions: Reactions, finder: PageInteractions
    ) -> None:
        self._world = world
        self._messages = messages
        self._reactions = reactions
        self._finder = finder

    def actions(self) -> dict[str, Action]:
        """Return the wishes by their ``op``."""
        return {
            "message": self._message,
            "delete": self._delete,
            "react": self._react,
            "unreact": self._unreact,
            "clear_reactions": self._clear_reactions,
        }

    def _require(self, page: PageConnection, channel: Channel, *names: str) -> None:
        for name in names:
            if not self._world.may(page.user_id, channel, name):
                raise PageError("You do not have permission to do that here.")

    async def _message(self, page: PageConnection, wish: JsonObject) -> None:
        channel = self._finder.channel(page.user_id, wish)
        files = [self._upload(page, item) for item in as_list(wish.get("uploads"))]
        content = as_text(wish.get("content"))
        self._require(page, channel, "SEND_MESSAGES", *(["ATTACH_FILES"] if files else []))
        if not content.strip() and not files:
            raise PageError("There is nothing to send.")
        if len(content) > MOST_CONTENT or len(files) > MOST_FILES:
            raise PageError(f"At most {MOST_CONTENT} characters and {MOST_FILES} files.")
        new = [NewFile(item.file, item.filename, None) for item in files]
        mentions = [user for user in self._world.users if f"<@{user}>" in content]
        reply_to = as_id(wish.get("reply_to"))
        self._messages.create(
            author_id=page.user_id,
            channel=channel,
            draft=Draft(content, 0, [], [], [*new], mentions),
            origin=Origin(kind=REPLY_MESSAGE if reply_to else 0, reply_to=reply_to),
        )

    def _upload(self, page: PageConnection, value: object) -> Attachment:
        item = self._world.uploads.get(as_id(value) or 0)
        if item is None or item.owner_id != page.user_id:
            raise PageError("That file is not there any more. Choose it again.")
        return item

    async def _delete(self, page: PageConnection, wish: JsonObject) -> None:
        message = self._finder.message(page.user_id, wish)
        if message.author_id != page.user_id and message.only_for != page.user_id:
            self._require(page, self._world.channels[message.channel_id], "MANAGE_MESSAGES")
        self._messages.delete(message)

    async def _react(self, page: PageConnection, wish: JsonObject) -> None:
        message = self._finder.message(page.user_id, wish)
        emoji = _emoji(wish)
        channel = self._world.channels[message.channel_id]
        if message.only_for is not None:
            raise PageError("Messages that only you can see take no reactions.")
        self._require(page, channel, "READ_MESSAGE_HISTORY")
        if emoji not in message.reactions:
            self._require(page, channel, "ADD_REACTIONS")
        self._reactions.add(message, page.user_id, emoji)

    async def _unreact(self, page: PageConnection, wish: JsonObject) -> None:
        message = self._finder.message(page.user_id, wish)
        self._reactions.remove(message, page.user_id, _emoji(wish))

    async def _clear_reactions(self, page: PageConnection, wish: JsonObject) -> None:
        message = self._finder.message(page.user_id, wish)
        self._require(page, self._world.channels[message.channel_id], "MANAGE_MESSAGES")
        if wish.get("emoji") is None:
            self._reactions.clear(message)
        else:
            self._reactions.clear_emoji(message, _emoji(wish))


def _emoji(wish: JsonObject) -> str:
    try:
        return emoji_key(as_text(wish.get("emoji")))
    except ApiError as problem:
        raise PageError("That is not an emoji.") from problem
