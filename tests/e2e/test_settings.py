"""Settings that are missing or wrong: one message, exit status 78, no traceback. The real process."""

from pathlib import Path

import pytest

from tests.e2e.member import Member
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world

CONFIGURATION = 78


def only_a_message(printed: str, *words: str) -> None:
    assert "Traceback" not in printed
    assert all(word in printed for word in words), printed


async def test_missing_settings_are_all_listed_at_once(world: World, tmp_path: Path) -> None:
    status, printed = await world.run_bot(DISCORD_TOKEN="", PIXELDOJO_API_KEY="", DATA_DIR=str(tmp_path))
    assert status == CONFIGURATION
    only_a_message(printed, "DISCORD_TOKEN is missing", "PIXELDOJO_API_KEY is missing")


async def test_wrong_settings_are_all_listed_at_once_without_secrets(world: World, tmp_path: Path) -> None:
    wrong = {
        "DISCORD_TOKEN": "a token with spaces",
        "DISCORD_API_URL": "discord.com",
        "DISCORD_CDN_URLS": "https://cdn.example.com/with/a/path",
        "PIXELDOJO_API_URL": "ftp://pixeldojo.ai",
        "PIXELDOJO_MODELS": " , ",
        "PIXELDOJO_REQUESTS_PER_MINUTE": "many",
        "PIXELDOJO_SUBMITS_PER_MINUTE": "0",
        "PIXELDOJO_WEBHOOK_URL": "nowhere",
        "WEBHOOK_LISTEN": "8090",
        "MAX_JOBS_IN_FLIGHT": "-1",
        "MAX_JOBS_PER_MEMBER": "1.5",
        "ALLOWED_GUILDS": "my server",
        "DEFAULT_MEMBER_CREDITS": "lots",
        "DEFAULT_SERVER_CREDITS": "-3",
        "LOG_LEVEL": "LOUD",
        "RETENTION_DAYS": "for ever",
        "STORAGE_LIMIT_MB": "0",
    }
    status, printed = await world.run_bot(**wrong, DATA_DIR=str(tmp_path))
    assert status == CONFIGURATION
    only_a_message(printed, *wrong)
    assert "a token with spaces" not in printed
    assert len(printed.splitlines()) <= len(wrong) + 3
    assert list(tmp_path.iterdir()) == [], "something was done before the settings were read"


async def test_a_wrong_token_is_said(world: World, tmp_path: Path) -> None:
    status, printed = await world.run_bot(
        DISCORD_TOKEN="MTIz.wrong.token", DATA_DIR=str(tmp_path), PIXELDOJO_WEBHOOK_URL=""
    )
    assert status == CONFIGURATION
    only_a_message(printed, "DISCORD_TOKEN")
    assert "MTIz.wrong.token" not in printed


async def test_a_second_bot_on_the_same_data_is_turned_away(world: World) -> None:
    status, printed = await world.run_bot()
    assert status == CONFIGURATION
    only_a_message(printed, "cannot start")
    assert world.process is not None
    assert world.process.returncode is None, "the first bot ended with it"


@pytest.mark.parametrize("kind", ["a file", "below a file"])
async def test_a_data_dir_that_cannot_be_one_is_said(world: World, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    path = file if kind == "a file" else file / "data"
    status, printed = await world.run_bot(DATA_DIR=str(path))
    assert status == CONFIGURATION
    only_a_message(printed, "cannot start")


async def test_a_data_dir_with_a_foreign_database_is_left_alone(world: World, tmp_path: Path) -> None:
    foreign = tmp_path / "darkroom.db"
    foreign.write_bytes(b"this is no database at all" * 100)
    status, printed = await world.run_bot(DATA_DIR=str(tmp_path))
    assert status == CONFIGURATION
    only_a_message(printed, "cannot start")
    assert foreign.read_bytes().startswith(b"this is no database at all")


async def test_a_port_that_is_taken_is_said(world: World, tmp_path: Path) -> None:
    status, printed = await world.run_bot(DATA_DIR=str(tmp_path))
    assert status == CONFIGURATION
    only_a_message(printed, "cannot start", "WEBHOOK_LISTEN")


async def test_a_discord_that_cannot_be_reached_is_said_without_a_traceback(
    world: World, tmp_path: Path
) -> None:
    status, printed = await world.run_bot(
        DISCORD_API_URL="http://127.0.0.1:1/api/v10", DATA_DIR=str(tmp_path), PIXELDOJO_WEBHOOK_URL=""
    )
    assert status != 0
    only_a_message(printed, "Discord")


async def test_a_dotenv_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    """As an operator starts it: from a folder with a .env file."""
    async with open_world(tmp_path, start=False) as world:
        folder = tmp_path / "run"
        folder.mkdir()
        lines = [f"{name}={value}" for name, value in world.settings(LOG_LEVEL="LOUD").items() if value]
        (folder / ".env").write_text("\n".join(lines))
        status, printed = await world.run_bot(folder=folder, bare=True)
        assert status == CONFIGURATION
        only_a_message(printed, "LOG_LEVEL", "LOUD")
        await world.start_bot(folder=folder, bare=True, LOG_LEVEL="INFO")
        async with world.member("ann") as ann:
            card = await ann.edit("from the .env file", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Done")


async def test_sigterm_ends_it_cleanly_and_the_next_start_goes_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        card = await _running(world, ann, small_photo(tmp_path / "a.jpg"))
        assert await world.stop_bot() == 0
        await world.start_bot()
        await world.finish()
        await ann.sees(card, "Done · 4 credits")
        assert len(world.bodies("over a restart")) == 1


async def _running(world: World, member: Member, photo: Path) -> dict[str, object]:
    world.switch(next=["stuck"])
    card = await member.edit("over a restart", photo)
    await member.sees(card, "Running")
    return card
