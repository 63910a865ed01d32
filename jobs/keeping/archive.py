"""What is asked of past jobs: cards, sources, results, pages, prompts; and what their owners may undo."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import OPEN, Job, Rung, Status, new_id
from domain.job_filter import ALL_JOBS, JobFilter
from domain.request import NewSource, Wish
from domain.text import storable
from jobs import transitions
from jobs.storing import Storing
from storage import events, facts, forgetting, forms, images, job_lists, job_rows, stale_cards, untold
from storage.database import Database
from storage.files import Files
from storage.tx import Tx

PAGE = 5
"""Jobs on one page of /jobs: with their buttons they fit a phone and the 40 components of a message."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a member's jobs, newest first: ``number`` counts from 0, ``count`` is all ``wanted`` ones."""

    jobs: Sequence[Job]
    number: int
    count: int
    wanted: JobFilter

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(0, (self.count - 1) // PAGE)


class Archive:
    """Past jobs of one database. ``went`` is called when something was deleted: messages are to follow."""

    def __init__(
        self,
        *,
        database: Database,
        files: Files,
        clock: Clock,
        storing: Storing,
        went: Callable[[], None],
    ) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._storing = storing
        self._went = went

    async def job(self, job_id: str) -> Job:
        """Return a job.

        Raises
        ------
        Refusal
            It is not known, or was deleted.
        """
        job = await self._database.run(job_rows.get, job_id)
        if job is None or job.deleted:
            raise Refusal(Reason.NOT_FOUND)
        return job

    async def wished(self, *, message_id: int, member_id: int) -> bool:
        """Tell whether a member's wish on a card, which they did not take back, has made its job already."""
        found = await self._database.run(events.job_of, Wish(message_id), member_id=member_id)
        return found is not None

    async def by_card(self, message_id: int) -> Job | None:
        """Return the job that a message shows, if it does."""
        job = await self._database.run(job_rows.by_card, message_id)
        return None if job is None or job.deleted else job

    async def sources(self, job_id: str) -> list[Image]:
        """Return a job's sources and, after them, its mask, all of which are still kept.

        Raises
        ------
        Refusal
            Some are not.
        """
        return [*await self._kept(job_id, Role.SOURCE), *await self._kept(job_id, Role.MASK)]

    async def results(self, job_id: str) -> list[Image]:
        """Return a job's results, all of which are still kept.

        Raises
        ------
        Refusal
            Some are not, or there are none.
        """
        results = await self._kept(job_id, Role.RESULT)
        if not results:
            raise Refusal(Reason.NOT_FINISHED)
        return results

    async def _kept(self, job_id: str, role: Role) -> list[Image]:
        found = await self._database.run(images.of_job, job_id, role)
        for image in found:
            try:
                kept = image.sha256 is not None and await asyncio.to_thread(self._files.has, image.sha256)
            except OSError as error:
                raise self._storing.refused(error) from error
            if not kept:
                raise Refusal(Reason.SOURCES_NOT_KEPT)
        return found

    async def page(self, *, member_id: int, guild_id: int, number: int, wanted: JobFilter = ALL_JOBS) -> Page:
        """Return a page of a member's jobs in a server, with what waits for them from anywhere."""
        return await self._database.run(
            _page, member_id=member_id, guild_id=guild_id, number=number, wanted=wanted
        )

    async def recent_prompts(self, *, member_id: int, guild_id: int, containing: str) -> list[str]:
        """Return a member's own last prompts in a server that hold a text."""
        wanted = storable(containing)[:100]
        return await self._database.run(
            job_rows.recent_prompts, member_id=member_id, guild_id=guild_id, containing=wanted
        )

    async def cancel(self, job: Job) -> Job:
        """Withdraw a queued job at no cost; one that was withdrawn before stays so.

        Raises
        ------
        Refusal
            It is too late: what it costs is said, or why it failed.
        """
        cancelled = await self._database.run(transitions.cancel, job.id, at=self._clock.now())
        if cancelled is not None:
            return cancelled
        now = await self.job(job.id)
        if now.status is Status.CANCELLED:
            return now
        if now.status is Status.FAILED:
            raise Refusal(now.failure or Reason.INTERNAL, model=now.model)
        raise Refusal(Reason.TOO_LATE, credits=now.known_cost if now.charged is None else now.charged)

    async def delete(self, job: Job) -> None:
        """Forget a job's prompt and files, also in what others made of it; only the ledger stays.

        Raises
        ------
        Refusal
            It is still under way.
        """
        if job.status in OPEN:
            raise Refusal(Reason.NOT_FINISHED)
        await self._database.run(forgetting.forget, job, at=self._clock.now())
        self._went()

    async def collected(self, job_id: str) -> None:
        """Note that a job's results have reached their member."""
        await self._database.run(_collected, job_id, at=self._clock.now())

    async def fact(self, name: str) -> str | None:
        """Return a fact that was stored under a name."""
        return await self._database.run(facts.fact, name)

    async def set_fact(self, name: str, value: str) -> None:
        """Store a fact under a name."""
        await self._database.run(facts.set_fact, name, value)

    async def keep_untold(self, member_id: int, refusal: Refusal) -> None:
        """Keep why a member was refused until their next command."""
        now = self._clock.now()
        await self._database.run(untold.keep, member_id=member_id, refusal=refusal, at=now)

    async def take_untold(self, member_id: int) -> Refusal | None:
        """Return what a member is still to be told, once."""
        if not await self._database.read(untold.has, member_id=member_id):
            return None
        return await self._database.run(untold.take, member_id=member_id)

    async def stop_reminding(self, member_id: int) -> None:
        """Send a member no more replies when a long job ends."""
        await self._database.run(facts.stop_reminding, member_id)

    async def keep_form(self, sources: Sequence[NewSource]) -> str:
        """Keep what a form is opened with for an hour; return what names it."""
        form_id = new_id()
        await self._database.run(forms.keep, form_id, sources, at=self._clock.now())
        return form_id

    async def sources_of_form(self, form_id: str) -> list[NewSource]:
        """Return what a form was opened with.

        Raises
        ------
        Refusal
            It was opened more than an hour ago.
        """
        found = await self._database.read(forms.sources_of, form_id, at=self._clock.now())
        if found is None:
            raise Refusal(Reason.FORM_EXPIRED)
        return found

    async def take_back(self, *, message_id: int, member_id: int) -> None:
        """Note that a member took back their wish on a card, if they had one."""
        await self._database.run(events.take_back, message_id=message_id, member_id=member_id)

    async def take_back_all(self, message_id: int) -> None:
        """Note that all wishes on a card were taken back."""
        await self._database.run(events.take_back_all, message_id)


def _page(tx: Tx, *, member_id: int, guild_id: int, number: int, wanted: JobFilter) -> Page:
    found = job_lists.of_member(tx, member_id=member_id, guild_id=guild_id, wanted=wanted)
    number = min(max(number, 0), max(0, (len(found) - 1) // PAGE))
    rows = (job_rows.get(tx, job_id) for job_id in found[number * PAGE : (number + 1) * PAGE])
    return Page([job for job in rows if job is not None], number, len(found), wanted)


def _collected(tx: Tx, job_id: str, *, at: int) -> None:
    job = job_rows.mark_collected(tx, job_id)
    if job is not None and job.card.rung is Rung.KEPT:
        stale_cards.add(tx, job, place=job.card.place, at=at)
