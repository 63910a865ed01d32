"""Files kept in an object store (S3 and what speaks like it), with copies on the disk of what is in use.

A file is ``files/ab/abcd…`` below the store's prefix. A transaction asks the store for nothing, since all
others would wait for the answer: a file stays if a row names it, or if this process found or put it there and
has not deleted it since. Nobody else deletes: only whoever holds the leases does, and only what
``storage/unnamed.py`` has let go.
"""

import errno
import hashlib
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from storage import unnamed
from storage.copies import Copies
from storage.erasure_record import FILE_NAME
from storage.errors import Unusable
from storage.files import PLACE, TRIED, TRIED_BYTES, Files, Refused, Unreachable
from storage.tx import Tx

if TYPE_CHECKING:
    from obstore import ObjectMeta

PART = 5 * 2**20
"""Bytes of a file that are in memory while it comes; twice as many while it goes."""
MOST_SURE = 100_000
"""Files of which it is remembered that they are there, until a row names them."""
_SAYS = re.compile(r"status code: (\d+ [\w ]+)(?:.*?<Code>(\w+)</Code>)?")

_CERTAIN = re.compile(r"fails: 40[13] |NoSuchBucket|no such bucket")
"""What is said of a bucket that is not there, or of a key that may not read in it."""


def bucket(name: str, folder: str, options: Mapping[str, str]) -> ObjectStore:
    """Return a folder of a bucket; ``options`` by the names that AWS uses in the environment.

    Raises
    ------
    Unusable
        The options make no sense.
    """
    plain = options.get("AWS_ENDPOINT_URL", "").startswith("http:")
    try:
        return S3Store(
            name,
            prefix=folder or None,
            # Not all that speaks like S3 can delete several at once.
            config={**options, "AWS_DISABLE_BULK_DELETE": "true"},  # type: ignore[typeddict-item]
            client_options={"allow_http": plain, "timeout": "45s"},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )
    except BaseError as error:
        raise Unusable(f"FILES_URL cannot be used: {_words(error)}.") from error


