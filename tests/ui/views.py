"""Cards of every kind: what a test changes, and the worst that can be on one."""

import json
from collections.abc import Iterator
from typing import Any

from discord import ui

from domain.images import Image, Role
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from domain.views import CardView, Expectation, Link
from tests.storage.rows import with_card

NOON = 1_789_819_200_000
LONGEST_ID = f"r{'9' * 20}-{'9' * 20}-{'9' * 9}"
SNOWFLAKE = 18_446_744_073_709_551_615

WORST_PROMPTS = {
    "markup": "*_~|`" * 6_400,
    "lines": "#\n" * 16_000,
    "mentions": "@everyone " * 3_200,
    "here": "@here" * 6_400,
    "angles": "<@123456789012345678>" * 1_523,
    "emoji": "👩\u200d👩\u200d👧" * 6_400,
    "right to left": "\u202e" * 32_000,
    "words": "word " * 6_400,
    "one word": "a" * 32_000,
}
"""Each of the 32,000 characters that the provider takes."""


def a_job(status: Status = Status.DONE, **values: Any) -> Job:
    given: dict[str, Any] = {
        "id": "i1",
        "kind": Kind.EDIT,
        "origin": Origin.COMMAND,
        "guild_id": 10,
        "channel_id": 5,
        "member_id": 101,
        "model": "gpt-image-1-5-edit",
        "prompt": "Make it blue",
        "options": Options(),
        "reserved": 4_000,
        "charged": 4_000 if status is Status.DONE else None,
        "created_at": NOON,
    }
    return Job(status=status, **with_card(given | values))


def images(job: Job, role: Role, count: int) -> tuple[Image, ...]:
    return tuple(
        Image(job_id=job.id, role=role, position=place, name=f"{role}-{place}.png")
        for place in range(1, count + 1)
    )


def the_worst(status: Status, prompt: str) -> CardView:
    """Everything at its largest at once, even what never meets."""
    job = a_job(
        status,
        id=LONGEST_ID,
        kind=Kind.GENERATE,
        origin=Origin.REROLL,
        guild_id=SNOWFLAKE,
        member_id=SNOWFLAKE,
        model="a-model-of-sixty-characters-" * 2,
        prompt=prompt,
        options=Options(
            size="1536x1024",
            background="transparent",
            quality="medium",
            fidelity="high",
            count=4,
            format="webp",
        ),
        reserved=4_000,
        charged=123_456_789,
    )
    return CardView(
        job=job,
        sources=images(job, Role.SOURCE, 8),
        results=images(job, Role.RESULT, 3),
        expectation=Expectation(ahead=99, starts_at=NOON, ends_at=NOON, late=status is Status.RUNNING),
        shown=tuple(f"darkroom-{job.id}-{place}.png" for place in range(1, 5)),
        sheet="sources.jpg",
        published=tuple(f"source-{place}.png" for place in range(1, 9)),
        source_urls=tuple(f"https://cdn.discordapp.com/{'a' * 300}/{place}" for place in range(8)),
        continued=3,
        reencoded=True,
        links=tuple(
            Link(url=f"https://temp.pixeldojo.ai/{place}{'b' * 2_000}", expires_at=NOON) for place in range(4)
        ),
        mention=True,
        reply_to=(SNOWFLAKE, SNOWFLAKE),
    )


def components(layout: ui.LayoutView) -> Iterator[dict[str, Any]]:
    """Yield every component of a layout as Discord gets it, nested ones too."""
    waiting: list[Any] = json.loads(json.dumps(layout.to_components()))
    while waiting:
        component = waiting.pop(0)
        yield component
        waiting.extend(component.get("components", []))
        if "accessory" in component:
            waiting.append(component["accessory"])


def texts(layout: ui.LayoutView) -> str:
    return "\n".join(each["content"] for each in components(layout) if "content" in each)


def places(layout: ui.LayoutView) -> list[str]:
    """Return the addresses of all pictures of a layout, thumbnails included."""
    found = [item["media"]["url"] for each in components(layout) for item in each.get("items", [])]
    return found + [each["media"]["url"] for each in components(layout) if "media" in each]


def custom_ids(layout: ui.LayoutView) -> list[str]:
    return [each["custom_id"] for each in components(layout) if "custom_id" in each]


def labels(layout: ui.LayoutView) -> list[str]:
    return [each["label"] for each in components(layout) if "label" in each]
