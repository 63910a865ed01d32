"""What is logged, and how: one line an event, without secrets."""

import logging
import traceback
from pathlib import Path

from config.environment import ROOT
from config.settings import Settings

NOISY = {"discord": logging.INFO, "discord.http": logging.WARNING, "aiosqlite": logging.WARNING}
"""The least that other people's loggers may say: below it they print addresses, payloads and arguments."""


class _Redacted(logging.Formatter):
    """Takes our secrets out of whatever is logged: the last line of defence, not the first."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record if _is_ours(record.name) else _in_one_line(record))
        for secret in self._secrets:
            line = line.replace(secret, "…")
        return line


def _is_ours(name: str) -> bool:
    """Tell whether a logger is named for one of our rooms, or for the whole."""
    top = name.partition(".")[0]
    return top == "darkroom" or (ROOT / top).is_dir()


def _in_one_line(record: logging.LogRecord) -> logging.LogRecord:
    """Return what a library says, without the way that it came: what failed is told by its last place."""
    line = logging.makeLogRecord(record.__dict__)
    words = [*record.getMessage().split()]
    if record.exc_info and (error := record.exc_info[1]) is not None:
        words += [f"({type(error).__name__}:", *str(error).split(), f"at {_place(error)})"]
    line.msg, line.args, line.exc_info, line.exc_text, line.stack_info = " ".join(words), (), None, None, None
    return line


def _place(error: BaseException) -> str:
    *_, last = traceback.extract_tb(error.__traceback__) or [traceback.FrameSummary("nowhere", 0, "")]
    return f"{Path(last.filename).name}:{last.lineno}"


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, one line an event, without secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacted(settings.secrets))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name, least in NOISY.items():
        chosen = logging.getLevelNamesMapping()[settings.log_level]
        logging.getLogger(name).setLevel(max(least, chosen))
