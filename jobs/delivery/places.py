"""Places that refuse us are left alone, one by one, so that no other place suffers for them.

After five refusals in a row of one kind a channel is left alone: for a minute, then twice as long each time,
up to an hour. When the time is over one request may try. After five channels of a server in a row the server
is: one channel alone never silences its server. Whatever changes permissions clears it.
"""

import logging
from dataclasses import dataclass, field

from domain.clock import Clock
from domain.limits import HOUR, MINUTE, SECOND
from domain.places import Deed, LeftAlone, Place
from storage import places
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

IN_A_ROW = 5
FIRST_PAUSE, LONGEST_PAUSE = MINUTE, HOUR
TRIAL = 30 * SECOND
"""Milliseconds for which nobody else tries while one request does."""
REMEMBERED = 10_000
"""Places that have refused at least once, without being left alone, that are remembered."""


@dataclass(slots=True)
class _Standing:
    """How a place treats us; of a server, ``channels`` are those that refused in a row."""

    refusals: int = 0
    until: int = 0
    on_trial: bool = False
    channels: set[int] = field(default_factory=set[int])


class Places:
    """Counts refusals by place. What it decides is kept in rows, and known again after a restart."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._standings: dict[Place, _Standing] = {}

    async def load(self) -> None:
        """Take up what was decided before the last stop."""
        for left in await self._database.run(places.all_left_alone):
            self._standings[left.place] = _Standing(refusals=left.refusals, until=left.until)

    def may_ask(self, place: Place) -> bool:
        """Tell whether a request may be sent; after a pause, one may."""
        now = self._clock.now()
        closed = [
            standing
            for each in _with_server(place)
            if (standing := self._standings.get(each)) is not None and standing.refusals >= IN_A_ROW
        ]
        if any(now < standing.until for standing in closed):
            return False
        for standing in closed:
            standing.until, standing.on_trial = now + TRIAL, True
        return True

    async def refused(self, place: Place) -> None:
        """Take note that a request was refused in a place."""
        for each in _with_server(place):
            standing = self._standings.setdefault(each, _Standing())
            is_server = each != place
            if is_server and standing.refusals < IN_A_ROW and place.channel_id in standing.channels:
                continue
            if standing.refusals >= IN_A_ROW and not standing.on_trial:
                # It was on its way when the place was closed.
                continue
            standing.channels.add(place.channel_id)
            standing.refusals += 1
            standing.on_trial = False
            if standing.refusals >= IN_A_ROW:
                await self._leave_alone(each, standing)
        self._forget()

    async def answered(self, place: Place) -> None:
        """Take note that a request was not refused in a place."""
        for each in _with_server(place):
            if each in self._standings:
                await self._welcome(each)

    async def permissions_changed(self, guild_id: int, channel_id: int | None = None) -> None:
        """Try again where a channel's permissions changed, or anywhere in a server."""
        changed = [
            place
            for place in self._standings
            if place.guild_id == guild_id and channel_id in {None, place.channel_id}
        ]
        server = [Place(guild_id, 0, deed) for deed in Deed]
        for place in {*changed, *(each for each in server if each in self._standings)}:
            await self._welcome(place)

    async def _leave_alone(self, place: Place, standing: _Standing) -> None:
        pause = min(FIRST_PAUSE << min(standing.refusals - IN_A_ROW, 10), LONGEST_PAUSE)
        standing.until = self._clock.now() + pause
        log.warning(
            "Discord refused %d times in a row (%s) in channel %d of server %d: left alone for %d s.",
            standing.refusals,
            place.deed,
            place.channel_id,
            place.guild_id,
            pause // SECOND,
        )
        try:
            await self._database.run(
                places.leave_alone, LeftAlone(place, refusals=standing.refusals, until=standing.until)
            )
        except StorageError as error:
            log.warning("That could not be stored: %s", error)

    async def _welcome(self, place: Place) -> None:
        standing = self._standings.pop(place)
        if standing.refusals < IN_A_ROW:
            return
        log.info("Channel %d of server %d may be tried again.", place.channel_id, place.guild_id)
        try:
            await self._database.run(places.welcome, place)
        except StorageError as error:
            log.warning("That could not be stored: %s", error)

    def _forget(self) -> None:
        """Forget those of the oldest that were not left alone."""
        if len(self._standings) > REMEMBERED:
            self._standings = {
                place: standing
                for place, standing in self._standings.items()
                if standing.refusals >= IN_A_ROW
            }


def _with_server(place: Place) -> tuple[Place, ...]:
    if not place.guild_id or not place.channel_id:
        return (place,)
    return (place, Place(place.guild_id, 0, place.deed))
