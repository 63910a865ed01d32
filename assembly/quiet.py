"""What is logged of a process whose turn is over: that it is, and not each thing that it can no longer do."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from pixeldojo.transport import Withheld
from storage.errors import LeaseLost


class QuietEnd(logging.Filter):
    """Makes one line, and no error, of whatever fails because another process works."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record on its way to a handler: libraries log failures of ours, too."""
        if record.exc_info and _is_the_end(record.exc_info[1]):
            record.msg = f"{record.getMessage()} (This process's turn is over.)"
            record.args, record.exc_info, record.exc_text = (), None, None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


@contextmanager
def quiet_end() -> Generator[None]:
    """Filter what all handlers of the log are given, until the end of the block."""
    quiet, handlers = QuietEnd(), logging.getLogger().handlers
    for handler in handlers:
        handler.addFilter(quiet)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(quiet)


def _is_the_end(error: BaseException | None) -> bool:
    """Tell whether that is what an error was raised for, or from."""
    while error is not None:
        if isinstance(error, LeaseLost | Withheld):
            return True
        error = error.__cause__ or error.__context__
    return False
