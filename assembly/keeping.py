"""The files that are kept, by what the settings say of them."""

import logging
from collections.abc import Awaitable, Callable

from config.settings import Settings
from storage.answering import answered
from storage.database import Database
from storage.erasure_record import ErasureRecord
from storage.files import Files, Unreachable
from storage.kept import erasures_at, files_at
from storage.place import require_place, require_unnamed

log = logging.getLogger(__name__)


def kept_files(settings: Settings) -> Files:
    """Return the files that this process and its like keep.

    Raises
    ------
    Unusable
        What an object store is told makes no sense.
    """
    return files_at(
        settings.files_url,
        settings.data_dir,
        alone=settings.database_url is None,
        named=settings.database_url is not None,
        s3=settings.s3,
        copies=settings.copies_limit,
    )


def kept_erasures(settings: Settings) -> ErasureRecord:
    """Return the record of erasures beside them.

    Raises
    ------
    Unusable
        What an object store is told makes no sense.
    """
    return erasures_at(
        settings.files_url, settings.data_dir, named=settings.database_url is not None, s3=settings.s3
    )


async def require_shared_files(settings: Settings, database: Database, *, decides: bool) -> bool:
    """Make sure that they are those of the other hosts; ``False`` if their store does not answer.

    ``decides``: no other process works.

    Raises
    ------
    Unusable
        They are not.
    """
    return await require_place(database, kept_files(settings), where=_where(settings), decides=decides)


async def require_unnamed_files(settings: Settings, *, still_fresh: Callable[[], Awaitable[bool]]) -> None:
    """Make sure that they are no database's, before one without tables gets its own.

    Raises
    ------
    Unusable
        They are, or that cannot be told.
    """
    await require_unnamed(kept_files(settings), where=_where(settings), still_fresh=still_fresh)


async def look_at_files(files: Files) -> None:
    """Say so if the store of the files does not answer, or refuses."""
    try:
        await answered(files.place)
    except Unreachable as error:
        log.error("%s Jobs wait for it.", error.strerror)  # noqa: TRY400 - all is in the sentence


def _where(settings: Settings) -> str:
    return settings.files_url or f"DATA_DIR {settings.data_dir}"
