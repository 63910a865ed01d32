"""Picture work for the event loop: every picture is looked at, shrunk and encoded in a process of its own."""

import asyncio
import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from domain.clock import Clock, SystemClock
from domain.errors import Reason, Refusal
from domain.limits import MAX_RESULT_BYTES, MAX_SCALED_PIXELS, MAX_SOURCE_BYTES
from pictures.kept import Exhausted, Kept
from pictures.kinds import MEDIA_TYPES
from pictures.known import Key, Known, Looked, UnderWay
from pictures.turns import Turns
from pictures.values import Fitted, How, Inspected, Reply, Request, Task

DECODE_SECONDS = 10
"""Of processor time, for each picture that is decoded; the worst honest one takes 3 on one slow core."""
ENCODE_SECONDS = 30
"""Of processor time, for up to eight encodes."""
_TYPES, _KINDS = frozenset(MEDIA_TYPES.values()), frozenset({None, *MEDIA_TYPES})


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
        request = _request("inspect", limit=limit, sha256=sha256)
        reply = await self._look(request, [path], [], member_id, paid=True)
        (found,) = await _inspected(reply, path, sha256=sha256)
        return found

    async def inspect(
        self, path: Path, *, member_id: int, thumbnail: Path, normal: Path, sha256: str = ""
    ) -> Inspected:
        """Check a source, decode it unless it was just now, and write its thumbnail.

        A file that is not in its normal form is written to ``normal`` in it, and that is described.

        Raises
        ------
        Refusal
            As ``pictures.opening.opened`` says; TOO_HARD if it takes more than any honest picture, which is
            ``lethal`` if its process did not survive it.
        OSError
            The file cannot be read, or what is made of it not be written.
        """
        request = _request("inspect", sha256=sha256)
        reply = await self._look_once(request, path, [thumbnail, normal], member_id)
        (found,) = await _inspected(reply, path, normal=normal, sha256=sha256)
        return found

    async def inspect_lone(
        self, path: Path, *, member_id: int, sheet: Path, normal: Path, sha256: str = ""
    ) -> tuple[Inspected, Inspected]:
        """Check an only source as ``inspect`` does, and write its sheet; describe both."""
        request = _request("inspect_lone", sha256=sha256)
        reply = await self._look_once(request, path, [sheet, normal], member_id)
        found, made = await _inspected(reply, path, sheet, normal=normal, sha256=sha256)
        return found, made

    async def mask(
        self, path: Path, out: Path, *, member_id: int, size: tuple[int, int], beside: Sequence[Path] = ()
    ) -> Inspected:
        """Write a mask to ``out`` in the frame of its image, of which ``size`` is width and height in pixels.

        ``beside`` are its image as it came and as it is sent, and where the image without what may change is
        written; nothing where the mask is in that frame already. Raises as ``pictures.mask.mask`` does.
        """
        request = _request("mask", seconds=3 * DECODE_SECONDS)
        request["size"] = [*size]
        pictures, outs = [path, *beside[:2]], [out, *beside[2:]]
        (made,) = await _inspected(await self._look(request, pictures, outs, member_id), out)
        return made

    async def sheet(
        self, pictures: Sequence[Path], out: Path, *, member_id: int, masked: bool = False
    ) -> Inspected:
        """Write the contact sheet of one to eight thumbnails or sources to ``out``: a JPEG of at most 400 KB.

        ``masked``: one more follows them, their mask.

        Raises
        ------
        Refusal
            A picture cannot be read.
        OSError
            The sheet cannot be written.
        """
        request = _request("sheet", seconds=DECODE_SECONDS * len(pictures))
        request["masked"] = masked
        (made,) = await _inspected(await self._look(request, pictures, [out], member_id), out)
        return made

    async def fit(
        self, path: Path, out: Path, *, member_id: int, limit: int, generated: bool = False
    ) -> Fitted | None:
        """Encode a result again to at most ``limit`` bytes, at ``out``; ``None`` if that would ruin it.

        It says that a machine made it, of other pictures, or from words alone (``generated``).

        Raises
        ------
        Refusal
            The file is not a picture or is damaged.
        OSError
            It cannot be read, or ``out`` not be written.
        """
        request = _request("fit", limit=limit, seconds=ENCODE_SECONDS, generated=generated)
        return await self._encode(request, path, out, member_id, paid=True)

    async def publish(self, path: Path, out: Path, *, member_id: int, limit: int) -> Fitted | None:
        """Write a source to ``out`` as everybody may have it, in its normal form; see ``fit``."""
        request = _request("publish", limit=limit, seconds=ENCODE_SECONDS)
        return await self._encode(request, path, out, member_id, paid=False)

    async def close(self) -> None:
        """End the processes at once; whoever waits for them sees ``asyncio.CancelledError``."""
        await self._turns.close()

    async def _look_once(self, request: Request, path: Path, outs: Sequence[Path], member_id: int) -> Reply:
        """Look at a file unless what would come of it is known, or somebody else is at it just now.

        Each who asks waits for a turn of their own: whoever asked first may have to wait for long.
        """
        if not request["sha256"]:
            return await self._look(request, [path], outs, member_id)
        key, large = (request["task"], request["sha256"]), False
        while (known := self._known.recall(key)) is None:
            if key in self._under_way:
                await self._under_way.wait(key)
                continue
            reply = await self._try(key, request, path, outs, member_id, large=large)
            if reply is not None and "larger" not in reply:
                return reply
            large = large or reply is not None
        return await asyncio.to_thread(_again, known, outs)

    async def _try(
        self,
        key: Key,
        request: Request,
        path: Path,
        outs: Sequence[Path],
        member_id: int,
        *,
        large: bool,
    ) -> Reply | None:
        """Look at a file in the member's turn; ``None`` if somebody has, or does, by then."""
        begun = False

        def wanted() -> bool:
            nonlocal begun
            begun = self._known.recall(key) is None and key not in self._under_way
            if begun:
                self._under_way.begin(key)
            return begun

        try:
            with _refused():
                reply = await self._turns.ask_if(
                    wanted, request, [path], outs, member_id=member_id, paid=False, large=large
                )
            if reply is not None and "larger" not in reply:
                self._known.remember(key, Looked(reply, await asyncio.to_thread(_made, outs)))
        except Refusal as refusal:
            # A picture that took too long on the wall's clock may not on another day.
            if refusal.values.get("lethal") is not False:
                self._known.remember(key, Looked(refusal))
            raise
        else:
            return reply
        finally:
            if begun:
                self._under_way.end(key)

    async def _look(
        self,
        request: Request,
        pictures: Sequence[Path],
        outs: Sequence[Path],
        member_id: int,
        *,
        paid: bool = False,
    ) -> Reply:
        with _refused():
            return await self._turns.ask(request, pictures, outs, member_id=member_id, paid=paid)

    async def _encode(
        self, request: Request, path: Path, out: Path, member_id: int, *, paid: bool
    ) -> Fitted | None:
        try:
            reply = await self._turns.ask(request, [path], [out], member_id=member_id, paid=paid)
        except Exhausted:
            return None
        fields = reply.get("fitted")
        return None if fields is None else replace(Fitted(**fields), how=How(fields["how"]))


