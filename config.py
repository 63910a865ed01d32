"""Settings from the environment and from ``.env``: read once, checked whole, passed on by keyword."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values

from domain.credits import thousandths_of
from domain.limits import MIB
from domain.model_order import ALL_OTHERS, ModelOrder

T = TypeVar("T")

DISCORD_CDNS = "https://cdn.discordapp.com,https://media.discordapp.net"
MODELS = ModelOrder(names=("gpt-image-1-5-edit", "gpt-image-2-edit"))
GENERATE_MODELS = ModelOrder(names=("gpt-image-1-5", "gpt-image-2"))
ANY, UNLIMITED = "any", "unlimited"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """Settings are missing or wrong; ``problems`` holds one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can choose. Credits are thousandths, sizes bytes, spans days.

    ``allowed_guilds`` ``None`` is any server; a ceiling of ``None`` is no limit.
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
    low_balance: int
    retention_days: int
    storage_limit: int
    log_level: str


def read_environment(dotenv: Path = Path(".env")) -> dict[str, str]:
    """Return the environment over what ``.env`` says; empty values count as unset."""
    values = {**dotenv_values(dotenv), **os.environ}
    return {name: value.strip() for name, value in values.items() if value and value.strip()}


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
        webhook_host=listen[0],
        webhook_port=listen[1],
        data_dir=reader.get("DATA_DIR", "data", Path),
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
        low_balance=reader.get("LOW_BALANCE_CREDITS", "50", _credits),
        retention_days=reader.get("RETENTION_DAYS", "30", _positive),
        storage_limit=reader.get("STORAGE_LIMIT_MB", "5000", _positive) * MIB,
        log_level=reader.get("LOG_LEVEL", "INFO", _level),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


class _Reader:
    """Reads settings one by one and collects what is wrong, so that all of it is said at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def required(self, name: str) -> str:
        if not (value := self._values.get(name, "")):
            self.problems.append(f"{name} is missing.")
        elif any(character.isspace() or not character.isprintable() for character in value):
            # Never with the value: it is a secret, if a mistyped one.
            self.problems.append(f"{name} holds white space or unprintable characters.")
        return value

    def guilds(self, name: str) -> frozenset[int] | None:
        """Return the servers that are named, ``None`` for any: whoever leaves it out has chosen neither."""
        if name not in self._values:
            self.problems.append(f"{name} is missing: ids of your servers, or {ANY!r}.")
            return None
        return self.optional(name, _guilds)

    def get(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(self._values.get(name, default))
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return parse(default)

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(self._values[name]) if name in self._values else None
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise ValueError(f"must be a whole number above 0, not {text!r}")
    return int(text)


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
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise ValueError("must be an http or https address without a query or a user name")
    _ = parts.port  # raises ValueError when it is not a number
    return text.rstrip("/")


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


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"must be host:port, not {text!r}")
    return host.strip("[]"), int(port)


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}, not {text!r}")
    return text.upper()


NOISY = {"discord": logging.INFO, "discord.http": logging.WARNING, "aiosqlite": logging.WARNING}
"""The least that other people's loggers may say: below it they print addresses, payloads and arguments."""


class _Redacted(logging.Formatter):
    """Takes our secrets out of whatever is logged: the last line of defence, not the first."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "…")
        return line


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, one line an event, without secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacted((settings.discord_token, settings.pixeldojo_api_key)))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name, least in NOISY.items():
        chosen = logging.getLevelNamesMapping()[settings.log_level]
        logging.getLogger(name).setLevel(max(least, chosen))
