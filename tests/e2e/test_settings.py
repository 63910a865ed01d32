"""Settings that are missing or wrong: one message, exit status 78, no traceback. The real process."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from storage.engines.fence import TRY_AGAIN
from tests.container import build
from tests.e2e.bot import ROOT
from tests.e2e.pictures import small_photo
from tests.e2e.starts import start_several
from tests.e2e.world import World, free_port, open_world

CONFIGURATION = 78
Ended = tuple[int, str]

WRONG = {
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
    "KEY_CREDITS_PER_DAY": "none",
    "MAX_WAITING_PER_MEMBER": "0",
    "MEMBER_SUBMITS_PER_MINUTE": "often",
    "ACCOUNT_DAYS": "-1",
    "JOINED_MINUTES": "soon",
    "OPERATOR_GUILD": "mine",
    "LOG_LEVEL": "LOUD",
    "RETENTION_DAYS": "for ever",
    "STORAGE_LIMIT_MB": "0",
    "DATABASE_URL": "postgresql://darkroom:correct@horse@db.example/darkroom",
}
MISSPELT = {
    "DATABASE_URL": "postgresql://darkroom:correct@db.example/darkroom?sslmode=verify",
    "ERASURE_SECRET": "e" * 32,
}
NO_DATABASE = b"this is no database at all" * 100


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ends(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Start many bots that cannot start, side by side, and return how each ended."""
    folder = tmp_path_factory.mktemp("ends")
    (folder / "file").write_text("not a folder")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "darkroom.db").write_bytes(NO_DATABASE)
    (folder / "home").mkdir(mode=0o755)
    (folder / "home" / "letter.txt").write_text("dear")
    alone = {"PIXELDOJO_WEBHOOK_URL": "", "WEBHOOK_LISTEN": ""}
    attempts: dict[str, dict[str, str]] = {
        "nothing": {
            "DISCORD_TOKEN": "",
            "PIXELDOJO_API_KEY": "",
            "ALLOWED_GUILDS": "",
            "DATA_DIR": str(folder / "nothing"),
        },
        "all wrong": {**WRONG, "DATA_DIR": str(folder / "untouched")},
        "wrong token": {
            **alone,
            "DISCORD_TOKEN": "MTIz.wrong.token",
            "DATA_DIR": str(folder / "token"),
        },
        "same data": alone,
        "a file": {**alone, "DATA_DIR": str(folder / "file")},
        "below a file": {**alone, "DATA_DIR": str(folder / "file" / "data")},
        "foreign": {**alone, "DATA_DIR": str(folder / "foreign")},
        "taken port": {"DATA_DIR": str(folder / "port")},
        "all obstacles": {
            "DATA_DIR": str(folder / "file"),
            "LOG_LEVEL": "LOUD",
            "ALLOWED_GUILDS": "",
            **MISSPELT,
        },
        "home": {**alone, "DATA_DIR": str(folder / "home")},
    }
    wishes = {name: shared_world.settings(**settings) for name, settings in attempts.items()}
    found = await start_several(wishes)
    assert not (folder / "untouched").exists(), "something was done before the settings were read"
    assert (folder / "foreign" / "darkroom.db").read_bytes() == NO_DATABASE
    assert [path.name for path in (folder / "home").iterdir()] == ["letter.txt"]
    assert (folder / "home").stat().st_mode & 0o777 == 0o755
    return found


def refused(ended: Ended, *words: str, for_now: bool = False) -> None:
    status, printed = ended
    assert status == (TRY_AGAIN if for_now else CONFIGURATION)
    assert "Traceback" not in printed
    assert all(word in printed for word in words), printed


@pytest.mark.sqlite_only
async def test_missing_settings_are_all_listed_at_once(ends: dict[str, Ended]) -> None:
    missing = ("DISCORD_TOKEN is missing", "PIXELDOJO_API_KEY is missing", "ALLOWED_GUILDS is missing")
    refused(ends["nothing"], *missing, ".env.example explains each setting.")


async def test_a_key_that_any_server_may_spend_is_warned_of(world: World) -> None:
    assert "ALLOWED_GUILDS is any: every server that invites this bot spends this key." in world.log()


@pytest.mark.sqlite_only
async def test_wrong_settings_are_all_listed_at_once_without_secrets(ends: dict[str, Ended]) -> None:
    refused(ends["all wrong"], *WRONG)
    printed = ends["all wrong"][1]
    assert "a token with spaces" not in printed
    assert "correct" not in printed
    assert "horse" not in printed
    assert len(printed.splitlines()) <= len(WRONG) + 3


@pytest.mark.sqlite_only
async def test_a_wrong_token_is_said(ends: dict[str, Ended]) -> None:
    refused(ends["wrong token"], "cannot start", "DISCORD_TOKEN")
    assert "MTIz.wrong.token" not in ends["wrong token"][1]


