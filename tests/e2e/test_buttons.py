"""Cancel, Delete, who may press what, and buttons that outlive the process."""

from pathlib import Path

import pytest

from tests.e2e.member import Member, Message
from tests.e2e.messages import labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world

FREE = "You were not charged."


async def whispered(member: Member, message: Message, label: str, *words: str) -> None:
    """Press a button and expect one private sentence."""
    answer = await member.answer(await member.press(message, label))
    assert answer["only_you"]
    assert all(word in text_of(answer) for word in words), text_of(answer)


async def forged(member: Member, message: Message, custom_id: str, *words: str) -> None:
    """Press a button that somebody put on a message and expect one private sentence."""
    answer = await member.answer(await member.forge(message, custom_id))
    assert answer["only_you"]
    assert all(word in text_of(answer) for word in words), text_of(answer)


async def three_running(world: World, member: Member, small: Path) -> list[Message]:
    """Take up all places that one member has."""
    world.switch(always="stuck")
    cards = [await member.edit(f"takes a place {number} {member.id}", small) for number in range(3)]
    for card in cards:
        await member.sees(card, "Running")
    return cards


# Cancel


async def test_a_queued_job_is_cancelled_at_no_cost(world: World, ann: Member, small: Path) -> None:
    await three_running(world, ann, small)
    card = await ann.edit("on second thoughts", small)
    await whispered(ann, card, "Cancel · free", "Cancelled", FREE)
    cancelled = await ann.sees(card, "Cancelled", FREE)
    assert labels_of(cancelled) == ["Try again · 4 credits", "Change prompt", "Delete · free"]
    assert world.entries(card) == [("reserve", 4000, 0), ("release", -4000, 0)]
    await world.finish()
    await world.settled()
    assert world.bodies("on second thoughts") == []


async def test_afterwards_it_is_too_late_and_says_what_it_costs(
    world: World, ann: Member, small: Path
) -> None:
    """The card cannot be edited as fast as the job moves: its button is still there."""
    world.switch(next=["stuck"])
    world.faults(script=[{"method": "PATCH", "path": "/webhooks/", "delay": 0.6, "times": 2}])
    card = await ann.edit("no way back", small, count=2)
    await world.status(card, "submitting", "running")
    await whispered(ann, card, "Cancel", "too late", "8 credits")
    await world.finish()
    await ann.sees(card, "Done · 8 credits")
    assert world.account(ann) == (0, 8000)


async def test_nobody_else_can_cancel_not_even_a_moderator(
    world: World, ann: Member, ben: Member, mod: Member, small: Path
) -> None:
    await three_running(world, ann, small)
    card = await ann.edit("hands off", small)
    for other in (ben, mod):
        await whispered(other, card, "Cancel", "Only the member")
    assert world.job(card)["status"] == "queued"
    await world.finish()
    world.switch(always=None)
    await ann.sees(card, "Running")


# Delete


async def test_the_owner_deletes_message_prompt_and_files_and_the_ledger_stays(
    world: World, ann: Member, small: Path
) -> None:
    # Of a size of its own: a file that another job names as well would stay.
    world.switch(big_results=54_321)
    card = await ann.edit("nobody must know of this", small)
    done = await ann.sees(card, "Done")
    job = await world.closed(card)
    kept = world.query("SELECT sha256 FROM images WHERE job_id = ? AND role = 'result'", job["id"])
    files = [world.data / "files" / row["sha256"][:2] / row["sha256"] for row in kept]
    assert [file for file in files if file.exists()] == files != []
    await ann.delete_for_good(done)
    await ann.gone(card)
    assert world.query("SELECT prompt, deleted FROM jobs WHERE id = ?", job["id"])[0][:] == ("", 1)
    assert world.query("SELECT * FROM images WHERE job_id = ?", job["id"]) == []
    marked = {row["sha256"] for row in world.query("SELECT sha256 FROM unnamed_files")}
    assert {file.name for file in files} <= marked, "the files do not go an hour later"
    assert world.account(ann) == (0, 4000)
    listed = await ann.ask("jobs")
    assert "nobody must know" not in text_of(listed)
    assert await ann.suggestions("edit", "prompt", "nobody") == []


async def test_what_was_paid_for_is_asked_about_once_and_can_be_kept(
    world: World, ann: Member, small: Path
) -> None:
    card = await ann.edit("think twice", small)
    done = await ann.sees(card, "Done")
    await world.closed(card)
    asked = await ann.answer(await ann.press(done, "Delete"))
    assert asked["only_you"]
    assert "Delete for good?" in text_of(asked)
    assert "4 credits were paid" in text_of(asked)
    assert labels_of(asked) == ["Delete", "Keep"]
    await ann.press(asked, "Keep")
    kept = await ann.sees(asked, "nothing was deleted")
    assert labels_of(kept) == []
    assert world.job(card)["deleted"] == 0
    world.switch(next=["fail"])
    failed = await ann.sees(await ann.edit("nothing paid", small), "Failed")
    await whispered(ann, failed, "Delete", "Deleted")
    await ann.gone(failed)


