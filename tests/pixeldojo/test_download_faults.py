"""A download that is slow, cut, refused, cancelled or cannot be written leaves nothing behind."""

import asyncio
from pathlib import Path

import pytest

from pixeldojo import UrlRule, download, errors, guarded_session
from pixeldojo.files import PART_SUFFIX, PartFile
from tests.pixeldojo.servers import Connection, Script, eventually, free_port
from tests.pixeldojo.sources import PICTURE, names_in, serve, source


async def drip(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await connection.send(b"x")
        await asyncio.sleep(0.005)


async def drip_the_head(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await connection.send(b"X-More: x\r\n")
        await asyncio.sleep(0.02)


async def stay_silent(connection: Connection) -> None:
    await connection.request()
    await connection.reader.read()


@pytest.mark.parametrize("script", [drip, drip_the_head, stay_silent])
async def test_a_slow_file_is_cut_off(script: Script, tmp_path: Path) -> None:
    async with source(script, tmp_path) as files:
        with pytest.raises(errors.FetchFailed, match=r"longer than 0\.2 s"):
            await files.fetch(seconds=0.2)
    assert files.left() == []


async def cut(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + PICTURE)


async def cut_in_chunks(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")


async def reset_in_the_middle(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + PICTURE)
    connection.reset()


async def reset_at_once(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def say_nothing_sensible(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"\x00\x01\x02\r\n\r\n")


async def send_an_empty_file(connection: Connection) -> None:
    await connection.request()
    await connection.reply(b"")


async def promise_gzip(connection: Connection) -> None:
    await connection.request()
    await connection.reply(b"not gzip", headers="Content-Encoding: gzip\r\n")


@pytest.mark.parametrize(
    "script",
    [
        cut,
        cut_in_chunks,
        reset_in_the_middle,
        reset_at_once,
        say_nothing_sensible,
        send_an_empty_file,
        promise_gzip,
    ],
)
async def test_a_file_that_is_not_whole_leaves_nothing_behind(script: Script, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"older")
    async with source(script, tmp_path) as files:
        with pytest.raises(errors.FetchFailed):
            await files.fetch()
    assert files.left() == ["a.png"]
    assert files.path.read_bytes() == b"older"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("403 Forbidden", errors.ResultGone),
        ("404 Not Found", errors.ResultGone),
        ("410 Gone", errors.ResultGone),
        ("204 No Content", errors.FetchFailed),
        ("206 Partial Content", errors.FetchFailed),
        ("304 Not Modified", errors.FetchFailed),
        ("429 Too Many Requests", errors.FetchFailed),
        ("500 Error", errors.FetchFailed),
    ],
)
async def test_a_status_other_than_200_is_no_file(
    status: str, error: type[errors.FetchError], tmp_path: Path
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"", status=status)

    async with source(script, tmp_path) as files:
        with pytest.raises(error) as caught:
            await files.fetch()
    assert str(getattr(caught.value, "status", None)) == status[:3]
    assert files.left() == []


async def test_a_connection_that_is_refused_is_a_failure(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{await free_port()}"
    async with guarded_session(trusted_origins=[url]) as session:
        with pytest.raises(errors.FetchFailed):
            await download(session, url, tmp_path / "a", allow=UrlRule.only([url]), max_bytes=9, seconds=5)


async def test_a_closed_session_is_a_failure(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        pass
    with pytest.raises(errors.FetchFailed):
        await files.fetch()


async def test_a_folder_that_does_not_exist_is_the_disks_error_and_not_the_files(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        files.path = tmp_path / "nowhere" / "a.png"
        with pytest.raises(FileNotFoundError):
            await files.fetch()


async def test_a_full_disk_is_the_disks_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_part: PartFile, _chunk: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartFile, "_write", full)
    async with source(serve, tmp_path) as files:
        with pytest.raises(OSError, match="No space left"):
            await files.fetch()
    assert files.left() == []


async def send_half(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + PICTURE)
    await connection.reader.read()


async def test_a_cancelled_download_leaves_nothing_behind(tmp_path: Path) -> None:
    async with source(send_half, tmp_path) as files:
        task = asyncio.create_task(files.fetch())
        await eventually(files.left)
        assert files.left()[0].endswith(PART_SUFFIX)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert files.left() == []


async def test_a_file_that_is_cancelled_while_a_thread_opens_it_leaves_nothing_behind(tmp_path: Path) -> None:
    for turns in range(12):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(write_a_file(tmp_path / "a.png"))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
        assert set(names_in(tmp_path)) <= {"a.png"}


def test_a_thread_that_comes_after_the_end_writes_nothing(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "a.png")
    part._discard()
    for late in (lambda: part._write(b"late"), part._keep):
        with pytest.raises(ValueError, match="discarded"):
            late()
    assert names_in(tmp_path) == []


async def write_a_file(path: Path) -> None:
    async with PartFile(path) as part:
        await part.write(PICTURE)
        await part.keep()
