"""What holds for all tests."""

import contextlib
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from playground.postgres import PostgresMissing, PrivatePostgres, private_postgres

# Compiled modules are kept whatever the environment says: rewriting the asserts of two hundred files is half
# of what collecting them costs, in each worker, and every bot that is started would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples each time where DARKROOM_EXAMPLES says so: what an unrelated change must pass before it lands is
# not drawn. Everybody else, and the long proofs, draw new ones.
settings.register_profile("same", derandomize=True)
if os.environ.get("DARKROOM_EXAMPLES") == "same":
    settings.load_profile("same")


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
