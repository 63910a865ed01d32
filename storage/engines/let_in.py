"""Whether a database's server ever let this host in: one that did is asked again, whatever it says today.

A rule of the server's that is reloaded, a role that is locked or a password that is changed there first looks
the same as an address that was wrong from the beginning. A small file of the data directory tells them apart.
"""

import contextlib
import hashlib
import os
from collections.abc import Generator
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from storage.errors import Away, NotLetIn

FILE_NAME = ".let-in"
"""Hidden: a folder that holds nothing else yet is still taken for a data directory."""
_WHO_AND_WHERE = ("user", "host", "hostaddr", "port", "dbname", "service")


class LetIn:
    """What a data directory knows of a database's address; the password is no part of it."""

    def __init__(self, directory: Path, url: str) -> None:
        self._path = directory / FILE_NAME
        self._url = url

    @cached_property
    def _mark(self) -> str:
        # Of an address that cannot be read at all, whoever connects says so: its words may hold a password.
        given = conninfo_to_dict(self._url)
        known = "\0".join(f"{name}={given.get(name) or ''}" for name in _WHO_AND_WHERE)
        return hashlib.sha256(known.encode()).hexdigest()

    def before(self) -> bool:
        """Tell whether this host was let in there before."""
        return self._mark in self._marks()

    @contextlib.contextmanager
    def asking(self) -> Generator[None]:
        """Have a refusal go by where this host was let in before: somebody changes what the server lets in.

        Raises
        ------
        Away
            It was, and is not just now.
        """
        try:
            yield
        except NotLetIn as error:
            if not self.before():
                raise
            raise Away(str(error)) from error

    def note(self) -> None:
        """Note that it was. Where that cannot be written, a refusal is taken for the first one's."""
        if self.before():
            return
        unfinished = self._path.with_name(f"{FILE_NAME}.{os.getpid()}")
        with contextlib.suppress(OSError):
            unfinished.write_text("\n".join([*self._marks()[-9:], self._mark, ""]), encoding="utf-8")
            unfinished.replace(self._path)

    def _marks(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            return []
