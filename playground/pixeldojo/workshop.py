"""Runs jobs: one timer each, sources fetched at once, pictures painted while the timer runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from playground.pixeldojo.books import Books
from playground.pixeldojo.clock import Clock
from playground.pixeldojo.fetching import Fetcher, SourceError
from playground.pixeldojo.jobs import Failure, Job
from playground.pixeldojo.pictures import artist, odd
from playground.pixeldojo.pictures.artist import MASK, Order, pixels_of
from playground.pixeldojo.results import Results
from playground.pixeldojo.switches import Switches
from playground.pixeldojo.webhooks import Webhooks

_logger = logging.getLogger(__name__)
_FAILURES = {
    "failed": Failure("generation_failed", "The model could not process the request: {prompt}"),
    "moderated": Failure(
        "content_policy_violation", "The result was rejected by the safety system: {prompt}"
    ),
    "cancelled": Failure("cancelled", "The job was cancelled."),
    "expired": Failure("expired", "The job took too long."),
}
_OUTCOMES = {"cancelled": "cancelled", "expired": "expired"}


class Workshop:
    """Everything that happens to a job after its submission was answered."""

    def __init__(
        self,
        *,
        clock: Clock,
        seed: int,
        switches: Switches,
        books: Books,
        fetcher: Fetcher,
        results: Results,
        webhooks: Webhooks,
        results_url: str,
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._switches = switches
        self._books = books
        self._fetcher = fetcher
        self._results = results
        self._webhooks = webhooks
        self._results_url = results_url
        # Two pictures at a time: a decoded source of 100 megapixels is 400 MB.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="painter")
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: dict[str, Job] = {}

    async def close(self) -> None:
        """Stop all timers and drop what is under way; a picture that is being made is finished."""
        for job in self._running.values():
            if job.timer is not None:
                job.timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(cancel_futures=True)

    def begin(self, job: Job) -> None:
        """Let a job run: it ends after its seconds, or when its pictures are done if that is later."""
        self._running[job.id] = job
        self._webhooks.began(job)
        self._set_timer(job)
        if self._is_cheap(job):
            job.made = artist.tiny(self._order(job))
            return
        task = asyncio.create_task(self._make(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def finish(self, job_id: str | None) -> int:
        """End one running job now, or all of them; return how many."""
        jobs = [job for job in self._running.values() if job_id in (None, job.id)]
        for job in jobs:
            self._due(job)
        return len(jobs)

    def hurry(self) -> None:
        """Set all timers anew after the clock was pushed forward."""
        for job in self._running.values():
            self._set_timer(job)

    def _set_timer(self, job: Job) -> None:
        if job.timer is not None:
            job.timer.cancel()
        if job.fault.job == "stuck" or job.due:
            return
        left = max(0.0, job.created + job.seconds - self._clock.now())
        job.timer = asyncio.get_running_loop().call_later(left, self._due, job)

    def _due(self, job: Job) -> None:
        if job.timer is not None:
            job.timer.cancel()
        job.due = True
        self._settle(job)

    def _is_cheap(self, job: Job) -> bool:
        """Tell whether a job needs neither network nor threads, nor then a task of its own."""
        switches = self._switches
        return switches.fast_results and switches.big_results is None and not self._addresses(job)

    def _addresses(self, job: Job) -> dict[str, str]:
        """Return what is to be fetched, by parameter name, sources in their order."""
        if not self._switches.fetch_sources:
            return {}
        names = job.model.names
        urls = job.model.sources_of(job.body)
        named = {f"{names.sources}[{number}]": url for number, url in enumerate(urls)}
        return named | ({MASK: str(job.body[names.mask])} if names.mask in job.body else {})

    def _order(self, job: Job) -> Order:
        body = job.body
        return Order(
            prompt=job.prompt,
            seed=self._seed,
            count=job.count,
            image_size=pixels_of(job.model.chosen(body, job.model.names.size)),
            background=str(body.get("background", "auto")),
            quality=str(body.get("quality", "high")),
            fidelity=str(body.get("input_fidelity", "high")),
            output_format=str(body.get("output_format", "png")),
            edition=job.edition,
        )

    async def _make(self, job: Job) -> None:
        """Fetch and paint; whatever goes wrong fails the job at once."""
        sources: dict[str, IO[bytes]] = {}
        try:
            sources = await self._fetcher.fetch_all(self._addresses(job))
            loop = asyncio.get_running_loop()
            job.made = await loop.run_in_executor(self._threads, self._paint, job, sources)
        except (SourceError, artist.UnreadableImageError) as error:
            self._end(job, Failure("invalid_image", f"{error}."))
        except Exception as error:
            _logger.exception("The stand-in could not paint job %s.", job.id)
            self._end(job, Failure("server_error", type(error).__name__))
        else:
            self._settle(job)
        finally:
            for source in sources.values():
                source.close()

    def _paint(self, job: Job, sources: Mapping[str, IO[bytes]]) -> list[bytes]:
        """Return the files of a job, in a thread: a source that is no picture is refused either way."""
        order, pictures = self._order(job), artist.decode(sources)
        if self._switches.fast_results or (job.model.edits and not sources):
            made = artist.tiny(order)
        else:
            made = artist.paint(order, pictures)
        size = self._switches.big_results or 0
        return [odd.padded(data, order.output_format, size) for data in made]

    def _settle(self, job: Job) -> None:
        """End a job whose time is up, as its fault says, once that can be."""
        if not job.due or job.outcome:
            return
        failure = _failure(job)
        if failure is not None:
            self._end(job, failure)
        elif job.made is not None:
            self._publish(job, job.made)
            self._end(job, None)

    def _publish(self, job: Job, made: list[bytes]) -> None:
        kept = {"no_images": 0, "fewer_images": max(1, len(made) - 1)}.get(job.fault.job, len(made))
        if job.fault.job == "foreign_result":
            job.urls = [self._switches.redirect_to] * kept
            return
        output_format = self._order(job).output_format
        for data in made[:kept]:
            name = self._results.add(data, output_format, expires=job.expires, action=job.fault.result)
            job.urls.append(f"{self._results_url}/{name}")

    def _end(self, job: Job, failure: Failure | None) -> None:
        """Book the end of a job and tell its webhook."""
        if job.outcome:
            return
        if job.timer is not None:
            job.timer.cancel()
        job.outcome = "completed" if failure is None else _OUTCOMES.get(job.fault.job, "failed")
        job.failure, job.ended, job.made = failure, self._clock.now(), None
        if failure is not None and self._switches.refund_failures:
            self._books.refund(job.id)
        self._running.pop(job.id, None)
        status = job.status(job.ended, self._switches.running_words, self._switches.failed_word)
        self._webhooks.ended(job, status)


def _failure(job: Job) -> Failure | None:
    """Return why a job whose time is up fails, if it does."""
    known = _FAILURES.get(job.fault.job)
    if job.ending is not None or known is None:
        return job.ending
    return Failure(known.code, known.message.format(prompt=job.prompt))
