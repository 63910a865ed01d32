"""What docs/cluster.md has an operator type for a copy and its way back, on a server of PostgreSQL's own kind."""

import asyncio
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from playground.postgres import PostgresMissing, PrivatePostgres, binaries, private_postgres
from storage.leases import LENGTH
from tests.e2e.pictures import small_photo
from tests.e2e.shell import Shell, commands
from tests.e2e.world import World, open_world
from tests.engines import SECRET

PASSWORD = "two words & a $HOME"

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def server() -> Iterator[PrivatePostgres]:
    """A server of this test's own: what is typed names its user and its database."""
    try:
        with private_postgres() as server:
            rename(server)
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def rename(server: PrivatePostgres) -> None:
    """Have whoever made the server be called ``postgres``, as a package's: the bot's user is one who may less."""
    admin = urlsplit(server.url())
    with psycopg.connect(server.url(), autocommit=True) as link:
        link.execute(f"CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '{admin.password}'")
    with psycopg.connect(server.url().replace("//darkroom:", "//postgres:"), autocommit=True) as link:
        link.execute("ALTER ROLE darkroom RENAME TO founder")


def machine(world: World, folder: Path, server: PrivatePostgres) -> Shell:
    """Return a machine with PostgreSQL's programs, on which whoever is ``postgres`` reaches the server."""
    world.data = folder / "var/lib/darkroom"
    url = f"postgresql://darkroom:{quote(PASSWORD)}@127.0.0.1:{server.port}/darkroom?sslmode=disable&connect_timeout=9"
    settings = {
        **world.settings(),
        "DATA_DIR": str(world.data),
        "DATABASE_URL": url,
        "ERASURE_SECRET": SECRET,
    }
    shell = Shell(folder, settings)
    password = urlsplit(server.url()).password
    there = f"PGHOST=127.0.0.1 PGPORT={server.port} PGUSER=postgres PGPASSWORD={password}"
    for name in ("createdb", "dropdb"):
        shell.put(name, f'{there} exec {binaries() / name} "$@"')
    made = shlex.quote(f"CREATE ROLE darkroom LOGIN PASSWORD '{PASSWORD}'")
    # Asked for a password, an operator types it.
    shell.put("createuser", f"{there} exec {binaries() / 'psql'} --quiet --dbname=postgres --command={made}")
    for name in ("pg_dump", "pg_restore"):
        shell.put(name, f'exec {binaries() / name} "$@"')
    return shell


async def test_what_cluster_says_makes_a_copy_of_our_tables_and_puts_it_back(
    tmp_path: Path, server: PrivatePostgres
) -> None:
    async with open_world(tmp_path / "world", start=False) as world:
        shell = machine(world, tmp_path / "machine", server)
        shell.type(commands("docs/deploy.md", "install"))
        shell.type(commands("docs/cluster.md", "database"))
        tree = shell.place("/opt/darkroom")
        await world.start_by_hand(tree=tree)
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("before the loss", small_photo(tmp_path / "a.jpg")), "Done")

        said = await asyncio.to_thread(shell.type, commands("docs/cluster.md", "dump"))
        assert "TABLE DATA public jobs darkroom" in said
        (copy,) = shell.place("/var/backups/darkroom").iterdir()
        assert (copy.suffix, copy.stat().st_mode & 0o777) == (".dump", 0o600)

        assert await world.stop_bot() == 0
        # The lease that was held as the dump was made is in it, and nobody restores one so soon.
        await asyncio.sleep(LENGTH)
        shell.type(commands("docs/cluster.md", "empty"))
        said = shell.type(commands("docs/cluster.md", "restore"))
        assert said.count(f"darkroom on 127.0.0.1:{server.port}: 1 job\n") == 2, said
        assert "0 waiting jobs not sent again" in said
        assert "All is in order.\n" in said
        await world.start_by_hand(tree=tree)
        async with world.member("ann") as ann:
            await ann.sees(await ann.edit("after the loss", small_photo(tmp_path / "a.jpg")), "Done")
        assert await world.stop_bot() == 0


@pytest.mark.parametrize("block", ["dump", "restore"])
def test_without_an_address_nothing_is_copied_or_restored(tmp_path: Path, block: str) -> None:
    """With an empty one libpq takes whatever database is called like the user who types."""
    shell = Shell(tmp_path, {})
    for name in ("pg_dump", "pg_restore"):
        shell.put(name, 'echo "$(basename "$0") $*" >>"$TYPED"')
    shell.type(commands("docs/deploy.md", "install"))
    assert "DATABASE_URL is not set" in shell.type(commands("docs/cluster.md", block), status=78)
    assert not [each for each in shell.typed if each.startswith("pg_")]
