"""How long what is bad is tried again: an answer that says no may be wrong for a while."""

SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 600.0
"""Seconds between two questions about something doubtful."""
MOST_OFTEN, HOURLY = 60.0, 3_600.0
"""Seconds between tries of one card: for the first ``MINUTES``, and from then on."""
MINUTES = 900.0


def pause_after(doubted: float) -> float:
    """Return how long to wait before the next question (seconds), ``doubted`` seconds after the doubt began.

    At most half of that time: nobody waits much longer for what has come right than it was wrong.
    """
    return min(max(doubted / 2, SHORTEST_PAUSE), LONGEST_PAUSE)


def pause_of_a_card(tried_for: float) -> float:
    """Return how long to wait before a card is tried again (seconds), which was tried for so many seconds."""
    return MOST_OFTEN if tried_for < MINUTES else HOURLY
