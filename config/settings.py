"""The settings by name: their defaults, and what each may be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from config import parse
from config.environment import Environment, resolved
from config.parse import ANY, UNLIMITED
from config.problems import FILL_IN, LOOK_UP, Obstacle, SettingsError, Unfit, misspelt, unknown
from domain.limits import MIB
from domain.model_order import ModelOrder

T = TypeVar("T")

DISCORD_CDNS = "https://cdn.discordapp.com,https://media.discordapp.net"
MODELS = ModelOrder(names=("gpt-image-1-5-edit", "gpt-image-2-edit"))
GENERATE_MODELS = ModelOrder(names=("gpt-image-1-5", "gpt-image-2"))
S3 = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL")
ALLOW_HTTP = "AWS_ALLOW_HTTP"
"""What is handed on to an object store. The rest that AWS knows it reads from the environment by itself."""
_SENDABLE = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can choose. Credits are thousandths, sizes bytes, spans days.

    ``allowed_guilds`` ``None`` is any server; a ceiling of ``None`` is no limit. ``listens``: for
    webhooks, or for whoever asks whether the bot is well. ``database_url`` and ``files_url`` ``None`` are
    SQLite and files in ``data_dir``; ``s3`` is what an object store is told, by the names of the environment.
    ``misspelt``: a sentence for each name of the environment that may be meant for a setting.
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
    database_url: str | None = field(repr=False)
    files_url: str | None
    s3: Mapping[str, str] = field(repr=False)
    copies_limit: int
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
    misspelt: tuple[str, ...]

    @property
    def listens_openly(self) -> bool:
        """Webhooks come from beyond this machine, and nothing that speaks TLS stands before us."""
        plain = self.webhook_url is not None and urlsplit(self.webhook_url).scheme == "http"
        return plain and not parse.is_loopback(self.webhook_host)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no line of a log may hold."""
        aws = [self.s3.get(name) for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
        database = parse.passwords(self.database_url) if self.database_url else ()
        given = (self.discord_token, self.pixeldojo_api_key, self.erasure_secret, *database, *aws)
        return tuple(secret for secret in given if secret)


Look = Callable[[Settings], Mapping[str, Obstacle | None]]
"""Says by name what keeps a setting from being used here, ``None`` where nothing does."""


def load_settings(values: Mapping[str, str], *, look: Look = lambda _: {}) -> Settings:
    """Read settings from names and values; ``look`` says what this machine has against them.

    Raises
    ------
    SettingsError
        Some are missing or wrong: all of them are listed.
    """
    reader = _Reader(values)
    listen = reader.listen()
    settings = Settings(
        discord_token=reader.required("DISCORD_TOKEN"),
        pixeldojo_api_key=reader.required("PIXELDOJO_API_KEY"),
        discord_api_url=reader.get("DISCORD_API_URL", "https://discord.com/api/v10", parse.url),
        discord_cdn_urls=reader.get("DISCORD_CDN_URLS", DISCORD_CDNS, parse.origins),
        pixeldojo_api_url=reader.get("PIXELDOJO_API_URL", "https://pixeldojo.ai/api/v1", parse.url),
        edit_models=reader.optional("PIXELDOJO_MODELS", parse.models) or MODELS,
        generate_models=reader.optional("PIXELDOJO_GENERATE_MODELS", parse.models) or GENERATE_MODELS,
        requests_per_minute=reader.get("PIXELDOJO_REQUESTS_PER_MINUTE", "40", parse.positive),
        submits_per_minute=reader.get("PIXELDOJO_SUBMITS_PER_MINUTE", "10", parse.positive),
        webhook_url=reader.optional("PIXELDOJO_WEBHOOK_URL", parse.url),
        listens=_listens(values),
        webhook_host=listen[0],
        webhook_port=listen[1],
        data_dir=reader.data_dir(),
        database_url=reader.database_url(),
        files_url=reader.files_url(),
        s3=reader.s3(),
        copies_limit=reader.copies_limit(),
        max_jobs_in_flight=reader.get("MAX_JOBS_IN_FLIGHT", "8", parse.positive),
        max_jobs_per_member=reader.get("MAX_JOBS_PER_MEMBER", "3", parse.positive),
        max_waiting_per_member=reader.get("MAX_WAITING_PER_MEMBER", "10", parse.positive),
        member_submits_per_minute=reader.get("MEMBER_SUBMITS_PER_MINUTE", "4", parse.positive),
        allowed_guilds=reader.guilds("ALLOWED_GUILDS"),
        key_ceiling=reader.get("KEY_CREDITS_PER_DAY", "400", parse.ceiling),
        member_ceiling=reader.get("DEFAULT_MEMBER_CREDITS", "200", parse.ceiling),
        server_ceiling=reader.get("DEFAULT_SERVER_CREDITS", UNLIMITED, parse.ceiling),
        account_days=reader.get("ACCOUNT_DAYS", "1", parse.count),
        joined_minutes=reader.get("JOINED_MINUTES", "10", parse.count),
        operator_guild=reader.optional("OPERATOR_GUILD", parse.id_of),
        operator_contact=reader.optional("OPERATOR_CONTACT", parse.line),
        privacy_url=reader.optional("PRIVACY_URL", parse.page),
        erasure_secret=reader.optional("ERASURE_SECRET", parse.secret),
        low_balance=reader.get("LOW_BALANCE_CREDITS", "50", parse.credits_of),
        retention_days=reader.get("RETENTION_DAYS", "30", parse.positive),
        storage_limit=reader.get("STORAGE_LIMIT_MB", "5000", parse.positive) * MIB,
        log_level=reader.get("LOG_LEVEL", "INFO", parse.level),
        misspelt=reader.misspelt(),
    )
    reader.hear(look(settings))
    reader.finish(all_known=True)
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where all that is kept is, with the words of ``Settings``."""

    data_dir: Path
    database_url: str | None = field(repr=False)
    files_url: str | None
    s3: Mapping[str, str] = field(repr=False)
    copies_limit: int
    erasure_secret: str | None = field(repr=False)
    misspelt: tuple[str, ...]


def load_kept(values: Mapping[str, str]) -> Kept:
    """Return all that maintenance needs, whatever else is missing or wrong.

    Raises
    ------
    SettingsError
        Some of it is wrong, or may be meant by a name that is none.
    """
    reader = _Reader(values)
    kept = Kept(
        data_dir=reader.data_dir(),
        database_url=reader.database_url(),
        files_url=reader.files_url(),
        s3=reader.s3(),
        copies_limit=reader.copies_limit(),
        erasure_secret=reader.optional("ERASURE_SECRET", parse.secret),
        misspelt=reader.misspelt(),
    )
    reader.finish()
    return kept


def load_listen(values: Mapping[str, str]) -> tuple[str, int] | None:
    """Return the host and port where a bot with these settings listens; ``None`` if it does not.

    Raises
    ------
    SettingsError
        They are wrong.
    """
    reader = _Reader(values)
    listen = reader.listen()
    reader.finish()
    return listen if _listens(values) else None


def _listens(values: Mapping[str, str]) -> bool:
    return "PIXELDOJO_WEBHOOK_URL" in values or "WEBHOOK_LISTEN" in values


class _Reader:
    """Reads settings one by one and collects what is wrong, so that all of it is said at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values if isinstance(values, Environment) else Environment(values)
        self._known: set[str] = set()
        self.problems: list[str] = [*self._values.unread]
        self._lacks = False
        self._lasting: list[str] = []
        self._passing: list[str] = []

    def finish(self, *, all_known: bool = False) -> None:
        """Raise ``SettingsError`` if anything is wrong, names that may be meant for those asked for among it.

        ``all_known``: no other name than those asked for may stand in the file, where nobody else's do.
        """
        written, missing = sorted(self._values.written), self._known - {*self._values}
        if all_known:
            self.problems += unknown(written, {*self._known, *S3, ALLOW_HTTP}, missing=missing)
        else:
            self.problems += misspelt(written, self._known, missing=missing)
        twice = self._values.twice
        self.problems += [twice[name] for name in twice if all_known or name in self._known]
        if self.problems or self._lasting:
            # What only this machine has against a setting is not mended by reading about it.
            advice = FILL_IN if self._lacks else LOOK_UP if self.problems else ""
            found = [*self.problems, *self._lasting, *self._passing, *self.misspelt()]
            raise SettingsError(found, advice=advice)
        if self._passing:
            raise SettingsError(self._passing, passing=True)

    def misspelt(self) -> tuple[str, ...]:
        """Return a sentence for each name of the environment that may be meant for one that was asked for."""
        given = [name for name in self._values if name not in self._values.written]
        return tuple(misspelt(given, self._known, missing=self._known - {*self._values}))

    def hear(self, obstacles: Mapping[str, Obstacle | None]) -> None:
        """Take note of obstacles, but for settings that are wrong: they have a default that nobody means."""
        wrong = {problem.partition(" ")[0] for problem in self.problems}
        for name, obstacle in obstacles.items():
            if obstacle is not None and name not in wrong:
                (self._passing if obstacle.passing else self._lasting).append(f"{name} {obstacle.why}.")

    def _lack(self, problem: str) -> None:
        self._lacks = True
        self.problems.append(problem)

    def required(self, name: str) -> str:
        self._known.add(name)
        if not (value := self._values.get(name, "")):
            self._lack(f"{name} is missing.")
        elif not _SENDABLE.fullmatch(value):
            # Never with the value: it is a secret, if a mistyped one.
            self.problems.append(
                f"{name} cannot be sent: it holds white space or other characters than ASCII, or is too long."
            )
        return value

    def data_dir(self) -> Path:
        return self.get("DATA_DIR", "data", resolved)

    def database_url(self) -> str | None:
        """Return where PostgreSQL is, ``None`` for SQLite: all who share it need one secret for erasures."""
        url = self.optional("DATABASE_URL", parse.database)
        self._needs("psycopg", extra="postgres", name="DATABASE_URL", needed=url is not None)
        if url is not None and "ERASURE_SECRET" not in self._values:
            self._lack("ERASURE_SECRET is missing: with DATABASE_URL every host needs the same one.")
        return url

    def files_url(self) -> str | None:
        url = self.optional("FILES_URL", parse.files)
        self._needs("obstore", extra="s3", name="FILES_URL", needed=self._on_s3())
        return url

    def s3(self) -> Mapping[str, str]:
        """Return what an object store is told, nothing without one: these names are somebody else's then."""
        if not self._on_s3():
            return {}
        self._known |= {*S3}
        endpoint = self.optional("AWS_ENDPOINT_URL", parse.url) or ""
        allowed = self.get(ALLOW_HTTP, "false", parse.yes)
        if endpoint.startswith("http:") and not allowed:
            self.problems.append(
                "AWS_ENDPOINT_URL is not https: AWS_ALLOW_HTTP=true says that this is meant."
            )
        if ("AWS_ACCESS_KEY_ID" in self._values) != ("AWS_SECRET_ACCESS_KEY" in self._values):
            self.problems.append(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed together, or neither."
            )
        return {name: self._values[name] for name in S3 if name in self._values}

    def copies_limit(self) -> int:
        return self.get("FILES_COPIES_MB", "1000", parse.positive) * MIB

    def _on_s3(self) -> bool:
        return self._values.get("FILES_URL", "").startswith("s3:")

    def _needs(self, module: str, *, extra: str, name: str, needed: bool) -> None:
        if needed and find_spec(module) is None:
            self._lasting.append(f"{name} needs {module}: pip install -c constraints.txt '.[{extra}]'.")

    def listen(self) -> tuple[str, int]:
        return self.get("WEBHOOK_LISTEN", "127.0.0.1:8090", parse.address)

    def guilds(self, name: str) -> frozenset[int] | None:
        """Return the servers that are named, ``None`` for any: whoever leaves it out has chosen neither."""
        self._known.add(name)
        if name not in self._values:
            self._lack(f"{name} is missing: ids of your servers, or {ANY!r}.")
            return None
        return self.optional(name, parse.guilds)

    def get(self, name: str, default: str, read: Callable[[str], T]) -> T:
        self._known.add(name)
        try:
            return self._read(name, read) if name in self._values else read(default)
        except Unfit as error:
            self.problems.append(f"{name} {error}.")
            return read(default)

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        self._known.add(name)
        try:
            return self._read(name, read) if name in self._values else None
        except Unfit as error:
            self.problems.append(f"{name} {error}.")
            return None

    def _read(self, name: str, read: Callable[[str], T]) -> T:
        text = self._values[name]
        if not text.isprintable():
            raise Unfit("holds characters that cannot be shown")
        return read(text)
