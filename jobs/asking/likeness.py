"""Whose an entry of the provider's list may be: by the secret of its webhook, or by all that it echoes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from domain.job import Job
from domain.limits import MINUTE
from pixeldojo.replies import JobReply

CLOCKS_APART = 2 * MINUTE
"""Milliseconds by which the provider's clock may differ from ours."""
DEFAULTS: Mapping[str, frozenset[str]] = {
    "size": frozenset({"auto", "1024x1024"}),
    "background": frozenset({"auto"}),
    "quality": frozenset({"high", "auto"}),
    "fidelity": frozenset({"high"}),
    "format": frozenset({"png"}),
}
"""What models make of an option that was left out, where their schema says nothing else."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A job whose submission has no answer, and the addresses of the sources that were sent with it.

    ``defaults`` are what its model makes of options that were left out.
    """

    job: Job
    sources: tuple[str, ...]
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])


def is_named(job: Job, reply: JobReply) -> bool:
    """Tell whether an entry's webhook address holds a job's secret: that is a proof."""
    address = reply.echo.webhook_url
    return address is not None and job.secret is not None and address.rstrip("/").endswith(f"/{job.secret}")


def asks_the_same(job: Job, reply: JobReply) -> bool:
    """Tell whether an entry has a job's prompt and model, which proves nothing yet."""
    return reply.echo.prompt == job.prompt and reply.echo.model in {None, job.model}


def may_be(sent: Sent, reply: JobReply) -> bool:
    """Tell whether all that an entry echoes agrees with a job: at least prompt, and moment or sources."""
    echo, job = reply.echo, sent.job
    if echo.webhook_url is not None:
        return is_named(job, reply)
    if not asks_the_same(job, reply) or (echo.created_at is None and not echo.sources):
        return False
    submitted = job.submitted_at or job.created_at
    moment = echo.created_at is None or abs(echo.created_at - submitted) < CLOCKS_APART
    count = echo.count in {None, job.options.images}
    sources = not echo.sources or _places(echo.sources) == _places(sent.sources)
    return moment and count and sources and _same_options(sent, echo.options)


def _same_options(sent: Sent, told: Mapping[str, str]) -> bool:
    ours = sent.job.options.chosen()
    return all(
        value == str(ours[name]) if name in ours else _is_default(sent, name, value)
        for name, value in told.items()
    )


def _is_default(sent: Sent, name: str, value: str) -> bool:
    return value == sent.defaults.get(name) or value in DEFAULTS.get(name, ())


def _places(addresses: Sequence[str]) -> list[str]:
    # Signatures at the end of an address may be left out, or renewed.
    return [f"{parts.netloc}{parts.path}" for parts in map(urlsplit, addresses)]


def pairs(sent: Sequence[Sent], listed: Sequence[JobReply]) -> list[tuple[Sent, JobReply]]:
    """Return who is whose: by proof, or where exactly one job and exactly one entry agree in everything."""
    proven = [(each, reply) for each in sent for reply in listed if is_named(each.job, reply)]
    fitting = [(each, reply) for each in sent for reply in listed if may_be(each, reply)]
    alone = [
        (each, reply)
        for each, reply in fitting
        if sum(other is each for other, _ in fitting) == 1
        and sum(other is reply for _, other in fitting) == 1
    ]
    return proven + [pair for pair in alone if pair not in proven]
