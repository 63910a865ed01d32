"""The page's side: what Discord's client would not send, and what the drawer and the tests can do."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from playground.discord import DiscordStandIn
from tests.playground.discord.conftest import OpenPage
from tests.playground.discord.page import Json, Person, ask
from tests.playground.discord.rest_client import V2, Rest


async def options(person: Person, *given: tuple[str, int, Any]) -> str | None:
    """Use /edit with options as they are; return the refusal, if any."""
    listed = [{"name": name, "type": kind, "value": value} for name, kind, value in given]
    command = person.command("edit")["id"]
    nonce = await person.wish(
        "command", channel_id=person.channel("darkroom"), command_id=command, options=listed
    )
    return await person.outcome(nonce)


@pytest.mark.usefixtures("bot")
async def test_options_are_checked_as_discords_client_does(ann: Person, ben: Person, cat: bytes) -> None:
    (mine,) = await ann.upload(("cat.jpg", cat, "image/jpeg"))
    (foreign,) = await ben.upload(("cat.jpg", cat, "image/jpeg"))
    prompt, image = ("prompt", 3, "sepia"), ("image", 11, mine["id"])
    assert await options(ann, prompt) == "image: This option is required. Specify a value."
    assert await options(ann, ("prompt", 3, "x"), image) == "prompt: Must be between 2 and 100 characters."
    assert await options(ann, ("prompt", 3, 5), image) == "prompt: Must be between 2 and 100 characters."
    assert await options(ann, prompt, ("image", 11, foreign["id"])) is not None
    assert await options(ann, prompt, image, ("count", 4, 5)) == "count: Must be between 1 and 4."
    assert await options(ann, prompt, image, ("count", 4, 1.5)) == "count: That is not a number."
    assert await options(ann, prompt, image, ("size", 3, "huge")) == "size: Choose one of the list."
    assert await options(ann, prompt, image, ("image9", 11, mine["id"])) == "image9: There is no such option."
    assert await options(ann, prompt, image) is None


@pytest.mark.usefixtures("bot")
async def test_a_forged_client_can_skip_the_checks(ann: Person, standin: DiscordStandIn) -> None:
    given = [{"name": "text", "type": 3, "value": "x"}, {"name": "more", "type": 3, "value": "y"}]
    wish: Json = {"channel_id": ann.channel("darkroom"), "command_id": ann.command("say")["id"]}
    assert await ann.refusal("command", **wish, options=given) == "more: There is no such option."
    await ann.wish("command", **wish, options=given, unchecked=True)
    assert (await ann.message())["content"] == "x"
    card = await ann.message()
    place = {"channel_id": card["channel_id"], "message_id": card["id"], "custom_id": "again:999"}
    assert await ann.refusal("component", **place) == "There is no such button or menu."
    nonce = await ann.wish("component", **place, unchecked=True)
    assert await ann.outcome(nonce) is None
    forged = list(standin.world.interactions.values())[-1]
    assert (forged.kind, forged.data) == (3, {"custom_id": "again:999", "component_type": 2})


MENU: Json = {
    "type": 3,
    "custom_id": "menu",
    "min_values": 1,
    "max_values": 2,
    "options": [{"label": value, "value": value} for value in "abc"],
}


async def test_buttons_and_menus_are_used_only_as_they_are_offered(rest: Rest, ann: Person) -> None:
    off = {"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True}
    rows = [{"type": 1, "components": [MENU]}, {"type": 1, "components": [off]}]
    message = await rest.sent({"flags": V2, "components": rows})
    place = {"channel_id": message["channel_id"], "message_id": message["id"]}
    assert await ann.refusal("component", **place, custom_id="off") == "That is switched off."
    assert await ann.refusal("component", **place, custom_id="no") == "There is no such button or menu."
    assert "Choose between" in await ann.refusal("component", **place, custom_id="menu", values=[])
    for values in (["d"], ["a", "a"]):
        refusal = await ann.refusal("component", **place, custom_id="menu", values=values)
        assert refusal == "That choice is not offered."
    nonce = await ann.wish("component", **place, custom_id="menu", values=["a", "c"])
    assert await ann.outcome(nonce) is None
    data = next(iter(rest.standin.world.interactions.values())).data
    assert (data["component_type"], data["values"]) == (3, ["a", "c"])


@pytest.mark.usefixtures("bot")
async def test_a_modals_fields_are_checked_before_it_is_sent(ann: Person) -> None:
    nonce = await ann.use("form")
    modal = await ann.until("modal", lambda data: data["nonce"] == nonce)
    custom_id = modal["components"][0]["component"]["custom_id"]

    async def submit(text: str) -> str:
        field = {"type": 4, "custom_id": custom_id, "value": text}
        filled = [{"type": 18, "component": field}]
        wish = {"interaction_id": modal["interaction_id"], "components": filled}
        return await ann.refusal("modal", **wish)

    assert await submit("") == "Prompt: This field is required."
    assert await submit("x" * 4001) == "Prompt: Must be between 0 and 4000 characters."
    assert await ann.refusal("modal", interaction_id="1", components=[]) == "That form is not open."


async def test_a_member_does_only_what_they_may(ann: Person, ben: Person) -> None:
    await ben.wish("message", channel_id=ben.channel("darkroom"), content="ben's")
    message = await ann.message()
    place = {"channel_id": message["channel_id"], "message_id": message["id"]}
    assert "permission" in await ann.refusal("delete", **place)
    assert "permission" in await ann.refusal("clear_reactions", **place)
    assert await ann.refusal("react", **place, emoji="not an emoji") == "That is not an emoji."
    assert (
        await ann.refusal("message", channel_id=message["channel_id"], content=" ")
        == "There is nothing to send."
    )
    assert await ann.refusal("message", channel_id="1", content="x") == "You cannot see that channel."
    assert await ann.refusal("message", channel_id=ben.direct, content="x") == "You cannot see that channel."
    assert await ann.refusal("dance") == "There is no op dance."
    await ben.wish("delete", **place)
    assert await ann.until("message_delete") == {"id": message["id"], "channel_id": message["channel_id"]}


async def test_a_reopened_page_finds_everything_it_may_see(rest: Rest, page: OpenPage) -> None:
    ann = await page("ann")
    await rest.sent({"content": "for all"})
    await ann.wish("message", channel_id=ann.direct, content="for the bot")
    await ann.message(lambda data: data["content"] == "for the bot")
    again, mod = await page("ann"), await page("mod")
    assert [item["content"] for item in again.hello["messages"]] == ["for all", "for the bot"]
    assert [item["content"] for item in mod.hello["messages"]] == ["for all"]
    assert [(item["name"], item["moderator"]) for item in mod.hello["members"]] == [
        ("Ann", False),
        ("Ben", False),
        ("Mod", True),
    ]
    assert mod.hello["bot"] == {"id": str(rest.standin.world.bot.id), "name": "Darkroom", "online": False}


async def test_a_command_fails_after_three_seconds_when_no_bot_is_there(
    rest: Rest, ann: Person, http: ClientSession
) -> None:
    path = f"/applications/{rest.standin.world.application.id}/commands"
    await rest.ask("POST", path, {"name": "say", "description": "Says."})
    await ann.until("commands")
    nonce = await ann.use("say")
    await ann.state(nonce, "sent")
    await ask(http, rest.standin, "clock", {"skip": 3.1})
    assert (await ann.state(nonce, "failed"))["error"] == "The application did not respond"


async def test_an_upload_over_the_members_limit_is_refused(
    http: ClientSession, standin: DiscordStandIn
) -> None:
    standin.set_faults(member_upload_limit=10)
    address = f"{standin.origin}/page/uploads?member=ann"
    async with http.post(address, data={"file": BytesIO(b"x" * 11)}) as reply:
        assert reply.status == 413
    async with http.post(address, data={"file": BytesIO(b"x" * 10)}) as reply:
        assert [item["size"] for item in await reply.json()] == [10]
    nobody = f"{standin.origin}/page/uploads?member=nobody"
    async with http.post(nobody, data={"file": BytesIO(b"x")}) as reply:
        assert reply.status == 404


async def test_a_new_member_comes_with_roles_rights_and_prohibitions(
    page: OpenPage, http: ClientSession, standin: DiscordStandIn
) -> None:
    body = {
        "name": "Cara",
        "roles": ["Moderators"],
        "permissions": ["KICK_MEMBERS"],
        "denied": ["SEND_MESSAGES"],
    }
    member = await ask(http, standin, "members", body)
    assert len(member["roles"]) == 2
    cara = await page("cara")
    assert cara.id == member["user"]["id"]
    assert "permission" in await cara.refusal("message", channel_id=cara.channel("darkroom"), content="x")
    for bad in ({"name": ""}, {"name": "x", "roles": ["Kings"]}, {"name": "x", "permissions": ["FLY"]}):
        async with http.post(f"{standin.origin}/page/members", json=bad) as reply:
            assert reply.status == 400


async def test_the_log_holds_every_request_with_its_body_and_files(
    rest: Rest, http: ClientSession, standin: DiscordStandIn
) -> None:
    await rest.sent({"content": "x"}, files={"a.txt": b"hello"})
    await rest.ask("GET", f"{rest.messages}?limit=5")
    first, second = await ask(http, standin, "log")
    assert (first["method"], first["status"], first["body"]) == ("POST", 200, {"content": "x"})
    assert first["path"] == rest.messages
    assert first["route"] == "/channels/{channel_id}/messages"
    assert [(item["name"], item["size"]) for item in first["files"]] == [("a.txt", 5)]
    assert (second["query"], second["n"]) == ({"limit": "5"}, 2)
    assert await ask(http, standin, "log?after=1") == [second]


async def test_the_state_holds_what_is_there_and_what_was_deleted(
    rest: Rest, http: ClientSession, standin: DiscordStandIn
) -> None:
    kept = await rest.sent({"content": "kept"}, files={"a.txt": b"hello"})
    gone = await rest.sent({"content": "gone"})
    place = {"channel_id": gone["channel_id"], "message_id": gone["id"]}
    assert await ask(http, standin, "delete-message", place) == {"deleted": gone["id"]}
    state = await ask(http, standin, "state")
    assert [message["id"] for message in state["messages"]] == [kept["id"]]
    assert state["messages"][0]["files"][0]["sha256"].startswith("2cf24dba5fb0a30e")
    assert state["deleted"] == [{"id": gone["id"], "channel_id": gone["channel_id"]}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"skip": -1}),
        ("gateway", {"do": "dance"}),
        ("delete-message", {"channel_id": "1", "message_id": "2"}),
        ("command-permissions", {}),
        ("overwrites", {"channel_id": "1"}),
        ("dispatch", {}),
    ],
)
async def test_a_wish_of_a_test_that_makes_no_sense_gets_a_sentence(
    http: ClientSession, standin: DiscordStandIn, path: str, body: Json
) -> None:
    async with http.post(f"{standin.origin}/page/{path}", json=body) as reply:
        assert reply.status == 400
        assert len((await reply.json())["message"]) > 10


async def test_the_pages_files_are_served_fresh_and_nothing_beside_them(
    tmp_path: Path, http: ClientSession
) -> None:
    folder = tmp_path / "web"
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text("<p>hello")
    (folder / "js" / "a.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    standin = DiscordStandIn(data_dir=tmp_path / "data", web_dir=folder)
    await standin.start()
    async with http.get(standin.page_url) as reply:
        assert (await reply.text(), reply.headers["Cache-Control"]) == ("<p>hello", "no-store")
    async with http.get(f"{standin.origin}/assets/js/a.js") as reply:
        assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    for path in ("%2e%2e/secret.txt", "..%2fsecret.txt", "absent.js", "js", "%00", "%ff", "a" * 300):
        async with http.get(f"{standin.origin}/assets/{path}") as reply:
            assert reply.status == 404
    await standin.close()


async def test_provider_requests_are_passed_on(tmp_path: Path, http: ClientSession) -> None:
    async def control(request: web.Request) -> web.Response:
        seen = {"path": request.path, "method": request.method, "body": await request.text()}
        return web.json_response({**seen, "query": dict(request.query)}, status=202)

    app = web.Application()
    app.router.add_route("*", "/control/{path:.*}", control)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/control"
    standin = DiscordStandIn(data_dir=tmp_path, provider_control_url=url)
    await standin.start()
    async with http.post(f"{standin.origin}/page/provider/switches?a=b", json={"x": 1}) as reply:
        assert reply.status == 202
        assert await reply.json() == {
            "path": "/control/switches",
            "method": "POST",
            "body": '{"x": 1}',
            "query": {"a": "b"},
        }
    await standin.close()
    await runner.cleanup()


async def test_without_a_provider_nothing_is_passed_on(http: ClientSession, standin: DiscordStandIn) -> None:
    async with http.get(f"{standin.origin}/page/provider/state") as reply:
        assert reply.status == 404
