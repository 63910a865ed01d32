"""``/control``: what the playground's drawer and the tests see and turn."""

from __future__ import annotations

from typing import Any, cast

from aiohttp import web

from playground.pixeldojo.api import Api
from playground.pixeldojo.books import Books, credits_of, thousandths_of
from playground.pixeldojo.catalogue import Json
from playground.pixeldojo.clock import Clock
from playground.pixeldojo.front import Front
from playground.pixeldojo.jobs import Job, book_lines, overview
from playground.pixeldojo.shapes import MODELS
from playground.pixeldojo.switches import Switches
from playground.pixeldojo.webhooks import Webhooks
from playground.pixeldojo.workshop import Workshop

_SHOWN = 50


class Control:
    """Handlers under ``/control``; each needs no key, the stand-in listens on loopback only."""

    def __init__(
        self,
        *,
        clock: Clock,
        switches: Switches,
        books: Books,
        api: Api,
        front: Front,
        workshop: Workshop,
        webhooks: Webhooks,
    ) -> None:
        self._clock = clock
        self._switches = switches
        self._books = books
        self._api = api
        self._front = front
        self._workshop = workshop
        self._webhooks = webhooks

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the endpoints into an application's router."""
        router.add_get("/control/state", self._get_state)
        router.add_get("/control/books", self._get_books)
        router.add_get("/control/entries", self._get_entries)
        router.add_get("/control/log", self._get_log)
        router.add_get("/control/webhooks", self._get_webhooks)
        router.add_get("/control/switches", self._get_switches)
        router.add_post("/control/switches", self._post_switches)
        router.add_post("/control/spend", self._post_spend)
        router.add_post("/control/finish", self._post_finish)
        router.add_post("/control/clock", self._post_clock)
        router.add_post("/control/webhooks", self._post_webhooks)

    def state(self) -> Json:
        """Return balance, switches, models, the newest 50 jobs and requests."""
        now = self._clock.now()
        newest = list(self._api.jobs.values())[: -_SHOWN - 1 : -1]
        return {
            "balance": credits_of(self._books.balance),
            "jobs": [overview(job, self._status(job), now) for job in newest],
            "switches": self.switches(),
            "models": [
                {"id": model.api_id, "name": model.name, "cost": credits_of(self._api.cost_of(model))}
                for model in MODELS
            ],
            "requests_per_minute": self._front.requests.count(),
            "log": list(self._front.log)[: -_SHOWN - 1 : -1],
        }

    def switches(self) -> Json:
        """Return all switches, the balance among them."""
        return {**self._switches.as_json(), "balance": credits_of(self._books.balance)}

    def merge(self, changes: Json) -> None:
        """Change switches; ``balance`` is booked as a top-up.

        Raises
        ------
        ValueError
            A name or a value is unknown; nothing was changed then.
        """
        others = {name: value for name, value in changes.items() if name != "balance"}
        balance = changes.get("balance")
        if "balance" in changes and (isinstance(balance, bool) or not isinstance(balance, int | float)):
            raise ValueError("'balance' must be a number of credits.")
        self._switches.merge(others)
        if isinstance(balance, int | float):
            self._books.top_up(thousandths_of(balance) - self._books.balance)

    def books(self) -> list[Json]:
        """Return what every job was charged and refunded, oldest first."""
        jobs = self._api.jobs.values()
        refunds = {job.id: self._books.of(job.id)[1] for job in jobs}
        return book_lines(jobs, refunds, {job.id: self._status(job) for job in jobs})

    def finish(self, job_id: str | None = None) -> int:
        """End one running job now, or all of them; return how many."""
        return self._workshop.finish(job_id)

    def skip(self, seconds: float) -> None:
        """Push the clock: jobs, results and request windows age."""
        self._clock.skip(seconds)
        self._workshop.hurry()

    def _status(self, job: Job) -> str:
        return job.status(self._clock.now(), self._switches.running_words, self._switches.failed_word)

    async def _get_state(self, _request: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _get_books(self, _request: web.Request) -> web.Response:
        return web.json_response(self.books())

    async def _get_entries(self, _request: web.Request) -> web.Response:
        return web.json_response(list(self._books.entries()))

    async def _get_log(self, _request: web.Request) -> web.Response:
        return web.json_response(list(self._front.log))

    async def _get_webhooks(self, _request: web.Request) -> web.Response:
        return web.json_response(self._webhooks.sent)

    async def _get_switches(self, _request: web.Request) -> web.Response:
        return web.json_response(self.switches())

    async def _post_switches(self, request: web.Request) -> web.Response:
        try:
            self.merge(await _object(request))
        except ValueError as error:
            return _refused(str(error))
        return web.json_response(self.switches())

    async def _post_spend(self, request: web.Request) -> web.Response:
        spent = (await _object(request)).get("credits")
        if isinstance(spent, bool) or not isinstance(spent, int | float):
            return _refused("'credits' must be a number.")
        self._books.spend(thousandths_of(spent))
        return web.json_response({"balance": credits_of(self._books.balance)})

    async def _post_finish(self, request: web.Request) -> web.Response:
        job_id = (await _object(request)).get("job")
        if job_id is not None and job_id not in self._api.jobs:
            return _refused("There is no such job.")
        return web.json_response({"finished": self.finish(job_id)})

    async def _post_clock(self, request: web.Request) -> web.Response:
        seconds = (await _object(request)).get("skip")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return _refused("'skip' must be a number of seconds.")
        self.skip(seconds)
        return web.json_response({"now": self._clock.now()})

    async def _post_webhooks(self, request: web.Request) -> web.Response:
        """Send the call of an ended job again."""
        job = self._api.jobs.get(str((await _object(request)).get("job")))
        if job is None or not job.outcome:
            return _refused("There is no such ended job.")
        self._webhooks.ended(job, self._status(job), again=True)
        return web.json_response({"sent": 1})


async def _object(request: web.Request) -> Json:
    """Return a JSON object from a body; anything else is a bad request."""
    try:
        body: Any = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body must be a JSON object.")
    return cast("Json", body)


def _refused(problem: str) -> web.Response:
    return web.json_response({"error": problem}, status=400)
