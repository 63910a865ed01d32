"""``python -m tests.e2e.fork_server SOCKET``: forks a bot whenever one is asked for.

Imports are two thirds of what a start costs, and they are done here once. Nothing else is shared: every bot
is a process of its own that runs its program from the first line. Each connection asks for one with a line
of JSON and is answered with two lines, each when it is so: its process id, then its exit status.
"""

import ctypes
import gc
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from tests.repeating import ASKED, repeat_transactions

BOT = Path(__file__).parents[2] / "bot.py"
_DIE_WITH_PARENT = 1


def main(path: str) -> None:
    """Serve until this process is killed."""
    _die_with_parent()
    runpy.run_path(str(BOT), run_name="imported")
    if os.environ.get(ASKED):
        repeat_transactions()
    # What stays in memory for good need not be copied because a collector counts its references.
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _keep(connection)
            connection.close()
            _reap()


def _keep(connection: socket.socket) -> None:
    """Fork one bot and tell what becomes of it."""
    _die_with_parent()
    with connection, connection.makefile("rw") as lines:
        wish = json.loads(lines.readline())
        child = os.fork()
        if child == 0:
            connection.close()
            _become(wish)
        lines.write(f"{child}\n")
        lines.flush()
        _, status = os.waitpid(child, 0)
        lines.write(f"{os.waitstatus_to_exitcode(status)}\n")
    os._exit(0)


def _become(wish: dict[str, Any]) -> None:
    _die_with_parent()
    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv = [wish["program"], *wish["arguments"]]
    runpy.run_path(wish["program"], run_name="__main__")
    sys.exit(0)


def _reap() -> None:
    """Take note of those that have ended: none of them is to be left as a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1])
