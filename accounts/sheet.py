"""A CSV file of ledger entries: how each cell is written (the columns: ``docs/accounts.md``).

It writes millions of rows: cells that come from people are quoted once and remembered, all others cannot
need it, so that a row is one string (``csv.writer``, which looks at every character, halves the rate).
"""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from domain.credits import THOUSANDTHS
from domain.limits import DAY
from domain.periods import date_of
from storage.export import Row

HEADER = (
    "Time (UTC),Entry,Server id,Member id,Member,Model,"
    "Credits reserved,Credits no longer reserved,Credits charged,Credits given back,"
    "Images,Reason,Moderator id,Moderator,"
    "Job,Job kind,Job status,Job failure,Job asked (UTC),Job ended (UTC),Job options\r\n"
)
BOM = "\ufeff"
"""Without it, spreadsheets take UTF-8 for the machine's old encoding."""

FORMULA = "=+-@|%\uff1d\uff0b\uff0d\uff20"
"""What a spreadsheet may take for the start of a formula, full-width forms included."""

PACK = 3
"""gzip's level: a third of the time of its default for a tenth more bytes."""


class Sheet:
    """A CSV file that is being written; ``rows`` counts them, ``names`` are members' as of now, by id."""

    def __init__(self, path: Path, *, packed: bool, names: Mapping[int, str]) -> None:
        self.rows = 0
        self._names = names
        self._file = path.open("wb")
        self._pack = gzip.GzipFile("", "wb", PACK, self._file, 0) if packed else None
        self._sink: BinaryIO | gzip.GzipFile = self._pack or self._file
        self._sink.write((BOM + HEADER).encode())

    def write(self, batch: list[Row]) -> None:
        """Append entries."""
        self._sink.write("".join([_line(row, self._names) for row in batch]).encode())
        self.rows += len(batch)

    @property
    def size(self) -> int:
        """Bytes written so far, without what is still buffered (below 512 KiB)."""
        return self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._pack is not None:
                self._pack.close()
        finally:
            self._file.close()


def _line(row: Row, names: Mapping[int, str]) -> str:
    (at, kind, guild, member, model, held, spent, images, cause, moderator, job, job_kind, status, failure,
     asked, ended, options) = row  # fmt: skip
    return (
        f"{_moment(at)},{kind},s{guild},{_person(member, names)},{_text(model)},"
        f"{_amount(held)},{_amount(-held)},{_amount(spent)},{_amount(-spent)},{images or ''},{_text(cause)},"
        f"{_person(moderator, names)},{job or ''},{job_kind or ''},"
        f"{status or ''},{failure or ''},{_moment(asked)},{_moment(ended)},{_text(options)}\r\n"
    )


def _person(member: int | None, names: Mapping[int, str]) -> str:
    """Return the cells of an id and a name; both are empty for nobody, and for whoever was erased."""
    return f"m{member},{_text(names.get(member))}" if member else ","


@lru_cache(maxsize=8192)
def _text(value: str | None) -> str:
    """Return a cell on one line, quoted if need be, that no spreadsheet takes for a formula."""
    line = " ".join("".join(c if c.isprintable() else " " for c in value or "").split())
    if line and line[0] in FORMULA:
        line = f"'{line}"
    return f'"{line.replace(QUOTE, QUOTE * 2)}"' if {",", QUOTE} & set(line) else line


QUOTE = '"'


@lru_cache(maxsize=8192)
def _amount(thousandths: int) -> str:
    """Return an amount of credits as a plain number; nothing for what is not above zero."""
    if thousandths <= 0:
        return ""
    whole, rest = divmod(thousandths, THOUSANDTHS)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


@lru_cache(maxsize=8192)
def _moment(at: int | None) -> str:
    """Return a moment in ISO 8601; remembered, since the entries of a job repeat its moments."""
    if at is None:
        return ""
    day, rest = divmod(at, DAY)
    seconds, milliseconds = divmod(rest, 1_000)
    minutes, seconds = divmod(seconds, 60)
    return f"{_date(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{milliseconds:03d}Z"


@lru_cache(maxsize=64)
def _date(day: int) -> str:
    return date_of(day).isoformat()
