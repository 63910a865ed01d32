"""PixelDojo over aiohttp: one method for each thing that can be asked of it."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from pixeldojo.catalogue import Catalogue, ModelDescription, read_catalogue, read_model
from pixeldojo.download import Fetched, download
from pixeldojo.echoes import Asked
from pixeldojo.errors import JobDenied, ModelGone, Unanswered, Unavailable
from pixeldojo.failures import NOTHING
from pixeldojo.limits import RateLimit, read_limit
from pixeldojo.origins import parse_origin
from pixeldojo.replies import JobList, JobReply, Submitted, read_job, read_jobs, read_submitted
from pixeldojo.transport import Silence, exchange
from pixeldojo.urls import UrlRule
from pixeldojo.wire import Json, Reply, token

MAX_REDIRECTS: Final = 3
"""Redirects of a result that are followed, each judged like the first address."""

logger = logging.getLogger(__name__)


def ignore_limit(limit: RateLimit) -> None:
    """Take no notice of what a reply says about the request limit."""
    del limit


class PixelDojo:
    """The provider.

    Nothing is retried, queued or limited here; who calls decides. Cancelling a call cancels the
    request, so a submission must be shielded by whoever needs its answer.

    Parameters
    ----------
    session
        For the API; the key is sent through it.
    downloads
        For results, from `pixeldojo.addresses.guarded_session` with the API's origin trusted.
    api_url
        Up to and with ``/api/v1``.
    key
        Empty for what needs none (`models`, `model`).
    observe
        Told of the request limit after each reply, before the reply is returned or raised.
    submit_timeout, ask_timeout
        Seconds for a whole exchange; half of it, and 15 at most, for connecting. A submission is waited for
        long, since it is never repeated.

    Raises
    ------
    ValueError
        ``api_url`` is no plain http or https address, or ``key`` cannot stand in a header.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        downloads: aiohttp.ClientSession,
        api_url: str,
        key: str,
        observe: Callable[[RateLimit], None] = ignore_limit,
        submit_timeout: float = 90.0,
        ask_timeout: float = 15.0,
    ) -> None:
        self._origin = parse_origin(api_url)
        self._api_url = api_url.partition("?")[0].partition("#")[0].rstrip("/")
        self._headers = _headers(key)
        self._session = session
        self._downloads = downloads
        self._results = UrlRule.public(besides=[api_url])
        self._observe = observe
        self._submit_timeout = submit_timeout
        self._ask_timeout = ask_timeout

    def __repr__(self) -> str:
        return f"PixelDojo({self._origin.scheme}://{self._origin.host}:{self._origin.port})"

    async def submit(self, model: str, body: Mapping[str, Json]) -> Submitted:
        """Submit a run: one POST, which is never repeated.

        Raises
        ------
        Unavailable
            Nothing was sent.
        RateLimited
            429 without a job id: not accepted.
        Refused, OutOfCredits, InvalidKey, ModelGone
            Not accepted.
        Unanswered
            Sent, and everything else: the outcome is unknown.
        """
        if token(model) is None:
            raise ModelGone
        answer = await exchange(
            self._session,
            "POST",
            self._url("models", model, "run"),
            headers={**self._headers, "Content-Type": "application/json"},
            body=json.dumps(body, allow_nan=False).encode("ascii"),
            seconds=self._submit_timeout,
        )
        if isinstance(answer, Silence):
            raise Unanswered(answer.cause) if answer.sent else Unavailable(answer.cause)
        self._tell(answer)
        prompt = body.get("prompt")
        asked = Asked(prompt if isinstance(prompt, str) else "", model)
        return read_submitted(answer, asked=asked)

    async def job(self, job_id: str, *, asked: Asked = NOTHING) -> JobReply:
        """Ask about one job; ``asked`` is what it was asked for: errors echo it, as no evidence.

        Raises
        ------
        JobDenied
            The provider does not know it, or has an error that does not name it: weak evidence.
        UnreadableReply, Unavailable, RateLimited, InvalidKey, Refused, OutOfCredits
            Nothing was learned.
        """
        if token(job_id) is None:
            raise JobDenied
        return read_job(await self._ask("jobs", job_id), job_id, asked=asked)

    async def jobs(self, more: str | None = None) -> JobList:
        """Ask for a page of recent jobs; absence from the list proves nothing.

        Parameters
        ----------
        more
            Of the page before, if it named a next one.

        Raises
        ------
        UnreadableReply
            The shape of the list, which is not public, is none that can be read.
        Unavailable, RateLimited, InvalidKey, Refused, OutOfCredits
            Nothing was learned.
        """
        return read_jobs(await self._ask("jobs", query=more))

    async def models(self) -> Catalogue:
        """Ask which models there are.

        Raises
        ------
        UnreadableReply, Unavailable, RateLimited, InvalidKey, Refused, OutOfCredits
            Nothing was learned.
        """
        return read_catalogue(await self._ask("models"))

    async def model(self, api_id: str) -> ModelDescription:
        """Ask what one model takes.

        Raises
        ------
        ModelGone
            The provider has no such model.
        UnreadableReply, Unavailable, RateLimited, InvalidKey, Refused, OutOfCredits
            Nothing was learned.
        """
        if token(api_id) is None:
            raise ModelGone
        return read_model(await self._ask("models", api_id), api_id)

    async def fetch(self, url: str, path: Path, *, max_bytes: int, seconds: float) -> Fetched:
        """Fetch a result to a file, without the key; public https, or the API's own origin.

        Raises
        ------
        ResultGone, FetchRefused, FetchTooLarge, FetchFailed, OSError
            As `download` says.
        """
        return await download(
            self._downloads,
            url,
            path,
            allow=self._results,
            max_bytes=max_bytes,
            seconds=seconds,
            max_redirects=MAX_REDIRECTS,
        )

    async def _ask(self, *steps: str, query: str | None = None) -> Reply:
        url = self._url(*steps)
        if query is not None:
            url = URL(f"{url}?{query}", encoded=True)
        answer = await exchange(self._session, "GET", url, headers=self._headers, seconds=self._ask_timeout)
        if isinstance(answer, Silence):
            raise Unavailable(answer.cause)
        self._tell(answer)
        return answer

    def _url(self, *steps: str) -> URL:
        return URL("/".join([self._api_url, *(quote(step, safe="") for step in steps)]), encoded=True)

    def _tell(self, reply: Reply) -> None:
        # An observer that breaks must not cost the reply: it may hold the id of a paid job.
        try:
            self._observe(read_limit(reply.status, reply.headers))
        except Exception:
            logger.exception("The observer of the provider's request limit failed")


def _headers(key: str) -> Mapping[str, str]:
    if not key:
        return {"Accept": "application/json"}
    if token(key) is None:
        raise ValueError("the key is not 1 to 200 printable ASCII characters without blanks")
    return {"Accept": "application/json", "Authorization": f"Bearer {key}"}
