"""New members, for tests that need more than three."""

from playground.discord.jsons import JsonObject, as_list
from playground.discord.model import Member, Overwrite, Role, User
from playground.discord.permissions import bits
from playground.discord.render import member_json
from playground.discord.switches import Switches
from playground.discord.world import World

COLORS = ("#3c6fd1", "#c07a1f", "#3f7d58", "#8e4fb0", "#b4453a", "#2f8c94")


class People:
    """Lets members join."""

    def __init__(self, *, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches

    def join(self, body: JsonObject) -> JsonObject:
        """Add a member with some roles, permissions of their own, and permissions they lack.

        Raises
        ------
        ValueError
            If a role or permission does not exist, or the name is empty.
        """
        name = str(body.get("name") or "").strip()
        if not name:
            raise ValueError("A member needs a name.")
        roles = [self._role(str(wanted)) for wanted in as_list(body.get("roles"))]
        granted = bits([str(item) for item in as_list(body.get("permissions"))])
        denied = bits([str(item) for item in as_list(body.get("denied"))])
        world = self._world
        color = COLORS[len(world.users) % len(COLORS)]
        user = User(world.ids.next(), name.lower().replace(" ", "_"), name, color)
        if granted:
            role = Role(world.ids.next(), f"Rights of {name}", granted, len(world.guild.roles))
            world.guild.roles[role.id] = role
            roles.append(role.id)
        world.users[user.id] = user
        member = world.guild.members[user.id] = Member(user, roles, world.clock.now())
        if denied:
            for channel in world.guild.channels:
                self._switches.overwrite(channel, Overwrite(user.id, 1, deny=denied))
        return member_json(member)

    def _role(self, wanted: str) -> int:
        for role in self._world.guild.roles.values():
            if wanted in (role.name, str(role.id)):
                return role.id
        raise ValueError(f"There is no role {wanted}.")
