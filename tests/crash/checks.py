"""What must be true when a scene is over, counted: rows, ledger, Discord's messages, the provider's books."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from itertools import pairwise

from accounts.verify import verify_snapshot
from storage.errors import Unusable
from tests.crash.modes import FAILING, kind_of
from tests.crash.scene import Row, Seen
from tests.e2e.messages import text_of, title_of

RESULT = re.compile(r"darkroom-(?P<job>.+)-(?P<position>\d+)\.\w+")
OPEN = frozenset({"queued", "submitting", "running", "delivering"})
TITLES = {"done": "Done", "failed": "Failed", "unknown": "Contact lost"}


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of what must not be (``findings`` adds them up), and of what is; ``notes`` says more.

    ``difference`` is what the provider kept beyond our charges in thousandths of a credit, ``explained`` the
    part of it that belongs to jobs listed as unknown: the two must be equal. ``mismatched`` jobs were
    charged anything but what the provider kept for them. ``drift`` that was booked is not what the two books
    say, ``late`` requests came from a process that was not to send any more. ``surprises``: a bot ended by itself, or the
    members waited in vain. ``restless``: something was still going on when all was to be at rest.
    """

    double_submissions: int = 0
    double_charges: int = 0
    lost: int = 0
    twice: int = 0
    never: int = 0
    ledger: int = 0
    cards: int = 0
    mismatched: int = 0
    drift: int = 0
    late: int = 0
    surprises: int = 0
    restless: int = 0
    jobs: int = 0
    unknown: int = 0
    charged: int = 0
    difference: int = 0
    explained: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def for_good(self) -> int:
        """How much is wrong that no waiting mends."""
        doubled = self.double_submissions + self.double_charges + self.late
        return doubled + (doubled > 0 and self.difference != self.explained)

    @property
    def findings(self) -> int:
        """How much is wrong."""
        counted = sum(getattr(self, name) for name in (*CHECKS, "surprises", "restless"))
        return counted + (self.difference != self.explained)

    def add(self, other: "Tally") -> None:
        """Add another's counts and notes."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def look(seen: Seen) -> Tally:
    """Check everything."""
    unknown = [row for row in seen.jobs if row["status"] == "unknown"]
    tally = Tally(
        jobs=len(seen.jobs),
        unknown=len(unknown),
        charged=sum(_spent(seen).values()),
    )
    for name, check in CHECKS.items():
        found = list(check(seen))
        setattr(tally, name, len(found))
        tally.notes.extend(f"{name}: {problem}" for problem in found)
    kept = _kept(seen)
    tally.difference = sum(kept.values()) - tally.charged
    tally.explained = sum(kept[job] for job in _belonging_to_unknown(seen))
    return tally


# Money


def _double_submissions(seen: Seen) -> Iterator[str]:
    """A job is submitted once: neither more requests nor more jobs at the provider than rows that went."""
    went = Counter(row["prompt"] for row in seen.jobs if row["submitted_at"] is not None)
    bodies = [post["body"] for post in seen.posts if isinstance(post.get("body"), dict)]
    for name, counted in (
        ("requests", Counter(body["prompt"] for body in bodies)),
        ("jobs at the provider", Counter(job["prompt"] for job in seen.at_provider)),
    ):
        for prompt, count in counted.items():
            if count > went[prompt]:
                yield f"{count} {name} for {went[prompt]} rows of {prompt!r}"
    if len(seen.posts) > went.total():
        yield f"{len(seen.posts)} requests for {went.total()} rows"
    for address, count in Counter(body.get("webhook_url") for body in bodies).items():
        if address is not None and count > 1:
            yield f"{count} requests with the same secret"


def _double_charges(seen: Seen) -> Iterator[str]:
    """A hold ends once, and no job of the provider is paid for by two of ours."""
    ends = Counter(row["job_id"] for row in seen.entries if row["kind"] in {"charge", "release"})
    names = Counter(row["provider_job_id"] for row in seen.jobs if row["provider_job_id"] is not None)
    for name, count in (ends + names).items():
        if count > 1:
            yield f"{name} was charged or released {count} times"


def _ledger(seen: Seen) -> Iterator[str]:
    try:
        yield from map(str, verify_snapshot(seen.snapshots))
    except Unusable as error:
        yield str(error)


def _mismatched(seen: Seen) -> Iterator[str]:
    """A job costs its member what the provider kept for it: for a failed one nothing."""
    kept, spent = _kept(seen), _spent(seen)
    for row in seen.jobs:
        ours, theirs = spent[row["id"]], kept[row["provider_job_id"] or ""]
        if ours != theirs:
            yield f"{row['id']} ({row['status']}): {ours} charged, {theirs} kept"


def _drift(seen: Seen) -> Iterator[str]:
    """What was booked between two balances is what the ledger says of them now that all of it is there."""
    told: list[int] = []
    for before, after in pairwise(seen.balances):
        gone = before["remaining"] - after["remaining"]
        booked = sum(
            row["spent"]
            for row in seen.entries
            if before["last_entry"] < row["id"] <= after["last_entry"] and row["kind"] in {"charge", "refund"}
        )
        told.append(gone - booked - (after["committed"] - before["committed"]))
    if (right := [each for each in told if each]) != (ours := [row["amount"] for row in seen.drifts]):
        yield f"{ours} where it was {right}"


def _late(seen: Seen) -> Iterator[str]:
    yield from seen.late


def _kept(seen: Seen) -> Counter[str]:
    """Return what the provider kept for each of its jobs, in thousandths."""
    return Counter(
        {line["job"]: round(1000 * line["cost"]) - round(1000 * line["refunded"]) for line in seen.books}
    )


def _spent(seen: Seen) -> Counter[str]:
    spent = Counter[str]()
    for row in seen.entries:
        spent[row["job_id"]] += row["spent"]
    return spent


def _belonging_to_unknown(seen: Seen) -> list[str]:
    """Return the provider's jobs that unknown ones of ours can be: one each, of the same prompt."""
    named = {row["provider_job_id"] for row in seen.jobs}
    unknown = Counter(row["prompt"] for row in seen.jobs if row["status"] == "unknown")
    found: list[str] = []
    for job in seen.at_provider:
        if job["id"] not in named and unknown[job["prompt"]] > 0:
            unknown[job["prompt"]] -= 1
            found.append(job["id"])
    return found


