"""How fast a large ledger answers: ``python -m benchmarks.ledger [--entries 10000000]``.

Makes a database of its own (three years, 5,000 members, one with a fifth of all entries, all in one server,
which is the worst case), asks what members and moderators ask, and prints one table. ``--database FOLDER``
keeps the database there and uses it again. By default it is done within five minutes.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from accounts.export import export_csv
from benchmarks.ledger_asks import Timing, ask_all
from benchmarks.ledger_data import Sizes, make
from storage.sqlite import FILE_NAME, open_reader, snapshot

ENTRIES = 2_000_000
REPEAT = 20


def main() -> None:
    """Make or open the database, measure, print."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.database or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        sizes = _database(folder, options.entries)
        timings = asyncio.run(ask_all(folder, options.repeat))
        _print_timings([*timings, _scan(folder / FILE_NAME)])
        for name in ("ledger.csv", "ledger.csv.gz"):
            _print_export(folder / FILE_NAME, Path(scratch) / name)
        _print_sizes(sizes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES, help=f"rows of the ledger ({ENTRIES:,})")
    parser.add_argument("--repeat", type=int, default=REPEAT, help=f"times a report is asked ({REPEAT})")
    parser.add_argument("--database", type=Path, help="a folder to keep the database in")
    return parser.parse_args()


def _database(folder: Path, entries: int) -> Sizes:
    """Make the database, or take the one that an earlier run left."""
    note = folder / f"sizes-{entries}.json"
    if note.exists():
        return Sizes(**json.loads(note.read_text()))
    print(f"Making a ledger of {entries:,} entries ...", flush=True)
    (folder / FILE_NAME).unlink(missing_ok=True)
    begin = time.perf_counter()
    sizes = make(folder / FILE_NAME, entries)
    note.write_text(json.dumps(asdict(sizes)))
    print(f"made in {time.perf_counter() - begin:.0f} s")
    return sizes


def _print_timings(timings: list[Timing]) -> None:
    print("| milliseconds | bound | median | 95 % | least - most | times |")
    print("| --- | --- | --- | --- | --- | --- |")
    for timing in timings:
        print(timing.line())


def _print_export(database: Path, target: Path) -> None:
    """Export in a process of its own, so that its memory can be told."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rows, seconds, megabytes = pool.apply(_export, (database, target))
    size = target.stat().st_size
    target.unlink()
    print(
        f"--export {target.name}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows/s"
        f" (bound 100,000), {size / rows:.0f} bytes a row, process memory at most {megabytes:.0f} MB"
    )


def _export(database: Path, target: Path) -> tuple[int, float, float]:
    begin = time.perf_counter()
    rows = export_csv(partial(snapshot, database), target)
    seconds = time.perf_counter() - begin
    return rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _print_sizes(sizes: Sizes) -> None:
    print(
        f"{sizes.entries:,} entries: {sizes.entry_bytes / sizes.entries:.0f} bytes each with their indexes,"
        f" and {sizes.rollup_bytes / sizes.entries:.0f} for the rollup ({sizes.rollup_rows:,} rows);"
        f" all tables take {sizes.file_bytes / 2**20:,.0f} MiB.\nThe migration from the first version's shape"
        f" took {sizes.migrated_in:.0f} s ({sizes.busy:.0f} s of a processor) and at most {sizes.memory:.0f} MB of memory"
    )


def _scan(path: Path) -> Timing:
    """Time the question to the plain entries that the rollup saves us."""
    tx = open_reader(path)
    begin = time.perf_counter()
    tx.execute("SELECT member, SUM(spent) FROM entries GROUP BY member").fetchall()
    taken = (time.perf_counter() - begin) * 1_000
    tx.close()
    return Timing("for comparison: all time from the plain entries", None, [taken])


if __name__ == "__main__":
    main()
