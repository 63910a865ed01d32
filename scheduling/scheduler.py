"""One scheduler for every call to the provider: who may call now, and whom to ask about.

Waiting calls and due jobs meet here. ``Agenda`` knows which job to ask about, ``Budget`` whether a call may
begin, ``Call`` who goes first; what is left is the waiting.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.clock import Clock
from scheduling import notes
from scheduling.agenda import Agenda
from scheduling.alarm import Alarm
from scheduling.budget import Budget
from scheduling.calls import Call
from scheduling.durations import Bounds, Durations, Group
from scheduling.outlook import Outlook
from scheduling.permits import Ask, Permit
from scheduling.pricing import Planner, Prices
from scheduling.watched import Choice

__all__ = ["Ask", "Call", "Permit", "Scheduler"]

SHORTEST_WAIT = 0.001
"""Seconds: a shorter wait may be lost in the rounding of a clock."""

T = TypeVar("T", bound=Permit)


@dataclass(slots=True)
class Waiting(Generic[T]):
    """Somebody who waits for a permit, since a moment."""

    since: float
    future: asyncio.Future[T]


class Scheduler:
    """Hands out permits and asks. Nothing is handed out unless ``run`` runs.

    Parameters
    ----------
    webhooks
        Whether the provider tells of ends by itself.
    keep
        Keeps the latest note of calls, for ``remember`` at the next start.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        requests_per_minute: int,
        submits_per_minute: int,
        durations: Durations,
        webhooks: bool,
        keep: Callable[[str], Awaitable[None]],
        prices: Prices | None = None,
        planner: Planner | None = None,
    ) -> None:
        self._clock = clock
        self._durations = durations
        self._keep = keep
        self._to_note = False
        self._budget = Budget(
            requests_per_minute=requests_per_minute, submits_per_minute=submits_per_minute, webhooks=webhooks
        )
        outlook = Outlook(
            durations=durations,
            planner=planner or Planner(),
            prices=prices or Prices(),
            webhooks=webhooks,
        )
        self._agenda = Agenda(outlook=outlook)
        self._callers: dict[Call, deque[Waiting[Permit]]] = {call: deque() for call in Call}
        self._askers: deque[Waiting[Ask]] = deque()
        self._alarm = Alarm(clock=clock)

    async def run(self) -> None:
        """Hand out permits and asks for ever."""
        while True:
            now = self._clock.monotonic()
            again = self._hand_out(now)
            if self._to_note:
                await self._note()
            else:
                await self._alarm.wait(max(again - now, SHORTEST_WAIT))

    async def permit(self, call: Call) -> Permit:
        """Wait for leave to make a call: ``with await scheduler.permit(Call.SUBMIT): ...``."""
        return await self._wait(self._callers[call])

    async def next_ask(self) -> Ask:
        """Wait until some job is worth asking about and a request is free: ``with await ...: ...``."""
        return await self._wait(self._askers)

    def submits_in(self) -> float:
        """Return in how many seconds a submission may leave, if nothing else happens before."""
        now = self._clock.monotonic()
        return self._budget.ready_at(Call.SUBMIT, now) - now

    def watch(self, job_id: str, *, group: Group, submitted_at: int, every: float | None = None) -> None:
        """Begin to ask about a running job.

        Parameters
        ----------
        submitted_at
            Unix milliseconds.
        every
            Seconds between asks about a job that is late; others are asked about when it is worth it.
        """
        age = max(0, self._clock.now() - submitted_at) / 1000
        now = self._clock.monotonic()
        self._agenda.watch(job_id, group=group, started=now - age, now=now, every=every)
        self._alarm.ring()

    def slow_down(self, job_id: str, *, every: float) -> None:
        """Ask about a late job only every so many seconds from now on."""
        self._agenda.slow_down(job_id, every=every)
        self._alarm.ring()

    def poke(self, job_id: str) -> None:
        """Take note of a webhook: one ask follows at once, whatever the number of webhooks before it."""
        self._agenda.poke(job_id, self._clock.monotonic())
        self._alarm.ring()

    def forget(self, job_id: str) -> None:
        """End with a job that is asked about no more; one that is not watched is fine."""
        self._agenda.forget(job_id)
        self._alarm.ring()

    def answered(self, job_id: str, *, running: bool) -> Bounds | None:
        """Take in an answer about a job; one that has ended is forgotten, and how long it took is learned.

        Returns
        -------
        Between which ages an ended job ended, to be kept for ``Durations.load``; ``None`` if it still runs,
        was late, or is not watched.
        """
        group = self._agenda.group(job_id)
        bounds = self._agenda.answered(job_id, self._clock.monotonic(), running=running)
        if bounds is not None and group is not None:
            self._durations.add(group, bounds, at_ms=self._clock.now())
        self._alarm.ring()
        return bounds

    def doubt(self, job_id: str) -> None:
        """Take in that the list says a job has ended, but not what it made: one ask by itself follows."""
        self._agenda.doubt(job_id, self._clock.monotonic())
        self._alarm.ring()

    def remember(self, noted: str | None) -> None:
        """Count the calls of an earlier life of this process, as they were kept."""
        if noted is not None:
            self._budget.remember(notes.read(noted, at=self._clock.now()), now=self._clock.monotonic())

    async def rest(self, keep: Callable[[str], Awaitable[None]]) -> None:
        """Have what was called kept, once ``run`` has ended: whoever is next counts nothing else."""
        await keep(notes.write(self._budget.rest(self._clock.monotonic()), at=self._clock.now()))

    def observe(
        self,
        *,
        limit: int | None = None,
        remaining: int | None = None,
        reset_at: float | None = None,
        retry_after: float | None = None,
        refused: bool = False,
        call: Call | None = None,
    ) -> None:
        """Take in what a reply said of the request limit: it goes down at once and comes back slowly.

        Parameters
        ----------
        limit, remaining
            Requests a minute.
        reset_at
            Unix seconds.
        retry_after
            Seconds, kept to exactly.
        refused
            Whether the reply was a 429.
        call
            What was replied to, if known; some limits count submits only.
        """
        self._budget.observe(
            call,
            now=self._clock.monotonic(),
            limit=limit,
            remaining=remaining,
            reset_in=None if reset_at is None else reset_at - self._clock.now() / 1000,
            retry_after=retry_after,
            refused=refused,
        )
        self._alarm.ring()

    def _hand_out(self, now: float) -> float:
        """Hand out all that may go now; return when to look again."""
        self._agenda.refresh(now, self._budget.rate(now))
        while self._hand_out_one(now):
            pass
        again = math.inf
        for call, callers in self._callers.items():
            if callers:
                again = min(again, self._budget.ready_at(call, now))
        if self._askers:
            due = self._agenda.next_due(now)
            call = Call.POKE if self._agenda.poked else Call.STATUS
            again = min(again, max(due, self._budget.ready_at(call, now)))
        return again

    def _hand_out_one(self, now: float) -> bool:
        """Hand out what waits for the longest, handicaps added, of all that may go now."""
        waiting = [
            (callers[0].since + call.handicap, call)
            for call, callers in self._callers.items()
            if _anybody(callers) and self._budget.ready_at(call, now) <= now
        ]
        first, call = min(waiting, key=lambda pair: pair[0], default=(math.inf, None))
        choice = self._choice(now)
        if choice is not None and choice.since + choice.call.handicap > first:
            choice = None
        next_call = call if choice is None else choice.call
        if next_call is None:
            return False
        self._to_note = not self._budget.is_noted(next_call)
        if self._to_note:
            return False
        if choice is not None:
            self._askers.popleft().future.set_result(self._ask(choice, now))
        else:
            self._callers[next_call].popleft().future.set_result(Permit(self._open(next_call, now)))
        return True

    async def _note(self) -> None:
        """Have the calls of the last minute kept, with some that may begin from now on."""
        await self._keep(notes.write(self._budget.note(self._clock.monotonic()), at=self._clock.now()))
        self._budget.noted()
        self._to_note = False

    def _choice(self, now: float) -> Choice | None:
        """Return whom to ask about, if somebody waits to do so and a request is free."""
        if not _anybody(self._askers) or self._budget.ready_at(Call.POKE, now) > now:
            return None
        choice = self._agenda.choose(now)
        return choice if choice is not None and self._budget.ready_at(choice.call, now) <= now else None

    def _ask(self, choice: Choice, now: float) -> Ask:
        self._agenda.take(choice, now)
        close = self._open(choice.call, now)

        def closed() -> None:
            close()
            self._agenda.closed(choice, self._clock.monotonic())
            self._alarm.ring()

        return Ask(closed, job_ids=choice.job_ids, by_list=choice.call is Call.LIST)

    def _open(self, call: Call, now: float) -> Callable[[], None]:
        """Begin a call and return what ends it."""
        tickets = self._budget.open(call, now)

        def close() -> None:
            self._budget.close(call, tickets, self._clock.monotonic())
            self._alarm.ring()

        return close

    async def _wait(self, queue: deque[Waiting[T]]) -> T:
        waiting = Waiting[T](self._clock.monotonic(), asyncio.get_running_loop().create_future())
        queue.append(waiting)
        self._alarm.ring()
        try:
            return await waiting.future
        except asyncio.CancelledError:
            # It may have been handed out in the very moment in which this task was cancelled.
            if waiting.future.done() and not waiting.future.cancelled():
                waiting.future.result().close()
            raise


def _anybody(queue: deque[Waiting[T]]) -> bool:
    """Drop those who no longer wait; tell whether anybody is left."""
    while queue and queue[0].future.done():
        queue.popleft()
    return bool(queue)
