"""The kinds of call to the provider, and which goes first."""

from enum import Enum


class Call(Enum):
    """A kind of call. The values are handicaps in seconds.

    Of the calls that wait, the one goes first whose waiting began earliest, its handicap added: a GET after a
    webhook before a submit, a submit before asking, but whatever has waited long enough before anything.
    (A strict order once starved lost webhooks for six minutes.)
    """

    POKE = ("poke", 0.0)
    SUBMIT = ("submit", 120.0)
    STATUS = ("status", 140.0)
    LIST = ("list", 140.0)
    CATALOGUE = ("catalogue", 140.0)

    @property
    def handicap(self) -> float:
        """Seconds that a call of this kind must have waited longer to go before a poke."""
        return HANDICAP.get(self,self.value[1])

HANDICAP={}
