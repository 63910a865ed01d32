"""What the world of a run is like, and what its members ask for."""

from dataclasses import dataclass

FIRST, FAILING, LARGE = "first: a paper boat", "failing: a glass fish", "large: a tin moon"
"""Prompts of the three commands: the second fails at the provider, the third makes too large files."""
ROUNDS = ", once again: "
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How a lost answer can be found again, and what becomes of large results.

    The first is decided by ``webhooks`` (without them the bot asks) and ``list_shape`` (the provider's job
    list). The large job makes ``large_count`` results of ``large_bytes``: beyond ``upload_limit`` they are
    re-encoded, beyond 25 MiB in all they are spread over two messages. Between one bot and the next
    ``pause`` seconds pass at Discord. ``hurry``: see ``killed.py``.
    """

    name: str
    webhooks: bool = True
    list_shape: str = "jobs"
    large_bytes: int = 300_000
    large_count: int = 2
    upload_limit: int | None = 200_000
    pause: float = 0.0
    hurry: float = 1.0

    @property
    def names_lost_jobs(self) -> bool:
        """Whether an unknown job that the provider took can be found again."""
        return self.webhooks or self.list_shape == "jobs"


def prompt_of(kind: str, nth: int) -> str:
    """Return the prompt of one of the three in the ``nth`` round of wishes, from 1."""
    return kind if nth == 1 else f"{kind}{ROUNDS}{nth}"


def kind_of(prompt: str) -> str:
    """Return which of the three a prompt is."""
    return prompt.partition(ROUNDS)[0]


MODES = {
    mode.name: mode
    for mode in (
        Mode(name="webhooks"),
        Mode(name="list", webhooks=False, hurry=100.0),
        Mode(name="silent", webhooks=False, list_shape="missing", hurry=100.0),
        Mode(name="spread", large_bytes=9 * MIB, large_count=3, upload_limit=None),
        Mode(name="pauses", pause=1200.0),
        Mode(name="long", large_bytes=9 * MIB, large_count=3, upload_limit=None, pause=1200.0),
    )
}
