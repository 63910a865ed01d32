"""The kept process: real ones, and shell scripts that stand in for an interpreter that misbehaves."""

import asyncio
import os
import select
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from domain.errors import Reason, Refusal
from domain.limits import MIB
from pictures.fit import fit
from pictures.inspect import inspect
from pictures.kept import Exhausted, Kept
from pictures.values import Request
from pictures.work import PictureWork

from .material import PNG_SIGNATURE, Put, chunk, encoded, header, noisy_photo, photo, png, zeros

StandIn = Callable[..., Kept]
ROOT = Path(__file__).parents[2]
REAL = f'exec {sys.executable} "$@"'
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="caps address space")


@pytest.fixture
async def kept() -> AsyncIterator[Kept]:
    process = Kept()
    yield process
    await process.close()


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    """Let a shell script stand in for the interpreter; each start of it is a line of ``starts``."""
    made: list[Kept] = []

    def make(*lines: str) -> Kept:
        script = tmp_path / "python"
        script.write_text("\n".join(["#!/bin/sh", f"echo start >> {tmp_path}/starts", *lines]))
        script.chmod(0o700)
        made.append(Kept(python=str(script)))
        return made[-1]

    yield make
    for each in made:
        await each.close()


def first_time(tmp_path: Path, what: str) -> str:
    """Do something at the first start only."""
    return f"if mkdir {tmp_path}/started 2>/dev/null; then {what}; fi"


async def begun(tmp_path: Path) -> None:
    """Wait until a script has said so. No FIFO: a thread that waits for one outlives every time limit."""
    async with asyncio.timeout(60):
        while not (tmp_path / "begun").exists():
            await asyncio.sleep(0.01)


def with_answer(expression: str) -> str:
    """Start the real process with an answer of a test's own in it."""
    code = f"""
import os, time
from pictures import child
real, left = child.answer, []
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
child.answer = lambda request, files: {expression}
child.main()
"""
    return f'exec {sys.executable} -c "{code}" "$4"'


def starts(tmp_path: Path) -> int:
    return len((tmp_path / "starts").read_text().splitlines())


def look(*, seconds: int = 20) -> Request:
    return {
        "task": "inspect",
        "outs": 0,
        "limit": MIB * 50,
        "sha256": "known",
        "seconds": seconds,
        "pixels": 64_000_000,
    }


async def test_a_picture_looks_the_same_from_there(kept: Kept, put: Put, tmp_path: Path) -> None:
    path = put(encoded(photo(), "PNG"))
    here = inspect(path, thumbnail=tmp_path / "here")
    made = {"thumbnail": tmp_path / "there", "normal": tmp_path / "normal"}
    assert await PictureWork(small=kept).inspect(path, member_id=1, **made) == here
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


async def test_a_picture_is_fitted_the_same_there(kept: Kept, put: Put, tmp_path: Path) -> None:
    path, work = put(encoded(noisy_photo("cat", (300, 200)), "PNG")), PictureWork(small=kept)
    here = fit(path, tmp_path / "out", limit=30_000)
    data = (tmp_path / "out").read_bytes()
    assert here is not None
    assert await work.fit(path, tmp_path / "out", limit=30_000, member_id=1) == here
    assert (tmp_path / "out").read_bytes() == data
    assert await work.fit(path, tmp_path / "out", limit=100, member_id=1) is None


async def test_what_goes_wrong_comes_back_as_it_was(kept: Kept, put: Put, tmp_path: Path) -> None:
    work = PictureWork(small=kept)
    with pytest.raises(Refusal) as caught:
        await work.identify(put(b"8BPS" + bytes(100)), member_id=1)
    assert (caught.value.reason, dict(caught.value.values)) == (
        Reason.WRONG_TYPE,
        {"type": "a Photoshop file"},
    )
    with pytest.raises(FileNotFoundError):
        await work.identify(tmp_path / "missing", member_id=1)
    made = {"thumbnail": put(b"", "no-folder") / "thumbnail", "normal": tmp_path / "normal"}
    with pytest.raises(NotADirectoryError):
        await work.inspect(put(png()), member_id=1, **made)
    with pytest.raises(RuntimeError, match="1 to 8"):
        await work.sheet([put(png())] * 9, tmp_path / "sheet", member_id=1)


