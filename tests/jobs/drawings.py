"""Pictures as plain text files: what they are is their first line, so that nothing needs decoding."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Reason, Refusal
from pictures.values import How, Inspected
from tests.jobs.kill_points import KillPoints

IMAGE = b"IMAGE "


def source_bytes(name: str, *, size: int = 0) -> bytes:
    return IMAGE + b"source " + name.encode() + b"\n" + b"." * size


def result_bytes(provider_job_id: str, number: int, *, size: int = 0) -> bytes:
    return IMAGE + f"result {provider_job_id} {number}\n".encode() + b"." * size


def result_of(data: bytes) -> tuple[str, int] | None:
    """Return whose result a file is, also after it was squeezed."""
    words = data.partition(b"\n")[0].split()
    return (words[2].decode(), int(words[3])) if words[1:2] == [b"result"] else None


@dataclass(frozen=True)
class Squeezed:
    media_type: str
    size: int
    marks_lost: bool = False
    how: How = How.UNCHANGED
    width: int = 64
    height: int = 64


class Drawings:
    """What ``PictureWork`` does, for these files."""

    def __init__(self, kill_points: KillPoints) -> None:
        self._kill_points = kill_points

    async def identify(self, path: Path, *, member_id: int, sha256: str = "") -> Inspected:
        await asyncio.sleep(0)
        data = path.read_bytes()
        if not data.startswith(IMAGE):
            raise Refusal(Reason.NOT_AN_IMAGE)
        found = hashlib.sha256(data).hexdigest()
        assert sha256 in {"", found}, "the models of what is fetched do not hash; what is kept has its name"
        return Inspected(media_type="image/png", width=8, height=8, size=len(data), sha256=found)

    async def inspect(
        self, path: Path, *, member_id: int, thumbnail: Path, normal: Path, sha256: str = ""
    ) -> Inspected:
        found = await self.identify(path, member_id=member_id, sha256=sha256)
        self._kill_points.touch()
        thumbnail.write_bytes(b"thumbnail of " + path.read_bytes())
        return found

    async def inspect_lone(
        self, path: Path, *, member_id: int, sheet: Path, normal: Path, sha256: str = ""
    ) -> tuple[Inspected, Inspected]:
        found = await self.identify(path, member_id=member_id, sha256=sha256)
        return found, await self.sheet([path], sheet, member_id=member_id)

    async def sheet(
        self, pictures: Sequence[Path], out: Path, *, member_id: int, masked: bool = False
    ) -> Inspected:
        del masked
        self._kill_points.touch()
        out.write_bytes(IMAGE + b"sheet " + b"|".join(path.read_bytes()[:60] for path in pictures))
        return await self.identify(out, member_id=member_id)

    async def fit(
        self, path: Path, out: Path, *, member_id: int, limit: int, generated: bool = False
    ) -> Squeezed | None:
        data = path.read_bytes()[:limit]
        if len(data) < 60:
            return None
        self._kill_points.touch()
        out.write_bytes(data)
        return Squeezed(media_type="image/webp", size=len(data))

    async def publish(self, path: Path, out: Path, *, member_id: int, limit: int) -> Squeezed | None:
        data = path.read_bytes()
        if len(data) > limit:
            return await self.fit(path, out, member_id=member_id, limit=limit)
        self._kill_points.touch()
        out.write_bytes(data)
        return Squeezed(media_type="image/png", size=len(data))
