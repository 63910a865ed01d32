"""Acceptance: where a wish becomes a job, or is refused at no cost. Nothing slow stands here."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass

from accounts.allowances import Ceilings
from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Card, Job, Kind, Origin, Status, new_id
from domain.limits import (
    MAX_PROMPT,
    MAX_SCALED_PIXELS,
    MAX_SOURCE_BYTES,
    MAX_SOURCES,
    MIB,
    MIN_PROMPT,
)
from domain.request import NewSource, Request, images_in
from domain.signed_urls import expiry_of
from domain.text import BLANK, is_blank, storable
from jobs import transitions
from jobs.choices.models import Asked, Choice, Models
from jobs.engine import Engine
from jobs.storing import Storing
from pixeldojo.errors import FetchRefused
from pixeldojo.urls import UrlRule
from storage.database import Database
from storage.errors import Late, StorageError
from storage.in_time import IN_TIME, in_time, run_in_time

log = logging.getLogger(__name__)

SAYS_WHAT_IS_LEFT_OUT = frozenset({Origin.REROLL, Origin.CHANGE_PROMPT, Origin.EDIT_RESULT})
"""Origins whose options were chosen for an earlier job, maybe of another model."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that was accepted; ``new`` is ``False`` when the same event had made it before."""

    job: Job
    sources: tuple[Image, ...]
    new: bool


