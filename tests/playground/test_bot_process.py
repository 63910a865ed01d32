"""The bot that is only tried: a real bot's settings beside it, or in the environment, reach it by no name."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.bot_process import bare_environment
from tests.container import ROOT, build, setting_names
from tests.e2e.bot import Bot

UNFIT = "\x01"
"""What no setting may be: whichever one is read keeps a bot from starting."""
PATIENCE = 60


async def printed_until(process: asyncio.subprocess.Process, ends: Sequence[str]) -> str:
    """Return what it prints until one of these is in it, or until it has ended."""
    assert process.stdout is not None
    text = ""
    while not any(end in text for end in ends):
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        if not line:
            break
        text += line.decode()
    return text


async def test_the_playground_takes_nothing_of_a_real_bots_settings(tmp_path: Path) -> None:
    """Neither of the file beside it nor of the environment, whatever they name."""
    tree = tmp_path / "checkout"
    build(tree)
    shutil.copytree(ROOT / "playground", tree / "playground", dirs_exist_ok=True)
    names = [*setting_names(), "A_SETTING_OF_TOMORROW"]
    (tree / ".env").write_text("".join(f"{name}={UNFIT}\n" for name in names))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--no-browser", "--port", "0"),
        cwd=tree,
        env={**os.environ, **dict.fromkeys(names, UNFIT), "NO_ENV_FILE": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said = await printed_until(process, ["Ready as", "cannot start"])
        assert "Ready as" in said
        assert f"{tree}" not in said, "it works on, or speaks of, what is the real bot's"
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.communicate(), PATIENCE)


async def test_a_bot_that_is_not_told_otherwise_reads_the_file(tmp_path: Path) -> None:
    """Or the test above would say nothing."""
    build(tmp_path / "checkout")
    (tmp_path / "checkout" / ".env").write_text(f"A_SETTING_OF_TOMORROW={UNFIT}\n")
    bot = Bot(folder=tmp_path / "world", settings={})
    status, said = await bot.run_bot(tree=tmp_path / "checkout", bare=True)
    assert status == 78
    assert "A_SETTING_OF_TOMORROW" in said
    _, said = await bot.run_bot(tree=tmp_path / "checkout")
    assert "A_SETTING_OF_TOMORROW" not in said


def test_an_environment_for_trying_holds_what_is_named_and_what_any_program_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (*setting_names(), "PGPASSWORD", "A_SETTING_OF_TOMORROW"):
        monkeypatch.setenv(name, "real")
    monkeypatch.setenv("LC_ALL", "C")
    made = bare_environment({"DATA_DIR": "tried"})
    assert "real" not in made.values()
    assert (made["DATA_DIR"], made["PATH"], made["LC_ALL"]) == ("tried", os.environ["PATH"], "C")
