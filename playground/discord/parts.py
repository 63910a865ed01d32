"""Every part of the stand-in, made once and wired to the others."""

import hashlib
from pathlib import Path

from playground.discord.access import Access
from playground.discord.calls import Route
from playground.discord.cdn import Cdn
from playground.discord.clock import PlaygroundClock
from playground.discord.commands import Commands
from playground.discord.faults import Faults
from playground.discord.files import FileStore
from playground.discord.gateway import GatewayHub
from playground.discord.gateway_socket import GatewaySocket
from playground.discord.interactions import Interactions
from playground.discord.messages import Messages
from playground.discord.page_http import PageHttp
from playground.discord.page_hub import PageHub
from playground.discord.page_interactions import PageInteractions
from playground.discord.page_socket import PageSocket
from playground.discord.page_uploads import PageUploads
from playground.discord.page_wishes import PageWishes
from playground.discord.people import People
from playground.discord.ratelimits import RateLimiter
from playground.discord.reactions import Reactions
from playground.discord.render_message import MessageRenderer
from playground.discord.request_log import RequestLog
from playground.discord.rest import RestEdge
from playground.discord.rest_application import ApplicationRoutes
from playground.discord.rest_callbacks import CallbackRoutes
from playground.discord.rest_commands import CommandRoutes
from playground.discord.rest_messages import MessageRoutes
from playground.discord.rest_places import PlaceRoutes
from playground.discord.rest_reactions import ReactionRoutes
from playground.discord.rest_webhooks import WebhookRoutes
from playground.discord.seeding import seeded_world
from playground.discord.signing import Signer
from playground.discord.switches import Switches
from playground.discord.upload_limits import UploadLimits


class Core:
    """What remembers and what happens: no HTTP here.

    Parameters
    ----------
    folder
        Where uploads are kept.
    """

    def __init__(self, *, seed: int, token: str | None, folder: Path) -> None:
        self.clock = PlaygroundClock()
        self.faults = Faults()
        self.world = seeded_world(clock=self.clock, seed=seed, token=token)
        self.store = FileStore(folder=folder)
        key = hashlib.sha256(f"cdn {seed}".encode()).digest()
        self.signer = Signer(clock=self.clock, key=key)
        self.renderer = MessageRenderer(world=self.world, signer=self.signer)
        self.pages = PageHub(world=self.world, renderer=self.renderer)
        self.gateway = GatewayHub(
            clock=self.clock, faults=self.faults, pages=self.pages, guild_id=self.world.guild.id
        )
        self.limits = UploadLimits(faults=self.faults)
        self.messages = Messages(
            world=self.world,
            renderer=self.renderer,
            gateway=self.gateway,
            pages=self.pages,
            faults=self.faults,
        )
        self.reactions = Reactions(world=self.world, messages=self.messages, pages=self.pages)
        self.interactions = Interactions(
            world=self.world,
            gateway=self.gateway,
            pages=self.pages,
            faults=self.faults,
            renderer=self.renderer,
            limits=self.limits,
        )
        self.switches = Switches(world=self.world, faults=self.faults, gateway=self.gateway)


class BotSide:
    """What a bot talks to: REST, gateway and CDN.

    Parameters
    ----------
    privileged
        Privileged intents that the application has switched on.
    """

    def __init__(self, core: Core, *, privileged: int) -> None:
        self.log = RequestLog(clock=core.clock)
        self.rate = RateLimiter(faults=core.faults)
        self.edge = RestEdge(
            faults=core.faults,
            limits=self.rate,
            log=self.log,
            store=core.store,
            token=core.world.application.token,
        )
        self.gateway = GatewaySocket(world=core.world, hub=core.gateway, allowed=privileged)
        self.application = ApplicationRoutes(world=core.world)
        self.cdn = Cdn(world=core.world, signer=core.signer, faults=core.faults, clock=core.clock)
        self.routes = [*self.application.routes(), *_lookups(core), *_by_token(core), *_messages(core)]


def _lookups(core: Core) -> list[Route]:
    access = Access(world=core.world)
    commands = Commands(world=core.world, faults=core.faults, pages=core.pages)
    return [
        *PlaceRoutes(world=core.world, access=access).routes(),
        *CommandRoutes(world=core.world, commands=commands).routes(),
        *ReactionRoutes(world=core.world, access=access, reactions=core.reactions).routes(),
    ]


def _by_token(core: Core) -> list[Route]:
    callbacks = CallbackRoutes(
        world=core.world,
        interactions=core.interactions,
        messages=core.messages,
        renderer=core.renderer,
        limits=core.limits,
    )
    webhooks = WebhookRoutes(
        world=core.world,
        interactions=core.interactions,
        messages=core.messages,
        renderer=core.renderer,
        limits=core.limits,
    )
    return [*callbacks.routes(), *webhooks.routes()]


def _messages(core: Core) -> list[Route]:
    routes = MessageRoutes(
        world=core.world,
        access=Access(world=core.world),
        messages=core.messages,
        renderer=core.renderer,
        limits=core.limits,
        faults=core.faults,
    )
    return routes.routes()


class PageSide:
    """What the page and the tests talk to."""

    def __init__(self, core: Core, *, bot_side: BotSide) -> None:
        wishes = PageInteractions(
            world=core.world, interactions=core.interactions, renderer=core.renderer, faults=core.faults
        )
        others = PageWishes(world=core.world, messages=core.messages, reactions=core.reactions, finder=wishes)
        self.socket = PageSocket(
            world=core.world,
            hub=core.pages,
            faults=core.faults,
            actions={**wishes.actions(), **others.actions()},
        )
        self.uploads = PageUploads(world=core.world, store=core.store, signer=core.signer, faults=core.faults)
        self.http = PageHttp(
            world=core.world,
            clock=core.clock,
            faults=core.faults,
            switches=core.switches,
            people=People(world=core.world, switches=core.switches),
            gateway=core.gateway,
            interactions=core.interactions,
            messages=core.messages,
            pages=core.pages,
            limits=bot_side.rate,
            log=bot_side.log,
        )
