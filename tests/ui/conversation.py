"""One interaction as far as the boundary uses it: answered once, then followed up."""

from types import SimpleNamespace
from typing import Any


class Conversation:
    """Collects what was said as (text, only for the member)."""

    def __init__(
        self, *, client: Any = None, error: Exception | None = None, data: dict[str, Any] | None = None
    ) -> None:
        self.data = {"name": "edit"} if data is None else data
        self.client = client or SimpleNamespace()
        self.said: list[tuple[str, bool]] = []
        self.files: list[Any] = []
        self.answers = 0
        self.response = SimpleNamespace(is_done=lambda: self.answers > 0, send_message=self._answer)
        self.followup = SimpleNamespace(send=self._say)
        self.command: Any = None
        self.user = SimpleNamespace(id=7)
        self.guild_id: int | None = 10
        self.channel_id = 20
        self.message = SimpleNamespace(flags=SimpleNamespace(ephemeral=True))
        self._error = error

    async def _answer(self, content: str, *, ephemeral: bool, file: Any = None) -> None:
        assert self.answers == 0, "answered twice"
        await self._say(content, ephemeral=ephemeral, file=file)
        self.answers += 1

    async def _say(self, content: str, *, ephemeral: bool, file: Any = None) -> None:
        if self._error is not None:
            raise self._error
        self.said.append((content, ephemeral))
        self.files += [] if file is None else [file]
