"""A messenger that fails exactly as it is told to, and notes what was asked of it."""

from collections.abc import Iterator, Sequence
from itertools import count

from domain.errors import Refusal
from domain.job import Job, Rung
from domain.views import CardView, Placed, Upload
from jobs.delivery.ports import MessengerError

Bring = tuple[Rung, CardView, tuple[str, ...]]


class ScriptedMessenger:
    """Implements ``jobs.delivery.ports.Messenger``: ``script`` holds, by what is asked, what the next answers are.

    Keys are rungs and the names of the other methods; without a line, or with ``None``, everything works.
    """

    def __init__(self, **script: list[MessengerError | None]) -> None:
        self.script = script
        self.brought: list[Bring] = []
        self.attached: list[tuple[int, tuple[str, ...]]] = []
        self.removed: list[tuple[int, int]] = []
        self.refused: list[tuple[str, Refusal]] = []
        self.reminded: list[str] = []
        self.invited: list[str] = []
        self.briefly: list[tuple[int, int, Refusal]] = []
        self.found: Placed | None = None
        self.looked: list[Rung] = []
        self.refusals_reach = True
        self._ids: Iterator[int] = count(1_000)

    def rungs(self) -> list[Rung]:
        return [rung for rung, _, _ in self.brought]

    async def bring(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        names = tuple(upload.name for upload in uploads)
        self.brought.append((rung, view, names))
        self._follow(rung.value)
        job = view.job
        new = rung in {Rung.CHANNEL, Rung.DIRECT} or job.card.message_id is None
        message_id = next(self._ids) if new else (job.card.message_id or 0)
        channel_id = 9_000 if rung is Rung.DIRECT else job.channel_id
        return Placed(channel_id=channel_id, message_id=message_id, urls=_urls(names))

    async def attach(
        self, view: CardView, uploads: Sequence[Upload], *, part: int, names: Sequence[str]
    ) -> Placed:
        names = tuple(upload.name for upload in uploads)
        self.attached.append((part, names))
        self._follow("attach")
        channel_id = view.job.card.channel_id or 0
        return Placed(channel_id=channel_id, message_id=next(self._ids), urls=_urls(names))

    async def find(self, job: Job, rung: Rung, *, names: Sequence[str]) -> Placed | None:
        assert job.card.rung_at is not None
        self.looked.append(rung)
        self._follow("find")
        return self.found

    async def refuse(self, job: Job, refusal: Refusal) -> bool:
        self._follow("refuse")
        self.refused.append((job.id, refusal))
        return self.refusals_reach

    async def remove(self, channel_id: int, message_id: int) -> None:
        self._follow("remove")
        self.removed.append((channel_id, message_id))

    async def remind(self, job: Job) -> Placed | None:
        self._follow("remind")
        self.reminded.append(job.id)
        return Placed(channel_id=job.channel_id, message_id=next(self._ids), urls={})

    async def invite_reroll(self, job: Job) -> None:
        self._follow("invite_reroll")
        self.invited.append(job.id)

    def _follow(self, key: str) -> None:
        error = self.script[key].pop(0) if self.script.get(key) else None
        if error is not None:
            raise error


def _urls(names: Sequence[str]) -> dict[str, str]:
    return {name: f"https://cdn.discordapp.com/attachments/{name}?ex=70000000" for name in names}
