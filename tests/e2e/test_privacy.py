"""Delete and ``/privacy`` in the real bot: what others have of a member goes with it."""

from pathlib import Path

from tests.e2e.member import Member
from tests.e2e.messages import labels_of, text_of
from tests.e2e.waiting import until
from tests.e2e.world import World


async def test_a_deleted_card_takes_its_images_and_words_from_a_reroll_by_another(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "annes own words", small)
    await ben.react(card)
    reply = await ben.reply_to(card, "reroll of")
    await ben.sees(reply, "Done")
    await world.closed(reply)
    before = [name for name, _ in world.files_of(reply)]
    assert any(name.startswith("sources.") for name in before)
    await ann.delete_for_good(card)
    await ann.gone(card)
    bare = await ben.sees(reply, "has withdrawn", "is not kept any more")
    assert "annes own words" not in text_of(bare)
    assert [label.split(" · ")[0] for label in labels_of(bare)] == ["Edit result", "Delete"]
    await until(
        lambda: (
            [name for name, _ in world.files_of(reply)] == [each for each in before if "sources" not in each]
        ),
        what=lambda: f"the contact sheet to go: {world.files_of(reply)}",
    )
    await ben.react(bare)
    await ben.message(lambda each: "has withdrawn it" in text_of(each) and "not charged" in text_of(each))


async def test_images_kept_to_oneself_are_refused_by_every_way(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "mine alone", small)
    form = await ben.press(card, "Edit result")
    page = await ann.ask("privacy")
    assert len(text_of(page).strip().splitlines()) == 9
    await ann.press(page, "Do not let others use my images")
    await ann.message(lambda each: "Let others use my images" in labels_of(each))
    for sent in (await ben.press(card, "Reroll"), await ben.submit(form, prompt="still")):
        assert "lets nobody else use it" in text_of(await ben.answer(sent))
    photo = await ann.post("look", small)
    for message in (card, photo):
        opened = await ben.command("Edit images", target=message["id"])
        sent = await ben.submit(opened, prompt="taken from a message")
        assert "lets nobody else use it" in text_of(await ben.answer(sent))
    assert world.jobs_of(ben) == []
    again = await ann.answer(await ann.press(card, "Reroll"))
    await ann.sees(again, "Done")
