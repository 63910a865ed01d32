"""A file of which only some ranges can be seen, so that Pillow never meets the others."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Slices(io.RawIOBase):
    """The bytes of ``file`` in ``parts`` (start, end), one behind the other; ``file`` stays the caller's."""

    def __init__(self, file: BinaryIO, parts: Sequence[tuple[int, int]]) -> None:
        self._file = file
        self._parts = [(start, end) for start, end in parts if end > start]
        self._ends = list(accumulate(end - start for start, end in self._parts))
        self._at = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any place can be gone to."""
        return True

    def tell(self) -> int:
        """Return the place among the visible bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place among the visible bytes."""
        total = self._ends[-1] if self._ends else 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: total}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, up to the end of a range at most; return how many bytes it got."""
        which = bisect_right(self._ends, self._at)
        if which == len(self._ends):
            return 0
        view = memoryview(buffer)
        left = self._ends[which] - self._at
        self._file.seek(self._parts[which][1] - left)
        data = self._file.read(min(len(view), left))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
