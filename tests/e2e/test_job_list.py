"""/jobs: a member's own jobs, newest first, five a page."""

from pathlib import Path

from tests.e2e.member import Member
from tests.e2e.messages import labels_of, text_of
from tests.e2e.world import World


def prompts(text: str) -> list[str]:
    return [line.split(" · ")[0] for line in text.split("\n") if line.startswith("number")]


async def test_the_list_is_mine_alone_and_pages_five_at_a_time(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    empty = await ann.ask("jobs")
    assert empty["only_you"]
    assert "None yet" in text_of(empty)
    cards = [await ann.edit(f"number {number}", small) for number in range(6)]
    await ben.edit("number nobody else sees", small)
    for card in cards:
        await ann.sees(card, "Done")
    first = await ann.ask("jobs")
    assert first["only_you"]
    assert prompts(text_of(first)) == [f"number {number}" for number in range(5, 0, -1)]
    assert "page 1 of 2" in text_of(first)
    assert "done · 4 credits" in text_of(first)
    link = f"https://discord.com/channels/{world.discord.world.guild.id}/{cards[5]['channel_id']}"
    assert f"{link}/{cards[5]['id']}" in text_of(first)
    await ann.press(first, "Older")
    second = await ann.sees(first, "page 2 of 2")
    assert prompts(text_of(second)) == ["number 0"]
    await ann.press(second, "Newer")
    await ann.sees(first, "page 1 of 2")


async def test_a_job_can_be_rerolled_from_the_list(world: World, ann: Member, small: Path) -> None:
    card = await ann.edit("number one again", small)
    await ann.sees(card, "Done")
    await world.closed(card)
    listed = await ann.ask("jobs")
    assert labels_of(listed)[0] == "Reroll · 4 credits"
    again = await ann.answer(await ann.press(listed, "Reroll"))
    await ann.sees(again, "Done · 4 credits", "number one again")
    assert not again.get("only_you"), "a card that only its owner sees"


async def test_a_job_is_deleted_from_the_list_once_that_was_said(
    world: World, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "number to be deleted", small)
    listed = await ann.ask("jobs")
    asked = await ann.answer(await ann.press(listed, "Delete"))
    assert asked["only_you"]
    assert card["id"] in ann.messages
    await ann.press(asked, "Delete")
    await ann.gone(card)
    assert "None yet" in text_of(await ann.ask("jobs"))


async def test_open_and_failed_jobs_are_listed_as_what_they_are(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(next=["fail", "stuck"])
    await ann.sees(await ann.edit("number which fails", small), "Failed")
    await ann.sees(await ann.edit("number which runs", small), "Running")
    listed = text_of(await ann.ask("jobs"))
    assert "running · about 4 credits" in listed
    assert "failed · 0 credits" in listed
    failed = text_of(await ann.ask("jobs", state="failed"))
    assert prompts(failed) == ["number which fails"]
    assert "Your jobs · failed" in failed
    assert prompts(text_of(await ann.ask("jobs", words="RUNS which"))) == ["number which runs"]
    assert "like that" in text_of(await ann.ask("jobs", state="failed", words="runs"))


async def test_a_page_of_what_was_searched_for_leads_to_the_next_of_the_same(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(always="stuck")
    await ann.edit("number nothing", small)
    for number in range(6):
        await ann.edit(f"number {number}: “ü” 🦊", small)
    first = await ann.ask("jobs", words="“Ü” 🦊", state="open")
    assert len(prompts(text_of(first))) == 5
    await ann.press(first, "Older")
    second = await ann.sees(first, "page 2 of 2")
    assert prompts(text_of(second)) == ["number 0: “ü” 🦊"]


async def test_what_waits_elsewhere_is_listed_here_too(world: World, ann: Member, small: Path) -> None:
    """As if another server had removed the bot before it could deliver there."""
    card = await ann.edit("number from elsewhere", small)
    done = await ann.sees(card, "Done")
    job = await world.closed(card)
    world.change("UPDATE jobs SET guild_id = 1, collected = 0 WHERE id = ?", job["id"])
    other = await ann.edit("number from there, delivered", small)
    await ann.sees(other, "Done")
    delivered = await world.closed(other)
    world.change("UPDATE jobs SET guild_id = 1 WHERE id = ?", delivered["id"])
    listed = await ann.ask("jobs")
    assert prompts(text_of(listed)) == ["number from elsewhere"]
    assert "waits for you" in text_of(listed)
    answer = await ann.answer(await ann.press(listed, "Collect"))
    handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
    assert handed["only_you"]
    assert world.results_on(handed) == world.results_on(done)
    assert "None yet" in text_of(await ann.ask("jobs"))
    guild = world.discord.world.guild.id
    for row in (job, delivered):
        world.change("UPDATE jobs SET guild_id = ? WHERE id = ?", guild, row["id"])
