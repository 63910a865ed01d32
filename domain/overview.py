"""What is open, for the operator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.blocks import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Open jobs by status and by server, most first, what they hold, and what the key used within 24 hours.

    Credits are thousandths; ``limit`` ``None`` is no limit. ``blocks`` are those that count everywhere.
    """

    statuses: Mapping[str, int]
    servers: Mapping[int, int]
    members: int
    held: int
    used: int
    limit: int | None
    blocks: Sequence[Block]
