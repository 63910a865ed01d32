"""A PostgreSQL database's address: what is wrong with it, before anything is connected to.

Nothing that is said holds a value of it: where a character is missing, that may be the password.
"""

from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.errors import Unusable

_NOWHERE = "/there-is-no-such-folder"
_SOCKET = b".s.PGSQL."
"""A part of the socket's name: it is in what is said, in any language, once all options were taken."""
_PLACES = frozenset({"host", "hostaddr", "port"})
_SECRETS = frozenset({"user", "password", "sslpassword", "dbname"})
"""What no library can have anything against."""


def address_of(url: str) -> str:
    """Return a database's name and host, without the password.

    Raises
    ------
    Unusable
        It is no address; nothing of it is said, for the password is in it.
    """
    if (why := trouble_of(url)) is not None:
        raise Unusable(f"The database's address {why}.")
    parts = conninfo_to_dict(url)
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    return f"{parts.get('dbname')} on {host}:{port}"


def trouble_of(url: str) -> str | None:
    """Say what PostgreSQL's own library has against an address; ``None`` if it would try to connect."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        return "must have options that PostgreSQL knows behind its ?, as in ?sslmode=require"
    options = {name: value for name, value in given.items() if name not in {*_PLACES, *_SECRETS}}
    hosts = str(given.get("host") or given.get("hostaddr") or "").split(",")
    ports = str(given.get("port") or "5432").split(",")
    if len(ports) not in {1, len(hosts)} or not all(map(_is_port, ports)):
        return "must name one port from 1 to 65535 for each host, or none"
    if _is_taken(options):
        return None
    if not _is_taken({}):
        return "cannot be used: a variable PG… of the environment has a value that PostgreSQL does not take"
    for name, value in options.items():
        if not _is_taken({name: value}):
            return f"has a value of {name} that PostgreSQL does not take"
    return "has options that PostgreSQL does not take together"


def search_of(url: str) -> dict[str, Any]:
    """Return what a connection is told besides: of several hosts the one that takes writes is looked for."""
    given = conninfo_to_dict(url)
    several = "," in str(given.get("host") or given.get("hostaddr") or "")
    return {"target_session_attrs": "read-write"} if several and "target_session_attrs" not in given else {}


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) <= 65_535


def _is_taken(options: dict[str, Any]) -> bool:
    """Tell whether the library takes options: it looks at them before it looks for a server."""
    if options.get("gssencmode", "require") == "require":
        # It goes over no socket of this machine, which is where we ask.
        options = {**options, "gssencmode": "disable"}
    asked = make_conninfo(**{**options, "host": _NOWHERE, "hostaddr": "", "port": "5432"})
    tried = pq.PGconn.connect_start(asked.encode())
    try:
        return tried.status != pq.ConnStatus.BAD or _SOCKET in tried.error_message
    finally:
        tried.finish()
