"""How long what is bad is asked about again: an answer that says no may be wrong for a while."""

SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 600.0
"""Seconds between two questions about something doubtful."""


def pause_after(doubted: float) -> float:
    """Return how long to wait before the next question (seconds), ``doubted`` seconds after the doubt began.

    At most half of that time: nobody waits much longer for what has come right than it was wrong.
    """
    return min(max(doubted / 2, SHORTEST_PAUSE), LONGEST_PAUSE)
