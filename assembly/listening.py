"""Listening while the process runs: for webhooks, and for whoever asks what it does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from adapters.duty import Duty
from adapters.webhook import WebhookListener
from config.problems import SettingsError
from config.settings import Settings


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
    except (OSError, UnicodeError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SettingsError([f"WEBHOOK_LISTEN cannot be used: {cause}."]) from error
    try:
        yield
    finally:
        await listener.close()
