"""What commands, buttons and forms use: functions and workers, never the database nor the client's class."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import discord

from accounts.allowances import Ceilings
from accounts.export import Exported
from adapters.asides import Asides
from adapters.gate import Gate
from adapters.names import Names
from adapters.operator import DiscordOperator
from adapters.own_deletions import OwnDeletions
from adapters.rights import OwnRights
from domain.clock import Clock
from jobs.accept import Acceptance
from jobs.asking.reconcile import Reconciler
from jobs.choices.greetings import Greetings
from jobs.choices.models import Models
from jobs.choices.preferring import Preferring
from jobs.choices.servers import Servers
from jobs.choices.styles import Styles
from jobs.delivery.cards import Cards
from jobs.delivery.packer import Packer
from jobs.delivery.ports import Messenger
from jobs.delivery.stale import StaleCards
from jobs.engine import Engine
from jobs.keeping.archive import Archive
from jobs.keeping.outside import Outside
from jobs.keeping.personal import Personal

P = ParamSpec("P")
T = TypeVar("T")


class Transaction(Protocol):
    """Runs a function of ``accounts`` in one transaction."""

    def __call__(
        self, fn: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Return what the function returned, once it is committed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What /privacy says of this bot: for how many days words and files are kept, and where to ask."""

    days: int
    contact: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once by the assembly.

    ``low_balance`` is thousandths of a credit; ``export`` is ``export_parts`` off the event loop.
    ``command_ids`` is what Discord calls our commands, by name, once they are published.
    """

    clock: Clock
    ceilings: Ceilings
    low_balance: int
    read: Transaction
    run: Transaction
    export: Callable[..., Awaitable[Exported]]
    acceptance: Acceptance
    archive: Archive
    models: Models
    preferring: Preferring
    packer: Packer
    engine: Engine
    reconciler: Reconciler
    stale: StaleCards
    outside: Outside
    personal: Personal
    own_deletions: OwnDeletions
    cards: Cards
    messenger: Messenger
    operator: DiscordOperator
    rights: OwnRights
    gate: Gate
    asides: Asides
    operator_guild: int | None
    about: About
    names: Names
    servers: Servers
    styles: Styles
    greetings: Greetings
    command_ids: Mapping[str, int]


class _HasServices(Protocol):
    services: Services


def services_in(client: discord.Client) -> Services:
    """Return the services of the running bot: how a button that outlived a restart finds them."""
    return cast("_HasServices", client).services
