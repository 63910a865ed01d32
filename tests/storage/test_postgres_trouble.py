"""Whether what PostgreSQL refuses is worth another start, by its code and not by psycopg's class for it."""

import psycopg
import pytest
from psycopg import errors

from storage.engines.postgres_trouble import unusable
from storage.errors import Away, NotLetIn, Passing, Unusable

URL = "postgresql://bot:a@db.example/darkroom"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0A000", Away),
        ("25006", Away),
        ("26000", Away),
        ("53300", Away),
        ("57P01", Away),
        ("XX000", Away),
        ("28000", NotLetIn),
        ("28P01", NotLetIn),
        ("42501", Unusable),
        ("42P01", Unusable),
    ],
)
def test_what_is_not_known_to_last_goes_by(code: str, kind: type[Unusable]) -> None:
    told = unusable(errors.lookup(code)("so it says"), URL)
    assert type(told) is kind
    assert isinstance(told, Passing) == (kind is Away)


def test_of_several_hosts_one_that_is_away_may_let_us_in() -> None:
    refused = 'FATAL:  password authentication failed for user "bot"'
    tried = "Multiple connection attempts failed. All failures were:\n- host: 'one': {}\n- host: 'two': {}"
    both = psycopg.OperationalError(f"{refused}\n{tried.format(refused, refused)}")
    assert type(unusable(both, URL)) is NotLetIn
    one = psycopg.OperationalError(f"{refused}\n{tried.format('Connection refused', refused)}")
    assert type(unusable(one, URL)) is Away


def test_no_word_is_garbled_because_a_letter_of_it_is_the_password() -> None:
    said = str(unusable(psycopg.OperationalError("failed at an address"), URL))
    assert "failed at an address" in said
    hidden = str(
        unusable(psycopg.OperationalError("failed for hunter2"), "postgresql://bot:hunter2@db/darkroom")
    )
    assert "failed for …" in hidden
