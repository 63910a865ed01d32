"""The one error boundary: whatever goes wrong ends in one sentence that only the member sees."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.app_commands import AppCommandError, CommandInvokeError

from domain.errors import OutOfReach, Reason, Refusal
from tests.ui.conversation import Conversation
from ui.boundary import PrivateItem, SafeModal, SafeTree, answer_privately, as_refusal, report
from ui.texts import FREE, say


def http_error(status: int, code: int) -> discord.HTTPException:
    reply = SimpleNamespace(status=status, reason="no", headers={})
    return discord.HTTPException(reply, {"code": code, "message": "no"})  # type: ignore[arg-type]


def wrapped(error: Exception) -> CommandInvokeError:
    command = SimpleNamespace(name="edit", qualified_name="edit")
    return CommandInvokeError(command, error)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refusal(Reason.NO_IMAGE), Reason.NO_IMAGE),
        (wrapped(Refusal(Reason.QUEUE_FULL, count=3)), Reason.QUEUE_FULL),
        (wrapped(wrapped(Refusal(Reason.NO_MODEL))), Reason.NO_MODEL),
        (wrapped(ZeroDivisionError()), Reason.INTERNAL),
        (app_commands.MissingPermissions(["manage_guild"]), Reason.MEMBER_MAY_NOT),
        (app_commands.NoPrivateMessage(), Reason.DIRECT_MESSAGE),
        (AppCommandError("other"), Reason.INTERNAL),
        (http_error(500, 0), Reason.INTERNAL),
    ],
)
def test_the_reason_is_found_in_what_discord_py_wrapped(error: Exception, reason: Reason) -> None:
    assert as_refusal(error).reason is reason


def test_a_value_that_an_option_does_not_take_is_named() -> None:
    kind = discord.AppCommandOptionType.integer
    error = app_commands.TransformerError("nine_", kind, SimpleNamespace(_error_display_name="count"))  # type: ignore[arg-type]
    assert say(as_refusal(error)).startswith("“nine\\_” is not something that that option takes.")


async def test_a_first_answer_and_a_later_one_are_both_private() -> None:
    conversation = Conversation()
    await report(conversation, Refusal(Reason.NO_IMAGE))  # type: ignore[arg-type]
    await report(conversation, Refusal(Reason.NOT_FOUND))  # type: ignore[arg-type]
    assert conversation.said == [
        (say(Refusal(Reason.NO_IMAGE)), True),
        (say(Refusal(Reason.NOT_FOUND)), True),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"name": "generate"}, True),
        ({"name": "Edit images"}, True),
        ({"custom_id": "dr:reroll:0123456789abcdef0123"}, True),
        ({"custom_id": "dr:form:prompt:0123456789abcdef0123:7:20"}, True),
        ({"name": "jobs"}, False),
        ({"custom_id": "dr:cancel:0123456789abcdef0123"}, False),
        ({"custom_id": "dr:collect:0123456789abcdef0123"}, False),
        ({"custom_id": "dr:gone:0123456789abcdef0123"}, False),
        ({"custom_id": "dr:mine:size"}, False),
    ],
)
async def test_money_is_spoken_of_where_some_could_have_been_charged(
    data: dict[str, str], told: bool
) -> None:
    for reason in (Reason.NOT_FOUND, Reason.INTERNAL):
        conversation = Conversation(data=data)
        await report(conversation, Refusal(reason))  # type: ignore[arg-type]
        ((said, _),) = conversation.said
        assert (FREE in said) == told


async def test_a_refusal_is_no_trouble_and_a_surprise_is(caplog: pytest.LogCaptureFixture) -> None:
    await report(Conversation(), Refusal(Reason.NO_IMAGE))  # type: ignore[arg-type]
    assert not caplog.records
    await report(Conversation(), wrapped(ZeroDivisionError("surprise")))  # type: ignore[arg-type]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "surprise" in caplog.text


async def test_a_database_that_cannot_be_used_is_said_and_told_to_the_owner() -> None:
    told: list[object] = []
    client = SimpleNamespace(dispatch=lambda *what: told.append(what))
    error, conversation = OutOfReach("It is locked."), Conversation(client=client)
    await report(conversation, wrapped(error))  # type: ignore[arg-type]
    assert conversation.said == [(say(Refusal(Reason.STORAGE_FULL)), True)]
    assert conversation.said[0][0].endswith(FREE)
    assert told == [("out_of_reach", error)]


async def test_an_answer_that_comes_too_late_is_no_second_error(caplog: pytest.LogCaptureFixture) -> None:
    conversation = Conversation(error=http_error(404, 10062))
    await answer_privately(conversation, "Hello.")  # type: ignore[arg-type]
    assert "10062" in caplog.text
    await report(Conversation(), wrapped(http_error(404, 10062)))  # type: ignore[arg-type]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


async def test_the_error_of_a_modal_reaches_the_member() -> None:
    conversation: Any = Conversation()
    await SafeModal(title="A form", opened_by=conversation, name="dr:form").on_error(
        conversation, Refusal(Reason.PROMPT_BLANK)
    )  # type: ignore[arg-type]
    assert conversation.said == [(say(Refusal(Reason.PROMPT_BLANK)), True)]


async def test_the_tree_reports_unless_the_command_has_its_own_handler() -> None:
    error = wrapped(Refusal(Reason.NO_IMAGE))
    for handler, said in ((None, 1), (object(), 0)):
        conversation = Conversation()
        conversation.command = SimpleNamespace(on_error=handler)
        told: list[object] = []
        client = SimpleNamespace(dispatch=lambda *what, told=told: told.append(what))
        await SafeTree.on_error(SimpleNamespace(client=client), conversation, error)  # type: ignore[arg-type]
        assert len(conversation.said) == said
        assert told == [("command_refused", conversation)] * said


async def test_a_form_is_good_only_for_whoever_opened_it_where_they_did() -> None:
    opened: Any = Conversation()
    form = SafeModal(title="A form", opened_by=opened, name="dr:form")
    assert await form.interaction_check(opened)
    for name, other in (("user", SimpleNamespace(id=8)), ("guild_id", None), ("channel_id", 21)):
        sent: Any = Conversation()
        setattr(sent, name, other)
        with pytest.raises(Refusal, match="not_found"):
            await form.interaction_check(sent)


class Secret(PrivateItem[discord.ui.Button[Any]], template="secret"):
    """Counts how often it was pressed."""

    times = 0

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(custom_id="secret"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        del interaction
        self.times += 1


async def test_a_private_menu_works_on_a_message_that_only_its_member_sees() -> None:
    item, talk = Secret(), Conversation()
    await item.callback(talk)  # type: ignore[arg-type]
    assert (item.times, talk.said) == (1, [])
    public: Any = Conversation()
    public.message = SimpleNamespace(flags=SimpleNamespace(ephemeral=False))
    await item.callback(public)
    assert (item.times, public.said) == (1, [(say(Refusal(Reason.NOT_FOUND)), True)])
