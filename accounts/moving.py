"""``python bot.py --move-to``: all of a database to the other engine, compared and checked."""

from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from accounts.maintenance import say_which
from accounts.verify import verify
from storage import erasure_key, moved
from storage.engines.lock import locked_directory
from storage.erasure_check import require_same_key
from storage.erasure_key import ErasureKey
from storage.errors import Unusable
from storage.moving.move import Source, Target, move
from storage.moving.sqlite_ends import SqliteTarget
from storage.store import SqliteStore, Store
from storage.tx import Tx


def move_store(store: Store, target: str, *, data_dir: Path, secret: str | None) -> int:
    """Move a database to an address, ``postgresql://…`` or ``sqlite:///`` and a data directory.

    What was begun and broken off is gone on with. The old database stays as it is, but that it says where it
    was moved. ``secret``: that of erasures, if it is not in a file of the data directory.

    Raises
    ------
    StorageError
        A bot works on either or waits to, the key of erased members is another than the database's, the
        target is not empty, the source was moved somewhere else before, or something differs in the end.
    """
    say_which(store)
    key = ErasureKey(data_dir, secret)
    if target.startswith("sqlite:"):
        directory = Path(unquote(urlsplit(target).path))
        if isinstance(store, SqliteStore) and directory.resolve() == data_dir.resolve():
            raise Unusable(f"{directory} is the data directory that is moved from: name another one.")
        with store.resting() as source, locked_directory(directory):
            _move(source, SqliteTarget(directory), key)
        _say(f"Take DATABASE_URL out of the settings, set DATA_DIR={directory}, and keep ERASURE_SECRET.")
    else:
        from storage.postgres_store import postgres_target  # noqa: PLC0415

        with store.resting() as source, postgres_target(target, key) as made:
            _move(source, made, key)
        hosts = f"on every host ERASURE_SECRET: {_secret(data_dir, secret)}"
        _say(f"Set DATABASE_URL to where it is now, and {hosts}.")
    _say(
        "The files and the record of erasures are not moved: they stay where they are."
        f" {store.name} stays as it is, and says where it was moved: no bot works on it any more."
    )
    return 0


def take_back(store: Store) -> int:
    """Let bots work again on a database that was moved, for the new one is given up.

    Raises
    ------
    StorageError
        It cannot be written, or a bot waits to work on it.
    """
    say_which(store)
    with store.writing() as tx:
        was = moved.take_back(tx)
    if was is None:
        _say("It was not moved: bots may work on it as before.")
    else:
        _say(f"It was moved to {was}. Bots may work on it again: start none on that one any more.")
    return 0


def _secret(data_dir: Path, secret: str | None) -> str:
    if secret is not None:
        return "the same as now"
    file = data_dir / erasure_key.FILE_NAME
    return (
        f"what is in {file}" if file.exists() else "one that you draw, for instance with openssl rand -hex 32"
    )


def _move(source: Source, target: Target, key: ErasureKey) -> None:
    require_same_key(source.tx, key)
    was = moved.look(source.tx)
    if was is not None and was.to != target.name:
        # There bots may be at work by now: a third one would have the same jobs.
        raise moved.elsewhere(was, source.name)
    _say(f"From {source.name} to {target.name}: checking every identity of the old one.")
    before = Counter(finding.identity for finding in verify(source.tx))

    def check(tx: Tx) -> None:
        after = Counter(finding.identity for finding in verify(tx))
        if after != before:
            raise Unusable(f"{target.name} does not verify as {source.name} does: {after} against {before}.")

    move(source, target, say=_say, check=check)
    if before:
        _say(f"Rows that break an identity, as they did before: {sum(before.values()):,}. See --verify.")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - for whoever started it
