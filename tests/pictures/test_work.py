import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import Reason, Refusal
from pictures import work as work_module
from pictures.child import Child, Stopped
from pictures.fit import Fitted, How
from pictures.inspect import survey
from pictures.work import PictureWork

from .material import Put, encoded, noisy_photo, photo, with_alpha


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


class CountedChild(Child):
    """A real child that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def prove(self, path: Path, *, thumbnail: Path | None) -> None:
        self.asked.append("prove")
        super().prove(path, thumbnail=thumbnail)

    def fit(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        self.asked.append("fit")
        return super().fit(path, out, limit=limit)


@pytest.fixture
def child() -> CountedChild:
    return CountedChild()


@pytest.fixture
async def pictures(child: CountedChild) -> AsyncIterator[PictureWork]:
    work = PictureWork(child=child)
    yield work
    await work.close()


@pytest.fixture
async def strict(child: CountedChild) -> AsyncIterator[PictureWork]:
    """All but the smallest pictures are large."""
    work = PictureWork(child=child, in_process=2_000)
    yield work
    await work.close()


async def test_a_source_becomes_a_thumbnail_and_a_sheet(
    pictures: PictureWork, child: CountedChild, put: Put, tmp_path: Path
) -> None:
    path, thumbnail = put(encoded(photo("coffee"), "JPEG")), tmp_path / "thumbnail"
    found = await pictures.inspect(path, thumbnail=thumbnail)
    sheet = await pictures.sheet([thumbnail, path], tmp_path / "sheet")
    assert (found.width, found.height, found.media_type) == (600, 400, "image/jpeg")
    assert (await pictures.identify(tmp_path / "sheet")) == sheet
    assert child.asked == []


async def test_a_large_source_is_decoded_elsewhere(
    strict: PictureWork, child: CountedChild, put: Put, tmp_path: Path
) -> None:
    path = put(encoded(photo(), "PNG"))
    found = await strict.inspect(path, thumbnail=tmp_path / "thumbnail")
    assert found == survey(path).inspected
    assert (await strict.identify(tmp_path / "thumbnail")).width == 512
    assert child.asked == ["prove"]


async def test_a_large_source_on_a_sheet_is_shrunk_elsewhere_and_nothing_is_left_behind(
    strict: PictureWork, child: CountedChild, put: Put, tmp_path: Path
) -> None:
    path = put(encoded(photo(), "PNG"))
    found = await strict.sheet([path, path], tmp_path / "sheet")
    assert found.width == 1200
    assert child.asked == ["prove", "prove"]
    assert await asyncio.to_thread(names, tmp_path) == ["file", "sheet"]


async def test_fitting_goes_where_there_is_room(
    pictures: PictureWork, strict: PictureWork, child: CountedChild, put: Put, tmp_path: Path
) -> None:
    path = put(encoded(with_alpha(noisy_photo("cat", (300, 200))), "PNG"))
    here = await pictures.fit(path, tmp_path / "here", limit=40_000)
    assert child.asked == []
    there = await strict.publishable(path, tmp_path / "there", limit=40_000)
    assert child.asked == ["fit"]
    assert here is not None
    assert there is not None
    assert here.how is there.how is How.QUALITY
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


async def test_refusals_reach_the_caller(pictures: PictureWork, strict: PictureWork, put: Put) -> None:
    for work in (pictures, strict):
        with pytest.raises(Refusal) as caught:
            await work.inspect(put(b"a text"))
        assert caught.value.reason is Reason.NOT_AN_IMAGE


async def test_a_result_is_identified_without_being_decoded(
    pictures: PictureWork, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(encoded(photo(), "WEBP"))
    monkeypatch.setattr("PIL.Image.open", lambda *_args, **_named: pytest.fail("Pillow was asked"))
    assert (await pictures.identify(path)).media_type == "image/webp"
    with pytest.raises(Refusal) as caught:
        await pictures.identify(path, limit=100)
    assert caught.value.reason is Reason.TOO_LARGE


async def test_nothing_runs_on_the_event_loop_and_no_more_than_two_at_once(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop_thread = threading.get_ident()
    running, most, threads = 0, 0, set[int]()
    lock, both = threading.Lock(), threading.Barrier(2, timeout=10)

    def slow(path: Path, **_named: object) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            threads.add(threading.get_ident())
        both.wait()
        with lock:
            running -= 1
        return survey(path)

    monkeypatch.setattr(work_module, "survey", slow)
    work = PictureWork(workers=2)
    path = put(encoded(photo("cat"), "JPEG"))
    await asyncio.gather(*(work.identify(path) for _ in range(8)))
    await work.close()
    assert most == 2
    assert loop_thread not in threads


async def test_closing_ends_the_child_and_whoever_waits_for_it(put: Put) -> None:
    class Endless(Child):
        """Runs until it is stopped."""

        def __init__(self) -> None:
            super().__init__()
            self.begun, self.ended = threading.Event(), threading.Event()

        def prove(self, path: Path, *, thumbnail: Path | None) -> None:
            del path, thumbnail
            self.begun.set()
            self.ended.wait()
            raise Stopped

        def stop(self) -> None:
            self.ended.set()

    child = Endless()
    work = PictureWork(child=child, in_process=0)
    path = put(encoded(photo("cat"), "JPEG"))
    waiting = [asyncio.ensure_future(work.inspect(path)) for _ in range(3)]
    await asyncio.to_thread(child.begun.wait)
    await work.close()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError | RuntimeError) for outcome in outcomes)
    assert isinstance(outcomes[0], asyncio.CancelledError)
