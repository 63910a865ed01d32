"""The playground's command line: what it needs and has not is said before anything is started."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from playground import __main__ as whole
from playground.discord import __main__ as discord
from playground.pixeldojo import __main__ as provider
from tests.container import ROOT

PATIENCE = 30
START = """
import pathlib, runpy, sys
import playground.postgres
lacks = sys.argv[1]
if "psycopg" in lacks:
    sys.modules["psycopg"] = None
if "server" in lacks:
    playground.postgres.DEBIAN = pathlib.Path("/nowhere")
sys.argv[1:] = ["--no-browser", "--port", "0", "--postgres", "--processes", "2"]
runpy.run_module("playground", run_name="__main__")
"""
PARSERS = {"playground": whole.parse, "discord": discord.parse, "provider": provider.parse}
PSYCOPG = "psycopg is not installed (.venv/bin/pip install -c constraints.txt '.[postgres]')."
SERVER = "PostgreSQL’s server is not installed (Debian: apt-get install postgresql)."


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("psycopg", PSYCOPG),
        ("server", SERVER),
        ("psycopg, server", f"{PSYCOPG} {SERVER}"),
    ],
)
async def test_what_is_not_installed_is_one_line_before_an_address_is_printed(
    lacks: str, said: str, tmp_path: Path
) -> None:
    """On a machine with PostgreSQL, as with none: the programs are looked for where ``PATH`` says."""
    programs = tmp_path / "bin"
    programs.mkdir()
    if "server" not in lacks:
        for name in ("initdb", "postgres"):
            (programs / name).write_text("#!/bin/sh\nexit 1\n")
            (programs / name).chmod(0o755)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", START, lacks),
        cwd=ROOT,
        env={**os.environ, "PATH": str(programs)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE)
    assert err.decode() == f"The playground cannot start with --postgres: {said}\n"
    assert out == b""
    assert process.returncode == 78


@pytest.mark.parametrize(
    ("program", "option", "value", "said"),
    [
        *(
            (program, "--port", value, "a whole number from 0 to 65535")
            for program in PARSERS
            for value in ("99999", "-1", "x", "1.5")
        ),
        ("discord", "--cdn-port", "65536", "a whole number from 0 to 65535"),
        *(
            (program, "--latency", value, "a number from 0 to 1000")
            for program in ("playground", "provider")
            for value in ("-1", "nan", "inf", "1001", "x")
        ),
        ("playground", "--processes", "0", "a whole number from 1 to 9"),
        ("playground", "--processes", "10", "a whole number from 1 to 9"),
        ("playground", "--processes", "2", "1, or more with --postgres"),
        ("playground", "--seed", "x", "invalid int value: 'x'"),
        ("provider", "--balance", "nan", "a number from 0 to 1e+09"),
        ("provider", "--switches", '{"x": 1}', "There is no switch 'x'."),
        ("provider", "--switches", "[1]", ""),
    ],
)
def test_a_mistyped_option_is_one_sentence(
    program: str, option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        PARSERS[program]([f"{option}={value}"])
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert option in last
    assert said in last
