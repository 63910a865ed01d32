"""``bot.py --status``: which process works, and which wait."""

from pathlib import Path

from assembly.running import UNAVAILABLE
from storage.engines.let_in import LetIn
from storage.leases import NAMES, Held, Waiting
from storage.turns.standby import who_works


def tell_of_processes(url: str, *, data_dir: Path) -> int:
    """Print who holds what since when, and who waits; return 0 if one works, ``UNAVAILABLE`` if none does.

    Raises
    ------
    Unusable
        The database cannot be asked.
    """
    with LetIn(data_dir, url).asking():
        held, waiting = who_works(url)
    for each in held:
        _say(_holding(each))
    for each in waiting:
        _say(_waiting(each))
    works = len(held) == len(NAMES) and all(each.holds for each in held)
    if not works:
        _say("Nobody works.")
    return 0 if works else UNAVAILABLE


def _holding(held: Held) -> str:
    if not held.holds:
        since = (
            f"for {_span(-held.left)}" if held.left <= 0 else "as of before the database's clock was set back"
        )
        return f"{held.name}: nobody, {since}; last {held.holder}, epoch {held.epoch}"
    return (
        f"{held.name}: {held.holder} for {_span(held.held)}, epoch {held.epoch},"
        f" renewed {held.renewed:.1f} s ago"
    )


def _waiting(waiting: Waiting) -> str:
    return f"waits: {waiting.holder} for {_span(waiting.waited)}, seen {waiting.seen:.1f} s ago"


def _span(seconds: float) -> str:
    minutes, hours = divmod(int(seconds) // 60, 60)[::-1]
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"


def _say(text: str) -> None:
    print(text)  # noqa: T201 - for whoever asked
