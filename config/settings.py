"""The settings by name: their defaults, and what each may be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from config.environment import resolved
from config.problems import SettingsError, misspelt
from domain.credits import thousandths_of
from domain.limits import MIB
from domain.model_order import ALL_OTHERS, ModelOrder

T = TypeVar("T")

DISCORD_CDNS = "https://cdn.discordapp.com,https://media.discordapp.net"
MODELS = ModelOrder(names=("gpt-image-1-5-edit", "gpt-image-2-edit"))
GENERATE_MODELS = ModelOrder(names=("gpt-image-1-5", "gpt-image-2"))
ANY, UNLIMITED = "any", "unlimited"
_SENDABLE = re.compile(r"[\x21-\x7e]{1,200}")
_NO_ADDRESS = set(' \\{}<>"^`|')
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can choose. Credits are thousandths, sizes bytes, spans days.

    ``allowed_guilds`` ``None`` is any server; a ceiling of ``None`` is no limit. ``listens``: for
    webhooks, or for whoever asks whether the bot is well.
    """

    discord_token: str = field(repr=False)
    pixeldojo_api_key: str = field(repr=False)
    discord_api_url: str
    discord_cdn_urls: tuple[str, ...]
    pixeldojo_api_url: str
    edit_models: ModelOrder
    generate_models: ModelOrder
    requests_per_minute: int
    submits_per_minute: int
    webhook_url: str | None
    listens: bool
    webhook_host: str
    webhook_port: int
    data_dir: Path
    max_jobs_in_flight: int
    max_jobs_per_member: int
    max_waiting_per_member: int
    member_submits_per_minute: int
    allowed_guilds: frozenset[int] | None
    key_ceiling: int | None
    member_ceiling: int | None
    server_ceiling: int | None
    account_days: int
    joined_minutes: int
    operator_guild: int | None
    operator_contact: str | None
    privacy_url: str | None
    erasure_secret: str | None = field(repr=False)
    low_balance: int
    retention_days: int
    storage_limit: int
    log_level: str

    @property
    def listens_openly(self) -> bool:
        """Webhooks come from beyond this machine, and nothing that speaks TLS stands before us."""
        plain = self.webhook_url is not None and urlsplit(self.webhook_url).scheme == "http"
        return plain and not _is_loopback(self.webhook_host)


def load_settings(values: Mapping[str, str]) -> Settings:
    """Read settings from names and values.

    Raises
    ------
    SettingsError
        Some are missing or wrong: all of them are listed.
    """
    reader = _Reader(values)
    listen = reader.get("WEBHOOK_LISTEN", "127.0.0.1:8090", _address)
    settings = Settings(
        discord_token=reader.required("DISCORD_TOKEN"),
        pixeldojo_api_key=reader.required("PIXELDOJO_API_KEY"),
        discord_api_url=reader.get("DISCORD_API_URL", "https://discord.com/api/v10", _url),
        discord_cdn_urls=reader.get("DISCORD_CDN_URLS", DISCORD_CDNS, _origins),
        pixeldojo_api_url=reader.get("PIXELDOJO_API_URL", "https://pixeldojo.ai/api/v1", _url),
        edit_models=reader.optional("PIXELDOJO_MODELS", _models) or MODELS,
        generate_models=reader.optional("PIXELDOJO_GENERATE_MODELS", _models) or GENERATE_MODELS,
        requests_per_minute=reader.get("PIXELDOJO_REQUESTS_PER_MINUTE", "40", _positive),
        submits_per_minute=reader.get("PIXELDOJO_SUBMITS_PER_MINUTE", "10", _positive),
        webhook_url=reader.optional("PIXELDOJO_WEBHOOK_URL", _url),
        listens="PIXELDOJO_WEBHOOK_URL" in values or "WEBHOOK_LISTEN" in values,
        webhook_host=listen[0],
        webhook_port=listen[1],
        data_dir=reader.data_dir(),
        max_jobs_in_flight=reader.get("MAX_JOBS_IN_FLIGHT", "8", _positive),
        max_jobs_per_member=reader.get("MAX_JOBS_PER_MEMBER", "3", _positive),
        max_waiting_per_member=reader.get("MAX_WAITING_PER_MEMBER", "10", _positive),
        member_submits_per_minute=reader.get("MEMBER_SUBMITS_PER_MINUTE", "4", _positive),
        allowed_guilds=reader.guilds("ALLOWED_GUILDS"),
        key_ceiling=reader.get("KEY_CREDITS_PER_DAY", "400", _ceiling),
        member_ceiling=reader.get("DEFAULT_MEMBER_CREDITS", "200", _ceiling),
        server_ceiling=reader.get("DEFAULT_SERVER_CREDITS", UNLIMITED, _ceiling),
        account_days=reader.get("ACCOUNT_DAYS", "1", _count),
        joined_minutes=reader.get("JOINED_MINUTES", "10", _count),
        operator_guild=reader.optional("OPERATOR_GUILD", _id),
        operator_contact=reader.optional("OPERATOR_CONTACT", _line),
        privacy_url=reader.optional("PRIVACY_URL", _url),
        erasure_secret=reader.optional("ERASURE_SECRET", _secret),
        low_balance=reader.get("LOW_BALANCE_CREDITS", "50", _credits),
        retention_days=reader.get("RETENTION_DAYS", "30", _positive),
        storage_limit=reader.get("STORAGE_LIMIT_MB", "5000", _positive) * MIB,
        log_level=reader.get("LOG_LEVEL", "INFO", _level),
    )
    reader.finish()
    return settings


