"""Packing results so that Discord takes them: as they are, spread, re-encoded, and at last as links.

The provider's bytes are passed on unchanged if they fit; the originals stay kept in any case.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from domain.images import Image, Role, suffix_of
from domain.limits import FILES_PER_MESSAGE, REQUEST_BYTES
from domain.views import Link, Upload
from jobs.storing import Storing
from pictures.uploads import ENVELOPE_BYTES, plan_uploads
from pictures.values import Fitted
from pictures.work import PictureWork
from storage.files import Files

SMALLEST = 64 * 1024
"""Bytes: no picture is squeezed below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A delivery: the card's files (results, then the contact sheet), further messages' files, links.

    ``marks_lost``: a signed record of how a result was made (C2PA) went with encoding it again.
    ``complete`` is ``False`` when something could not be attached at all and waits under /jobs; ``note``
    is what the job's row says of it.
    """

    first: tuple[Upload, ...]
    shown: tuple[str, ...]
    sheet: str | None
    more: tuple[tuple[Upload, ...], ...] = ()
    reencoded: bool = False
    marks_lost: bool = False
    links: tuple[Link, ...] = ()
    complete: bool = True

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """All files of the delivery."""
        return (*self.first, *(upload for batch in self.more for upload in batch))

    @property
    def note(self) -> str | None:
        """Say in a word what was done to fit."""
        if not self.complete:
            return "linked"
        return "reencoded" if self.reencoded else "spread" if self.more else None


class Packer:
    """Packs the results of jobs."""

    def __init__(self, *, files: Files, pictures: PictureWork, storing: Storing) -> None:
        self._files = files
        self._storing = storing
        self._pictures = pictures

    async def pack(
        self,
        pictures: Sequence[Image],
        *,
        member_id: int,
        limit: int,
        spread: bool,
        generated: bool = False,
    ) -> Packed:
        """Pack for a member's card and, with ``spread``, further messages; ``limit`` is bytes per file.

        ``generated``: the results were made from words alone, and say so where they are encoded again.
        """
        results = [image for image in pictures if image.role is Role.RESULT]
        # A server with boosts takes larger files than one request may be.
        limit = min(limit, REQUEST_BYTES - ENVELOPE_BYTES)
        # Ten results on one card leave no room for it.
        full = not spread and len(results) >= FILES_PER_MESSAGE
        sheets = [] if full else _sheets(pictures, limit)
        kept = [image for image in results if image.sha256]
        ready = await asyncio.to_thread(lambda: [self._as_is(image) for image in (*sheets, *kept)])
        sheet = ready[0] if sheets else None
        uploads = {image.position: upload for image, upload in zip(kept, ready[len(sheets) :], strict=True)}
        reencoded = marks_lost = False
        if not _fits(list(uploads.values()), sheet, limit=limit, spread=spread):
            share = limit if spread else min(limit, _share(sheet, len(uploads)))
            squeezed = {
                each.position: await self._squeezed(each, member_id, share, generated=generated)
                for each in kept
            }
            reencoded = any(squeezed[place] != (uploads[place], False) for place in squeezed)
            marks_lost = any(lost for _, lost in squeezed.values())
            uploads = {place: upload for place, (upload, _) in squeezed.items() if upload is not None}
        packed = self._packed(results, uploads, sheet, limit=limit, reencoded=reencoded)
        return replace(packed, marks_lost=marks_lost)

    async def pack_private(
        self, results: Sequence[Image], *, member_id: int, limit: int, generated: bool = False
    ) -> Packed:
        """Pack for a private answer of as many messages as it takes; what no size fits is left out.

        Raises
        ------
        Refusal
            A file cannot be read.
        """
        try:
            return await self.pack(
                results, member_id=member_id, limit=limit, spread=True, generated=generated
            )
        except OSError as error:
            raise self._storing.refused(error) from error

    def discard(self, uploads: Iterable[Upload]) -> None:
        """Delete what was made only to fit this one delivery."""
        for upload in uploads:
            self._files.discard(upload.path)

    def _packed(
        self,
        results: Sequence[Image],
        uploads: dict[int, Upload],
        sheet: Upload | None,
        *,
        limit: int,
        reencoded: bool,
    ) -> Packed:
        files = [uploads[place] for place in sorted(uploads)]
        plan = plan_uploads(
            [upload.size for upload in files],
            per_file=max(limit, SMALLEST),
            card_files=int(sheet is not None),
            card_bytes=0 if sheet is None else sheet.size,
        )
        parcels = [tuple(files[place] for place in message) for message in plan.messages]
        left_out = [image for image in results if image.position not in uploads]
        return Packed(
            first=(*parcels[0], *((sheet,) if sheet else ())),
            shown=tuple(upload.name for upload in parcels[0]),
            sheet=None if sheet is None else sheet.name,
            more=tuple(parcels[1:]),
            reencoded=reencoded,
            links=tuple(
                Link(url=image.url, expires_at=image.url_expires_at) for image in left_out if image.url
            ),
            complete=not left_out,
        )

    def _as_is(self, image: Image) -> Upload:
        return Upload(name=image.name, path=self._files.path(image.sha256 or ""), size=image.size or 0)

    async def _squeezed(
        self, image: Image, member_id: int, limit: int, *, generated: bool
    ) -> tuple[Upload | None, bool]:
        """Return a result within a limit, and whether its signed record was lost by that."""
        if (image.size or 0) <= limit:
            return await asyncio.to_thread(self._as_is, image), False
        if limit < SMALLEST:
            return None, False
        target = self._files.new_path()
        source = await asyncio.to_thread(self._files.path, image.sha256 or "")
        fitted: Fitted | None = await self._pictures.fit(
            source, target, member_id=member_id, limit=limit, generated=generated
        )
        if fitted is None:
            return None, False
        size = await asyncio.to_thread(lambda: target.stat().st_size)
        name = str(PurePath(image.name).with_suffix(suffix_of(fitted.media_type)))
        return Upload(name=name, path=target, size=size), fitted.marks_lost


def _sheets(pictures: Sequence[Image], limit: int) -> list[Image]:
    """Return the contact sheet, if there is one that fits."""
    sheets = [image for image in pictures if image.role is Role.SHEET and image.sha256]
    return [sheet for sheet in sheets[:1] if (sheet.size or 0) <= limit]


def _fits(uploads: Sequence[Upload], sheet: Upload | None, *, limit: int, spread: bool) -> bool:
    plan = plan_uploads(
        [upload.size for upload in uploads],
        per_file=limit,
        card_files=int(sheet is not None),
        card_bytes=0 if sheet is None else sheet.size,
    )
    return not plan.too_large and (spread or len(plan.messages) == 1)


def _share(sheet: Upload | None, count: int) -> int:
    """Return the bytes that each of ``count`` results may take when all must go on the card."""
    room = REQUEST_BYTES - ENVELOPE_BYTES - (0 if sheet is None else sheet.size)
    return room // max(count, 1)
