"""Delete and ``/privacy`` in the real bot: what others have of a member goes with it."""

import hashlib
import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.e2e.member import Member
from tests.e2e.messages import labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world


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
    forwarded = await ben.post("forwarded")
    stored = world.discord.world.message(int(forwarded["channel_id"]), int(forwarded["id"]))
    assert stored is not None
    stored.reply_to = int(card["id"])
    stored.snapshots = [{"message": ben.messages[card["id"]]}]
    opened = await ben.command("Edit images", target=forwarded["id"])
    sent = await ben.submit(opened, prompt="taken from what was forwarded")
    assert "lets nobody else use it" in text_of(await ben.answer(sent))
    assert world.jobs_of(ben) == []
    again = await ann.answer(await ann.press(card, "Reroll"))
    await ann.sees(again, "Done")


def traces_of(world: World, member: Member, photo: Path, prompt: str) -> list[str]:
    """Return where a member is still to be found: files, the log, public and direct messages."""
    looked_for = (prompt.encode(), member.id.encode(), int(member.id).to_bytes(8, "big"))
    found = [
        f"{path.name}: {secret!r}"
        for path in [*world.data.rglob("*"), world.log_path]
        if path.is_file()
        for secret in (*looked_for, photo.read_bytes())
        if secret in path.read_bytes()
    ]
    sha = hashlib.sha256(photo.read_bytes()).hexdigest()
    for channel in world.discord.world.channels.values():
        for message in channel.timeline.newest(len(channel.timeline)):
            mine = message.author_id == world.discord.world.application.bot.id and message.only_for is None
            told = f"{message.content} {message.components}"
            files = {item.file.sha256 for item in message.attachments}
            if mine and (prompt in told or member.id in told or sha in files):
                found.append(f"message {message.id}: {told}")
    return found


async def erased(world: World) -> None:
    await until(
        lambda: not world.query("SELECT 1 FROM erasures UNION ALL SELECT 1 FROM takedowns"),
        what=lambda: f"an erasure: {[dict(row) for row in world.query('SELECT * FROM takedowns')]}",
    )
    await world.settled()


async def ask_to_be_erased(member: Member) -> str:
    page = await member.ask("privacy")
    form = await member.press(page, "Erase my data…")
    return text_of(await member.answer(await member.submit(form, type="erase")))


async def nowhere(world: World, member: Member, photo: Path, prompt: str) -> None:
    await until(
        lambda: not traces_of(world, member, photo, prompt),
        what=lambda: str(traces_of(world, member, photo, prompt)),
    )
    assert (await world.run_bot("--verify"))[0] == 0


def restore(world: World, backup: Path, kept: Path) -> None:
    for name in ("darkroom.db", "darkroom.db-wal", "darkroom.db-shm"):
        (world.data / name).unlink(missing_ok=True)
    shutil.copy(backup, world.data / "darkroom.db")
    shutil.copytree(kept, world.data / "files", dirs_exist_ok=True)


@pytest.mark.sqlite_only
async def test_an_erased_member_is_nowhere_also_after_a_kill_and_after_a_restore(tmp_path: Path) -> None:
    prompt = "a wish of one who goes"
    photo = small_photo(tmp_path / "mine.jpg")
    backup = tmp_path / "backup.db"
    async with (
        open_world(tmp_path / "world") as world,
        world.member("ann") as ann,
        world.member("ben") as ben,
    ):
        card = await world.finished(ann, prompt, photo)
        await ben.react(card)
        reply = await ben.reply_to(card, "reroll of")
        await ben.sees(reply, "Done")
        await world.closed(reply)
        spent = world.account(ann)
        assert (await world.run_bot("--backup", str(backup)))[0] == 0
        kept = shutil.copytree(world.data / "files", tmp_path / "files")
        page = await ann.ask("privacy")
        assert "Nothing was erased" in text_of(
            await ann.answer(await ann.submit(await ann.press(page, "Erase my data…"), type="no"))
        )
        assert traces_of(world, ann, photo, prompt), "the search finds nothing at all"
        assert "Your data is being erased" in await ask_to_be_erased(ann)
        await world.kill_bot()
        await world.start_bot()
        await erased(world)
        await ann.gone(card)
        await ben.sees(reply, "has withdrawn")
        await nowhere(world, ann, photo, prompt)
        await world.stop_bot()
        restore(world, backup, kept)
        assert world.account(ann) == spent
        await world.start_bot()
        await erased(world)
        await nowhere(world, ann, photo, prompt)


async def test_a_member_has_their_data_once_a_day_and_by_mail(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "mine.jpg")
    async with open_world(tmp_path / "world") as world, world.member("ann") as ann:
        await world.finished(ann, "a wish to take away", photo)
        page = await ann.ask("privacy")
        await ann.press(page, "Export my data")
        handed = await ann.message(lambda each: any(".zip" in str(item) for item in each["attachments"]))
        assert handed["only_you"]
        await ann.whisper("all that is kept of you")
        again = await ann.answer(await ann.press(page, "Export my data"))
        await ann.message(lambda each: each["id"] == again["id"] and "within the last day" in text_of(each))
        target = tmp_path / "mail.zip"
        status, said = await world.run_bot("--export-member", ann.id, str(target))
        assert status == 0, said
        with ZipFile(target) as archive:
            names = archive.namelist()
            [job] = json.loads(archive.read("jobs.json"))
            assert job["prompt"] == "a wish to take away"
            files = [name for name in names if name.startswith("files/")]
            assert sorted(name.rpartition("/")[2].split(".")[0] for name in files) == ["result-1", "source-1"]
            assert {"ledger.csv", "allowances.json", "notices.json", "choices.json"} <= {*names}
            assert b"charge" in archive.read("ledger.csv")
        assert (await world.run_bot("--erase", ann.id))[0] == 75, "a bot is running"
        await world.stop_bot()
        status, said = await world.run_bot("--erase", ann.id)
        assert status == 0, said
        await world.start_bot()
        await erased(world)
        await until(
            lambda: not traces_of(world, ann, photo, "a wish to take away"),
            what=lambda: str(traces_of(world, ann, photo, "a wish to take away")),
        )
