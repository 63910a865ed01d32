"""A model ends, in each way that providers chose: the real process, three members, the owner and a restart."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.messages import labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import LONG
from tests.e2e.world import World, open_world, until

DEAD, OTHER = "gpt-image-1-5-edit", "gpt-image-2-edit"
DEAD_NAME, OTHER_NAME = "GPT-Image 1.5", "GPT-Image 2"
"""As cards call them."""
WAYS: dict[str, dict[str, Any]] = {
    "jobs fail": {"dead_jobs": {DEAD: "nested"}},
    "runs are refused": {"dead_runs": {DEAD: "list"}},
    "runs are refused with 400": {"dead_runs": {DEAD: "object"}, "dead_status": 400},
    "delisted": {"delist": [DEAD]},
}
"""In every wording: ``tests.jobs.test_follow_up``."""
ALIVE: dict[str, Any] = {"dead_jobs": {}, "dead_runs": {}, "delist": []}


def warnings(world: World) -> list[str]:
    """Return what the owner was told of the dead model."""
    return [
        line for line in world.log().splitlines() if "For the operator" in line and f"runs {DEAD}" in line
    ]


def catalogue_was_read(world: World) -> bool:
    return any(each["path"].endswith("/models/gpt-image-2") for each in world.provider.log)


async def entry_changes(world: World, **switches: Any) -> None:
    """Let the catalogue say something else of the dead model, and the bot read it."""
    world.switch(costs={DEAD: 4.5}, **switches)
    await world.stop_bot()
    await world.start_bot()
    learned = "SELECT value FROM learned WHERE model = ?"
    await until(lambda: '"tried_at":0,' in world.query(learned, DEAD)[0][0], what=lambda: "a look at it")


@pytest.mark.parametrize("way", WAYS)
async def test_the_first_finds_it_out_and_all_others_have_their_images_from_another_model(
    tmp_path: Path, way: str
) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        # After the catalogue was read: what is not listed from the start is nobody's default.
        await until(lambda: catalogue_was_read(world), what=lambda: "the catalogue")
        world.switch(**WAYS[way])
        first = await ann.edit("find it out", photo)
        seen = await ann.sees(first, "Failed", f"no longer offers {DEAD_NAME}. You were not charged.")
        assert "other options or images" not in text_of(seen)
        assert f"Use {OTHER_NAME} · 5 credits" in labels_of(seen)
        async with world.member("ben") as ben, world.member("mod") as mod:
            for member in (ben, mod):
                await member.sees(await member.edit("and this", photo), "Done · 5 credits", OTHER_NAME)
            await mod.message(lambda each: f"no longer runs {DEAD}" in text_of(each))
        assert world.account(ann) == (0, 0)
        assert len(warnings(world)) == 1


async def test_what_was_learned_outlives_a_restart_until_the_model_answers_again(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path, switches={"dead_jobs": {DEAD: "object"}}) as world:
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("find it out", photo), "Failed", "no longer offers")
        await world.kill_bot()
        await world.start_bot()
        async with world.member("ann") as ann:
            assert await ann.suggestions("edit", "model", "") == [OTHER]
            await ann.sees(await ann.edit("after the restart", photo), "Done", OTHER_NAME)
        # The entry changes, and the first job that needs no particular model finds that it is back.
        await entry_changes(world, **ALIVE)
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("try it again", photo), "Done · 4.5 credits", DEAD_NAME)
            async with asyncio.timeout(LONG):
                # The card may be there a moment before it is known.
                while await ann.suggestions("edit", "model", "") != [DEAD, OTHER]:
                    await asyncio.sleep(0.02)


async def test_a_trial_that_fails_goes_on_by_itself_on_the_same_card(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path, switches={"dead_jobs": {DEAD: "object"}}) as world:
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("find it out", photo), "Failed", "no longer offers")
        await entry_changes(world)
        async with world.member("ann") as ann:
            card = await ann.edit("nobody has to press anything", photo)
            done = await ann.sees(card, "Done · 5 credits", OTHER_NAME, "The first try cost nothing.")
            assert f"no longer offers {DEAD_NAME}" in text_of(done)
            assert world.account(ann) == (0, 5_000)
            again = await ann.answer(await ann.press(done, "Reroll"))
            await ann.sees(again, "Done · 5 credits", OTHER_NAME)


async def test_a_model_that_was_swapped_delivers_and_the_owner_hears_of_its_price(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path, switches={"remap": {DEAD: 6.0}}) as world:
        async with world.member("ann") as ann, world.member("mod") as mod:
            for prompt in ("at another price", "and once more"):
                await ann.sees(await ann.edit(prompt, photo), "Done · 6 credits", DEAD_NAME)
            await mod.message(lambda each: f"An image by {DEAD} costs 6 credits now" in text_of(each))
        assert sum("An image by" in line for line in world.log().splitlines()) == 1
