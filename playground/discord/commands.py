"""The registered commands: kept as Discord keeps them, under stable ids."""

from playground.discord.errors import ApiError, too_many_creations
from playground.discord.faults import Faults
from playground.discord.jsons import JsonObject, as_id, as_object
from playground.discord.page_hub import PageHub
from playground.discord.validate_commands import CHAT, MOST
from playground.discord.world import World

DAY = 24 * 3_600_000
"""Milliseconds in which creations are counted."""


class Commands:
    """Creates, changes and removes commands, in all servers (no guild id) or in one."""

    def __init__(self, *, world: World, faults: Faults, pages: PageHub) -> None:
        self._world = world
        self._faults = faults
        self._pages = pages

    def listed(self, guild_id: int | None) -> list[JsonObject]:
        """Return the commands of one place, in the order of their making."""
        place = str(guild_id) if guild_id else None
        commands = self._world.application.commands.values()
        return [item for item in commands if item.get("guild_id") == place]

    def get(self, command_id: int, guild_id: int | None) -> JsonObject | None:
        """Find a command of one place."""
        command = self._world.application.commands.get(command_id)
        place = str(guild_id) if guild_id else None
        return command if command is not None and command.get("guild_id") == place else None

    def put(self, body: JsonObject, guild_id: int | None) -> tuple[JsonObject, bool]:
        """Create a command, or overwrite the one of the same name and type; say whether it is new.

        Raises
        ------
        ApiError
            30034 after too many creations in a day, 30032 if the place is full.
        """
        kind = body.get("type") or CHAT
        place = self.listed(guild_id)
        old = next((item for item in place if (item["name"], item["type"]) == (body["name"], kind)), None)
        if old is None:
            if sum(item["type"] == kind for item in place) >= MOST[kind]:
                text = f"Maximum number of application commands reached ({MOST[kind]})"
                raise ApiError(400, 30032, text)
            self._count_creation()
        number = int(old["id"]) if old else self._world.ids.next()
        command = self._stored(body, number, kind, guild_id)
        self._world.application.commands[number] = command
        return command, old is None

    def replace(self, bodies: list[JsonObject], guild_id: int | None) -> list[JsonObject]:
        """Make these the only commands of a place."""
        wanted = {(body["name"], body.get("type") or CHAT) for body in bodies}
        for old in self.listed(guild_id):
            if (old["name"], old["type"]) not in wanted:
                del self._world.application.commands[int(old["id"])]
        made = [self.put(body, guild_id)[0] for body in bodies]
        self._pages.commands()
        return made

    def change(self, command: JsonObject, changes: JsonObject) -> JsonObject:
        """Change some fields of a command."""
        number = int(command["id"])
        guild_id = int(command["guild_id"]) if "guild_id" in command else None
        new = self._stored({**command, **changes}, number, command["type"], guild_id)
        self._world.application.commands[number] = new
        return new

    def remove(self, command: JsonObject) -> None:
        """Remove a command."""
        del self._world.application.commands[int(command["id"])]

    def tell(self) -> None:
        """Show the pages what is registered now."""
        self._pages.commands()

    def _count_creation(self) -> None:
        creations, now = self._world.application.creations, self._world.clock.now()
        while creations and creations[0] < now - DAY:
            creations.popleft()
        if len(creations) >= self._faults.daily_creations:
            raise too_many_creations(self._faults.daily_creations)
        creations.append(now)

    def _stored(self, body: JsonObject, number: int, kind: int, guild_id: int | None) -> JsonObject:
        wanted = as_id(body.get("default_member_permissions"))
        command: JsonObject = {
            "id": str(number),
            "application_id": str(self._world.application.id),
            "version": str(self._world.ids.next()),
            "type": kind,
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations"),
            "default_member_permissions": None if wanted is None else str(wanted),
            "dm_permission": body.get("dm_permission", True),
            "contexts": body.get("contexts"),
            "integration_types": body.get("integration_types") or [0],
            "nsfw": body.get("nsfw") or False,
        }
        if kind == CHAT and body.get("options"):
            command["options"] = [as_object(option) for option in body["options"]]
        return command if guild_id is None else {**command, "guild_id": str(guild_id)}
