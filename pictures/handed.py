"""Files that a picture process was handed as open descriptors: it never learns where they are."""

import os

_STEP = 1 << 20


class Handed:
    """An open file, used as a ``Path`` is: all of it is read or written at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def stat(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def read_bytes(self) -> bytes:
        data = bytearray()
        while part := os.pread(self._descriptor, _STEP, len(data)):
            data += part
        return bytes(data)

    def write_bytes(self, data: bytes, /) -> int:
        os.ftruncate(self._descriptor, 0)
        left, at = memoryview(data), 0
        while left:
            count = os.pwrite(self._descriptor, left, at)
            left, at = left[count:], at + count
        return at

    def close(self) -> None:
        os.close(self._descriptor)
