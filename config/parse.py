"""What each setting may be: a text in, a value out, or ``Unfit`` with what it must be.

Python's own words never reach the operator: they are about what it does, and may repeat a secret.
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config.problems import Unfit
from domain.credits import thousandths_of
from domain.model_order import ALL_OTHERS, ModelOrder

ANY, UNLIMITED = "any", "unlimited"
_NO_ADDRESS = set(' \\{}<>"^`|')
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDERS = re.compile(r"(?:/[A-Za-z0-9._-]+)*")
_NUMBER, _SNOWFLAKE = re.compile("[0-9]{1,9}"), re.compile("[0-9]{1,19}")
_LIKE = "must be like postgresql://user:password@host/database"
_ESCAPED = (
    "in a user or a password @ is written %40, / %2F, # %23, ? %3F, : %3A, % %25, [ %5B, ] %5D, space %20"
)
_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})|%00")
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:]*)(?::(?P<port>[^:]*))?")
_SHOWN = 60
"""Characters of a wrong value that are repeated."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def positive(text: str) -> int:
    """Read a whole number above 0."""
    if not _NUMBER.fullmatch(text) or int(text) == 0:
        raise Unfit(f"must be a whole number from 1 to 999999999, not {_shown(text)}")
    return int(text)


def secret(text: str) -> str:
    """Take what nobody can guess."""
    if len(text) < 32:
        # Never with the value.
        raise Unfit("must be 32 characters at least, that nobody can guess")
    return text


def line(text: str) -> str:
    """Take a line that can be printed."""
    if len(text) > 200:
        raise Unfit("must be a line of at most 200 characters")
    return text


def count(text: str) -> int:
    """Read a whole number, 0 among them."""
    try:
        return 0 if text == "0" else positive(text)
    except Unfit:
        raise Unfit(f"must be a whole number from 0 to 999999999, not {_shown(text)}") from None


def ceiling(text: str) -> int | None:
    """Read thousandths of credits; ``None`` is no limit."""
    return None if text.lower() == UNLIMITED else credits_of(text, or_else=f"{UNLIMITED}, or ")


def credits_of(text: str, *, or_else: str = "") -> int:
    """Read thousandths of credits; ``or_else`` is named as what may stand there too."""
    try:
        value = thousandths_of(text)
    except ValueError:
        value = -1
    if not 0 <= value < 10**15:
        raise Unfit(f"must be {or_else}a number of credits from 0 to 999999999999, not {_shown(text)}")
    return value


def url(text: str) -> str:
    """Check an http or https address; a slash at its end goes."""
    if not text.isascii() or set(text) & _NO_ADDRESS:
        raise Unfit("cannot be sent: it holds white space, or characters that stand in no address")
    nowhere = "must be an address whose host and port there can be"
    parts = _parts(text, nowhere)
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise Unfit("must be an http or https address without a user name")
    if not _is_host(parts.hostname or ""):
        raise Unfit(nowhere)
    if set(text) & {"?", "#"}:
        raise Unfit("must be an address without a query and a fragment")
    return text.rstrip("/")


def page(text: str) -> str:
    """Check an address that members are shown."""
    if len(text) > 2_000:
        # Of the message's 4,000 the words around it take some 1,100.
        raise Unfit("must be an address of at most 2,000 characters")
    return url(text)


def _is_host(name: str) -> bool:
    # What no resolver takes fails in some library, far from here.
    labels = name.removesuffix(".").split(".")
    return _HOST.fullmatch(name) is not None and all(0 < len(label) < 64 for label in labels)


def origins(text: str) -> tuple[str, ...]:
    """Read addresses without a path."""
    origins = tuple(url(part) for part in _names(text))
    if any(urlsplit(origin).path for origin in origins):
        raise Unfit("must be origins like https://cdn.example.com, without a path")
    return origins


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise Unfit("must name at least one, separated by commas")
    return names


def models(text: str) -> ModelOrder:
    """Read names of models in order of preference."""
    names = _names(text)
    if ALL_OTHERS in names[:-1]:
        raise Unfit(f"may have {ALL_OTHERS} at its end only")
    chosen = tuple(dict.fromkeys(name for name in names if name != ALL_OTHERS))
    return ModelOrder(names=chosen, by_operator=True, all_others=names[-1] == ALL_OTHERS)


