"""``/applications/{application}/commands`` and the same below ``/guilds/{guild}``."""

from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.commands import Commands
from playground.discord.errors import (
    missing_access,
    unknown_command,
    unknown_command_permissions,
    unknown_guild,
)
from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_object, objects
from playground.discord.ratelimits import COMMANDS
from playground.discord.validate_commands import CHAT, check_command
from playground.discord.world import World


class CommandRoutes:
    """Registers commands and shows who may use them."""

    def __init__(self, *, world: World, commands: Commands) -> None:
        self._world = world
        self._commands = commands

    def routes(self) -> list[Route]:
        """Return the routes."""
        found: list[Route] = []
        application = "/applications/{application_id}"
        guild = application + "/guilds/{guild_id}"
        for base in (application + "/commands", guild + "/commands"):
            one = base + "/{command_id:[0-9]+}"
            found += [
                Route("GET", base, self._list),
                Route("PUT", base, self._replace, limit=COMMANDS),
                Route("POST", base, self._create, limit=COMMANDS),
                Route("GET", one, self._get),
                Route("PATCH", one, self._change, limit=COMMANDS),
                Route("DELETE", one, self._remove, limit=COMMANDS),
            ]
        rules = guild + "/commands/permissions"
        return [
            *found,
            Route("GET", rules, self._all_rules),
            Route("GET", guild + "/commands/{command_id:[0-9]+}/permissions", self._rules),
        ]

    def _place(self, call: Call) -> int | None:
        if call.id("application_id") != self._world.application.id:
            raise missing_access()
        if "guild_id" not in call.params:
            return None
        guild_id = call.id("guild_id")
        if guild_id != self._world.guild.id:
            raise unknown_guild()
        if not self._world.bot_inside:
            raise missing_access()
        return guild_id

    def _find(self, call: Call) -> JsonObject:
        command = self._commands.get(call.id("command_id"), self._place(call))
        if command is None:
            raise unknown_command()
        return command

    async def _list(self, call: Call) -> Reply:
        return Reply(self._commands.listed(self._place(call)))

    async def _get(self, call: Call) -> Reply:
        return Reply(self._find(call))

    async def _replace(self, call: Call) -> Reply:
        place = self._place(call)
        form = Form(call.body.payload)
        seen: set[tuple[str, object]] = set()
        for item in form.items(high=130):
            check_command(item)
            body = as_object(item.value)
            key = (str(body.get("name")), body.get("type") or CHAT)
            if key in seen:
                text = "Application command names must be unique"
                item.child("name").fail("APPLICATION_COMMANDS_DUPLICATE_NAME", text)
            seen.add(key)
        form.finish()
        return Reply(self._commands.replace(objects(call.body.payload), place))

    async def _create(self, call: Call) -> Reply:
        place = self._place(call)
        form = Form(call.body.payload)
        check_command(form)
        form.finish()
        command, new = self._commands.put(call.body.object, place)
        self._commands.tell()
        return Reply(command, 201 if new else 200)

    async def _change(self, call: Call) -> Reply:
        command = self._find(call)
        form = Form({**command, **call.body.object})
        check_command(form)
        form.finish()
        changed = self._commands.change(command, call.body.object)
        self._commands.tell()
        return Reply(changed)

    async def _remove(self, call: Call) -> Reply:
        self._commands.remove(self._find(call))
        self._commands.tell()
        return NOTHING

    async def _all_rules(self, call: Call) -> Reply:
        self._place(call)
        return Reply([self._rules_json(number) for number in self._world.application.command_rules])

    async def _rules(self, call: Call) -> Reply:
        self._place(call)
        number = call.id("command_id")
        if number not in self._world.application.command_rules:
            raise unknown_command_permissions()
        return Reply(self._rules_json(number))

    def _rules_json(self, number: int) -> JsonObject:
        return {
            "id": str(number),
            "application_id": str(self._world.application.id),
            "guild_id": str(self._world.guild.id),
            "permissions": self._world.application.command_rules[number],
        }