# Jobs and results


def _lost(seen: Seen) -> Iterator[str]:
    """A job that was accepted comes to the end that the provider gave it, or is parked for a reason."""
    for missing in seen.answered - seen.refused - seen.names:
        yield f"{missing} was answered and has no row"
    findable = {job["prompt"] for job in seen.at_provider if job["id"] in _belonging_to_unknown(seen)}
    for row in seen.jobs:
        match row["status"]:
            case status if status in OPEN:
                yield f"{row['id']} is still {status}"
            case "unknown" if seen.mode.names_lost_jobs and row["prompt"] in findable:
                yield f"{row['id']} is unknown although the provider names it"
            case "failed" if kind_of(row["prompt"]) != FAILING:
                yield f"{row['id']} failed ({row['failure']}) though nothing was wrong with it"
            case "done" if kind_of(row["prompt"]) == FAILING or not row["reminded"]:
                yield f"{row['id']} is done and not at an end"
            case _:
                pass


def _twice(seen: Seen) -> Iterator[str]:
    shown = Counter(name for message in seen.messages for name in _results_on(message))
    for (job, position), count in shown.items():
        if count > 1:
            yield f"result {position} of {job} is on {count} messages"


def _never(seen: Seen) -> Iterator[str]:
    """Every result that was charged is with its member, byte for byte or re-encoded, and kept on disk."""
    shown = {name: sha for message in seen.messages for name, sha in _results_on(message).items()}
    done = {row["id"]: row for row in seen.jobs if row["status"] == "done"}
    for image in seen.images:
        row = done.get(image["job_id"])
        if row is None or image["role"] != "result":
            continue
        name = f"result {image['position']} of {row['id']}"
        sha = shown.get((row["id"], image["position"]))
        if sha is None and row["collected"]:
            yield f"{name} is nowhere"
        elif sha not in {None, image["sha256"]} and row["note"] != "reencoded":
            yield f"{name} is not what the provider made"
        path = seen.data / "files" / image["sha256"][:2] / image["sha256"]
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != image["sha256"]:
            yield f"{name} is not kept"


def _results_on(message: Row) -> dict[tuple[str, int], str]:
    """Return the SHA-256 of the results on a message by job and position."""
    found = {RESULT.fullmatch(file["filename"]): file["sha256"] for file in message["files"]}
    return {(name["job"], int(name["position"])): sha for name, sha in found.items() if name is not None}


def _cards(seen: Seen) -> Iterator[str]:
    """Every job has one card, which says how it ended; no other message says anything else."""
    messages = {int(message["id"]): message for message in seen.messages}
    for row in seen.jobs:
        card = messages.pop(row["card_id"], None)
        if card is None:
            yield f"{row['id']} is {row['status']} and has no card"
        elif (title := title_of(text_of(card))) != TITLES.get(row["status"], "nothing yet"):
            yield f"{row['id']} is {row['status']}, its card says {title!r}"
    for name in seen.refused & seen.names:
        yield f"{name} was refused and has a job"
    for note in seen.notes:
        messages.pop(note["message_id"], None)
    for message in messages.values():
        if not message["components"]:
            # Plain text to the operator: a model that ends soon by the machine's own clock.
            continue
        yield f"a message that nobody knows of: {text_of(message)[:60]!r}"


CHECKS: dict[str, Callable[[Seen], Iterator[str]]] = {
    "double_submissions": _double_submissions,
    "double_charges": _double_charges,
    "lost": _lost,
    "twice": _twice,
    "never": _never,
    "ledger": _ledger,
    "cards": _cards,
    "mismatched": _mismatched,
    "drift": _drift,
    "late": _late,
}