def guilds(text: str) -> frozenset[int] | None:
    """Read ids of servers; ``None`` is any."""
    return None if text.lower() == ANY else frozenset(map(id_of, _names(text)))


def id_of(text: str) -> int:
    """Read one id."""
    if not _SNOWFLAKE.fullmatch(text) or not 0 < int(text) < 2**63:
        raise Unfit(f"must be ids of servers (right-click one, Copy Server ID), not {_shown(text)}")
    return int(text)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine for certain."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def address(text: str) -> tuple[str, int]:
    """Read where to listen: a host and a port."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not _is_host(host) or not _NUMBER.fullmatch(port) or not 0 < int(port) <= 65_535:
        # At port 0 it would listen where nobody knows.
        raise Unfit(f"must be host:port with a port from 1 to 65535, not {_shown(text)}")
    return host, int(port)


def level(text: str) -> str:
    """Read how much is logged."""
    if text.upper() not in _LEVELS:
        raise Unfit(f"must be one of {', '.join(_LEVELS)}, not {_shown(text)}")
    return text.upper()


def database(text: str) -> str:
    """Check the address of a PostgreSQL database. What it says of a wrong one never holds a part of it."""
    scheme, _, rest = text.partition("://")
    where, _, options = rest.partition("?")
    place, _, name = where.partition("/")
    credentials, _, hosts = place.rpartition("@")
    if scheme not in {"postgresql", "postgres"}:
        raise Unfit(_LIKE)
    if not text.isascii() or " " in text:
        raise Unfit(f"must be an address without white space (%20 stands for a space): {_ESCAPED}")
    # Where an @, a / or a # of a password stands as it is, a part of it would be taken for the host.
    if rest.count("@") > place.count("@") or "#" in text or set(credentials) & {*"@[]"}:
        raise Unfit(f"has a character that means something else there: {_ESCAPED}")
    if _NO_ESCAPE.search(text):
        raise Unfit(f"has a % without two hexadecimal digits behind it: {_ESCAPED}")
    _check_hosts(hosts)
    if not name.strip("/"):
        raise Unfit(_LIKE)
    if options and any(part.count("=") != 1 for part in options.split("&")):
        raise Unfit("must have name=value behind its ?, with & between two of them")
    return text


def _check_hosts(hosts: str) -> None:
    for host in hosts.split(","):
        if (found := _HOST_AND_PORT.fullmatch(host)) is None:
            raise Unfit(f"must name hosts like db.example.com or db.example.com:5432: {_ESCAPED}")
        if (port := found["port"]) and not (_NUMBER.fullmatch(port) and 0 < int(port) <= 65_535):
            raise Unfit("must name a port from 1 to 65535, or none")


def passwords(address: str) -> tuple[str, ...]:
    """Return what of a database's address is secret: in both spellings, and all of it."""
    parts = urlsplit(address)
    written = parts.netloc.rpartition("@")[0].partition(":")[2]
    asked = [value for name, value in parse_qsl(parts.query) if "password" in name]
    return (address, *(each for each in (written, unquote(written), *asked) if len(each) > 3))


def files(text: str) -> str:
    """Check where files are kept: a bucket with a folder, or a folder of this machine."""
    problem = "must be like s3://bucket/folder or file:///srv/darkroom"
    parts = _parts(text, problem)
    path = parts.path.rstrip("/")
    bucket = parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc) and _FOLDERS.fullmatch(path)
    folder = parts.scheme == "file" and not parts.netloc and path
    if not (bucket or folder) or set(text) & {"?", "#"} or {".", ".."} & {*path.split("/")}:
        raise Unfit(problem)
    return text.rstrip("/")


def yes(text: str) -> bool:
    """Read a yes or a no."""
    if text.lower() not in {"true", "false"}:
        raise Unfit("must be true or false")
    return text.lower() == "true"


def _parts(text: str, problem: str) -> SplitResult:
    if not text.isascii() or " " in text:
        raise Unfit(problem)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Unfit(problem) from None
    if port == 0:
        raise Unfit(problem)
    return parts


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
