"""What is to happen in a run, in its order, as files: whoever works takes the next one."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.crash.touches import Order


class Orders:
    """A folder with a file for each order that nobody has taken; a rename takes one, for one process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, orders: Sequence[Order]) -> None:
        """Write them down, before anybody is there to take them."""
        self._folder.mkdir()
        for number, order in enumerate(orders):
            (self._folder / f"{number:04}").write_text(str(order))

    @property
    def left(self) -> int:
        """How many nobody has taken."""
        return len(self._names())

    def take(self) -> Order | None:
        """Take the next one, if there is one."""
        for name in self._names():
            taken = self._folder / f"taken-{name}"
            with suppress(FileNotFoundError):
                os.rename(self._folder / name, taken)  # noqa: PTH104 (what ``pathlib`` would do is watched)
                return Order.read(taken.read_text())
        return None

    def drop(self) -> None:
        """Have no more of them happen."""
        while self.take() is not None:
            continue

    def _names(self) -> list[str]:
        return sorted(name for name in os.listdir(self._folder) if name.isdigit())  # noqa: PTH208
