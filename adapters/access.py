"""Whether a member may use a command here: asked where Discord does not ask it for us (reactions, buttons).

Discord checks a slash command before it reaches us. For a reaction or a button we ask the same two things:
Use Application Commands in the channel, and the command's own rules in the server
(``GET /applications/{app}/guilds/{guild}/commands/{command}/permissions``; 404: no rules), kept five minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import discord

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.job import Kind

KEPT_FOR = 300.0
"""Seconds for which a command's rules are kept."""


class About(IntEnum):
    """What a rule is about (Discord's application command permission types)."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a command in a server."""

    about: About
    id: int
    permission: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks where; ``age_restricted``: the channel is."""

    guild_id: int
    channel_ids: tuple[int, ...]
    member_id: int
    role_ids: tuple[int, ...]
    permissions: discord.Permissions
    age_restricted: bool = False


class Access:
    """Answers whether a member may use ``/edit`` or ``/generate`` in a channel."""

    def __init__(self, *, bot: discord.Client, clock: Clock, command_ids: Mapping[str, int]) -> None:
        self._bot = bot
        self._clock = clock
        self._command_ids = command_ids
        self._rules: dict[tuple[int, int], tuple[float, Sequence[Rule]]] = {}

    async def check(self, asker: Asker, kind: Kind) -> None:
        """Refuse a member who may not use a command here.

        Raises
        ------
        Refusal
            They may not.
        """
        if asker.permissions.administrator:
            return
        rules = await self._rules_of(asker.guild_id, self._command_ids.get(kind.value))
        if not asker.permissions.use_application_commands or not allowed(rules, asker):
            raise Refusal(Reason.MEMBER_MAY_NOT)

    async def _rules_of(self, guild_id: int, command_id: int | None) -> Sequence[Rule]:
        if command_id is None:
            return ()
        now = self._clock.monotonic()
        kept = self._rules.get((guild_id, command_id))
        if kept is not None and kept[0] > now:
            return kept[1]
        self._rules = {key: value for key, value in self._rules.items() if value[0] > now}
        rules = await self._ask(guild_id, command_id)
        self._rules[guild_id, command_id] = (now + KEPT_FOR, rules)
        return rules

    async def _ask(self, guild_id: int, command_id: int) -> Sequence[Rule]:
        application_id = self._bot.application_id or 0
        for subject in (command_id, application_id):
            # A command without rules of its own goes by the application's, kept under its own id.
            try:
                found = await self._bot.http.get_application_command_permissions(
                    application_id, guild_id, subject
                )
            except discord.NotFound:
                continue
            return [
                Rule(About(rule["type"]), int(rule["id"]), rule["permission"])
                for rule in found["permissions"]
            ]
        return ()


def allowed(rules: Iterable[Rule], asker: Asker) -> bool:
    """Apply a command's rules: the channel's word, then the member's, their roles', everyone's.

    A rule about the server's id means everyone, one about the id below it all channels (Discord's
    documentation, "Application command permissions").
    """
    said = {(rule.about, rule.id): rule.permission for rule in rules}
    places = [said.get((About.CHANNEL, each)) for each in (*asker.channel_ids, asker.guild_id - 1)]
    if next((found for found in places if found is not None), True) is False:
        return False
    if (own := said.get((About.USER, asker.member_id))) is not None:
        return own
    roles = [said.get((About.ROLE, each)) for each in asker.role_ids if each != asker.guild_id]
    decided = [found for found in roles if found is not None]
    return any(decided) if decided else said.get((About.ROLE, asker.guild_id), True)
