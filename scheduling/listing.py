"""Whether the provider's job list can be used: one reply of it then tells of all running jobs.

Its shape is not public and it may lag, hide or page, so nothing is taken for granted: it is tried once two
jobs run together, counts as usable while its replies name at least one of the jobs that it was asked about,
and is tried again ever more rarely after one that did not.
"""

import math
from collections.abc import Iterable

from scheduling.calls import LONGEST_ANSWER

FEWEST = 2
"""Running jobs from which on one list costs less than asking about each."""
FIRST_TRY = 3.0
"""Seconds for which so many run together before it is tried: a job that has just begun may lag there."""
SHORTEST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
"""Seconds between tries after a failure; doubled with each in a row."""


class Listing:
    """What is known of the list. One that names none of our jobs proves as little as one that is none."""

    def __init__(self) -> None:
        self.usable = False
        self.try_at = math.inf
        self._not_before = -math.inf
        self._pause = SHORTEST_PAUSE
        self._asked: frozenset[str] = frozenset()
        self._named = False
        self.until = -math.inf

    def look(self, running: int, now: float) -> None:
        """Decide when to try it, from how many jobs it might tell of."""
        if self.usable or running < FEWEST:
            self.try_at = math.inf
        elif self.try_at == math.inf:
            self.try_at = max(now + FIRST_TRY, self._not_before)

    def postpone(self, now: float) -> None:
        """Try it a little later: all that it might tell of is being asked about."""
        self.try_at = now + FIRST_TRY

    def is_under_way(self, now: float) -> bool:
        """Tell whether a reply is waited for."""
        return now < self.until

    def ask(self, job_ids: Iterable[str], now: float) -> None:
        """Note that it is being asked for."""
        self._asked, self._named = frozenset(job_ids), False
        self.until = now + LONGEST_ANSWER

    def names(self, job_id: str, now: float) -> bool:
        """Take in that something was said of a job; tell whether it was the list that did."""
        said = self.is_under_way(now) and job_id in self._asked
        self._named = self._named or said
        return said

    def end(self, now: float) -> None:
        """Take in that the call has ended: who has not been named by now was not in it."""
        self.until = -math.inf
        self.usable = self._named
        if self._named:
            self._pause = SHORTEST_PAUSE
        else:
            self.try_at, self._not_before = math.inf, now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
