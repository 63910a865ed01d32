"""Buttons that outlive restarts: everything they need is in their id, and the id comes from outside."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Reason, Refusal
from domain.job import Status
from domain.options import Options
from domain.views import CardView, Successor
from tests.ui.conversation import Conversation
from tests.ui.views import LONGEST_ID, a_job
from ui.buttons import CARD_BUTTONS, ChangePromptButton
from ui.next_steps import buttons_of
from ui.texts import say

ACTIONS = {
    "reroll": "reroll",
    "insist": "reroll",
    "use": "use_successor",
    "edit": "edit_result",
    "change": "change_prompt",
    "cancel": "cancel",
    "delete": "delete",
    "gone": "delete",
    "keep": "keep",
    "collect": "collect",
    "hush": "stop_reminders",
}
IDS = ["i1", "r77-101-0", LONGEST_ID]


class Actions:
    """Notes what was asked for; refuses where told to."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.error = error

    def __getattr__(self, name: str) -> Any:
        async def act(_interaction: Any, job_id: str, **_how: bool) -> None:
            self.asked.append((name, job_id))
            if self.error is not None:
                raise self.error

        return act


def find(custom_id: str) -> tuple[type[Any], re.Match[str]] | None:
    """Find a button as discord.py does."""
    for button in CARD_BUTTONS:
        if match := button.__discord_ui_compiled_template__.fullmatch(custom_id):
            return button, match
    return None


async def press(custom_id: str, actions: Actions) -> Conversation:
    found = find(custom_id)
    assert found is not None
    conversation = Conversation(client=SimpleNamespace(actions=actions))
    button, match = found
    item = await button.from_custom_id(conversation, ui.Button(custom_id=custom_id), match)
    assert item.custom_id == custom_id
    await item.callback(conversation)
    return conversation


@pytest.mark.parametrize("job_id", IDS)
@pytest.mark.parametrize("name", ACTIONS)
async def test_a_button_is_found_again_by_its_id_and_acts_on_its_job(name: str, job_id: str) -> None:
    actions = Actions()
    await press(f"dr:{name}:{job_id}", actions)
    assert actions.asked == [(ACTIONS[name], job_id)]


def test_every_button_has_a_name_of_its_own() -> None:
    assert {button("i1").name for button in CARD_BUTTONS} == ACTIONS.keys()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "custom_id",
    [
        "dr:reroll:",
        "dr:reroll:x1",
        "dr:reroll:i1 ",
        "dr:reroll:i1:i2",
        "dr:reroll:i1\n",
        "dr:reroll:i'; DROP TABLE jobs; --",
        "dr:reroll:i" + "9" * 71,
        "xdr:reroll:i1",
        "dr:pay:i1",
        "reroll",
        "",
    ],
)
def test_a_forged_id_of_another_shape_is_nobodys(custom_id: str) -> None:
    assert find(custom_id) is None


@given(st.text(max_size=100))
def test_no_text_is_an_id_that_is_longer_than_discord_takes_or_holds_more_than_digits(text: str) -> None:
    found = find(f"dr:reroll:{text}")
    assert found is None or re.fullmatch(r"[ir][0-9-]{1,70}", text)


async def test_a_refusal_of_a_button_reaches_the_member_alone() -> None:
    refusal = Refusal(Reason.NOT_YOURS)
    conversation = await press("dr:cancel:i1", Actions(error=refusal))
    assert conversation.said == [(say(refusal), True)]


async def test_a_surprise_in_a_button_reaches_the_member_and_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    conversation = await press("dr:delete:i1", Actions(error=ZeroDivisionError("a surprise")))
    assert conversation.said == [(say(Refusal(Reason.INTERNAL)), True)]
    assert "a surprise" in caplog.text


@pytest.mark.parametrize(
    "successor", [None, Successor(model="gpt-image-2-edit", cost=5_000, options=Options())]
)
def test_a_card_whose_model_ended_takes_other_words(successor: Successor | None) -> None:
    job = a_job(Status.FAILED, failure=Reason.MODEL_GONE)
    row = buttons_of(CardView(job=job, successor=successor))
    assert row is not None
    assert ChangePromptButton in map(type, row.children)
