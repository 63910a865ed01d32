"""Messages in Discord's own shape, such as the bot's cards, for the page to draw."""

import time
from datetime import UTC, datetime
from itertools import count
from typing import Any

GUILD, DARKROOM, LOUNGE, DIRECT = "100", "201", "202", "203"
ANN, BEN, MOD, BOT = "301", "302", "303", "300"
MODERATORS = "401"
COMPONENTS_V2, EPHEMERAL, LOADING = 1 << 15, 1 << 6, 1 << 7
NAMES = {ANN: "Ann", BEN: "Ben", MOD: "Mod", BOT: "Darkroom"}
GREEN, BLUE, RED = 0x3BA55C, 0x5B8DEF, 0xD64550

_numbers = count(1)


def author(user: str) -> dict[str, Any]:
    return {"id": user, "username": NAMES[user].lower(), "global_name": NAMES[user], "bot": user == BOT}


def message(user: str, content: str = "", *, at: float | None = None, **more: Any) -> dict[str, Any]:
    """Make a message with the next id.

    Parameters
    ----------
    at
        Unix seconds; now if not given.
    """
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    base: dict[str, Any] = {
        "id": str(10_000_000_000_000_000 + next(_numbers)),
        "channel_id": DARKROOM,
        "type": 0,
        "author": author(user),
        "content": content,
        "timestamp": moment.isoformat(),
        "edited_timestamp": None,
        "mentions": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "reactions": [],
        "flags": 0,
    }
    return {**base, **more}


def reply_to(original: dict[str, Any]) -> dict[str, Any]:
    reference = {"message_id": original["id"], "channel_id": original["channel_id"]}
    return {"type": 19, "message_reference": reference, "referenced_message": original}


def used(name: str, user: str) -> dict[str, Any]:
    return {"interaction_metadata": {"id": "1", "type": 2, "name": name, "user": author(user)}}


def attachment(name: str, *, url: str, width: int | None = 600, height: int | None = 400) -> dict[str, Any]:
    kind = "image/jpeg" if width else "text/csv"
    size = 59_719 if width else 1_834
    return {
        "id": str(next(_numbers)),
        "filename": name,
        "size": size,
        "url": url,
        "proxy_url": url,
        "content_type": kind,
        "width": width,
        "height": height,
    }


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def separator(*, divider: bool = True) -> dict[str, Any]:
    return {"type": 14, "divider": divider, "spacing": 1}


def gallery(*urls: str, **more: Any) -> dict[str, Any]:
    return {
        "type": 12,
        "items": [
            {"media": {"url": url, "width": 600, "height": 400, "content_type": "image/jpeg"}, **more}
            for url in urls
        ],
    }


def button(label: str, custom_id: str, *, style: int = 2, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id, **more}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def container(*components: dict[str, Any], accent: int | None = None, **more: Any) -> dict[str, Any]:
    return {"type": 17, "accent_color": accent, "components": list(components), **more}


def card(*components: dict[str, Any], accent: int | None = None, **more: Any) -> dict[str, Any]:
    """Make a card of the bot: one container with components in it."""
    return message(BOT, flags=COMPONENTS_V2, components=[container(*components, accent=accent)], **more)


def sample(name: str) -> str:
    return f"/cdn/{name}.jpg?ex=66&is=55&hm=44"


def running_card(*, eta: float, user: str = ANN, **more: Any) -> dict[str, Any]:
    """Make the card of a job that will be ready in ``eta`` seconds."""
    return card(
        text(f"### Developing…\nReady <t:{int(time.time() + eta)}:R>"),
        text(f"> Make it a vintage travel poster\n-# 1 image · high quality · <@{user}> pays"),
        row(button("Cancel", "job:7:cancel", emoji={"id": None, "name": "✖️"})),
        accent=BLUE,
        **used("edit", user),
        **more,
    )


def finished_buttons() -> dict[str, Any]:
    return row(
        button("Reroll · 8 credits", "job:5:reroll", style=1, emoji={"id": None, "name": "🔁"}),
        button("Edit result", "job:5:edit"),
        button("Delete", "job:5:delete", style=4),
        {"type": 2, "style": 5, "label": "Original", "url": "https://example.org/original.png"},
        button("Cancel", "job:5:cancel", disabled=True),
    )


