"""What Discord refuses is refused, with the error's path and code."""

from typing import Any

import pytest

from tests.playground.discord.page import Person
from tests.playground.discord.rest_client import V2, Answer, Json, Rest
from tests.playground.discord.testbot import TestBot

TEXT = {"type": 10, "content": "hi"}


def button(custom_id: str = "b", **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "B", "custom_id": custom_id, **more}


def row(*items: Json) -> Json:
    return {"type": 1, "components": list(items)}


def v2(*components: Json, **more: Any) -> Json:
    return {"flags": V2, "components": list(components), **more}


def gallery(*urls: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def select(**more: Any) -> Json:
    options = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
    return {"type": 3, "custom_id": "s", "options": options, **more}


LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
DUPLICATE = "COMPONENT_CUSTOM_ID_DUPLICATED"
HTTP = "https://example.com/a.png"

BAD: dict[str, tuple[Json, str, str]] = {
    "long content": ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "content of a wrong type": ({"content": ["x"]}, "content", "STRING_TYPE_CONVERT"),
    "content beside V2": (v2(TEXT, content="x"), "content", LEGACY),
    "embeds beside V2": (v2(TEXT, embeds=[{"title": "x"}]), "embeds", LEGACY),
    "V2 components without the flag": ({"components": [TEXT]}, "components.0", "UNION_TYPE_CHOICES"),
    "an unknown component": (v2({"type": 99}), "components.0", "UNION_TYPE_CHOICES"),
    "a component that is no object": (v2("x"), "components.0", "MODEL_TYPE_CONVERT"),  # type: ignore[arg-type]
    "a container in a container": (
        v2({"type": 17, "components": [{"type": 17, "components": [TEXT]}]}),
        "components.0.components.0",
        "UNION_TYPE_CHOICES",
    ),
    "forty-one components": (v2(*[TEXT] * 41), "components", "BASE_TYPE_BAD_LENGTH"),
    "forty-one nested components": (
        v2(*[row(*[button(f"{n}.{m}") for m in range(4)]) for n in range(8)], TEXT),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "too much text in all": (
        v2({"type": 10, "content": "x" * 2001}, {"type": 10, "content": "x" * 2000}),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "empty text": (v2({"type": 10, "content": ""}), "components.0.content", "BASE_TYPE_REQUIRED"),
    "an empty gallery": (v2(gallery()), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    "eleven in a gallery": (v2(gallery(*[HTTP] * 11)), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    "a file that is not there": (
        v2(gallery("attachment://a.png")),
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "media of another scheme": (
        v2(gallery("ftp://a/b.png")),
        "components.0.items.0.media.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "a file component with a link": (
        v2({"type": 13, "file": {"url": HTTP}}),
        "components.0.file.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "a button without custom id": (
        v2(row({"type": 2, "style": 1, "label": "B"})),
        "components.0.components.0.custom_id",
        "BASE_TYPE_REQUIRED",
    ),
    "a long custom id": (
        v2(row(button("x" * 101))),
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "one custom id twice": (
        v2(row(button()), row(button())),
        "components.1.components.0.custom_id",
        DUPLICATE,
    ),
    "a button without label and emoji": (
        v2(row({"type": 2, "style": 1, "custom_id": "b"})),
        "components.0.components.0",
        "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ),
    "a long label": (
        v2(row(button(label="x" * 81))),
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a style that is none": (
        v2(row(button(style=9))),
        "components.0.components.0.style",
        "BASE_TYPE_CHOICES",
    ),
    "a link without an address": (
        v2(row({"type": 2, "style": 5, "label": "L"})),
        "components.0.components.0.url",
        "BASE_TYPE_REQUIRED",
    ),
    "a link with a custom id": (
        v2(row({"type": 2, "style": 5, "label": "L", "url": HTTP, "custom_id": "x"})),
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_INVALID",
    ),
    "six buttons in a row": (
        v2(row(*[button(str(number)) for number in range(6)])),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a menu beside a button": (
        v2(row(select(), button())),
        "components.0",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "a menu without options": (
        v2(row(select(options=[]))),
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "more chosen than offered": (
        v2(row(select(max_values=3))),
        "components.0.components.0.max_values",
        "SELECT_COMPONENT_MAX_ABOVE_OPTIONS",
    ),
    "the same option twice": (
        v2(row(select(options=[{"label": "a", "value": "a"}] * 2))),
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "a section without accessory": (
        v2({"type": 9, "components": [TEXT]}),
        "components.0.accessory",
        "MODEL_TYPE_CONVERT",
    ),
    "an accent that is no colour": (
        v2({"type": 17, "components": [TEXT], "accent_color": 0x1000000}),
        "components.0.accent_color",
        "NUMBER_TYPE_MAX",
    ),
    "six rows": (
        {"components": [row(button(str(n))) for n in range(6)]},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "mentions twice over": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    "an unknown kind of mention": (
        {"content": "x", "allowed_mentions": {"parse": ["cats"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    "a long nonce": ({"content": "x", "nonce": "x" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    "a reply to nothing": (
        {"content": "x", "message_reference": {"message_id": "1"}},
        "message_reference",
        "REPLIES_UNKNOWN_MESSAGE",
    ),
    "a long embed": (
        {"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_message_against_the_rules_is_refused_where_the_rule_is_broken(rest: Rest, name: str) -> None:
    body, path, code = BAD[name]
    answer = await rest.send(body)
    assert answer.problems().get(path) == code, answer.body
    assert (await rest.ask("GET", rest.messages)).body == []


async def test_everything_at_its_limit_is_accepted(rest: Rest) -> None:
    files = {f"{number}.png": b"x" for number in range(10)}
    body = v2(
        {"type": 10, "content": "x" * 3999},
        {
            "type": 17,
            "accent_color": 0xFFFFFF,
            "components": [
                gallery(*[f"attachment://{name}" for name in files]),
                {"type": 13, "file": {"url": "attachment://3.png"}},
                {"type": 14, "divider": True, "spacing": 2},
                {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": button("c" * 100)},
                row(*[button(str(number), label="x" * 80) for number in range(5)]),
                row(select(max_values=2, min_values=0)),
            ],
        },
    )
    message = await rest.sent(body, files=files)
    parts = message["components"][1]["components"]
    assert [item["media"]["attachment_id"] for item in parts[0]["items"]] == [
        item["id"] for item in message["attachments"]
    ]
    assert (parts[1]["name"], parts[1]["size"]) == ("3.png", 1)
    ids = [message["components"][0]["id"], message["components"][1]["id"], *[part["id"] for part in parts]]
    assert len(set(ids)) == len(ids)


async def test_eleven_files_are_too_many(rest: Rest) -> None:
    files = {f"{number}.png": b"x" for number in range(11)}
    assert (await rest.send({"content": "x"}, files=files)).problems() == {
        "attachments": "BASE_TYPE_MAX_LENGTH"
    }


async def test_several_problems_are_told_at_once(rest: Rest) -> None:
    answer = await rest.send({"content": "x" * 2001, "nonce": "x" * 26, "components": [TEXT]})
    assert set(answer.problems()) == {"content", "nonce", "components.0"}


async def edited(rest: Rest, message: Json, body: Json, files: dict[str, bytes] | None = None) -> Answer:
    return await rest.ask("PATCH", f"{rest.messages}/{message['id']}", body, files=files)


async def test_a_card_stays_a_card_and_takes_no_content_later(rest: Rest) -> None:
    message = await rest.sent(v2(TEXT))
    assert (await edited(rest, message, {"content": "x"})).problems() == {"content": LEGACY}
    kept = await edited(rest, message, {"flags": 0, "components": [gallery(HTTP)]})
    assert (kept.status, kept.body["flags"] & V2) == (200, V2)


async def test_a_plain_message_becomes_a_card_when_its_content_goes(rest: Rest) -> None:
    message = await rest.sent({"content": "working"})
    assert (await edited(rest, message, v2(TEXT))).problems() == {"content": LEGACY}
    done = await edited(rest, message, v2(TEXT, content=None))
    assert (done.status, done.body["content"]) == (200, "")


async def test_an_edit_keeps_drops_and_adds_files_by_their_ids(rest: Rest) -> None:
    message = await rest.sent({"content": "x"}, files={"a.png": b"a", "b.png": b"b"})
    first, second = (item["id"] for item in message["attachments"])
    more = await edited(rest, message, {"content": "y"}, {"c.png": b"c"})
    assert [item["filename"] for item in more.body["attachments"]] == ["a.png", "b.png", "c.png"]
    listed = [{"id": int(second)}, {"id": "0", "filename": "d.png", "description": "a letter"}]
    kept = await edited(rest, message, {"attachments": listed}, {"x.png": b"d", "ignored.png": b"e"})
    assert [item["filename"] for item in kept.body["attachments"]] == ["b.png", "d.png"]
    assert kept.body["attachments"][0]["id"] == second != first
    assert kept.body["attachments"][1]["description"] == "a letter"
    none = await edited(rest, message, {"attachments": []})
    assert none.body["attachments"] == []


async def test_a_card_can_name_a_kept_file_but_not_a_dropped_one(rest: Rest) -> None:
    message = await rest.sent(v2(gallery("attachment://a.png")), files={"a.png": b"a"})
    kept = [{"id": message["attachments"][0]["id"]}]
    again = await edited(rest, message, v2(gallery("attachment://a.png"), attachments=kept))
    assert again.status == 200
    dropped = await edited(rest, message, v2(gallery("attachment://a.png"), attachments=[]))
    assert list(dropped.problems()) == ["components.0.items.0.media.url"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[1, 2"])
async def test_a_body_that_is_no_json_is_refused(rest: Rest, body: bytes) -> None:
    answer = await rest.ask("POST", rest.messages, body)
    assert (answer.status, answer.code) == (400, 50109)


async def test_paths_that_discord_does_not_have_and_ids_that_are_none(rest: Rest) -> None:
    assert (await rest.ask("GET", "/no/such/path")).body == {"message": "404: Not Found", "code": 0}
    answer = await rest.ask("GET", "/channels/abc")
    assert answer.problems() == {"channel_id": "NUMBER_TYPE_COERCE"}
    assert (await rest.ask("GET", f"{rest.messages}?limit=101")).problems() == {"limit": "NUMBER_TYPE_MAX"}
    assert (await rest.ask("GET", "/users/@me", headers={"Authorization": "Bot x"})).status == 401


def label(component: Json, **more: Any) -> Json:
    return {"type": 18, "label": "L", "component": component, **more}


TEXT_INPUT = {"type": 4, "custom_id": "t", "style": 1}
MODALS: dict[str, tuple[Json, str, str]] = {
    "no fields": ({"components": []}, "components", "BASE_TYPE_BAD_LENGTH"),
    "six fields": (
        {"components": [label({**TEXT_INPUT, "custom_id": str(number)}) for number in range(6)]},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a long title": ({"title": "x" * 46, "components": [label(TEXT_INPUT)]}, "title", "BASE_TYPE_BAD_LENGTH"),
    "no label": ({"components": [label(TEXT_INPUT, label=None)]}, "components.0.label", "BASE_TYPE_REQUIRED"),
    "a button": ({"components": [label(button())]}, "components.0.component.type", "BASE_TYPE_CHOICES"),
    "no component": (
        {"components": [{"type": 18, "label": "L"}]},
        "components.0.component",
        "BASE_TYPE_REQUIRED",
    ),
    "one id twice": (
        {"components": [label(TEXT_INPUT), label(TEXT_INPUT)]},
        "components.1.component.custom_id",
        DUPLICATE,
    ),
    "eleven files": (
        {"components": [label({"type": 19, "custom_id": "f", "max_values": 11})]},
        "components.0.component.max_values",
        "NUMBER_TYPE_MAX",
    ),
    "a prefilled text over its limit": (
        {"components": [label({**TEXT_INPUT, "max_length": 3, "value": "four"})]},
        "components.0.component.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
}


@pytest.mark.parametrize("name", MODALS)
async def test_a_modal_against_the_rules_is_refused(bot: TestBot, ann: Person, rest: Rest, name: str) -> None:
    body, path, code = MODALS[name]
    bot.answers["say"] = quiet
    await ann.use("say", text="x")
    interaction = await bot.until("say")
    data = {"custom_id": "m", "title": "T", **body}
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    answer = await rest.ask("POST", callback, {"type": 9, "data": data})
    assert answer.problems().get(f"data.{path}") == code, answer.body


async def quiet(interaction: object, text: str) -> None:
    """Leave the interaction to the test."""
