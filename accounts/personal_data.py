"""A member's data as ZIP files: jobs, ledger, allowances, notices, choices, and the images that are kept."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePath
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from accounts.export import export_csv
from domain.images import Role
from storage import personal
from storage.errors import Unusable
from storage.export import Selection
from storage.files import Files
from storage.tx import Snapshots

JOBS_AT_ONCE = 1_000
"""Jobs in one file: one of all might not fit a part."""
ENTRY = 1_024
"""Bytes that a ZIP needs for a file beside its own."""


@dataclass(frozen=True, slots=True)
class Handed:
    """The parts of an export, in order, and the number of images that were left out."""

    paths: Sequence[Path]
    left_out: int


def export_member(
    snapshots: Snapshots,
    files: Files,
    member_id: int,
    *,
    folder: Path,
    part_bytes: int | None = None,
    most_parts: int | None = None,
) -> Handed:
    """Write all that is kept of a member into a folder, in parts of a size at most, each a ZIP of its own.

    Raises
    ------
    Unusable
        The database cannot be read, or the files not be written.
    """
    try:
        with snapshots() as tx:
            found = list(personal.jobs(tx, member_id))
            rest = {
                "allowances.json": personal.allowances(tx, member_id),
                "notices.json": personal.notices(tx, member_id),
                "choices.json": personal.choices(tx, member_id),
            }
        parts = _Parts(folder, part_bytes=part_bytes, most_parts=most_parts)
        for number, start in enumerate(range(0, max(len(found), 1), JOBS_AT_ONCE)):
            name = f"jobs-{number + 1}.json" if number else "jobs.json"
            parts.add_json(name, [_shown(job) for job in found[start : start + JOBS_AT_ONCE]])
        for name, rows in rest.items():
            parts.add_json(name, rows)
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            ledger = Path(aside) / "ledger.csv"
            export_csv(snapshots, ledger, selection=Selection(member_id=member_id))
            parts.add(ledger, "ledger.csv", packed=True)
        for job in found:
            for image in job["images"]:
                _add_image(parts, files, job, image)
        parts.close()
    except OSError as error:
        raise Unusable(f"The export could not be written: {error.strerror}.") from error
    return Handed(paths=parts.paths, left_out=parts.left_out)


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    images = [{**image, "file": _name(job, image) if image["sha256"] else None} for image in job["images"]]
    return {**job, "images": [{k: v for k, v in image.items() if k != "sha256"} for image in images]}


def _name(job: dict[str, Any], image: dict[str, Any]) -> str:
    suffix = PurePath(image["name"]).suffix or ".png"
    return f"files/{job['id']}/{image['role']}-{image['position']}{suffix}"


def _add_image(parts: "_Parts", files: Files, job: dict[str, Any], image: dict[str, Any]) -> None:
    if image["sha256"] and image["role"] != Role.SHEET and files.has(image["sha256"]):
        parts.add(files.path(image["sha256"]), _name(job, image))


class _Parts:
    """ZIP files that are begun when the one before is full."""

    def __init__(self, folder: Path, *, part_bytes: int | None, most_parts: int | None) -> None:
        self._folder = folder
        self._limit = part_bytes
        self._most = most_parts
        self._numbers = count(1)
        self._open: ZipFile | None = None
        self._used = 0
        self.paths: list[Path] = []
        self.left_out = 0

    def add_json(self, name: str, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        # Half of what it is at least: words pack well.
        self._room_for(len(text.encode()) // 2).writestr(name, text, compress_type=ZIP_DEFLATED)

    def add(self, path: Path, name: str, *, packed: bool = False) -> None:
        """Add a file, unless no part can hold it."""
        size = path.stat().st_size + ENTRY
        full = self._limit is not None and self._used + size > self._limit
        last = self._most is not None and len(self.paths) >= self._most
        if (self._limit is not None and size > self._limit) or (full and last):
            self.left_out += 1
            return
        self._room_for(size).write(path, name, ZIP_DEFLATED if packed else ZIP_STORED)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _room_for(self, size: int) -> ZipFile:
        if self._open is None or (self._limit is not None and self._used + size > self._limit):
            self.close()
            self.paths.append(self._folder / f"darkroom-{next(self._numbers)}.zip")
            self._open, self._used = ZipFile(self.paths[-1], "w"), ENTRY
        self._used += size
        return self._open
