"""Photographs as people have them, through the whole: by /edit, Edit images, Reroll and Edit result alike."""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from playground.discord.components import walk
from playground.pixeldojo.fetching import Fetcher
from tests.e2e.conftest import Join
from tests.e2e.member import Member, Message
from tests.e2e.messages import text_of
from tests.e2e.pictures import located_photo, small_photo
from tests.e2e.test_bad_input import claim, taken_back
from tests.e2e.world import World, open_world, until

CASES = Path(__file__).parents[1] / "pictures" / "cases"
FIRST = (
    "01_iphone.heic",
    "01b_heic_named.jpg",
    "01c_photo.avif",
    "01d_static.gif",
    "01e_scan.tif",
    "02_exif_orientation_6.jpg",
    "03_cmyk.jpg",
    "03b_16bit_rgb.png",
)
SECOND = (
    "03c_palette_trns.png",
    "05_no_eoi.jpg",
    "05b_bad_crc_in_text_chunk.png",
    "05c_cut_in_iend_crc.png",
    "05d_riff_size_8_too_large.webp",
    "05e_leading_newline.png",
    "08_megapixels_108.jpg",
)
TOLD = {
    "01_iphone.heic": "converted from HEIC",
    "01b_heic_named.jpg": "converted from HEIC",
    "01c_photo.avif": "converted from AVIF",
    "01d_static.gif": "converted from GIF",
    "01e_scan.tif": "converted from TIFF",
    "08_megapixels_108.jpg": "scaled down from 108 megapixels",
}
SECRETS = (
    b"Maker of cameras",
    b"Model of a camera",
    b"at home",
    b"Exif\0\0",
    b"ns.adobe.com/xap",
    b"Photoshop 3.0",
)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the provider fetched, by address."""
    found: dict[str, bytes] = {}
    fetch = Fetcher.fetch

    async def noting(self: Fetcher, url: str, name: str) -> Any:
        file = await fetch(self, url, name)
        found[url] = file.read()
        file.seek(0)
        return file

    monkeypatch.setattr(Fetcher, "fetch", noting)
    return found


async def sent(world: World, fetched: dict[str, bytes], prompt: str) -> list[bytes]:
    """Return the sources that the provider got for a prompt, in order."""
    [body] = world.bodies(prompt)
    await until(lambda: all(url in fetched for url in body["image_urls"]), what=lambda: "the sources")
    return [fetched[url] for url in body["image_urls"]]


def check(name: str, data: bytes) -> None:
    """Expect one form, whatever it was: upright, 8 bit, sRGB or grey, nothing beside the pixels."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.format in {"PNG", "JPEG", "WEBP"}, name
        assert picture.mode in {"RGB", "RGBA", "L", "P"}, (name, picture.mode)
        assert picture.size == ((4096, 3072) if "108" in name else (96, 72)), name
        assert not picture.getexif(), name
        assert picture.info.keys() <= {"icc_profile", "transparency", "jfif", "jfif_version", "jfif_unit"} | {
            "jfif_density", "dpi", "background", "loop", "duration", "timestamp", "default_image", "aspect", "gamma"
        }, (name, picture.info.keys())  # fmt: skip
    assert not any(secret in data for secret in SECRETS), name


def told(card: Message, names: Sequence[str]) -> None:
    text = text_of(card)
    for number, name in enumerate(names, 1):
        if name in TOLD:
            assert f"Image {number} was {TOLD[name]}." in text, (name, text)
        else:
            assert f"Image {number} was" not in text


