"""Which running job is asked about next, and when: the scheduler's memory, without any waiting.

All moments are seconds on one clock that never jumps.
"""

import heapq
import itertools
import math
from collections import Counter

from scheduling.calls import Call
from scheduling.durations import Bounds, Group
from scheduling.listing import FEWEST, Listing
from scheduling.outlook import Outlook
from scheduling.watched import Choice, Watched

CANDIDATES = 64
"""Due jobs that are weighed against each other, the longest due; so that a thousand cost no more."""


class Agenda:
    """Running jobs and the moments at which to ask about them."""

    def __init__(self, *, outlook: Outlook) -> None:
        self._outlook = outlook
        self._jobs: dict[str, Watched] = {}
        self._load: Counter[Group] = Counter()
        self._heap: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._waiting: dict[str, None] = {}
        self._pokes: dict[str, None] = {}
        self._listing = Listing()
        self._listable = 0
        self._list_mode = False
        self._list_due = math.inf

    def group(self, job_id: str) -> Group | None:
        """Return the group of a job, if it is watched."""
        job = self._jobs.get(job_id)
        return None if job is None else job.group

    def watch(
        self, job_id: str, *, group: Group, started: float, now: float, every: float | None = None
    ) -> None:
        """Begin with a running job; one that is watched already stays as it is."""
        if job_id not in self._jobs:
            # While the bot was away nobody waited to ask: that must not count as age against submits.
            job = self._jobs[job_id] = Watched(job_id, group, started, every, not_before=now)
            self._count(job, 1)
            self._plan(job)
            if self._listed(job) and not self._listing.is_under_way(now):
                self._list_due = min(self._list_due, self._outlook.list_due([job], now=started))

    def slow_down(self, job_id: str, *, every: float) -> None:
        """Ask about a job only every so many seconds from now on."""
        job = self._jobs.get(job_id)
        if job is not None and job.every is None:
            self._count(job, -1)
            job.every = every
            self._plan(job)

    def forget(self, job_id: str) -> None:
        """End with a job; one that is not watched is fine."""
        job = self._jobs.pop(job_id, None)
        if job is not None:
            self._count(job, -1)
            self._waiting.pop(job_id, None)
            self._pokes.pop(job_id, None)

    def poke(self, job_id: str, now: float) -> None:
        """Take note that the provider told of a job: one ask follows, however often it does."""
        job = self._jobs.get(job_id)
        if job is None:
            self._outlook.late_poke(job_id)
        else:
            job.poke(now, by_webhook=True)
            if job_id not in self._pokes:
                self._plan(job)

    def doubt(self, job_id: str, now: float) -> None:
        """Take in that the list says a job has ended, but not what it made: one ask by itself follows."""
        job = self._jobs.get(job_id)
        if job is not None:
            self._listing.names(job_id, now)
            job.sent = None
            job.poke(now, by_webhook=False)
            self._plan(job)

    def refresh(self, now: float, rate: float) -> None:
        """Fit the plans to the load and to a budget in requests a second."""
        self._listing.look(self._listable, now)
        list_mode = self._listing.usable and self._listable >= FEWEST
        switched, self._list_mode = list_mode != self._list_mode, list_mode
        changed = self._outlook.refresh(self._load, rate=rate, now=now) or switched
        if switched or not list_mode:
            self._plan_list(now)
        if not changed:
            return
        self._heap.clear()
        for job in self._jobs.values():
            self._plan(job)

    def next_due(self, now: float) -> float:
        """Return from when on some job is due; infinity if none will ever be."""
        self._promote(now)
        if self._pokes or self._waiting:
            return now
        return min(self._heap[0][0] if self._heap else math.inf, self._list_due)

    @property
    def poked(self) -> bool:
        """Whether a job waits to be asked about because its end was told of."""
        return bool(self._pokes)

    def choose(self, now: float) -> Choice | None:
        """Return whom to ask about now, or ``None`` if nobody is due."""
        self._promote(now)
        for job_id in self._pokes:
            return Choice((job_id,), self._jobs[job_id].due, Call.POKE)
        if self._list_due <= now and (listed := self._choose_list(now)) is not None:
            return listed
        due = [self._jobs[job_id] for job_id in itertools.islice(self._waiting, CANDIDATES)]
        if not due:
            return None
        best = max(due, key=lambda job: self._outlook.urgency(job, now))
        return Choice((best.job_id,), best.due, Call.SWEEP if self._outlook.sweeping else Call.STATUS)

    def take(self, choice: Choice, now: float) -> None:
        """Note that a choice is being asked about."""
        for job_id in choice.job_ids:
            self._jobs[job_id].sent = now
            self._plan(self._jobs[job_id])
        if choice.call is Call.LIST:
            self._listing.ask(choice.job_ids, now)
            self._plan_list(now)

    def answered(self, job_id: str, now: float, *, running: bool) -> Bounds | None:
        """Take in an answer about a job; one that has ended is forgotten.

        Returns
        -------
        Between which ages an ended job ended, unless it was late, or not watched at all.
        """
        job = self._jobs.get(job_id)
        if job is None:
            return None
        if self._listing.names(job_id, now) and job.missing:
            self._count(job, -1)
            job.missing = False
            self._count(job, 1)
        if running:
            job.still_runs(now)
            self._plan(job)
            return None
        self.forget(job_id)
        if job.every is not None:
            return None
        self._outlook.found(job_id, now, by_poke=job.by_webhook)
        return job.bounds(now)

    def closed(self, choice: Choice, now: float) -> None:
        """Take in that the call for a choice has ended: jobs without an answer are asked about again."""
        jobs = [self._jobs[job_id] for job_id in choice.job_ids if job_id in self._jobs]
        silent = [job for job in jobs if job.sent is not None]
        if choice.call is Call.LIST:
            self._listing.end(now)
            self._left_out(silent)
            self._plan_list(now)
        else:
            for job in silent:
                job.miss(now)
        for job in silent:
            self._plan(job)

    def _left_out(self, jobs: list[Watched]) -> None:
        """Ask about jobs one by one until the list names them; where it is no list, about all anyway."""
        for job in jobs:
            self._count(job, -1)
            job.sent, job.missing = None, self._listing.usable
            self._count(job, 1)

    def _count(self, job: Watched, number: int) -> None:
        if job.every is None:
            self._load[job.group] += number
            if not self._load[job.group]:
                del self._load[job.group]
            self._listable += 0 if job.missing else number

    def _listed(self, job: Watched) -> bool:
        return self._list_mode and not job.missing and job.every is None

    def _plan(self, job: Watched) -> None:
        """Set the moment at which a job is due, and put it on the heap."""
        self._waiting.pop(job.job_id, None)
        self._pokes.pop(job.job_id, None)
        job.due = self._due(job)
        if job.due < math.inf:
            heapq.heappush(self._heap, (job.due, next(self._order), job.job_id))

    def _due(self, job: Watched) -> float:
        fixed = job.fixed_due()
        if fixed is not None:
            return fixed
        if self._listed(job) and job.doubted is None:
            return math.inf
        if job.doubted is not None:
            return job.not_before
        return max(job.not_before, job.started + self._outlook.next_age(job.group, job.asked))

    def _plan_list(self, now: float) -> None:
        """Set the moment at which to ask for the list: when it is worth it, or to try it."""
        if self._listing.is_under_way(now):
            self._list_due = self._listing.until
        elif self._list_mode:
            jobs = [job for job in self._jobs.values() if job.sent is None and self._listed(job)]
            self._list_due = self._outlook.list_due(jobs, now=now)
        else:
            self._list_due = self._listing.try_at

    def _choose_list(self, now: float) -> Choice | None:
        """Return the list, if it is still worth it after what has changed since its moment was set."""
        self._plan_list(now)
        if self._list_due > now:
            return None
        ids = tuple(job.job_id for job in self._jobs.values() if job.sent is None)
        if not ids:
            self._listing.postpone(now)
            self._plan_list(now)
            return None
        return Choice(ids, self._list_due, Call.LIST)

    def _promote(self, now: float) -> None:
        """Move those that have become due from the heap to where one of them is chosen."""
        while self._heap:
            due, _, job_id = self._heap[0]
            job = self._jobs.get(job_id)
            stale = job is None or job.due != due
            if not stale and due > now:
                break
            heapq.heappop(self._heap)
            if job is None or stale:
                continue
            if job.sent is not None:
                job.miss(now)
                self._plan(job)
            elif job.poked is not None:
                self._pokes[job_id] = None
            else:
                self._waiting[job_id] = None
