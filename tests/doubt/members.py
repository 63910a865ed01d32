"""What members do while the provider is doubtful and the bot is killed: by seed, one thing after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from tests.e2e.member import Failed, Member, Message
from tests.e2e.messages import labels_of
from tests.faults.fast_world import FastWorld

ALLOWED = ("That message is gone", "There is no such button", "take no reactions", "did not respond")
"""What the page may say because a card changed meanwhile, or the bot was killed."""

Wish = Callable[[], Awaitable[Message | None]]


class Wisher:
    """One member and their wishes; ``done`` counts them, ``answers`` are the cards that answered them."""

    def __init__(self, *, world: FastWorld, member: Member, image: Path, chance: Random) -> None:
        self.done = Counter[str]()
        self.answers: list[str] = []
        self._world = world
        self._member = member
        self._image = image
        self._chance = chance
        self._wishes: list[tuple[int, Wish]] = [
            (34, self._edit),
            (14, self._generate),
            (14, self._reroll),
            (14, self._react),
            (14, self._edit_result),
            (10, self._cancel),
        ]

    async def wish(self, count: int) -> None:
        """Wish for so much."""
        for number in range(count):
            [(_, wish)] = self._chance.choices(self._wishes, [weight for weight, _ in self._wishes])
            if number < 2 or (card := await self._try(wish)) is None:
                # There is no card yet for such a wish, or it was for nothing: something new, then.
                card = await self._try(self._edit)
            if card is not None and not card.get("only_you"):
                self.answers.append(card["id"])
            await asyncio.sleep(self._chance.random() * 0.1)

    async def _try(self, wish: Wish) -> Message | None:
        try:
            card = await wish()
        except Failed as failed:
            if not any(words in str(failed) for words in ALLOWED):
                raise
            self.done["unanswered"] += 1
            return None
        if card is not None:
            self.done[wish.__name__.removeprefix("_")] += 1
        return card

    def _prompt(self) -> str:
        """Return a prompt of their own, or one that others send as well."""
        own = f"wish {self.done.total()} of {self._member.id}"
        return "the same for all" if self._chance.random() < 0.3 else own

    async def _edit(self) -> Message:
        return await self._member.edit(self._prompt(), self._image, count=self._chance.choice([1, 1, 2]))

    async def _generate(self) -> Message:
        return await self._member.ask("generate", prompt=self._prompt())

    async def _reroll(self) -> Message | None:
        card = self._card("Reroll")
        return card and await self._member.answer(await self._member.press(card, "Reroll"))

    async def _react(self) -> Message | None:
        if card := self._card("Reroll"):
            await self._member.react(card)
        return card and {**card, "only_you": True}

    async def _edit_result(self) -> Message | None:
        card = self._card("Edit result")
        form = card and await self._member.press(card, "Edit result")
        if not form or form["t"] != "modal":
            return None
        return await self._member.answer(await self._member.submit(form, prompt=self._prompt()))

    async def _cancel(self) -> Message | None:
        if card := self._card("Cancel", mine=True):
            await self._member.press(card, "Cancel")
        return card and {**card, "only_you": True}

    def _card(self, label: str, *, mine: bool = False) -> Message | None:
        """Return a card with such a button, anybody's."""
        cards = [
            each
            for each in self._member.messages.values()
            if not each.get("only_you")
            and (not mine or each["id"] in self.answers)
            and any(name.startswith(label) for name in labels_of(each))
        ]
        return self._chance.choice(cards) if cards else None
