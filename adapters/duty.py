"""What a process does just now: it starts, waits for its turn, connects to Discord, works, or stops."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

Poked = Callable[[str, bytes], Awaitable[bool | None]]
"""Takes a webhook's secret and body; ``False``: the secret is nobody's; ``None``: another process works."""


class Duty:
    """Says what a process does to whoever asks from outside, and who takes a webhook."""

    def __init__(self) -> None:
        self.waits = False
        self.poked: Poked | None = None
        self._stops = False
        self._connected: Callable[[], bool] = _no
        self._ends: Callable[[], bool] = _no

    @asynccontextmanager
    async def at_work(
        self, *, poked: Poked, connected: Callable[[], bool], ends: Callable[[], bool]
    ) -> AsyncGenerator[None]:
        """Take webhooks until the end of the block; be ready while ``connected`` and not ``ends``."""
        self.waits, self.poked, self._connected, self._ends = False, poked, connected, ends
        try:
            yield
        finally:
            self.poked, self._stops = None, True

    def stops(self) -> None:
        """Note that no more work is begun: what is under way is brought to where it can be left."""
        self._stops = True

    @property
    def state(self) -> str:
        if self.waits:
            return "waits"
        if self._stops or self._ends():
            return "stops"
        if self.poked is None:
            return "starts"
        return "works" if self._connected() else "connects"

    @property
    def is_ready(self) -> bool:
        """Tell whether members are served here, now."""
        return self.state == "works"


def _no() -> bool:
    return False
