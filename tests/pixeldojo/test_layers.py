"""The client is usable on its own, and its parsers do no I/O."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pixeldojo"
MODULES = sorted(PACKAGE.glob("*.py"))
PURE = {"wire", "kinds", "errors", "failures", "limits", "refusals", "replies", "catalogue"}
PURE |= {"schemas", "parameters", "costs", "builtin", "bodies", "echoes", "endings", "listed"}
MOVING = {
    "aiohttp",
    "asyncio",
    "socket",
    "ssl",
    "os",
    "pathlib",
    "threading",
    "time",
    "logging",
    "subprocess",
}


def imported(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_imports_nothing_but_the_standard_library_aiohttp_yarl_and_its_neighbours(
    module: Path,
) -> None:
    tops = {name.partition(".")[0] for name in imported(module)}
    assert tops - sys.stdlib_module_names <= {"aiohttp", "yarl", "pixeldojo"}


@pytest.mark.parametrize(
    "module", [path for path in MODULES if path.stem in PURE], ids=lambda path: path.stem
)
def test_a_parser_does_no_io(module: Path) -> None:
    names = imported(module)
    assert not {name.partition(".")[0] for name in names} & MOVING
    assert {name.partition(".")[2] for name in names if name.startswith("pixeldojo.")} <= PURE


def test_every_parser_that_is_named_exists() -> None:
    missing = PURE - {path.stem for path in MODULES}
    assert not missing
