"""Every command, menu, button, form and reaction, before a gate that lets nobody in: nothing behind it is touched.

A handler that is new and asks nobody fails here: all are found by what discord.py knows of them.
"""

import inspect
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import AppCommandOptionType as Option
from discord import app_commands

from adapters.arrivals import arrived_at
from adapters.client import COGS, DarkroomBot
from cogs import notices, sent_forms
from cogs.card_actions import DiscordCardActions
from cogs.erase_form import EraseForm
from cogs.forms import ChangePromptForm, EditResultForm
from cogs.images_form import EditImagesForm
from cogs.offers import Offer
from cogs.words_form import WordsForm
from domain.errors import Reason, Refusal
from domain.job import Status
from domain.options import Options
from jobs.choices.preferring import Filled
from tests.clock import FakeClock
from tests.storage.rows import a_job, an_image
from tests.ui.conversation import Conversation
from ui.boundary import SafeModal
from ui.buttons import CARD_BUTTONS
from ui.texts import reason_text

CLOSED = Refusal(Reason.GUILD_NOT_ALLOWED)
JOB = a_job("0" * 20, status=Status.DONE, guild_id=10, channel_id=20, member_id=7)
LOOKED_UP = {"job", "by_card", "wished"}
"""What may be asked of the archive before the gate: whose a button or a card is."""
HARMLESS = {
    "on_raw_reaction_remove": "takes a wish back",
    "on_raw_reaction_clear": "takes wishes back",
    "on_raw_reaction_clear_emoji": "takes wishes back",
    "on_raw_message_delete": "forgets what is gone",
    "on_raw_bulk_message_delete": "forgets what is gone",
    "on_guild_channel_delete": "forgets what is gone",
    "on_raw_thread_delete": "forgets what is gone",
    "on_guild_remove": "forgets what is gone",
    "on_interaction": "builds a form that was sent anew; the form asks the gate (below)",
    "on_app_command_completion": "tells a member, privately, what they were to be told before",
    "on_command_refused": "tells a member, privately, what they were to be told before",
    "on_guild_join": "says how to begin",
    "on_guild_available": "says how to begin",
    "on_guild_channel_update": "says how to begin",
    "on_guild_role_update": "says how to begin",
    "on_member_update": "says how to begin",
    "on_guild_update": "says how to begin",
}
"""Listeners that neither spend nor show."""
SAMPLES = [
    *(
        f"dr:{name}:{JOB.id}"
        for name in (
            "reroll",
            "insist",
            "use",
            "edit",
            "change",
            "cancel",
            "delete",
            "gone",
            "keep",
            "collect",
            "hush",
        )
    ),
    *("dr:privacy:share:1", "dr:privacy:export", "dr:privacy:erase"),
    *("dr:jobs:1", "dr:allowances:20", "dr:limit-server:5000:week"),
    *("dr:mine:size", "dr:mine:reset"),
    *(
        "dr:help:managers",
        "dr:server:answers-in",
        "dr:server:rules",
        "dr:server:words",
        "dr:server:log",
        "dr:set-up",
        "dr:styles:8",
        "dr:styles:adopt",
    ),
    *("dr:usage:30days:0::", "dr:usagepage:30days:0::"),
]
"""A custom id of every kind."""


