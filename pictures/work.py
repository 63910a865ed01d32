"""Picture work for the event loop: every picture is looked at, shrunk and encoded in a process of its own."""

from collections.abc import Sequence
from pathlib import Path

from domain.errors import Reason, Refusal
from domain.limits import MAX_RESULT_BYTES, MAX_SOURCE_BYTES
from pictures.kept import Exhausted, Kept
from pictures.values import Fitted, How, Inspected, Request, Task

DECODE_SECONDS = 10
"""Of processor time, for each picture that is decoded; the worst honest one takes 3 on one slow core."""
ENCODE_SECONDS = 30
"""Of processor time, for up to eight encodes."""


class PictureWork:
    """One picture is worked on at a time, in the order in which they were brought."""

    def __init__(self, *, kept: Kept | None = None) -> None:
        self._kept = kept or Kept()

    async def identify(self, path: Path, *, limit: int = MAX_RESULT_BYTES, sha256: str = "") -> Inspected:
        """Check a result of at most ``limit`` bytes and decode it once; raises as ``inspect`` does.

        A hash that was taken when the file was written is passed as ``sha256``, here and to the others.
        """
        (found,) = await self._look("inspect", [path], None, limit=limit, sha256=sha256)
        return found

    async def inspect(self, path: Path, *, thumbnail: Path | None = None, sha256: str = "") -> Inspected:
        """Check a source, decode it once, and write its thumbnail where one is wanted.

        Raises
        ------
        Refusal
            NOT_AN_IMAGE, also if decoding it takes more than any honest picture; WRONG_TYPE (``type``),
            ANIMATED, TRUNCATED, TOO_LARGE (``limit_mb``) or TOO_MANY_PIXELS (``width``, ``height``).
        OSError
            The file cannot be read or the thumbnail not be written.
        """
        (found,) = await self._look("inspect", [path], thumbnail, sha256=sha256)
        return found

    async def inspect_lone(self, path: Path, *, sheet: Path, sha256: str = "") -> tuple[Inspected, Inspected]:
        """Check an only source as ``inspect`` does, and write its sheet; describe both."""
        found, made = await self._look("inspect_lone", [path], sheet, sha256=sha256)
        return found, made

    async def sheet(self, pictures: Sequence[Path], out: Path) -> Inspected:
        """Write the contact sheet of one to eight thumbnails or sources to ``out``: a JPEG of at most 400 KB.

        Raises
        ------
        Refusal
            A picture cannot be read.
        OSError
            The sheet cannot be written.
        """
        (made,) = await self._look("sheet", pictures, out)
        return made

    async def fit(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        """Encode a picture again to at most ``limit`` bytes, at ``out``; ``None`` if that would ruin it.

        Raises
        ------
        Refusal
            The file is not a picture or is damaged.
        OSError
            It cannot be read, or ``out`` not be written.
        """
        return await self._encode("fit", path, out, limit)

    async def publish(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        """Write a source to ``out`` as everybody may have it: upright, with no metadata but its profile.

        Its pixels are touched only where it must be turned or has more than ``limit`` bytes; see ``fit``.
        """
        return await self._encode("publish", path, out, limit)

    async def close(self) -> None:
        """End the process at once; whoever waits for it sees ``asyncio.CancelledError``."""
        await self._kept.close()

    async def _look(
        self,
        task: Task,
        pictures: Sequence[Path],
        out: Path | None,
        *,
        limit: int = MAX_SOURCE_BYTES,
        sha256: str = "",
    ) -> list[Inspected]:
        request = _request(task, pictures, out, limit, DECODE_SECONDS * len(pictures), sha256)
        try:
            reply = await self._kept.ask(request)
        except Exhausted as error:
            raise Refusal(Reason.NOT_AN_IMAGE) from error
        return [Inspected(**fields) for fields in reply.get("inspected", [])]

    async def _encode(self, task: Task, path: Path, out: Path, limit: int) -> Fitted | None:
        try:
            reply = await self._kept.ask(_request(task, [path], out, limit, ENCODE_SECONDS))
        except Exhausted:
            return None
        fields = reply.get("fitted")
        if fields is None:
            return None
        return Fitted(
            path=Path(fields["path"]),
            media_type=fields["media_type"],
            size=fields["size"],
            width=fields["width"],
            height=fields["height"],
            how=How(fields["how"]),
        )


def _request(
    task: Task, pictures: Sequence[Path], out: Path | None, limit: int, seconds: int, sha256: str = ""
) -> Request:
    return {
        "task": task,
        # The process has a working directory of its own.
        "paths": [str(path.absolute()) for path in pictures],
        "out": "" if out is None else str(out.absolute()),
        "limit": limit,
        "sha256": sha256,
        "seconds": seconds,
    }
