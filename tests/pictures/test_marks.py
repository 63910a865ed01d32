"""What a machine made says so, also when it had to be encoded again."""

import io
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from pictures.fit import fit
from pictures.marks import EDITED, GENERATED, MOST_XMP, marked
from pictures.opening import opened
from pictures.publish import publish

from .material import (
    Put,
    chunk,
    encoded,
    jpeg_with,
    noisy_photo,
    photo,
    png,
    segment,
    webp,
    webp_chunk,
    zeros,
)

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="a machine"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def as_webp(*chunks: bytes) -> bytes:
    return webp(encoded(photo(size=(64, 48)), "WEBP")[12:], *chunks)


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"caBX", b"jumbc2pa")),
        jpeg_with(segment(0xEB, b"JP\0\1\0\0\0\1" + bytes(20) + b"jumdc2pa")),
        as_webp(webp_chunk(b"C2PA", b"jumbc2pa")),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_a_signed_record_is_seen(put: Put, data: bytes) -> None:
    assert opened(put(data)).is_signed


@pytest.mark.parametrize("data", [png(), jpeg_with(segment(0xEB, b"JP something else")), as_webp()])
def test_none_is_seen_where_none_is(put: Put, data: bytes) -> None:
    assert not opened(put(data)).is_signed


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
        jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
        encoded(photo(size=(64, 48)), "WEBP", xmp=XMP),
        png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0XMP\0" + zlib.compress(XMP))),
    ],
    ids=["png", "jpeg", "webp", "packed png"],
)
def test_xmp_is_found(put: Put, data: bytes) -> None:
    assert opened(put(data)).xmp == XMP


@pytest.mark.parametrize("generated", [False, True])
@pytest.mark.parametrize("size", [(700, 500), (2600, 1800)], ids=["webp", "jpeg"])
def test_a_result_that_is_encoded_again_says_what_made_it(
    put: Put, tmp_path: Path, size: tuple[int, int], generated: bool
) -> None:
    data = encoded(noisy_photo("coffee", size), "PNG")
    at = data.index(b"IDAT") - 4
    marks = chunk(b"caBX", b"jumbc2pa") + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    data = data[:at] + marks + data[at:]
    found = fit(put(data), tmp_path / "out", limit=len(data) // 3, generated=generated)
    assert found is not None
    assert found.marks_lost
    with Image.open(tmp_path / "out") as made:
        said = [
            value
            for each in ET.fromstring(made.info["xmp"]).iter(f"{RDF}Description")
            for name, value in each.attrib.items()
            if not name.endswith("about")
        ]
    source = f"http://cv.iptc.org/newscodes/digitalsourcetype/{GENERATED if generated else EDITED}"
    assert said == ["a machine", source]
    assert found.size <= len(data) // 3


def test_a_source_that_is_published_says_nothing(put: Put, tmp_path: Path) -> None:
    data = jpeg_with(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), picture=noisy_photo("cat", (600, 400))
    )
    assert publish(put(data), tmp_path / "out", limit=len(data) // 2) is not None
    assert b"xmpmeta" not in (tmp_path / "out").read_bytes()


def test_packed_xmp_that_is_a_bomb_or_broken_is_none(put: Put) -> None:
    for packed in (zeros(10_000_000), b"no such thing"):
        picture = opened(put(png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed))))
        assert EDITED.encode() in marked(picture.xmp, EDITED)


@pytest.mark.parametrize(
    "said",
    [
        b'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"',
        b'Iptc4xmpExt:DigitalSourceType="a camera"',
        b'Iptc4xmpExt:DigitalSourceType="<<<',
    ],
)
def test_what_says_something_else_or_nothing_that_can_be_read_is_set_right(said: bytes) -> None:
    """A provider that passes on the XMP of a source would have its result called a photograph."""
    space = b'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    xmp = marked(XMP.replace(b"dc:creator", space + said + b" dc:creator"), EDITED)
    values = [
        value for each in ET.fromstring(xmp).iter(f"{RDF}Description") for value in each.attrib.values()
    ]
    assert f"http://cv.iptc.org/newscodes/digitalsourcetype/{EDITED}" in values
    assert xmp.count(b"DigitalSourceType=") == 1


def test_what_says_so_already_is_left_as_it_is() -> None:
    once = marked(XMP, EDITED)
    assert marked(once, GENERATED) == once
    assert len(marked(XMP + b" " * MOST_XMP, EDITED)) < 1_000
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in marked(b"not xml at all", GENERATED)
    with Image.open(io.BytesIO(encoded(photo(), "JPEG", xmp=marked(b"", EDITED)))) as picture:
        assert EDITED in ET.tostring(ET.fromstring(picture.info["xmp"]), "unicode")
