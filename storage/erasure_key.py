"""The key under which erased members are known: whoever lacks it cannot tell who a hash is.

It is a file of the data directory (0600) that no backup holds, or a setting. SQL calls it ``erasure_hash``.
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
from functools import cached_property
from pathlib import Path

FILE_NAME = "erasure.key"
_WORD = b"the key of erased members"


class ErasureKey:
    """The key of a data directory; made when it is first needed. ``secret`` takes the file's place."""

    def __init__(self, directory: Path, secret: str | None = None) -> None:
        self._path = directory / FILE_NAME
        self._secret = secret

    def hash_of(self, snowflake: int) -> str:
        """Return what a member is known by once they are erased."""
        return hmac.new(self._key, str(snowflake).encode(), hashlib.sha256).hexdigest()

    @property
    def name(self) -> str:
        """Return where it is, as an operator knows it."""
        return str(self._path) if self._secret is None else "ERASURE_SECRET"

    @property
    def is_there(self) -> bool:
        """Tell whether it was made or given."""
        return self._secret is not None or self._path.exists()

    def check_word(self) -> str:
        """Return what shows that two keys are the same, and nothing else of them."""
        return hmac.new(self._key, _WORD, hashlib.sha256).hexdigest()

    def mark_of(self, secret: str) -> str:
        """Return what shows that two secrets are the same, and nothing of them without this key."""
        return hmac.new(self._key, b"mark of " + secret.encode(), hashlib.sha256).hexdigest()

    def register(self, connection: sqlite3.Connection) -> None:
        """Let a connection's statements call it."""
        connection.create_function("erasure_hash", 1, self.hash_of, deterministic=True)

    @cached_property
    def _key(self) -> bytes:
        if self._secret is not None:
            return self._secret.encode()
        if not self._path.exists():
            self._make()
        return self._path.read_bytes()

    def _make(self) -> None:
        # Under another name first: half a key would be one that nobody has again.
        unfinished = self._path.with_name(f"{FILE_NAME}.{secrets.token_hex(4)}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_hex(32).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        unfinished.replace(self._path)
