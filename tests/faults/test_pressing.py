"""What members press, over restarts and in haste."""

from pathlib import Path

from tests.e2e.member import Member
from tests.e2e.messages import labels_of, text_of
from tests.faults.fast_world import FastWorld, open_fast


async def test_reroll_pressed_twice_within_two_seconds_is_one_job_unless_it_is_meant(
    world: FastWorld, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "pressed twice", small)
    await ann.answer(await ann.press(card, "Reroll"))
    said = await ann.answer(await ann.press(card, "Reroll"))
    assert "You asked for that again a moment ago" in text_of(said)
    assert labels_of(said) == ["Do it all the same · 4 credits"]
    assert len(world.jobs_of(ann)) == 2
    again = await ann.answer(await ann.press(said, "Do it all the same · 4 credits"))
    await ann.sees(again, "Done", "reroll of")
    assert len(world.jobs_of(ann)) == 3


async def test_a_reaction_to_a_card_whose_job_is_open_gets_a_sentence(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    card = await ann.edit("not done yet", small)
    await world.status(card, "running")
    await ann.react(card)
    await ann.message(lambda each: "no result yet" in text_of(each))
    assert len(world.jobs_of(ann)) == 1


async def test_a_result_that_is_seen_before_discord_answers_can_be_gone_on_with(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    card = await ann.edit("seen early", small)
    await ann.sees(card, "Running")
    seen = {"method": "PATCH", "path": f"/messages/{card['id']}$"}
    world.faults(script=[{**seen, "action": "reset_after"}, {**seen, "delay": 8.0}])
    await world.finish()
    shown = await ann.sees(card, "Done · 4 credits")
    assert world.job(shown)["status"] == "delivering"
    form = await ann.press(shown, "Edit result")
    edited = await ann.answer(await ann.submit(form, prompt="gone on with"))
    await ann.sees(edited, "Done · 4 credits", "edit of")
    await ann.react(shown)
    again = await ann.message(lambda each: "reroll of" in text_of(each))
    await ann.sees(again, "Done · 4 credits")


async def test_a_form_that_is_sent_after_a_restart_works(tmp_path: Path, small: Path) -> None:
    async with open_fast(tmp_path) as world, Member.at(world.discord.origin, await world.join()) as ann:
        card = await world.finished(ann, "before the restart", small)
        form = await ann.press(card, "Edit result")
        other = await ann.command("Edit images", target=(await ann.post("my holidays", small))["id"])
        await world.stop_bot()
        await world.start_bot()
        edited = await ann.answer(await ann.submit(form, prompt="after the restart"))
        holidays = await ann.answer(await ann.submit(other, prompt="these too"))
        await ann.sees(edited, "Done · 4 credits", "after the restart", "edit of")
        await ann.sees(holidays, "Done · 4 credits", "these too")
        assert world.sources_of(holidays) == world.sources_of(card)


async def test_a_form_of_a_panel_that_is_sent_after_a_restart_works(tmp_path: Path) -> None:
    async with open_fast(tmp_path) as world:
        manager_id = await world.join(permissions=["MANAGE_GUILD"])
        async with Member.at(world.discord.origin, manager_id) as manager:
            panel = await manager.ask("settings", "server")
            words = await manager.press(panel, "Change the words")
            erase = await manager.press(await manager.ask("privacy"), "Erase my data…")
            await world.stop_bot()
            await world.start_bot()
            await manager.submit(words, words="cat\ndog\nhorse")
            await manager.sees(panel, "3 words so far")
            said = await manager.answer(await manager.submit(erase, type="erase"))
            assert "Your data is being erased" in text_of(said)
