"""Components and modals in every kind, seen from a bare bot: what arrives, and what may be answered."""

from typing import Any

import pytest
from aiohttp import ClientSession

from tests.playground.discord.gateway_client import GUILDS, BareGateway
from tests.playground.discord.page import Json, Person
from tests.playground.discord.rest_client import V2, Answer, Rest


class Bare:
    """A bare bot: reads interactions off the gateway and answers them by hand."""

    def __init__(self, *, rest: Rest, gateway: BareGateway) -> None:
        self.rest = rest
        self.gateway = gateway

    async def asked(self) -> Json:
        return (await self.gateway.until("INTERACTION_CREATE"))["d"]

    async def answer(self, interaction: Json, kind: int, data: Json | None = None, **more: Any) -> Answer:
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback?with_response=true"
        return await self.rest.ask("POST", path, {"type": kind, "data": data}, **more)

    async def original(self, interaction: Json, method: str, body: Json | None = None) -> Answer:
        application = self.rest.standin.world.application.id
        path = f"/webhooks/{application}/{interaction['token']}/messages/@original"
        return await self.rest.ask(method, path, body)


@pytest.fixture
async def bare(rest: Rest, http: ClientSession) -> Bare:
    gateway = await BareGateway.connect(http, rest.standin)
    await gateway.identify(rest.standin.token, GUILDS)
    await gateway.until("GUILD_CREATE")
    path = f"/applications/{rest.standin.world.application.id}/commands"
    await rest.ask("POST", path, {"name": "form", "description": "Opens a form."})
    return Bare(rest=rest, gateway=gateway)


def card(text: str, *items: Json) -> Json:
    rows = [{"type": 1, "components": [item]} for item in items]
    return {"flags": V2, "components": [{"type": 10, "content": text}, *rows]}


BUTTON: Json = {"type": 2, "style": 1, "label": "B", "custom_id": "b"}


async def test_ids_in_components_come_back_as_texts_however_they_were_sent(rest: Rest) -> None:
    """JavaScript would round a number of this size."""
    large = 1191249943772269807
    chosen = {"id": large, "type": "channel"}
    menu = {"type": 8, "custom_id": "where", "default_values": [chosen]}
    face = {"id": large, "name": "face"}
    entry = {"label": "One", "value": "1", "emoji": face}
    items = [menu, {**BUTTON, "emoji": face}, {"type": 3, "custom_id": "one", "options": [entry]}]
    sent = await rest.sent(card("before", *items))
    rows = [row["components"][0] for row in sent["components"][1:]]
    assert rows[0]["default_values"] == [{**chosen, "id": str(large)}]
    assert rows[1]["emoji"]["id"] == rows[2]["options"][0]["emoji"]["id"] == str(large)
    assert all(isinstance(row["id"], int) for row in rows)


async def pressed(bare: Bare, ann: Person, **more: Any) -> tuple[Json, Json]:
    """Post a card, press its button; return the card and the interaction."""
    message = await bare.rest.sent(card("before", BUTTON))
    place = {"channel_id": message["channel_id"], "message_id": message["id"]}
    await ann.wish("component", **place, custom_id="b", **more)
    return message, await bare.asked()


async def test_a_button_may_be_answered_by_changing_its_card(bare: Bare, ann: Person) -> None:
    message, interaction = await pressed(bare, ann)
    assert interaction["message"]["id"] == message["id"]
    assert interaction["data"] == {"custom_id": "b", "component_type": 2, "id": 3}
    answer = await bare.answer(interaction, 7, card("after"))
    assert answer.body["resource"]["message"]["id"] == message["id"]
    assert answer.body["interaction"]["response_message_id"] == message["id"]
    assert (await ann.until("message_update"))["components"][0]["content"] == "after"