class ObjectFiles(Files):
    """The files of one store. Copies are in this process's own folder and take ``limit`` bytes."""

    def __init__(self, store: ObjectStore, directory: Path, *, limit: int, alone: bool = False) -> None:
        super().__init__(directory, alone=alone)
        self._store = store
        self._copies = Copies(limit=limit)
        self._sure: dict[str, None] = {}
        # What is said of a file while it comes and goes must not be written down in another order.
        self._turns = [Lock() for _ in range(256)]

    def prepare(self) -> None:
        self._incoming.prepare()

    def path(self, sha256: str) -> Path:
        copy = self._incoming.folder / "copies" / sha256
        with self._turn(sha256):
            if not self._copies.find(copy):
                self._fetch(sha256, copy)
                self._be_sure(sha256)
        return copy

    def has(self, sha256: str) -> bool:
        with self._turn(sha256):
            try:
                with _answered():
                    obstore.head(self._store, _key(sha256))
            except FileNotFoundError:
                return self._is_listed(sha256)
            self._be_sure(sha256)
        return True

    def _stays(self, tx: Tx, sha256: str) -> bool:
        return sha256 in self._sure or unnamed.is_named(tx, sha256)

    def keep(self, arrived: Path, sha256: str) -> Path:
        copy = self._incoming.folder / "copies" / sha256
        size = arrived.stat().st_size
        with self._turn(sha256):
            try:
                with _answered():
                    obstore.put(self._store, _key(sha256), arrived, chunk_size=PART, max_concurrency=2)
            except FileNotFoundError:
                raise _unreachable("has no such bucket") from None
            self._be_sure(sha256)
            self._copies.take(arrived, copy, size=size)
        return copy

    def drop(self, sha256: str) -> None:
        with self._turn(sha256):
            self._sure.pop(sha256, None)
            with suppress(FileNotFoundError), _answered():
                obstore.delete(self._store, _key(sha256))
            self._copies.forget(self._incoming.folder / "copies" / sha256)

    def sizes(self) -> dict[str, int]:
        return {_name(meta): meta["size"] for meta in self._kept_files()}

    def arrived_before(self, moment: float) -> set[str]:
        return {_name(meta) for meta in self._kept_files() if meta["last_modified"].timestamp() < moment}

    def place(self) -> str | None:
        try:
            return self._place()
        except Unreachable as error:
            if _CERTAIN.search(error.strerror or ""):
                raise Refused(error.errno, error.strerror) from error
            raise

    def _place(self) -> str | None:
        try:
            with _answered():
                return bytes(obstore.get(self._store, f"files/{PLACE}").bytes()).decode("ascii").strip()
        except FileNotFoundError:
            # There is a bucket without such a file, or none.
            next(_listed(self._store, "files"), None)
            return None

    def require_writable(self) -> None:
        with _answered():
            obstore.put(self._store, f"files/{TRIED}", bytes(TRIED_BYTES))
        with suppress(FileNotFoundError), _answered():
            obstore.delete(self._store, f"files/{TRIED}")

    def name_place(self, name: str) -> None:
        with _answered():
            obstore.put(self._store, f"files/{PLACE}", f"{name}\n".encode("ascii"))

    def _kept_files(self) -> "Iterator[ObjectMeta]":
        return (meta for meta in _listed(self._store, "files") if _name(meta) not in {PLACE, TRIED})

    def _be_sure(self, sha256: str) -> None:
        self._sure[sha256] = None
        if len(self._sure) > MOST_SURE:
            # Whoever names the oldest after all finds it anew.
            self._sure.pop(next(iter(self._sure)), None)

    def _turn(self, sha256: str) -> Lock:
        return self._turns[int(sha256[:2], 16)]

    def _fetch(self, sha256: str, copy: Path) -> None:
        """Bring a file here, and make sure that it is what was kept."""
        arriving, digest = self.new_path(), hashlib.sha256()
        try:
            with _answered(), arriving.open("wb") as target:
                for part in obstore.get(self._store, _key(sha256)).stream(min_chunk_size=PART):
                    digest.update(part)
                    target.write(part)
            if digest.hexdigest() != sha256:
                raise _unreachable("gave another file than it was given")
            self._copies.take(arriving, copy, size=arriving.stat().st_size)
        except FileNotFoundError:
            if self._is_listed(sha256):
                raise _unreachable("lists a file that it does not give") from None
            raise
        finally:
            arriving.unlink(missing_ok=True)

    def _is_listed(self, sha256: str) -> bool:
        """Tell whether a store lists a file. That it gives none says little: a proxy may say so too."""
        return any(_name(meta) == sha256 for meta in _listed(self._store, f"files/{sha256[:2]}"))


def _listed(store: ObjectStore, folder: str) -> "Iterator[ObjectMeta]":
    try:
        with _answered():
            for several in store.list(prefix=folder):  # pyright: ignore[reportUnknownMemberType] - of Arrow
                yield from several
    except FileNotFoundError:
        raise _unreachable("has no such bucket") from None


class ErasureObjects:
    """The record of erasures in a store: an empty object for each, whose name says all."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def lines(self) -> list[tuple[int, str]]:
        found = (_name(meta).partition("-") for meta in _listed(self._store, FILE_NAME))
        return [
            (int(number), hashed) for number, _, hashed in found if number.isdigit() and len(hashed) == 64
        ]

    def add(self, hashed: str, *, above: int) -> int:
        number = max((each for each, _ in self.lines()), default=0)
        number = max(number, above) + 1
        with _answered():
            obstore.put(self._store, f"{FILE_NAME}/{number:08}-{hashed}", b"")
        return number


def _key(sha256: str) -> str:
    return f"files/{sha256[:2]}/{sha256}"


def _name(meta: "ObjectMeta") -> str:
    return meta["path"].rpartition("/")[2]


@contextmanager
def _answered() -> Generator[None]:
    """Say what a store says in the words of the disk."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, _words(error)) from error
    except BaseError as error:
        raise _unreachable(f"fails: {_words(error)}") from error


def _unreachable(words: str) -> Unreachable:
    return Unreachable(errno.EIO, f"The store of FILES_URL {words}.")


def _words(error: Exception) -> str:
    """Return what a store said, without what its library makes of it."""
    said = str(error).partition("\n\n")[0]
    if found := _SAYS.search(" ".join(said.split())):
        return ", ".join(filter(None, found.groups())).strip()
    return said.rpartition(" - ")[2].strip(". ")[:200]
