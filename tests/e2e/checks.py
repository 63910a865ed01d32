"""What must hold after every run, whatever was done in it: looked at whenever a world closes."""

import os
import re
from typing import TYPE_CHECKING

from tests.e2e.openapi import Description, problems_of

if TYPE_CHECKING:
    from tests.e2e.world import World

SIGNED = re.compile(r"[?&]hm=|[?&]ex=[0-9a-f]")


def check_world(world: "World") -> None:
    """Look at log, ledger and requests of a world that is about to close."""
    refused = [
        each for each in world.requests() if each["status"] == 400 and str(each["code"]) not in world.troubles
    ]
    assert not refused, f"requests that Discord does not understand: {refused}"
    leaks = leaks_of(world)
    assert not leaks, f"secrets in the log: {leaks}"
    errors = errors_of(world)
    assert not errors, "errors in the log:\n" + "\n".join(errors)
    if world.has_begun:
        assert world.verify() == []
    if description := Description.named_by(os.environ.get("DISCORD_OPENAPI")):
        problems = problems_of(world.requests(), description)
        assert not problems, "requests that Discord's description does not know:\n" + "\n".join(problems)


def secrets_of(world: "World") -> set[str]:
    """Return what no log line may hold: keys, tokens, prompts, webhook addresses, members' ids."""
    found = {world.discord.token, world.provider.key, *world.discord.world.tokens}
    # The bot's own id is nobody's: its library says it with the limits of its webhooks.
    found |= {str(each) for each in world.discord.world.guild.members if each != world.discord.world.bot.id}
    for each in world.provider.log:
        body = each.get("body")
        if isinstance(body, dict):
            found |= {str(body.get("prompt") or ""), str(body.get("webhook_url") or "")}
    if world.has_begun:
        found |= {str(row["prompt"]) for row in world.query("SELECT prompt FROM jobs")}
    return {secret for secret in found if len(secret) > 3}


def leaks_of(world: "World") -> list[str]:
    """Return the log's lines that hold a secret or a signed address."""
    text = world.log()
    leaked = [secret for secret in secrets_of(world) if secret in text]
    return leaked + [line for line in text.splitlines() if SIGNED.search(line)]


def errors_of(world: "World") -> list[str]:
    """Return the log's error lines and tracebacks that no test provoked on purpose."""
    lines = [
        line
        for line in world.log().splitlines()
        if " ERROR " in line or " CRITICAL " in line or line.startswith("Traceback")
    ]
    return [line for line in lines if not any(word in line for word in world.troubles)]
