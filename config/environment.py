"""The environment over what ``.env`` says. Both are taken as those who write them mean them."""

import io
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from config.problems import SettingsError, Unfit

ROOT = Path(__file__).resolve().parents[1]
"""Where ``bot.py`` is: a path of the settings is meant from here, wherever one stands."""
DOTENV = ROOT / ".env"
NO_FILE = "NO_ENV_FILE"
"""With any value in the environment no ``.env`` is read: for a bot that is tried beside a real one's."""
FREE_TEXT = "OPERATOR_CONTACT"
"""The setting that may hold a # of its own: a channel's name begins with one."""
_QUOTED = re.compile(r"""(["'])(?P<value>((?!\1).)*)\1(\s+#.*)?""")
_NOTE = re.compile(r"\s+#.*")


class Environment(dict[str, str]):
    """Settings by name, and what a file gives: its names, and a sentence for each line of it that is none.

    ``twice``: a sentence for each name that stands there more than once.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        *,
        written: frozenset[str] = frozenset(),
        unread: tuple[str, ...] = (),
        twice: Mapping[str, str] = {},
    ) -> None:
        super().__init__(values)
        self.written = written
        self.unread = unread
        self.twice = twice


def env_file() -> Path | None:
    """Return the file that settings are read from; ``None`` where none is to be."""
    return None if os.environ.get(NO_FILE) else DOTENV


def read_environment(dotenv: Path | None = None) -> Environment:
    """Return the environment over what a file says (``env_file``); empty values count as unset.

    What a file says is taken as it stands there, as container runtimes do: ``${…}`` is put in nowhere.

    Raises
    ------
    SettingsError
        There is a file that cannot be read.
    """
    dotenv = dotenv or env_file()
    bindings = [*parse_stream(io.StringIO(_text(dotenv) if dotenv else ""))]
    named = [(each.key, _value(each.key, each), _line(each)) for each in bindings if each.key]
    # Of a name that stands there twice no value counts; that it were missing besides would not be true.
    written = {name: value for name, value, _ in sorted(named, key=lambda each: bool(each[1]))}
    given = {name: _meant(name, value.strip()).strip() for name, value in os.environ.items() if value}
    values = {**written, **given}
    return Environment(
        {name: value for name, value in values.items() if value and not _is_note(name, value)},
        written=frozenset(written),
        unread=tuple(
            f"{dotenv}: line {_line(each)} is not NAME=value." for each in bindings if _is_unread(each)
        ),
        twice=_twice(named),
    )


def _value(name: str, binding: Binding) -> str:
    value = (binding.value or "").strip()
    return "" if _is_note(name, value) else value


def _twice(named: Iterable[tuple[str, str, int]]) -> Mapping[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value, line in named:
        # The empty lines of .env.example may stay above what somebody put at the end.
        if value or name in lines:
            lines.setdefault(name, []).append(str(line))
    return {
        name: f"{name} stands {'twice' if len(at) == 2 else f'{len(at)} times'} in {DOTENV.name}"
        f" (lines {', '.join(at[:-1])} and {at[-1]}): keep one."
        for name, at in lines.items()
        if len(at) > 1
    }


def _is_unread(binding: Binding) -> bool:
    return binding.error or (binding.key is not None and binding.value is None)


def _line(binding: Binding) -> int:
    # Empty lines before it count as a part of it.
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


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


def readable_by_others(dotenv: Path) -> bool:
    """Tell whether others on this machine may read or change a file that holds secrets.

    A file of somebody else's may be open to its group, which is how we read it.
    """
    if not dotenv.exists():
        return False
    found = dotenv.stat()
    return found.st_mode & (0o077 if found.st_uid == os.geteuid() else 0o007) != 0


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
