"""The house: who may import whom, where Discord, SQLite and the environment stay, how long things are.

The arrows are a table here and not contracts of import-linter: its layers allow every arrow downwards, so that
each that is not wanted would be one more contract, and the libraries' homes another each. What is never named is
looked for here and not by vulture: that takes an allow list of two dozen names for what discord.py calls.
"""

import ast
import functools
import re
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.credits import credits_text
from domain.errors import Reason, Refusal
from ui.operator_texts import OPERATOR_TEXTS
from ui.texts import COSTS_NOTHING, FREE, TELLS_COST, TEXTS, say

ROOT = Path(__file__).parents[1]
ARROWS: dict[str, set[str]] = {
    part: set(targets.split())
    for part, targets in {
        "domain": "",
        "pixeldojo": "",
        "scheduling": "domain",
        "pictures": "domain",
        "storage": "domain",
        "accounts": "domain storage",
        "jobs": "domain storage accounts pixeldojo scheduling pictures",
        "ui": "domain",
        "adapters": "domain accounts jobs ui",
        "cogs": "domain accounts jobs ui adapters",
        "config": "domain",
        "assembly": "config domain pixeldojo scheduling pictures storage accounts jobs ui adapters cogs",
        "bot": "config domain storage accounts adapters assembly",
        "playground": "",
        "benchmarks": "config assembly domain pixeldojo scheduling pictures storage accounts jobs ui adapters cogs playground",
    }.items()
}
"""From each part, the parts that it may import, for types too, besides itself."""
PACKAGES = tuple(part for part in ARROWS if part != "bot")
OURS = {*ARROWS, "tests"}
AT_HOME = {
    "discord": {"bot", "assembly", "adapters", "cogs", "ui", "benchmarks"},
    "sqlite3": {"storage", "benchmarks"},
    "aiosqlite": {"storage"},
    "psycopg": {"storage"},
    "PIL": {"pictures", "ui", "playground", "benchmarks"},
    "dotenv": {"config"},
}
"""Where a library stays."""
MOST_LINES, MOST_FUNCTION_LINES = 350, 45


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def part(self) -> str:
        return self.name.partition("/")[0].removesuffix(".py")


@dataclass(frozen=True)
class Import:
    module: Module
    target: str
    names: tuple[str, ...]
    line: int

    @property
    def top(self) -> str:
        return self.target.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.module.name}:{self.line} imports {self.target}"


def _read(path: Path) -> Module:
    return Module(path, ast.parse(path.read_text(encoding="utf-8"), str(path)))


@functools.cache
def modules() -> list[Module]:
    """Return all that is not a test, parsed when the first test asks: every worker imports this file."""
    files = [ROOT / "bot.py"]
    files += [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [_read(path) for path in files]


@functools.cache
def files_of_tests() -> list[Module]:
    """Return those tests in which there may be anything to find: parsing all of them takes seconds."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    return [_read(path) for path in paths if re.search(r"import bot|from bot|except", path.read_text())]


def imports_of(module: Module) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions and for types only."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(module, alias.name, (), node.lineno)
            case ast.ImportFrom(level=0, module=str(target)):
                names = tuple(alias.name for alias in node.names)
                yield Import(module, target, names, node.lineno)
            case ast.ImportFrom():
                yield Import(module, f"{module.part}.{node.module or ''}", (), node.lineno)
            case _:
                pass


@functools.cache
def imports() -> list[Import]:
    return [found for module in modules() for found in imports_of(module)]


def _wrong(imports: Iterable[Import]) -> list[str]:
    return [
        str(found) for found in imports if found.top in OURS - {found.module.part} - ARROWS[found.module.part]
    ]


def test_no_module_imports_against_the_arrows() -> None:
    assert _wrong(imports()) == []


def test_an_arrow_that_is_not_in_the_list_is_noticed() -> None:
    tree = ast.parse("def f():\n    from storage import jobs\n")
    module = Module(ROOT / "ui" / "cards.py", tree)
    assert _wrong(imports_of(module)) == ["ui/cards.py:2 imports storage"]


def test_values_and_rules_need_the_standard_library_only() -> None:
    tops = {found.top for found in imports() if found.module.part == "domain"}
    assert tops - {"domain"} <= sys.stdlib_module_names


def test_the_scheduling_knows_no_job() -> None:
    """It takes ids, groups and numbers: of ours it needs the clock, and how long to wait in doubt."""
    found = (found for found in imports() if found.module.part == "scheduling")
    assert {each.target for each in found if each.top in OURS - {"scheduling"}} == {
        "domain.clock",
        "domain.patience",
    }


def test_nobody_names_the_command_line_nor_the_class_of_the_bot() -> None:
    tests = (each for module in files_of_tests() for each in imports_of(module))
    assert [str(each) for each in (*imports(), *tests) if each.top == "bot"] == []
    named = [each for each in imports() if "DarkroomBot" in each.names]
    assert {each.module.part for each in named} == {"assembly"}


def _arrows_between_files(found: Iterable[Import]) -> dict[str, set[str]]:
    """Return which file imports which, whatever for."""
    files = {module.name.removesuffix(".py").replace("/", ".") for module in modules()}
    arrows: dict[str, set[str]] = {name: set() for name in files}
    for each in found:
        name = each.module.name.removesuffix(".py").replace("/", ".")
        targets = {each.target, *(f"{each.target}.{inner}" for inner in each.names)}
        arrows[name] |= (targets & files) - {name}
    return arrows


def _circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return what is left once whatever imports nothing (any more) is taken away: the files of circles."""
    left = dict(arrows)
    while done := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in done}
    return sorted(left)


