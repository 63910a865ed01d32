"""What the application's owner hears when files cannot be stored or read."""

from jobs.delivery.ports import Operator
from storage.files import Unreachable


async def warn_of(error: OSError, operator: Operator) -> None:
    """Tell of a full disk, or of a store that does not answer."""
    if isinstance(error, Unreachable):
        await operator.warn("files_unreachable", problem=error.strerror or "")
    else:
        await operator.warn("storage_full")
