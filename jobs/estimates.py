"""When waiting jobs will start: the queue played through with the durations that are expected.

Pure, in seconds from now. A thousand waiting jobs take a few milliseconds; once for all cards is enough.
"""

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

OFF_BY = 0.25
"""A shown estimate is corrected when it is off by more than this share of the span that was shown."""
LEAST_MS = 5_000
"""Milliseconds: smaller corrections are nobody's business."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting job, and how many seconds it is expected to take once it runs."""

    job_id: str
    member_id: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Slots:
    """What bounds the queue: slots in all and of one member, and seconds between two submits."""

    in_flight: int
    per_member: int
    gap: float


def expected_starts(
    waiting: Iterable[Waiting], running: Iterable[tuple[int, float]], *, slots: Slots
) -> dict[str, float]:
    """Return in how many seconds each waiting job is expected to start.

    Parameters
    ----------
    waiting
        In the order of their turns.
    running
        Of each job that holds a slot, its member and the seconds that it is expected to have left.
    """
    return _Queue(waiting, running, slots).play()


def worth_correcting(*, shown_at: int, shown: int, fresh: int) -> bool:
    """Tell whether an estimate that was shown is so far off that the card should be edited.

    Parameters
    ----------
    shown_at, shown, fresh
        When it was shown, the moment that it named, and the one that is expected now: Unix milliseconds.
    """
    return abs(fresh - shown) > max(LEAST_MS, OFF_BY * (shown - shown_at))


class _Queue:
    """The waiting jobs in the order of their turns; those of members without a free slot are stepped over."""

    def __init__(
        self, waiting: Iterable[Waiting], running: Iterable[tuple[int, float]], slots: Slots
    ) -> None:
        self._slots = slots
        self._now = 0.0
        self._ends = [(max(0.0, left), member_id) for member_id, left in running]
        heapq.heapify(self._ends)
        self._held: dict[int, int] = {}
        for _, member_id in self._ends:
            self._held[member_id] = self._held.get(member_id, 0) + 1
        # By member, each with its place in the order: the members who may go are few, the jobs are not.
        self._queues: dict[int, deque[tuple[int, Waiting]]] = {}
        for place, job in enumerate(waiting):
            self._queues.setdefault(job.member_id, deque()).append((place, job))
        self._able = [(queue[0][0], each) for each, queue in self._queues.items() if self._has_room(each)]
        heapq.heapify(self._able)

    def play(self) -> dict[str, float]:
        starts: dict[str, float] = {}
        while self._able or (self._ends and self._queues):
            if not self._able or len(self._ends) >= self._slots.in_flight:
                self._end_one()
                continue
            job = self._take()
            starts[job.job_id] = self._now
            heapq.heappush(self._ends, (self._now + job.seconds, job.member_id))
            self._now += self._slots.gap
        return starts

    def _take(self) -> Waiting:
        _, member_id = heapq.heappop(self._able)
        _, job = self._queues[member_id].popleft()
        self._held[member_id] = self._held.get(member_id, 0) + 1
        if not self._queues[member_id]:
            del self._queues[member_id]
        elif self._has_room(member_id):
            self._line_up(member_id)
        return job

    def _end_one(self) -> None:
        end, member_id = heapq.heappop(self._ends)
        self._now = max(self._now, end)
        waited_for_room = not self._has_room(member_id)
        self._held[member_id] -= 1
        if waited_for_room and member_id in self._queues:
            self._line_up(member_id)

    def _line_up(self, member_id: int) -> None:
        heapq.heappush(self._able, (self._queues[member_id][0][0], member_id))

    def _has_room(self, member_id: int) -> bool:
        return self._held.get(member_id, 0) < self._slots.per_member
