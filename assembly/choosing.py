"""What was chosen: by members for themselves, by managers for their servers."""

from jobs.choices.models import Models
from jobs.choices.preferring import Preferring
from jobs.choices.servers import Servers
from jobs.choices.styles import Styles
from storage.database import Database


class Choosing:
    """What members prefer, and what servers are set to."""

    def __init__(self, *, database: Database, models: Models) -> None:
        self.preferring = Preferring(database=database, models=models)
        """What a member chose for whatever they leave out."""
        self.styles = Styles(database=database, models=models)
        """The looks that a server's managers wrote down."""
        self.servers = Servers(database=database)
        """What a server's managers chose for it."""
