"""SQL takes values as parameters only: whatever is pasted into a statement is a constant, or listed here."""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("storage", "accounts", "jobs", "cogs", "ui", "domain", "pixeldojo", "scheduling")
EXECUTES = {"execute", "executemany", "executescript"}
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")

NO_VALUES = {
    ("sqlite.py", "self.begin"): "one of two words of the class",
    ("sqlite.py", "pragma"): "out of a list of three in the line above",
    ("sqlite.py", "left"): "an integer of milliseconds",
    (
        "identities.py",
        "identity.query",
    ): "a constant of one of the files verify_*.py, with its values beside it",
    (
        "holds.py",
        "' AND '.join([IS_HELD, *(condition for condition, _ in where)])",
    ): "conditions of that file",
    ("allowances.py", "', ?' * len(past)"): "question marks",
    ("allowances.py", "query"): "a constant of that function",
    ("blocks.py", "', '.join('?' * len(whose))"): "question marks",
    ("erasures.py", "column"): "a constant of that function",
    ("erasures.py", "table"): "a constant of that function",
    ("personal.py", "', '.join(_IMAGE)"): "a constant of that function",
    ("personal.py", "', '.join(_JOB)"): "a constant of that function",
    ("personal.py", "' UNION ALL '.join(asked)"): "constants of that function",
    ("personal.py", "query"): "a constant of that function",
    ("refusals.py", "', '.join('?' * len(whose))"): "question marks",
    ("entries.py", "places"): "question marks",
    ("beyond.py", "known"): "a constant of that function",
    ("export.py", "conditions"): "conditions of that file",
    ("export.py", "limit"): "a clause with a question mark, or no clause",
    ("forgetting.py", "where"): "one of two clauses of that function",
    ("job_rows.py", "', '.join('?' * 32)"): "question marks",
    ("server_settings.py", "', '.join('?' * (len(_NAMES) + 1))"): "question marks",
    ("server_settings.py", "', '.join(_NAMES)"): "column names of that file",
    ("server_settings.py", "', '.join((f'{name} = excluded.{name}' for name in _NAMES))"): "the same",
    ("server_settings.py", "name"): "the same",
    ("job_rows.py", "assignments"): "column names, each of which was looked up in a fixed set",
    ("job_rows.py", "guard"): "a clause of that file",
    ("rollup.py", "from_entries(of_server=of_server)"): "one of two statements of that file",
    ("usage.py", "_of_model(model)"): "a clause with a question mark, or no clause",
    ("usage.py", "stretch.places"): "question marks",
    ("allowances.py", "', '.join('?' * len(periods))"): "question marks",
    ("blocks.py", "', '.join('?' * len(causes))"): "question marks",
    ("images.py", "earlier"): "a clause of that file",
    ("members.py", "', '.join('?' * len(surrogates))"): "question marks",
    ("migrate.py", "each"): "a statement out of a file of ours",
    ("migrate.py", "min(number, 2)"): "1 or 2",
    ("migrate.py", "query"): "one of two questions of that function",
    ("migrate.py", "statement"): "a statement out of a file of ours",
    ("schema.py", "statement"): "a statement out of a file of ours",
    ("postgres_ends.py", "sql"): "of that module: names out of the migrations, and a hash in hex",
    ("postgres_ends.py", "table.query"): "names out of the migrations",
    ("sqlite_ends.py", "guard"): "a statement out of a file of ours",
    ("sqlite_ends.py", "name"): "a name out of the migrations",
    ("sqlite_ends.py", "places"): "question marks",
    ("sqlite_ends.py", "table.listed"): "names out of the migrations",
    ("sqlite_ends.py", "table.name"): "a name out of the migrations",
    ("sqlite_ends.py", "table.query"): "names out of the migrations",
    ("postgres_schema.py", "sql"): "out of a file of ours, or of that module",
    ("postgres_session.py", "asked"): "constants of that file, a number, and a fence's statement",
    ("postgres_session.py", "settings"): "one of two constants of that file",
    ("postgres_tx.py", "declared"): "a statement that was handed in, looked at where that is done",
    ("postgres_tx.py", "self._name"): "a word of ours and a number",
    ("postgres_tx.py", "sql"): "what was handed in, looked at where that is done",
    ("postgres_tx.py", "statement.text"): "what was handed in, looked at where that is done",
    ("usage.py", "', '.join('?' * len(known))"): "question marks",
    ("usage.py", "', '.join('?' * len(whose))"): "question marks",
    ("usage.py", "places"): "question marks",
}
"""What is pasted into SQL beside constants, and why no value of anybody's can be in it."""


@dataclass(frozen=True)
class Pasted:
    """One expression inside a statement."""

    path: Path
    line: int
    text: str

    @property
    def key(self) -> tuple[str, str]:
        return (self.path.name, self.text)


def statements(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what is executed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EXECUTES:
            yield node.args[0]


def pasted(path: Path) -> Iterator[Pasted]:
    """Yield every expression in a file's statements that is not a literal or a constant of the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = set(_constants(tree))
    for statement in statements(tree):
        for value in _values(statement):
            if not (isinstance(value, ast.Name) and value.id in constants):
                yield Pasted(path, value.lineno, ast.unparse(value))


def _values(statement: ast.expr) -> list[ast.expr]:
    match statement:
        case ast.Constant():
            return []
        case ast.JoinedStr():
            return [node.value for node in ast.walk(statement) if isinstance(node, ast.FormattedValue)]
        case ast.Call(func=ast.Name(id="cast"), args=[_, text]):
            return _values(text)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_values(left), *_values(right)]
        case _:
            return [statement]


def _constants(tree: ast.Module) -> Iterator[str]:
    """Yield the names in capitals that a module binds or imports at its top."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets):
                names = [
                    each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
                ]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.ImportFrom(names=aliases):
                names = [alias.asname or alias.name for alias in aliases]
            case _:
                names = []
        yield from (name for name in names if CONSTANT.fullmatch(name))


@functools.cache
def found() -> list[Pasted]:
    return [
        each
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for each in pasted(path)
    ]


def test_nothing_is_pasted_into_sql_but_constants_and_what_is_listed_here() -> None:
    strange = [
        f"{each.path.relative_to(ROOT)}:{each.line} {each.text}"
        for each in found()
        if each.key not in NO_VALUES
    ]
    assert strange == []


def test_the_list_holds_no_more_than_there_is() -> None:
    assert NO_VALUES.keys() - {each.key for each in found()} == set()


def test_sql_is_executed_in_storage_only() -> None:
    elsewhere = [
        str(path.relative_to(ROOT))
        for package in PACKAGES[1:]
        for path in sorted((ROOT / package).rglob("*.py"))
        if list(statements(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    assert elsewhere == []


def test_a_value_that_is_pasted_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "jobs.py"
    path.write_text(
        'COLUMNS = "id"\n'
        "def get(tx, job_id, LOUD):\n"
        "    tx.execute(f\"SELECT {COLUMNS} FROM jobs WHERE id = '{job_id}'\")\n"
        '    tx.execute(f"SELECT {COLUMNS} FROM " + LOUD)\n'
        '    tx.execute("SELECT %s" % job_id)\n'
    )
    assert [each.text for each in pasted(path)] == ["job_id", "LOUD", "'SELECT %s' % job_id"]