class ClosedGate:
    """Refuses whoever asks, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def _refuse(self, *_given: Any, **_values: Any) -> Any:
        self.asked += 1
        raise CLOSED

    async def _refuse_later(self, *_given: Any, **_values: Any) -> Any:
        self._refuse()

    show = manage = touch = _refuse
    spend = spend_on = admit = operate = _refuse_later

    def shows(self, _interaction: Any) -> bool:
        self.asked += 1
        return False


class StrangersGate(ClosedGate):
    """Shows what is there, in a server that may not use the bot."""

    def show(self, *_given: Any, **_values: Any) -> int:
        return 10


class Archive:
    """Knows one job, and whose card it is on; anything else is a breach."""

    def __init__(self, breaches: list[str]) -> None:
        self._breaches = breaches

    def __getattr__(self, name: str) -> Any:
        async def found(*_given: Any, **_values: Any) -> Any:
            return None if name == "wished" else JOB

        if name not in LOOKED_UP:
            self._breaches.append(f"archive.{name}")
        return found


class Services:
    """The gate, the archive, and nothing else that might be touched."""

    operator_guild = None
    clock = FakeClock()

    def __init__(self) -> None:
        self.gate = ClosedGate()
        self.breaches: list[str] = []
        self.archive = Archive(self.breaches)
        self.told: list[Refusal] = []
        self.asides = SimpleNamespace(tell=self._tell)

    async def _tell(self, _channel_id: int, _member_id: int, refusal: Refusal) -> None:
        self.told.append(refusal)

    def __getattr__(self, name: str) -> Any:
        self.breaches.append(name)
        raise AssertionError(f"{name} was used although nobody was let in")


@pytest.fixture
def services() -> Services:
    return Services()


@pytest_asyncio.fixture
async def bot(services: Services) -> DarkroomBot[Any]:
    """Hold all that is loaded at a start, never connected."""

    def build(_bot: object) -> Any:
        return SimpleNamespace(services=services, actions=DiscordCardActions(services=services))  # type: ignore[arg-type]

    places: Any = SimpleNamespace()
    made: DarkroomBot[Any] = DarkroomBot(clock=FakeClock(), places=places, build=build)
    made.add_dynamic_items(*CARD_BUTTONS)
    for name in COGS:
        if name != notices.__name__:
            await made.load_extension(name)
    return made


def interaction(bot: DarkroomBot[Any]) -> Any:
    found: Any = Conversation(client=bot)
    found.permissions = discord.Permissions.all()
    found.guild, found.guild_id, found.id, found.channel = None, 10, 1, None
    found.data, found.namespace = {"values": ["today"]}, SimpleNamespace()
    return found


def all_commands(bot: DarkroomBot[Any]) -> Iterator[app_commands.Command[Any, ..., Any]]:
    for command in bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield command


def dummies(command: app_commands.Command[Any, ..., Any]) -> dict[str, Any]:
    """Return something for each option that a command needs."""
    plain = {Option.string: "text", Option.number: 1.0, Option.integer: 1}
    return {
        each.name: each.choices[0].value if each.choices else plain.get(each.type, SimpleNamespace(id=8))
        for each in command.parameters
        if each.required
    }


async def test_every_command_asks_the_gate_before_it_does_anything(
    bot: DarkroomBot[Any], services: Services
) -> None:
    names: set[str] = set()
    for command in all_commands(bot):
        services.gate.asked = 0
        with pytest.raises(Refusal) as caught:
            await command.callback(command.binding, interaction(bot), **dummies(command))  # type: ignore[arg-type,call-arg]
        assert caught.value is CLOSED, command.qualified_name
        assert services.gate.asked == 1, command.qualified_name
        assert services.breaches == [], command.qualified_name
        names.add(command.qualified_name)
    assert {
        "help",
        "settings server",
        "style add",
        "edit",
        "generate",
        "jobs",
        "credits",
        "usage adjust",
        "allowance block",
        "operator open",
    } <= names


async def test_every_suggestion_and_menu_command_asks_the_gate(
    bot: DarkroomBot[Any], services: Services
) -> None:
    suggested = 0
    for command in all_commands(bot):
        for parameter in command._params.values():
            if parameter.autocomplete is not None and callable(parameter.autocomplete):
                suggest: Any = parameter.autocomplete
                bound = (command.binding,) if getattr(suggest, "pass_command_binding", False) else ()
                assert await suggest(*bound, interaction(bot), "") == []
                suggested += 1
    menus = [
        menu
        for kind in (discord.AppCommandType.message, discord.AppCommandType.user)
        for menu in bot.tree.get_commands(type=kind)
    ]
    for menu in menus:
        with pytest.raises(Refusal) as caught:
            await menu.callback(interaction(bot), SimpleNamespace())
        assert caught.value is CLOSED
    assert (suggested, len(menus)) == (26, 2)
    assert services.gate.asked == suggested + len(menus)
    assert services.breaches == []


async def test_every_button_and_menu_asks_the_gate(bot: DarkroomBot[Any], services: Services) -> None:
    items: dict[Any, Any] = bot._connection._view_store._dynamic_items
    for template, kind in items.items():
        match = next((found for sample in SAMPLES if (found := template.fullmatch(sample))), None)
        assert match is not None, f"no sample of {template.pattern}: add one"
        services.gate.asked = 0
        pressed = interaction(bot)
        item = await kind.from_custom_id(pressed, None, match)
        await item.callback(pressed)
        assert services.breaches == [], template.pattern
        assert pressed.said == [(reason_text(CLOSED), True)], template.pattern
        assert services.gate.asked == 1, template.pattern
    assert len(items) == len(SAMPLES)


async def test_what_managers_choose_for_a_server_that_may_not_use_the_bot_is_not_kept(
    bot: DarkroomBot[Any], services: Services
) -> None:
    services.gate = StrangersGate()
    asked = {command.qualified_name: command for command in all_commands(bot)}
    managers = [name for name in asked if name.split()[0] in {"style", "allowance"}]
    assert len(managers) >= 9
    for name in (*managers, "settings server", "usage adjust"):
        command = asked[name]
        with pytest.raises(Refusal) as caught:
            await command.callback(command.binding, interaction(bot), **dummies(command))  # type: ignore[arg-type,call-arg]
        assert caught.value is CLOSED, name
    notices_to: Any = SimpleNamespace(id=20)
    command = asked["usage notices"]
    with pytest.raises(Refusal):
        await command.callback(command.binding, interaction(bot), channel=notices_to)  # type: ignore[arg-type,call-arg]
    items: dict[Any, Any] = bot._connection._view_store._dynamic_items
    for sample in SAMPLES:
        if sample.startswith(("dr:server", "dr:styles", "dr:allowances", "dr:limit-server", "dr:set-up")):
            kind, match = next(
                (kind, found) for each, kind in items.items() if (found := each.fullmatch(sample))
            )
            pressed = interaction(bot)
            await (await kind.from_custom_id(pressed, None, match)).callback(pressed)
            assert pressed.said == [(reason_text(CLOSED), True)], sample
    assert services.breaches == []


async def never(*_: object) -> None:
    raise AssertionError("behind the gate")


async def test_every_form_asks_the_gate_when_it_is_sent(bot: DarkroomBot[Any], services: Services) -> None:
    opened = interaction(bot)
    forms = every_form(opened)
    for form in forms:
        with pytest.raises(Refusal) as caught:
            await form.on_submit(opened)
        assert caught.value is CLOSED
    assert (services.gate.asked, services.breaches) == (len(forms), [])


def every_form(opened: Any) -> list[SafeModal]:
    offer = Offer(filled=Filled(options=Options()), groups=(), cost=0)
    forms: list[SafeModal] = [
        EditResultForm(opened_by=opened, job=JOB, results=[an_image()], offer=offer),
        ChangePromptForm(opened_by=opened, job=JOB, offer=offer),
        EditImagesForm(opened_by=opened, form_id="ab" * 10, sources=[], offer=offer),
        WordsForm(opened_by=opened, words=("one",), save=never),
        EraseForm(opened_by=opened),
    ]
    assert {type(form) for form in forms} == set(_every(SafeModal)), "a form is not tried here"
    return forms


async def test_every_form_is_known_by_its_id_alone(
    bot: DarkroomBot[Any], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run of the bot may have opened it."""

    async def found(kind: str) -> Any:
        return {"job": JOB, "results": [an_image()], "sources_of_form": []}[kind]

    async def offered(*_given: Any, **_values: Any) -> Offer:
        return Offer(filled=Filled(options=Options()), groups=(), cost=0)

    for name in ("offer_for", "offer_again", "offer_of_result"):
        monkeypatch.setattr(sent_forms, name, offered)
    services.archive = SimpleNamespace(  # type: ignore[assignment]
        job=lambda _: found("job"),
        results=lambda _: found("results"),
        sources_of_form=lambda _: found("sources_of_form"),
    )
    taken: list[type[SafeModal]] = []
    monkeypatch.setattr(SafeModal, "take", lambda form, *_, **__: taken.append(type(form)))
    forms = every_form(interaction(bot))
    for form in forms:
        sent = interaction(bot)
        sent.type, sent.data = discord.InteractionType.modal_submit, {"custom_id": form.custom_id}
        await sent_forms.Forms().on_interaction(sent)
        assert sent.said == []
    assert taken == [type(form) for form in forms]


