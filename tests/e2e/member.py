"""A member at the stand-in Discord's page: does what a person would do, over the page's own protocol."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.e2e.messages import components, fields_of, text_of
from tests.e2e.waiting import LONG

Message = dict[str, Any]
Event = dict[str, Any]
Test = Callable[[Message], bool]

SUBCOMMAND, LABEL = 1, 18


FILLING_IN = 0.15
"""Seconds that a member takes at least to fill in a form."""


class Failed(AssertionError):
    """The page said that something is not possible, or that the application did not respond."""


class Member:
    """One person's open page: ``messages`` is what they see now, ``events`` all that came."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, member_id: str) -> None:
        self._session = session
        self._origin = origin
        self.id = member_id
        self.messages: dict[str, Message] = {}
        self.deleted: list[str] = []
        self.events: list[Event] = []
        self.commands: list[dict[str, Any]] = []
        self.channels: dict[str, str] = {}
        self._nonces = itertools.count(1)
        self._changed = asyncio.Condition()
        self._broken: Exception | None = None
        self._socket: aiohttp.ClientWebSocketResponse

    @classmethod
    @asynccontextmanager
    async def at(cls, origin: str, member_id: str) -> AsyncGenerator[Self]:
        async with aiohttp.ClientSession() as session:
            member = cls(session, origin, member_id)
            url = f"{origin}/page/socket?member={member_id}"
            member._socket = await session.ws_connect(url, max_msg_size=0)
            reader = asyncio.create_task(member._read())
            await member.until(lambda: bool(member.commands), what="the commands")
            try:
                yield member
            finally:
                reader.cancel()
                await member._socket.close()

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                event = json.loads(frame.data)
                async with self._changed:
                    self._take(event["t"], event["d"])
                    self.events.append(event)
                    self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - whoever waits raises it
            self._broken = error
            async with self._changed:
                self._changed.notify_all()

    def _take(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "hello":
            self.commands = data["commands"]
            for channel in data["channels"]:
                self.channels["direct" if channel["type"] == 1 else channel["name"]] = channel["id"]
            self.messages = {message["id"]: message for message in data["messages"]}
        elif kind == "commands":
            self.commands = data["commands"]
        elif kind in {"message_create", "message_update"}:
            self.messages[data["id"]] = data
        elif kind == "message_delete":
            self.messages.pop(data["id"], None)
            self.deleted.append(data["id"])
        elif kind == "reactions" and data["message_id"] in self.messages:
            self.messages[data["message_id"]]["reactions"] = data["reactions"]

    # What they see

    async def until(self, test: Callable[[], bool], *, seconds: float = LONG, what: str = "it") -> None:
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self._broken is not None or test())
            except TimeoutError:
                seen = [text_of(message) for message in list(self.messages.values())[-6:]]
                raise Failed(f"waited {seconds} s for {what}; sees last {seen}") from None
        if self._broken is not None:
            raise self._broken

    async def message(self, test: Test, *, seconds: float = LONG, what: str = "a message") -> Message:
        """Wait for any message that passes, and return the newest such."""
        await self.until(lambda: any(map(test, self.messages.values())), seconds=seconds, what=what)
        return next(each for each in reversed(self.messages.values()) if test(each))

    async def sees(self, message: Message | str, *texts: str, seconds: float = LONG) -> Message:
        """Wait until one message (or its id) holds all texts, and return it as it is then."""
        message_id = message if isinstance(message, str) else message["id"]

        def there() -> bool:
            now = self.messages.get(message_id)
            return now is not None and all(text in text_of(now) for text in texts)

        await self.until(there, seconds=seconds, what=f"{texts} on {message_id}")
        return self.messages[message_id]

    async def gone(self, message: Message | str) -> None:
        """Wait until a message is no longer there."""
        message_id = message if isinstance(message, str) else message["id"]
        await self.until(lambda: message_id in self.deleted, what=f"the end of {message_id}")

    async def whisper(self, *texts: str) -> Message:
        """Wait for a message that only they see."""
        return await self.message(
            lambda each: bool(each.get("only_you")) and all(text in text_of(each) for text in texts),
            what=f"a whisper {texts}",
        )

    async def reply_to(self, message: Message, *texts: str) -> Message:
        """Wait for a message that replies to another."""
        return await self.message(
            lambda each: (
                (each.get("message_reference") or {}).get("message_id") == message["id"]
                and all(text in text_of(each) for text in texts)
            ),
            what=f"a reply {texts}",
        )

    @property
    def whispers(self) -> list[str]:
        return [text_of(each) for each in self.messages.values() if each.get("only_you")]

    def states(self, message: Message) -> list[str]:
        """Return all texts that a message has had, in order."""
        return [
            text_of(event["d"])
            for event in self.events
            if event["t"] in {"message_create", "message_update"} and event["d"]["id"] == message["id"]
        ]

    # What they do

    async def upload(self, *paths: Path) -> list[str]:
        form = aiohttp.FormData()
        for path in paths:
            form.add_field("file", path.read_bytes(), filename=path.name)
        async with self._session.post(f"{self._origin}/page/uploads?member={self.id}", data=form) as reply:
            assert reply.status == 200, await reply.text()
            return [each["id"] for each in await reply.json()]

    async def command(
        self,
        name: str,
        /,
        *subcommands: str,
        channel: str = "darkroom",
        target: str | None = None,
        claims: dict[str, Any] | None = None,
        **options: Any,
    ) -> Event:
        """Use a command; attachments are given as paths, an option ``channel`` as ``channel_``.

        With ``claims``: as the page cannot (see PROTOCOL.md).
        """
        if "channel_" in options:
            options["channel"] = options.pop("channel_")
        found = next(each for each in self.commands if each["name"] == name)
        given = await self._options(found, subcommands, options)
        for subcommand in reversed(subcommands):
            given = [{"name": subcommand, "type": SUBCOMMAND, "options": given}]
        return await self.send(
            "command",
            channel_id=self.channels[channel],
            command_id=found["id"],
            options=given,
            target_id=target,
            **_forged(claims),
        )

    async def ask(self, name: str, /, *subcommands: str, **options: Any) -> Message:
        """Use a command and return its first answer."""
        return await self.answer(await self.command(name, *subcommands, **options))

    async def answer(self, sent: Event) -> Message:
        """Return the message that answers an interaction."""
        wanted = sent["d"]["id"]
        return await self.message(
            lambda each: (each.get("interaction_metadata") or {}).get("id") == wanted,
            what=f"the answer to {wanted}",
        )

    async def edit(self, prompt: str, *images: Path, **options: Any) -> Message:
        """Use /edit with some images and return the card."""
        names = ["image", *(f"image{number}" for number in range(2, 9))]
        return await self.ask("edit", prompt=prompt, **dict(zip(names, images, strict=False)), **options)

    async def _options(
        self, command: dict[str, Any], subcommands: Sequence[str], options: dict[str, Any]
    ) -> list[dict[str, Any]]:
        declared = command.get("options", [])
        for subcommand in subcommands:
            declared = next(each for each in declared if each["name"] == subcommand).get("options", [])
        types = {each["name"]: each["type"] for each in declared}
        given: list[dict[str, Any]] = []
        for name, value in options.items():
            chosen = (await self.upload(value))[0] if isinstance(value, Path) else value
            given.append({"name": name, "type": types[name], "value": chosen})
        return given

    async def suggestions(self, name: str, option: str, typed: str, **given: str) -> list[str]:
        """Do what ``suggested`` does and return the values."""
        return list(await self.suggested(name, option, typed, **given))

    async def suggested(self, name: str, option: str, typed: str, **given: str) -> dict[str, str]:
        """Type into an option, with others given before it, and return what is suggested: labels by value."""
        found = next(each for each in self.commands if each["name"] == name)
        others = [{"name": each, "type": 3, "value": value} for each, value in given.items()]
        focused = {"name": option, "type": 3, "value": typed, "focused": True}
        nonce = await self._send(
            "autocomplete",
            channel_id=self.channels["darkroom"],
            command_id=found["id"],
            options=[*others, focused],
        )

        def told() -> list[Event]:
            return [each for each in self.events if each["t"] == "choices" and each["d"]["nonce"] == nonce]

        await self.until(lambda: bool(told()), what="suggestions")
        return {choice["value"]: choice["name"] for choice in told()[0]["d"]["choices"]}

    async def offered(self, name: str, option: str, values: list[str]) -> None:
        """Ask until exactly these values are suggested."""
        async with asyncio.timeout(LONG):
            while True:
                if await self.suggestions(name, option, "") == values:
                    return
                await asyncio.sleep(0.05)

    async def press(self, message: Message, label: str, *, claims: dict[str, Any] | None = None) -> Event:
        """Press the button whose label begins so."""
        button = button_of(self.messages[message["id"]], label)
        return await self.send(
            "component",
            channel_id=message["channel_id"],
            message_id=message["id"],
            custom_id=button["custom_id"],
            **_forged(claims),
        )

    async def choose(self, message: Message, name: str, *values: str) -> Message:
        """Choose in a menu of a message, named by the end of its id, and return the message as it is then."""
        menu = next(
            each for each in components(message) if str(each.get("custom_id", "")).endswith(f":{name}")
        )
        before = self.messages[message["id"]]
        await self.send(
            "component",
            channel_id=message["channel_id"],
            message_id=message["id"],
            custom_id=menu["custom_id"],
            values=list(values),
        )
        await self.until(lambda: self.messages[message["id"]] != before, what=f"another {name}")
        return self.messages[message["id"]]

    async def delete_for_good(self, message: Message) -> Message:
        """Press Delete, say yes to the question, and return the answer to that."""
        asked = await self.answer(await self.press(message, "Delete"))
        assert asked["only_you"]
        await self.press(asked, "Delete")
        return await self.sees(asked, "Deleted")

    async def forge(self, message: Message, custom_id: str) -> Event:
        """Press a button that is not there, as a forged client can."""
        return await self.send(
            "component",
            channel_id=message["channel_id"],
            message_id=message["id"],
            custom_id=custom_id,
            unchecked=True,
        )

    async def submit(self, opened: Event, *, claims: dict[str, Any] | None = None, **values: Any) -> Event:
        """Fill in an open modal: values by the label's first word; a tuple is several, lists of paths are uploaded."""
        filled: list[dict[str, Any]] = []
        for label, field in fields_of(opened["d"]):
            value = values.pop(label.split()[0].lower(), None)
            if isinstance(value, list):
                part = {"values": await self.upload(*value)}
            elif field["type"] == 4:
                part = {"value": field.get("value", "") if value is None else value}
            else:
                chosen = [each["value"] for each in field.get("options", []) if each.get("default")]
                part = {
                    "values": chosen if value is None else [*value] if isinstance(value, tuple) else [value]
                }
            filled.append(
                {"type": LABEL, "component": {"type": field["type"], "custom_id": field["custom_id"], **part}}
            )
        assert not values, f"no such fields: {values}"
        # Nobody fills in a form as fast as this: discord.py knows it only once Discord's reply has come back.
        await asyncio.sleep(FILLING_IN)
        return await self.send(
            "modal", interaction_id=opened["d"]["interaction_id"], components=filled, **_forged(claims)
        )

    async def react(self, message: Message, emoji: str = "🔁") -> None:
        await self._send("react", channel_id=message["channel_id"], message_id=message["id"], emoji=emoji)

    async def unreact(self, message: Message, emoji: str = "🔁") -> None:
        await self._send("unreact", channel_id=message["channel_id"], message_id=message["id"], emoji=emoji)

    async def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        await self._send(
            "clear_reactions", channel_id=message["channel_id"], message_id=message["id"], emoji=emoji
        )

    async def post(self, content: str, *paths: Path, channel: str = "darkroom") -> Message:
        """Send an ordinary message."""
        uploads = await self.upload(*paths) if paths else []
        await self._send(
            "message", channel_id=self.channels[channel], content=content, uploads=uploads, reply_to=None
        )
        return await self.message(lambda each: each.get("content") == content, what=content)

    async def delete(self, message: Message) -> None:
        await self._send("delete", channel_id=message["channel_id"], message_id=message["id"])

    async def send(self, op: str, **fields: Any) -> Event:
        """Send a wish that makes an interaction and wait for its answer or modal.

        Raises
        ------
        Failed
            The page refused it, or the bot did not answer.
        """
        nonce = await self._send(op, **fields)

        def ended() -> list[Event]:
            return [
                each
                for each in self.events
                if each["d"].get("nonce") == nonce
                and (each["t"] in {"error", "modal"} or each["d"].get("state") in {"answered", "failed"})
            ]

        await self.until(lambda: bool(ended()), what=f"an answer to {op}")
        last = next((each for each in ended() if each["t"] == "modal"), ended()[-1])
        if last["t"] == "error" or last["d"].get("state") == "failed":
            raise Failed(f"{op} {fields}: {last['d']}")
        return last

    async def _send(self, op: str, **fields: Any) -> str:
        nonce = f"{self.id}-{next(self._nonces)}"
        await self._socket.send_json({"op": op, "nonce": nonce, **fields})
        return nonce


def _forged(claims: dict[str, Any] | None) -> dict[str, Any]:
    return {} if claims is None else {"claims": claims, "unchecked": True}


def button_of(message: Message, label: str) -> dict[str, Any]:
    """Return a message's button by the beginning of its label."""
    return next(each for each in components(message) if str(each.get("label", "")).startswith(label))
