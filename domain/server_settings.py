"""What a server's managers chose for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """One server's; ``answers_in`` are the channels where images may be asked for, none: all."""

    answers_in: tuple[int, ...] = ()
