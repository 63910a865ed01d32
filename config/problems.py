"""What is wrong with the settings: all of it at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

ALIKE, ROUGHLY = 0.85, 0.81
"""How alike two names are that may be meant for each other, in anybody's environment and in our own file."""
CALLED = {
    word: setting
    for setting, words in {
        "DISCORD_TOKEN": "TOKEN BOT_TOKEN DISCORD_BOT_TOKEN DISCORD_API_TOKEN DISCORD_API_KEY DISCORD_KEY",
        "PIXELDOJO_API_KEY": "API_KEY API_TOKEN PIXELDOJO_KEY PIXELDOJO_TOKEN PIXELDOJO_API_TOKEN"
        " PIXELDOJO_SECRET",
        "ALLOWED_GUILDS": "GUILD GUILDS GUILD_ID GUILD_IDS SERVER SERVERS SERVER_ID SERVER_IDS"
        " DISCORD_GUILD DISCORD_GUILDS DISCORD_GUILD_ID DISCORD_GUILD_IDS DISCORD_SERVER DISCORD_SERVER_ID"
        " ALLOWED_GUILD_ID ALLOWED_SERVER ALLOWED_SERVERS ALLOWED_SERVER_ID ALLOWED_SERVER_IDS",
        "KEY_CREDITS_PER_DAY": "DAILY_CREDITS DAILY_LIMIT MAX_CREDITS_PER_DAY",
        "DEFAULT_MEMBER_CREDITS": "USER_CREDITS DEFAULT_USER_CREDITS",
        "DEFAULT_SERVER_CREDITS": "GUILD_CREDITS DEFAULT_GUILD_CREDITS",
        "DATA_DIR": "DATA_DIRECTORY DATA_FOLDER DATA_PATH",
        "DATABASE_URL": "DB_URL DATABASE_DSN POSTGRES_URL POSTGRES_DSN",
    }.items()
    for word in words.split()
}
"""What people call settings elsewhere, where letters alone lead to another one."""
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


def misspelt(given: Iterable[str], known: Collection[str], *, missing: Collection[str]) -> list[str]:
    """Return a sentence for each name of an environment that is like a setting that is not given."""
    strange = [name for name in given if name not in known and not name.startswith(FOREIGN)]
    meant = {name: CALLED.get(name.upper()) or _near(name.upper(), known, ALIKE) for name in strange}
    return [f"{name} is no setting: {each} is one." for name, each in meant.items() if each in missing]


def unknown(written: Iterable[str], known: Collection[str], *, missing: Collection[str]) -> list[str]:
    """Return a sentence for each name of our own file that is no setting, with one that may be meant."""
    strange = [name for name in written if name not in known]
    meant = {name: CALLED.get(name.upper()) or _roughly(name.upper(), known) for name in strange}
    return [
        f"{name} is no setting{f': {each} is one' if each in missing else ''}."
        for name, each in meant.items()
    ]


def _roughly(name: str, known: Collection[str]) -> str | None:
    words = {*name.split("_")}
    wider = [each for each in known if words <= {*each.split("_")}]
    return wider[0] if len(wider) == 1 else _near(name, known, ROUGHLY)


def _near(name: str, known: Collection[str], cutoff: float) -> str | None:
    # Among all of them: the nearest of those that are not given may be far from what was meant.
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=cutoff)), None)
