"""One answer of the provider, and reading its JSON: bytes to values, without any I/O.

Every reader takes any JSON and returns a value or ``None``. A field of a wrong type counts as absent,
so that one odd number never costs a reply its job id.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from pixeldojo.errors import UnreadableReply

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

MAX_BODY: Final = 1024 * 1024
"""Bytes of a JSON body; what is longer is not parsed."""
MAX_SKIMMED: Final = 16 * MAX_BODY
"""Bytes of an answer that are taken in; of one above ``MAX_BODY`` only a few words are read (``skim``)."""
MAX_CREDITS: Final = 1_000_000_000
"""More credits than any key holds: a greater figure counts as absent."""
MAX_URL: Final = 8192
"""Characters of a URL."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f\\]+", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 253_402_300_799
_FIRST_MILLISECOND: Final = 10_000_000_000


class Flaw(StrEnum):
    """Why a body is not all that was sent."""

    CUT = "cut off"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in lower case) and body of one answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    flaw: Flaw | None = None


def read_json(body: bytes) -> Json:
    """Parse a body; NaN, infinities and integers of 19 digits or more become null.

    Raises
    ------
    UnreadableReply
        It is not UTF-8, not JSON, or nested too deeply.
    """
    try:
        value: Json = json.loads(body.decode("utf-8-sig"), parse_int=_whole, parse_constant=_nothing)
    except ValueError:
        problem = "it is not JSON"
    except RecursionError:
        problem = "it is nested too deeply"
    else:
        return value
    raise UnreadableReply(problem)


def _whole(digits: str) -> int | None:
    # int() of thousands of digits raises, and SQLite takes no more than 63 bits.
    return int(digits) if len(digits) < 19 else None


def _nothing(_name: str) -> None:
    return None


_PIECE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]', re.DOTALL)
_MAX_PIECES: Final = 100_000


def skim(body: bytes) -> dict[str, Json]:
    """Return the short texts of the outermost object of a body that is too long to be parsed, or cut off.

    A failed job may carry a trace of megabytes: its id and status are worth reading all the same.
    """
    found: dict[str, Json] = {}
    depth, name, before = 0, "", b""
    for _, match in zip(range(_MAX_PIECES), _PIECE.finditer(body), strict=False):
        piece = match[0]
        if piece in (b"{", b"["):
            depth += 1
        elif piece in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and piece not in (b":", b",") and len(piece) <= 300:
            said = _unescaped(piece)
            if before == b":" and name:
                found.setdefault(name, said)
            name = said if before in (b"{", b",") else ""
        before = piece
    return found


def _unescaped(piece: bytes) -> str:
    try:
        return text(json.loads(piece))
    except ValueError:
        return ""


def member(value: Json, *names: str) -> Json:
    """Return the first of these fields that is there and not null."""
    if not isinstance(value, Mapping):
        return None
    return next((value[name] for name in names if value.get(name) is not None), None)


def items(value: Json) -> list[Json]:
    """Return the elements of a list, and nothing of anything else."""
    return value if isinstance(value, list) else []


def text(value: Json, *, longest: int = 2000) -> str:
    """Return a string without what cannot be stored or shown (lone surrogates, controls), or ''."""
    if not isinstance(value, str):
        return ""
    return "".join(character for character in value[:longest] if character.isprintable())


def token(value: Json) -> str | None:
    """Return an identifier: 1 to 200 printable ASCII characters, and not a path of dots."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and _TOKEN.fullmatch(value) and value.strip("."):
        return value
    return None


def link(value: Json) -> str | None:
    """Return what looks like a web address; whether it may be fetched is decided elsewhere."""
    if isinstance(value, str) and len(value) <= MAX_URL and _LINK.fullmatch(value):
        return value
    return None


def thousandths(value: Json) -> int | None:
    """Return credits, given as a number or a numeric string, in thousandths of a credit."""
    credits_ = _decimal(value)
    if credits_ is None or not 0 <= credits_ <= MAX_CREDITS:
        return None
    return round(credits_ * 1000)


def _decimal(value: Json) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        # By way of its shortest text: 0.1 is a tenth of a credit, not 0.1000000000000000055.
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def moment(value: Json) -> int | None:
    """Return a moment (ISO 8601, Unix seconds or Unix milliseconds) in Unix milliseconds."""
    if isinstance(value, str):
        return _iso(value)
    number = _decimal(value)
    if number is None or not 0 < number <= _LAST_SECOND * 1000:
        return None
    return int(number if number >= _FIRST_MILLISECOND else number * 1000)


def _iso(value: str) -> int | None:
    try:
        when = datetime.fromisoformat(value[:40])
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    milliseconds = (when - _EPOCH) // timedelta(milliseconds=1)
    return milliseconds if milliseconds > 0 else None
