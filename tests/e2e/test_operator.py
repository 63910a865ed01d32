"""From an empty machine to a bot that runs, is backed up, verified and restored: by the documents' own commands."""

import asyncio
import stat
from pathlib import Path

import pytest

from tests.e2e.confined import UNIT
from tests.e2e.pictures import small_photo
from tests.e2e.shell import Shell, commands
from tests.e2e.world import open_world
from tests.storage.rows import verify_file


def is_open(tree: Path, *names: str) -> bool:
    """Tell whether the bot's own user can read what an operator put there."""
    paths = {each for name in names for each in (tree / name, *(tree / name).parents) if tree in each.parents}
    return all(path.stat().st_mode & 0o004 for path in (tree, *paths))


@pytest.mark.sqlite_only
async def test_what_deploy_says_leads_to_a_bot_that_is_backed_up_verified_and_restored(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path / "world", start=False) as world:
        machine = tmp_path / "machine"
        world.data = machine / "var/lib/darkroom"
        shell = Shell(machine, {**world.settings(), "DATA_DIR": str(world.data)})
        database, today = world.data / "darkroom.db", machine / "var/backups/darkroom"

        shell.type(commands("docs/deploy.md", "install"))
        tree = shell.place("/opt/darkroom")
        assert stat.S_IMODE((tree / ".env").stat().st_mode) == 0o600
        assert is_open(tree, "bot.py", "storage/engines/lock.py", ".venv/bin/python")
        assert (shell.place("/etc/systemd/system") / UNIT.name).read_bytes() == UNIT.read_bytes()
        assert "systemctl enable --now darkroom" in shell.typed
        assert f"pip install -q -c {tree}/constraints.txt {tree}" in shell.typed

        await world.start_by_hand(tree=tree)
        assert f"Darkroom starts: its data is in {world.data}." in world.log()
        assert "can be read by others" not in world.log()
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("before the loss", small_photo(tmp_path / "a.jpg")), "Done")

        said = await asyncio.to_thread(shell.type, commands("docs/deploy.md", "maintain"))
        assert said.count(f"{database}: 1 job\n") == 3, said
        assert "All is in order.\n" in said
        copy, export = sorted(today.iterdir(), key=lambda path: path.suffix)
        assert verify_file(copy) == []
        assert export.name.endswith(".csv.gz")

        said = await asyncio.to_thread(shell.type, commands("docs/deploy.md", "before"))
        assert f"{database}: 1 job\n" in said, "beside the copy of the day"
        assert len([*today.glob("*.db")]) == 2

        await world.stop_bot()
        database.write_bytes(b"what a broken disk left")
        said = await asyncio.to_thread(shell.type, commands("docs/deploy.md", "restore"))
        assert said.count(f"{database}: 1 job\n") == 2, said
        await world.start_by_hand(tree=tree)
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("after the loss", small_photo(tmp_path / "a.jpg")), "Done")


def test_what_readme_says_leads_to_a_bot_that_says_what_is_missing(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    said = shell.type(commands("README.md", "run"), status=78)
    for name in ("DISCORD_TOKEN", "PIXELDOJO_API_KEY", "ALLOWED_GUILDS"):
        assert f"{name} is missing" in said
    dotenv = shell.repository / ".env"
    assert stat.S_IMODE(dotenv.stat().st_mode) == 0o600
    dotenv.write_text("LOG_LEVEL=LOUD")
    assert "LOUD" in shell.type(commands("README.md", "run"), status=78), (
        "typed again, it took what was filled in"
    )


def test_a_new_version_is_fetched_before_the_restart(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    shell.type(commands("docs/deploy.md", "install"))
    before = len(shell.typed)
    shell.type(commands("docs/deploy.md", "update"))
    assert is_open(shell.place("/opt/darkroom"), "fetched")
    assert [each.split()[0] for each in shell.typed[before:]] == [
        "git",
        "pip",
        "install",
        "systemctl",
        "systemctl",
    ]


def test_the_way_back_is_the_former_version_with_its_libraries_and_its_unit(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    shell.type(commands("docs/deploy.md", "install"))
    before = len(shell.typed)
    shell.type(commands("docs/deploy.md", "back").replace("FORMER", "abc123"))
    assert is_open(shell.place("/opt/darkroom"), "fetched")
    typed = shell.typed[before:]
    assert [each.split()[0] for each in typed] == [
        "systemctl",
        "git",
        "pip",
        "install",
        "systemctl",
        "systemctl",
        "journalctl",
    ]
    assert typed[1].endswith("checkout -q abc123")
