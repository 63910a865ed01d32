"""What waits for a store in a thread keeps neither others from theirs nor the process from its end."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from assembly import threads
from assembly.threads import LeavingThreads
from tests.jobs.harness import LONG, until

HANGS = """
import asyncio, sys, threading
from assembly.threads import LeavingThreads

async def main():
    asyncio.get_running_loop().set_default_executor(LeavingThreads(2))
    task = asyncio.create_task(asyncio.to_thread(threading.Event().wait))
    await asyncio.sleep(0.1)
    task.cancel()
    return await asyncio.to_thread(lambda: 7)

sys.exit(asyncio.run(main()))
"""


def test_a_process_ends_though_a_store_hangs() -> None:
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", HANGS], cwd=root, timeout=LONG, check=False).returncode == 7


async def test_as_many_as_there_may_be_wait_at_once_and_the_rest_in_line() -> None:
    asyncio.get_running_loop().set_default_executor(pool := LeavingThreads(3))
    gate, begun = threading.Event(), list[None]()

    def work(number: int) -> int:
        begun.append(None)
        gate.wait(LONG)
        return number

    asked = [asyncio.create_task(asyncio.to_thread(work, number)) for number in range(8)]
    await until(lambda: len(begun) == 3, what="three threads")
    dropped = asked.pop()
    dropped.cancel()
    await asyncio.wait({dropped})
    gate.set()
    assert await asyncio.wait_for(asyncio.gather(*asked), LONG) == list(range(7))
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(lambda: 1 // 0)
    assert (len(begun), pool._started) == (7, 3)


def test_what_ends_soon_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "TO_END", LONG)
    pool, done = LeavingThreads(2), list[None]()
    pool.submit(lambda: (time.sleep(0.2), done.append(None)))
    pool.shutdown()
    assert done == [None]