def load_data_dir(values: Mapping[str, str]) -> Path:
    """Return the data directory: all that maintenance needs, whatever else is missing or wrong.

    Raises
    ------
    SettingsError
        It is wrong, or may be meant by a name that is none.
    """
    reader = _Reader(values)
    data_dir = reader.data_dir()
    reader.finish()
    return data_dir


class _Reader:
    """Reads settings one by one and collects what is wrong, so that all of it is said at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._known: set[str] = set()
        self.problems: list[str] = []

    def finish(self) -> None:
        """Raise ``SettingsError`` if anything is wrong, names that are near to those asked for among it."""
        self.problems += misspelt(self._values, self._known)
        if self.problems:
            raise SettingsError(self.problems)

    def required(self, name: str) -> str:
        self._known.add(name)
        if not (value := self._values.get(name, "")):
            self.problems.append(f"{name} is missing.")
        elif not _SENDABLE.fullmatch(value):
            # Never with the value: it is a secret, if a mistyped one.
            self.problems.append(
                f"{name} cannot be sent: it holds white space or other characters than ASCII, or is too long."
            )
        return value

    def data_dir(self) -> Path:
        return self.get("DATA_DIR", "data", resolved)

    def guilds(self, name: str) -> frozenset[int] | None:
        """Return the servers that are named, ``None`` for any: whoever leaves it out has chosen neither."""
        self._known.add(name)
        if name not in self._values:
            self.problems.append(f"{name} is missing: ids of your servers, or {ANY!r}.")
            return None
        return self.optional(name, _guilds)

    def get(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        self._known.add(name)
        try:
            return parse(self._values.get(name, default))
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return parse(default)

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        self._known.add(name)
        try:
            return parse(self._values[name]) if name in self._values else None
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise ValueError(f"must be a whole number above 0, not {text!r}")
    return int(text)


def _secret(text: str) -> str:
    if len(text) < 32:
        # Never with the value.
        raise ValueError("must be 32 characters at least, that nobody can guess")
    return text


def _line(text: str) -> str:
    if not text.isprintable() or len(text) > 200:
        raise ValueError("must be a line of at most 200 characters")
    return text


def _count(text: str) -> int:
    return 0 if text == "0" else _positive(text)


def _ceiling(text: str) -> int | None:
    return None if text.lower() == UNLIMITED else _credits(text)


def _credits(text: str) -> int:
    try:
        value = thousandths_of(text)
    except ValueError:
        value = -1
    if not 0 <= value < 10**15:
        raise ValueError(f"must be a number of credits, not {text!r}")
    return value


def _url(text: str) -> str:
    if not text.isascii() or not text.isprintable() or set(text) & _NO_ADDRESS:
        raise ValueError("cannot be sent: it holds white space, or characters that stand in no address")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not _is_host(parts.hostname or "") or "@" in parts.netloc:
        raise ValueError("must be an http or https address without a user name")
    if set(text) & {"?", "#"}:
        raise ValueError("must be an address without a query and a fragment")
    if parts.port == 0:  # or a ValueError that says what is wrong with it
        raise ValueError("must name a port that there is")
    return text.rstrip("/")


def _is_host(name: str) -> bool:
    # What no resolver takes fails in some library, far from here.
    labels = name.removesuffix(".").split(".")
    return _HOST.fullmatch(name) is not None and all(0 < len(label) < 64 for label in labels)


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(_url(part) for part in _names(text))
    if any(urlsplit(origin).path for origin in origins):
        raise ValueError("must be origins like https://cdn.example.com, without a path")
    return origins


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise ValueError("must name at least one, separated by commas")
    return names


def _models(text: str) -> ModelOrder:
    names = _names(text)
    if ALL_OTHERS in names[:-1]:
        raise ValueError(f"may have {ALL_OTHERS} at its end only")
    chosen = tuple(dict.fromkeys(name for name in names if name != ALL_OTHERS))
    return ModelOrder(names=chosen, by_operator=True, all_others=names[-1] == ALL_OTHERS)


def _guilds(text: str) -> frozenset[int] | None:
    return None if text.lower() == ANY else frozenset(map(_id, _names(text)))


def _id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) < 2**63:
        raise ValueError(f"must be ids of servers (right-click one, Copy Server ID), not {text!r}")
    return int(text)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"must be host:port, not {text!r}")
    return host.strip("[]"), int(port)


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}, not {text!r}")
    return text.upper()