async def test_one_process_is_kept_for_all_pictures(stand_in: StandIn, put: Put, tmp_path: Path) -> None:
    kept, path = stand_in(REAL), put(png())
    replies = await asyncio.gather(*(kept.ask(look(), [path]) for _ in range(20)))
    assert [reply.get("inspected", [{}])[0].get("width") for reply in replies] == [8] * 20
    assert starts(tmp_path) == 1


def large_png(*, colour: int) -> bytes:
    """8,000 x 8,000 black pixels, a byte each when they are decoded, or four if they have colours."""
    data = chunk(b"IDAT", zeros((62 if colour == 0 else 184) << 20)) + chunk(b"IEND")
    return PNG_SIGNATURE + header(8_000, 8_000, colour=colour) + data


@on_linux
async def test_a_picture_that_needs_more_memory_than_there_is_is_refused(
    put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, small = put(large_png(colour=0)), PictureWork(large=Kept(memory=90 * MIB))
    with pytest.raises(Refusal) as caught:
        await small.identify(path, member_id=1)
    assert caught.value.reason is Reason.TOO_HARD
    assert await small.fit(path, tmp_path / "out", limit=10_000, member_id=1) is None
    assert "more memory" in caplog.text
    assert (await small.identify(put(png(), "other"), member_id=1)).width == 8
    await small.close()


async def test_a_process_that_grew_large_is_replaced(stand_in: StandIn, put: Put, tmp_path: Path) -> None:
    kept = stand_in(with_answer("left.append(b'x' * request['limit']) or real(request, files)"))
    for limit in (1_000, 300 * MIB, 1_000, 1_000):
        assert "inspected" in await kept.ask({**look(), "limit": limit}, [put(png())])
    assert starts(tmp_path) == 2


async def test_a_large_picture_leaves_no_large_process(stand_in: StandIn, put: Put, tmp_path: Path) -> None:
    kept = stand_in(REAL)
    for data in (large_png(colour=2), png()):
        assert "inspected" in await kept.ask(look(), [put(data)])
    assert starts(tmp_path) == 1


def test_what_the_bot_holds_is_not_counted_as_the_processs(put: Put) -> None:
    """Linux hands the most that a process ever held on to those that it starts."""
    code = """
import asyncio, sys
from pathlib import Path
from pictures.kept import Kept
from pictures.work import PictureWork
large = b"x" * (300 << 20)

async def main():
    kept = Kept()
    await PictureWork(small=kept).identify(Path(sys.argv[1]), member_id=1)
    print("kept" if kept._process else "replaced")
    await kept.close()

asyncio.run(main())
"""
    command = [sys.executable, "-c", code, str(put(png()))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "kept"


async def test_a_process_that_died_while_nobody_looked_is_replaced(kept: Kept, put: Put) -> None:
    path = put(png())
    await kept.ask(look(), [path])
    assert kept._process is not None
    kept._process.kill()
    assert "inspected" in await kept.ask(look(), [path])


async def test_a_picture_whose_process_dies_is_tried_again(
    stand_in: StandIn, put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = stand_in(first_time(tmp_path, "kill -KILL $$"), REAL)
    assert "inspected" in await kept.ask(look(), [put(png())])
    assert starts(tmp_path) == 2
    assert "signal 9" in caplog.text


async def test_a_picture_of_which_a_process_dies_twice_is_refused(
    stand_in: StandIn, put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = PictureWork(small=stand_in("read line; kill -SEGV $$"))
    with pytest.raises(Refusal) as caught:
        await work.identify(put(png()), member_id=1)
    assert caught.value.reason is Reason.TOO_HARD
    assert await work.fit(put(png()), tmp_path / "out", limit=10, member_id=1) is None
    assert "signal 11" in caplog.text
    assert starts(tmp_path) == 4


async def test_a_picture_that_takes_too_much_of_the_processor_is_not_tried_again(
    stand_in: StandIn, put: Put, tmp_path: Path
) -> None:
    with pytest.raises(Exhausted):
        await stand_in("read line; kill -XCPU $$").ask(look(), [put(png())])
    assert starts(tmp_path) == 1


async def test_the_processors_time_is_counted_for_each_picture_anew(stand_in: StandIn, put: Put) -> None:
    kept, request = stand_in(with_answer("burn(request['limit'] / 1000) or {}")), look(seconds=1)
    for _ in range(3):
        assert await kept.ask({**request, "limit": 600}, [put(png())]) == {}
    with pytest.raises(Exhausted):
        await kept.ask({**request, "limit": 1_000_000}, [put(png())])


async def test_others_are_not_harmed_by_a_picture_that_never_ends(
    stand_in: StandIn, put: Put, tmp_path: Path
) -> None:
    kept, path = stand_in(f"while [ ! -e {tmp_path}/go ]; do :; done", REAL), put(png())
    hung = asyncio.ensure_future(kept.ask(look(seconds=0), [path]))
    others = [asyncio.ensure_future(kept.ask(look(), [path])) for _ in range(3)]
    while kept._process is None:
        await asyncio.sleep(0)
    first = kept._process
    with pytest.raises(Exhausted):
        await hung
    assert first.returncode == -9
    (tmp_path / "go").touch()
    assert all("inspected" in reply for reply in await asyncio.gather(*others))


async def test_a_picture_that_nobody_waits_for_any_more_is_given_up_and_others_are_not_harmed(
    stand_in: StandIn, put: Put, tmp_path: Path
) -> None:
    begin = f"read line; echo > {tmp_path}/begun; while :; do :; done"
    kept, path = stand_in(first_time(tmp_path, begin), REAL), put(png())
    given_up = asyncio.ensure_future(kept.ask(look(), [path]))
    waiting, leaving = (asyncio.ensure_future(kept.ask(look(), [path])) for _ in range(2))
    await begun(tmp_path)
    running = kept._process
    leaving.cancel()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert running is not None
    assert running.returncode == -9
    assert "inspected" in await waiting
    assert leaving.cancelled()
    assert starts(tmp_path) == 2


async def test_closing_ends_the_process_and_whoever_waits_for_it(
    stand_in: StandIn, put: Put, tmp_path: Path
) -> None:
    kept, path = stand_in(f"read line; echo > {tmp_path}/begun; while :; do :; done"), put(png())
    waiting = [asyncio.ensure_future(kept.ask(look(), [path])) for _ in range(3)]
    await begun(tmp_path)
    await kept.close()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
    with pytest.raises(asyncio.CancelledError):
        await kept.ask(look(), [path])
    assert starts(tmp_path) == 1


async def test_closing_while_the_process_starts_leaves_none(kept: Kept, put: Put) -> None:
    asking = asyncio.ensure_future(kept.ask(look(), [put(png())]))
    await asyncio.sleep(0)
    await kept.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert kept._process is None


async def test_a_process_that_cannot_work_is_our_mistake_and_not_the_pictures(
    stand_in: StandIn, put: Put
) -> None:
    with pytest.raises(RuntimeError, match="ended by itself"):
        await stand_in("exit 1").ask(look(), [put(png())])
    with pytest.raises(FileNotFoundError):
        await Kept(python="/nowhere/python").ask(look(), [put(png())])


async def test_it_is_told_none_of_the_bots_secrets(
    stand_in: StandIn, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    await stand_in(f"env > {tmp_path}/seen", REAL).ask(look(), [put(png())])
    seen = (tmp_path / "seen").read_text()
    assert "PWD" in seen
    assert "a-secret" not in seen


async def test_what_a_library_prints_is_not_taken_for_an_answer(stand_in: StandIn, put: Put) -> None:
    kept = stand_in(with_answer("os.write(1, b'noise') and real(request, files)"))
    assert "inspected" in await kept.ask(look(), [put(png())])


@on_linux
def test_it_ends_with_the_bot_even_if_that_is_killed(put: Put) -> None:
    code = """
import asyncio, os, signal, sys
from pathlib import Path
from pictures.kept import Kept
from pictures.work import PictureWork

async def main():
    kept = Kept()
    await PictureWork(small=kept).identify(Path(sys.argv[1]), member_id=1)
    print(kept._process.pid, flush=True)
    sys.stdin.read(1)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    command = [sys.executable, "-c", code, str(put(png()))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as bot:
        assert bot.stdout is not None
        gone = os.pidfd_open(int(bot.stdout.readline()))
        bot.communicate("x")
    assert bot.returncode == -9
    assert select.select([gone], [], [], 60)[0]
    os.close(gone)
