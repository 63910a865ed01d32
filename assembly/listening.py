"""Listening while the process runs: for webhooks, and for whoever asks what it does."""

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from urllib.parse import urlsplit

from adapters.duty import Duty
from adapters.webhook import WebhookListener
from config.problems import Obstacle, SettingsError
from config.settings import Settings
from storage.engines.lock import unusable
from storage.errors import LASTING


@asynccontextmanager
async def listening(settings: Settings, duty: Duty) -> AsyncGenerator[None]:
    """Listen where the settings say so, until the block ends.

    Raises
    ------
    SettingsError
        The address cannot be listened at.
    """
    if not settings.listens:
        yield
        return
    listener = WebhookListener(
        host=settings.webhook_host,
        port=settings.webhook_port,
        path=None if settings.webhook_url is None else urlsplit(settings.webhook_url).path,
        duty=duty,
    )
    try:
        await listener.start()
    except OSError as error:
        raise SettingsError(
            [f"WEBHOOK_LISTEN cannot be used: {_cause(error)}."], passing=_goes_by(error)
        ) from error
    try:
        yield
    finally:
        await listener.close()


def obstacles(settings: Settings) -> dict[str, Obstacle | None]:
    """Say by name what on this machine keeps a setting from being used, before anything is done."""
    data = unusable(settings.data_dir)
    return {
        "DATA_DIR": Obstacle(*data) if data else None,
        "DATABASE_URL": _unusable_database(settings.database_url) if settings.database_url else None,
        "WEBHOOK_LISTEN": _unusable_address(settings) if settings.listens else None,
    }


def _unusable_database(url: str) -> Obstacle | None:
    if find_spec("psycopg") is None:
        # That is said already.
        return None
    # Its driver is there only where it is asked for.
    from storage.engines.postgres_address import trouble_of  # noqa: PLC0415

    why = trouble_of(url)
    return Obstacle(why, passing=False) if why else None


def _unusable_address(settings: Settings) -> Obstacle | None:
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            settings.webhook_host, settings.webhook_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                tried.bind(address)
    except OSError as error:
        return Obstacle(f"cannot be used: {_cause(error)}", passing=_goes_by(error))
    return None


def _goes_by(error: OSError) -> bool:
    """Tell whether a port may be free, or a name be found, at another start."""
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    return error.errno not in LASTING


def _cause(error: OSError) -> str:
    # asyncio writes sentences of its own over the system's.
    if error.errno is None or error.errno < 0:
        return str(error.strerror or error)
    return os.strerror(error.errno)
