"""Picture work for the event loop: every picture is looked at, shrunk and encoded in a process of its own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from domain.clock import Clock, SystemClock
from domain.errors import Reason, Refusal
from domain.limits import MAX_RESULT_BYTES, MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS
from pictures.kept import Exhausted, Kept
from pictures.known import Key, Known, Looked, UnderWay
from pictures.turns import Turns
from pictures.values import Fitted, How, Inspected, Reply, Request, Task

DECODE_SECONDS = 10
"""Of processor time, for each picture that is decoded; the worst honest one takes 3 on one slow core."""
ENCODE_SECONDS = 30
"""Of processor time, for up to eight encodes."""


class PictureWork:
    """Looks at pictures by turns between members: ``member_id`` says whose turn a piece of work takes.

    Results are paid for and go first; a caller that is cancelled ends the work. ``small`` and ``large`` are
    the two processes.
    """

    def __init__(
        self, *, clock: Clock | None = None, small: Kept | None = None, large: Kept | None = None
    ) -> None:
        self._turns = Turns(clock=clock or SystemClock(), small=small or Kept(), large=large or Kept())
        self._known = Known()
        self._under_way = UnderWay()

    async def identify(
        self, path: Path, *, member_id: int, limit: int = MAX_RESULT_BYTES, sha256: str = ""
    ) -> Inspected:
        """Check a result of at most ``limit`` bytes and decode it once; raises as ``inspect`` does.

        A hash that was taken when the file was written is passed as ``sha256``, here and to the others.
        """
        request = _request("inspect", [path], None, limit=limit, sha256=sha256)
        (found,) = _inspected(await self._look(request, member_id, paid=True))
        return found

    async def inspect(
        self, path: Path, *, member_id: int, thumbnail: Path | None = None, sha256: str = ""
    ) -> Inspected:
        """Check a source, decode it unless it was just now, and write its thumbnail where one is wanted.

        Raises
        ------
        Refusal
            NOT_AN_IMAGE, also if decoding it takes more than any honest picture; WRONG_TYPE (``type``),
            ANIMATED, TRUNCATED, TOO_LARGE (``limit_mb``) or TOO_MANY_PIXELS (``width``, ``height``).
        OSError
            The file cannot be read or the thumbnail not be written.
        """
        request = _request("inspect", [path], thumbnail, sha256=sha256)
        (found,) = _inspected(await self._look_once(request, member_id))
        return found

    async def inspect_lone(
        self, path: Path, *, member_id: int, sheet: Path, sha256: str = ""
    ) -> tuple[Inspected, Inspected]:
        """Check an only source as ``inspect`` does, and write its sheet; describe both."""
        request = _request("inspect_lone", [path], sheet, sha256=sha256)
        found, made = _inspected(await self._look_once(request, member_id))
        return found, made

    async def sheet(self, pictures: Sequence[Path], out: Path, *, member_id: int) -> Inspected:
        """Write the contact sheet of one to eight thumbnails or sources to ``out``: a JPEG of at most 400 KB.

        Raises
        ------
        Refusal
            A picture cannot be read.
        OSError
            The sheet cannot be written.
        """
        (made,) = _inspected(await self._look(_request("sheet", pictures, out), member_id))
        return made

    async def fit(self, path: Path, out: Path, *, member_id: int, limit: int) -> Fitted | None:
        """Encode a result again to at most ``limit`` bytes, at ``out``; ``None`` if that would ruin it.

        Raises
        ------
        Refusal
            The file is not a picture or is damaged.
        OSError
            It cannot be read, or ``out`` not be written.
        """
        return await self._encode("fit", path, out, member_id, limit=limit, paid=True)

    async def publish(self, path: Path, out: Path, *, member_id: int, limit: int) -> Fitted | None:
        """Write a source to ``out`` as everybody may have it: upright, with no metadata but its profile.

        Its pixels are touched only where it must be turned or has more than ``limit`` bytes; see ``fit``.
        """
        return await self._encode("publish", path, out, member_id, limit=limit, paid=False)

    async def close(self) -> None:
        """End the processes at once; whoever waits for them sees ``asyncio.CancelledError``."""
        await self._turns.close()

    async def _look_once(self, request: Request, member_id: int) -> Reply:
        """Look at a file unless what would come of it is known, or somebody else is at it just now.

        Each who asks waits for a turn of their own: whoever asked first may have to wait for long.
        """
        if not (request["sha256"] and request["out"]):
            return await self._look(request, member_id)
        key, out, large = (request["task"], request["sha256"]), Path(request["out"]), False
        while (known := self._known.recall(key)) is None:
            await self._under_way.wait(key)
            large = await self._try(key, request, member_id, large=large)
        return await asyncio.to_thread(_again, known, out)

    async def _try(self, key: Key, request: Request, member_id: int, *, large: bool) -> bool:
        """Look at a file in the member's turn, unless somebody has or does; tell whether it is large."""
        begun = False

        def wanted() -> bool:
            nonlocal begun
            begun = self._known.recall(key) is None and key not in self._under_way
            if begun:
                self._under_way.begin(key)
            return begun

        try:
            reply = await self._turns.ask_if(wanted, request, member_id=member_id, paid=False, large=large)
            if reply is None or "larger" in reply:
                return large or reply is not None
            made = await asyncio.to_thread(Path(request["out"]).read_bytes)
            self._known.remember(key, Looked(reply, made))
        except (Refusal, Exhausted) as error:
            self._known.remember(key, Looked(error))
        finally:
            if begun:
                self._under_way.end(key)
        return large

    async def _look(self, request: Request, member_id: int, *, paid: bool = False) -> Reply:
        try:
            return await self._turns.ask(request, member_id=member_id, paid=paid)
        except Exhausted as error:
            raise Refusal(Reason.NOT_AN_IMAGE) from error

    async def _encode(
        self, task: Task, path: Path, out: Path, member_id: int, *, limit: int, paid: bool
    ) -> Fitted | None:
        request = _request(task, [path], out, limit=limit, seconds=ENCODE_SECONDS)
        try:
            reply = await self._turns.ask(request, member_id=member_id, paid=paid)
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


def _again(known: Looked, out: Path) -> Reply:
    """Say again what was found of a file, and write again what was made of it."""
    match known.found:
        case Refusal() as refusal:
            raise Refusal(refusal.reason, **refusal.values)
        case Exhausted():
            raise Refusal(Reason.NOT_AN_IMAGE)
        case reply:
            out.write_bytes(known.made)
            return reply


def _inspected(reply: Reply) -> list[Inspected]:
    return [Inspected(**fields) for fields in reply.get("inspected", [])]


def _request(
    task: Task,
    pictures: Sequence[Path],
    out: Path | None,
    *,
    limit: int = MAX_SOURCE_BYTES,
    sha256: str = "",
    seconds: int | None = None,
) -> Request:
    return {
        "task": task,
        # A process has a working directory of its own.
        "paths": [str(path.absolute()) for path in pictures],
        "out": "" if out is None else str(out.absolute()),
        "limit": limit,
        "sha256": sha256,
        "seconds": DECODE_SECONDS * len(pictures) if seconds is None else seconds,
        "pixels": MAX_SOURCE_PIXELS,
    }
