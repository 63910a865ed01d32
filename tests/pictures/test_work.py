import asyncio
import hashlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio

from domain.errors import Reason, Refusal
from pictures.kept import Kept
from pictures.values import How
from pictures.work import PictureWork

from .material import PNG_SIGNATURE, Put, chunk, encoded, header, jpeg_with, noisy_photo, photo, segment
from .test_kept import REAL, first_time, with_answer

ROOT = Path(__file__).parents[2]
on_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pictures() -> AsyncIterator[PictureWork]:
    work = PictureWork()
    yield work
    await work.close()


@on_one_loop
async def test_a_source_becomes_a_thumbnail_and_a_sheet(
    pictures: PictureWork, put: Put, tmp_path: Path
) -> None:
    path, thumbnail = put(encoded(photo("coffee"), "JPEG")), tmp_path / "thumbnail"
    found = await pictures.inspect(path, thumbnail=thumbnail, normal=tmp_path / "normal", member_id=1)
    sheet = await pictures.sheet([thumbnail, path], tmp_path / "sheet", member_id=1)
    assert (found.width, found.height, found.media_type) == (600, 400, "image/jpeg")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (await pictures.identify(tmp_path / "sheet", member_id=1)) == sheet


@on_one_loop
async def test_a_hash_that_is_known_is_believed(pictures: PictureWork, put: Put) -> None:
    path = put(encoded(photo("cat"), "JPEG"))
    assert (await pictures.identify(path, sha256="known", member_id=1)).sha256 == "known"
    made = {"thumbnail": path.with_name("thumbnail"), "normal": path.with_name("normal")}
    assert (await pictures.inspect(path, sha256="known", member_id=1, **made)).sha256 == "known"


@on_one_loop
@pytest.mark.parametrize("size", [(451, 300), (300, 30)], ids=["its own sheet", "drawn"])
async def test_an_only_source_and_its_sheet_are_described_at_once(
    pictures: PictureWork, put: Put, tmp_path: Path, size: tuple[int, int]
) -> None:
    path, out = put(encoded(photo("cat", size), "JPEG")), tmp_path / "sheet"
    found, sheet = await pictures.inspect_lone(path, sheet=out, normal=tmp_path / "normal", member_id=1)
    assert found == await pictures.identify(path, member_id=1)
    assert sheet == await pictures.identify(out, member_id=1)


