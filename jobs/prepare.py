"""After a job is accepted: fetch its sources, look at the bytes, keep them in their normal form."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.images import SHEET_NAME, Image, Role, suffix_of
from domain.job import Job, Kind, Status
from domain.limits import MAX_SOURCE_BYTES, MIB
from jobs import transitions
from jobs.delivery.cards import Cards, Found, given_of, job_with_images
from jobs.delivery.ports import Messenger, MessengerTrouble
from jobs.intakes import Intakes
from jobs.publish import Publisher, named, put_while_queued
from jobs.storing import Storing
from pictures.values import Inspected
from pictures.work import PictureWork
from pixeldojo.download import Fetched
from pixeldojo.errors import FetchError, FetchRefused, FetchTooLarge, ResultGone
from scheduling.spacing import Spacing
from storage import job_rows, lethal
from storage.database import Database
from storage.files import Files
from storage.place import is_gone
from storage.tx import Tx

log = logging.getLogger(__name__)

FetchSource = Callable[[str, Path], Awaitable[Fetched]]
"""Streams an attachment to a path, from Discord's CDN only."""

FETCHED_AT_ONCE = 64
"""Sources that are fetched side by side: each holds a chunk, not a file, in memory."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Arrived:
    image: Image
    path: Path
    thumbnail: Path


class Preparer:
    """Makes accepted jobs ready to be submitted, or rejects them."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        files: Files,
        pictures: PictureWork,
        messenger: Messenger,
        storing: Storing,
        spacing: Spacing,
        fetch_source: FetchSource,
        cards: Cards,
        intakes: Intakes,
        publisher: Publisher,
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._pictures = pictures
        self._messenger = messenger
        self._storing = storing
        self._spacing = spacing
        self._fetch_source = fetch_source
        self._cards = cards
        self._intakes = intakes
        self._publisher = publisher
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)

    async def prepare(self, job_id: str, found: Found | None = None) -> Job | None:
        """Fetch, check, keep and publish a job's sources; ``None`` if it has ended instead.

        ``found`` is the job with its sources as they were just written, to be read otherwise.
        """
        if found is None:
            found = await self._database.run(job_with_images, job_id)
        if found is None or found[0].status is not Status.QUEUED:
            return None
        job, pictures = found
        try:
            rows: list[Image] | None = []
            if job.kind is Kind.EDIT:
                take_in = partial(self._take_in, job, pictures)
                rows = await self._intakes.run(job_id, job.member_id, take_in)
            if rows is None:
                return None
            return await self._database.run(_ready, job_id, rows, files=self._files)
        except Refusal as refusal:
            await self.reject(job, refusal)
            return None

    async def reject(self, job: Job, refusal: Refusal) -> None:
        """End a queued job at no cost; its card goes and its member is told why."""
        moment = self._clock.now()
        failed = await self._database.run(
            transitions.fail, job.id, expect=Status.QUEUED, reason=refusal.reason, at=moment
        )
        if failed is None:
            return
        async with self._cards.exclusive(job.id):
            try:
                told = await self._messenger.refuse(failed, refusal)
            except MessengerTrouble:
                told = False
        if told:
            await self._database.run(transitions.close, job.id)
        else:
            self._cards.refresh(job.id)

    async def _take_in(self, job: Job, pictures: list[Image]) -> list[Image] | None:
        now = await self._database.read(job_rows.get, job.id)
        if now is None or now.status is not Status.QUEUED:
            # Cancelled before there was anything to call off.
            return None
        if now.withdrawn:
            raise Refusal(Reason.SOURCE_WITHDRAWN)
        sources = [image for image in pictures if image.role is Role.SOURCE]
        missing = [image for image in sources if image.sha256 is None]
        kept = [image for image in sources if image.sha256 is not None]
        masks = [image for image in pictures if image.role is Role.MASK]
        async with self._storing.reading():
            for image in (*kept, *(each for each in masks if each.sha256 is not None)):
                if await is_gone(self._database, self._files, image.sha256 or ""):
                    raise Refusal(Reason.SOURCES_NOT_KEPT)
        try:
            if len(sources) == len(missing) == 1 and not masks:
                rows = await self._take_in_lone(job, missing[0])
            else:
                rows = await self._take_in_several(job, missing, pictures)
        except OSError as error:
            raise self._storing.refused(error) from error
        now = given_of([*kept, *rows])
        if not self._publisher.all_fresh(now):
            await self._database.run(put_while_queued, job.id, rows, files=self._files)
            await self._publisher.publish(job, now)
            return []
        return rows

    async def _take_in_lone(self, job: Job, image: Image) -> list[Image]:
        """Take in an only source: what most jobs have, so it is done in few changes of threads."""
        path, target, normal = (self._files.new_path() for _ in range(3))
        try:
            sha256 = await self._download(image, path)
            with named(image):
                found, sheet = await self._survived(
                    sha256,
                    partial(
                        self._pictures.inspect_lone,
                        path,
                        member_id=job.member_id,
                        sheet=target,
                        normal=normal,
                        sha256=sha256,
                    ),
                )
            new = [
                (_described(image, found), normal if found.rewritten else path),
                (_sheet_row(job, sheet), target),
            ]
            return await asyncio.to_thread(self._keep, new)
        finally:
            await asyncio.to_thread(self._discard, path, target, normal)

    async def _take_in_several(
        self, job: Job, missing: Sequence[Image], pictures: Sequence[Image]
    ) -> list[Image]:
        folder = self._files.new_folder()
        try:
            arrived = await self._fetch_all(job, missing, folder)
            new = [(each.image, each.path) for each in arrived]
            mask = await self._mask(job, pictures, arrived, folder)
            if mask is not None:
                new.append((mask.image, mask.path))
            if not any(image.role is Role.SHEET for image in pictures):
                new.append(await self._sheet(job, pictures, arrived, mask, folder))
            return await asyncio.to_thread(self._keep, new)
        finally:
            await asyncio.to_thread(self._files.remove_folder, folder)

    async def _fetch_all(self, job: Job, missing: Sequence[Image], folder: Path) -> list[_Arrived]:
        """Fetch side by side; the first bad source ends the others, since the job ends with it."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._fetch(job, image, folder)) for image in missing]
        except* (Refusal, OSError) as problems:
            raise _first(problems) from None
        return [task.result() for task in tasks]

    async def _fetch(self, job: Job, image: Image, folder: Path) -> _Arrived:
        path, thumbnail = folder / f"{image.position}", folder / f"{image.position}-thumbnail"
        normal = folder / f"{image.position}-normal"
        sha256 = await self._download(image, path)
        found = await self._inspect(job, image, path, sha256, thumbnail=thumbnail, normal=normal)
        return _Arrived(_described(image, found), normal if found.rewritten else path, thumbnail)

    async def _thumbnail(self, job: Job, image: Image, folder: Path) -> Path:
        """Make a kept source small: each in a turn of its own, since others would wait for eight at once."""
        thumbnail, normal = (folder / f"{image.position}-{what}" for what in ("thumbnail", "normal"))
        sha256 = image.sha256 or ""
        path = await asyncio.to_thread(self._files.path, sha256)
        await self._inspect(job, image, path, sha256, thumbnail=thumbnail, normal=normal)
        return thumbnail

    async def _inspect(
        self, job: Job, image: Image, path: Path, sha256: str, *, thumbnail: Path, normal: Path
    ) -> Inspected:
        with named(image):
            return await self._survived(
                sha256,
                partial(
                    self._pictures.inspect,
                    path,
                    member_id=job.member_id,
                    thumbnail=thumbnail,
                    normal=normal,
                    sha256=sha256,
                ),
            )

    async def _survived(self, sha256: str, look: Callable[[], Awaitable[T]]) -> T:
        """Look at a file, unless that was the end of a process before; if it is, remember the file."""
        if await self._database.read(lethal.is_noted, sha256):
            raise Refusal(Reason.TOO_HARD)
        try:
            return await look()
        except Refusal as refusal:
            if refusal.values.get("lethal"):
                await self._database.run(lethal.note, sha256, at=self._clock.now())
            raise

    async def _download(self, image: Image, path: Path) -> str:
        """Fetch a source to a path and return its SHA-256."""
        try:
            async with self._fetching:
                await self._spacing.wait()
                fetched = await self._fetch_source(image.url or "", path)
        except FetchError as error:
            raise _fetch_refusal(error, image) from None
        # Files that arrive together are looked at one after the other.
        await self._spacing.wait()
        return fetched.sha256

    async def _mask(
        self, job: Job, pictures: Sequence[Image], arrived: Sequence[_Arrived], folder: Path
    ) -> _Arrived | None:
        """Bring a job's mask into the frame of its image; ``None`` if it has none."""
        image = next((each for each in pictures if each.role is Role.MASK), None)
        if image is None:
            return None
        first = next(each for each in pictures if each.role is Role.SOURCE and each.position == 1)
        came = next((each for each in arrived if each.image.position == 1), None)
        normal = await asyncio.to_thread(self._files.path, first.sha256 or "") if came is None else came.path
        original = normal if came is None else folder / "1"
        shown = first if came is None else came.image
        path, made = folder / "mask", _Arrived(image, folder / "mask-normal", folder / "mask-thumbnail")
        if image.sha256 is None:
            await self._download(image, path)
        else:
            path = await asyncio.to_thread(self._files.path, image.sha256)
        with named(image):
            found = await self._pictures.mask(
                path,
                made.path,
                member_id=job.member_id,
                size=(shown.width or 1, shown.height or 1),
                beside=(original, normal, made.thumbnail),
            )
        return replace(made, image=_described(image, replace(found, rewritten=True)))

    async def _sheet(
        self,
        job: Job,
        pictures: Sequence[Image],
        arrived: Sequence[_Arrived],
        mask: _Arrived | None,
        folder: Path,
    ) -> tuple[Image, Path]:
        thumbnails = {each.image.position: each.thumbnail for each in arrived}
        paths = [
            thumbnails.get(image.position) or await self._thumbnail(job, image, folder)
            for image in pictures
            if image.role is Role.SOURCE
        ]
        target = folder / "sheet"
        shown = paths if mask is None else [*paths, mask.thumbnail]
        found: Inspected = await self._pictures.sheet(
            shown, target, member_id=job.member_id, masked=mask is not None
        )
        return _sheet_row(job, found), target

    def _discard(self, *paths: Path) -> None:
        for path in paths:
            self._files.discard(path)

    def _keep(self, new: Sequence[tuple[Image, Path]]) -> list[Image]:
        for image, path in new:
            self._files.keep(path, image.sha256 or "")
        return [image for image, _ in new]


