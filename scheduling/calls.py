"""The kinds of call to the provider, and which goes first."""

from enum import Enum

LONGEST_ANSWER = 60.0
"""Seconds after which an ask whose end nobody told of is taken to have failed."""


class Call(Enum):
    """A kind of call, with its handicap in seconds.

    Of the calls that wait, the one goes first whose waiting began earliest, its handicap added: a GET after a
    webhook before a submit, a submit before asking, but whatever has waited long enough before anything.
    (A strict order once starved lost webhooks for six minutes.)
    """

    POKE = ("poke", 0.0)
    """A GET after a webhook, or after a list that says that a job has ended without showing what it made."""
    SUBMIT = ("submit", 120.0)
    SWEEP = ("sweep", 120.0)
    """A GET for a job whose webhook should have come."""
    CATALOGUE = ("catalogue", 140.0)
    STATUS = ("status", 180.0)
    LIST = ("list", 180.0)

    def __init__(self, word: str, handicap: float) -> None:
        self.word = word
        self.handicap = handicap