@pytest.mark.parametrize("name", ["dr:form:of-tomorrow:7:20", "dr:form:words:7", "dr:form:prompt:7:20"])
async def test_whoever_sends_a_form_that_is_not_known_is_told_and_gets_back_what_they_wrote(
    bot: DarkroomBot[Any], name: str
) -> None:
    sent = interaction(bot)
    sent.type = discord.InteractionType.modal_submit
    sent.data = {"custom_id": name, "components": [{"component": {"type": 4, "value": "four lines"}}]}
    await sent_forms.Forms().on_interaction(sent)
    ((said, private),) = sent.said
    assert said.startswith(reason_text(Refusal(Reason.FORM_UNKNOWN)))
    assert "four lines" in said
    assert private


def test_forms_are_opened_in_one_place_where_nobody_waits_for_them() -> None:
    """Or discord.py would take in what is sent, too, and one member would be answered twice."""
    root = Path(inspect.getfile(sent_forms)).parents[1]
    opening = [
        path.relative_to(root).as_posix()
        for folder in ("cogs", "ui", "adapters")
        for path in (root / folder).rglob("*.py")
        if "send_modal" in path.read_text(encoding="utf-8")
    ]
    assert opening == ["cogs/forms.py"]


async def test_every_reaction_that_asks_for_something_asks_the_gate(
    bot: DarkroomBot[Any], services: Services
) -> None:
    bot._connection.user = SimpleNamespace(id=1)  # type: ignore[assignment]
    guild = SimpleNamespace(id=10, filesize_limit=1, me=None)
    member = SimpleNamespace(id=7, bot=False, guild=guild, roles=[], joined_at=None)
    member.guild_permissions = discord.Permissions.none()
    payload = SimpleNamespace(
        message_id=3, channel_id=20, guild_id=10, user_id=7, emoji="🔁", member=member, message_author_id=1
    )
    heard = [(name, listener) for cog in bot.cogs.values() for name, listener in cog.get_listeners()]
    asking = [(name, listener) for name, listener in heard if name not in HARMLESS]
    assert [name for name, _ in asking] == ["on_raw_reaction_add"], (
        "a listener that is new: does it spend or show?"
    )
    await asking[0][1](payload)
    assert (services.gate.asked, services.told, services.breaches) == (1, [CLOSED], [])


async def test_the_bots_presence_names_where_to_begin(bot: DarkroomBot[Any]) -> None:
    assert "/edit" in str(bot.activity)


async def test_what_was_left_out_above_hears_of_nobody(bot: DarkroomBot[Any]) -> None:
    assert notices.Notices.__cog_listeners__ == []
    assert notices.Notices.__cog_app_commands__ == []
    # The bot itself notes when an interaction came, and asks nothing of it.
    heard: Any = SimpleNamespace(extras={})
    await bot.on_interaction(heard)
    assert arrived_at(heard) <= time.monotonic()
    assert list(heard.extras) == ["arrived"]


def _every(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(("cogs", "ui", "adapters")):
            yield each
            yield from _every(each)
