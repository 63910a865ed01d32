"""Uploaded bytes on disk, under their hash: the same file twice is stored once."""

import hashlib
import mimetypes
import re
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from aiohttp import BodyPartReader

from playground.discord.dimensions import picture_size
from playground.discord.posts import StoredFile

CHUNK = 256 * 1024
IN_MEMORY = 1024 * 1024
"""Bytes of a part that are held in memory before they go to disk."""


class TooLargeError(Exception):
    """A part of a request went over its limit in bytes."""


class FileStore:
    """A folder of uploaded files."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def take(self, part: BodyPartReader, *, limit: int) -> StoredFile:
        """Stream one multipart part to disk, hashing on the way.

        Parameters
        ----------
        limit
            Bytes at most; of a longer part nothing is kept.

        Raises
        ------
        TooLargeError
            If the part is longer. It is read to its end all the same, so that the reply gets through.
        """
        spool = _Spool(self._folder / f"{uuid4().hex}.part", limit)
        with spool:
            while chunk := await part.read_chunk(CHUNK):
                spool.write(chunk)
        if spool.size > limit:
            spool.drop()
            raise TooLargeError
        path = self._folder / spool.digest.hexdigest()
        spool.settle(path)
        name = part.filename or "unknown"
        kind = content_type(name, part.headers.get("Content-Type", ""))
        width, height = picture_size(path) or (None, None)
        return StoredFile(name, path, spool.size, path.name, kind, width, height)


class _Spool:
    """Bytes on their way in: in memory while they are few, so that a known small file costs no writing."""

    def __init__(self, partial: Path, limit: int) -> None:
        self._partial = partial
        self._limit = limit
        self._memory = bytearray()
        self._file: BinaryIO | None = None
        self.digest = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._limit:
            return
        self.digest.update(chunk)
        if self._file is None and self.size <= IN_MEMORY:
            self._memory += chunk
            return
        if self._file is None:
            self._file = self._partial.open("wb")
            self._file.write(self._memory)
        self._file.write(chunk)

    def drop(self) -> None:
        if self._file is not None:
            self._partial.unlink()

    def settle(self, path: Path) -> None:
        if path.exists():
            self.drop()
        elif self._file is None:
            path.write_bytes(self._memory)
        else:
            self._partial.replace(path)


def content_type(name: str, claimed: str) -> str:
    """Believe the client, as Discord does; ask the file's name if the client says nothing."""
    if claimed and claimed != "application/octet-stream":
        return claimed
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def clean_name(name: str) -> str:
    """Write a file's name the way Discord stores it: no folders, no spaces, plain ASCII."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = re.sub(r"[^A-Za-z0-9._-]", "", last.replace(" ", "_"))
    return cleaned.strip(".") or "unknown"
