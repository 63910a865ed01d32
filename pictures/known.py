"""What was found of a file, by its hash, with what was made of it: no file is decoded twice in a while."""

from collections import OrderedDict
from dataclasses import dataclass

from domain.errors import Refusal
from domain.limits import MIB
from pictures.values import Reply

MOST_BYTES = 64 * MIB
"""Of all that was made and is remembered: a thumbnail has a tenth of a megabyte, a normal form some four."""
MOST_FILES = 1_000

Key = tuple[str, str]
"""What was asked about a file, and its SHA-256."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How looking at a file ended, be it that it is refused, and the files that were ``made`` of it."""

    found: Reply | Refusal
    made: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that was made."""
        return sum(map(len, self.made))


class Known:
    """Remembers the files that were asked about last."""

    def __init__(self) -> None:
        self._looked: OrderedDict[Key, Looked] = OrderedDict()
        self._bytes = 0

    def recall(self, key: Key) -> Looked | None:
        """Return what is known of a file."""
        if key in self._looked:
            self._looked.move_to_end(key)
        return self._looked.get(key)

    def remember(self, key: Key, looked: Looked) -> None:
        """Take note of how looking at a file ended."""
        self._looked[key] = looked
        self._bytes += looked.size
        while self._bytes > MOST_BYTES or len(self._looked) > MOST_FILES:
            _, oldest = self._looked.popitem(last=False)
            self._bytes -= oldest.size
