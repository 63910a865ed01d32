"""Files are streamed to disk, whole, within their limits of bytes, and only from where they may come."""

import asyncio
import hashlib
import tracemalloc
from pathlib import Path

import aiohttp
import pytest

from pixeldojo import Fetched, PixelDojo, UrlRule, errors, guarded_session
from tests.pixeldojo.servers import Connection, Script, client_of, raw_server
from tests.pixeldojo.sources import PICTURE, serve, source


async def test_a_file_arrives_unchanged_with_its_size_hash_and_type(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        fetched = await files.fetch()
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert fetched == Fetched(path=files.path, size=200_000, sha256=digest, content_type="image/png")
    assert files.path.read_bytes() == PICTURE
    assert files.left() == ["a.png"]


async def test_a_download_sends_no_key_and_no_cookie(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        await files.fetch()
        await files.fetch()
    assert len(files.server.requests) == 2
    for _, request in files.server.requests:
        assert b"authorization" not in request.lower()
        assert b"cookie" not in request.lower()


async def test_a_file_of_exactly_the_limit_is_kept(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        assert (await files.fetch(max_bytes=200_000)).size == 200_000
        with pytest.raises(errors.FetchTooLarge):
            await files.fetch(max_bytes=199_999)


async def test_a_type_that_is_none_is_left_out(tmp_path: Path) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"x", headers='Content-Type: "><script>\r\n')

    async with source(script, tmp_path) as files:
        assert (await files.fetch()).content_type is None


async def promise_two_gigabytes(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n" + PICTURE)
    await connection.reader.read()


async def test_two_gigabytes_that_are_announced_are_not_read(tmp_path: Path) -> None:
    async with source(promise_two_gigabytes, tmp_path) as files:
        with pytest.raises(errors.FetchTooLarge):
            await files.fetch()
    assert files.left() == []


async def test_two_gigabytes_that_are_not_announced_are_cut_at_the_limit(tmp_path: Path) -> None:
    sent = 0

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"40000\r\n" + b"\0" * 262_144 + b"\r\n"
        while sent < 2**31:
            await connection.send(piece)
            sent += 262_144

    tracemalloc.start()
    async with source(script, tmp_path) as files:
        with pytest.raises(errors.FetchTooLarge):
            await files.fetch(max_bytes=20_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent < 40_000_000
    assert peak < 8_000_000, "the file went through memory in pieces"
    assert files.left() == []


def redirect_to(location: str, times: int = 99) -> Script:
    async def script(connection: Connection) -> None:
        while await connection.request():
            if len(connection.server.requests) > times:
                await connection.reply(PICTURE)
            else:
                await connection.reply(b"", status="302 Found", headers=f"Location: {location}\r\n")

    return script


async def test_redirects_are_refused_where_none_are_allowed(tmp_path: Path) -> None:
    async with source(redirect_to("/b.png", 1), tmp_path) as files:
        with pytest.raises(errors.FetchRefused):
            await files.fetch()
    assert len(files.server.requests) == 1


async def test_redirects_are_followed_as_far_as_allowed(tmp_path: Path) -> None:
    async with source(redirect_to("/b.png", 3), tmp_path) as files:
        assert (await files.fetch(max_redirects=3)).size == 200_000
    paths = [request.split()[1] for _, request in files.server.requests]
    assert paths == [b"/a.png", b"/b.png", b"/b.png", b"/b.png"]


async def test_endless_redirects_end(tmp_path: Path) -> None:
    async with source(redirect_to("/b.png"), tmp_path) as files:
        with pytest.raises(errors.FetchRefused, match="too often"):
            await files.fetch(max_redirects=3)
    assert len(files.server.requests) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:PORT/b.png",
        "https://127.0.0.1:PORT/b.png",
        "//127.0.0.1:PORT/b.png",
        "http://localhost:PORT/b.png",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "http://good.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1",
        "https://good.example\\@127.0.0.1/",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(location: str, tmp_path: Path) -> None:
    async with raw_server(serve) as hidden:
        script = redirect_to(location.replace("PORT", str(hidden.port)))
        async with source(script, tmp_path) as files:
            rule = UrlRule.public(besides=[files.server.url])
            with pytest.raises(errors.FetchRefused):
                await files.fetch(allow=rule, max_redirects=3)
            assert len(files.server.requests) == 1
    assert hidden.connections == 0


async def test_two_downloads_to_one_name_do_not_mix(tmp_path: Path) -> None:
    async with source(serve, tmp_path) as files:
        first, second = await asyncio.gather(files.fetch(), files.fetch())
    assert first.sha256 == second.sha256 == hashlib.sha256(files.path.read_bytes()).hexdigest()
    assert files.left() == ["a.png"]


async def test_a_result_is_fetched_from_the_apis_own_origin_through_redirects(tmp_path: Path) -> None:
    async with raw_server(redirect_to("/b.png", 2)) as server, client_of(server.url) as dojo:
        fetched = await dojo.fetch(f"{server.url}/a.png", tmp_path / "a", max_bytes=10**6, seconds=5)
    assert fetched.size == 200_000
    assert all(b"authorization" not in request.lower() for _, request in server.requests)


@pytest.mark.parametrize("url", ["http://temp.pixeldojo.ai/a.png", "https://127.0.0.1/a.png", "a.png"])
async def test_a_result_from_elsewhere_is_refused(url: str, tmp_path: Path) -> None:
    async with client_of("http://127.0.0.1:1") as dojo:
        with pytest.raises(errors.FetchRefused):
            await dojo.fetch(url, tmp_path / "a", max_bytes=10**6, seconds=5)


async def test_the_client_downloads_with_the_session_for_downloads(tmp_path: Path) -> None:
    async with (
        raw_server(serve) as server,
        aiohttp.ClientSession() as session,
        guarded_session(trusted_origins=[]) as guarded,
    ):
        dojo = PixelDojo(session=session, downloads=guarded, api_url=server.url, key="pd_x")
        with pytest.raises(errors.FetchRefused):
            await dojo.fetch(f"{server.url}/a.png", tmp_path / "a", max_bytes=10**6, seconds=5)
    assert server.connections == 0
