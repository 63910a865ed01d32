"""Verify, export, back up: beside a running bot, from a snapshot, holding nothing up; rebuild without one."""

from pathlib import Path

from accounts.export import export_csv
from accounts.verify import verify_file
from storage import rollup
from storage.backup import backup
from storage.database import FILE_NAME, writing
from storage.lock import locked_directory
from storage.snapshot import count_jobs


def maintain(data_dir: Path, *, export: Path | None, copy: Path | None, rebuild: bool) -> int:
    """Export, copy or rebuild the database of a data directory, or else verify it; return the exit status.

    Which database that is and how many jobs are in it is printed first: another may have been meant.

    Raises
    ------
    StorageError
        There is no database, it cannot be read, or the target cannot be written.
    """
    path = data_dir / FILE_NAME
    jobs = count_jobs(path)
    _say(f"{path}: " + ("its jobs cannot be counted" if jobs is None else f"{jobs:,} jobs"))
    if export is not None:
        _say(f"{export_csv(path, export):,} rows")
    elif copy is not None:
        backup(path, copy)
    elif rebuild:
        _say(f"{_rebuild(path):,} rows")
    else:
        return _verify(path)
    return 0


def _rebuild(path: Path) -> int:
    """Write the rollup anew from the entries, in one transaction; return its number of rows."""
    with locked_directory(path.parent), writing(path) as tx:
        return rollup.rebuild(tx)


def _verify(path: Path) -> int:
    """Check every identity of the ledger; return 0 where all of them hold."""
    findings = verify_file(path)
    for finding in findings:
        _say(str(finding))
    return 1 if findings else 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - for whoever started it