def _ready(tx: Tx, job_id: str, rows: Sequence[Image], *, files: Files) -> Job | None:
    put_while_queued(tx, job_id, rows, files=files)
    return job_rows.mark_sources_ready(tx, job_id)


def _described(image: Image, found: Inspected) -> Image:
    """Describe a source as it is kept; its address is of no use where that is not what lies there."""
    return replace(
        image,
        url=None if found.rewritten else image.url,
        url_expires_at=None if found.rewritten else image.url_expires_at,
        converted=found.converted,
        megapixels=found.megapixels,
        sha256=found.sha256,
        media_type=found.media_type,
        size=found.size,
        width=found.width,
        height=found.height,
    )


def _sheet_row(job: Job, found: Inspected) -> Image:
    name = f"{SHEET_NAME}{suffix_of(found.media_type)}"
    return _described(Image(job_id=job.id, role=Role.SHEET, position=1, name=name), found)


def _first(problems: BaseExceptionGroup[Refusal | OSError]) -> Refusal | OSError:
    first = problems.exceptions[0]
    return first if isinstance(first, Refusal | OSError) else _first(first)


def _fetch_refusal(error: FetchError, image: Image) -> Refusal:
    if isinstance(error, FetchTooLarge):
        return Refusal(Reason.TOO_LARGE, name=image.name, limit_mb=MAX_SOURCE_BYTES // MIB)
    if isinstance(error, FetchRefused):
        return Refusal(Reason.URL_NOT_ALLOWED, name=image.name)
    reason = Reason.SOURCE_GONE if isinstance(error, ResultGone) else Reason.SOURCE_UNREACHABLE
    return Refusal(reason, name=image.name)
