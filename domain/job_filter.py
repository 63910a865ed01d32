"""Which of their jobs a member wants to see."""

from dataclasses import dataclass
from enum import StrEnum

from domain.job import OPEN, Status

MOST_WORDS = 36
"""Characters of a search: it travels in the ids of a list's buttons, and Discord takes 100 of an id."""


class Group(StrEnum):
    """A state as a member thinks of it."""

    OPEN = "open"
    WAITING = "waiting"
    """Its results could not be delivered and were not collected yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATUSES = {
    Group.OPEN: OPEN,
    Group.WAITING: frozenset(Status),
    Group.DONE: frozenset({Status.DONE}),
    Group.FAILED: frozenset({Status.FAILED}),
    Group.CANCELLED: frozenset({Status.CANCELLED}),
}


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Jobs of one ``group``, if one is given, whose prompt holds all ``words``, in any case and order."""

    group: Group | None = None
    words: str = ""

    def wants(self, status: Status, *, collected: bool, prompt: str) -> bool:
        """Tell whether a job is one of these."""
        if self.group is Group.WAITING and collected:
            return False
        if self.group is not None and status not in _STATUSES[self.group]:
            return False
        prompt = prompt.casefold()
        return all(word in prompt for word in self.words.casefold().split())


ALL_JOBS = JobFilter()
