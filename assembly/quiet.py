"""What is logged of a process whose turn is over: that it is, and not each thing that it can no longer do."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from pixeldojo.transport import Withheld
from storage.errors import LeaseLost, StorageError


class QuietEnd(logging.Filter):
    """Makes one line, and no error, of whatever fails because another process works.

    Once nothing ``is_held`` any more that is also what cannot be stored, for whatever reason: a connection
    that was lost while this process was stopped.
    """

    def __init__(self, is_held: Callable[[], bool]) -> None:
        super().__init__()
        self._is_held = is_held

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record on its way to a handler: libraries log failures of ours, too."""
        over = (LeaseLost, Withheld) if self._is_held() else (StorageError, Withheld)
        if record.exc_info and _comes_of(record.exc_info[1], over):
            record.msg = f"{record.getMessage()} (This process's turn is over.)"
            record.args, record.exc_info, record.exc_text = (), None, None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


@contextmanager
def quiet_end(is_held: Callable[[], bool]) -> Generator[None]:
    """Filter what all handlers of the log are given, until the end of the block."""
    quiet, handlers = QuietEnd(is_held), logging.getLogger().handlers
    for handler in handlers:
        handler.addFilter(quiet)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(quiet)


def _comes_of(error: BaseException | None, kinds: tuple[type[Exception], ...]) -> bool:
    """Tell whether an error is of one of these kinds, or was raised from one."""
    while error is not None:
        if isinstance(error, kinds):
            return True
        error = error.__cause__ or error.__context__
    return False
