"""Counting the moments at which a process touches the outside, and doing something to it at some of them."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_write, _kill, _getpid = os.write, os.kill, os.getpid
KILL = "kill"
UNTIL_STOPPED = 0.05
"""Seconds after which a process has stopped that told itself to."""


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
        fault, at, touch = text.partition("@")
        label, separator, nth = (touch if at else text).rpartition("#")
        if not separator or not nth.isdigit() or int(nth) < 1:
            raise ValueError(f"{text!r} is not label#number or #number")
        return cls(int(nth), label, fault if at else KILL)

    def __str__(self) -> str:
        return f"{'' if self.fault == KILL else f'{self.fault}@'}{self.label}#{self.nth}"


class Touches:
    """Counts touches, writes each as a line ``label#nth`` to ``trace``, and ends or stops the process as ordered.

    The line is written first: the last line of a trace says where that was.
    """

    def __init__(self, *, trace: int, orders: Sequence[Order]) -> None:
        self._trace = trace
        self._orders = list(orders)
        self._all = 0
        self._by_label: Counter[str] = Counter()
        self._lock = threading.Lock()

    def touch(self, label: str) -> None:
        """Count one touch; does not return where an order says that all ends here."""
        with self._lock:
            self._all += 1
            self._by_label[label] += 1
            _write(self._trace, f"{label}#{self._by_label[label]}\n".encode())
            if self._is_ordered(label):
                self._all = 0
                if self._orders.pop(0).fault != KILL:
                    _kill(_getpid(), signal.SIGSTOP)
                    time.sleep(UNTIL_STOPPED)
                    return
                _kill(_getpid(), signal.SIGKILL)
                while True:  # the other threads may run for a moment, this one does not go on
                    signal.pause()

    def _is_ordered(self, label: str) -> bool:
        if not self._orders:
            return False
        order = self._orders[0]
        if not order.label:
            return self._all == order.nth
        return label == order.label and self._by_label[label] == order.nth
