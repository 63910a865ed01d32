"""What is kept, how often, and for how long."""

import hashlib
import os
from pathlib import Path

from tests.e2e.messages import text_of
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world

DAYS = 40 * 86_400


def kept(world: World) -> set[str]:
    """Return the SHA-256 of all files that are kept."""
    return {path.name for path in (world.data / "files").rglob("*") if path.is_file()}


def marked(world: World) -> set[str]:
    """Return the SHA-256 of the files that no job names any more."""
    return {row["sha256"] for row in world.query("SELECT sha256 FROM unnamed_files")}


def age(world: World) -> None:
    """Make all jobs and files forty days older."""
    world.change("UPDATE jobs SET ended_at = ended_at - ?", DAYS * 1000)
    for path in (world.data / "files").rglob("*"):
        if path.is_file():
            moment = path.stat().st_mtime - DAYS
            os.utime(path, (moment, moment))


async def test_old_files_go_but_never_what_was_not_delivered(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "often.jpg")
    sha = hashlib.sha256(photo.read_bytes()).hexdigest()
    async with (
        open_world(tmp_path, RETENTION_DAYS="30") as world,
        world.member("ann") as ann,
        world.member("ben") as ben,
    ):
        old = await world.finished(ann, "delivered long ago", photo)
        await world.finished(ben, "delivered long ago too", photo)
        assert [path.name for path in (world.data / "files").rglob(f"{sha}*")] == [sha], "stored twice"
        world.switch(next=["stuck"])
        waiting = await ann.edit("never delivered", small_photo(tmp_path / "other.png"))
        await ann.sees(waiting, "Running")
        world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
        await world.finish()
        await until(lambda: len(undelivered(world)) == 1, what=lambda: "a job that waits")
        world.faults(channel_hidden=False, token_expired=False, closed_dms=False)
        await world.stop_bot()
        age(world)
        await world.start_bot()
        await until(lambda: sha in marked(world), what=lambda: "the sweep")
        assert sha in kept(world)
        await world.stop_bot()
        world.change("UPDATE unnamed_files SET since = since - 3600001")
        await world.start_bot()
        gone = {sha, *world.results_on(old)}
        await until(lambda: gone.isdisjoint(kept(world)), what=lambda: "the sweep of an hour later")
        assert set(undelivered(world)) <= kept(world)
        await ben.react(old)
        said = await ben.message(lambda each: "no longer kept" in text_of(each))
        assert "You were not charged." in text_of(said)
        listed = await ann.ask("jobs")
        answer = await ann.answer(await ann.press(listed, "Collect"))
        handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
        assert world.results_on(handed) == await world.provider_results("never delivered")


def undelivered(world: World) -> list[str]:
    rows = world.query(
        "SELECT sha256 FROM images JOIN jobs ON jobs.id = images.job_id"
        " WHERE jobs.collected = 0 AND jobs.status = 'done' AND images.role = 'result'"
    )
    return [row["sha256"] for row in rows]
