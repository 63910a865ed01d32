"""``python -m tests.e2e.starts``: several starts of bot.py at once, each in a process of its own.

One JSON object on standard input, settings by name; one on standard output, exit status and all that was
printed by name. What the bot imports is imported once: that is most of what a start costs.
"""

import asyncio
import importlib
import json
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from playground.bot_process import bare_environment

ROOT = Path(__file__).parents[2]
BOT = ROOT / "bot.py"
COMMAND = [sys.executable, "-m", "tests.e2e.starts"]


async def start_several(
    wishes: Mapping[str, Mapping[str, str]], *, command: Sequence[str] = COMMAND
) -> dict[str, tuple[int, str]]:
    """Start a bot with each of these settings; return exit statuses and what was printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=bare_environment({}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await asyncio.wait_for(process.communicate(json.dumps(wishes).encode()), 40)
    return {name: (status, printed) for name, (status, printed) in json.loads(answer).items()}


def begin(settings: dict[str, str]) -> tuple[int, int]:
    """Start one; return its process id and where to read what it prints."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        for stream in (1, 2):
            os.dup2(writer, stream)
        os.environ.update(settings)
        os._exit(live())
    os.close(writer)
    return child, reader


def live() -> int:
    """Run the bot to its end; return its exit status."""
    sys.argv = [str(BOT)]
    try:
        runpy.run_path(str(BOT), run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    else:
        status = 0
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status


def end(child: int, reader: int) -> tuple[int, str]:
    """Wait for one to end."""
    with os.fdopen(reader) as printed:
        text = printed.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), text


if __name__ == "__main__":
    importlib.import_module("bot")
    del sys.modules["bot"]
    children = {name: begin(settings) for name, settings in json.load(sys.stdin).items()}
    json.dump({name: end(*child) for name, child in children.items()}, sys.stdout)
