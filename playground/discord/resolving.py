"""The ``resolved`` part of an interaction: whole objects for the ids that a member chose."""

from playground.discord import permissions
from playground.discord.jsons import JsonObject, as_id
from playground.discord.page_socket import PageError
from playground.discord.render import channel_json, member_json, role_json, user_json
from playground.discord.render_message import MessageRenderer
from playground.discord.world import World


class Resolver:
    """Collects what one interaction of one member names."""

    def __init__(self, *, world: World, renderer: MessageRenderer, user_id: int, upload_limit: int) -> None:
        self._world = world
        self._renderer = renderer
        self._user_id = user_id
        self._upload_limit = upload_limit
        self.found: dict[str, JsonObject] = {}

    def _put(self, kind: str, number: int, body: JsonObject) -> str:
        self.found.setdefault(kind, {})[str(number)] = body
        return str(number)

    def upload(self, value: object) -> str:
        """Resolve a file that this member chose a moment ago.

        Raises
        ------
        PageError
            If there is none of theirs with this id, or it is too large for them.
        """
        item = self._world.uploads.get(as_id(value) or 0)
        if item is None or item.owner_id != self._user_id:
            raise PageError("That file is not there any more. Choose it again.")
        if item.file.size > self._upload_limit:
            raise PageError("Your files are too powerful.")
        return self._put("attachments", item.id, self._renderer.attachment(item))

    def user(self, value: object) -> str:
        """Resolve an account, and its member if it is inside the server."""
        user = self._world.users.get(as_id(value) or 0)
        if user is None:
            raise PageError("There is no such member.")
        member = self._world.member(user.id)
        if member is not None:
            allowed = str(permissions.base(self._world.guild, user.id))
            self._put("members", user.id, {**member_json(member, with_user=False), "permissions": allowed})
        return self._put("users", user.id, user_json(user))

    def role(self, value: object) -> str:
        """Resolve a role."""
        role = self._world.guild.roles.get(as_id(value) or 0)
        if role is None:
            raise PageError("There is no such role.")
        return self._put("roles", role.id, role_json(role))

    def mentionable(self, value: object) -> str:
        """Resolve an account or a role."""
        return self.role(value) if as_id(value) in self._world.guild.roles else self.user(value)

    def channel(self, value: object) -> str:
        """Resolve a channel of the server."""
        channel = self._world.channels.get(as_id(value) or 0)
        if channel is None or channel.guild_id is None:
            raise PageError("There is no such channel.")
        allowed = {
            "permissions": str(self._world.permissions(self._user_id, channel)),
            "app_permissions": str(self._world.permissions(self._world.bot.id, channel)),
        }
        return self._put("channels", channel.id, {**channel_json(self._world, channel), **allowed})

    def message(self, channel_id: int, value: object) -> str:
        """Resolve a message that this member sees, whole even without the message-content intent."""
        message = self._world.message(channel_id, as_id(value) or 0)
        if message is None or not self._world.sees(self._user_id, message):
            raise PageError("That message is gone.")
        body = self._renderer.message(message, viewer=self._world.bot.id, quote=False)
        return self._put("messages", message.id, body)
