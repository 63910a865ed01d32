"""What a machine made says so: results as they come, results that are encoded again, and those collected."""

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from domain.limits import MIB
from playground.pixeldojo.results import Results
from tests.e2e.member import Member, Message
from tests.e2e.messages import text_of
from tests.e2e.pictures import png_chunk
from tests.e2e.test_delivery import delivered
from tests.e2e.world import World

CAPTURED = b"http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="kept"'
    b' Iptc4xmpExt:DigitalSourceType="' + CAPTURED + b'"/></rdf:RDF></x:xmpmeta>'
)
RECORD = b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(16)
Make = Callable[[list[bytes]], None]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Let the provider's next results be these files."""
    waiting: list[bytes] = []
    add = Results.add

    def ours(self: Results, data: bytes, output_format: str, **values: Any) -> str:
        return add(self, waiting.pop(0) if waiting else data, output_format, **values)

    monkeypatch.setattr(Results, "add", ours)
    return waiting.extend


def grain(side: int) -> Image.Image:
    return Image.effect_noise((side, side), 90).convert("RGB")


def in_png(side: int) -> bytes:
    """A PNG with a signed record, and packed XMP of the photograph that it was made of."""
    file = io.BytesIO()
    grain(side).save(file, "PNG", compress_level=1)
    data = file.getvalue()
    at = data.index(b"IDAT") - 4
    text = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP))
    return data[:at] + png_chunk(b"caBX", RECORD) + text + data[at:]


def in_jpeg() -> bytes:
    file = io.BytesIO()
    grain(64).save(file, "JPEG", xmp=XMP)
    body = b"JP\0\1\0\0\0\1" + RECORD
    return b"\xff\xd8\xff\xeb" + struct.pack(">H", len(body) + 2) + body + file.getvalue()[2:]


def in_webp() -> bytes:
    file = io.BytesIO()
    grain(64).save(file, "WEBP", xmp=XMP)
    data = file.getvalue() + b"C2PA" + struct.pack("<I", len(RECORD)) + RECORD
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def files_on(world: World, message: Message) -> list[bytes]:
    found = world.discord.world.message(int(message["channel_id"]), int(message["id"]))
    assert found is not None
    return [
        Path(item.file.path).read_bytes()
        for item in found.attachments
        if item.filename.startswith("darkroom-")
    ]


def says(data: bytes) -> tuple[list[bytes], bool]:
    """Return what a file says made it, and whether the rest of its XMP is there."""
    with Image.open(io.BytesIO(data)) as picture:
        xmp: bytes = picture.info.get("xmp", b"")
    return re.findall(rb"digitalsourcetype/(\w+)", xmp), b'dc:creator="kept"' in xmp


async def test_results_that_fit_keep_every_byte_and_so_their_marks(
    world: World, ann: Member, small: Path, made: Make
) -> None:
    files = [in_png(64), in_jpeg(), in_webp()]
    made(files)
    card = await ann.edit("three that are signed", small, count=3)
    done = await ann.sees(card, "Done · 12 credits", "AI-made")
    assert files_on(world, done) == files
    assert world.results_on(done) == [hashlib.sha256(each).hexdigest() for each in files]
    assert "C2PA" not in text_of(done)


async def test_a_result_that_is_encoded_again_says_what_made_it_and_the_card_what_was_lost(
    world: World, ann: Member, small: Path, made: Make
) -> None:
    world.faults(upload_limit=MIB)
    file = in_png(900)
    assert len(file) > MIB
    made([file])
    done = await ann.sees(
        await ann.edit("one that is signed", small), "Done", "Re-encoded", "C2PA", "AI-made"
    )
    await delivered(world, ann)
    [sent] = files_on(world, done)
    assert says(sent) == ([b"compositeWithTrainedAlgorithmicMedia"], True)
    listed = await ann.ask("jobs")
    answer = await ann.answer(await ann.press(listed, "Collect originals"))
    handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
    assert "no longer carry the maker’s signed record (C2PA)" in handed["content"]
    assert "AI-made" in handed["content"]
    [collected] = files_on(world, handed)
    assert says(collected) == ([b"compositeWithTrainedAlgorithmicMedia"], True)

    made([in_png(900)])
    card = await ann.ask("generate", prompt="from words alone")
    [sent] = files_on(world, await ann.sees(card, "Done", "Re-encoded", "C2PA", "AI-made"))
    assert says(sent) == ([b"trainedAlgorithmicMedia"], True)


async def test_a_source_that_had_to_be_made_smaller_to_be_published_is_told(
    world: World, ann: Member, tmp_path: Path
) -> None:
    world.faults(upload_limit=MIB // 8)
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = tmp_path / "on its side.jpg"
    grain(1_300).save(photo, quality=60, exif=exif)
    assert MIB // 4 < photo.stat().st_size < MIB
    done = await ann.sees(await ann.edit("make room", photo), "Done")
    assert "The image was scaled down from 2 megapixels." in text_of(done)
