"""What a process does just now: it waits for its turn, connects to Discord, or works."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

Poked = Callable[[str, bytes], Awaitable[bool | None]]
"""Takes a webhook's secret and body; ``False``: the secret is nobody's; ``None``: another process works."""


class Duty:
    """Says what a process does to whoever asks from outside, and who takes a webhook."""

    def __init__(self) -> None:
        self.waits = False
        self.poked: Poked | None = None
        self._connected: Callable[[], bool] = _not_yet

    @asynccontextmanager
    async def at_work(self, *, poked: Poked, connected: Callable[[], bool]) -> AsyncGenerator[None]:
        """Take webhooks until the end of the block, and be ready while ``connected``."""
        self.waits, self.poked, self._connected = False, poked, connected
        try:
            yield
        finally:
            self.poked, self._connected = None, _not_yet

    @property
    def state(self) -> str:
        if self.waits:
            return "waits"
        if self.poked is None:
            return "starts or stops"
        return "works" if self._connected() else "connects"

    @property
    def is_ready(self) -> bool:
        """Tell whether members are served here, now."""
        return self.state == "works"


def _not_yet() -> bool:
    return False
