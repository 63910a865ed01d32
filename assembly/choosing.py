"""What was chosen: by members for themselves, by managers for their servers."""

from domain.clock import Clock
from jobs.choices.greetings import Greetings
from jobs.choices.models import Models
from jobs.choices.preferring import Preferring
from jobs.choices.servers import Servers
from jobs.choices.styles import Styles
from storage.database import Database


class Choosing:
    """What members prefer, and what servers are set to."""

    def __init__(self, *, database: Database, models: Models, clock: Clock) -> None:
        self.preferring = Preferring(database=database, models=models)
        """What a member chose for whatever they leave out."""
        self.styles = Styles(database=database, models=models)
        """The looks that a server's managers wrote down."""
        self.servers = Servers(database=database)
        """What a server's managers chose for it."""
        self.greetings = Greetings(database=database, clock=clock)
        """Which servers the bot has said hello to."""