def done_card(*names: str, user: str = ANN, **more: Any) -> dict[str, Any]:
    """Make the card of a finished job with these samples as its results."""
    results = gallery(*[sample(name) for name in names], description="Result: a vintage travel poster")
    sources = {
        "type": 9,
        "components": [text("**Sources**\n1 photograph"), text("-# Kept for 30 days")],
        "accessory": {"type": 11, "media": {"url": sample("cat")}, "description": "Contact sheet"},
    }
    return card(
        text("### Done\n> Make it a vintage travel poster"),
        results,
        sources,
        separator(),
        text(f"**8 credits** · <@{user}> pays · took 34 seconds\n-# gpt-image-1-5-edit · 1536x1024"),
        finished_buttons(),
        accent=GREEN,
        edited_timestamp=datetime.now(UTC).isoformat(),
        **used("edit", user),
        **more,
    )


def refusal(**more: Any) -> dict[str, Any]:
    """Make a private answer."""
    return message(
        BOT,
        "That file is not a picture. You were not charged. Please attach a PNG, JPEG or WebP.",
        flags=EPHEMERAL,
        only_you=True,
        **used("edit", ANN),
        **more,
    )


def thinking(user: str = ANN) -> dict[str, Any]:
    return message(BOT, flags=LOADING, **used("credits", user))


MARKDOWN = """# Title
## Smaller
Some **bold**, *slanted*, __under__, ~~gone~~, `code` and ||secret||
> quoted
- one
- two
  - inner
1. first
-# small print
[a link](https://example.org/) <@302> <#202> <@&401> </edit:9001>
```py
print("hello")
```"""


def select_card() -> dict[str, Any]:
    """Make a message with selects, a file and a spoiler."""
    options = [
        {"label": "Today", "value": "today", "description": "Since midnight UTC"},
        {"label": "7 days", "value": "week", "default": True},
        {"label": "30 days", "value": "month"},
    ]
    return card(
        text("### Usage in Darkroom Test Server\nUTC, as of now"),
        {"type": 13, "file": {"url": "/cdn/usage.csv"}, "name": "usage.csv", "size": 18_230},
        row({"type": 3, "custom_id": "usage:period", "placeholder": "Which days", "options": options}),
        row({"type": 5, "custom_id": "usage:members", "placeholder": "Whose", "max_values": 3}),
        row(button("Back", "usage:back", disabled=True), button("Next", "usage:next")),
        accent=0xE0A030,
        **used("usage report", MOD),
    )


def report_embed() -> dict[str, Any]:
    """Make a classic message: text, two pictures, another file, an embed and buttons."""
    embed = {
        "title": "Balance",
        "url": "https://example.org/",
        "description": "The key has **482 credits** left.",
        "color": 0xF2503F,
        "fields": [
            {"name": "Spent", "value": "18", "inline": True},
            {"name": "Held", "value": "4", "inline": True},
        ],
        "footer": {"text": "PixelDojo"},
    }
    files = [
        attachment("coffee.jpg", url="/cdn/coffee.jpg"),
        attachment("rocket.jpg", url="/cdn/rocket.jpg"),
        attachment("entries.csv", url="/cdn/entries.csv", width=None),
    ]
    return message(
        BOT,
        "Here is the **report** that you asked for",
        attachments=files,
        embeds=[embed],
        components=[row(button("Yes", "yes", style=3), button("No", "no", style=4))],
    )


def edit_modal(nonce: str | None) -> dict[str, Any]:
    """Make the modal of "Edit result": five parts, as many as Discord allows."""
    qualities = [
        {"label": name, "value": name.lower(), "default": name == "High"}
        for name in ("Low", "Medium", "High")
    ]
    prompt = {"type": 4, "custom_id": "prompt", "style": 2, "min_length": 2, "max_length": 4000}
    pictures = {"type": 19, "custom_id": "images", "min_values": 0, "max_values": 3, "required": False}
    return {
        "nonce": nonce,
        "interaction_id": "8001",
        "custom_id": "job:5:edit",
        "title": "Edit result",
        "components": [
            text("The result becomes the first source. **4 credits** a picture."),
            {"type": 18, "label": "Prompt", "description": "What should change now", "component": prompt},
            {"type": 18, "label": "More pictures", "description": "Up to three", "component": pictures},
            {
                "type": 18,
                "label": "Quality",
                "component": {"type": 3, "custom_id": "quality", "options": qualities},
            },
            {
                "type": 18,
                "label": "Name",
                "component": {
                    "type": 4,
                    "custom_id": "name",
                    "style": 1,
                    "required": False,
                    "max_length": 20,
                },
            },
        ],
    }
