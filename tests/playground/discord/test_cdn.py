"""Files: signed, checked, expiring, vanishing."""

import re
import time

import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.page import Person, ask
from tests.playground.discord.rest_client import Rest

URL = re.compile(
    r"(http://127\.0\.0\.1:\d+)(/attachments/\d+/\d+/cat\.jpg)\?ex=([0-9a-f]+)&is=([0-9a-f]+)&hm=[0-9a-f]{64}&"
)


async def fetch(http: ClientSession, url: str) -> tuple[int, bytes]:
    async with http.get(url) as reply:
        return reply.status, await reply.read()


async def test_a_files_url_lies_on_the_cdns_own_origin_and_gives_its_bytes(
    rest: Rest, http: ClientSession, standin: DiscordStandIn, cat: bytes
) -> None:
    message = await rest.sent({"content": "x"}, files={"cat.jpg": cat})
    (item,) = message["attachments"]
    match = URL.fullmatch(item["url"])
    assert match is not None
    assert match[1] == standin.cdn_url != standin.origin
    assert 23 * 3600 < int(match[3], 16) - time.time() <= 24 * 3600
    async with http.get(item["url"]) as reply:
        assert (reply.status, reply.headers["Content-Type"]) == (200, "image/jpeg")
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert await reply.read() == cat
    assert (item["size"], item["content_type"]) == (len(cat), "image/jpeg")
    assert item["width"] > 0 < item["height"]


async def test_a_url_that_was_tampered_with_is_refused(rest: Rest, http: ClientSession, cat: bytes) -> None:
    message = await rest.sent({"content": "x"}, files={"cat.jpg": cat})
    url: str = message["attachments"][0]["url"]
    later = re.sub(r"ex=[0-9a-f]+", "ex=ffffffff", url)
    bare, forged = url.partition("?")[0], re.sub("hm=.", "hm=é", url)
    for bad in (later, url.replace("cat.jpg", "dog.jpg"), bare, forged):
        assert await fetch(http, bad) == (404, b"This content is no longer available.")


async def test_a_url_expires_and_reading_the_message_signs_it_anew(
    rest: Rest, http: ClientSession, standin: DiscordStandIn, cat: bytes
) -> None:
    message = await rest.sent({"content": "x"}, files={"cat.jpg": cat})
    old = message["attachments"][0]["url"]
    await ask(http, standin, "clock", {"skip": 24 * 3600 + 1})
    assert (await fetch(http, old))[0] == 404
    again = (await rest.ask("GET", f"{rest.messages}/{message['id']}")).body
    assert await fetch(http, again["attachments"][0]["url"]) == (200, cat)


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_file_goes_with_its_message_or_when_it_is_taken_off(
    rest: Rest, http: ClientSession, cat: bytes, how: str
) -> None:
    message = await rest.sent({"content": "x"}, files={"cat.jpg": cat})
    path = f"{rest.messages}/{message['id']}"
    if how == "deleted":
        await rest.ask("DELETE", path)
    else:
        await rest.ask("PATCH", path, {"attachments": []})
    assert (await fetch(http, message["attachments"][0]["url"]))[0] == 404


async def test_an_upload_of_a_command_vanishes_before_its_url_expires(
    ann: Person, http: ClientSession, standin: DiscordStandIn, cat: bytes
) -> None:
    await ask(http, standin, "faults", {"ephemeral_lifetime": 600})
    (upload,) = await ann.upload(("cat.jpg", cat, "image/jpeg"))
    assert "/ephemeral-attachments/" in upload["url"]
    assert await fetch(http, upload["url"]) == (200, cat)
    await ask(http, standin, "clock", {"skip": 601})
    assert (await fetch(http, upload["url"]))[0] == 404


async def test_the_cdn_can_be_slow_and_broken(
    ann: Person, http: ClientSession, standin: DiscordStandIn, cat: bytes
) -> None:
    (upload,) = await ann.upload(("cat.jpg", cat, "image/jpeg"))
    standin.set_faults(cdn_delay=0.2)
    start = time.monotonic()
    assert await fetch(http, upload["url"]) == (200, cat)
    assert time.monotonic() - start >= 0.2
    standin.set_faults(cdn_delay=0, cdn_status=503)
    assert (await fetch(http, upload["url"]))[0] == 503


async def test_a_file_name_is_stored_plain_and_a_lie_about_the_type_is_believed(
    ann: Person,
) -> None:
    uploads = await ann.upload(
        ("../../été 1.png", b"not a picture", "image/png"), ("noext", b"x", "application/octet-stream")
    )
    assert [item["filename"] for item in uploads] == ["t_1.png", "noext"]
    assert (uploads[0]["content_type"], uploads[0]["width"]) == ("image/png", None)
    assert uploads[1]["content_type"] == "application/octet-stream"
