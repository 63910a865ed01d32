"""Whose turn it is: round robin between members, each member's own jobs in the order they were asked for.

Of the members who wait and hold fewer slots than they may, the one served longest ago goes next; who was
never served goes before all others. So a member with fifty waiting jobs delays another's first by at most
the one job that has just begun.
"""

import bisect
import itertools
from collections.abc import Mapping

Order = tuple[int, str]
"""When a job was asked for (Unix milliseconds), and its id for the jobs of one millisecond."""


class Turns:
    """Waiting jobs by member. Nothing here knows of time, slots or SQLite.

    Parameters
    ----------
    in_flight, per_member
        How many jobs may be at the provider at once, in all and of one member.
    """

    def __init__(self, *, in_flight: int, per_member: int) -> None:
        self._in_flight = in_flight
        self._per_member = per_member
        self._waiting: dict[int, list[Order]] = {}
        self._members: dict[str, int] = {}
        self._served: dict[int, int] = {}
        self._rounds = itertools.count(1)

    def add(self, job_id: str, member_id: int, order: Order) -> None:
        """Let a job wait; one that waits already stays where it is."""
        if job_id not in self._members:
            self._members[job_id] = member_id
            bisect.insort(self._waiting.setdefault(member_id, []), order)

    def remove(self, job_id: str) -> None:
        """Take a job out; one that does not wait is fine."""
        member_id = self._members.pop(job_id, None)
        if member_id is None:
            return
        left = [order for order in self._waiting[member_id] if order[1] != job_id]
        if left:
            self._waiting[member_id] = left
        else:
            del self._waiting[member_id]

    def serve(self, job_id: str) -> int:
        """Take a job out because its turn has come, and return whose it was.

        Raises
        ------
        KeyError
            It does not wait.
        """
        member_id = self._members[job_id]
        self.remove(job_id)
        self.served(member_id)
        return member_id

    def served(self, member_id: int) -> None:
        """Note that a member was served just now (after a restart: in the order of their submissions)."""
        # Put last, so that the oldest are found first when members who no longer wait are forgotten.
        self._served.pop(member_id, None)
        self._served[member_id] = next(self._rounds)
        if len(self._served) > 1000 + 2 * len(self._waiting):
            self._served = {each: turn for each, turn in self._served.items() if each in self._waiting}

    def next(self, in_flight: Mapping[int, int]) -> str | None:
        """Return the job that may go now, ``None`` if none may.

        Parameters
        ----------
        in_flight
            How many slots each member holds.
        """
        if sum(in_flight.values()) >= self._in_flight:
            return None
        able = [each for each in self._waiting if in_flight.get(each, 0) < self._per_member]
        if not able:
            return None
        return self._waiting[min(able, key=self._turn)][0][1]

    def ahead(self, job_id: str) -> int:
        """Return how many jobs go before a waiting one, as far as turns decide; 0 if it does not wait."""
        member_id = self._members.get(job_id)
        if member_id is None:
            return 0
        own = [order[1] for order in self._waiting[member_id]].index(job_id)
        turn = self._turn(member_id)
        others = sum(
            min(len(orders), own + (self._turn(each) < turn))
            for each, orders in self._waiting.items()
            if each != member_id
        )
        return own + others

    def __len__(self) -> int:
        return len(self._members)

    def _turn(self, member_id: int) -> tuple[int, Order]:
        return (self._served.get(member_id, 0), self._waiting[member_id][0])
