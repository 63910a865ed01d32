"""The switches that make Discord misbehave, and the script of single faults."""

import re
from dataclasses import dataclass, field, fields
from typing import Any

from playground.discord.jsons import JsonObject, as_object, objects

MEBIBYTE = 1024 * 1024
ACTIONS = ("none", "handled", "reset_before", "reset_after", "cut", "drip")
"""What can happen to a request beside a delay and a reply out of the script."""


@dataclass(slots=True)
class ScriptedFault:
    """One line of the script.

    Attributes
    ----------
    path
        Matched against the start of the path below ``/api/v10``.
    times
        How often it is still to happen.
    status, body, headers
        The reply that is given instead of the real one, if a status is set.
    delay
        Seconds before anything else happens.
    """

    method: str
    path: re.Pattern[str]
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    action: str = "none"


@dataclass(slots=True)
class Faults:
    """All switches at their harmless positions.

    Attributes
    ----------
    upload_limit
        Bytes per file that the bot may upload, announced as ``attachment_size_limit``; null: by the rules.
    unannounced_limit
        The same, but the bot is not told.
    member_upload_limit
        Bytes per file that a member may choose in the page.
    cdn_delay, cdn_status
        Seconds before each file, and a status that is given instead of it.
    ephemeral_lifetime
        Seconds after which a command's or modal's upload vanishes, whatever its URL says.
    rate_limits, global_per_second
        Whether requests are limited, and how many a second in all.
    invalid_request_limit
        Answers of 401, 403 and 429 within ten minutes after which the address is banned.
    late_edit_limit
        Edits an hour of one message that is older than an hour (30046).
    events
        What happens to a gateway event by name: ``twice`` or ``lost``.
    """

    token_expired: bool = False
    channel_hidden: bool = False
    bot_removed: bool = False
    closed_dms: bool = False
    missing_permissions: list[str] = field(default_factory=list[str])
    upload_limit: int | None = None
    unannounced_limit: int | None = None
    member_upload_limit: int = 10 * MEBIBYTE
    premium_tier: int = 0
    cdn_delay: float = 0.0
    cdn_status: int | None = None
    ephemeral_lifetime: float = 24 * 3600.0
    rate_limits: bool = True
    global_per_second: int = 50
    invalid_request_limit: int = 10_000
    late_edit_limit: int = 10
    daily_creations: int = 200
    events: dict[str, str] = field(default_factory=dict[str, str])
    script: list[ScriptedFault] = field(default_factory=list[ScriptedFault])

    def merge(self, body: JsonObject) -> None:
        """Set the switches that a body names.

        Raises
        ------
        ValueError
            If a name is unknown or a value is of the wrong kind; nothing is changed then.
        """
        known = {item.name for item in fields(self)}
        for name, value in body.items():
            if name not in known:
                raise ValueError(f"There is no switch {name}.")
            _check_kind(name, value, getattr(self, name))
        script = [_scripted(line) for line in objects(body["script"])] if "script" in body else self.script
        for name, value in body.items():
            # A whole number of seconds stays a number of seconds, so that the next may be a fraction again.
            known = float(value) if isinstance(getattr(self, name), float) else value
            setattr(self, name, script if name == "script" else known)

    def show(self) -> JsonObject:
        """Write the switches as they stand; script lines without those used up."""
        shown: JsonObject = {item.name: getattr(self, item.name) for item in fields(self)}
        shown["script"] = [_show_line(line) for line in self.script]
        return shown

    def take(self, method: str, path: str) -> ScriptedFault | None:
        """Use up the first line of the script that fits a request."""
        for line in self.script:
            if line.method in ("*", method) and line.path.search(path):
                line.times -= 1
                if line.times <= 0:
                    self.script.remove(line)
                return line
        return None


def _check_kind(name: str, value: object, now: object) -> None:
    if name in ("upload_limit", "unannounced_limit", "cdn_status"):
        good = value is None or (isinstance(value, int) and not isinstance(value, bool))
    elif isinstance(now, float):
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        good = type(value) is type(now)
    if not good:
        raise ValueError(f"{name} cannot be {value!r}.")


def _scripted(line: JsonObject) -> ScriptedFault:
    action = line.get("action") or "none"
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not one of {', '.join(ACTIONS)}.")
    try:
        path = re.compile(str(line.get("path", "")))
    except re.error as problem:
        raise ValueError(f"{line.get('path')!r} is not a regular expression: {problem}.") from problem
    return ScriptedFault(
        str(line.get("method") or "*").upper(),
        path,
        int(line.get("times") or 1),
        line.get("status"),
        line.get("body"),
        {name: str(value) for name, value in as_object(line.get("headers")).items()},
        float(line.get("delay") or 0),
        action,
    )


def _show_line(line: ScriptedFault) -> JsonObject:
    return {
        "method": line.method,
        "path": line.path.pattern,
        "times": line.times,
        "status": line.status,
        "body": line.body,
        "headers": line.headers,
        "delay": line.delay,
        "action": line.action,
    }
