"""The main job, end to end: /edit, its card, the provider's bytes, the ledger."""

import asyncio
import hashlib
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Join
from tests.e2e.member import Member, Message
from tests.e2e.messages import labels_of, pictures_of, text_of, thumbnails_of, title_of
from tests.e2e.pictures import CAT, COFFEE, ROCKET, SAMPLES, small_photo
from tests.e2e.waiting import LONG
from tests.e2e.world import World, open_world

EIGHT = [*sorted(SAMPLES.glob("*.jpg")), CAT, COFFEE, ROCKET]


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# What is offered


CHANGE = "Change prompt"


async def test_every_option_is_offered_with_its_choices_and_limits(ann: Member) -> None:
    command = next(each for each in ann.commands if each["name"] == "edit")
    options: dict[str, dict[str, Any]] = {each["name"]: each for each in command["options"]}
    assert list(options) == [
        *("prompt", "image", "size", "quality", "count", "model", "style"),
        *("image2", "image3", "image4", "image5", "image6", "image7", "image8"),
        *("background", "fidelity", "format", "resolution", "mask"),
    ]
    assert [name for name, each in options.items() if each.get("required")] == ["prompt", "image"]
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (2, 6000)
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 10)
    asked = ["prompt", "size", "quality", "model", "style", "background", "fidelity", "format", "resolution"]
    assert [name for name, each in options.items() if each.get("autocomplete")] == asked
    assert not [name for name, each in options.items() if each.get("choices")]
    assert all(len(each["description"]) > 10 for each in options.values())


async def test_models_come_from_the_setting_and_the_catalogue(tmp_path: Path) -> None:
    settings = {"PIXELDOJO_MODELS": "gpt-image-9-edit,gpt-image-2-edit,gpt-image-1-5-edit"}
    async with open_world(tmp_path, **settings) as world, world.member("ann") as ann:
        listed = ["gpt-image-2-edit", "gpt-image-1-5-edit"]
        # Until the catalogue was read, whatever the setting names is on offer.
        async with asyncio.timeout(LONG):
            while await ann.suggestions("edit", "model", "") != listed:
                await asyncio.sleep(0.02)
        assert await ann.suggestions("edit", "model", "1-5") == ["gpt-image-1-5-edit"]
        card = await ann.edit("take the first that is listed", small_photo(tmp_path / "a.png"))
        await ann.sees(card, "Done · 5 credits", "GPT-Image 2")


async def test_the_prompt_option_suggests_my_own_last_prompts(ann: Member, ben: Member, small: Path) -> None:
    for prompt in ("paint it blue", "paint it red"):
        card = await ann.edit(prompt, small)
        await ann.sees(card, "Done")
    await ann.edit("red, but too long to be suggested " + "x" * 100, small)
    assert await ann.suggestions("edit", "prompt", "") == ["paint it red", "paint it blue"]
    assert await ann.suggestions("edit", "prompt", "RED") == ["RED", "paint it red"]
    assert await ben.suggestions("edit", "prompt", "") == []


# The card and its states


async def test_the_first_answer_is_the_card_before_anything_slow_was_done(
    world: World, ann: Member, small: Path
) -> None:
    world.faults(cdn_delay=0.5)
    card = await ann.edit("wait for nothing", small)
    assert "Queued" in text_of(card)
    assert "> wait for nothing" in text_of(card)
    assert not card.get("only_you")
    assert labels_of(card) == ["Cancel · free"]
    row = world.job(card)
    assert (row["status"], row["sources_ready"]) == ("queued", 0), "something slow was done before"
    assert world.entries(card) == [("reserve", 4000, 0)]
    assert world.bodies("wait for nothing") == []
    await ann.sees(card, "Done")


async def test_the_card_follows_its_job_from_state_to_state(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["stuck"], script=[{"method": "POST", "path": "/run", "delay": 0.4}])
    card = await ann.edit("keep in step", small, count=2)
    await ann.sees(card, "Submitting")
    assert world.entries(card) == [("reserve", 8000, 0)], "a request before its row"
    assert world.job(card)["status"] == "submitting"
    await ann.sees(card, "Running · ready")
    assert world.job(card)["provider_job_id"] == world.job_at_provider("keep in step")["id"]
    assert labels_of(ann.messages[card["id"]]) == []
    await world.finish()
    done = await ann.sees(card, "Done · 8 credits")
    assert [title for title, _ in groupby(map(title_of, ann.states(card)))] == [
        "Queued",
        "Submitting",
        "Running",
        "Done",
    ]
    assert labels_of(done) == [
        "Reroll · 8 credits",
        "Edit result · 4 credits",
        "Change prompt",
        "Delete · free",
    ]
    assert ann.mention in text_of(done), "who pays is not said"
    assert "2 images" in text_of(done)
    assert (await world.closed(card))["rung"] == "token"


