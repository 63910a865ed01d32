"""Channels, the server, its members, accounts: what the bot looks up."""

from playground.discord.access import Access
from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.errors import missing_access, unknown_guild, unknown_member, unknown_user
from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_id
from playground.discord.model import Guild
from playground.discord.ratelimits import OPEN_DIRECT
from playground.discord.render import channel_json, guild_json, member_json, role_json, user_json
from playground.discord.world import World


class PlaceRoutes:
    """Answers questions about places and people."""

    def __init__(self, *, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def routes(self) -> list[Route]:
        """Return the routes."""
        guild = "/guilds/{guild_id}"
        return [
            Route("GET", "/channels/{channel_id}", self._channel),
            Route("POST", "/channels/{channel_id}/typing", self._typing),
            Route("GET", guild, self._show_guild),
            Route("GET", guild + "/channels", self._channels),
            Route("GET", guild + "/roles", self._roles),
            Route("GET", guild + "/members/{user_id}", self._member),
            Route("GET", "/users/@me", self._me),
            Route("GET", "/users/@me/guilds", self._guilds),
            Route("POST", "/users/@me/channels", self._open_direct, limit=OPEN_DIRECT),
            Route("GET", "/users/{user_id}", self._user),
        ]

    async def _channel(self, call: Call) -> Reply:
        return Reply(channel_json(self._world, self._access.channel(call.id("channel_id"))))

    async def _typing(self, call: Call) -> Reply:
        self._access.channel(call.id("channel_id"))
        return NOTHING

    def _guild(self, call: Call) -> Guild:
        if call.id("guild_id") != self._world.guild.id:
            raise unknown_guild()
        if not self._world.bot_inside:
            raise missing_access()
        return self._world.guild

    async def _show_guild(self, call: Call) -> Reply:
        guild = self._guild(call)
        counts: JsonObject = {}
        if call.query.get("with_counts") in ("true", "1"):
            counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
        return Reply({**guild_json(guild), **counts})

    async def _channels(self, call: Call) -> Reply:
        bot, world = self._world.bot.id, self._world
        seen = [each for each in self._guild(call).channels if world.may(bot, each, "VIEW_CHANNEL")]
        return Reply([channel_json(world, channel) for channel in seen])

    async def _roles(self, call: Call) -> Reply:
        return Reply([role_json(role) for role in self._guild(call).roles.values()])

    async def _member(self, call: Call) -> Reply:
        member = self._guild(call).members.get(call.id("user_id"))
        if member is None:
            raise unknown_member()
        return Reply(member_json(member))

    async def _me(self, _: Call) -> Reply:
        return Reply({**user_json(self._world.bot), "verified": True, "mfa_enabled": True, "locale": "en-GB"})

    async def _guilds(self, _: Call) -> Reply:
        guild = self._world.guild
        about = {name: guild_json(guild)[name] for name in ("id", "name", "icon", "features", "banner")}
        mine = self._world.guild.members[self._world.bot.id].roles
        allowed = str(sum(guild.roles[role].permissions for role in mine))
        listed = [{**about, "owner": False, "permissions": allowed}]
        return Reply(listed if self._world.bot_inside else [])

    async def _open_direct(self, call: Call) -> Reply:
        form = Form(call.body.object)
        place = form.child("recipient_id")
        user_id = as_id(place.value)
        if user_id is None:
            place.fail("BASE_TYPE_REQUIRED", "This field is required")
        form.finish()
        if user_id not in self._world.users:
            raise unknown_user()
        return Reply(channel_json(self._world, self._world.direct_channel(user_id)))

    async def _user(self, call: Call) -> Reply:
        user = self._world.users.get(call.id("user_id"))
        if user is None:
            raise unknown_user()
        return Reply(user_json(user))
