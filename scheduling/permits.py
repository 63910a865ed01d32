"""Leave to make one call to the provider."""

from collections.abc import Callable
from types import TracebackType
from typing import Self


class Permit:
    """Leave to make one call. A context manager: the call must have ended when it is left.

    Until then, and for a minute after, the call counts as one that the provider may count.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close: Callable[[], None] | None = close

    def close(self) -> None:
        """End the call; a second time does nothing."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Ask(Permit):
    """Leave to ask about the job in ``job_ids``, or about all of them with one list (``by_list``).

    What was learned is told to ``Scheduler.answered`` (or ``doubt``) before the ask is left. A job of which
    nothing was told is asked about again: by itself until a list names it, where the list named others.
    """

    def __init__(self, close: Callable[[], None], *, job_ids: tuple[str, ...], by_list: bool) -> None:
        super().__init__(close)
        self.job_ids = job_ids
        self.by_list = by_list
