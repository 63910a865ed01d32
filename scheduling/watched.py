"""A running job as the agenda sees it. Moments are seconds on one clock, ages seconds since the submit."""

import math
from dataclasses import dataclass

from domain.patience import SHORTEST_PAUSE, pause_after
from scheduling.calls import LONGEST_ANSWER, Call
from scheduling.durations import Bounds, Group

POKE_REST = 5.0
"""Seconds after a poke that was premature before the next one for the same job is followed."""
POKE_DELAY = 3.0
"""Seconds that a poke may come after the end that it tells of."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to ask about: one job, or all with one list. ``since`` is the moment from which it waits."""

    job_ids: tuple[str, ...]
    since: float
    call: Call


@dataclass(slots=True)
class Watched:
    """A running job.

    ``asked`` is its age when the last ask that said "running" was sent; ``sent`` is set while an answer is
    waited for, ``poked`` from a word of its end (``by_webhook`` or by the list) to the answer that follows;
    ``missing`` while the last list that could be read did not name the job; one with ``every`` is late, and
    asked about only every so many seconds; ``doubted`` is from when on answers did not come, or said nothing
    that can be believed.
    """

    job_id: str
    group: Group
    started: float
    every: float | None = None
    asked: float = 0.0
    due: float = math.inf
    sent: float | None = None
    poked: float | None = None
    poked_again: bool = False
    by_webhook: bool = False
    not_before: float = -math.inf
    doubted: float | None = None
    missing: bool = False

    def fixed_due(self) -> float | None:
        """Return the moment to ask, where it does not follow from durations."""
        if self.sent is not None:
            return self.sent + LONGEST_ANSWER
        if self.poked is not None:
            return max(self.poked, self.not_before)
        if self.every is not None:
            return max(self.started + self.asked + self.every, self.not_before)
        return None

    def still_runs(self, now: float) -> None:
        """Take in the answer "running"."""
        sent = now if self.sent is None else self.sent
        self.asked = max(self.asked, sent - self.started)
        if self.poked is not None and self.poked <= sent:
            self.poked, self.not_before = (now if self.poked_again else None), now + POKE_REST
            self.poked_again, self.by_webhook = False, self.poked_again
        self.sent = self.doubted = None

    def miss(self, now: float) -> None:
        """Take in that no answer came, or none that can be believed."""
        self.sent = None
        if self.doubted is None:
            self.doubted = now
        self.not_before = now + pause_after(now - self.doubted)

    def poke(self, now: float, *, by_webhook: bool) -> None:
        """Take in a poke; one that comes while the answer to another is on its way may know more."""
        self.by_webhook = self.by_webhook or by_webhook
        if by_webhook and self.doubted is not None:
            # Something new was said: no need to wait for as long as nothing was.
            self.not_before = min(self.not_before, now + SHORTEST_PAUSE)
        if self.poked is None:
            self.poked = now
        else:
            self.poked_again = self.sent is not None

    def bounds(self, now: float) -> Bounds:
        """Return between which ages it ended, if that has just been found."""
        if self.poked is None:
            return Bounds(min(self.asked, now - self.started), now - self.started)
        high = self.poked - self.started
        low = max(self.asked, high - POKE_DELAY) if self.by_webhook else self.asked
        return Bounds(min(high, low), high)
