"""What is known of a picture, and how the bot and the picture process say it: no Pillow here."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, NotRequired, TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A picture that may be used: ``width`` and ``height`` in pixels as it is shown, ``size`` in bytes."""

    media_type: str
    width: int
    height: int
    size: int
    sha256: str


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
    """A file within the limit: ``size`` in bytes, ``width`` and ``height`` in pixels."""

    path: Path
    media_type: str
    size: int
    width: int
    height: int
    how: How


Task = Literal["inspect", "inspect_lone", "sheet", "fit", "publish"]


class Request(TypedDict):
    """What to do with one picture, or with several for a sheet.

    ``out`` is where something is to be written; it may be empty for "inspect". ``limit`` is bytes: of the
    file for "inspect", of what is written for "fit" and "publish". ``seconds`` of processor time are all
    that it gets; a picture of more than ``pixels`` is not decoded, the answer is ``larger``.
    """

    task: Task
    paths: list[str]
    out: str
    limit: int
    sha256: str
    seconds: int
    pixels: int


class InspectedFields(TypedDict):
    """An ``Inspected`` in JSON."""

    media_type: str
    width: int
    height: int
    size: int
    sha256: str


class FittedFields(TypedDict):
    """A ``Fitted`` in JSON."""

    path: str
    media_type: str
    size: int
    width: int
    height: int
    how: str


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
