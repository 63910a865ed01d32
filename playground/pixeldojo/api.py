"""The provider's endpoints under ``/api/v1``, and its results under ``/temp``."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from aiohttp import web

from playground.pixeldojo.books import Books, credits_of, thousandths_of
from playground.pixeldojo.catalogue import Json, Model
from playground.pixeldojo.clock import Clock, iso
from playground.pixeldojo.endings import job_failure, run_refusal
from playground.pixeldojo.faults import FAULTS, Fault
from playground.pixeldojo.front import API
from playground.pixeldojo.jobs import Failure, Job, Wording, duration, listed
from playground.pixeldojo.replies import ApiError, Reply, json_reply
from playground.pixeldojo.results import Results
from playground.pixeldojo.shapes import MODELS
from playground.pixeldojo.switches import Switches
from playground.pixeldojo.validation import problems_of
from playground.pixeldojo.workshop import Workshop

_LISTED = 50
_SLOW = 10.0
_DEAD_SECONDS = 1.0


class Api:
    """Handlers of the API; they own the jobs."""

    def __init__(
        self,
        *,
        clock: Clock,
        seed: int,
        key: str,
        switches: Switches,
        books: Books,
        workshop: Workshop,
        results: Results,
        api_url: str,
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._key = key
        self._switches = switches
        self._books = books
        self._workshop = workshop
        self._results = results
        self._api_url = api_url
        self._repeats: Counter[str] = Counter()
        self.jobs: dict[str, Job] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the endpoints into an application's router."""
        router.add_post(f"{API}/models/{{model}}/run", self.run)
        router.add_get(f"{API}/models", self.models)
        router.add_get(f"{API}/models/{{model}}", self.model)
        router.add_get(f"{API}/jobs", self.list_jobs)
        router.add_get(f"{API}/jobs/{{job}}", self.job)
        router.add_get("/temp/{name}", self.result)

    # Submitting

    async def run(self, request: web.Request) -> web.StreamResponse:
        """``POST /models/{apiId}/run``: check, charge, answer with 202; the job begins afterwards."""
        self._check_key(request)
        fault = FAULTS[self._switches.take_fault()]
        if fault.reply != "none" and not fault.booked:
            return Reply(action=fault.reply)
        model = self._runnable(request.match_info["model"], gone=fault.error == "model_gone")
        body = await self._body(request, model)
        self._screen(str(body["prompt"]), refuse=fault.error == "refuse")
        job = self._book(model, body, fault)
        reply = json_reply(self._receipt(job), status=202)
        reply.action = fault.reply
        reply.then = lambda: self._workshop.begin(job)
        return reply

    async def _body(self, request: web.Request, model: Model) -> Mapping[str, Any]:
        status = self._switches.invalid_status
        try:
            body: object = json.loads(await request.read())
        except ValueError:
            raise ApiError(400, "invalid_request", "The body is not JSON.") from None
        problems = problems_of(body, model)
        if problems:
            raise ApiError(status, "invalid_request", " ".join(problems))
        return cast("Mapping[str, Any]", body)

    def _screen(self, prompt: str, *, refuse: bool) -> None:
        """Refuse a prompt with a blocked word; the message quotes it, as the provider's may."""
        blocked = any(word.lower() in prompt.lower() for word in self._switches.blocked_words)
        if blocked or refuse:
            message = f"Your prompt was rejected by our content policy: {prompt}"
            raise ApiError(self._switches.refusal_status, "content_policy_violation", message)

    def cost_of(self, model: Model) -> int:
        """Return the catalogue's cost of one image, in thousandths of a credit."""
        own = self._switches.costs.get(model.api_id)
        return model.cost if own is None else thousandths_of(own)

    def _price(self, model: Model, body: Mapping[str, Any]) -> int:
        """Return what one image is charged, whatever the catalogue says, in thousandths of a credit."""
        remapped = self._switches.remap.get(model.api_id)
        own = self._switches.costs.get(model.api_id)
        each = model.price(body) if own is None else thousandths_of(own)
        each = each if remapped is None else thousandths_of(remapped)
        return max(0, each + thousandths_of(self._switches.surcharge))

    def _book(self, model: Model, body: Mapping[str, Any], fault: Fault) -> Job:
        """Charge a job and enter it, in one step that nothing can interrupt."""
        cost = self._price(model, body) * model.count_of(body)
        if self._books.balance < cost or fault.error == "no_credits":
            message = f"This costs {credits_of(cost)} credits, {credits_of(self._books.balance)} are left."
            raise ApiError(self._switches.no_credits_status, "insufficient_credits", message)
        now, number = self._clock.now(), len(self.jobs)
        ending = self._ending(model)
        seconds = duration(self._seed, number, edits=model.edits) * self._switches.latency * model.pace
        if ending is not None:
            fault, seconds = replace(fault, job="failed"), min(seconds, _DEAD_SECONDS)
        job = Job(
            number=number,
            id=f"job_{secrets.token_hex(12)}",
            model=model,
            body=body,
            cost=cost,
            created=now,
            seconds=seconds * (_SLOW if fault.job == "slow" else 1.0),
            expires=now + self._switches.result_seconds,
            fault=fault,
            ending=ending,
            edition=self._edition(model, body),
        )
        self._books.charge(job.id, cost)
        self.jobs[job.id] = job
        return job

    def _ending(self, model: Model) -> Failure | None:
        """Return why every job of a model fails, if its end is switched on."""
        wording = self._switches.dead_jobs.get(model.api_id)
        return None if wording is None else job_failure(model, wording)

    def _edition(self, model: Model, body: Mapping[str, Any]) -> int:
        """Count how often the same was asked before, where repetitions shall differ."""
        if not self._switches.vary_repeats:
            return 0
        key = f"{model.api_id} {body['prompt']}"
        self._repeats[key] += 1
        return self._repeats[key] - 1

    def _receipt(self, job: Job) -> Json:
        return {
            "jobId": job.id,
            "status": self._switches.running_words[0],
            "statusUrl": f"{self._api_url}/jobs/{job.id}",
            "creditCost": credits_of(job.cost),
            "creditsRemaining": credits_of(self._books.balance),
            "expiresAt": iso(job.expires),
        }

    # Asking

    async def job(self, request: web.Request) -> web.StreamResponse:
        """``GET /jobs/{id}``."""
        self._check_key(request)
        job = self.jobs.get(request.match_info["job"])
        if job is None or job.fault.job == "vanish":
            raise ApiError(404, "job_not_found", "There is no such job.")
        return json_reply(self.view(job))

    async def list_jobs(self, request: web.Request) -> web.StreamResponse:
        """``GET /jobs``: the 50 newest; its true shape is not public."""
        self._check_key(request)
        if self._switches.list_shape == "missing":
            raise ApiError(404, "not_found", "Not found.")
        if self._switches.list_shape == "unreadable":
            return json_reply({"data": {"page": 1, "items": "see the dashboard"}})
        newest = list(self.jobs.values())[: -_LISTED - 1 : -1]
        whole = self._switches.list_shape == "jobs"
        lines = [listed(self.view(job), job, whole=whole) for job in newest if job.fault.job != "vanish"]
        return json_reply({"jobs": lines})

    def view(self, job: Job) -> Json:
        """Return a job as the API shows it."""
        switches = self._switches
        wording = Wording(
            switches.running_words, switches.failed_word, switches.result_shape, switches.job_error_shape
        )
        return wording.view(job, self._clock.now(), self._books.of(job.id)[1])

    async def models(self, _request: web.Request) -> web.StreamResponse:
        """``GET /models``: the catalogue; needs no key."""
        shown = [self._entry(model) for model in MODELS if model.api_id not in self._switches.delist]
        return json_reply({"models": shown, "total": len(shown), "imageCount": len(shown), "videoCount": 0})

    async def model(self, request: web.Request) -> web.StreamResponse:
        """``GET /models/{apiId}``: an entry of the catalogue with its ``requestSchema``."""
        model = self._model(request.match_info["model"])
        return json_reply({**self._entry(model), "requestSchema": model.schema()})

    def _entry(self, model: Model) -> Json:
        cost = credits_of(self.cost_of(model))
        told: Json = {"default": cost, "type": "per_image", "amount": cost}
        if model.costs and model.api_id not in self._switches.costs:
            by = {value: credits_of(each) for value, each in model.costs.items()}
            told |= {"type": f"by_{model.priced_by}", "costs": {model.priced_by: by}}
        return {
            "apiId": model.api_id,
            "name": model.name,
            "description": model.description,
            "modality": "image",
            "creditCost": told,
            "capabilities": list(model.capabilities),
        }

    def _model(self, api_id: str, *, gone: bool = False) -> Model:
        for model in MODELS:
            if model.api_id == api_id and not gone and api_id not in self._switches.delist:
                return model
        raise ApiError(404, "model_not_found", f"Model '{api_id}' was not found.")

    def _runnable(self, api_id: str, *, gone: bool) -> Model:
        """Return a model that takes jobs, or refuse in the wording of its end."""
        model = self._model(api_id, gone=gone)
        wording = self._switches.dead_runs.get(api_id)
        if wording is not None:
            raise run_refusal(model, wording, self._switches.dead_status)
        return model

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self._key}".encode()):
            raise ApiError(401, "invalid_api_key", "Invalid or missing API key.")

    # Results

    async def result(self, request: web.Request) -> web.StreamResponse:
        """``GET /temp/{name}``: a file, without the key, until it expires."""
        result = self._results.get(request.match_info["name"])
        if result is None:
            return Reply(status=404, body=b"Not Found", content_type="text/plain")
        result.fetched = True
        return Reply(body=result.data, content_type=result.content_type, action=result.action)
