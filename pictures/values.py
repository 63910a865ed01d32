"""What is known of a picture, and how the bot and the picture process say it: no Pillow here."""

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NotRequired, Protocol, TypedDict


class File(Protocol):
    """What is asked of a file: a ``Path`` does it, and so does one that was handed over open."""

    def stat(self) -> os.stat_result: ...

    def read_bytes(self) -> bytes: ...

    def write_bytes(self, data: bytes, /) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A picture that may be used: ``width`` and ``height`` in pixels as it is shown, ``size`` in bytes.

    ``rewritten``: this describes its normal form, which was written because the file is not in it;
    ``converted`` names the kind that it had then, ``megapixels`` how many it was scaled down from.
    """

    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    rewritten: bool = False
    converted: str | None = None
    megapixels: int | None = None


class How(StrEnum):
    """What was done to a picture to make it fit."""

    UNCHANGED = "unchanged"
    LOSSLESS = "lossless"
    QUALITY = "quality"
    """Encoded again, all pixels kept."""
    SMALLER = "smaller"
    """Fewer pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A file within the limit: ``size`` in bytes, ``width`` and ``height`` in pixels.

    One that is UNCHANGED by ``fit`` was not written: the picture itself is within it. ``marks_lost``: it
    carried a signed record of its making (C2PA), which no encoding keeps.
    """

    media_type: str
    size: int
    width: int
    height: int
    how: How
    marks_lost: bool = False


Task = Literal["inspect", "inspect_lone", "sheet", "mask", "fit", "publish"]


class Request(TypedDict):
    """What to do with one picture, or with several for a sheet.

    The first ``outs`` of the files that are handed over with it are to be written: for "inspect" the
    thumbnail and the normal form, or none; for "inspect_lone" the sheet and the normal form. The others
    are the pictures. ``limit`` is bytes: of the file for "inspect", of what is written for the last two.
    For "mask" they are the mask and, after it, nothing or the thumbnail; the pictures are the mask and, after
    it, nothing or its image as it came and as it is sent; ``size`` is what the mask gets, in pixels.
    ``masked``: the last picture of a sheet is a mask.
    ``generated``: a result that is fitted was made from words alone. ``seconds`` of processor time are all
    that it gets; a picture of more than ``pixels`` is not decoded,
    the answer is ``larger``.
    """

    task: Task
    generated: bool
    outs: int
    limit: int
    sha256: str
    seconds: int
    pixels: int
    size: list[int]
    masked: bool


class InspectedFields(TypedDict):
    """An ``Inspected`` in JSON."""

    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    rewritten: bool
    converted: str | None
    megapixels: int | None


class FittedFields(TypedDict):
    """A ``Fitted`` in JSON."""

    media_type: str
    size: int
    width: int
    height: int
    how: How
    marks_lost: bool


class Reply(TypedDict):
    """What came of it: pictures described, one fitted, a refusal, the system's error, a mistake of ours.

    Nothing but ``larger`` for a picture beyond the request's ``pixels``, but ``exhausted`` where memory was
    too short; ``last`` from a process that ends with this reply.
    """

    inspected: NotRequired[list[InspectedFields]]
    fitted: NotRequired[FittedFields | None]
    refused: NotRequired[str]
    values: NotRequired[dict[str, str | int]]
    errno: NotRequired[int]
    failed: NotRequired[str]
    larger: NotRequired[bool]
    exhausted: NotRequired[bool]
    last: NotRequired[bool]
