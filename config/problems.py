"""What is wrong with the settings: all of it at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

ALIKE, ROUGHLY = 0.85, 0.6
"""How alike two names are that may be meant for each other: DISCORD_BOT_TOKEN and DISCORD_TOKEN are."""
FOREIGN = "AWS_"
"""How names begin that AWS's own programs know, in an environment that is not ours alone."""
FILL_IN = "Put what is missing into .env; .env.example explains each setting."
LOOK_UP = "See .env.example."


class SettingsError(Exception):
    """Settings are missing or wrong, or cannot be used here; ``problems`` holds one sentence for each.

    ``passing``: each of them may be over at another start. ``advice``: where to read what to write; nothing
    where another setting is not what would help.
    """

    def __init__(self, problems: list[str], *, passing: bool = False, advice: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.passing = passing
        self.advice = advice


class Unfit(ValueError):
    """What a value must be, or what is wrong with it: a sentence without the setting's name and its stop."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What on this machine keeps a setting from being used, and whether that goes by."""

    why: str
    passing: bool


def misspelt(given: Iterable[str], known: Collection[str], *, missing: Iterable[str]) -> list[str]:
    """Return a sentence for each name of an environment that is like a setting that is not given."""
    strange = [name for name in given if name not in known and not name.startswith(FOREIGN)]
    near = {name: get_close_matches(name.upper(), sorted(missing), n=1, cutoff=ALIKE) for name in strange}
    return [f"{name} is no setting: {meant} is one." for name, found in near.items() for meant in found]


def unknown(written: Iterable[str], known: Collection[str], *, missing: Iterable[str]) -> list[str]:
    """Return a sentence for each name of our own file that is no setting, with one that may be meant."""
    near = {name: _roughly(name.upper(), sorted(missing)) for name in written if name not in known}
    return [f"{name} is no setting{f': {meant} is one' if meant else ''}." for name, meant in near.items()]


def _roughly(name: str, names: list[str]) -> str | None:
    words = {*name.split("_")}
    wider = [each for each in names if words <= {*each.split("_")}]
    found = get_close_matches(name, wider or names, n=1, cutoff=0.0 if wider else ROUGHLY)
    return found[0] if found else None
