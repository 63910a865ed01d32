"""What the application's owner hears, and a member, when something cannot be stored or read."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from domain.errors import Reason, Refusal
from jobs.delivery.ports import Operator
from jobs.tasks import Tasks
from storage.errors import LeaseLost, StorageError
from storage.files import Unreachable


class Storing:
    """Tells of a database that cannot be used, of a store that does not answer, of a full disk."""

    def __init__(self, *, operator: Operator, tasks: Tasks) -> None:
        self._operator = operator
        self._tasks = tasks

    def refused(self, error: OSError | StorageError) -> Refusal:
        """Return what the member is told at once, while the owner is told."""
        self._tasks.spawn("telling of what cannot be stored", self.warn_of(error))
        return Refusal(Reason.STORAGE_FULL)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[None]:
        """Read what is kept; a store that does not answer is waited for, while the owner is told.

        Raises
        ------
        Unreachable
            It does not answer.
        Refusal
            What is kept cannot be read.
        """
        try:
            yield
        except Unreachable as error:
            await self.warn_of(error)
            raise
        except OSError as error:
            raise self.refused(error) from error

    async def warn_of(self, error: OSError | StorageError) -> None:
        """Tell the owner."""
        if isinstance(error, LeaseLost):
            # Nothing is wrong: another process works.
            return
        if isinstance(error, StorageError):
            await self._operator.warn("database_unusable", problem=str(error))
        elif isinstance(error, Unreachable):
            await self._operator.warn("files_unreachable", problem=error.strerror or "")
        else:
            await self._operator.warn("storage_full")
