"""Calls of ``webhook_url`` when a job ends: punctual, twice, late, never, or forged by somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from aiohttp import ClientError, ClientSession, ClientTimeout

from playground.pixeldojo.catalogue import Json
from playground.pixeldojo.jobs import Job
from playground.pixeldojo.switches import Switches

_TIMEOUT = ClientTimeout(total=10)
_FORGED_ID = "job_000000000000000000000000"


class Webhooks:
    """Sends the calls and keeps a list of them; nothing is tried twice."""

    def __init__(self, *, session: ClientSession, switches: Switches) -> None:
        self._session = session
        self._switches = switches
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent: list[Json] = []

    async def close(self) -> None:
        """Drop the calls that are under way or wait."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def began(self, job: Job) -> None:
        """Send forgeries, where these are switched on: a wrong address, a wrong job, a wrong state."""
        url = job.body.get("webhook_url")
        if self._switches.webhooks != "forged" or url is None:
            return
        guessed = url[:-1] + ("0" if url[-1] != "0" else "1")
        self._start(self._send(guessed, job.id, {"jobId": job.id, "status": "completed"}))
        self._start(self._send(url, job.id, {"jobId": _FORGED_ID, "status": "completed"}))
        self._start(
            self._send(url, job.id, {"jobId": job.id, "status": "completed", "output": {"images": []}})
        )

    def ended(self, job: Job, status: str, *, again: bool = False) -> None:
        """Tell the address of a job that it ended, as the switch says; `again` sends whatever it says."""
        url = job.body.get("webhook_url")
        mode = self._switches.webhooks
        if url is None or (mode == "off" and not again):
            return
        delay = self._switches.webhook_delay if mode == "late" and not again else 0.0
        for _ in range(2 if mode == "twice" and not again else 1):
            self._start(self._send(url, job.id, {"jobId": job.id, "status": status}, delay=delay))

    def _start(self, sending: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, url: str, job_id: str, payload: Json, *, delay: float = 0.0) -> None:
        await asyncio.sleep(delay)
        record: Json = {"job": job_id, "url": url, "payload": payload, "status": None, "error": None}
        self.sent.append(record)
        try:
            async with self._session.post(
                url, json=payload, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                record["status"] = response.status
        except (ClientError, TimeoutError, OSError) as error:
            record["error"] = type(error).__name__