async def test_a_fourth_job_of_one_member_waits_and_says_behind_how_many(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    world.switch(always="stuck")
    cards: list[Message] = []
    for number in range(5):
        cards.append(await ann.edit(f"one of five {number}", small))
        await world.sources_are_kept(cards[-1])
    for card in cards[:3]:
        await ann.sees(card, "Running")
    await ann.sees(cards[3], "Queued · starts when one of your 3 running jobs is done")
    await ann.sees(cards[4], "Queued · 1 ahead")
    assert "1 ahead" in ann.states(cards[4])[0]
    other = await ben.edit("not held up by another member", small)
    await ben.sees(other, "Running")
    world.switch(always=None)
    await world.finish()
    for card in cards:
        await ann.sees(card, "Done")


# What the provider is given and what comes back


async def test_a_plain_edit_is_exactly_the_prompt_and_the_images(tmp_path: Path) -> None:
    async with open_world(tmp_path, webhooks=False) as world, world.member("ann") as ann:
        card = await ann.edit("  nothing but this ", small_photo(tmp_path / "a.jpg"))
        await ann.sees(card, "Done · 4 credits")
        assert [sorted(body) for body in world.bodies("nothing but this")] == [["image_urls", "prompt"]]


async def test_the_results_are_the_providers_bytes(world: World, ann: Member, small: Path) -> None:
    card = await ann.edit("exactly these bytes", small, count=3, format="webp")
    done = await ann.sees(card, "Done · 12 credits")
    results = await world.provider_results("exactly these bytes")
    assert len(results) == 3
    assert world.results_on(done) == results
    assert len(pictures_of(done)) == 3
    [body] = world.bodies("exactly these bytes")
    assert sorted(body) == ["image_urls", "num_images", "output_format", "prompt", "webhook_url"]
    assert (body["num_images"], body["output_format"]) == (3, "webp")


async def test_eight_photographs_with_all_options_become_four_results(
    world: World, ann: Member, ben: Member
) -> None:
    world.switch(fast_results=False)
    chosen: dict[str, Any] = {
        "size": "1536x1024",
        "background": "transparent",
        "quality": "low",
        "fidelity": "high",
        "count": 4,
        "format": "webp",
        "model": "gpt-image-1-5-edit",
    }
    card = await ann.edit("a poster of all of them", *EIGHT, **chosen)
    done = await ann.sees(card, "Done · 16 credits", seconds=40)
    [body] = world.bodies("a poster of all of them")
    given = [url.rsplit("/", 1)[1].split("?")[0] for url in body.pop("image_urls")]
    # The rocket has metadata: what goes to the provider is our copy without it.
    names = enumerate(EIGHT, start=1)
    assert given == [f"source-{number}.jpg" if path == ROCKET else path.name for number, path in names]
    del body["webhook_url"]
    assert body == {
        "prompt": "a poster of all of them",
        "image_size": "1536x1024",
        "background": "transparent",
        "quality": "low",
        "input_fidelity": "high",
        "num_images": 4,
        "output_format": "webp",
    }
    assert world.results_on(done) == await world.provider_results("a poster of all of them")
    assert len(pictures_of(done)) == 4
    assert len(thumbnails_of(done)) == 1, "no contact sheet"
    assert len(world.files_of(done)) == 5
    for words in (
        "Landscape 1536 × 1024",
        "transparent background",
        "low quality",
        "high fidelity",
        "4 images",
    ):
        assert words in text_of(done)
    await ben.sees(card["id"], "Done · 16 credits")


async def test_sources_are_copied_at_once_under_their_hash(world: World, ann: Member) -> None:
    world.switch(next=["stuck"])
    card = await ann.edit("keep my photographs", EIGHT[0], COFFEE)
    await ann.sees(card, "Running")
    kept = {path.name for path in world.data.rglob("*") if path.is_file()}
    assert {sha256_of(EIGHT[0]), sha256_of(COFFEE)} <= kept
    await world.finish()
    await ann.sees(card, "Done")


# What it costs


async def test_the_charge_is_the_providers_cost_and_can_be_read_at_any_moment(
    world: World, ann: Member, small: Path
) -> None:
    card = await ann.edit("charge me", small, count=2)
    await ann.sees(card, "Done · 8 credits")
    assert world.entries(card) == [("reserve", 8000, 0), ("charge", -8000, 8000)]
    spent = world.query("SELECT sum(spent) / 1000.0 AS credits FROM ledger WHERE member_id = ?", int(ann.id))
    assert spent[0]["credits"] == 8.0
    other = await ann.edit("and again, by another model", small, model="gpt-image-2-edit")
    await ann.sees(other, "Done · 5 credits")
    assert world.account(ann) == (0, 13_000)


async def test_fewer_images_than_asked_are_charged_in_proportion(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(next=["fewer_images"])
    card = await ann.edit("two of three", small, count=3)
    done = await ann.sees(card, "Done · 8 credits", "2 of 3 images came")
    assert len(world.results_on(done)) == 2
    assert world.account(ann) == (0, 8000)


async def test_a_cost_above_the_reserve_is_charged_and_said(world: World, ann: Member, small: Path) -> None:
    world.switch(surcharge=1.5)
    card = await ann.edit("dearer than the catalogue says", small)
    await ann.sees(card, "Done · 5.5 credits", "more than the 4 credits expected")
    assert world.entries(card) == [("reserve", 4000, 0), ("raise", 1500, 0), ("charge", -5500, 5500)]
    # What a button says is what pressing it reserves, by what was learned last.
    assert "Reroll · 5.5 credits" in labels_of(ann.messages[card["id"]])
    world.switch(surcharge=0)
    again = await ann.answer(await ann.press(card, "Reroll"))
    done = await ann.sees(again, "Done · 4 credits")
    assert world.entries(again)[0] == ("reserve", 5500, 0)
    assert "Reroll · 4 credits" in labels_of(done)


@pytest.mark.parametrize(
    ("fault", "words", "helps"),
    [
        ("fail", "image service had a problem", ["Try again · 4 credits", CHANGE]),
        ("moderated", "safety check", [CHANGE]),
        ("refuse", "safety check", [CHANGE]),
        ("no_credits", "out of credits", ["Try again · 4 credits", CHANGE]),
    ],
)
async def test_a_failure_is_one_sentence_and_costs_nothing(
    world: World, ann: Member, small: Path, fault: str, words: str, helps: list[str]
) -> None:
    world.switch(next=[fault])
    card = await ann.edit(f"meet the fault {fault}", small)
    failed = await ann.sees(card, "Failed", words, "You were not charged.")
    assert labels_of(failed) == [*helps, "Delete · free"]
    assert len(pictures_of(failed)) == 1, "it shows its source no more"
    assert world.entries(card) == [("reserve", 4000, 0), ("release", -4000, 0)]
    assert len(world.bodies(f"meet the fault {fault}")) == 1


async def test_a_prompt_with_a_blocked_word_is_refused_without_quoting_the_provider(
    world: World, ann: Member, small: Path
) -> None:
    card = await ann.edit("something forbidden here", small)
    failed = await ann.sees(card, "Failed", "safety check", "You were not charged.")
    assert text_of(failed).count("forbidden") == 1, "the provider's text was shown"
    assert world.account(ann) == (0, 0)


# Models that go


async def test_a_model_that_vanishes_fails_the_job_and_the_next_takes_its_place(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("mod") as mod:
        await ann.sees(await ann.edit("while it is there", photo), "Done", "GPT-Image 1.5")
        world.switch(delist=["gpt-image-1-5-edit"])
        gone = await ann.edit("too late for this model", photo)
        await ann.sees(gone, "Failed", "no longer offers GPT-Image 1.5", "You were not charged.")
        await mod.message(lambda each: "no longer offers GPT-Image 1.5" in text_of(each))
        await ann.offered("edit", "model", ["gpt-image-2-edit"])
        chosen = await ann.ask("edit", prompt="ask for it by name", image=photo, model="gpt-image-1-5-edit")
        assert chosen["only_you"]
        assert "not on offer" in text_of(chosen)
        await ann.sees(await ann.edit("with what is left", photo), "Done · 5 credits", "GPT-Image 2")
        again = await ann.answer(await ann.press(gone, "Use GPT-Image 2 · 5 credits"))
        await ann.sees(again, "Done · 5 credits", "GPT-Image 2")


# Somebody else's server


async def test_only_allowed_servers_may_spend_the_key(tmp_path: Path) -> None:
    async with open_world(tmp_path, ALLOWED_GUILDS="1234567") as world, world.member("ann") as ann:
        answer = await ann.edit("not from here", small_photo(tmp_path / "a.jpg"))
        assert answer["only_you"]
        assert "not on the list" in text_of(answer)
        assert world.submissions() == 0
        assert world.account(ann) == (0, 0)


async def test_places_go_round_between_members(world: World, join: Join, small: Path) -> None:
    """Eight jobs run; of two members who wait, the second is not behind all that the first asked for."""
    world.switch(always="stuck")
    for member in [await join() for _ in range(4)]:
        for number in range(2):
            await member.sees(await member.edit(f"in flight {member.id} {number}", small), "Running")
    eager, patient = await join(), await join()
    waiting = [await eager.edit(f"eager {number}", small) for number in range(2)]
    waiting.append(await patient.edit("patient", small))
    for card in waiting:
        await world.sources_are_kept(card)
    running = world.query("SELECT provider_job_id FROM jobs WHERE status = 'running' ORDER BY created_at")
    for card, row in zip((waiting[0], waiting[2], waiting[1]), running, strict=False):
        await world.finish(row["provider_job_id"])
        await eager.sees(card, "Running")
