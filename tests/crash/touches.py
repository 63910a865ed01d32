"""Counting the moments at which a process touches the outside, and ending it by SIGKILL at one of them."""

import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Self

_write, _kill, _getpid = os.write, os.kill, os.getpid


@dataclass(frozen=True, slots=True)
class Order:
    """At which touch to end: the ``nth`` with this label, or the ``nth`` of all where there is no label."""

    nth: int
    label: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``label#nth`` or ``#nth``, as ``str`` writes them and traces list them.

        Raises
        ------
        ValueError
            It is neither.
        """
        label, separator, nth = text.rpartition("#")
        if not separator or not nth.isdigit() or int(nth) < 1:
            raise ValueError(f"{text!r} is not label#number or #number")
        return cls(int(nth), label)

    def __str__(self) -> str:
        return f"{self.label}#{self.nth}"


class Touches:
    """Counts touches, writes each as a line ``label#nth`` to ``trace``, and ends the process as ordered.

    The line is written before the process ends: the last line of a trace says where that was.
    """

    def __init__(self, *, trace: int, order: Order | None) -> None:
        self._trace = trace
        self._order = order
        self._all = 0
        self._by_label: Counter[str] = Counter()
        self._lock = threading.Lock()

    def touch(self, label: str) -> None:
        """Count one touch; does not return where the order says so."""
        with self._lock:
            self._all += 1
            self._by_label[label] += 1
            _write(self._trace, f"{label}#{self._by_label[label]}\n".encode())
            if self._is_ordered(label):
                _kill(_getpid(), signal.SIGKILL)
                while True:  # the other threads may run for a moment, this one does not go on
                    signal.pause()

    def _is_ordered(self, label: str) -> bool:
        if self._order is None:
            return False
        if not self._order.label:
            return self._all == self._order.nth
        return label == self._order.label and self._by_label[label] == self._order.nth
