"""What may be told of a job's start and end: the queue played through with the durations learned so far.

One play tells of all waiting jobs; a thousand of them take a few milliseconds.
"""

import heapq
import math
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.clock import Clock
from domain.job import Job, Status
from domain.limits import SOFT_DEADLINE
from domain.views import Expectation
from jobs.groups import group_of
from jobs.queue.pace import MINUTE
from jobs.queue.slots import Slots
from scheduling.distributions import mean_left, remaining
from scheduling.durations import Durations

OFF_BY = 0.25
"""An estimate on a card is corrected when what is left differs by more than this share."""
LEAST = 5_000
"""Milliseconds: smaller corrections are nobody's business."""
LEAD = 10_000
"""Milliseconds before a moment from which it is no longer said: cards are looked at every few seconds."""
USUAL = 1.5
"""What has run for longer than so many times the usual takes longer than usual."""
PLAYED_FOR = 1.0
"""Seconds for which a play tells of the jobs that were in it."""


class Forecast:
    """Estimates for cards.

    ``submits_per_minute`` bounds how fast a queue can move; ``submits_in`` tells in how many seconds the next
    of it may be submitted, as far as the provider's limit allows.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        durations: Durations,
        slots: Slots,
        submits_per_minute: int,
        submits_in: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._durations = durations
        self._slots = slots
        self._gap = 60.0 / submits_per_minute
        self._submits_in = submits_in
        self._waiting: dict[str, Expectation] = {}
        self._good_until = -math.inf

    def expect(self, job: Job) -> Expectation:
        """Return how many wait before a job, and when it will start and end (Unix milliseconds)."""
        if job.status is Status.QUEUED:
            if self._slots.away:
                return Expectation(away=True)
            if job.id not in self._waiting or self._clock.monotonic() > self._good_until:
                self._play([job])
            # One that is about to be submitted waits for nobody.
            return self._waiting.get(job.id) or Expectation(starts_at=self._clock.now())
        return self._of_running(job) if job.status is Status.RUNNING else Expectation()

    def said(self, job: Job) -> Expectation:
        """Return what a card says of it: no moment that may have passed before it is replaced."""
        return _sayable(self.expect(job), self._clock.now())

    def no_longer_so(self, jobs: Collection[Job], shown: Callable[[str], Expectation | None]) -> list[Job]:
        """Return the jobs whose cards say what is no longer so: their times, or that they are not late.

        Parameters
        ----------
        shown
            What a job's card says, if that is known.
        """
        self._play([job for job in jobs if job.status is Status.QUEUED])
        now = self._clock.now()
        pairs = ((job, shown(job.id)) for job in jobs if job.status in {Status.QUEUED, Status.RUNNING})
        return [job for job, said in pairs if said is not None and _is_off(said, self.said(job), now)]

    def _of_running(self, job: Job) -> Expectation:
        now = self._clock.now()
        age = now - (job.submitted_at or job.created_at)
        if age > SOFT_DEADLINE:
            return Expectation(late=True)
        durations = self._durations.distribution(group_of(job))
        if age > USUAL * remaining(durations, 0) * 1000 + LEAD:
            return Expectation(slow=True)
        left = remaining(durations, max(age, 0) / 1000)
        return Expectation(ends_at=now + round(left * 1000))

    def _play(self, joining: Iterable[Job]) -> None:
        """Play the queue through, with jobs that will join it once their sources are there."""
        waiting = self._slots.waiting(joining)
        groups = [group_of(job) for job in waiting]
        fits = {group: self._durations.fit(group) for group in set(groups)}
        lasting = {group: (fit.mean, round(fit.median * 1000)) for group, fit in fits.items()}
        starting = expected_starts(
            [(job.member_id, lasting[group][0]) for job, group in zip(waiting, groups, strict=True)],
            held=[job.member_id for job in self._slots.held()],
            left=self._left,
            limits=Limits(
                self._slots.limit,
                self._slots.per_member,
                self._gap,
                self._slots.pace.per_minute,
                self._submits_in(),
            ),
            begun=self._slots.pace.ages(),
        )
        now = self._clock.now()
        self._waiting = {}
        running = Counter(job.member_id for job in self._slots.held())
        for ahead, (place, starts) in enumerate(starting):
            starts_at = now + round(starts * 1000)
            # Only the first of a member's waits for nothing but the end of one of theirs.
            own = running.pop(waiting[place].member_id, 0)
            self._waiting[waiting[place].id] = Expectation(
                own=own if own >= self._slots.per_member else 0,
                ahead=ahead,
                starts_at=starts_at,
                ends_at=starts_at + lasting[groups[place]][1],
            )
        self._good_until = self._clock.monotonic() + PLAYED_FOR

    def _left(self) -> Iterator[tuple[float, int]]:
        """Yield the seconds that each job is expected to hold its slot for, and whose it is."""
        now = self._clock.now()
        for job in self._slots.held():
            age = max(0, now - (job.submitted_at or now)) / 1000
            yield mean_left(self._durations.fit(group_of(job)), age), job.member_id


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds the queue: slots in all and of one member, and seconds between two submits.

    ``pace`` is how many of one member may begin within a minute, ``opens`` the seconds until the next submit.
    """

    in_flight: int
    per_member: int
    gap: float
    pace: int | None = None
    opens: float = 0.0


