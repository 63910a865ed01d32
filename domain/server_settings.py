"""What a server's managers chose for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """One server's; ``answers_in`` are the channels where images may be asked for, none: all.

    ``words`` may not be in a prompt (``domain.words``). ``own_images``: nobody may use pictures of others;
    ``spoilers``: results are shown as such; ``prompts_hidden``: cards do not show what was asked for;
    ``age_restricted``: only in channels that are. ``log_channel`` is where every job is told of.
    """

    answers_in: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    own_images: bool = False
    spoilers: bool = False
    prompts_hidden: bool = False
    age_restricted: bool = False
    log_channel: int | None = None
