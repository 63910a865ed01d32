"""What every worker needs, made once in ``bot.py`` and passed on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from domain.clock import Clock
from jobs.files import Files
from jobs.ladder import Ladder
from jobs.models import Models
from jobs.pace import Pace
from jobs.ports import Operator, Stage
from jobs.scheduling.scheduler import Scheduler
from jobs.tasks import Tasks
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from pixeldojo.download import Fetched
from storage.database import Database


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
    stage: Stage
    operator: Operator
    ladder: Ladder
    scheduler: Scheduler
    tasks: Tasks
    pace: Pace
    fetch_source: Callable[[str, Path], Awaitable[Fetched]]
    webhook_url: str | None