async def by_every_road(
    world: World, member: Member, other: Member, fetched: dict[str, bytes], names: Sequence[str]
) -> None:
    paths = [CASES / name for name in names]
    prompt = f"by /edit, {names[0]}"
    card = await world.finished(member, prompt, *paths)
    for name, data in zip(names, await sent(world, fetched, prompt), strict=True):
        check(name, data)
    told(card, names)
    as_first = [*map(len, await sent(world, fetched, prompt))]

    message = await other.post(f"these, {names[0]}", *paths)
    form = await member.command("Edit images", target=message["id"])
    of_message = await member.answer(await member.submit(form, prompt=f"by Edit images, {names[0]}"))
    told(await member.sees(of_message, "Done"), names)
    again = await other.answer(await other.press(card, "Reroll"))
    told(await other.sees(again, "Done"), names)
    assert [*map(len, await sent(world, fetched, f"by Edit images, {names[0]}"))] == as_first

    form = await member.press(card, "Edit result")
    on = await member.answer(await member.submit(form, prompt=f"on from {names[0]}", more=paths[:7]))
    await member.sees(on, "Done")
    for name, data in zip(names[:7], (await sent(world, fetched, f"on from {names[0]}"))[1:], strict=True):
        check(name, data)
    [first, reroll] = world.bodies(prompt)
    assert first["image_urls"] != reroll["image_urls"]
    await until(
        lambda: all(url in fetched for url in reroll["image_urls"]), what=lambda: "the reroll's sources"
    )
    for name, url in zip(names, reroll["image_urls"], strict=True):
        check(name, fetched[url])


@pytest.mark.parametrize("names", [FIRST, SECOND], ids=["kinds", "flaws"])
async def test_every_case_is_edited_by_every_road(
    world: World, join: Join, fetched: dict[str, bytes], names: Sequence[str]
) -> None:
    await by_every_road(world, await join(), await join(), fetched, names)


async def test_a_raw_photo_is_refused_with_how_to_get_a_jpeg(world: World, ann: Member) -> None:
    card = await ann.edit("develop it", CASES / "07_canon.cr3")
    await taken_back(world, ann, card, "canon.cr3", "camera raw photo", "JPEG")


