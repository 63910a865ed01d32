"""Secrets at rest: who may read the data directory, how long it keeps tokens, and what a repr shows."""

import asyncio
import dataclasses
import importlib
import pkgutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.images import Image, Role
from domain.job import Card, Job, Kind, Origin, Status
from domain.limits import TOKEN_LIFE
from domain.options import Options
from jobs.keeping.retention import Retention
from storage import job_rows
from storage.database import Database, open_database
from storage.files import Files
from storage.tx import Tx
from tests.clock import START, FakeClock
from tests.e2e.member import Member
from tests.e2e.world import until
from tests.faults.fast_world import FastWorld, ask_for

SECRET = "never-to-be-seen"
PACKAGES = ("accounts", "domain", "jobs", "pixeldojo", "scheduling", "storage", "ui")
TELLING = {"token", "secret", "prompt", "url", "urls", "source_urls", "discord_token"}
TELLING |= {"pixeldojo_api_key", "body"}
"""Names of fields whose values are secret, private, or signed addresses."""


def a_job(name: str, *, token_ends: int = 0) -> Job:
    return Job(
        id=name,
        kind=Kind.GENERATE,
        origin=Origin.COMMAND,
        guild_id=1,
        channel_id=2,
        member_id=3,
        model="gpt-image-1-5",
        prompt=SECRET,
        options=Options(),
        status=Status.QUEUED,
        reserved=4_000,
        created_at=START,
        card=Card(token=SECRET, token_expires_at=token_ends),
        secret=f"{SECRET} {name}",
    )


async def test_the_data_directory_is_its_owners_alone(shared_world: FastWorld) -> None:
    for folder in (shared_world.data, shared_world.data / "files", shared_world.data / "incoming"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(("fault", "end"), [("ok", "Done"), ("fail", "Failed"), ("refuse", "Failed")])
async def test_a_token_goes_when_its_job_ends(
    world: FastWorld, ann: Member, small: Path, fault: str, end: str
) -> None:
    world.switch(next=[fault])
    [case] = await ask_for(ann, [f"its token goes, {fault}"], small)
    await ann.sees(case.card, end)
    await world.closed(case.card)
    assert world.job(case.card)["token"] is None


async def test_a_token_goes_in_the_moment_in_which_discord_takes_it_no_longer(tmp_path: Path) -> None:
    clock = FakeClock()
    database = await open_database(tmp_path)
    retention = Retention(
        database=database,
        clock=clock,
        files=Files(tmp_path),
        still_at_work=lambda: True,
        days=30,
        limit=10**9,
    )
    wiping = asyncio.create_task(retention.wipe_tokens())
    try:
        await looked(clock, times=1)
        await database.run(job_rows.insert, a_job("first", token_ends=clock.now() + TOKEN_LIFE))
        await clock.advance(7 * 60)
        await database.run(job_rows.insert, a_job("second", token_ends=clock.now() + TOKEN_LIFE))
        await clock.advance(8 * 60 - 1)
        assert await tokens(database) == ["first", "second"]
        await clock.advance(1)
        await looked(clock, times=2)
        assert await tokens(database) == ["second"]
        await clock.advance(7 * 60)
        await looked(clock, times=3)
        assert await tokens(database) == []
    finally:
        wiping.cancel()
        await database.close()


async def looked(clock: FakeClock, *, times: int) -> None:
    """Wait until somebody has gone to sleep so many times: SQLite works in a thread of its own."""
    await until(lambda: len(clock.slept) >= times, what=lambda: f"look {times}")


async def tokens(database: Database) -> list[str]:
    def ask(tx: Tx) -> list[str]:
        return [str(row[0]) for row in tx.execute("SELECT id FROM jobs WHERE token IS NOT NULL ORDER BY id")]

    return await database.read(ask)


def values_of_ours() -> Iterator[type]:
    """Yield every dataclass of the bot."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if found.name.endswith("__main__") or found.name.endswith(".worker"):
                continue
            module = importlib.import_module(found.name)
            yield from (
                value
                for value in vars(module).values()
                if isinstance(value, type)
                and dataclasses.is_dataclass(value)
                and value.__module__ == found.name
            )
    yield Settings


def test_no_repr_shows_a_field_that_may_hold_a_secret() -> None:
    shown = [
        f"{value.__module__}.{value.__qualname__}.{field.name}"
        for value in values_of_ours()
        for field in dataclasses.fields(value)
        # The one that a dataclass writes itself is wrapped against recursion.
        if field.name in TELLING and field.repr and hasattr(value.__repr__, "__wrapped__")
    ]
    assert shown == []


def test_the_reprs_of_settings_jobs_and_images_are_silent() -> None:
    settings = load_settings({"DISCORD_TOKEN": SECRET, "PIXELDOJO_API_KEY": SECRET, "ALLOWED_GUILDS": "any"})
    image = Image(
        job_id="i1", role=Role.SOURCE, position=1, name=SECRET, url=f"https://cdn.example/?hm={SECRET}"
    )
    for value in (settings, a_job("i1"), image):
        assert SECRET not in repr(value)
        assert SECRET not in str(value)
        assert SECRET not in f"{value!r:>100}"