async def test_a_button_may_be_deferred_and_its_card_changed_later(bare: Bare, ann: Person) -> None:
    message, interaction = await pressed(bare, ann)
    assert (await bare.original(interaction, "GET")).code == 10015
    assert (await bare.answer(interaction, 6)).status == 200
    assert ann.all("message_update") == []
    later = await bare.original(interaction, "PATCH", card("later"))
    assert later.body["id"] == message["id"]
    assert (await bare.original(interaction, "DELETE")).status == 204
    assert (await bare.original(interaction, "PATCH", card("gone"))).code == 10008


async def test_a_card_that_is_gone_cannot_be_changed_by_an_answer(bare: Bare, ann: Person) -> None:
    message, interaction = await pressed(bare, ann)
    await bare.rest.ask("DELETE", f"{bare.rest.messages}/{message['id']}")
    assert (await bare.answer(interaction, 7, card("after"))).code == 10008
    assert (await bare.answer(interaction, 4, {"content": "instead"})).status == 200


async def test_a_command_cannot_be_answered_by_an_update_or_choices(bare: Bare, ann: Person) -> None:
    await ann.use("form")
    interaction = await bare.asked()
    for kind in (1, 6, 7, 8, 99):
        assert (await bare.answer(interaction, kind)).problems() == {"type": "BASE_TYPE_CHOICES"}
    assert (await bare.rest.ask("POST", "/interactions/1/nonsense/callback", {"type": 4})).code == 10062


def options(*values: str) -> list[Json]:
    return [{"label": value, "value": value} for value in values]


def label(component: Json) -> Json:
    return {"type": 18, "label": f"field {component['type']}", "component": component}


FIELDS: list[Json] = [
    {"type": 21, "custom_id": "radio", "options": options("a", "b"), "required": False},
    {"type": 22, "custom_id": "boxes", "options": options("a", "b", "c"), "min_values": 0},
    {"type": 23, "custom_id": "box"},
    {"type": 3, "custom_id": "menu", "options": options("x", "y"), "required": False},
]


async def opened(bare: Bare, ann: Person, components: list[Json]) -> Json:
    """Open a modal; return what the page is told."""
    await ann.use("form")
    interaction = await bare.asked()
    answer = await bare.answer(interaction, 9, {"custom_id": "m", "title": "T", "components": components})
    assert answer.status == 200, answer.body
    return await ann.until("modal", lambda data: data["interaction_id"] == interaction["id"])


async def test_a_modal_with_every_kind_of_choice(bare: Bare, ann: Person) -> None:
    text = {"type": 10, "content": "Choose."}
    modal = await opened(bare, ann, [text, *[label(field) for field in FIELDS]])
    place = {"interaction_id": modal["interaction_id"]}

    def filled(**values: Any) -> list[Json]:
        return [label({"type": 0, "custom_id": key, **value}) for key, value in values.items()]

    wrong = filled(radio={"value": "c"})
    assert await ann.refusal("modal", **place, components=wrong) == "field 21: Choose one of the list."
    wrong = filled(boxes={"values": ["d"]})
    assert await ann.refusal("modal", **place, components=wrong) == "That choice is not offered."
    good = filled(boxes={"values": ["a", "c"]}, box={"value": True}, radio={"value": "b"})
    await ann.wish("modal", **place, components=good)
    interaction = await bare.asked()
    parts = interaction["data"]["components"]
    assert parts[0] == {"type": 10, "id": 1}
    chosen = {part["component"]["custom_id"]: part["component"] for part in parts[1:]}
    assert (chosen["radio"]["value"], chosen["boxes"]["values"]) == ("b", ["a", "c"])
    assert (chosen["box"]["value"], chosen["menu"]["values"]) == (True, [])
    assert (await bare.answer(interaction, 9)).problems() == {"type": "BASE_TYPE_CHOICES"}
    answer = await bare.answer(interaction, 4, {"content": "thanks"})
    metadata = answer.body["resource"]["message"]["interaction_metadata"]
    assert metadata["triggering_interaction_metadata"]["name"] == "form"


