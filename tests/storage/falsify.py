"""Change one value of a filled book, by hand and past every trigger: does ``--verify`` name it?

``python -m tests.storage.falsify`` tries every change of every value of every row, takes each row away and adds
it once more, and prints by column how many were named, refused by SQLite's own constraints, or missed. It
fails where one is missed that nothing below says is free, and where what is said to be free is not.
"""

import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accounts.verify import verify
from storage.engines.migrate import require_newest
from storage.errors import StorageError
from tests.storage.filled_book import filled_book

Value = str | int | None

FREE_TABLES = {"allowances", "notice_channels", "notices", "durations", "unreminded", "facts", "places"}
FREE_TABLES |= {"announcements", "untold", "lethal_files", "stale_cards", "forms"}
FREE_TABLES |= {"preferences", "server_settings", "styles"}
FREE_TABLES |= {"takedowns", "privacy", "mentions", "erasures", "erased"}
"""What people chose and the bot remembers: nothing else says it, and no credit comes from it."""
FREE: Mapping[str, str] = {
    # What a member sees and where, and what the bot has still to do for it.
    "jobs": "channel_id prompt token token_expires_at card_channel_id card_id sources_ready secret claim"
    " submitted_at rung rung_at attachment_limit note collected reminded style left_out prompt_owner withdrawn hidden"
    " spoiler prompt_hidden",
    "images": "name url url_expires_at attached sha256 media_type size width height converted megapixels owner",
    "messages": "message_id channel_id purpose (goes) (twice)",
    # Who a member is, of which server a key is, what was learned, who is blocked: this alone says it.
    "members": "snowflake",
    "keys": "ended_at",
    "versions": "at",
    "learned": "model value (goes) (twice)",
    "blocks": "guild_id reason since until strikes (goes)",
    "unnamed_files": "sha256 since going (goes) (twice)",
    # What may be taken away, and may be asked for again.
    "aliases": "alias (goes)",
    "wishes": "message_id n taken_back (goes)",
    "reasons": "text event",
    # What the provider said: there is no other record of it.
    "balances": "id at remaining alone committed (goes) (twice)",
    "drifts": "since at amount (twice)",
    "suspects": "(goes)",
    "refusals": "at (goes)",
}
"""Columns of which nothing else in the database says anything."""
PARTLY: Mapping[str, str] = {
    # Of one that is sent or not, of a follow-up, of one that is charged, of one with a balance, within a week.
    "jobs": "status origin options role_ids source_count created_at ended_at parent_id provider_job_id cost billed deleted",
    # In the order of commits, on its day, to somebody that there is.
    "entries": "id at moderator",
    "versions": "last_entry",
    # To something that there is; contact sheets are not counted.
    "images": "job_id (goes)",
    "messages": "job_id",
    "balances": "job_id cost last_entry",
    "suspects": "drift_id job_id",
    "refusals": "job_id member",
    "blocks": "member set_by",
}
"""Columns of which something else says something."""


@dataclass(frozen=True, slots=True)
class Change:
    """One falsification: a statement with its values. One that takes or adds a row has a column in brackets."""

    table: str
    column: str
    statement: str
    values: tuple[Value, ...]

    @property
    def is_free(self) -> bool:
        """Whether nothing else would contradict it."""
        return self.column in FREE.get(self.table, "").split()

    @property
    def is_partly_free(self) -> bool:
        """Whether something else may contradict it."""
        return self.column in PARTLY.get(self.table, "").split()


class Forger:
    """A filled book in memory without its triggers, whose every change is taken back."""

    def __init__(self) -> None:
        self.tx = sqlite3.connect(":memory:", isolation_level=None)
        self.tx.deserialize(filled_book())
        for (trigger,) in self.tx.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self.tx.execute(f"DROP TRIGGER {trigger}")
        self._known = set(map(str, verify(self.tx)))

    def try_out(self, change: Change) -> str:
        """Return whether a change is ``named``, ``refused`` or ``missed``."""
        self.tx.execute("BEGIN")
        try:
            self.tx.execute(change.statement, change.values)
            require_newest(self.tx)
            return "named" if set(map(str, verify(self.tx))) - self._known else "missed"
        except StorageError:
            return "named"
        except sqlite3.IntegrityError:
            return "refused"
        finally:
            self.tx.execute("ROLLBACK")

    def tables(self) -> list[str]:
        """Return the tables of which anything is checked."""
        found = self.tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [str(row[0]) for row in found if row[0] not in FREE_TABLES]

    def changes(self, table: str) -> Iterator[Change]:
        """Yield what can be done to a table's rows, one value at a time."""
        info = self.tx.execute(f"PRAGMA table_info({table})").fetchall()
        names = [str(row[1]) for row in info]
        keys = [number for number, row in enumerate(info) if row[5]]
        where = " AND ".join(f"{names[key]} = ?" for key in keys)
        rows = self.tx.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
        again = f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})"
        for row in rows:
            at = tuple(row[key] for key in keys)
            yield Change(table, "(goes)", f"DELETE FROM {table} WHERE {where}", at)
            yield Change(table, "(twice)", again, _under_another_key(row, keys[-1]))
            for number, name in enumerate(names):
                for value in _others(row[number], [each[number] for each in rows]):
                    yield Change(table, name, f"UPDATE {table} SET {name} = ? WHERE {where}", (value, *at))


def _under_another_key(row: tuple[Value, ...], key: int) -> tuple[Value, ...]:
    other = f"{row[key]}x" if isinstance(row[key], str) else (row[key] or 0) + 1_000
    return (*row[:key], other, *row[key + 1 :])


def _others(value: Value, column: list[Value]) -> list[Value]:
    """Return values that a row might have been given instead."""
    others: set[Value] = {None, *column[:2], *column[-2:]}
    if isinstance(value, str):
        others |= {f"{value}x", ""}
    else:
        others |= {(value or 0) + 1, (value or 0) - 1, (value or 0) + 10**12, -(value or 0)}
    return sorted(others - {value}, key=repr)


def main() -> int:
    """Try everything and print a table; return 1 where something is otherwise than it is said to be."""
    forger, wrong = Forger(), 0
    total = Counter[str]()
    for table in forger.tables():
        seen: dict[str, Counter[str]] = {}
        last: dict[str, Change] = {}
        for change in forger.changes(table):
            what = forger.try_out(change)
            seen.setdefault(change.column, Counter())[what] += 1
            if what == "missed" or change.column not in last:
                last[change.column] = change
        for column, counts in seen.items():
            change = last[column]
            is_so = (counts["missed"] > 0) is (change.is_free or change.is_partly_free)
            is_so = is_so and (counts["named"] > 0 or not change.is_partly_free)
            wrong += not is_so
            total.update(counts)
            told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
            remark = "" if is_so else f"  << {change}"
            print(f"{table}.{column}: {told}{remark}")  # noqa: T201
    print(f"{dict(total)}; {wrong} columns are otherwise than said")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
