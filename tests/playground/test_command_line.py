"""The playground's command line: what it needs and has not is said before anything is started."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

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
