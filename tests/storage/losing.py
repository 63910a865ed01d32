"""A way to PostgreSQL on which answers to COMMIT are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.postgres import PostgresDatabase, open_postgres
from tests.crash.proxy import Proxy
from tests.engines import PostgresEngine


class Losing(Proxy):
    """A proxy that loses what is said around COMMIT: itself (``before``), or its answer (``after``).

    As often as it is told to, or with ``every`` once for each transaction.
    """

    before = after = lost = commits = 0
    every = ""
    _spared = _answers = 0

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = writer.get_extra_info("peername")[1] == self._target
        while data := await reader.read(65_536):
            await self._open.wait()
            if to_server and b"COMMIT" in data:
                self.commits += 1
                if self._loses("before"):
                    return
                self._answers = 1
            elif not to_server and self._answers:
                self._answers = 0
                if self._loses("after"):
                    # It was committed, and nobody is told.
                    return
            writer.write(data)
            await writer.drain()

    def _loses(self, way: str) -> bool:
        left = getattr(self, way)
        if self.every == way:
            # Of a transaction that is repeated only the first is lost.
            self._spared = not self._spared or way == "after"
            lose = bool(self._spared)
        else:
            lose = left > 0
            setattr(self, way, left - lose)
        self.lost += lose
        return lose


@asynccontextmanager
async def behind(engine: PostgresEngine) -> AsyncIterator[tuple[Losing, PostgresDatabase]]:
    port = int(engine.url.rpartition(":")[2].partition("/")[0])
    async with Losing.to(port) as proxy:
        opened = await open_postgres(engine.url.replace(f":{port}/", f":{proxy.port}/"), key=engine.key)
        try:
            yield proxy, opened
        finally:
            await opened.close()
