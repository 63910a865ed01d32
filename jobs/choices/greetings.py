"""Which servers the bot has said hello to: also of those that it came into while it was down."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from domain.clock import Clock
from domain.limits import DAY
from storage import facts
from storage.database import Database
from storage.tx import Tx

FACT = "greetings"
LATEST = 7 * DAY
"""Milliseconds after which nobody who invited the bot waits for a word any more."""


@dataclass(frozen=True, slots=True)
class _Greeted:
    """Nobody is greeted who came before ``since``; ``servers``: when we came in there, by id (Unix ms)."""

    since: int
    servers: Mapping[str, int]


STRANGERS = "greetings_of_strangers"
"""As ``servers``, for those that were told that they may not use the bot: a fact of its own, which programs
of before do not read."""
WAIT = 365 * DAY
"""Milliseconds for which a server that may not use the bot is remembered, and greeted once it may."""


class Greetings:
    """One greeting for each time that the bot comes into a server; moments are Unix milliseconds."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, *, first: bool) -> None:
        """Greet from now on; at the ``first`` start of all also where the bot was invited before it."""
        await self._database.run(_begin, at=0 if first else self._clock.now())

    async def is_due(self, guild_id: int, *, joined_at: int, served: bool) -> bool:
        """Tell whether a server, which the bot came into at a moment, is still to be greeted.

        ``served``: it may use the bot now; one that might not, and was told so, is greeted however late.
        """
        strangers = await self._database.read(_strangers)
        if strangers.get(str(guild_id)) == joined_at:
            return served
        if joined_at + LATEST < self._clock.now():
            return False
        known = await self._database.read(_read)
        return joined_at > known.since and known.servers.get(str(guild_id)) != joined_at

    async def note(self, guild_id: int, *, joined_at: int, served: bool) -> None:
        """Note that a server was greeted, or (not ``served``) told that it may not use the bot."""
        await self._database.run(_note, guild_id, joined_at=joined_at, served=served, now=self._clock.now())


def _read(tx: Tx) -> _Greeted:
    kept = facts.fact(tx, FACT)
    return _Greeted(0, {}) if kept is None else _Greeted(**json.loads(kept))


def _strangers(tx: Tx) -> dict[str, int]:
    return json.loads(facts.fact(tx, STRANGERS) or "{}")


def _write(tx: Tx, greeted: _Greeted) -> None:
    kept = {"since": greeted.since, "servers": dict(greeted.servers)}
    facts.set_fact(tx, FACT, json.dumps(kept))


def _begin(tx: Tx, *, at: int) -> None:
    if facts.fact(tx, FACT) is None:
        _write(tx, _Greeted(at, {}))


def _note(tx: Tx, guild_id: int, *, joined_at: int, served: bool, now: int) -> None:
    known, here = _read(tx), str(guild_id)
    still = {each: moment for each, moment in known.servers.items() if moment >= now - LATEST}
    _write(tx, _Greeted(known.since, {**still, here: joined_at}))
    before = _strangers(tx)
    waiting = {each: moment for each, moment in before.items() if each != here and moment >= now - WAIT}
    after = waiting if served else {**waiting, here: joined_at}
    if after != before:
        facts.set_fact(tx, STRANGERS, json.dumps(after))