@pytest.mark.sqlite_only
async def test_a_second_bot_on_the_same_data_is_turned_away(world: World, ends: dict[str, Ended]) -> None:
    refused(ends["same data"], "in use by another bot, or by maintenance.", for_now=True)
    assert ".env.example" not in ends["same data"][1], "it says nothing of that"
    assert world.process is not None
    assert world.process.returncode is None, "the first bot ended with it"


@pytest.mark.parametrize("kind", ["a file", "below a file", "foreign", "home"])
@pytest.mark.sqlite_only
async def test_a_data_dir_that_cannot_be_one_is_said(ends: dict[str, Ended], kind: str) -> None:
    refused(ends[kind], "cannot start")


@pytest.mark.sqlite_only
async def test_a_port_that_is_taken_is_said(ends: dict[str, Ended]) -> None:
    said = "WEBHOOK_LISTEN cannot be used: Address already in use."
    refused(ends["taken port"], "cannot start", said, for_now=True)


@pytest.mark.sqlite_only
async def test_what_this_machine_has_against_settings_stands_in_the_same_list(ends: dict[str, Ended]) -> None:
    refused(ends["all obstacles"], "DATA_DIR", "Not a directory", "WEBHOOK_LISTEN", "LOUD", "ALLOWED_GUILDS")
    refused(ends["all obstacles"], "DATABASE_URL has a value of sslmode that PostgreSQL does not take.")
    assert "correct" not in ends["all obstacles"][1]


@pytest.mark.parametrize("program", ["run_path('bot.py'", "run_module('playground'"])
async def test_on_windows_one_sentence_says_what_to_do(program: str) -> None:
    """Before anything is imported that is not there."""
    there = f"import runpy, sys; sys.platform = 'win32'; runpy.{program}, run_name='__main__')"
    command = [sys.executable, "-c", there]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, check=False)
    assert ended.stderr.decode() == "Darkroom runs on Linux or macOS; on Windows use WSL.\n"


@pytest.mark.parametrize(
    ("program", "library", "status"), [(["bot.py"], "uvloop", 78), (["-m", "playground"], "aiohttp", 1)]
)
async def test_without_its_libraries_one_sentence_says_what_is_not_installed_for_which_python(
    program: list[str], library: str, status: int
) -> None:
    command = [sys.executable, "-S", *program]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, check=False)
    said = ended.stderr.decode()
    assert said.endswith(f"{library} is not installed for {sys.executable}. See README.md.\n"), said
    assert "Traceback" not in said
    assert ended.returncode == status


async def test_the_file_beside_the_program_is_read_wherever_one_stands_and_the_environment_wins(
    tmp_path: Path,
) -> None:
    """As an operator starts it; how maintenance finds the same database is in ``test_operator.py``."""
    async with open_world(tmp_path / "world", start=False) as world:
        tree = tmp_path / "opt"
        build(tree)
        settings = world.settings(
            LOG_LEVEL="LOUD", DATA_DIR="~/kept", WEBHOOK_LISTEN=f"0.0.0.0:{free_port()}"
        )
        lines = [f'{name}="{value}"' for name, value in settings.items() if value]
        (tree / ".env").write_text("\n".join(lines))
        (tree / ".env").chmod(0o644)
        refused(await world.run_bot(tree=tree, bare=True), "LOG_LEVEL", "LOUD")
        (tree / ".env.utf-16").write_text("\n".join(lines), encoding="utf-16")
        (tree / ".env.utf-16").rename(tree / ".env")
        refused(await world.run_bot(tree=tree, bare=True), ".env is not UTF-8: save it as UTF-8.")
        (tree / ".env").write_text("\n".join(lines))
        (tree / ".env").chmod(0o644)
        home = {"HOME": str(tmp_path / "home")}
        await world.start_by_hand(tree=tree, LOG_LEVEL="INFO", **home)
        world.data = tmp_path / "home" / "kept"
        assert f"Darkroom starts: its data is in {world.data}." in world.log()
        assert f"{tree / '.env'} can be read by others on this machine: chmod 600 it." in world.log()
        assert "WEBHOOK_LISTEN can be reached from other machines" in world.log()
        async with world.member("ann") as ann:
            card = await ann.edit("from the .env file", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Done")


async def test_sigterm_ends_it_cleanly_and_the_next_start_goes_on(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        world.switch(next=["stuck"])
        card = await ann.edit("over a restart", small_photo(tmp_path / "a.jpg"))
        await ann.sees(card, "Running")
        children = world.children()
        assert await world.stop_bot() == 0
        assert not any(child.exists() for child in children), "the picture process went on"
        await world.start_bot()
        await world.finish()
        await ann.sees(card, "Done · 4 credits")
        assert len(world.bodies("over a restart")) == 1
