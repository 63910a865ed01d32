"""A form that is refused gives back what was written in it: the form itself is closed."""

from typing import Any

import pytest

from domain.errors import Reason, Refusal
from tests.ui.conversation import Conversation
from ui.boundary import report
from ui.texts import say
from ui.written import FILE_NAME

REFUSAL = Refusal(Reason.STYLE_UNKNOWN, style="Ink")


def sent(words: str) -> dict[str, Any]:
    """Return a form as Discord sends it: words, a menu, an upload."""
    fields = [
        {"type": 4, "custom_id": "prompt", "value": words},
        {"type": 3, "values": ["Ink"]},
        {"type": 19},
    ]
    components = [{"type": 18, "component": field} for field in fields]
    return {"custom_id": "dr:form:prompt:x:1:2", "components": [{"type": 10}, *components]}


async def refused(words: str) -> Conversation:
    conversation = Conversation(data=sent(words))
    await report(conversation, REFUSAL)  # type: ignore[arg-type]
    return conversation


async def test_words_come_back_to_be_copied() -> None:
    conversation = await refused("a quiet\n*harbour*")
    ((said, private),) = conversation.said
    assert private
    assert said == f"{say(REFUSAL)}\nWhat you wrote:\n```\na quiet\n*harbour*\n```"
    assert conversation.files == []


@pytest.mark.parametrize("words", ["word " * 800, "a ``` b"])
async def test_what_a_message_cannot_show_as_it_is_comes_as_a_file(words: str) -> None:
    conversation = await refused(words)
    assert conversation.said == [(f"{say(REFUSAL)}\nWhat you wrote:", True)]
    (file,) = conversation.files
    assert (file.filename, file.fp.read().decode()) == (FILE_NAME, words)


async def test_what_a_servers_managers_forbid_is_not_repeated() -> None:
    conversation = Conversation(data=sent("gore"))
    await report(conversation, Refusal(Reason.WORDS_NOT_ALLOWED))  # type: ignore[arg-type]
    assert "gore" not in conversation.said[0][0]


@pytest.mark.parametrize(
    "data", [sent(" \n"), {"name": "edit"}, {"custom_id": "dr:styles:0", "values": ["a"]}]
)
async def test_where_nothing_was_written_nothing_comes_back(data: dict[str, Any]) -> None:
    conversation = Conversation(data=data)
    await report(conversation, Refusal(Reason.NOT_FOUND))  # type: ignore[arg-type]
    ((said, _),) = conversation.said
    assert "What you wrote" not in said
