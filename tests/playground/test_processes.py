"""Keeping bots running: real processes of a few lines in place of the bot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from playground import processes as module
from playground.bot_process import BotProcess
from playground.loopback import free_port
from playground.processes import Processes

LONG = 20.0
PROGRAM = """
import http.server, json, os, pathlib
folder = pathlib.Path(os.environ["DATA_DIR"])
mine = str(os.getpid())

def take():
    try:
        holder = (folder / "lease").read_text()
        os.kill(int(holder), 0)
    except (FileNotFoundError, ProcessLookupError):
        (folder / "lease").write_text(holder := mine)
    return holder == mine

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if (folder / "broken").exists():
            os._exit(78)
        works = take()
        self.send_response(200 if works else 503)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"ready": works, "state": "works" if works else "waits"}).encode())

    def log_message(self, *_): pass

host, port = os.environ["WEBHOOK_LISTEN"].split(":")
http.server.HTTPServer((host, int(port)), Ready).serve_forever()
"""
"""Answers as the bot does: one of those that share a folder works, and whoever asks next takes over."""


@pytest_asyncio.fixture
async def running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Processes, "asyncio.Task[int]"]]:
    monkeypatch.setattr(module, "RESTART_AFTER", 0.1)
    monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    program = tmp_path / "bot.py"
    program.write_text(PROGRAM)
    bots: list[tuple[BotProcess, str]] = []
    for _ in range(2):
        address = f"127.0.0.1:{free_port()}"
        settings = {"DATA_DIR": str(tmp_path), "WEBHOOK_LISTEN": address}
        bots.append((BotProcess(settings=settings, program=program), f"http://{address}/readyz"))
    processes = Processes(bots)
    task = asyncio.create_task(processes.run())
    yield processes, task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(test: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG):
        while not test():
            await asyncio.sleep(0.02)


def states(processes: Processes) -> list[str]:
    return [each["state"] for each in processes.show()["processes"]]


Running = tuple[Processes, "asyncio.Task[int]"]


async def test_who_works_is_killed_the_other_takes_over_and_the_first_is_started_again(
    running: Running,
) -> None:
    processes, _ = running
    await until(lambda: sorted(states(processes)) == ["waiting", "working"])
    first, second = (states(processes).index(each) + 1 for each in ("working", "waiting"))
    assert processes.kill() == {"killed": first}
    await until(lambda: states(processes)[second - 1] == "working")
    await until(lambda: states(processes)[first - 1] == "waiting")
    told: dict[str, Any] = processes.show()["take_overs"][0]
    assert (told["from"], told["to"]) == (first, second)
    assert 0 < told["seconds"] < LONG


async def test_nobody_is_killed_while_nobody_works(running: Running) -> None:
    processes, _ = running
    with pytest.raises(ValueError, match="Nobody is at work"):
        processes.kill()


async def test_what_another_start_does_not_mend_ends_all_with_its_status(
    running: Running, tmp_path: Path
) -> None:
    processes, task = running
    await until(lambda: sorted(states(processes)) == ["waiting", "working"])
    (tmp_path / "broken").touch()
    assert await asyncio.wait_for(task, LONG) == 78
