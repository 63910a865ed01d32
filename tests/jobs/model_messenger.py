"""Discord in memory, as far as cards need it: messages with files, tokens that end, and its moods."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import aiohttp

from domain.errors import Refusal
from domain.job import Job, Rung, Status
from domain.limits import DAY, MIB, REQUEST_BYTES, TOKEN_LIFE
from domain.signed_urls import expiry_of
from domain.views import CardView, Placed, Upload
from jobs.delivery.ports import CardGone, MessengerTrouble, Oversize, RungBroken
from tests.jobs.drawings import result_of
from tests.jobs.kill_points import KillPoints, SimulatedClock

LATENCY = 0.1
NONCE_LIFE = 5 * 60_000
"""Milliseconds within which a repeated nonce returns the first message (Discord: "minutes")."""
CHANNEL = 5
DIRECT = 9_000_000
"""Added to a member's id: their direct messages with the bot."""
WITH_BUTTONS = frozenset({Status.QUEUED, Status.DONE, Status.FAILED, Status.CANCELLED})
NEW = frozenset({Rung.CHANNEL, Rung.DIRECT})
CLEARED = frozenset({Status.FAILED, Status.CANCELLED})


@dataclass
class Message:
    id: int
    channel_id: int
    job_id: str
    at: int
    view: CardView | None = None
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """By name, how each begins."""
    deleted: bool = False
    purpose: str = "card"

    @property
    def status(self) -> Status | None:
        return None if self.view is None else self.view.job.status

    def results(self) -> Iterator[tuple[str, int]]:
        """Yield whose results a reader of this message sees: files that it names."""
        shown = self.files if self.view is None else self.view.shown
        for name in shown:
            if (found := result_of(self.files[name])) is not None:
                yield found


