"""Hostile addresses are refused, by their text or by where they lead, and nothing is ever sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from pixeldojo import FetchFailed, FetchRefused, UrlRule, download, guarded_session
from pixeldojo.origins import Origin, parse_origin
from tests.pixeldojo.servers import Connection, Names, RawServer, raw_server

# PORT is the port of a server on loopback that would answer.
HOSTILE = [
    # loopback, plainly
    "https://127.0.0.1:PORT/a.png",
    "https://127.0.0.1/a.png",
    "https://localhost/a.png",
    "https://localhost./a.png",
    "https://LOCALHOST/a.png",
    "https://printer.localhost/a.png",
    "https://[::1]/a.png",
    "https://[0:0:0:0:0:0:0:1]/a.png",
    "https://127.255.255.254/a.png",
    # loopback in other numbers
    "https://2130706433/a.png",
    "https://0x7f000001/a.png",
    "https://0x7f.0.0.1/a.png",
    "https://0x7f.1/a.png",
    "https://017700000001/a.png",
    "https://0177.0.0.1/a.png",
    "https://127.1/a.png",
    "https://127.0.1/a.png",
    "https://0/a.png",
    "https://127.0.0.1./a.png",
    "https://00000127.0.0.1/a.png",
    "https://4294967295/a.png",
    # hidden in IPv6
    "https://[::ffff:127.0.0.1]/a.png",
    "https://[::ffff:7f00:1]/a.png",
    "https://[::127.0.0.1]/a.png",
    "https://[64:ff9b::127.0.0.1]/a.png",
    "https://[64:ff9b:1::7f00:1]/a.png",
    "https://[2002:7f00:1::]/a.png",
    "https://[2001:0:7f00:1::]/a.png",
    "https://[2a01:db8::200:5efe:7f00:1]/a.png",
    # private, link-local, metadata, shared, multicast, reserved, unspecified, documentation
    "https://10.0.0.1/a.png",
    "https://172.16.0.1/a.png",
    "https://192.168.1.1/a.png",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://100.64.0.1/a.png",
    "https://100.100.100.200/latest/meta-data/",
    "https://224.0.0.1/a.png",
    "https://240.0.0.1/a.png",
    "https://255.255.255.255/a.png",
    "https://0.0.0.0/a.png",
    "https://[::]/a.png",
    "https://192.0.2.1/a.png",
    "https://198.18.0.1/a.png",
    "https://192.88.99.1/a.png",
    "https://[fe80::1]/a.png",
    "https://[fe80::1%25eth0]/a.png",
    "https://[fc00::1]/a.png",
    "https://[fec0::1]/a.png",
    "https://[ff02::1]/a.png",
    "https://[2001:db8::1]/a.png",
    # names that lead there
    "https://rebound.example/a.png",
    "https://half.example/a.png",
    "https://sixes.example/a.png",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://router/a.png",
    "https://files.local/a.png",
    # what parsers disagree about
    "https://good.example@127.0.0.1/a.png",
    "https://good.example:443@127.0.0.1/a.png",
    "https://@127.0.0.1/a.png",
    "https://127.0.0.1\\@good.example/a.png",
    "https://good.example\\.127.0.0.1/a.png",
    "https://good.example\t/a.png",
    "https://good.ex\tample/a.png",
    "https://good.example /a.png",
    "https://good.example\r\nHost: 127.0.0.1/a.png",
    "https://good.example/a.png\r\nX-Evil: 1",
    "https://good.example/a b.png",
    "https://%31%32%37.0.0.1/a.png",
    "https://good%2eexample/a.png",
    "https://１２７.0.0.1/a.png",  # noqa: RUF001
    "https://①②⑦.0.0.1/a.png",
    "https://127。0。0。1/a.png",
    "https://gооd.example/a.png",  # noqa: RUF001
    "https://good.example:４４３/a.png",  # noqa: RUF001
    "https://good.example:+443/a.png",
    "https://good.example:99999/a.png",
    "https://good.example:0/a.png",
    "https://good.example:/a.png",
    "https://good..example/a.png",
    "https://-good.example/a.png",
    "https://good.example-/a.png",
    "https://[::1/a.png",
    "https://[v1.a]/a.png",
    "https://xn--/a.png",
    "https:///a.png",
    "https:good.example/a.png",
    "https:/good.example/a.png",
    "//good.example/a.png",
    "/etc/passwd",
    "",
    "https://good.example/" + "a" * 9000,
    "https://good.example/\ud800",
    # other schemes and ports
    "http://good.example/a.png",
    "https://good.example:PORT/a.png",
    "https://good.example:22/a.png",
    "file:///etc/passwd",
    "ftp://good.example/a.png",
    "gopher://127.0.0.1:6379/_INFO",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
]


def test_at_least_forty_addresses_are_hostile() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 40


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async def answer(connection: Connection) -> None:
        while await connection.request():
            await connection.reply(b"secret")

    async with raw_server(answer) as server:
        yield server


@pytest.fixture
def names() -> Names:
    return Names(
        rebound_example=[["127.0.0.1"]],
        half_example=[["93.184.216.34", "127.0.0.1"]],
        sixes_example=[["::ffff:127.0.0.1"]],
        metadata_google_internal=[["169.254.169.254"]],
        localhost=[["127.0.0.1"]],
        good_example=[["127.0.0.1"]],
    )


@pytest.fixture
async def session(names: Names) -> AsyncIterator[aiohttp.ClientSession]:
    async with guarded_session(trusted_origins=[], resolver=names) as session:
        yield session


@pytest.mark.parametrize("url", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_result_is_refused(
    url: str, server: RawServer, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    target = url.replace("PORT", str(server.port))
    with pytest.raises(FetchRefused):
        await download(session, target, tmp_path / "a.png", allow=UrlRule.public(), max_bytes=1000, seconds=5)
    assert server.connections == 0


ABSOLUTE = [url for url in HOSTILE if url.startswith("https://")]


@pytest.mark.parametrize("url", ABSOLUTE, ids=range(len(ABSOLUTE)))
async def test_the_session_alone_connects_to_no_hostile_address(
    url: str, server: RawServer, session: aiohttp.ClientSession
) -> None:
    # Without the rule in front, and over http, where no certificate helps.
    target = url.replace("PORT", str(server.port)).replace("https:", "http:", 1)
    try:
        async with session.get(target, timeout=aiohttp.ClientTimeout(total=2)) as response:
            outcome = f"answered {response.status}"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        outcome = type(error).__name__
    assert "answered" not in outcome
    assert server.connections == 0


SOURCES = UrlRule.only(
    ["https://cdn.discordapp.com", "https://media.discordapp.net/", "http://127.0.0.1:9999"]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3",
        "https://CDN.discordapp.com/a.png",
        "https://cdn.discordapp.com:443/a.png",
        "https://media.discordapp.net",
        "http://127.0.0.1:9999/cdn/a.png",
    ],
)
def test_a_configured_origin_is_allowed(url: str) -> None:
    assert SOURCES.check(url).host in {"cdn.discordapp.com", "media.discordapp.net", "127.0.0.1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com:444/a.png",
        "https://cdn.discordapp.com./a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://evilcdn.discordapp.com/a.png",
        "https://cdn.discordapp.com@evil.example/a.png",
        "https://evil.example/https://cdn.discordapp.com/a.png",
        "https://evil.example#cdn.discordapp.com",
        "https://evil.example?cdn.discordapp.com",
        "https://cdn.discordapp.com%2eevil.example/",
        "http://127.0.0.1:9998/cdn/a.png",
        "http://localhost:9999/cdn/a.png",
        "http://127.1:9999/cdn/a.png",
        "https://temp.pixeldojo.ai/a.png",
    ],
)
def test_everything_but_a_configured_origin_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused):
        SOURCES.check(url)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://temp.pixeldojo.ai/a.png", "https://temp.pixeldojo.ai/a.png"),
        ("https://x.r2.dev/a%2Fb.png?sig=%2B%3D+/&x=1#top", "https://x.r2.dev/a%2Fb.png?sig=%2B%3D+/&x=1"),
        ("HTTPS://Temp.PixelDojo.AI:443/ä.png", "https://temp.pixeldojo.ai/%C3%A4.png"),
        ("https://a_b.example.com?x=1", "https://a_b.example.com/?x=1"),
        ("https://8.8.8.8/a.png", "https://8.8.8.8/a.png"),
        ("https://[2606:4700::1111]/a.png", "https://[2606:4700::1111]/a.png"),
        ("https://xn--bcher-kva.example/a.png", "https://xn--bcher-kva.example/a.png"),
    ],
)
def test_public_https_is_allowed_and_its_path_is_kept_as_it_is(url: str, sent: str) -> None:
    assert str(UrlRule.public().check(url)) == sent


def test_an_origin_besides_public_https_is_exact() -> None:
    rule = UrlRule.public(besides=["http://127.0.0.1:8080/api/v1"])
    assert str(rule.check("http://127.0.0.1:8080/results/a.png")) == "http://127.0.0.1:8080/results/a.png"
    with pytest.raises(FetchRefused):
        rule.check("https://127.0.0.1:8080/results/a.png")


def test_an_origin_is_scheme_host_and_port() -> None:
    assert parse_origin("https://Pixeldojo.ai/api/v1") == Origin("https", "pixeldojo.ai", 443)
    assert parse_origin("http://[::1]:8080") == Origin("http", "::1", 8080)
    with pytest.raises(ValueError, match="plain http"):
        UrlRule.only(["cdn.discordapp.com"])


async def test_a_name_that_does_not_exist_is_a_failure_and_no_refusal(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    with pytest.raises(FetchFailed):
        await download(
            session,
            "https://nowhere.example/a",
            tmp_path / "a",
            allow=UrlRule.public(),
            max_bytes=9,
            seconds=5,
        )
