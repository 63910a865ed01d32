"""The Dockerfile and its ignore rules, as far as an image can be made without an engine: the tree that is in it."""

import functools
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Step:
    """One instruction: its word, its flags, the rest of its line."""

    word: str
    flags: tuple[str, ...]
    rest: str

    @property
    def command(self) -> list[str]:
        """The words of an instruction in its exec form."""
        return list(json.loads(self.rest.removeprefix("CMD ")))


def steps() -> list[Step]:
    """Read the Dockerfile."""
    text = "\n".join(line for line in _lines(ROOT / "Dockerfile"))
    found = (line.split(maxsplit=1) for line in text.replace("\\\n", " ").splitlines())
    return [_step(word, rest.split()) for word, rest in found]


def _step(word: str, words: list[str]) -> Step:
    flags = [each for each in words if each.startswith("--")][: _leading(words)]
    return Step(word, tuple(flags), " ".join(words[len(flags) :]))


def _leading(words: Iterable[str]) -> int:
    """Count the flags that stand at the beginning."""
    return next((number for number, each in enumerate(words) if not each.startswith("--")), 0)


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def is_left_out(path: str) -> bool:
    """Tell whether the ignore rules keep a path out of the build: the last that fits it or a folder of it decides."""
    places = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents if parent.name)]
    out = False
    for pattern, leaves_out in _rules():
        if any(pattern.fullmatch(place) for place in places):
            out = leaves_out
    return out


def _leads_in(folder: str) -> bool:
    """Tell whether a rule names anything in a folder of the top, as engines ask before they look into it."""
    return any(rule.startswith(f"!{folder}/") for rule in _lines(ROOT / ".dockerignore"))


@functools.cache
def _rules() -> list[tuple[re.Pattern[str], bool]]:
    rules = _lines(ROOT / ".dockerignore")
    return [(_pattern(rule.removeprefix("!")), not rule.startswith("!")) for rule in rules]


def _pattern(rule: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", rule)
    written = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(written.get(part) or re.escape(part) for part in parts))


def context() -> list[str]:
    """Return the paths of the files that a build here would be given; of a folder that is left out, one for all."""
    found: list[str] = []
    for top in ROOT.iterdir():
        if top.is_file():
            found.append(top.name)
        elif not _leads_in(top.name):
            found.append(f"{top.name}/any")
        else:
            found += [path.relative_to(ROOT).as_posix() for path in top.rglob("*") if path.is_file()]
    return found


def build(target: Path) -> None:
    """Copy what the image would hold in its working directory."""
    kept = [path for path in context() if not is_left_out(path)]
    for step in steps():
        if step.word == "COPY":
            *sources, _ = step.rest.split()
            for path in kept if sources == ["."] else sources:
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, target / path)


def setting_names() -> list[str]:
    """Return the names of all settings, as ``.env.example`` lists them."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = [line.partition("=")[0].lstrip("# ") for line in lines if "=" in line]
    return [name for name in names if name.isupper()]