async def test_a_moderator_may_delete_and_nobody_else(
    world: World, ann: Member, ben: Member, mod: Member, small: Path
) -> None:
    card = await ann.edit("somewhat rude", small)
    done = await ann.sees(card, "Done")
    await world.closed(card)
    await whispered(ben, done, "Delete", "Only the member")
    assert card["id"] in ann.messages
    await mod.delete_for_good(done)
    await ann.gone(card)


async def test_a_running_job_cannot_be_deleted(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["stuck"])
    card = await ann.edit("not yet", small)
    await ann.sees(card, "Running")
    await forged(ann, card, f"dr:delete:{world.job(card)['id']}", "Wait until it is done")
    assert card["id"] in ann.messages


# Ids from outside


def free(button: str) -> list[str]:
    """Return what a refusal says of money: nothing where none could have been spent."""
    return [FREE] if button in {"reroll", "edit"} else []


@pytest.mark.parametrize("button", ["reroll", "edit", "cancel", "delete", "gone", "collect", "hush"])
async def test_a_job_that_does_not_exist_is_not_known(ann: Member, small: Path, button: str) -> None:
    card = await ann.edit("carries a forged button", small)
    await ann.sees(card, "Done")
    await forged(ann, card, f"dr:{button}:i1234567890", "not known", *free(button))


@pytest.mark.parametrize("button", ["reroll", "edit", "cancel", "delete", "gone", "hush"])
async def test_a_job_of_another_server_is_not_known_here(
    world: World, ann: Member, ben: Member, small: Path, button: str
) -> None:
    card = await ann.edit("from another server", small)
    await ann.sees(card, "Done")
    job = await world.closed(card)
    world.change("UPDATE jobs SET guild_id = guild_id + 1 WHERE id = ?", job["id"])
    for member in (ann, ben):
        await forged(member, card, f"dr:{button}:{job['id']}", "not known", *free(button))
    world.change("UPDATE jobs SET guild_id = guild_id - 1 WHERE id = ?", job["id"])
    assert world.account(ben) == (0, 0)


@pytest.mark.parametrize("button", ["cancel", "delete", "gone", "collect", "hush"])
async def test_what_is_its_owners_is_refused_to_others(
    world: World, ann: Member, ben: Member, small: Path, button: str
) -> None:
    card = await ann.edit("mine alone", small)
    await ann.sees(card, "Done")
    job = await world.closed(card)
    await forged(ben, card, f"dr:{button}:{job['id']}", "Only the member")
    assert world.job(card)["deleted"] == 0


async def test_an_edit_of_a_job_without_results_is_refused(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["fail"])
    card = await ann.edit("nothing to go on from", small)
    await ann.sees(card, "Failed")
    await forged(ann, card, f"dr:edit:{world.job(card)['id']}", "no result yet")


# kill -9


async def test_all_buttons_work_after_kill_9_and_restart(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with (
        open_world(tmp_path, MAX_JOBS_PER_MEMBER="1") as world,
        world.member("ann") as ann,
        world.member("ben") as ben,
    ):
        done = await ann.edit("done before", photo)
        await ann.sees(done, "Done")
        await world.closed(done)
        world.switch(always="stuck")
        running = await ann.edit("running before", photo)
        await ann.sees(running, "Running")
        queued = await ann.edit("queued before", photo)
        second = await ann.edit("queued behind", photo)
        for card in (queued, second):
            await world.sources_are_kept(card)
        await world.kill_bot()
        await world.start_bot()
        await whispered(ann, queued, "Cancel", "Cancelled", FREE)
        await ann.sees(queued, "Cancelled")
        world.switch(always=None)
        await world.finish()
        await ann.sees(running, "Done · 4 credits")
        await ann.sees(second, "Done · 4 credits")
        assert len(world.bodies("running before")) == 1, "a paid request was repeated"
        await ben.sees(await ben.answer(await ben.press(done, "Reroll")), "Done · 4 credits")
        form = await ben.press(done, "Edit result")
        await ben.sees(await ben.answer(await ben.submit(form, prompt="after it")), "Done · 4 credits")
        await ann.sees(await ann.answer(await ann.press(queued, "Try again")), "Done · 4 credits")
        await ann.delete_for_good(done)
        await ann.gone(done)
        assert world.account(ann) == (0, 16_000)
        assert world.account(ben) == (0, 8000)
