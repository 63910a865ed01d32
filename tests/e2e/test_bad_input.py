"""What bad input gets: one sentence that only its sender sees, nothing held, nothing sent, nothing paid."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from playground.discord import cdn
from tests.e2e import pictures
from tests.e2e.member import Event, Member
from tests.e2e.messages import text_of
from tests.e2e.world import World

FREE = "You were not charged."


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def nothing_is_sent(world: World) -> AsyncGenerator[None]:
    """Look after each test that the provider was asked for nothing."""
    before = world.submissions()
    yield
    assert world.submissions() == before, "something was sent to the provider"


async def refused_at_once(world: World, member: Member, answer: Event, *words: str) -> None:
    """Expect a private first answer, and no trace of a job."""
    message = await member.answer(answer)
    assert message["only_you"]
    assert all(word in text_of(message) for word in (*words, FREE)), text_of(message)
    assert world.jobs_of(member) == []
    assert world.account(member) == (0, 0)


async def taken_back(world: World, member: Member, card: dict[str, Any], *words: str) -> None:
    """Expect the card to go, the reason in private, and the reserve to be released."""
    assert not card.get("only_you")
    await member.gone(card)
    assert len(member.whispers) == 1
    assert all(word in member.whispers[0] for word in (*words, FREE)), member.whispers
    [job] = world.jobs_of(member)
    assert job["status"] == "failed"
    entries = world.query("SELECT kind FROM entries WHERE job_id = ? ORDER BY id", job["id"])
    assert [row["kind"] for row in entries] == ["reserve", "release"]
    assert world.account(member) == (0, 0)


def changed(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def padded(photo: Path, path: Path, *, size: int) -> Path:
    path.write_bytes(photo.read_bytes())
    with path.open("ab") as file:
        file.truncate(size)
    return path


# Files


async def test_a_text_file_named_png_is_refused(world: World, ann: Member, tmp_path: Path) -> None:
    card = await ann.edit("read this", changed(tmp_path / "letter.png", b"Dear Sir or Madam,\n" * 50))
    await taken_back(world, ann, card, "letter.png", "not an image")


async def test_a_truncated_jpeg_is_refused(world: World, ann: Member, tmp_path: Path) -> None:
    card = await ann.edit("complete this", pictures.truncated_jpeg(tmp_path / "half.jpg"))
    await taken_back(world, ann, card, "half.jpg", "damaged or cut off")


@pytest.mark.parametrize("name", ["waving.gif", "waving.webp", "waving.png"])
async def test_an_animation_is_refused_as_one(world: World, ann: Member, tmp_path: Path, name: str) -> None:
    card = await ann.edit("hold still", pictures.animated(tmp_path / name))
    await taken_back(world, ann, card, name, "animated")


async def test_a_file_of_60_mb_is_refused_before_it_is_fetched(
    world: World, ann: Member, small: Path
) -> None:
    world.faults(member_upload_limit=100 * 2**20)
    upload = (await ann.upload(small))[0]
    claim(world, upload, size=60 * 10**6)
    answer = await ann.command("edit", prompt="shrink it", image=upload)
    await refused_at_once(world, ann, answer, "small.jpg", "larger than 50 MB")


async def test_a_file_of_60_mb_that_claims_to_be_small_is_not_read_to_its_end(
    world: World, ann: Member, small: Path, tmp_path: Path
) -> None:
    path = padded(small, tmp_path / "huge.jpg", size=60 * 10**6)
    upload = (await ann.upload(small))[0]
    claim(world, upload, path=path)
    await taken_back(world, ann, await ann.ask("edit", prompt="shrink it", image=upload), "larger than 50 MB")


async def test_a_png_of_30000_by_30000_pixels_is_refused_unopened(
    world: World, ann: Member, tmp_path: Path
) -> None:
    path = pictures.bomb(tmp_path / "bomb.png")
    assert path.stat().st_size < 200_000
    await refused_at_once(
        world, ann, await ann.command("edit", prompt="open it", image=path), "bomb.png", "30000 × 30000"
    )


async def test_a_bomb_that_lies_about_its_size_is_never_decoded(
    world: World, ann: Member, tmp_path: Path
) -> None:
    """The client claims 64 × 64; only the bytes tell."""
    upload = (await ann.upload(pictures.bomb(tmp_path / "bomb.png")))[0]
    claim(world, upload, width=64, height=64)
    card = await ann.ask("edit", prompt="open it", image=upload)
    await taken_back(world, ann, card, "bomb.png", "30000 × 30000")


async def test_one_bad_image_among_good_ones_ends_the_job(
    world: World, ann: Member, tmp_path: Path, small: Path
) -> None:
    card = await ann.edit("all of them", small, pictures.truncated_jpeg(tmp_path / "half.jpg"), small)
    await taken_back(world, ann, card, "half.jpg")


async def test_an_image_that_is_gone_is_refused(world: World, ann: Member, small: Path) -> None:
    world.faults(ephemeral_lifetime=0.0)
    await taken_back(world, ann, await ann.edit("too late", small), "no longer there")


async def test_a_cdn_in_trouble_costs_nothing(world: World, ann: Member, small: Path) -> None:
    world.faults(cdn_status=500)
    await taken_back(world, ann, await ann.edit("try again", small), "could not be fetched")


async def test_the_reason_is_said_on_the_card_where_it_cannot_be_said_privately(
    world: World, ann: Member, tmp_path: Path
) -> None:
    world.faults(token_expired=True)
    card = await ann.edit("complete this", pictures.truncated_jpeg(tmp_path / "half.jpg"))
    await ann.sees(card, "Failed", "damaged or cut off", FREE)
    assert ann.whispers == []
    assert world.account(ann) == (0, 0)


# Requests past Discord's menus


def claim(world: World, upload: str, **claims: object) -> None:
    """Change what an upload says of itself, as a forged client could."""
    file = world.discord.world.uploads[int(upload)].file
    world.discord.world.uploads[int(upload)].file = file.__class__(
        **{name: claims.get(name, getattr(file, name)) for name in file.__slots__}
    )


async def forge(member: Member, prompt: str | None, *images: Path | str, **options: Any) -> Event:
    """Send /edit with any options at all."""
    command = next(each for each in member.commands if each["name"] == "edit")
    given: list[dict[str, Any]] = [] if prompt is None else [option("prompt", 3, prompt)]
    for number, image in enumerate(images, 1):
        upload = image if isinstance(image, str) else (await member.upload(image))[0]
        given.append(option("image" if number == 1 else f"image{number}", 11, upload))
    given += [option(name, 4 if isinstance(value, int) else 3, value) for name, value in options.items()]
    return await member.send(
        "command",
        channel_id=member.channels["darkroom"],
        command_id=command["id"],
        options=given,
        unchecked=True,
    )


def option(name: str, kind: int, value: object) -> dict[str, Any]:
    return {"name": name, "type": kind, "value": value}


async def test_a_ninth_image_is_refused(world: World, ann: Member, small: Path) -> None:
    await refused_at_once(world, ann, await forge(ann, "nine of them", *[small] * 9), "at most 8 images")


async def test_no_image_is_refused(world: World, ann: Member) -> None:
    await refused_at_once(world, ann, await forge(ann, "of what?"), "no image")


@pytest.mark.parametrize("prompt", ["", " ", "   \n\t ", "\u200b\u200b\u200b", "\u2800\u2800"])
async def test_an_empty_or_blank_prompt_is_refused(
    world: World, ann: Member, small: Path, prompt: str
) -> None:
    await refused_at_once(world, ann, await forge(ann, prompt, small), "prompt is empty")


async def test_a_prompt_of_one_character_is_refused_for_that(world: World, ann: Member, small: Path) -> None:
    await refused_at_once(world, ann, await forge(ann, "x", small), "needs 2 characters or more")


async def test_no_prompt_at_all_is_refused(world: World, ann: Member, small: Path) -> None:
    await refused_at_once(world, ann, await forge(ann, None, small))


async def test_a_prompt_beyond_the_providers_limit_is_refused(world: World, ann: Member, small: Path) -> None:
    await refused_at_once(world, ann, await forge(ann, "x" * 32_001, small), "at most 32000")


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "4096x4096"), ("quality", "ultra"), ("format", "tiff"), ("count", 5), ("count", 0)],
)
async def test_a_value_that_is_not_offered_is_refused(
    world: World, ann: Member, small: Path, name: str, value: object
) -> None:
    await refused_at_once(world, ann, await forge(ann, "beyond the menus", small, **{name: value}))


async def test_transparent_with_jpeg_is_refused(world: World, ann: Member, small: Path) -> None:
    answer = await ann.command(
        "edit", prompt="see through", image=small, background="transparent", format="jpeg"
    )
    await refused_at_once(world, ann, answer, "JPEG has no transparency")


@pytest.mark.parametrize(("name", "value"), [("background", "opaque"), ("fidelity", "low")])
async def test_an_option_that_the_model_lacks_is_refused_by_name(
    world: World, ann: Member, small: Path, name: str, value: str
) -> None:
    answer = await ann.command(
        "edit", prompt="not for this one", image=small, model="gpt-image-2-edit", **{name: value}
    )
    await refused_at_once(world, ann, answer, "GPT-Image 2 ", name)


async def test_a_model_that_is_not_on_offer_is_refused(world: World, ann: Member, small: Path) -> None:
    answer = await ann.command("edit", prompt="some other one", image=small, model="gpt-image-1-5")
    await refused_at_once(world, ann, answer, "GPT-Image 1.5", "not on offer")


# Addresses


ELSEWHERE: dict[str, Callable[[str], str]] = {
    "another host": lambda _: "http://example.com/picture.png",
    "the cloud's metadata": lambda _: "http://169.254.169.254/latest/meta-data/",
    "this machine by name": lambda url: url.replace("127.0.0.1", "localhost"),
    "this machine as one number": lambda url: url.replace("127.0.0.1", "2130706433"),
    "this machine in octal": lambda url: url.replace("127.0.0.1", "0177.0.0.1"),
    "this machine in hexadecimal": lambda url: url.replace("127.0.0.1", "0x7f.0.0.1"),
    "this machine, shortened": lambda url: url.replace("127.0.0.1", "127.1"),
    "this machine in IPv6": lambda url: url.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
    "another port": lambda url: "http://127.0.0.1:1" + url[url.index("/", 8) :],
    "a user name in front": lambda url: url.replace("http://", "http://cdn.discordapp.com@"),
    "the host as user name": lambda url: url.replace("/ephemeral", "@example.com/ephemeral"),
    "another scheme": lambda _: "file:///etc/passwd",
    "a look-alike host": lambda _: "http://cdn.discordapp.com.example.com/x.png",
    "a backslash": lambda url: "http://example.com\\@" + url.removeprefix("http://"),
    "nothing at all": lambda _: "",
}


@pytest.mark.parametrize("spelling", list(ELSEWHERE))
async def test_an_address_that_is_not_on_the_cdn_is_refused(
    world: World, ann: Member, small: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    upload = (await ann.upload(small))[0]
    signer = world.discord._core.signer
    sign = signer.url
    monkeypatch.setattr(type(signer), "url", lambda _, item: ELSEWHERE[spelling](sign(item)))
    answer = await ann.command("edit", prompt="from elsewhere", image=upload)
    await refused_at_once(world, ann, answer, "does not come from Discord")


async def test_a_redirect_away_from_the_cdn_is_not_followed(
    world: World, ann: Member, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CDN's own address answers with one that leads elsewhere, to the provider's open catalogue."""
    asked = len(world.provider.log)
    target = f"{world.provider.api_url}/models"

    def redirect(*_: object, **__: object) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    monkeypatch.setattr(cdn.web, "FileResponse", redirect)
    card = await ann.edit("follow me", small)
    await taken_back(world, ann, card, "does not come from Discord")
    assert len(world.provider.log) == asked, "the redirect was followed"


# Places


@pytest.mark.parametrize(
    ("missing", "words"), [("ATTACH_FILES", "Attach Files"), ("SEND_MESSAGES", "Send Messages")]
)
async def test_a_missing_permission_is_said_by_name(
    world: World, ann: Member, small: Path, missing: str, words: str
) -> None:
    world.faults(missing_permissions=[missing])
    await refused_at_once(world, ann, await ann.command("edit", prompt="post here", image=small), words)


async def test_a_hidden_channel_is_refused(world: World, ann: Member, small: Path) -> None:
    world.faults(channel_hidden=True)
    answer = await ann.command("edit", prompt="post here", image=small)
    await refused_at_once(world, ann, answer, "View Channel")


async def test_a_direct_message_is_refused(world: World, ann: Member, small: Path) -> None:
    command = next(each for each in ann.commands if each["name"] == "edit")
    upload = (await ann.upload(small))[0]
    answer = await ann.send(
        "command",
        channel_id=ann.channels["direct"],
        command_id=command["id"],
        options=[option("prompt", 3, "just for us"), option("image", 11, upload)],
        unchecked=True,
    )
    await refused_at_once(world, ann, answer, "servers only")
