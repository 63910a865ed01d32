"""A copy by PostgreSQL's own programs, as docs/cluster.md has them typed: whole, and a database like any other."""

import subprocess
from pathlib import Path

from accounts.moving import move_store
from accounts.verify import verify_snapshot
from playground.postgres import PrivatePostgres, binaries
from storage.database import open_database
from storage.erasure_key import ErasureKey
from storage.facts import fact
from storage.files import Files
from storage.moving.move import tables, versions_table
from storage.place import NAME, require_place
from storage.postgres_store import PostgresStore
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore
from tests.storage.filled_book import filled_book

SECRET = "what only the hosts know, and nobody guesses"


def rows_of(store: PostgresStore) -> dict[str, list[tuple[object, ...]]]:
    with store.resting() as source:
        return {
            table.name: [tuple(row) for row in source.rows(table)] for table in (*tables(), versions_table())
        }


def run(program: str, *arguments: str) -> None:
    subprocess.run([binaries() / program, *arguments], check=True, timeout=60)


async def test_a_dump_is_restored_whole_and_knows_where_its_files_are(
    tmp_path: Path, postgres: PrivatePostgres
) -> None:
    (tmp_path / FILE_NAME).write_bytes(filled_book())
    first, second = postgres.new_database(), postgres.new_database()
    key = ErasureKey(tmp_path, SECRET)
    move_store(SqliteStore(tmp_path), first, data_dir=tmp_path, secret=SECRET)
    database = await open_database(tmp_path, url=first, key=key)
    await require_place(database, Files(tmp_path), where="DATA_DIR", decides=True)
    await database.close()
    dump = tmp_path / "copy.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", first)
    run("pg_restore", "--no-owner", "--single-transaction", f"--dbname={second}", str(dump))
    before, after = PostgresStore(first, key), PostgresStore(second, key)
    assert rows_of(after) == rows_of(before)
    assert verify_snapshot(after.snapshot) == []
    database = await open_database(tmp_path, url=second, key=key)
    await require_place(database, Files(tmp_path), where="DATA_DIR", decides=True)
    assert await database.read(fact, NAME) == Files(tmp_path).place()
    await database.close()
