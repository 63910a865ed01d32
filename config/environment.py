"""The environment over what ``.env`` says. Both are taken as those who write them mean them."""

import io
import os
from pathlib import Path

from dotenv import dotenv_values

from config.problems import SettingsError

ROOT = Path(__file__).resolve().parents[1]
"""Where ``bot.py`` is: a path of the settings is meant from here, wherever one stands."""
DOTENV = ROOT / ".env"
_QUOTES = "\"'"


def read_environment(dotenv: Path = DOTENV) -> dict[str, str]:
    """Return the environment over what a file says; empty values count as unset.

    Raises
    ------
    SettingsError
        There is a file that cannot be read.
    """
    values = {**dotenv_values(stream=io.StringIO(_text(dotenv))), **os.environ}
    plain = {name: _unquoted(value.strip()) for name, value in values.items() if value}
    return {name: value for name, value in plain.items() if value}


def resolved(path: str) -> Path:
    """Return the path that an operator means: ``~`` is their home, and others begin beside ``bot.py``.

    Raises
    ------
    ValueError
        There is no such home.
    """
    try:
        return ROOT / Path(path).expanduser()
    except RuntimeError:
        problem = f"must be a folder, and {path.partition('/')[0]} is nobody's home"
    raise ValueError(problem)


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


def _unquoted(value: str) -> str:
    """Take off the quotes that ``docker --env-file`` hands over as part of a value."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES
    return value[1:-1].strip() if quoted else value
