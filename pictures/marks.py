"""What says of a picture that a machine made it: C2PA, which no encoding keeps, and XMP, which can be.

IPTC's Digital Source Type (https://cv.iptc.org/newscodes/digitalsourcetype) is what the EU's AI Act, article
50(2), asks for in a form that machines read.
"""

import re
import zlib
from collections.abc import Sequence
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from pictures.kinds import Sent
from pictures.segments import Piece

GENERATED, EDITED = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
"""Made from words alone, or out of pictures that somebody gave."""
MOST_XMP = 60_000
"""Bytes: one segment of a JPEG has 65,533."""
_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_JPEG_XMP, _PNG_XMP = b"http://ns.adobe.com/xap/1.0/\0", b"XML:com.adobe.xmp\0"
_PROPERTY, _END = b"DigitalSourceType", b"</rdf:RDF>"
_SAID = re.compile(rb"digitalsourcetype/(\w+)")
_EMPTY = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>'
    b'<?xpacket end="r"?>'
)


def is_signed(data: bytes, kind: Sent, pieces: Sequence[Piece]) -> bool:
    """Tell whether a file carries C2PA: in JUMBF boxes (C2PA 2.2, annex A.3)."""
    if kind == "JPEG":
        return any(
            piece.name == b"\xeb" and b"c2pa" in data[piece.body : min(piece.end, piece.body + 256)]
            for piece in pieces
        )
    return any(piece.name in {b"caBX", b"C2PA"} for piece in pieces)


def xmp_of(data: bytes, pieces: Sequence[Piece]) -> bytes:
    """Return the XMP of a file, or nothing."""
    for name, _start, body, end in pieces:
        if name == b"XMP ":
            return data[body:end]
        if name == b"\xe1" and data.startswith(_JPEG_XMP, body):
            return data[body + len(_JPEG_XMP) : end]
        if name == b"iTXt" and data.startswith(_PNG_XMP, body):
            return _text(data[body + len(_PNG_XMP) : end - 4])
    return b""


def _is_xml(text: bytes) -> bool:
    """Tell whether a text can be read as XMP is; one with entities of its own is not read at all."""
    if b"<!D" in text:
        return False
    try:
        ET.fromstring(text)  # noqa: S314 - it names no entities, and this process can do nothing
    except (ET.ParseError, ValueError, LookupError):
        return False
    return True


def _text(chunk: bytes) -> bytes:
    """Read what follows the keyword of PNG's iTXt: two flags, two words (language, keyword in it), text."""
    text = chunk[2:].split(b"\0", 2)[-1]
    if chunk[:1] != b"\1":
        return text
    try:
        return zlib.decompressobj().decompress(text, MOST_XMP + 1)
    except zlib.error:
        return b""


def marked(xmp: bytes, source_type: str) -> bytes:
    """Return XMP that says what made a picture: of one that says so it stays, of any other it is set."""
    if len(xmp) > MOST_XMP or not _is_xml(xmp):
        xmp = b""
    if _PROPERTY in xmp:
        by_machine = any(said.decode() in {GENERATED, EDITED} for said in _SAID.findall(xmp))
        changed = _SAID.sub(b"digitalsourcetype/" + source_type.encode(), xmp)
        if by_machine or changed != xmp:
            return xmp if by_machine else changed
        xmp = b""
    said = (
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(_VOCABULARY + source_type)}/>"
    ).encode()
    before, end, after = xmp.rpartition(_END)
    if not end or len(xmp) + len(said) > MOST_XMP:
        before, end, after = _EMPTY.rpartition(_END)
    return b"".join([before, said, end, after])
