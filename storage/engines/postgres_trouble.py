"""What PostgreSQL refuses, as one sentence, and whether another start may mend it.

By the code of the error, not by psycopg's class for it: whatever is not known to last goes by. What is said
while a connection is made has no code, only words.
"""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict

from storage.errors import Away, NotLetIn, Unusable

LASTING = frozenset({"22", "23", "3F", "42"})
"""Classes of codes: tables, rights and values are not what they must be, whichever server says so."""
NO_LOGIN = frozenset({"28000", "28P01"})
READ_ONLY = "25006"
_NOT_LET_IN = re.compile(
    r"authentication failed|no password supplied|pg_hba\.conf|role \".*\" (does not exist|is not permitted)"
)
"""What is said of a login that is refused; no code comes with it. In other languages: ``Away``."""
_SEARCHED = "session is read-only"
"""What psycopg's library says of a host where it looked for one that takes writes."""
_TRIED = "- host: "
"""How psycopg begins the line of each host where it asked for more than one."""
_SECRET = 4
"""Characters of a password that is taken out: a shorter one is in half of all words."""


def unusable(error: psycopg.Error, url: str) -> Unusable:
    """Say in a sentence what PostgreSQL said, without the password."""
    said = _said(error, url)
    if _is_login(error, said):
        return NotLetIn(
            f"The database does not let this program in: {said}. Correct the address or its server."
        )
    if _SEARCHED in said:
        return is_replica(url)
    if error.sqlstate == READ_ONLY:
        return Away(f"{_hosts(url)} takes no writes just now: it is a replica, or was made read-only.")
    if _lasts(error):
        return Unusable(f"The database cannot be used: {said}.")
    return Away(f"The database cannot be used just now: {said}.")


def is_replica(url: str) -> Away:
    """Return what is raised where a server copies another one, and may take its place in a moment."""
    return Away(f"{_hosts(url)} is a replica that takes no writes yet.")


def _is_login(error: psycopg.Error, said: str) -> bool:
    if error.sqlstate is not None:
        return error.sqlstate in NO_LOGIN
    # Of several hosts one that is away may be the one that lets us in.
    tried = [line for line in str(error).splitlines() if line.startswith(_TRIED)]
    return isinstance(error, psycopg.OperationalError) and all(
        _NOT_LET_IN.search(each) for each in tried or [said]
    )


def _lasts(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        # An address that cannot be read, or a mistake of ours.
        return isinstance(error, psycopg.ProgrammingError)
    return error.sqlstate[:2] in LASTING


def _said(error: psycopg.Error, url: str) -> str:
    try:
        password = str(conninfo_to_dict(url).get("password") or "")
    except psycopg.Error:
        # It would be in what is said of an address that cannot be read.
        return "its address cannot be read"
    text = (
        (error.diag.message_primary or str(error) or type(error).__name__).splitlines()[0].strip().rstrip(".")
    )
    return text.replace(password, "…") if len(password) >= _SECRET else text


def _hosts(url: str) -> str:
    try:
        return str(conninfo_to_dict(url).get("host") or "The database")
    except psycopg.Error:
        return "The database"
