"""Prompts and file names from hell: they cannot ping, break a card, turn a line around or write a log line."""

import re
import unicodedata
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.member import Member
from tests.e2e.messages import components, text_of
from tests.faults.conftest import Join
from tests.faults.fast_world import PAID, Case, FastWorld, ask_for

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
LOG_LINE = "2026-01-01 00:00:00,000 ERROR   darkroom: forged"
PROMPTS: Mapping[str, str] = {
    "mentions": "@everyone @here <@1> <@!2> <@&3> <#4> </edit:5> <t:0:R> <:emoji:6> <id:customize>",
    "markdown": "# heading\n## again\n-# small\n> quote\n>>> all\n- list\n**b** __u__ *i* ~~s~~ ||spoiler|| `c`",
    "code_fence": "```ansi\n\x1b[31mred\n```\n``` and open",
    "links": "[click](https://evil.example) <https://evil.example> [a]: https://evil.example",
    "bidi": f"{BIDI}abc{BIDI}def{BIDI}",
    "controls": "nul\x00 bell\x07 escape\x1b[2J backspace\x08 delete\x7f next\x85 separator\u2028\u2029 end",
    "invisible": "zero\u200bwidth\ufeff soft\u00ad tags\U000e0041\U000e0042 private\ue000",
    "newlines": "line\n" * 200 + "end",
    "carriage_returns": "line\r\n" * 50 + f"\r{LOG_LINE}",
    "log_lines": f"harmless\n{LOG_LINE}\nTraceback (most recent call last):",
    "six_thousand": "x" * 6_000,
    "six_thousand_marks": "*_~|`[<@#>-" * 545,
    "six_thousand_lines": "\n".join("#" * 20 for _ in range(285)),
    "zalgo": "a" + "\u0301\u0489" * 1_000,
    "backslashes": "\\" * 500 + "*not bold*" + "\\@everyone",
    "sql": "'); DROP TABLE jobs; -- \" OR 1=1 /* ? :name @name $name */",
    "format": "{0} {job.token} {__class__} %s %(name)s ${HOME} {{}}",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 क्‍ष",
}
NAMES = (
    *("@everyone.png", "`code`.png", "**bold**.png", "<@1>.png", "[x](https:evil).png"),
    *(f"{BIDI}gnp.exe.png", "{name}.png", "x" * 200 + ".png", "%s%n.png", "'; DROP TABLE jobs; --.png"),
)
PING = re.compile(r"(?<!\\)@(?:everyone|here)|(?<!\\)<[@#/:a-z]")
"""What Discord would make something of, unless a backslash or an invisible character is in it."""


@dataclass(kw_only=True)
class Shown:
    """Hostile jobs, their cards as first shown, their cards when they were done, and all that was sent."""

    member: Member
    sent: list[dict[str, Any]]
    cases: Mapping[str, Case]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Shown]:
    ann, before = await troupe(), len(shared_world.requests())
    cases = dict(zip(PROMPTS, await ask_for(ann, list(PROMPTS.values()), small), strict=True))
    for case in cases.values():
        await ann.sees(case.card, "Done · 4 credits")
    yield Shown(member=ann, cases=cases, sent=shared_world.requests()[before:])


def problems_of(text: str) -> list[str]:
    """Return what in a text could ping, turn a line around, or not be seen."""
    found = PING.findall(text)
    hidden = {each for each in text if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Cn"}}
    # Joiners are part of emoji and scripts; the invisible space is what takes the meaning from a mention.
    return [*found, *(f"U+{ord(each):04X}" for each in hidden - set("\n\u200b\u200c\u200d"))]


@pytest.mark.parametrize("name", PROMPTS)
async def test_a_hostile_prompt_is_shown_harmless_and_sent_as_it_is(
    shared_world: FastWorld, shown: Shown, name: str
) -> None:
    world, ann, case = shared_world, shown.member, shown.cases[name]
    assert case.titles(ann)[0] == "Queued"
    assert case.titles(ann)[-1] == "Done"
    for text in ann.states(case.card):
        assert len(text) <= 4_000
        head, *quotation, foot = text.split("\n")
        assert head.startswith("### ")
        assert foot.startswith("-# ")
        assert 1 <= len(quotation) <= 13, "it takes the whole screen"
        assert all(line.startswith("> ") for line in quotation), "it left its quotation"
        assert problems_of("\n".join(quotation)) == []
    # Not every database takes NUL; everything else is kept.
    kept = PROMPTS[name].replace("\0", "").strip()
    assert len(world.bodies(kept)) == 1
    assert world.job(case.card)["prompt"] == kept
    assert world.entries(case.card) == PAID


async def test_nothing_that_was_sent_may_mention_anybody(shown: Shown) -> None:
    cards = {case.card["id"] for case in shown.cases.values()}
    sent = [each for each in shown.sent if each["body"] and _is_about(each, cards)]
    assert len(sent) > len(cards)
    for each in sent:
        body: dict[str, Any] = each["body"].get("data") or each["body"]
        assert body["allowed_mentions"].get("parse") == []
        assert not body["allowed_mentions"].get("users")
    assert all(not message["mention_everyone"] for message in shown.member.messages.values())


def _is_about(request: dict[str, Any], cards: set[str]) -> bool:
    if request["method"] not in {"POST", "PATCH"} or "reactions" in request["path"]:
        return False
    return request["path"].rpartition("/")[2] in cards or request["path"].endswith("/callback")


async def test_no_log_line_comes_from_a_prompt(shared_world: FastWorld, shown: Shown) -> None:
    assert shown.cases
    lines = shared_world.log().splitlines()
    assert [
        line for line in lines if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ ", line)
    ] == []
    assert "forged" not in shared_world.log()
    assert shared_world.log().isascii(), "a prompt or a name is in the log"


@pytest.mark.parametrize("name", NAMES)
async def test_a_hostile_file_name_is_said_harmless(
    world: FastWorld, ann: Member, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_bytes(b"This is not an image.")
    await ann.edit("whatever it is called", file)
    said = text_of(
        await ann.whisper("is not an image. Attach a photo or another picture. You were not charged.")
    )
    assert problems_of(said) == []
    assert "\n" not in said
    assert len(said) < 300
    assert world.account(ann) == (0, 0)


async def test_a_hostile_file_name_cannot_break_the_card(
    world: FastWorld, ann: Member, small: Path, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in NAMES[:8]]
    for file in files:
        file.write_bytes(small.read_bytes())
    card = await ann.edit("eight of them", *files)
    done = await ann.sees(card, "Done · 4 credits")
    assert problems_of(text_of(done).replace(ann.mention, "")) == []
    described = [item["description"] for each in components(done) for item in each.get("items", [])]
    assert described == ["Result 1"]


@pytest.mark.parametrize(
    "text", ["@everyone", "hi @here", "<@1>", "<#4>", "<t:0:R>", "a\u202eb", "a\x1bb", "\ufeff"]
)
def test_what_would_do_harm_is_noticed(text: str) -> None:
    assert problems_of(text) != []