def uploaded_as(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield genuine pictures under the names and claims of ``11_claims.tsv``."""
    for number, row in enumerate(
        csv.DictReader((CASES / "11_claims.tsv").read_text().splitlines(), delimiter="\t")
    ):
        kind = row["bytes"].split(":")[0].split(" ")[0].lower()
        photo = small_photo(folder / f"{number}.{kind}")
        place = folder / str(number) / row["name"]
        place.parent.mkdir()
        place.write_bytes(photo.read_bytes())
        yield place, "" if row["content_type"] == "(absent)" else row["content_type"]


async def test_bytes_decide_and_claims_do_not(world: World, join: Join, tmp_path: Path) -> None:
    ann, ben = await join(), await join()
    claimed = list(uploaded_as(tmp_path))
    for part, files in enumerate((claimed[:6], claimed[6:])):
        uploads = [(await ann.upload(path))[0] for path, _ in files]
        for upload, (_, kind) in zip(uploads, files, strict=True):
            claim(world, upload, content_type=kind)
        names = ["image", *(f"image{number}" for number in range(2, 9))]
        card = await ann.ask("edit", prompt=f"claims {part}", **dict(zip(names, uploads, strict=False)))
        await ann.sees(card, "Done")
        message = await ben.post(f"claimed {part}", *(path for path, _ in files))
        stored = world.discord.world.message(int(message["channel_id"]), int(message["id"]))
        assert stored is not None
        for item, (_, kind) in zip(stored.attachments, files, strict=True):
            item.file = replace(item.file, content_type=kind)
        form = await ann.command("Edit images", target=message["id"])
        await ann.sees(await ann.answer(await ann.submit(form, prompt=f"claims of a message {part}")), "Done")
        [body] = world.bodies(f"claims of a message {part}")
        assert len(body["image_urls"]) == len(files)


async def test_edit_images_looks_into_a_forwarded_message_and_other_bots_components(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    holder = await ben.post("where it lies", small)
    url = holder["attachments"][0]["url"]
    snapshot = json.loads((CASES / "12_forwarded_message.json").read_text().replace("<CDN URL>", url))
    forwarded, shown = await ben.post("forwarded"), await ben.post("shown")
    for message in (forwarded, shown):
        stored = world.discord.world.message(int(message["channel_id"]), int(message["id"]))
        assert stored is not None
        if message is forwarded:
            stored.snapshots = snapshot["message_snapshots"]
        else:
            media = {"url": url, "proxy_url": url, "width": 96, "height": 96}
            stored.components = [
                {"type": 17, "id": 1, "components": [{"type": 12, "id": 2, "items": [{"media": media}]}]}
            ]
        form = await ann.command("Edit images", target=message["id"])
        prompt = f"of what is {message['content']}"
        await ann.sees(await ann.answer(await ann.submit(form, prompt=prompt)), "Done")
        assert len(world.bodies(prompt)[0]["image_urls"]) == 1


async def test_no_file_at_discord_tells_of_a_place_or_a_camera(
    world: World, ann: Member, ben: Member, tmp_path: Path, fetched: dict[str, bytes]
) -> None:
    photo = located_photo(tmp_path / "holiday.jpg")
    assert all(secret in photo.read_bytes() for secret in SECRETS[:4])
    # The world is shared: results of other tests say of themselves what made them.
    before = set(world.discord.world.attachments)
    card = await world.finished(ann, "take the crowd away", photo)
    await ben.sees(await ben.answer(await ben.press(card, "Reroll")), "Done")
    assert len(fetched) >= 2
    assert not any(secret in data for data in fetched.values() for secret in SECRETS)
    published = [
        item
        for key, item in world.discord.world.attachments.items()
        if key not in before and not item.ephemeral
    ]
    assert published
    for item in published:
        if item.filename.startswith(("source-", "sources.", "darkroom-")):
            data = Path(item.file.path).read_bytes()
            assert not any(secret in data for secret in SECRETS), item.filename


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
async def test_no_decoder_runs_in_the_bots_own_process_and_those_that_decode_are_locked_in(
    world: World, ann: Member
) -> None:
    await world.finished(ann, "decode it", CASES / "01_iphone.heic")
    locked = [each for each in world.children() if b"pictures.child" in (each / "cmdline").read_bytes()]
    assert locked
    for process in locked:
        status = (process / "status").read_text()
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
        assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)
        environment = (process / "environ").read_bytes()
        assert b"TOKEN" not in environment
        assert b"KEY" not in environment
        held = [os.readlink(each) for each in (process / "fd").iterdir()]
        assert not any(str(world.data) in each for each in held), held
    parent = re.search(r"^PPid:\s+(\d+)$", (locked[0] / "status").read_text(), re.MULTILINE)
    assert parent is not None
    loaded = Path(f"/proc/{parent[1]}/maps").read_text()
    assert not any(name in loaded for name in ("_pi_heif", "libheif", "libde265", "_avif", "_webp"))
    assert "_pi_heif" in (locked[0] / "maps").read_text()


def kinds_asked_for(world: World) -> list[list[str]]:
    """Return the kinds of files that every attachment of /edit says, and the upload of every form."""
    [edit] = [each for each in world.discord.world.application.commands.values() if each["name"] == "edit"]
    forms = [each.modal for each in world.discord.world.interactions.values() if each.modal is not None]
    uploads = [each for form in forms for each in walk(form["components"]) if each["type"] == 19]
    attachments = [each for each in edit["options"] if each["type"] == 11]
    assert len(attachments) == 9, "eight images and a mask"
    return [each.get("file_types", []) for each in (*attachments, *uploads)]


async def test_commands_and_forms_offer_pictures(world: World, ann: Member, small: Path) -> None:
    before = len(kinds_asked_for(world))
    await ann.press(await world.finished(ann, "offer pictures", small), "Edit result")
    asked = kinds_asked_for(world)
    assert len(asked) == before + 1
    assert asked.count([".png"]) == 1, "that of the mask"
    pictures = [each for each in asked if each != [".png"]]
    assert all(0 < len(each) <= 10 and {"image", ".heic"} <= {*each} for each in pictures)


async def test_a_discord_that_knows_no_kinds_of_files_has_the_commands_without(
    tmp_path: Path, small: Path
) -> None:
    async with open_world(tmp_path, start=False, webhooks=False) as world:
        world.troubles.add("50035")
        refusal = {"code": 50035, "message": "Invalid Form Body", "errors": {}}
        path = f"/applications/{world.discord.world.application.id}/commands"
        world.faults(script=[{"method": "PUT", "path": path, "status": 400, "body": refusal}])
        await world.start_bot()
        async with world.member("ann") as ann:
            card = await world.finished(ann, "without them", small)
            await ann.press(card, "Edit result")
            assert kinds_asked_for(world) == [[]] * 10
            await world.stop_bot()
            await world.start_bot()
            await ann.press(card, "Edit result")
            assert kinds_asked_for(world) == [[]] * 11, "it is remembered"
