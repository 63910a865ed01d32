"""A world whose bot waits a thirtieth as long, and what became of each of many jobs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.e2e.member import Member, Message
from tests.e2e.messages import title_of
from tests.e2e.world import ROOT, World, open_a, until

DAY = 24 * 3600 * 1000
PAID = [("reserve", 4000, 0), ("charge", -4000, 4000)]
FREE = [("reserve", 4000, 0), ("release", -4000, 0)]
HELD = [("reserve", 4000, 0)]
"""What the ledger says of a job of one image: paid, at no cost, and while that is open."""
MANY = {"MAX_JOBS_IN_FLIGHT": "100", "MAX_JOBS_PER_MEMBER": "100"}


class FastWorld(World):
    """A world whose bot is started by ``tests.faults.fast_bot``."""

    async def start_bot(self, *, program: Path = ROOT / "tests/faults/fast_bot.py", **more: str) -> None:
        await super().start_bot(program=program, **more)

    def age(self, message: Message, milliseconds: int) -> None:
        """Let a job have been asked for so much earlier."""
        self.change(
            "UPDATE jobs SET created_at = created_at - ?1, submitted_at = submitted_at - ?1 WHERE id = ?2",
            milliseconds,
            self.job(message)["id"],
        )


@dataclass(kw_only=True)
class Case:
    """One job to which something happened: its prompt and its card."""

    prompt: str
    card: Message

    def titles(self, member: Member) -> list[str]:
        """Return what the card said, one after the other."""
        return [title for title, _ in groupby(map(title_of, member.states(self.card)))]

    async def said(self, member: Member, text: str) -> str:
        """Wait until the card has said something, be it for a moment; return all that it said then."""
        await member.until(lambda: any(text in each for each in member.states(self.card)), what=text)
        return next(each for each in member.states(self.card) if text in each)


async def ask_for(member: Member, prompts: Sequence[str], image: Path, **options: Any) -> list[Case]:
    """Let a member send one /edit for each prompt, all at once."""
    cards = await asyncio.gather(*(member.edit(prompt, image, **options) for prompt in prompts))
    return [Case(prompt=prompt, card=card) for prompt, card in zip(prompts, cards, strict=True)]


open_fast = partial(open_a, FastWorld)

__all__ = ["FREE", "HELD", "MANY", "PAID", "Case", "FastWorld", "ask_for", "open_fast", "until"]