class Acceptance:
    """Accepts requests. ``cdn_origins`` are the only origins that a source may come from."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        models: Models,
        ceilings: Ceilings,
        cdn_origins: Collection[str],
        engine: Engine,
        storing: Storing,
    ) -> None:
        self._database = database
        self._clock = clock
        self._models = models
        self._ceilings = ceilings
        self._cdn = UrlRule.only(cdn_origins)
        self._engine = engine
        self._storing = storing

    async def accept(self, request: Request) -> Accepted:
        """Check all that needs no download, then write the job and its reserve in one transaction.

        Raises
        ------
        Refusal
            With the one reason that the member is told; nothing was stored or held.
        """
        self._admit(request)
        given = images_in(request.sources)
        try:
            prompt, choice = self._chosen(request, images=len(given))
        except Refusal as refusal:
            if request.style is None or refusal.reason is not Reason.PROMPT_TOO_LONG:
                raise
            own = request.style.characters
            raise Refusal(Reason.STYLED_TOO_LONG, **refusal.values, own=own) from refusal
        job = self._job(request, prompt=prompt, choice=choice)
        masks = [source for source in request.sources if source.is_mask]
        sources = tuple(
            _row(job, role, number, source)
            for role, several in ((Role.SOURCE, given), (Role.MASK, masks[:1]))
            for number, source in enumerate(several, 1)
        )
        written, new = await self._write(request, job, sources, tries=choice.tries)
        if choice.tries:
            await self._learn()
        return Accepted(written, sources, new)

    async def _write(
        self, request: Request, job: Job, sources: tuple[Image, ...], *, tries: bool
    ) -> tuple[Job, bool]:
        # Whoever was told "did not respond" asks again, and would pay for both.
        until = in_time(request.arrived)
        left = until - time.monotonic()
        if left <= 0:
            raise Refusal(Reason.TOO_SLOW)
        try:
            return await run_in_time(
                self._database,
                until,
                transitions.accept,
                job,
                sources,
                event=request.event,
                role_ids=request.role_ids,
                ceilings=self._ceilings,
                taken=request.sources,
                tries=tries,
                insists=request.insists,
            )
        except StorageError as error:
            if isinstance(error, Late) and left < IN_TIME / 2:
                # Nothing is wrong with the database: the time had gone before.
                raise Refusal(Reason.TOO_SLOW) from error
            raise self._storing.refused(error) from error

    def judge(self, source: NewSource) -> Refusal | None:
        """Return why an image cannot be used, by what is said of it; ``None``: only its bytes can tell."""
        try:
            self._check_source(source)
        except Refusal as refusal:
            return refusal
        return None

    def is_from_cdn(self, url: str) -> bool:
        """Tell whether an address is one of Discord's CDN, however it is spelled."""
        try:
            self._cdn.check(url)
        except FetchRefused:
            return False
        return True

    async def _learn(self) -> None:
        try:
            await self._models.health.load()
        except StorageError as error:
            # The job is accepted, whatever cannot be read just now.
            log.warning("Which job tries a model again could not be read: %s", error)

    def _admit(self, request: Request) -> None:
        if not self._engine.open:
            raise Refusal(Reason.SHUTTING_DOWN)
        if request.missing_permissions:
            raise Refusal(Reason.MISSING_PERMISSION, permission=request.missing_permissions[0])

    def _chosen(self, request: Request, *, images: int) -> tuple[str, Choice]:
        """Return the prompt as it is kept, and what makes it."""
        prompt = checked_prompt(request.prompt)
        self._check_sources(request)
        asked = Asked(
            prompt=prompt,
            options=request.options,
            sources=images,
            mask=images < len(request.sources),
            freely=request.origin in SAYS_WHAT_IS_LEFT_OUT,
        )
        return prompt, self._models.choose(request.kind, request.model, asked)

    def _check_sources(self, request: Request) -> None:
        given = images_in(request.sources)
        if request.kind is Kind.EDIT and not given:
            raise Refusal(Reason.NO_IMAGE)
        if len(given) > MAX_SOURCES:
            raise Refusal(Reason.TOO_MANY_IMAGES)
        for source in request.sources:
            self._check_source(source)

    def _check_source(self, source: NewSource) -> None:
        if source.url is not None and not self.is_from_cdn(source.url):
            raise Refusal(Reason.URL_NOT_ALLOWED, name=source.name)
        if (source.size or 0) > MAX_SOURCE_BYTES:
            raise Refusal(Reason.TOO_LARGE, name=source.name, limit_mb=MAX_SOURCE_BYTES // MIB)
        width, height = source.width or 0, source.height or 0
        if width * height > MAX_SCALED_PIXELS:
            raise Refusal(Reason.TOO_MANY_PIXELS, name=source.name, width=width, height=height)

    def _job(self, request: Request, *, prompt: str, choice: Choice) -> Job:
        return Job(
            id=new_id(),
            kind=request.kind,
            origin=request.origin,
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            member_id=request.member_id,
            model=choice.model,
            prompt=prompt,
            options=choice.options,
            left_out=request.left_out,
            style=request.style,
            status=Status.QUEUED,
            reserved=choice.reserve,
            created_at=self._clock.now(),
            parent_id=request.parent_id,
            card=Card(
                token=request.token,
                token_expires_at=request.token_expires_at,
                attachment_limit=request.attachment_limit,
            ),
            sources_ready=not request.sources,
        )


def checked_prompt(text: str) -> str:
    """Return a prompt without white space around it.

    Raises
    ------
    Refusal
        It is blank, too short, or too long.
    """
    prompt = storable(text).strip()
    if is_blank(prompt):
        raise Refusal(Reason.PROMPT_BLANK)
    if sum(each.isprintable() and not each.isspace() and each not in BLANK for each in prompt) < MIN_PROMPT:
        raise Refusal(Reason.PROMPT_TOO_SHORT, limit=MIN_PROMPT)
    if len(prompt) > MAX_PROMPT:
        raise Refusal(Reason.PROMPT_TOO_LONG, length=len(prompt), limit=MAX_PROMPT)
    return prompt


def _row(job: Job, role: Role, number: int, source: NewSource) -> Image:
    return Image(
        job_id=job.id,
        role=role,
        position=number,
        name=storable(source.name),
        url=source.url,
        url_expires_at=None if source.url is None else expiry_of(source.url),
        sha256=source.sha256,
        media_type=source.media_type,
        size=source.size,
        width=source.width,
        height=source.height,
        converted=source.converted,
        megapixels=source.megapixels,
    )
