"""What every worker needs, made once in ``bot.py`` and passed on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from domain.clock import Clock
from jobs.delivery.ladder import Ladder
from jobs.delivery.ports import Messenger, Operator
from jobs.models import Models
from jobs.spacing import Spacing
from jobs.tasks import Tasks
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from pixeldojo.download import Fetched
from scheduling.scheduler import Scheduler
from storage.database import Database
from storage.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The parts that the workers share.

    ``fetch_source`` streams an attachment to a path, from Discord's CDN only. ``webhook_url`` is the public
    address of our listener.
    """

    database: Database
    clock: Clock
    client: PixelDojo
    models: Models
    files: Files
    pictures: PictureWork
    messenger: Messenger
    operator: Operator
    ladder: Ladder
    scheduler: Scheduler
    tasks: Tasks
    spacing: Spacing
    fetch_source: Callable[[str, Path], Awaitable[Fetched]]
    webhook_url: str | None
