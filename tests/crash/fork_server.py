"""A process that has imported all that the bot imports, and forks a bot whenever one is asked for.

Imports are two thirds of what a start costs; nothing else is shared: every bot is a process of its own that
runs ``bot.py`` from its first line. One line of JSON asks for a bot and is answered with two, each when it
is so: its process id, then its exit status.
"""

import ctypes
import json
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

from tests.crash.killed import BOT, live
from tests.crash.touches import Order

_DIE_WITH_PARENT = 1


def main() -> None:
    """Serve until standard input ends."""
    _die_with_parent()
    runpy.run_path(str(BOT), run_name="imported")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))


def _become(wish: dict[str, Any]) -> None:
    _die_with_parent()
    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(wish["settings"])
    live(Path(wish["trace"]), Order.read(wish["order"]) if wish["order"] else None)
    sys.exit(0)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
