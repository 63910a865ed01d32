"""Leases on a real PostgreSQL: who holds them, what a transaction finds, what becomes of one that is too late."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import LiteralString, cast

import psycopg
import pytest

from playground.postgres import PrivatePostgres
from storage import leases
from storage.engines.postgres_schema import migrate
from storage.leases import NAMES, Connection


@pytest.fixture(scope="module")
def url(postgres: PrivatePostgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        migrate(connection)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def two(url: str) -> Iterator[tuple[Connection, Connection]]:
    with ExitStack() as stack:
        one, other = (stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(2))
        one.execute("TRUNCATE leases, standbys; DELETE FROM facts")
        yield one, other


def end(connection: Connection) -> None:
    """Let all leases be over, as ten seconds would."""
    connection.execute("UPDATE leases SET until = clock_timestamp() - interval '1 ms'")


def epochs(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT name, holder, epoch FROM leases ORDER BY name").fetchall()


def holds(connection: Connection, holder: str) -> bool:
    row = connection.execute(cast("LiteralString", leases.held_statement(holder))).fetchone()
    assert row is not None
    return bool(row[0])


def test_all_leases_are_taken_at_once_by_one(two: tuple[Connection, Connection]) -> None:
    one, other = two
    assert leases.take(one, "a")
    assert not leases.take(other, "b")
    assert epochs(one) == [(name, "a", 1) for name in NAMES]
    assert holds(one, "a")
    assert not holds(other, "b")
    assert leases.in_the_way(other, "b") is not None
    assert leases.in_the_way(one, "a") is None


def test_what_one_other_holds_keeps_all_of_them(two: tuple[Connection, Connection]) -> None:
    one, other = two
    leases.take(one, "a")
    one.execute("UPDATE leases SET until = clock_timestamp() WHERE name <> 'key:1'")
    assert not leases.take(other, "b")
    assert epochs(one) == [(name, "a", 1) for name in NAMES]


def test_a_take_over_begins_a_new_epoch_and_the_former_holder_learns_of_it(
    two: tuple[Connection, Connection],
) -> None:
    one, other = two
    leases.take(one, "a")
    end(one)
    assert not holds(one, "a")
    assert leases.in_the_way(other, "b") is None
    assert leases.take(other, "b")
    assert epochs(one) == [(name, "b", 2) for name in NAMES]
    assert leases.renew(one, "a") is None
    assert leases.renew(other, "b") is not None
    assert holds(other, "b")


def test_one_that_took_them_and_was_not_told_takes_them_again(two: tuple[Connection, Connection]) -> None:
    leases.take(two[0], "a")
    assert leases.take(two[1], "a")
    assert epochs(two[0]) == [(name, "a", 1) for name in NAMES]


def test_a_lease_that_is_over_is_not_renewed_though_nobody_took_it(
    two: tuple[Connection, Connection],
) -> None:
    leases.take(two[0], "a")
    end(two[0])
    assert leases.renew(two[0], "a") is None


def test_a_clock_that_was_set_back_keeps_nobody_from_taking_over(two: tuple[Connection, Connection]) -> None:
    one, other = two
    leases.take(one, "a")
    one.execute("UPDATE leases SET until = clock_timestamp() + interval '1 hour'")
    assert leases.in_the_way(other, "b") is None
    assert leases.take(other, "b")
    assert not holds(one, "a")
    assert not leases.take(one, "a")


def test_what_is_given_back_can_be_taken_at_once(two: tuple[Connection, Connection]) -> None:
    one, other = two
    leases.take(one, "a")
    leases.give_back(other, "b")
    assert leases.in_the_way(other, "b") is not None
    leases.give_back(one, "a")
    assert leases.take(other, "b")


def test_who_holds_and_who_waits_is_told(two: tuple[Connection, Connection]) -> None:
    one, other = two
    leases.take(one, "a")
    leases.show_waiting(other, "b")
    leases.show_waiting(other, "c")
    other.execute("UPDATE standbys SET seen = seen - interval '1 minute' WHERE holder = 'c'")
    held, waiting = leases.standing(one)
    assert [(each.name, each.holder, each.epoch) for each in held] == [(name, "a", 1) for name in NAMES]
    assert all(0 <= each.renewed < leases.LENGTH and 0 < each.left <= leases.LENGTH for each in held)
    assert [each.holder for each in waiting] == ["b"]
    leases.hide_waiting(other, "b")
    assert leases.standing(one)[1] == []


def test_who_takes_over_waits_no_more(two: tuple[Connection, Connection]) -> None:
    leases.show_waiting(two[0], "a")
    leases.take(two[0], "a")
    assert leases.standing(two[0])[1] == []


@pytest.mark.parametrize("renewed", [False, True])
def test_what_began_in_time_is_not_kept_where_the_next_holder_has_seen_the_rows_before(
    two: tuple[Connection, Connection], url: str, renewed: bool
) -> None:
    old, new = two
    old.execute("INSERT INTO facts (name, value) VALUES ('a', 'before')")
    leases.take(old, "a")
    old.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    assert holds(old, "a")
    old.execute("UPDATE facts SET value = 'late' WHERE name = 'a'")
    with psycopg.connect(url, autocommit=True) as beside:
        if renewed:
            leases.renew(beside, "a")
        end(beside)
    assert leases.take(new, "b")
    new.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    assert holds(new, "b")
    assert new.execute("SELECT value FROM facts").fetchall() == [("before",)]
    with pytest.raises(psycopg.errors.SerializationFailure):
        old.execute("COMMIT")
    new.execute("UPDATE facts SET value = 'new' WHERE name = 'a'")
    new.execute("COMMIT")
    assert new.execute("SELECT value FROM facts").fetchall() == [("new",)]


def test_what_began_in_time_is_kept_where_the_next_holder_sees_it(two: tuple[Connection, Connection]) -> None:
    old, new = two
    old.execute("INSERT INTO facts (name, value) VALUES ('a', 'before')")
    leases.take(old, "a")
    old.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    assert holds(old, "a")
    old.execute("UPDATE facts SET value = 'late' WHERE name = 'a'")
    end(new)
    assert leases.take(new, "b")
    old.execute("COMMIT")
    new.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    assert holds(new, "b")
    assert new.execute("SELECT value FROM facts").fetchall() == [("late",)]
    new.execute("COMMIT")
