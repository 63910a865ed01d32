"""``bot.py`` as it is, but that it stops itself at one request: see ``stops``.

``STOP_AT`` in the environment is where and at which request, ``STOP_AFTER`` which one was written before.
``WRITTEN`` is a file that gets a line for each request that was handed to its connection.
"""

import os
import re
import runpy
import signal
from pathlib import Path
from typing import Any

from aiohttp.http_writer import StreamWriter

BOT = Path(__file__).parents[2] / "bot.py"


def stops(where: str, after: str, written: Path) -> None:
    """Stop this process ``looking …``, before it looks whether it may, or when it has ``looked``."""
    place, _, pattern = where.partition(" ")
    begin, write = StreamWriter.write_headers, StreamWriter._write
    lines: dict[StreamWriter, str] = {}
    seen: list[str] = []
    stopped: list[str] = []

    def stop(at: str, line: str) -> None:
        if at == place and not stopped and re.search(pattern, line) and re.search(after, "\n".join(seen)):
            stopped.append(line)
            os.kill(os.getpid(), signal.SIGSTOP)

    async def write_headers(self: StreamWriter, status_line: str, headers: Any) -> None:
        stop("looking", status_line)
        await begin(self, status_line, headers)
        lines[self] = status_line

    def _write(self: StreamWriter, chunk: Any) -> None:
        line = lines.pop(self, "")
        stop("looked", line)
        write(self, chunk)
        if line:
            seen.append(line)
            with written.open("a") as file:
                file.write(f"{'woken' if stopped else 'before'} {line}\n")

    def _writelines(self: StreamWriter, chunks: Any) -> None:
        _write(self, b"".join(chunks))

    StreamWriter.write_headers, StreamWriter._write = write_headers, _write  # type: ignore[method-assign]
    StreamWriter._writelines = _writelines  # type: ignore[method-assign]


if __name__ == "__main__":
    stops(os.environ["STOP_AT"], os.environ["STOP_AFTER"], Path(os.environ["WRITTEN"]))
    runpy.run_path(str(BOT), run_name="__main__")
