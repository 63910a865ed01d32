"""Paints in a small pool of threads, and remembers what it painted lately."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from PIL.Image import Image

from playground.pixeldojo.fetching import Source
from playground.pixeldojo.pictures import artist, odd
from playground.pixeldojo.pictures.artist import Order

MASK = "mask_url"
_REMEMBERED_BYTES = 64 * 1024 * 1024


class Painter:
    """Turns orders and fetched sources into files, off the event loop."""

    def __init__(self, *, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="painter")
        self._known: OrderedDict[str, list[bytes]] = OrderedDict()
        self._known_bytes = 0

    def close(self) -> None:
        """Stop the threads; what is being painted is finished, what waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def paint(self, order: Order, sources: Mapping[str, Source]) -> list[bytes]:
        """Return the files of an order; `sources` are by parameter name, the mask among them.

        Raises
        ------
        artist.UnreadableImageError
            A source or the mask is no usable picture; the message names it.
        """
        digest = order.digest([f"{name} {source.digest}" for name, source in sources.items()])
        known = self._known.get(digest)
        if known is not None:
            self._known.move_to_end(digest)
            return known
        loop = asyncio.get_running_loop()
        made = await loop.run_in_executor(self._pool, _paint, order, sources)
        self._remember(digest, made)
        return made

    async def check(self, sources: Mapping[str, Source]) -> None:
        """Decode sources only, to see whether they can be.

        Raises
        ------
        artist.UnreadableImageError
            One is no usable picture; the message names it.
        """
        await asyncio.get_running_loop().run_in_executor(self._pool, _decode, sources)

    async def pad(self, files: list[bytes], output_format: str, size: int) -> list[bytes]:
        """Return the same pictures in files of at least `size` bytes."""
        return await asyncio.to_thread(lambda: [odd.padded(data, output_format, size) for data in files])

    def _remember(self, digest: str, made: list[bytes]) -> None:
        self._known[digest] = made
        self._known_bytes += sum(map(len, made))
        while self._known_bytes > _REMEMBERED_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._known_bytes -= sum(map(len, oldest))


def _decode(sources: Mapping[str, Source]) -> dict[str, Image]:
    pictures: dict[str, Image] = {}
    for name, source in sources.items():
        try:
            pictures[name] = artist.decode(source.file)
        except artist.UnreadableImageError as error:
            raise artist.UnreadableImageError(f"{name} {error}") from error
    return pictures


def _paint(order: Order, sources: Mapping[str, Source]) -> list[bytes]:
    pictures = _decode(sources)
    mask = pictures.pop(MASK, None)
    return artist.paint(order, list(pictures.values()), mask)
