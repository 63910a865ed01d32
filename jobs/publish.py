"""Putting kept sources on the card, so that the provider can fetch them in their normal form."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.images import MASK_NAME, Image, Role, suffix_of
from domain.job import Job, Status
from domain.limits import MIB, MINUTE, REQUEST_BYTES
from domain.signed_urls import expiry_of, is_fresh
from domain.views import Upload
from jobs.delivery.cards import Cards
from jobs.delivery.ladder import Ladder
from jobs.delivery.ports import MessengerTrouble, Oversize
from jobs.intakes import Intakes
from jobs.storing import Storing
from pictures.values import Fitted, How
from pictures.work import PictureWork
from storage import images, job_rows
from storage.database import Database
from storage.files import Files
from storage.tx import Tx

TRIES = 3
PAUSE = 5.0
"""Seconds before the second try to put sources on a card; the third waits twice as long."""
FRESH = 15 * MINUTE
"""An address must be good for so long when a job is submitted (milliseconds)."""


Place = tuple[Role, int]
"""Which image of a job."""


class Publisher:
    """Makes addresses of sources that the provider can fetch."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        files: Files,
        pictures: PictureWork,
        ladder: Ladder,
        storing: Storing,
        cards: Cards,
        intakes: Intakes,
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._pictures = pictures
        self._ladder = ladder
        self._storing = storing
        self._cards = cards
        self._intakes = intakes

    def all_fresh(self, sources: Sequence[Image]) -> bool:
        """Tell whether the provider can fetch all of them where they are."""
        return all(map(self._is_fresh, sources))

    async def publish(self, job: Job, sources: Sequence[Image]) -> tuple[str, ...]:
        """Return addresses that the provider can fetch, putting kept sources on the card where needed.

        The mask, where there is one, comes last.

        Raises
        ------
        Refusal
            The sources could not be put on the card.
        """
        if self.all_fresh(sources):
            return tuple(image.url or "" for image in sources)
        # An edit with files takes those away that the card had before.
        stale = [image for image in sources if image.attached or not self._is_fresh(image)]
        limit = min(job.card.attachment_limit, _share(stale))
        for attempt in range(1, TRIES + 1):
            try:
                rows = await self._put_on_card(job, sources, stale, limit)
            except (Oversize, MessengerTrouble) as error:
                if attempt == TRIES:
                    raise Refusal(Reason.SOURCE_UNREACHABLE, name=stale[0].name) from error
                if isinstance(error, Oversize):
                    limit //= 2
                else:
                    await self._clock.sleep(max(error.retry_after, PAUSE * attempt))
            else:
                break
        else:
            raise AssertionError("the last try returns or raises")
        await self._database.run(put_while_queued, job.id, rows, files=self._files)
        return tuple(image.url or "" for image in rows)

    def _is_fresh(self, image: Image) -> bool:
        return is_fresh(image.url, image.url_expires_at, at=self._clock.now(), margin=FRESH)

    async def _put_on_card(
        self, job: Job, sources: Sequence[Image], stale: Sequence[Image], limit: int
    ) -> list[Image]:
        async with self._storing.reading():
            folder = self._files.new_folder()
        try:
            made = await self._uploads(job, sources, stale, limit, folder)
            uploads = {place: upload for place, (upload, _) in made.items()}
            # An edit of the card that was broken off might be made after the next one.
            self._intakes.settle(job.id)
            async with self._cards.exclusive(job.id):
                current = await self._database.run(job_rows.get, job.id)
                if current is None or current.status is not Status.QUEUED:
                    raise Refusal(Reason.CANCELLED)
                urls = await self._bring(current, sources, uploads)
        finally:
            await asyncio.to_thread(self._files.remove_folder, folder)
        return [
            _published(image, *made[_place(image)], urls) if _place(image) in made else image
            for image in sources
        ]

    async def _bring(
        self, job: Job, sources: Sequence[Image], uploads: Mapping[Place, Upload]
    ) -> dict[str, str]:
        others = [image for image in sources if _place(image) not in uploads]
        files = tuple(uploads.values())
        view = replace(
            await self._cards.view(job, list(sources)),
            published=tuple(upload.name for upload in files),
            source_urls=tuple(image.url for image in others if image.url),
        )
        reached = await self._ladder.show(view, files, insist=False)
        if reached is None or any(upload.name not in reached.placed.urls for upload in files):
            raise Refusal(Reason.SOURCE_UNREACHABLE, name=sources[0].name)
        return reached.placed.urls

    async def _uploads(
        self, job: Job, given: Sequence[Image], stale: Sequence[Image], limit: int, folder: Path
    ) -> dict[Place, tuple[Upload, Fitted]]:
        made: dict[Place, tuple[Upload, Fitted]] = {}
        # A mask gets the size that its image, which comes before it, is sent with.
        size = (given[0].width or 1, given[0].height or 1)
        for image in stale:
            if image.role is Role.MASK:
                made[_place(image)] = await self._upload_mask(job, image, size, folder)
                continue
            made[_place(image)] = _, fitted = await self._upload(job, image, limit, folder)
            size = (fitted.width, fitted.height) if image.position == 1 else size
        return made

    async def _upload_mask(
        self, job: Job, image: Image, size: tuple[int, int], folder: Path
    ) -> tuple[Upload, Fitted]:
        target = folder / MASK_NAME
        async with self._storing.reading():
            path = await asyncio.to_thread(self._files.path, image.sha256 or "")
            with named(image):
                made = await self._pictures.mask(path, target, member_id=job.member_id, size=size)
        width, height = size
        fitted = Fitted(
            media_type=made.media_type, size=made.size, width=width, height=height, how=How.UNCHANGED
        )
        return Upload(name=MASK_NAME, path=target, size=made.size), fitted

    async def _upload(self, job: Job, image: Image, limit: int, folder: Path) -> tuple[Upload, Fitted]:
        """Copy a kept source for the card in its normal form, smaller if Discord's limit asks for it."""
        target = folder / f"{image.position}"
        async with self._storing.reading():
            path = await asyncio.to_thread(self._files.path, image.sha256 or "")
            with named(image):
                fitted = await self._pictures.publish(path, target, member_id=job.member_id, limit=limit)
        if fitted is None:
            raise Refusal(Reason.TOO_LARGE, name=image.name, limit_mb=limit // MIB)
        name = f"source-{image.position}{suffix_of(fitted.media_type)}"
        return Upload(name=name, path=target, size=fitted.size), fitted


def _place(image: Image) -> Place:
    return image.role, image.position


def _published(image: Image, upload: Upload, fitted: Fitted, urls: Mapping[str, str]) -> Image:
    """Describe a source that is on the card; that it had to be made smaller is something to be told."""
    url, megapixels = urls[upload.name], image.megapixels
    if fitted.how is How.SMALLER and not megapixels:
        megapixels = max(1, round((image.width or 0) * (image.height or 0) / 1e6))
    return replace(image, url=url, url_expires_at=expiry_of(url), attached=upload.name, megapixels=megapixels)


def _share(sources: Sequence[Image]) -> int:
    """Return the bytes that each source may have so that one request carries all of them."""
    room = REQUEST_BYTES - MIB
    total = sum(image.size or 0 for image in sources)
    return room if total <= room else room // len(sources)


def put_while_queued(tx: Tx, job_id: str, rows: Sequence[Image], *, files: Files) -> None:
    """Write what was found of a job's images, unless the job has moved on; raises as ``must_have`` does."""
    job = job_rows.get(tx, job_id)
    if job is not None and job.status is Status.QUEUED and not job.withdrawn:
        files.must_have(tx, (row.sha256 for row in rows))
        images.put(tx, rows)


@contextmanager
def named(image: Image) -> Generator[None]:
    """Say of which source a refusal speaks."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.reason, **{**refusal.values, "name": image.name}) from None