@contextmanager
def _refused() -> Generator[None]:
    """Refuse a picture that takes too much."""
    try:
        yield
    except Exhausted as error:
        raise Refusal(Reason.TOO_HARD, lethal=error.lethal) from error


def _again(known: Looked, outs: Sequence[Path]) -> Reply:
    """Say again what was found of a file, and write again what was made of it."""
    if isinstance(known.found, Refusal):
        raise Refusal(known.found.reason, **known.found.values)
    for data, out in zip(known.made, outs, strict=True):
        if data:
            out.write_bytes(data)
    return known.found


def _made(outs: Sequence[Path]) -> tuple[bytes, ...]:
    return tuple(out.read_bytes() if out.exists() else b"" for out in outs)


async def _inspected(
    reply: Reply, *files: Path, normal: Path | None = None, sha256: str = ""
) -> list[Inspected]:
    """Read what is said of ``files``, in their order, the first of which may stand at ``normal`` now.

    A file is kept under its hash: where a picture has taken its process over, that must not be the name of
    another. ``sha256`` is known of the first as it came.
    """
    found = [Inspected(**fields) for fields in reply.get("inspected", [])]
    for each, file in zip(found, files, strict=True):
        if normal is not None and each.rewritten:
            file, sha256 = normal, ""  # noqa: PLW2901 - what lies there is what is meant
        hashed, sha256, normal = sha256 or await asyncio.to_thread(_hash, file), "", None
        if each.sha256 != hashed or each.media_type not in _TYPES or each.converted not in _KINDS:
            raise RuntimeError("a picture process says of a file what is not so")
    return found


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _request(
    task: Task,
    *,
    limit: int = MAX_SOURCE_BYTES,
    sha256: str = "",
    seconds: int = DECODE_SECONDS,
    generated: bool = False,
) -> Request:
    return {
        "task": task,
        "generated": generated,
        "outs": 0,
        "limit": limit,
        "sha256": sha256,
        "seconds": seconds,
        "pixels": MAX_SCALED_PIXELS,
        "size": [],
        "masked": False,
    }