async def test_an_old_modal_with_rows_of_text(bare: Bare, ann: Person) -> None:
    field = {"type": 4, "custom_id": "t", "style": 2, "label": "Text", "min_length": 3}
    modal = await opened(bare, ann, [{"type": 1, "components": [field]}])
    place = {"interaction_id": modal["interaction_id"]}

    def filled(text: str) -> list[Json]:
        return [{"type": 1, "components": [{"type": 4, "custom_id": "t", "value": text}]}]

    short = await ann.refusal("modal", **place, components=filled("ab"))
    assert short == "Text: Must be between 3 and 4000 characters."
    await ann.wish("modal", **place, components=filled("abc"))
    interaction = await bare.asked()
    assert interaction["data"]["components"][0]["components"][0]["value"] == "abc"


async def test_a_modal_opened_by_a_button_may_change_the_buttons_card(bare: Bare, ann: Person) -> None:
    message, interaction = await pressed(bare, ann)
    field = label({"type": 4, "custom_id": "t", "style": 1, "required": False})
    await bare.answer(interaction, 9, {"custom_id": "m", "title": "T", "components": [field]})
    await ann.until("modal")
    await ann.wish("modal", interaction_id=interaction["id"], components=[])
    submitted = await bare.asked()
    assert submitted["message"]["id"] == message["id"]
    answer = await bare.answer(submitted, 7, card("by the modal"))
    assert answer.body["resource"]["message"]["id"] == message["id"]


@pytest.mark.parametrize(
    ("kind", "key"), [(5, "users"), (6, "roles"), (7, "users"), (7, "roles"), (8, "channels")]
)
async def test_a_menu_of_people_and_places_carries_whole_objects(
    bare: Bare, ann: Person, kind: int, key: str
) -> None:
    guild = bare.rest.standin.world.guild
    chosen = {"users": ann.id, "roles": str(guild.id), "channels": str(guild.channels[1].id)}[key]
    menu = {"type": kind, "custom_id": "menu"}
    message = await bare.rest.sent(card("choose", menu))
    place = {"channel_id": message["channel_id"], "message_id": message["id"], "custom_id": "menu"}
    assert "There is no such" in await ann.refusal("component", **place, values=["1"])
    await ann.wish("component", **place, values=[chosen])
    data = (await bare.asked())["data"]
    assert data["values"] == [chosen]
    assert data["resolved"][key][chosen]["id"] == chosen
    assert ("members" in data["resolved"]) is (key == "users")


async def test_an_autocomplete_in_a_subcommand_is_about_the_focused_option(bare: Bare, ann: Person) -> None:
    option = {"type": 4, "name": "number", "description": "x", "autocomplete": True}
    image = {"type": 11, "name": "image", "description": "x"}
    sub = {"type": 1, "name": "sub", "description": "x", "options": [image, option]}
    path = f"/applications/{bare.rest.standin.world.application.id}/commands"
    made = await bare.rest.ask("POST", path, {"name": "deep", "description": "x", "options": [sub]})
    given = [
        {"name": "image", "type": 11, "value": "1"},
        {"name": "number", "type": 4, "value": "1", "focused": True},
    ]
    wish = {"channel_id": ann.channel("darkroom"), "command_id": made.body["id"]}
    await ann.wish("autocomplete", **wish, options=[{"name": "sub", "type": 1, "options": given}])
    interaction = await bare.asked()
    assert (interaction["type"], interaction["data"]["options"][0]["options"]) == (4, given[1:])
    wrong = await bare.answer(interaction, 8, {"choices": [{"name": "1", "value": "one"}]})
    assert wrong.problems() == {"data.choices.0.value": "NUMBER_TYPE_COERCE"}
    many = [{"name": str(number), "value": number} for number in range(26)]
    assert (await bare.answer(interaction, 8, {"choices": many})).status == 400
    assert (await bare.answer(interaction, 8, {"choices": many[:25]})).status == 200
    assert len((await ann.until("choices"))["choices"]) == 25
