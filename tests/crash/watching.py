"""Where a Python program touches the outside, in four libraries: SQLite, psycopg, aiohttp, files.

Nothing in the product knows of this. A transaction that wrote nothing touches nothing.
"""

import builtins
import io
import os
import re
import sqlite3
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import psycopg
from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_proto import ResponseHandler
from aiohttp.web_protocol import RequestHandler

from tests.crash.touches import Touches

Touch = Callable[[str], None]

_WRITES = re.compile(r"\s*(INSERT INTO|DELETE FROM|UPDATE|CREATE|ALTER|DROP|VACUUM)\s+(\w+)", re.IGNORECASE)
_COLUMNS = re.compile(r"SET (.*?) WHERE", re.DOTALL)
_REQUEST = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1")


def watch(touches: Touches, *, folder: Path) -> None:
    """Report every touch of the outside from now on; of files, those in ``folder``."""
    watch_database(touches.touch)
    watch_postgres(touches.touch)
    watch_network(touches.touch)
    watch_files(touches.touch, folder=str(folder.resolve()))


# SQLite


def watch_database(touch: Touch) -> None:
    """Report before and after every commit and every other statement that changes a database."""
    opened = sqlite3.connect
    watched = type("Watched", (WatchedConnection,), {"touch": staticmethod(touch)})

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        return opened(*arguments, **{"factory": watched, **named})

    sqlite3.connect = connect


class WatchedConnection(sqlite3.Connection):
    """A connection that knows what was written since its transaction began."""

    touch: Touch
    written: tuple[str, ...] = ()

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        if sql == "COMMIT":
            return self._commit(sql)
        if sql.startswith("PRAGMA journal_mode"):
            self.touch("before journal_mode")
        self._note(sql, values)
        return super().execute(sql, values)

    def executemany(self, sql: str, values: Any, /) -> sqlite3.Cursor:
        self._note(sql, ())
        return super().executemany(sql, values)

    def _note(self, sql: str, values: Any) -> None:
        if sql.startswith(("BEGIN", "ROLLBACK")):
            self.written = ()
        elif (name := _name_of(sql, values)) is not None and name not in self.written:
            self.written = (*self.written, name)

    def _commit(self, sql: str) -> sqlite3.Cursor:
        written, self.written = ", ".join(self.written), ()
        if not written:
            return super().execute(sql)
        self.touch(f"before commit of {written}")
        cursor = super().execute(sql)
        self.touch(f"after commit of {written}")
        return cursor


def _name_of(sql: str, values: Any) -> str | None:
    found = _WRITES.match(sql)
    if found is None:
        return None
    verb, table = found[1].split()[0].lower(), found[2]
    columns = _COLUMNS.search(sql)
    if verb != "update" or columns is None or table != "jobs":
        return f"{verb} {table}"
    names = [part.partition("=")[0].strip() for part in columns[1].split(",")]
    if names[0] == "status":
        return f"job {values[0]}"
    return f"job's {' '.join(names)}"


# PostgreSQL


def watch_postgres(touch: Touch) -> None:
    """Report before and after every commit that changes something, and around the taking of leases.

    The renewals, every two seconds, count for nothing: they would make each run another.
    """
    run = psycopg.Connection.execute
    run_many = psycopg.Cursor.executemany
    written: dict[int, tuple[str, ...]] = {}

    def note(connection: Any, sql: Any, values: Any) -> None:
        name = _name_of(sql, values) if isinstance(sql, str) else None
        if name is not None and name not in written.get(id(connection), (name,)):
            written[id(connection)] += (name,)

    @wraps(run)
    def execute(self: Any, query: Any, params: Any = None, **named: Any) -> Any:
        if isinstance(query, str) and query.lstrip().startswith("INSERT INTO leases"):
            touch("before taking the leases")
        elif query == "COMMIT" and (names := written.pop(id(self), ())):
            said = ", ".join(names)
            touch(f"before commit of {said}")
            cursor = run(self, query, params, **named)
            touch(f"after commit of {said}")
            return cursor
        elif isinstance(query, str) and query.startswith("BEGIN"):
            written[id(self)] = ()
        note(self, query, params or ())
        return run(self, query, params, **named)

    @wraps(run_many)
    def executemany(self: Any, query: Any, params_seq: Any, **named: Any) -> Any:
        note(self.connection, query, ())
        return run_many(self, query, params_seq, **named)

    psycopg.Connection.execute = execute
    psycopg.Cursor.executemany = executemany


# Sockets


def watch_network(touch: Touch) -> None:
    """Report before and after every write to a socket, and whenever something that arrived is read."""
    connected = BaseProtocol.connection_made

    @wraps(connected)
    def connection_made(self: Any, transport: Any) -> None:
        connected(self, WatchedTransport(transport, touch))

    BaseProtocol.connection_made = connection_made
    for protocol in (ResponseHandler, RequestHandler):
        _watch_reading(touch, protocol)


class WatchedTransport:
    """A transport that is named after the last request that went through it."""

    def __init__(self, transport: Any, touch: Touch) -> None:
        self._transport = transport
        self._touch = touch
        self.name = "something"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def named_anew(self, data: Any) -> bool:
        """Take the name of the request that begins in the data, if one does."""
        found = _REQUEST.match(bytes(data[:2000]))
        if found is not None:
            self.name = f"{found[1].decode()} {plain_path(found[2].decode())}"
        return found is not None

    def write(self, data: Any) -> None:
        if self.named_anew(data):
            self._touch(f"before sending {self.name}")
            self._transport.write(data)
            self._touch(f"after sending {self.name}")
        else:
            self._touch(f"sending more of {self.name}")
            self._transport.write(data)

    def writelines(self, chunks: Any) -> None:
        self.write(b"".join(chunks))


def _watch_reading(touch: Touch, protocol: Any) -> None:
    original = protocol.data_received

    @wraps(original)
    def data_received(self: Any, data: bytes) -> None:
        transport = self.transport
        if isinstance(transport, WatchedTransport):
            touch(f"reading {'' if transport.named_anew(data) else 'the answer to '}{transport.name}")
        original(self, data)

    protocol.data_received = data_received


def plain_path(path: str) -> str:
    """Return a path without its query, with ``#`` for numbers and ``~`` for tokens and names of files."""
    return "/".join(map(_plain_part, path.partition("?")[0].split("/")))


def _plain_part(part: str) -> str:
    return "#" if part.isdigit() else "~" if len(part) > 22 or "." in part else part


# Files


def watch_files(touch: Touch, *, folder: str) -> None:
    """Report before a file in a folder is opened for writing, synced, renamed or deleted, and after."""

    def inside(path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and str(Path(path).absolute()).startswith(folder)

    def around(module: Any, name: str) -> None:
        original = getattr(module, name)

        @wraps(original)
        def call(path: Any, *arguments: Any, **named: Any) -> Any:
            if name != "fsync" and not inside(path) and "dir_fd" not in named:
                return original(path, *arguments, **named)
            touch(f"before {name}")
            result = original(path, *arguments, **named)
            touch(f"after {name}")
            return result

        setattr(module, name, call)

    for name in ("replace", "unlink", "mkdir", "rmdir", "fsync"):
        around(os, name)
    opened = io.open

    def open_file(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if set(mode) & set("wxa+") and inside(file):
            touch("before open")
        return opened(file, mode, *arguments, **named)

    io.open = builtins.open = open_file