def expected_starts(
    waiting: Iterable[tuple[int, float]],
    *,
    held: Sequence[int],
    left: Callable[[], Iterable[tuple[float, int]]],
    limits: Limits,
    begun: Mapping[int, Iterable[float]] | None = None,
) -> Iterator[tuple[int, float]]:
    """Yield the place of each waiting job and in how many seconds it will start, the earliest first.

    Who holds as many slots as they may, or rests, is stepped over, and keeps their place.

    Parameters
    ----------
    waiting
        The member of each waiting job in the order of their turns, and the seconds that it is to take.
    held
        The member of each job that holds a slot.
    left
        Yields the seconds that each of these is to have left, and its member; asked for once they matter.
    begun
        By member how many seconds ago jobs of theirs began, oldest first.
    """
    return _Play(waiting, held=held, left=left, limits=limits, begun=begun or {}).starts()


class _Play:
    """The queue, played through once."""

    def __init__(
        self,
        waiting: Iterable[tuple[int, float]],
        *,
        held: Sequence[int],
        left: Callable[[], Iterable[tuple[float, int]]],
        limits: Limits,
        begun: Mapping[int, Iterable[float]],
    ) -> None:
        self._limits = limits
        self._left = left
        self._queues: dict[int, deque[tuple[int, float]]] = {}
        for place, (member, seconds) in enumerate(waiting):
            self._queues.setdefault(member, deque()).append((place, seconds))
        self._slots_of = Counter(held)
        self._begun = {each: deque([-age for age in ages], limits.pace) for each, ages in begun.items()}
        # By member: those who may go are few, the jobs are not.
        self._able = [
            (queue[0][0], each)
            for each, queue in self._queues.items()
            if self._slots_of[each] < limits.per_member
        ]
        heapq.heapify(self._able)
        self._lined_up = {each for _, each in self._able}
        # When what ends: a job, which frees a slot, or somebody's rest.
        self._ends: list[tuple[float, int, bool]] = []
        self._resting: set[int] = set()
        self._now, self._free = limits.opens, limits.in_flight - len(held)
        self._unknown = bool(held)

    def starts(self) -> Iterator[tuple[int, float]]:
        while self._queues:
            if self._able and self._free > 0:
                _, member = heapq.heappop(self._able)
                self._lined_up.remove(member)
                if (end := self._rests_until(member)) > self._now:
                    self._resting.add(member)
                    heapq.heappush(self._ends, (end, member, False))
                    continue
                yield self._start(member)
            else:
                member = self._end()
            self._line_up(member)

    def _start(self, member: int) -> tuple[int, float]:
        place, seconds = self._queues[member].popleft()
        if not self._queues[member]:
            del self._queues[member]
        started = self._now
        self._begun.setdefault(member, deque(maxlen=self._limits.pace)).append(started)
        heapq.heappush(self._ends, (started + seconds, member, True))
        self._now, self._free = started + self._limits.gap, self._free - 1
        self._slots_of[member] += 1
        return place, started

    def _end(self) -> int:
        """Go on to the next end, and return whose it is."""
        if self._unknown:
            self._ends += ((max(0.0, seconds), member, True) for seconds, member in self._left())
            heapq.heapify(self._ends)
            self._unknown = False
        end, member, frees = heapq.heappop(self._ends)
        self._now = max(self._now, end)
        if frees:
            self._free += 1
            self._slots_of[member] -= 1
        else:
            self._resting.discard(member)
        return member

    def _line_up(self, member: int) -> None:
        """Let a member be next in their place, if they may."""
        queue = self._queues.get(member)
        if queue is None or member in self._resting or member in self._lined_up:
            return
        if self._slots_of[member] < self._limits.per_member:
            self._lined_up.add(member)
            heapq.heappush(self._able, (queue[0][0], member))

    def _rests_until(self, member: int) -> float:
        begun = self._begun.get(member)
        if self._limits.pace is None or begun is None or len(begun) < self._limits.pace:
            return 0.0
        return begun[0] + MINUTE


def _sayable(expected: Expectation, now: int) -> Expectation:
    """Leave out the moments that are so near that a card might still say them when they have passed."""

    def ahead(moment: int | None) -> int | None:
        return moment if moment is not None and moment > now + LEAD else None

    return replace(expected, starts_at=ahead(expected.starts_at), ends_at=ahead(expected.ends_at))


def _is_off(shown: Expectation, fresh: Expectation, now: int) -> bool:
    if (shown.late, shown.slow, shown.own, shown.away) != (fresh.late, fresh.slow, fresh.own, fresh.away):
        return True
    if bool(shown.ahead) != bool(fresh.ahead):
        # Whether anybody goes first is seen; of how many it is enough that it was so.
        return True
    if any(said is not None and said <= now + LEAD for said in (shown.starts_at, shown.ends_at)):
        return True
    return _differ(shown.starts_at, fresh.starts_at, now) or _differ(shown.ends_at, fresh.ends_at, now)


def _differ(shown: int | None, fresh: int | None, now: int) -> bool:
    if shown is None or fresh is None:
        return shown is not fresh
    difference = abs(fresh - shown)
    return difference > LEAST and difference > OFF_BY * abs(shown - now)
