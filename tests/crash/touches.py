"""Counting the moments at which a process touches the outside, and doing something to it at some of them."""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

_write, _kill, _getpid = os.write, os.kill, os.getpid
KILL = "kill"
ENDS_A_TURN = frozenset({KILL, "stop", "cut", "silence", "away"})
"""What a process does not work on after, unless it takes the leases again."""
UNTIL_STOPPED = 0.05
"""Seconds after which a process has stopped that told itself to."""


_ORDER = re.compile(r"((?P<fault>[a-z]+)@)?(?P<label>.*)#(?P<nth>\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """At which touch something happens: the ``nth`` with this label, or of all where there is no label.

    Without a label they are counted from the order before. But for a ``KILL`` the process stops there: whoever
    runs it knows what the ``fault`` is and lets it go on.
    """

    nth: int
    label: str = ""
    fault: str = KILL

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``label#nth`` or ``#nth``, as ``str`` writes them and traces list them, after ``fault@`` or not.

        Raises
        ------
        ValueError
            It is neither.
        """
        found = _ORDER.fullmatch(text)
        if found is None or int(found["nth"]) < 1:
            raise ValueError(f"{text!r} is not label#number or #number")
        return cls(int(found["nth"]), found["label"], found["fault"] or KILL)

    def __str__(self) -> str:
        return f"{'' if self.fault == KILL else f'{self.fault}@'}{self.label}#{self.nth}"


class Touches:
    """Counts touches, writes each as a line ``label#nth`` to ``trace``, and ends or stops the process as ordered.

    The line is written first: the last line of a trace says where that was, and what is to be done.

    Parameters
    ----------
    take
        Returns the next order, or none. The touches that it speaks of are counted from when it was taken.
    begins
        The label of the touch at which the first one is taken, or the next one after ``ENDS_A_TURN``; without
        it one is taken at once, and no other.
    at_last
        A touch with a label that has not come up after so many of all is not waited for any longer.
    """

    def __init__(
        self,
        *,
        trace: int,
        take: Callable[[], Order | None],
        begins: str = "",
        at_last: int | None = None,
    ) -> None:
        self._trace = trace
        self._take = take
        self._begins = begins
        self._at_last = at_last
        self._order = None if begins else take()
        self._all = 0
        self._by_label: Counter[str] = Counter()
        self._lock = threading.Lock()

    def touch(self, label: str) -> None:
        """Count one touch; does not return where an order says that all ends here."""
        with self._lock:
            if self._begins and label == self._begins and self._order is None:
                self._next()
            self._all += 1
            self._by_label[label] += 1
            order = self._order if self._is_ordered(label) else None
            here = Order(self._by_label[label], label, KILL if order is None else order.fault)
            _write(self._trace, f"{here}\n".encode())
            if order is None:
                return
            if order.fault != KILL:
                self._order = None
                if self._begins and order.fault not in ENDS_A_TURN:
                    self._next()
                _kill(_getpid(), signal.SIGSTOP)
                time.sleep(UNTIL_STOPPED)
                return
            _kill(_getpid(), signal.SIGKILL)
            while True:  # the other threads may run for a moment, this one does not go on
                signal.pause()

    def _next(self) -> None:
        self._order = self._take()
        self._all = 0
        self._by_label.clear()

    def _is_ordered(self, label: str) -> bool:
        order = self._order
        if order is None:
            return False
        if not order.label:
            return self._all == order.nth
        named = label == order.label and self._by_label[label] == order.nth
        return named or self._all == self._at_last
