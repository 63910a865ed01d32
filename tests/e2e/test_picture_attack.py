"""One member brings pictures that take seconds each; another member's picture goes on as ever."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import Join
from tests.e2e.member import Member, Message
from tests.e2e.pictures import ROCKET, slow_png
from tests.e2e.world import World, until

BAR = 3.0
"""Seconds within which another member's picture is at the provider, whatever one member does."""
EDITS, EACH = 5, 8


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Forty different files of 8,000 x 8,000 pixels, 16 bit, interlaced: each takes seconds of a core."""
    folder = tmp_path_factory.mktemp("attack")
    first = slow_png(folder / "0.png")
    return [first, *(slow_png(folder / f"{number}.png", like=first, note=number) for number in range(1, 40))]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of four megapixels."""
    path = tmp_path_factory.mktemp("ordinary") / "photo.jpg"
    with Image.open(ROCKET) as photo:
        photo.convert("RGB").resize((2_400, 1_700)).save(path, quality=90)
    return path


async def attack(mallory: Member, files: Sequence[Path], name: str) -> list[Message]:
    """Ask for five edits of eight pictures each, all at once."""
    parts = [[*files][at : at + EACH] for at in range(0, len(files), EACH)] * (EDITS * EACH // len(files))
    cards = [mallory.edit(f"{name} {number}", *part) for number, part in enumerate(parts)]
    return list(await asyncio.gather(*cards))


async def cancel(mallory: Member, cards: Sequence[Message]) -> None:
    await asyncio.gather(*(mallory.press(card, "Cancel") for card in cards))
    for card in cards:
        await mallory.sees(card, "Cancelled")


async def seconds_to_the_provider(world: World, member: Member, prompt: str, picture: Path) -> float:
    begun = time.monotonic()
    await member.edit(prompt, picture)
    await until(lambda: bool(world.bodies(prompt)), what=lambda: prompt)
    return time.monotonic() - begun


async def test_five_edits_that_are_cancelled_at_once_delay_nobody(
    world: World, join: Join, forty: Sequence[Path], ordinary: Path
) -> None:
    mallory, ben = await join(), await join()
    cards = await attack(mallory, forty[:EACH], "cancelled")
    await cancel(mallory, cards)
    took = await seconds_to_the_provider(world, ben, "beside cancelled ones", ordinary)
    print(f"beside five cancelled edits: {took:.2f} s")  # noqa: T201 - the figure of docs/security.md
    assert took < BAR
    assert world.account(mallory) == (0, 0)


async def test_forty_different_files_delay_nobody_and_cancelling_ends_their_decoding(
    world: World, join: Join, forty: Sequence[Path], ordinary: Path
) -> None:
    mallory, ben = await join(), await join()
    cards = await attack(mallory, forty, "different")
    took = await seconds_to_the_provider(world, ben, "beside forty", ordinary)
    print(f"beside forty different files: {took:.2f} s")  # noqa: T201 - the figure of docs/security.md
    assert took < BAR
    at_work = {child.name for child in world.children()}
    await cancel(mallory, cards)
    await until(
        lambda: not at_work <= {child.name for child in world.children()},
        what=lambda: "the end of the process that decoded",
    )
    assert [world.job(card)["status"] for card in cards] == ["cancelled"] * EDITS
    assert world.account(mallory) == (0, 0)
