"""What each kind of value may be: a text of the settings in, what is meant by it out.

Each raises ``Unfit`` with what the operator reads behind the setting's name, without a stop.
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from config.problems import Unfit
from domain.credits import thousandths_of
from domain.model_order import ALL_OTHERS, ModelOrder

ANY, UNLIMITED = "any", "unlimited"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_NO_ADDRESS = set(' \\{}<>"^`|')
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_NUMBER, _SNOWFLAKE = re.compile(r"[0-9]{1,9}"), re.compile(r"[0-9]{1,19}")
_SHOWN = 60
"""Characters of a wrong value that are repeated."""


def positive(text: str) -> int:
    """Return a whole number above 0, below 10⁹."""
    if not _NUMBER.fullmatch(text) or int(text) == 0:
        raise Unfit(f"must be a whole number above 0, not {_shown(text)}")
    return int(text)


def count(text: str) -> int:
    """Return a whole number, 0 among them."""
    return 0 if text == "0" else positive(text)


def secret(text: str) -> str:
    """Return what nobody is to guess; it is never repeated."""
    if len(text) < 32:
        raise Unfit("must be 32 characters at least, that nobody can guess")
    return text


def line(text: str) -> str:
    """Return a line that members read."""
    if len(text) > 200:
        raise Unfit("must be a line of at most 200 characters")
    return text


def ceiling(text: str) -> int | None:
    """Return thousandths of credits, ``None`` for no limit."""
    return None if text.lower() == UNLIMITED else credit_number(text)


def credit_number(text: str) -> int:
    """Return thousandths of credits."""
    try:
        value = thousandths_of(text)
    except ValueError:
        value = -1
    if not 0 <= value < 10**15:
        raise Unfit(f"must be a number of credits, not {_shown(text)}")
    return value


def url(text: str) -> str:
    """Return an address without a slash at its end."""
    if not text.isascii() or set(text) & _NO_ADDRESS:
        raise Unfit("cannot be sent: it holds white space, or characters that stand in no address")
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not _is_host(parts.hostname or "") or "@" in parts.netloc:
        raise Unfit("must be an http or https address without a user name")
    if set(text) & {"?", "#"}:
        raise Unfit("must be an address without a query and a fragment")
    return text.rstrip("/")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        if parts.port != 0:
            return parts
    except ValueError:
        # Python's own words are about what it does.
        pass
    raise Unfit("must be an address whose host and port there can be")


def _is_host(name: str) -> bool:
    # What no resolver takes fails in some library, far from here.
    labels = name.removesuffix(".").split(".")
    return _HOST.fullmatch(name) is not None and all(0 < len(label) < 64 for label in labels)


def origins(text: str) -> tuple[str, ...]:
    """Return addresses without a path."""
    found = tuple(url(part) for part in _names(text))
    if any(urlsplit(origin).path for origin in found):
        raise Unfit("must be origins like https://cdn.example.com, without a path")
    return found


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise Unfit("must name at least one, separated by commas")
    return names


def models(text: str) -> ModelOrder:
    """Return models in order of preference."""
    names = _names(text)
    if ALL_OTHERS in names[:-1]:
        raise Unfit(f"may have {ALL_OTHERS} at its end only")
    chosen = tuple(dict.fromkeys(name for name in names if name != ALL_OTHERS))
    return ModelOrder(names=chosen, by_operator=True, all_others=names[-1] == ALL_OTHERS)


def guilds(text: str) -> frozenset[int] | None:
    """Return ids of servers, ``None`` for any."""
    return None if text.lower() == ANY else frozenset(map(guild, _names(text)))


def guild(text: str) -> int:
    """Return the id of a server."""
    if not _SNOWFLAKE.fullmatch(text) or not 0 < int(text) < 2**63:
        raise Unfit(f"must be ids of servers (right-click one, Copy Server ID), not {_shown(text)}")
    return int(text)


def address(text: str) -> tuple[str, int]:
    """Return the host and port to listen at."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not _is_host(host) or not _NUMBER.fullmatch(port) or int(port) > 65_535:
        raise Unfit(f"must be host:port, not {_shown(text)}")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def level(text: str) -> str:
    """Return how much is logged."""
    if text.upper() not in LEVELS:
        raise Unfit(f"must be one of {', '.join(LEVELS)}, not {_shown(text)}")
    return text.upper()


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
