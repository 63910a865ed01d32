"""Verify, export, back up beside a running bot, from a snapshot; rebuild and erase without one.

Which database that is and how many jobs are in it is printed first: another may have been meant.
"""

import tempfile
import time
from pathlib import Path

from accounts.export import export_csv
from accounts.personal_data import export_member
from accounts.verify import verify_snapshot
from domain.text import counted
from storage import erasures, moved, personal, restored, rollup
from storage.errors import Unusable
from storage.files import Files
from storage.store import Store
from storage.tx import Tx


def say_which(store: Store) -> None:
    """Print which database is used and how many jobs are in it.

    Raises
    ------
    StorageError
        There is none, or it cannot be read.
    """
    jobs = store.count_jobs()
    _say(f"{store.name}: " + ("its jobs cannot be counted" if jobs is None else counted(jobs, "job")))


def maintain(store: Store, *, export: Path | None, copy: Path | None, rebuild: bool) -> int:
    """Export, copy or rebuild a database, or else verify it; return the exit status.

    Raises
    ------
    StorageError
        There is no database, it cannot be read, or the target cannot be written.
    """
    say_which(store)
    if export is not None:
        _require_place(export)
        _say(f"{counted(export_csv(store.snapshot, export), 'row')} in {export.absolute()}")
    elif copy is not None:
        _require_place(copy)
        store.backup(copy)
        _say(f"A whole copy is in {copy.absolute()}: {counted(copy.stat().st_size, 'byte')}.")
    elif rebuild:
        with store.writing() as tx:
            rows = rollup.rebuild(tx)
        _say(f"{counted(rows, 'row')} summed up anew")
    else:
        return _verify(store)
    return 0


def take_for_restored(store: Store) -> int:
    """Sum a copy up anew that was put back, and have nothing sent that may have been sent since it was made.

    Raises
    ------
    StorageError
        A bot is running, or the database cannot be written.
    """
    say_which(store)
    with store.writing() as tx:
        parked, rows = restored.park_waiting(tx), rollup.rebuild(tx)
    _say(f"{counted(parked, 'waiting job')} not sent again, but looked for at the provider")
    _say(f"{counted(rows, 'row')} summed up anew")
    return 0


def erase(store: Store, member_id: int) -> int:
    """Have a member erased when the bot starts next, for it alone can delete what is at Discord.

    Raises
    ------
    StorageError
        A bot is running, nothing is kept of the member, or the database cannot be written, or was moved.
    """
    say_which(store)
    with store.writing() as tx:
        # Here no bot starts next: the member would be told that it was done.
        moved.require_here(tx)
        _require_known(tx, member_id)
        open_jobs = erasures.ask(tx, member_id, at=time.time_ns() // 1_000_000)
    _say(f"The member is erased when the bot starts next; open jobs of theirs: {len(open_jobs)}.")
    return 0


def export_personal(store: Store, files: Files, member_id: int, target: Path) -> int:
    """Write all that is kept of a member to one ZIP file, beside a running bot.

    Raises
    ------
    StorageError
        Nothing is kept of the member, the database cannot be read, or the file not be written.
    """
    say_which(store)
    _require_place(target)
    with store.snapshot() as tx:
        _require_known(tx, member_id)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        handed = export_member(store.snapshot, files, member_id, folder=Path(folder))
        handed.paths[0].replace(target)
    _say(
        f"All that is kept of the member is in {target.absolute()}: {counted(target.stat().st_size, 'byte')}."
    )
    return 0


def _require_place(target: Path) -> None:
    # It may be the database itself: a word too few on the command line must not cost it.
    if target.exists() or target.is_symlink():
        raise Unusable(f"{target} exists already; nothing was written.")
    if not target.absolute().parent.is_dir():
        raise Unusable(f"{target} cannot be written: there is no such folder.")


def _require_known(tx: Tx, member_id: int) -> None:
    # Of a mistyped id nothing is kept: whoever asked would be told that it was done.
    if not personal.is_known(tx, member_id):
        raise Unusable(f"Nothing is kept of a member {member_id}: is the id right?")


def _verify(store: Store) -> int:
    """Check every identity of the ledger; return 0 where all of them hold."""
    findings = verify_snapshot(store.snapshot)
    for finding in findings:
        _say(str(finding))
    if not findings:
        _say("All is in order.")
    return 1 if findings else 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - for whoever started it
