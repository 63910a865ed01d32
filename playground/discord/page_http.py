"""``/page/*``: switches, clock, members, log and state, for the page's drawer and for tests."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import ClientSession, web

from playground.discord.clock import PlaygroundClock
from playground.discord.faults import Faults
from playground.discord.gateway import GatewayHub
from playground.discord.interactions import Interactions
from playground.discord.jsons import JsonObject, as_id, as_list, as_object, as_text, encode
from playground.discord.messages import Messages
from playground.discord.model import Overwrite
from playground.discord.page_hub import PageHub
from playground.discord.people import People
from playground.discord.permissions import bits
from playground.discord.posts import Message
from playground.discord.ratelimits import RateLimiter
from playground.discord.request_log import RequestLog
from playground.discord.switches import Switches
from playground.discord.world import World

Wish = Callable[[JsonObject], object]


class PageHttp:
    """Answers the page's and the tests' requests that are not the page's websocket."""

    def __init__(
        self,
        *,
        world: World,
        clock: PlaygroundClock,
        faults: Faults,
        switches: Switches,
        people: People,
        gateway: GatewayHub,
        interactions: Interactions,
        messages: Messages,
        pages: PageHub,
        limits: RateLimiter,
        log: RequestLog,
    ) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults
        self._switches = switches
        self._people = people
        self._gateway = gateway
        self._interactions = interactions
        self._messages = messages
        self._pages = pages
        self._limits = limits
        self._log = log

    def install(self, app: web.Application) -> None:
        """Add the paths to an application."""
        app.router.add_get("/page/faults", self._show_faults)
        app.router.add_get("/page/log", self._show_log)
        app.router.add_get("/page/state", self._show_state)
        wishes: dict[str, Wish] = {
            "faults": self._switches.set,
            "gateway": self._do_gateway,
            "members": self._people.join,
            "clock": self._skip,
            "delete-message": self._delete_message,
            "command-permissions": self._set_rules,
            "overwrites": self._set_overwrite,
            "dispatch": self._dispatch,
        }
        for name, wish in wishes.items():
            app.router.add_post(f"/page/{name}", _posted(wish))

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._faults.show(), dumps=encode)

    async def _show_log(self, request: web.Request) -> web.Response:
        after = as_id(request.query.get("after", "0")) or 0
        return web.json_response(self._log.since(after), dumps=encode)

    async def _show_state(self, _: web.Request) -> web.Response:
        channels = self._world.channels.values()
        messages = [
            message for channel in channels for message in channel.timeline.newest(len(channel.timeline))
        ]
        body = {
            "messages": [self._with_files(message) for message in sorted(messages, key=lambda item: item.id)],
            "deleted": [
                {"id": str(message.id), "channel_id": str(message.channel_id)}
                for message in self._world.deleted
            ],
            "invalid_requests": self._limits.invalid,
            "bot_online": self._pages.bot_online,
        }
        return web.json_response(body, dumps=encode)

    def _with_files(self, message: Message) -> JsonObject:
        files = [
            {
                "id": str(item.id),
                "filename": item.filename,
                "size": item.file.size,
                "sha256": item.file.sha256,
            }
            for item in message.attachments
        ]
        only_for = message.only_for and str(message.only_for)
        shown = self._pages.message_json(message, self._world.bot.id)
        return {**shown, "files": files, "only_for": only_for}

    def _do_gateway(self, body: JsonObject) -> JsonObject:
        actions: dict[str, Callable[[], None]] = {
            "drop": self._gateway.drop,
            "reconnect": self._gateway.reconnect,
            "invalid_session": self._gateway.invalidate,
            "pause": lambda: self._gateway.pause(paused=True),
            "resume": lambda: self._gateway.pause(paused=False),
        }
        action = actions.get(as_text(body.get("do")))
        if action is None:
            raise ValueError(f"do is one of {', '.join(actions)}.")
        action()
        return {"done": body["do"]}

    def _skip(self, body: JsonObject) -> JsonObject:
        self._clock.skip(float(body.get("skip") or 0))
        self._interactions.give_up_late()
        return {"now": self._clock.now()}

    def _delete_message(self, body: JsonObject) -> JsonObject:
        channel_id, message_id = as_id(body.get("channel_id")), as_id(body.get("message_id"))
        message = self._world.message(channel_id or 0, message_id or 0)
        if message is None:
            raise ValueError("There is no such message.")
        self._messages.delete(message)
        return {"deleted": str(message.id)}

    def _set_rules(self, body: JsonObject) -> JsonObject:
        number, rules = as_id(body.get("command_id")), body.get("permissions")
        if number is None:
            raise ValueError("command_id is the id of a command, or of the application for all.")
        if rules is None:
            self._world.application.command_rules.pop(number, None)
        else:
            self._world.application.command_rules[number] = as_list(rules)
        return {"command_id": str(number), "permissions": rules}

    def _set_overwrite(self, body: JsonObject) -> JsonObject:
        channel = self._world.channels.get(as_id(body.get("channel_id")) or 0)
        number = as_id(body.get("id"))
        if channel is None or number is None:
            raise ValueError("channel_id and id (of a member or role) are needed.")
        allow, deny = (bits([str(name) for name in as_list(body.get(key))]) for key in ("allow", "deny"))
        kind = 0 if number in self._world.guild.roles else 1
        self._switches.overwrite(channel, Overwrite(number, kind, allow, deny))
        return {"allow": str(allow), "deny": str(deny)}

    def _dispatch(self, body: JsonObject) -> JsonObject:
        event = as_text(body.get("event"))
        if not event:
            raise ValueError("event is the name of a gateway event.")
        self._gateway.dispatch(event, as_object(body.get("data")))
        return {"event": event}


def _posted(wish: Wish) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = as_object(json.loads(await request.read() or b"{}"))
            return web.json_response(wish(body), dumps=encode)
        except ValueError as problem:
            return web.json_response({"message": str(problem)}, status=400)

    return handle


class ProviderPass:
    """Hands ``/page/provider/*`` on to the stand-in provider's ``/control/*``: the page needs one origin."""

    def __init__(self, *, control_url: str | None) -> None:
        self._url = control_url

    async def handle(self, request: web.Request) -> web.Response:
        """Pass one request on."""
        if self._url is None:
            return web.json_response({"message": "No stand-in provider is configured."}, status=404)
        target = f"{self._url.rstrip('/')}/{request.match_info['path']}"
        kind = {"Content-Type": request.headers.get("Content-Type", "application/json")}
        async with (
            ClientSession() as session,
            session.request(
                request.method, target, params=request.query, data=await request.read(), headers=kind
            ) as reply,
        ):
            return web.Response(status=reply.status, body=await reply.read(), content_type=reply.content_type)