@on_one_loop
async def test_files_are_found_from_wherever_the_bot_was_started(
    pictures: PictureWork, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(encoded(photo("cat"), "JPEG"))
    monkeypatch.chdir(tmp_path)
    made = {"thumbnail": Path("thumbnail"), "normal": Path("normal")}
    assert (await pictures.inspect(Path("file"), member_id=1, **made)).width == 451
    assert (tmp_path / "thumbnail").exists()


@on_one_loop
async def test_a_result_that_is_cut_or_too_large_is_refused(pictures: PictureWork, put: Put) -> None:
    data = encoded(photo(), "WEBP")
    assert (await pictures.identify(put(data), member_id=1)).media_type == "image/webp"
    with pytest.raises(Refusal) as caught:
        await pictures.identify(put(data), limit=100, member_id=1)
    assert caught.value.reason is Reason.TOO_LARGE
    with pytest.raises(Refusal) as caught:
        await pictures.identify(put(data[: len(data) // 2]), member_id=1)
    assert caught.value.reason is Reason.TRUNCATED


@on_one_loop
async def test_a_refusal_comes_with_its_values(pictures: PictureWork, put: Put, tmp_path: Path) -> None:
    bomb = PNG_SIGNATURE + header(30_000, 30_000) + chunk(b"IDAT", b"") + chunk(b"IEND")
    for asked in (
        pictures.identify(put(bomb), member_id=1),
        pictures.inspect_lone(put(bomb), sheet=tmp_path / "sheet", normal=tmp_path / "normal", member_id=1),
        pictures.sheet([put(bomb)], tmp_path / "sheet", member_id=1),
        pictures.fit(put(bomb), tmp_path / "out", limit=10, member_id=1),
        pictures.publish(put(bomb), tmp_path / "out", limit=10, member_id=1),
    ):
        with pytest.raises(Refusal) as caught:
            await asked
        assert caught.value.reason is Reason.TOO_MANY_PIXELS
        assert dict(caught.value.values) == {"width": 30_000, "height": 30_000}


@on_one_loop
async def test_a_picture_is_fitted_and_published(pictures: PictureWork, put: Put, tmp_path: Path) -> None:
    path, out = put(encoded(noisy_photo("cat", (300, 200)), "PNG")), tmp_path / "out"
    fitted = await pictures.fit(path, out, limit=40_000, member_id=1)
    assert fitted is not None
    assert (fitted.how, fitted.size) == (How.QUALITY, out.stat().st_size)
    published = await pictures.publish(
        put(jpeg_with(segment(0xFE, b"a secret"))), out, limit=40_000, member_id=1
    )
    assert published is not None
    assert (published.how, published.size) == (How.UNCHANGED, out.stat().st_size)
    assert b"a secret" not in out.read_bytes()
    assert await pictures.publish(path, out, limit=100, member_id=1) is None


@on_one_loop
async def test_whoever_waits_is_served_and_no_thread_is_needed(pictures: PictureWork, put: Put) -> None:
    path = put(encoded(photo("cat"), "JPEG"))
    # One thread hashes for all; whoever waited in another would be seen.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    # Both processes are there from now on.
    await asyncio.gather(*(pictures.identify(path, member_id=1) for _ in range(2)))
    before, done = threading.active_count(), list[int]()

    async def ask(number: int) -> None:
        await pictures.identify(path, member_id=1)
        done.append(number)

    await asyncio.gather(*map(ask, range(8)))
    assert sorted(done) == list(range(8))
    assert threading.active_count() == before


def test_no_decoder_is_loaded_by_what_calls_it() -> None:
    code = """
import importlib, pkgutil, sys, jobs, pictures.work, pictures.kept, pictures.uploads
for module in pkgutil.walk_packages(jobs.__path__, "jobs."):
    importlib.import_module(module.name)
assert "jobs.prepare" in sys.modules
print([name for name in sys.modules if name.partition(".")[0] == "PIL"])
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def lying(folder: Path, said: str) -> Kept:
    """A process that answers as usual, but for what a picture that took it over would say."""
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{with_answer(said)}\n")
    script.chmod(0o700)
    return Kept(python=str(script))


@pytest.mark.parametrize(
    "said",
    [
        "{'inspected': [dict(each, sha256='/tmp/anywhere') for each in real(request, files)['inspected']]}",
        "{'inspected': [dict(each, rewritten=True) for each in real(request, files)['inspected']]}",
        "{'inspected': [dict(each, converted='[click](here)') for each in real(request, files)['inspected']]}",
        "{'inspected': [dict(each, media_type='a/../b') for each in real(request, files)['inspected']]}",
    ],
    ids=["another file's name", "what was not written", "words", "a type"],
)
async def test_what_a_process_says_of_a_file_must_be_so(put: Put, tmp_path: Path, said: str) -> None:
    """Files are kept under their hash: a name of the process's choice would lead out of the sandbox."""
    path, kept = put(encoded(photo("cat"), "JPEG")), lying(tmp_path, said)
    work = PictureWork(small=kept, large=kept)
    made = {"sheet": tmp_path / "sheet", "normal": tmp_path / "normal"}
    known = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises((RuntimeError, FileNotFoundError)):
        await work.inspect_lone(path, member_id=1, sha256=known, **made)
    await work.close()


async def test_a_picture_that_the_wall_clock_stopped_is_looked_at_again(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pictures.work.DECODE_SECONDS", 1)
    monkeypatch.setattr("pictures.kept._PATIENCE", 1)
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{first_time(tmp_path, 'exec sleep 60')}\n{REAL}\n")
    script.chmod(0o700)
    kept = Kept(python=str(script))
    work = PictureWork(small=kept, large=kept)
    path, made = put(encoded(photo("cat"), "JPEG")), {"thumbnail": tmp_path / "t", "normal": tmp_path / "n"}
    known = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(Refusal) as caught:
        await work.inspect(path, member_id=1, sha256=known, **made)
    assert caught.value.values["lethal"] is False
    monkeypatch.setattr("pictures.work.DECODE_SECONDS", 60)
    assert (await work.inspect(path, member_id=1, sha256=known, **made)).width == 451
    await work.close()