def test_no_files_import_each_other_in_a_circle_not_even_for_types() -> None:
    assert _circle(_arrows_between_files(imports())) == []


def test_a_circle_is_noticed() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set[str]()}
    assert _circle(arrows) == ["a", "b", "c"]


def test_the_playground_imports_nothing_of_the_bot_and_the_bot_nothing_of_it() -> None:
    theirs = {each.top for each in imports() if each.module.part == "playground"}
    assert theirs & OURS <= {"playground"}
    parts = {each.module.part for each in imports() if each.top == "playground"}
    assert parts <= {"playground", "benchmarks"}


CALLED_BY_LIBRARIES = {
    *("setup", "setup_hook", "on_ready", "on_error", "on_submit", "callback", "from_custom_id"),
    *("cog_load", "cog_unload", "interaction_check", "channel_types", "transform"),
}
"""discord.py finds these by their names. Whatever is decorated (commands, listeners) registers itself."""
KEEPS_ITS_DECORATED = {
    "property",
    "classmethod",
    "staticmethod",
    "cached_property",
    "dataclass",
    "contextmanager",
}


def _is_registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    names = (ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in node.decorator_list)
    return any(name.removeprefix("async") not in KEEPS_ITS_DECORATED for name in names)


def _constants(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        for target in node.targets if isinstance(node, ast.Assign) else ():
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _never_named(product: Iterable[ast.Module]) -> set[str]:
    """Return public functions, methods, classes and constants that no line but their own definition names."""
    defined: set[str] = set()
    named: set[str] = set()
    for node in (each for tree in product for each in ast.walk(tree)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if not _is_registered(node):
                defined.add(node.name)
            case ast.Module():
                defined |= set(_constants(node))
            case ast.Name(ctx=ast.Load()):
                named.add(node.id)
            case ast.Attribute():
                named.add(node.attr)
            case _:
                pass
    return {name for name in defined - named - CALLED_BY_LIBRARIES if not name.startswith("_")}


def test_whatever_is_built_is_named_by_the_product_itself() -> None:
    product = (each.tree for each in modules() if each.part not in {"benchmarks", "playground"})
    assert _never_named(product) == set()


def test_what_only_tests_would_name_is_noticed() -> None:
    source = "class Used:\n    def never(self): ...\n    def named(self): ...\nUsed().named()\nUNUSED = 1\n"
    assert _never_named([ast.parse(source)]) == {"never", "UNUSED"}


@pytest.mark.parametrize("library", AT_HOME)
def test_a_library_stays_where_it_belongs(library: str) -> None:
    homes = AT_HOME[library]
    strays = [each for each in imports() if each.top == library and each.module.part not in homes]
    assert [str(each) for each in strays] == []


def _names_environment(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "putenv"):
            return True
        case ast.ImportFrom(module="os"):
            return any(alias.name in {"environ", "environb", "getenv"} for alias in node.names)
        case _:
            return False


def test_the_environment_is_read_in_the_settings_only() -> None:
    readers = {
        module.part for module in modules() for node in ast.walk(module.tree) if _names_environment(node)
    }
    assert readers <= {"config", "playground", "benchmarks"}


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def _blocks(module: Module) -> Iterator[str]:
    lines = len(module.path.read_text(encoding="utf-8").splitlines())
    if lines > MOST_LINES:
        yield f"{module.name} has {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            length = _length(node) - _not_its_own(node)
            if length > MOST_FUNCTION_LINES:
                yield f"{module.name}:{node.lineno} {node.name} has {length} lines"


def _not_its_own(function: Function) -> int:
    """Return the lines of its docstring and of the functions inside it, which count for themselves."""
    first, *_ = function.body
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    inside = [node for node in ast.walk(function) if isinstance(node, Function) and node is not function]
    return sum(map(_length, inside)) + (_length(first) if documented else 0)


def test_files_and_functions_stay_short() -> None:
    assert [block for module in modules() for block in _blocks(module)] == []


def _swallows(handler: ast.ExceptHandler) -> bool:
    return all(isinstance(node, ast.Pass) or _is_ellipsis(node) for node in handler.body)


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def test_no_error_is_swallowed() -> None:
    found = [
        f"{module.name}:{node.lineno}"
        for module in (*modules(), *files_of_tests())
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _swallows(node)
    ]
    assert found == []


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_text_of_whole_sentences(reason: Reason) -> None:
    text = TEXTS[reason]
    assert text[0].isupper() or text[0] in "“{"
    assert text.endswith(".")
    assert "  " not in text


@pytest.mark.parametrize("reason", [each for each in Reason if each not in COSTS_NOTHING])
def test_every_text_that_refuses_says_what_it_cost(reason: Reason) -> None:
    said = say(Refusal(reason, credits=4_000))
    assert (credits_text(4_000) if reason in TELLS_COST else FREE) in said


def test_no_text_is_left_of_a_reason_that_is_gone() -> None:
    assert set(TEXTS) == set(Reason)


def _calls(module: Module, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if called == name:
                yield node


def _operator_keys() -> Iterator[tuple[str, ast.Call]]:
    """Yield every key that the work warns the operator with, as far as it is written out."""
    for module in modules():
        for call in _calls(module, "warn") if module.part == "jobs" else ():
            key = call.args[0]
            if isinstance(key, ast.Constant):
                yield str(key.value), call
            elif isinstance(key, ast.Attribute) and ast.unparse(key.value) == "Reason":
                yield Reason[key.attr].value, call


def test_every_key_that_the_operator_is_warned_with_has_a_text() -> None:
    used = {key for key, _ in _operator_keys()}
    assert used
    assert used <= OPERATOR_TEXTS.keys()
    assert {Reason.OUT_OF_CREDITS.value, Reason.INVALID_KEY.value, Reason.MODEL_GONE.value} <= (
        OPERATOR_TEXTS.keys()
    )


def test_every_blank_of_an_operator_text_is_filled_by_who_uses_it() -> None:
    for key, call in _operator_keys():
        given = {keyword.arg for keyword in call.keywords}
        blanks = {name for _, name, _, _ in string.Formatter().parse(OPERATOR_TEXTS[key]) if name}
        assert blanks <= given, key


def _refusals() -> Iterator[tuple[Module, ast.Call, Reason]]:
    for module in modules():
        for call in _calls(module, "Refusal"):
            if call.args and (found := re.fullmatch(r"Reason\.([A-Z_]+)", ast.unparse(call.args[0]))):
                yield module, call, Reason[found[1]]


def test_whoever_refuses_fills_every_blank_of_its_sentence() -> None:
    """``name`` may be filled later, where the file's name is known."""
    missing: list[str] = []
    for module, call, reason in _refusals():
        if any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {keyword.arg for keyword in call.keywords}
        blanks = {name for _, name, _, _ in string.Formatter().parse(TEXTS[reason]) if name}
        missing += [f"{module.name}:{call.lineno} {name}" for name in blanks - given - {"name"}]
    assert missing == []
