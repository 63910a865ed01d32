"""The provider's books against the bot's, at the end of a run: whose images, at whose cost."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp

from tests.e2e.messages import text_of
from tests.faults.fast_world import FastWorld

ROWS = (
    "SELECT jobs.id, jobs.secret, snowflake AS member_id, provider_job_id, status, failure, collected, card_id,"
    " jobs.prompt, jobs.origin, COALESCE((SELECT SUM(spent) FROM entries WHERE job_id = jobs.id), 0) AS spent,"
    " COALESCE((SELECT SUM(held) FROM entries WHERE job_id = jobs.id), 0) AS held"
    " FROM jobs JOIN members ON surrogate = member"
)


class Books:
    """Both books, as they are now. ``answers``: by card, the member whom it answered."""

    def __init__(self, world: FastWorld, *, answers: Mapping[str, str]) -> None:
        self._world = world
        self._answers = answers
        self.rows: list[dict[str, Any]] = [dict(row) for row in world.query(ROWS)]
        self._by_secret = {row["secret"]: row for row in self.rows if row["secret"]}
        self.jobs = world.provider.control._api.jobs
        self.kept = {
            line["job"]: round(1000 * (line["cost"] - line["refunded"]))
            for line in world.provider.control.books()
        }

    def owner(self, job_id: str) -> dict[str, Any] | None:
        """Return our row of a job of the provider, by the secret that was sent with its submission."""
        address = str(self.jobs[job_id].body.get("webhook_url") or "")
        return self._by_secret.get(address.rpartition("/")[2])

    async def findings(self) -> list[str]:
        """Return what is not so."""
        shown = self._shown()
        found = [problem for job, kept in self.kept.items() for problem in self._of_job(job, kept)]
        found += [problem for row in self.rows for problem in self._of_row(row)]
        async with aiohttp.ClientSession() as session:
            for job_id, kept in self.kept.items():
                row = self.owner(job_id)
                if kept and row is not None and row["status"] == "done":
                    found += await self._of_images(session, job_id, row, shown[row["id"]])
        kept, spent = sum(self.kept.values()), sum(row["spent"] for row in self.rows)
        return found if kept == spent else [*found, f"{kept} kept in all, {spent} charged"]

    def _of_job(self, job_id: str, kept: int) -> Iterator[str]:
        row = self.owner(job_id)
        if row is None:
            yield f"{job_id} was submitted for nobody"
        elif row["provider_job_id"] not in {None, job_id}:
            yield f"{job_id} is {row['id']}'s, which has {row['provider_job_id']}"
        elif kept and (row["status"] != "done" or row["provider_job_id"] != job_id):
            yield f"{job_id}: {kept} kept, and {row['id']} is {row['status']} ({row['failure']})"
        elif row["spent"] != kept:
            yield f"{job_id}: {kept} kept, {row['spent']} charged to {row['id']} ({row['status']})"

    def _of_row(self, row: dict[str, Any]) -> Iterator[str]:
        if row["held"]:
            yield f"{row['id']} ({row['status']}): {row['held']} are still held"
        if row["spent"] and row["provider_job_id"] not in self.kept:
            yield f"{row['id']}: charged for a job that the provider does not know"
        owner = row["prompt"].rpartition(" of ")[2] if row["prompt"].startswith("wish ") else None
        if row["origin"] in {"command", "edit"} and owner not in {None, str(row["member_id"])}:
            yield f"{row['id']} was asked for by {owner} and is on {row['member_id']}'s account"
        answered = self._answers.get(str(row["card_id"]))
        if answered not in {None, str(row["member_id"])}:
            yield f"{row['id']} answered {answered} and is on {row['member_id']}'s account"

    async def _of_images(
        self,
        session: aiohttp.ClientSession,
        job_id: str,
        row: dict[str, Any],
        shown: Counter[tuple[str, str]],
    ) -> list[str]:
        """Compare what the provider made with what is kept, and with what Discord shows to whom."""
        made: list[str] = []
        for url in self.jobs[job_id].urls:
            async with session.get(url) as reply:
                made.append(hashlib.sha256(await reply.read()).hexdigest())
        images = self._world.query(
            "SELECT sha256 FROM images WHERE job_id = ? AND role = 'result' ORDER BY position", row["id"]
        )
        found: list[str] = []
        if [image["sha256"] for image in images] != made:
            found.append(f"{row['id']} keeps other images than {job_id} has made")
        right = Counter((sha, f"<@{row['member_id']}>") for sha in made) if row["collected"] else Counter()
        if shown != right:
            found.append(f"{row['id']}: Discord shows {dict(shown)} of {job_id}, not {dict(right)}")
        return found

    def _shown(self) -> dict[str, Counter[tuple[str, str]]]:
        """Return by job the results that messages show, and who is said to pay for them."""
        found = defaultdict[str, Counter[tuple[str, str]]](Counter)
        world = self._world.discord.world
        for channel in world.channels.values():
            for message in channel.timeline.newest(10**6):
                said = text_of({"components": message.components, "content": message.content})
                payer = next((word for word in said.split() if word.startswith("<@")), "nobody")
                for item in message.attachments:
                    if item.filename.startswith("darkroom-"):
                        job_id = item.filename.removeprefix("darkroom-").rsplit("-", 1)[0]
                        found[job_id][item.file.sha256, payer] += 1
        return found
