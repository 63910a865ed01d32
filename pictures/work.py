"""Picture work for the event loop: in threads while a picture is small, in a process while it is large."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from domain.limits import MAX_RESULT_BYTES, MAX_SOURCE_BYTES, MIB
from pictures.child import Child, Stopped
from pictures.fit import Fitted, fit
from pictures.inspect import Inspected, prove, structure_of, survey
from pictures.sheet import lone_side, sheet

IN_PROCESS_BYTES = 48 * MIB
"""What a decode may hold in the bot's own memory: a PNG of 12 megapixels, any baseline JPEG's thumbnail."""
_ENCODE_SHARE = 3
"""A fit holds about so many times what its decode does."""

_T = TypeVar("_T")


class PictureWork:
    """At most ``workers`` small pictures and one large one are worked on at once; the rest wait in line."""

    def __init__(
        self, *, workers: int = 2, child: Child | None = None, in_process: int = IN_PROCESS_BYTES
    ) -> None:
        self._small = ThreadPoolExecutor(workers, thread_name_prefix="picture")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large-picture")
        self._child = child or Child()
        self._in_process = in_process

    async def identify(self, path: Path, *, limit: int = MAX_RESULT_BYTES, sha256: str = "") -> Inspected:
        """Tell what a file of at most ``limit`` bytes is, by its structure: for results, never decoded here.

        A hash that was taken when the file was written is passed as ``sha256``, here and to ``inspect``.

        Raises
        ------
        Refusal
            As ``inspect.survey`` does.
        """
        found = await self._in_thread(partial(survey, path, limit=limit, sha256=sha256))
        return found.inspected

    async def inspect(self, path: Path, *, thumbnail: Path | None = None, sha256: str = "") -> Inspected:
        """Check a source, decode it once, and write its thumbnail where one is wanted.

        Raises
        ------
        Refusal
            NOT_AN_IMAGE, WRONG_TYPE (``type``), ANIMATED, TRUNCATED, TOO_LARGE (``limit_mb``) or
            TOO_MANY_PIXELS (``width``, ``height``).
        """
        found, proved = await self._in_thread(partial(self._inspect, path, thumbnail, sha256))
        if not proved:
            await self._in_child(partial(self._child.prove, path, thumbnail=thumbnail))
        return found

    def _inspect(self, path: Path, thumbnail: Path | None, sha256: str) -> tuple[Inspected, bool]:
        """Do all of it in one thread's turn, unless the picture is large: then it is left to prove."""
        found = survey(path, limit=MAX_SOURCE_BYTES, sha256=sha256)
        if small := not self._is_large(found.structure.reduced_bytes):
            prove(path, found.structure, thumbnail=thumbnail)
        return found.inspected, small

    async def inspect_lone(self, path: Path, *, sheet: Path, sha256: str = "") -> tuple[Inspected, Inspected]:
        """Check the only source of a job as ``inspect`` does, and write its sheet; describe both."""
        done = await self._in_thread(partial(self._inspect_lone, path, sheet, sha256))
        if done is not None:
            return done
        found = await self.inspect(path, thumbnail=sheet, sha256=sha256)
        return found, await self.sheet([sheet], sheet)

    def _inspect_lone(self, path: Path, out: Path, sha256: str) -> tuple[Inspected, Inspected] | None:
        found = survey(path, limit=MAX_SOURCE_BYTES, sha256=sha256)
        if self._is_large(found.structure.reduced_bytes):
            return None
        prove(path, found.structure, thumbnail=out, side=lone_side(found.structure))
        return found.inspected, sheet([out], out)

    async def sheet(self, pictures: Sequence[Path], out: Path) -> Inspected:
        """Write the contact sheet of one to eight thumbnails or sources to ``out``: a JPEG of at most 400 KB.

        Raises
        ------
        Refusal
            A picture cannot be read.
        """
        found = await self._in_thread(partial(self._sheet, pictures, out))
        if found is not None:
            return found
        made: list[Path] = []
        try:
            shown = [await self._small_enough(path, out, made) for path in pictures]
            return await self._in_thread(partial(sheet, shown, out))
        finally:
            for path in made:
                path.unlink(missing_ok=True)

    def _sheet(self, pictures: Sequence[Path], out: Path) -> Inspected | None:
        """Write the sheet unless one of the pictures is too large to be decoded in this process."""
        structures = [structure_of(path) for path in pictures]
        if any(self._is_large(structure.reduced_bytes) for structure in structures):
            return None
        return sheet(pictures, out, structures=structures)

    async def fit(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        """Encode a picture again to at most ``limit`` bytes, at ``out``; ``None`` if that would ruin it.

        Raises
        ------
        Refusal
            The file is not a picture or is damaged.
        """
        structure = await self._in_thread(partial(structure_of, path, limit=MAX_RESULT_BYTES))
        if self._is_large(structure.full_bytes * _ENCODE_SHARE):
            return await self._in_child(partial(self._child.fit, path, out, limit=limit))
        return await self._in_thread(partial(fit, path, out, limit=limit))

    async def publishable(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        """Make a kept source ready to be published for the provider; see ``fit``."""
        return await self.fit(path, out, limit=min(limit, MAX_SOURCE_BYTES))

    async def close(self) -> None:
        """Stop the child at once, wait for what runs in threads, and drop what waits in line.

        Whoever awaits the child's work or waits in line sees ``asyncio.CancelledError``.
        """
        self._child.stop()
        for pool in (self._large, self._small):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def _small_enough(self, path: Path, out: Path, made: list[Path]) -> Path:
        """Return the path of a picture that may be decoded in this process: itself, or a thumbnail of it."""
        structure = await self._in_thread(partial(structure_of, path))
        if not self._is_large(structure.reduced_bytes):
            return path
        thumbnail = out.with_name(f"{out.name}.{len(made)}")
        made.append(thumbnail)
        await self._in_child(partial(self._child.prove, path, thumbnail=thumbnail))
        return thumbnail

    def _is_large(self, needed: int) -> bool:
        return needed > self._in_process

    async def _in_thread(self, task: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._small, task)

    async def _in_child(self, task: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._large, task)
        except Stopped as stopped:
            raise asyncio.CancelledError from stopped
