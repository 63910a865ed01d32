"""Files whose store is silent hold up no start: it is said, and asked again."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assembly.keeping import look_at_files
from jobs.keeping import erasure
from storage import answering
from storage.erasure_record import ErasureFile
from storage.files import Files, Unreachable
from tests.jobs.harness import LONG, Harness, opened


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    async with opened(tmp_path) as harness:
        yield harness


async def test_a_record_of_erasures_that_is_silent_keeps_no_bot_from_its_work(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()

    def silent(_: ErasureFile) -> list[tuple[int, str]]:
        answer.wait(LONG)
        return []

    eraser = harness.parts.leaving.eraser
    eraser._replayed = False
    monkeypatch.setattr(erasure, "AT_THE_START", 0.1)
    with monkeypatch.context() as patched:
        patched.setattr(ErasureFile, "lines", silent)
        try:
            await asyncio.wait_for(eraser.replay(), LONG / 2)
        finally:
            answer.set()
    assert not eraser._replayed
    # Once it works there is time for a long one.
    with monkeypatch.context() as patched:
        patched.setattr(ErasureFile, "lines", lambda _: time.sleep(0.3) or [])
        await eraser.look()
    assert eraser._replayed


async def test_a_store_that_refuses_or_is_silent_is_told_of_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    files, answer = Files(tmp_path), threading.Event()
    monkeypatch.setattr(answering, "ANSWERS_WITHIN", 0.1)
    await look_at_files(files)
    assert caplog.messages == []

    def refuses() -> None:
        raise Unreachable(5, "The store of FILES_URL fails.")

    for place in (refuses, lambda: answer.wait(LONG)):
        monkeypatch.setattr(files, "place", place)
        await look_at_files(files)
    answer.set()
    assert caplog.messages == [
        "The store of FILES_URL fails. Jobs wait for it.",
        "The place of the files does not answer in time. Jobs wait for it.",
    ]
