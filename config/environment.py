"""The environment over what ``.env`` says. Both are taken as those who write them mean them."""

import io
import os
import re
from pathlib import Path

from dotenv import dotenv_values

from config.problems import SettingsError, Unfit

ROOT = Path(__file__).resolve().parents[1]
"""Where ``bot.py`` is: a path of the settings is meant from here, wherever one stands."""
DOTENV = ROOT / ".env"
FREE_TEXT = "OPERATOR_CONTACT"
"""The setting that may hold a # of its own: a channel's name begins with one."""
_QUOTED = re.compile(r"""(["'])(?P<value>((?!\1).)*)\1(\s+#.*)?""")
_NOTE = re.compile(r"\s+#.*")


def read_environment(dotenv: Path = DOTENV) -> dict[str, str]:
    """Return the environment over what a file says; empty values count as unset.

    Raises
    ------
    SettingsError
        There is a file that cannot be read.
    """
    written = {name: value or "" for name, value in dotenv_values(stream=io.StringIO(_text(dotenv))).items()}
    given = {name: _meant(name, value.strip()) for name, value in os.environ.items() if value}
    values = {name: value.strip() for name, value in {**written, **given}.items()}
    return {name: value for name, value in values.items() if value and not _is_note(name, value)}


def resolved(path: str) -> Path:
    """Return the path that an operator means: ``~`` is their home, and others begin beside ``bot.py``.

    Raises
    ------
    Unfit
        There is no such home.
    """
    try:
        return ROOT / Path(path).expanduser()
    except RuntimeError as error:
        raise Unfit(f"must be a folder, and {path.partition('/')[0]} is nobody's home") from error


def readable_by_others(dotenv: Path = DOTENV) -> bool:
    """Tell whether everybody on this machine may read or change a file that holds secrets."""
    return dotenv.exists() and dotenv.stat().st_mode & 0o007 != 0


def _text(dotenv: Path) -> str:
    try:
        text = dotenv.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        text = "\0"
    except OSError as error:
        raise SettingsError([f"{dotenv} cannot be read: {error.strerror}."]) from error
    if "\0" in text:
        raise SettingsError([f"{dotenv} is not UTF-8: save it as UTF-8."])
    return text


def _meant(name: str, value: str) -> str:
    """Take off what ``docker --env-file`` hands over as part of a value: quotes, and a note behind it."""
    if quoted := _QUOTED.fullmatch(value):
        return quoted["value"]
    return value if name == FREE_TEXT else _NOTE.sub("", value)


def _is_note(name: str, value: str) -> bool:
    return value.startswith("#") and name != FREE_TEXT
