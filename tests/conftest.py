"""What holds for all tests."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from playground.postgres import PostgresMissing, PrivatePostgres, private_postgres
from tests.container import setting_names
from tests.engines import Databases, Engine
from tests.repeating import ASKED, repeat_transactions

# Compiled modules are kept whatever the environment says: rewriting the asserts of two hundred files is half
# of what collecting them costs, in each worker, and every bot that is started would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What a developer's own bot is told, in the environment or in the `.env` of this checkout, reaches no test.
for _name in setting_names():
    os.environ.pop(_name, None)
os.environ["NO_ENV_FILE"] = "1"

# The same examples each time where DARKROOM_EXAMPLES says so: what an unrelated change must pass before it lands is
# not drawn. Everybody else, and the long proofs, draw new ones.
settings.register_profile("same", derandomize=True)
if os.environ.get("DARKROOM_EXAMPLES") == "same":
    settings.load_profile("same")


ENGINES = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=ENGINES,
        default=os.environ.get("DARKROOM_ENGINE", "sqlite"),
        help="what keeps the databases of tests that can be kept by either (a server is started: it must be there)",
    )
    parser.addoption(
        "--repeat-transactions",
        action="store_true",
        help="take back each writing transaction once and run it again (tests/repeating.py)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--repeat-transactions"):
        os.environ[ASKED] = "1"
        repeat_transactions()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about SQLite itself where another engine is asked for."""
    if config.getoption("--engine") == "sqlite":
        return
    left_out = [item for item in items if item.get_closest_marker("sqlite_only")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Undo what a command line that ran in this process has made of it: maintenance writes for its owner only."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases | None:
    """What lends databases of a server, if they are to be PostgreSQL's."""
    if request.config.getoption("--engine") == "sqlite":
        return None
    return Databases(request.getfixturevalue("postgres"))


@pytest.fixture
def engine(databases: Databases | None, tmp_path: Path) -> Iterator[Engine]:
    """A fresh database on the engine that was asked for."""
    if databases is not None:
        with databases.lent(tmp_path) as engine:
            yield engine
        return
    engine = Engine(tmp_path)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """Run one PostgreSQL server for all tests of a worker; where there is none they are skipped."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(private_postgres())
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        yield server


@pytest.fixture
def postgres_url(postgres: PrivatePostgres) -> Iterator[str]:
    """Return the address of an empty database, which is gone afterwards."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)