class ModelMessenger:
    """Implements ``jobs.delivery.ports.Messenger``."""

    def __init__(self, *, clock: SimulatedClock, kill_points: KillPoints) -> None:
        self._clock = clock
        self._kill_points = kill_points
        self._ids = count(1_000)
        self._nonces: dict[tuple[str, str], Message] = {}
        self._answers: dict[str, tuple[int, int]] = {}
        """By token: the message that answered with it, and when it ends."""
        self.messages: dict[int, Message] = {}
        self.told: list[tuple[str, Refusal]] = []
        """Jobs whose end was said privately."""
        self.bad_requests: list[str] = []
        """What Discord would have called a bad request: never to happen."""
        # Moods
        self.troubles: list[str] = []
        """What befalls the next calls: ``before`` (nothing happened), ``after`` (done, not said) or ``ok``."""
        self.hidden = self.was_hidden = False
        self.closed_directs = False
        self.refuses_log = False
        self.limit = 100 * MIB
        self.answers_fail = False

    # The first answer to an interaction

    async def answer(self, token: str, job_id: str, channel_id: int) -> int:
        """Answer an interaction with a card."""
        await self._travel()
        if self.answers_fail:
            raise aiohttp.ClientError("too late")
        message = self._post(channel_id, job_id)
        self._answers[token] = (message.id, self._clock.true() + TOKEN_LIFE)
        await self._travel()
        return message.id

    # The protocol

    async def bring(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        files, sizes = _read(uploads)
        trouble = self.troubles.pop(0) if self.troubles else "ok"
        await self._travel()
        if trouble == "before":
            raise MessengerTrouble(1.0)
        self._weigh(sizes)
        message = self._sent(rung, view, files) if rung in NEW else self._edited(rung, view, files)
        self._kill_points.touch()
        if trouble == "after":
            raise MessengerTrouble(1.0)
        await self._travel()
        return self._placed(message)

    async def attach(
        self, view: CardView, uploads: Sequence[Upload], *, part: int, names: Sequence[str]
    ) -> Placed:
        files, sizes = _read(uploads)
        trouble = self.troubles.pop(0) if self.troubles else "ok"
        await self._travel()
        if trouble == "before":
            raise MessengerTrouble(1.0)
        self._weigh(sizes)
        channel_id = view.job.card.channel_id
        assert channel_id is not None
        self._enter(channel_id)
        message = self._send(channel_id, view.job.id, f"part {part} {sizes}", files=files, purpose="results")
        self._kill_points.touch()
        if trouble == "after":
            raise MessengerTrouble(1.0)
        await self._travel()
        return self._placed(message)

    async def find(self, job: Job, rung: Rung, *, names: Sequence[str]) -> Placed | None:
        await self._travel()
        channel_id = DIRECT + job.member_id if rung is Rung.DIRECT else job.channel_id
        if self.hidden and channel_id == CHANNEL:
            raise RungBroken
        # By Discord's own order, as the product does: the bot's clock may be wrong.
        after = job.card.message_id or 0
        for message in self.messages.values():
            here = message.channel_id == channel_id and message.job_id in names and not message.deleted
            if here and message.id > after and message.status in WITH_BUTTONS:
                return self._placed(message)
        return None

    async def log(self, job: Job, uploads: Sequence[Upload], *, channel_id: int) -> Placed:
        await self._travel()
        if self.refuses_log:
            raise RungBroken
        files, sizes = _read(uploads)
        self._weigh(sizes)
        return self._placed(self._send(channel_id, job.id, "log", files=files, purpose="log"))

    async def refuse(self, job: Job, refusal: Refusal) -> bool:
        await self._travel()
        if job.card.token is None and self.hidden:
            return False
        if job.card.token is not None and self._answer_of(job.card.token) is None:
            return False
        self.told.append((job.id, refusal))
        self._kill_points.touch()
        if job.card.message_id is not None:
            self.messages[job.card.message_id].deleted = True
        await self._travel()
        return True

    async def remove(self, channel_id: int, message_id: int) -> None:
        await self._travel()
        self._enter(channel_id)
        self.messages[message_id].deleted = True

    async def strip(self, view: CardView) -> None:
        await self._travel()
        message = self.messages[view.job.card.message_id or 0]
        self._enter(message.channel_id)
        if message.deleted:
            raise CardGone
        kept = {name: file for name, file in message.files.items() if name.startswith("darkroom-")}
        message.files, message.view = kept, replace(view, shown=tuple(kept))

    async def remind(self, job: Job) -> Placed | None:
        await self._travel()
        if self.hidden or job.card.channel_id is None:
            return None
        return self._placed(self._send(job.card.channel_id, job.id, "reminder", purpose="reminder"))

    async def invite_reroll(self, job: Job) -> None:
        await self._travel()
        if self.hidden or job.card.message_id is None or self.messages[job.card.message_id].deleted:
            raise RungBroken

    # Its inside

    def address_is_good(self, url: str) -> bool:
        """Tell whether the provider can fetch a file from the CDN now."""
        if (expiry_of(url) or 0) <= self._clock.true():
            return False
        _, _, place = url.partition("/attachments/")
        message_id, _, name = place.partition("?")[0].partition("/")
        if not place:
            return True
        message = self.messages[int(message_id)]
        return not message.deleted and name in message.files

    def of_job(self, job_id: str) -> list[Message]:
        found = self.messages.values()
        return [message for message in found if message.job_id == job_id and not message.deleted]

    def ever_shown(self, run_id: str) -> set[tuple[str, int]]:
        """Return the results of a run that were to be seen on some message, even if that was deleted later."""
        found = (result for message in self.messages.values() for result in message.results())
        return {result for result in found if result[0] == run_id}

    def shown(self, result: tuple[str, int]) -> list[Message]:
        """Return the messages on which a result can be seen."""
        there = [message for message in self.messages.values() if not message.deleted]
        return [message for message in there if result in message.results()]

    async def _travel(self) -> None:
        self._kill_points.touch()
        await asyncio.sleep(LATENCY)
        self._kill_points.touch()

    def _weigh(self, sizes: Sequence[int]) -> None:
        if any(size > self.limit for size in sizes) or sum(sizes) > REQUEST_BYTES:
            raise Oversize

    def _enter(self, channel_id: int) -> None:
        if self.hidden and channel_id == CHANNEL:
            raise RungBroken

    def _answer_of(self, token: str) -> Message | None:
        message_id, ends = self._answers.get(token, (0, 0))
        message = self.messages.get(message_id)
        return None if message is None or self._clock.true() >= ends else message

    def _edited(self, rung: Rung, view: CardView, files: dict[str, bytes]) -> Message:
        job = view.job
        if rung is Rung.TOKEN:
            message = self._answer_of(job.card.token or "")
            if message is not None and message.deleted:
                raise CardGone
            if message is None or job.card.message_id not in {None, message.id}:
                raise RungBroken
        else:
            assert job.card.message_id is not None
            message = self.messages[job.card.message_id]
            self._enter(message.channel_id)
            if message.deleted:
                raise CardGone
        attached = files if files or job.status in CLEARED or job.withdrawn else message.files
        self._check(view, attached)
        # A follow-up takes the card of the job before it over.
        message.job_id, message.view, message.files = job.id, view, attached
        return message

    def _sent(self, rung: Rung, view: CardView, files: dict[str, bytes]) -> Message:
        job = view.job
        channel_id = DIRECT + job.member_id if rung is Rung.DIRECT else job.channel_id
        self._enter(channel_id)
        if rung is Rung.DIRECT and self.closed_directs:
            raise RungBroken
        self._check(view, files)
        return self._send(channel_id, job.id, f"{rung} {job.status}", files=files, view=view)

    def _send(
        self,
        channel_id: int,
        job_id: str,
        nonce: str,
        *,
        files: dict[str, bytes] | None = None,
        view: CardView | None = None,
        purpose: str = "card",
    ) -> Message:
        """Post a message, or return the one that was posted with this nonce, unchanged."""
        earlier = self._nonces.get((job_id, nonce))
        if earlier is not None and self._clock.true() - earlier.at < NONCE_LIFE:
            return earlier
        message = self._nonces[job_id, nonce] = self._post(channel_id, job_id, purpose=purpose)
        message.files, message.view = files or {}, view
        return message

    def _check(self, view: CardView, attached: dict[str, bytes]) -> None:
        """Refuse a card that names a file which its message would not have."""
        pictures = () if view.job.status in CLEARED else view.shown or view.published
        missing = {*pictures, *([view.sheet] if view.sheet else [])} - attached.keys()
        if missing:
            self.bad_requests.append(f"{view.job!r} names {sorted(missing)}")
            raise RungBroken

    def _post(self, channel_id: int, job_id: str, *, purpose: str = "card") -> Message:
        message = Message(next(self._ids), channel_id, job_id, self._clock.true(), purpose=purpose)
        self.messages[message.id] = message
        return message

    def _placed(self, message: Message) -> Placed:
        expires = (self._clock.true() + DAY) // 1000
        urls = {
            name: f"https://cdn.discordapp.com/attachments/{message.id}/{name}?ex={expires:x}&is=0&hm=0"
            for name in message.files
        }
        return Placed(channel_id=message.channel_id, message_id=message.id, urls=urls)


def _read(uploads: Sequence[Upload]) -> tuple[dict[str, bytes], list[int]]:
    """Return the beginning of each file, which says what it is, and how large each is."""
    heads: dict[str, bytes] = {}
    for upload in uploads:
        with upload.path.open("rb") as file:
            heads[upload.name] = file.read(100)
    return heads, [upload.path.stat().st_size for upload in uploads]


class Operator:
    """Implements ``jobs.delivery.ports.Operator``."""

    def __init__(self) -> None:
        self.warned: list[tuple[str, dict[str, Any]]] = []
        self.reachable = True

    async def warn(self, key: str, **values: str | int) -> bool:
        self.warned.append((key, values))
        return self.reachable
