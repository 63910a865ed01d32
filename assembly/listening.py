"""Listening while the bot runs: for webhooks, and for whoever asks whether it is well."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from adapters.webhook import WebhookListener
from config.problems import SettingsError
from config.settings import Settings

Poked = Callable[[str, bytes], Awaitable[bool]]


@asynccontextmanager
async def listening(settings: Settings, *, poked: Poked, healthy: Callable[[], bool]) -> AsyncGenerator[None]:
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
        poked=poked,
        healthy=healthy,
    )
    try:
        await listener.start()
    except (OSError, UnicodeError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SettingsError([f"WEBHOOK_LISTEN cannot be used: {cause}."]) from error
    try:
        yield
    finally:
        await listener.close()
