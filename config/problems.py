"""What is wrong with the settings: all of it at once."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

ALIKE = 0.85
"""How alike two names are that may be meant for each other: DISCORD_BOT_TOKEN and DISCORD_TOKEN are."""


class SettingsError(Exception):
    """Settings are missing or wrong; ``problems`` holds one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Unfit(ValueError):
    """What a value must be, or what is wrong with it: a sentence without the setting's name and its stop."""


def misspelt(given: Collection[str], known: Iterable[str]) -> list[str]:
    """Return a sentence for each name that is no setting, but like one that is not given."""
    missing = sorted(name for name in known if name not in given)
    strange = [name for name in given if name not in {*known}]
    near = {name: get_close_matches(name.upper(), missing, n=1, cutoff=ALIKE) for name in strange}
    return [f"{name} is no setting: {meant} is one." for name, found in near.items() for meant in found]
