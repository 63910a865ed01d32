"""Verify, export, back up: beside a running bot, from a snapshot, holding nothing up; rebuild without one."""

import tempfile
import time
from pathlib import Path

from accounts.export import export_csv
from accounts.personal_data import export_member
from accounts.verify import verify_snapshot
from storage import erasures, rollup
from storage.errors import Unusable
from storage.files import Files
from storage.store import Store


def maintain(store: Store, *, export: Path | None, copy: Path | None, rebuild: bool) -> int:
    """Export, copy or rebuild a database, or else verify it; return the exit status.

    Which database that is and how many jobs are in it is printed first: another may have been meant.

    Raises
    ------
    StorageError
        There is no database, it cannot be read, or the target cannot be written.
    """
    jobs = store.count_jobs()
    _say(f"{store.name}: " + ("its jobs cannot be counted" if jobs is None else f"{jobs:,} jobs"))
    if export is not None:
        _refuse_existing(export)
        _say(f"{export_csv(store.snapshot, export):,} rows")
    elif copy is not None:
        store.backup(copy)
    elif rebuild:
        with store.writing() as tx:
            rows = rollup.rebuild(tx)
        _say(f"{rows:,} rows")
    else:
        return _verify(store)
    return 0


def erase(store: Store, member_id: int) -> int:
    """Have a member erased when the bot starts next, for it alone can delete what is at Discord.

    Raises
    ------
    StorageError
        A bot is running, or the database cannot be written.
    """
    with store.writing() as tx:
        open_jobs = erasures.ask(tx, member_id, at=time.time_ns() // 1_000_000)
    waits = "the member is erased when the bot starts next"
    _say(f"{store.name}: {waits}; {len(open_jobs)} of their jobs are open.")
    return 0


def export_personal(store: Store, files: Files, member_id: int, target: Path) -> int:
    """Write all that is kept of a member to one ZIP file, beside a running bot.

    Raises
    ------
    StorageError
        The database cannot be read, or the file not be written.
    """
    _refuse_existing(target)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        handed = export_member(store.snapshot, files, member_id, folder=Path(folder))
        handed.paths[0].replace(target)
    _say(f"{store.name}: {target.stat().st_size:,} bytes")
    return 0


def _refuse_existing(target: Path) -> None:
    # It may be the database itself: a word too few on the command line must not cost it.
    if target.exists() or target.is_symlink():
        raise Unusable(f"{target} exists already; nothing was written.")


def _verify(store: Store) -> int:
    """Check every identity of the ledger; return 0 where all of them hold."""
    findings = verify_snapshot(store.snapshot)
    for finding in findings:
        _say(str(finding))
    return 1 if findings else 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - for whoever started it
