"""The guard judges every address inside the connection: resolved ones, literals, and after rebinding."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from pixeldojo import FetchError, FetchFailed, FetchRefused, UrlRule, download, guarded_session
from pixeldojo.addresses import AddressInfo, AddressRefused, Guard, is_public, open_socket
from tests.pixeldojo.servers import Connection, Names, RawServer, raw_server

# fmt: off
NOT_PUBLIC = ["127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "240.0.0.1", "0.0.0.0", "255.255.255.255", "192.0.0.8", "192.88.99.1", "198.51.100.7",
    "203.0.113.9", "198.19.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fd00::1",
    "fec0::1", "ff02::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:808:808::1", "2001::1", "2001:db8::1", "3fff::1",
    "100::1", "5f00::1", "2a01::5efe:808:808", "2130706433", "127.1", "0x7f.1", "0177.0.0.1", "localhost",
    "example.com"]
# fmt: on
PUBLIC = "93.184.216.34"


async def answer(connection: Connection) -> None:
    while await connection.request():
        await connection.reply(b"result")


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server(answer) as server:
        yield server


class Sockets:
    """Where connections would go; nothing outside loopback is connected to in a test."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, info: AddressInfo) -> socket.socket:
        self.opened.append(str(info[4][0]))
        if info[4][0] != "127.0.0.1":
            raise ConnectionRefusedError("no network in tests")
        return open_socket(info)


async def fetch(
    session: aiohttp.ClientSession, url: str, folder: Path, *, allow: UrlRule | None = None
) -> int:
    rule = allow or UrlRule.public()
    return (await download(session, url, folder / "a", allow=rule, max_bytes=99, seconds=5)).size


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", PUBLIC, "1.1.1.1", "2606:4700::1111", "2a01:4f8::1", "64:ff9b::808:808", "100.63.255.255"],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    NOT_PUBLIC,
)
def test_every_other_address_is_not_public(address: str) -> None:
    assert not is_public(address)


async def test_a_name_that_is_rebound_between_two_connections_is_refused_the_second_time(
    server: RawServer, tmp_path: Path
) -> None:
    names, sockets = Names(images_example=[[PUBLIC], ["127.0.0.1"]]), Sockets()
    async with guarded_session(trusted_origins=[], resolver=names, open_socket=sockets.open) as session:
        with pytest.raises(FetchFailed):
            await fetch(session, "https://images.example/a.png", tmp_path)
        with pytest.raises(FetchRefused):
            await fetch(session, "https://images.example/a.png", tmp_path)
    assert names.asked == ["images.example", "images.example"]
    assert sockets.opened == [PUBLIC]
    assert server.connections == 0


async def test_each_connection_asks_the_resolver_anew(tmp_path: Path) -> None:
    # No cache between the judgement and the connection: there is no moment for a name to be rebound in.
    async def answer_once(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"result", headers="Connection: close\r\n")

    names = Names(provider=[["127.0.0.1"]])
    async with raw_server(answer_once) as server:
        origin = f"http://provider:{server.port}"
        async with guarded_session(trusted_origins=[origin], resolver=names) as session:
            for _ in range(2):
                assert await fetch(session, f"{origin}/a", tmp_path, allow=UrlRule.only([origin])) == 6
    assert (names.asked, server.connections) == (["provider", "provider"], 2)


async def test_one_hidden_address_among_public_ones_condemns_the_name(tmp_path: Path) -> None:
    names, sockets = Names(images_example=[[PUBLIC, "10.0.0.1"]]), Sockets()
    async with guarded_session(trusted_origins=[], resolver=names, open_socket=sockets.open) as session:
        with pytest.raises(FetchRefused):
            await fetch(session, "https://images.example/a.png", tmp_path)
    assert sockets.opened == []


async def test_a_literal_address_is_judged_although_no_resolver_is_asked(server: RawServer) -> None:
    names = Names()
    async with guarded_session(trusted_origins=[], resolver=names) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"http://127.0.0.1:{server.port}/a.png")
    assert isinstance(caught.value.os_error, AddressRefused)
    assert (names.asked, server.connections) == ([], 0)


async def test_a_trusted_literal_may_be_on_loopback(server: RawServer, tmp_path: Path) -> None:
    async with guarded_session(trusted_origins=[server.url]) as session:
        assert await fetch(session, f"{server.url}/a", tmp_path, allow=UrlRule.only([server.url])) == 6


async def test_a_trusted_origin_trusts_its_own_port_only(server: RawServer, tmp_path: Path) -> None:
    async with guarded_session(trusted_origins=["http://127.0.0.1:1"]) as session:
        with pytest.raises(FetchRefused):
            await fetch(session, f"{server.url}/a", tmp_path, allow=UrlRule.only([server.url]))
    assert server.connections == 0


async def test_another_name_for_a_trusted_address_is_refused(server: RawServer, tmp_path: Path) -> None:
    names = Names(provider=[["127.0.0.1"]], evil_example=[["127.0.0.1"]])
    trusted, hostile = f"http://provider:{server.port}", f"http://evil.example:{server.port}"
    rule = UrlRule.only([trusted, hostile])
    async with guarded_session(trusted_origins=[trusted], resolver=names) as session:
        assert await fetch(session, f"{trusted}/a", tmp_path, allow=rule) == 6
        with pytest.raises(FetchRefused):
            await fetch(session, f"{hostile}/a", tmp_path, allow=rule)


async def test_an_address_that_slips_past_the_resolver_is_stopped_at_the_socket() -> None:
    guard = Guard(trusted=[], resolver=Names())
    info: AddressInfo = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))
    with pytest.raises(AddressRefused):
        guard.make_socket(info)


async def test_closing_the_guard_closes_the_resolver() -> None:
    names = Names()
    await Guard(trusted=[], resolver=names).close()
    assert names.asked == ["close"]


async def test_a_session_keeps_no_cookie_and_reads_no_proxy(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with guarded_session(trusted_origins=[server.url]) as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
        assert await fetch(session, f"{server.url}/a", tmp_path, allow=UrlRule.only([server.url])) == 6


def test_a_refused_address_is_a_fetch_error() -> None:
    assert issubclass(FetchRefused, FetchError)
    assert issubclass(AddressRefused, OSError)
