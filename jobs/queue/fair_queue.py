"""Whose turn it is: round robin between members, each member's own jobs in the order they were asked for.

Of the members who wait and hold fewer slots than they may, the one served longest ago goes next; who was
never served goes before all others. So a member with fifty waiting jobs delays another's first by at most
the one job that has just begun. All that is needed after a restart is in the jobs' rows: members, when their
jobs were asked for, and in which order the last ones were submitted.
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping

Order = tuple[int, str]
"""When a job was asked for (Unix milliseconds), and its id for the jobs of one millisecond."""

FORGOTTEN = 1000
"""Members who no longer wait are remembered as served up to this number; for longer than they can matter."""


class FairQueue:
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
        self._jobs: dict[str, tuple[int, Order]] = {}
        self._served: dict[int, int] = {}
        self._round = 0
        # (turn, first job's order, member); what is no longer so is skipped when it comes up.
        self._heap: list[tuple[int, Order, int]] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._jobs

    def add(self, job_id: str, member_id: int, order: Order) -> None:
        """Let a job wait; one that waits already stays where it is."""
        if job_id in self._jobs:
            return
        self._jobs[job_id] = (member_id, order)
        orders = self._waiting.setdefault(member_id, [])
        insort(orders, order)
        if orders[0] == order:
            self._queue_up(member_id)

    def remove(self, job_id: str) -> None:
        """Take a job out; one that does not wait is fine."""
        found = self._jobs.pop(job_id, None)
        if found is None:
            return
        member_id, order = found
        orders = self._waiting[member_id]
        del orders[bisect_left(orders, order)]
        if orders:
            self._queue_up(member_id)
        else:
            del self._waiting[member_id]

    def serve(self, job_id: str) -> int:
        """Take a job out because its turn has come, and return whose it was.

        Raises
        ------
        KeyError
            It does not wait.
        """
        member_id, _ = self._jobs[job_id]
        self.served(member_id)
        self.remove(job_id)
        return member_id

    def served(self, member_id: int) -> None:
        """Note that a member was served just now (after a restart: in the order of their submissions)."""
        self._round += 1
        # Put last, so that the oldest are found first when members who no longer wait are forgotten.
        self._served.pop(member_id, None)
        self._served[member_id] = self._round
        if len(self._served) > FORGOTTEN + 2 * len(self._waiting):
            self._served = {each: turn for each, turn in self._served.items() if each in self._waiting}
        if member_id in self._waiting:
            self._queue_up(member_id)

    def next(self, in_flight: Mapping[int, int], resting: Collection[int] = ()) -> str | None:
        """Return the job that may go now, ``None`` if none may.

        Parameters
        ----------
        in_flight
            How many slots each member holds; few enough hold all of theirs to be stepped over.
        resting
            Members who may not go now all the same; as few.
        """
        if sum(in_flight.values()) >= self._in_flight:
            return None
        full: list[tuple[int, Order, int]] = []
        job_id = None
        while job_id is None and self._heap:
            entry = self._heap[0]
            if self._is_stale(entry):
                heapq.heappop(self._heap)
            elif entry[2] in resting or in_flight.get(entry[2], 0) >= self._per_member:
                full.append(heapq.heappop(self._heap))
            else:
                job_id = entry[1][1]
        for entry in full:
            heapq.heappush(self._heap, entry)
        return job_id

    def waiting(self, joining: Iterable[tuple[int, Order]] = ()) -> Iterator[tuple[str, int]]:
        """Yield the waiting jobs and their members in the order of their turns, were there no caps.

        Parameters
        ----------
        joining
            Member and order of jobs that do not wait yet, as if they did.
        """
        waiting = {**self._waiting}
        for member_id, order in joining:
            waiting[member_id] = sorted([*waiting.get(member_id, ()), order])
        heads = [(self._served.get(each, 0), orders[0], 0, each) for each, orders in waiting.items()]
        heapq.heapify(heads)
        latest = self._round
        while heads:
            _, order, place, member_id = heads[0]
            yield order[1], member_id
            latest += 1
            orders = waiting[member_id]
            if place + 1 < len(orders):
                heapq.heapreplace(heads, (latest, orders[place + 1], place + 1, member_id))
            else:
                heapq.heappop(heads)

    def _queue_up(self, member_id: int) -> None:
        heapq.heappush(self._heap, (*self._turn(member_id), member_id))

    def _is_stale(self, entry: tuple[int, Order, int]) -> bool:
        turn, order, member_id = entry
        return member_id not in self._waiting or self._turn(member_id) != (turn, order)

    def _turn(self, member_id: int) -> tuple[int, Order]:
        return (self._served.get(member_id, 0), self._waiting[member_id][0])
