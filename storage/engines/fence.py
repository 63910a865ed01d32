"""What keeps a process from writing whose leases are over: on PostgreSQL every transaction asks first."""

from collections.abc import Callable
from dataclasses import dataclass

TRY_AGAIN = 75
"""Exit status of a process whose leases are over, or whose database is away (``EX_TEMPFAIL``)."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What a transaction must find: ``statement`` yields ``true`` while the leases are held.

    It goes along with BEGIN. Where it yields anything else, ``lost`` is called, which ends the process before
    long, and the transaction raises ``LeaseLost``.
    """

    statement: str
    lost: Callable[[], None]
