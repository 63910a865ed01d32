"""Commands as the bot might register them: every kind of option, subcommands, groups, context menus."""

from typing import Any

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
MODERATORS = str(1 << 40)


def option(kind: int, name: str, description: str, *, required: bool = False, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": description, "required": required, **more}


def choices(*names: str) -> list[dict[str, str]]:
    return [{"name": name.capitalize(), "value": name} for name in names]


def _edit() -> dict[str, Any]:
    more_images = [option(ATTACHMENT, f"image{number}", "Another photograph") for number in range(2, 9)]
    return {
        "id": "9001",
        "type": 1,
        "name": "edit",
        "description": "Edit up to eight photographs",
        "contexts": [0],
        "options": [
            option(
                STRING,
                "prompt",
                "What should change",
                required=True,
                min_length=2,
                max_length=600,
                autocomplete=True,
            ),
            option(ATTACHMENT, "image", "The photograph to edit", required=True),
            *more_images,
            option(STRING, "size", "Width and height", choices=choices("auto", "1024x1024", "1536x1024")),
            option(STRING, "background", "What is behind", choices=choices("auto", "transparent", "opaque")),
            option(STRING, "quality", "More takes longer", choices=choices("low", "medium", "high")),
            option(INTEGER, "count", "How many results", min_value=1, max_value=4),
            option(STRING, "model", "What runs it", autocomplete=True),
        ],
    }


def _generate() -> dict[str, Any]:
    return {
        "id": "9002",
        "type": 1,
        "name": "generate",
        "description": "Make a picture out of words",
        "options": [option(STRING, "prompt", "What to make", required=True, min_length=2, max_length=6000)],
    }


def _usage() -> dict[str, Any]:
    report = [
        option(STRING, "period", "Which days", choices=choices("today", "week", "month")),
        option(USER, "member", "Of one member only"),
    ]
    adjust = [
        option(USER, "member", "Whose account", required=True),
        option(NUMBER, "credits", "How many", required=True, min_value=-1000, max_value=1000),
        option(STRING, "reason", "Why", required=True, max_length=200),
    ]
    notices = [option(CHANNEL, "channel", "Where warnings go", required=True, channel_types=[0])]
    return {
        "id": "9003",
        "type": 1,
        "name": "usage",
        "description": "Who spent what",
        "default_member_permissions": MODERATORS,
        "contexts": [0],
        "options": [
            {"type": 1, "name": "report", "description": "Totals and a chart", "options": report},
            {"type": 1, "name": "adjust", "description": "Correct an account", "options": adjust},
            {"type": 1, "name": "notices", "description": "Where warnings go", "options": notices},
        ],
    }


def _allowance() -> dict[str, Any]:
    fields = [
        option(NUMBER, "credits", "How many", required=True, min_value=0),
        option(STRING, "period", "Per what", required=True, choices=choices("day", "week", "month")),
        option(MENTIONABLE, "target", "A member or a role; left out: the server"),
        option(ROLE, "role", "A role"),
        option(BOOLEAN, "announce", "Whether to say so"),
    ]
    member = [{"type": 1, "name": "set", "description": "Set an allowance", "options": fields}]
    return {
        "id": "9004",
        "type": 1,
        "name": "allowance",
        "description": "How much may be spent",
        "default_member_permissions": "32",
        "options": [{"type": 2, "name": "member", "description": "Of one", "options": member}],
    }


def commands() -> list[dict[str, Any]]:
    """Return all of them."""
    return [
        _edit(),
        _generate(),
        _usage(),
        _allowance(),
        {"id": "9005", "type": 1, "name": "jobs", "description": "Your recent jobs", "options": []},
        {
            "id": "9006",
            "type": 1,
            "name": "credits",
            "description": "What you spent, what is left",
            "options": [],
        },
        {"id": "9007", "type": 3, "name": "Edit images", "description": ""},
        {"id": "9008", "type": 2, "name": "Show spending", "description": ""},
    ]
