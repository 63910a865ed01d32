"""The ledger as CSV (RFC 4180, UTF-8 with a byte order mark): one row an entry, its job beside it.

- Moments are ISO 8601 in UTC, amounts credits. No amount is negative, because a minus sign starts a formula
  as well: reserved less no longer reserved is what is held, charged less given back what was spent.
- Ids carry a letter (``s`` server, ``m`` member): a spreadsheet would round a number of 18 digits. Names
  stand beside them where they are known.
- No cell starts what a spreadsheet takes for a formula.

Rows are streamed: memory does not grow with the ledger.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from accounts.sheet import Sheet
from domain.limits import MIB
from storage.errors import Unusable
from storage.export import ARRAY, Row, Selection, batches
from storage.tx import Snapshots

PLAIN_ROWS = 10_000
"""An export up to this many rows (about 2 MB) is not gzipped."""
PART_MARGIN = MIB // 2
"""Bytes that gzip may still hold back when a part's size is looked at."""

EVERYTHING = Selection()
NOBODY: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The files that an export wrote, in order, and the number of rows in all of them."""

    paths: Sequence[Path]
    rows: int


def export_csv(snapshots: Snapshots, target: Path, *, selection: Selection = EVERYTHING) -> int:
    """Write entries to a file, gzipped when its name ends in ``.gz``, and return the number of rows.

    The file gets its name only once it is whole; one that was there is replaced.

    Raises
    ------
    Unusable
        The database cannot be read, or the file not be written.
    """
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with snapshots() as tx:
            rows = _write(unfinished, batches(tx, selection), packed=target.suffix == ".gz")
        unfinished.replace(target)
    except OSError as error:
        raise Unusable(f"The export {target} could not be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def export_parts(
    snapshots: Snapshots,
    folder: Path,
    *,
    selection: Selection,
    name: str,
    part_bytes: int,
    names: Mapping[int, str] = NOBODY,
) -> Exported:
    """Write a short export as one plain file into a folder, a long one as gzipped files up to a size.

    Raises
    ------
    Unusable
        The database cannot be read, or the files not be written.
    """
    try:
        with snapshots() as tx:
            rows = batches(tx, selection)
            first = list(islice(rows, PLAIN_ROWS // ARRAY))
            if sum(map(len, first)) < PLAIN_ROWS:
                path = folder / f"{name}.csv"
                return Exported(paths=[path], rows=_write(path, first, packed=False, names=names))
            return _write_parts(
                folder / name, chain(first, rows), limit=part_bytes - PART_MARGIN, names=names
            )
    except OSError as error:
        raise Unusable(f"The export could not be written: {error.strerror}.") from error


def _write(path: Path, rows: Iterable[list[Row]], *, packed: bool, names: Mapping[int, str] = NOBODY) -> int:
    with Sheet(path, packed=packed, names=names) as sheet:
        for batch in rows:
            sheet.write(batch)
        return sheet.rows


def _write_parts(stem: Path, rows: Iterator[list[Row]], *, limit: int, names: Mapping[int, str]) -> Exported:
    paths: list[Path] = []
    count = 0
    batch = next(rows, None)
    while batch:
        paths.append(stem.with_name(f"{stem.name}-{len(paths) + 1}.csv.gz"))
        with Sheet(paths[-1], packed=True, names=names) as sheet:
            while batch and sheet.size < limit:
                sheet.write(batch)
                batch = next(rows, None)
            count += sheet.rows
    return Exported(paths=paths, rows=count)
