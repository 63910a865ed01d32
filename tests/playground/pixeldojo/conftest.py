"""A real stand-in on loopback, a real server of source images, and a client that speaks to both."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from PIL import Image

from playground.pixeldojo import ProviderStandIn

SAMPLES = Path("playground/samples")
EDIT = "gpt-image-1-5-edit"
StandIns = Callable[..., Awaitable[ProviderStandIn]]


class Sources:
    """A server of source images: the samples, and whatever a test adds."""

    def __init__(self) -> None:
        self.origin = ""
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.stopped: asyncio.Event | None = None

    def url(self, name: str) -> str:
        return f"{self.origin}/{name}"

    def add(self, name: str, image: Image.Image, kind: str = "PNG") -> str:
        file = io.BytesIO()
        image.save(file, kind)
        self.files[name] = file.getvalue()
        return self.url(name)

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        if self.stopped is not None:
            await self.stopped.wait()
        if name in self.files:
            return web.Response(body=self.files[name])
        path = SAMPLES / name
        return web.Response(body=path.read_bytes()) if path.is_file() else web.Response(status=404)


@pytest.fixture
async def sources() -> AsyncIterator[Sources]:
    served = Sources()
    app = web.Application()
    app.router.add_get("/{name}", served.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@pytest.fixture
async def stand_ins() -> AsyncIterator[StandIns]:
    """Start stand-ins that answer at once and have no limits, unless a test says otherwise."""
    running: list[ProviderStandIn] = []

    async def start(**options: Any) -> ProviderStandIn:
        switches = {"requests_per_minute": None, "submits_per_minute": None, **options.pop("switches", {})}
        stand_in = ProviderStandIn(**{"latency": 0.0, "seed": 1, **options}, switches=switches)
        await stand_in.start()
        running.append(stand_in)
        return stand_in

    yield start
    for stand_in in running:
        await stand_in.close()


class Client:
    """A plain aiohttp client with the key of one stand-in."""

    def __init__(self, session: ClientSession, stand_in: ProviderStandIn) -> None:
        self.session = session
        self.stand_in = stand_in
        self.headers = {"Authorization": f"Bearer {stand_in.key}"}

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(f"{self.stand_in.api_url}{path}", headers=self.headers) as response:
            return response.status, await response.json()

    async def post(self, model: str, body: Any) -> tuple[int, Any, Any]:
        url = f"{self.stand_in.api_url}/models/{model}/run"
        async with self.session.post(url, json=body, headers=self.headers) as response:
            return response.status, await response.json(content_type=None), response.headers

    async def control(self, path: str, body: Any = None) -> Any:
        url = f"{self.stand_in.origin}/control/{path}"
        if body is None:
            async with self.session.get(url) as response:
                return await response.json()
        async with self.session.post(url, json=body) as response:
            return await response.json()

    async def submit(self, model: str = EDIT, **body: Any) -> str:
        status, reply, _ = await self.post(model, body)
        assert status == 202, reply
        return reply["jobId"]

    async def ended(self, job: str) -> Any:
        """Ask about a job until it has ended."""
        async with asyncio.timeout(50):
            while True:
                _, view = await self.get(f"/jobs/{job}")
                if view["status"] not in ("pending", "processing"):
                    return view
                await asyncio.sleep(0.005)

    async def fetch(self, url: str) -> bytes:
        async with self.session.get(url) as response:
            assert response.status == 200
            return await response.read()

    async def results(self, model: str = EDIT, **body: Any) -> list[bytes]:
        """Submit, wait and fetch."""
        view = await self.ended(await self.submit(model, **body))
        assert view["status"] == "completed", view
        return [await self.fetch(url) for url in view["output"]["images"]]

    async def picture(self, model: str = EDIT, **body: Any) -> Image.Image:
        return opened((await self.results(model, **body))[0])


Clients = Callable[[ProviderStandIn], Client]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    async with ClientSession() as session:
        yield lambda stand_in: Client(session, stand_in)


@pytest.fixture
async def client(stand_ins: StandIns, clients: Clients) -> Client:
    """Return a client of a stand-in with default switches (but no limits)."""
    return clients(await stand_ins())


@pytest.fixture
async def fast(stand_ins: StandIns, clients: Clients) -> Client:
    """Return a client of a stand-in that paints tiny results and fetches no sources."""
    return clients(await stand_ins(switches={"fast_results": True, "fetch_sources": False}))


@pytest.fixture
def cat() -> Image.Image:
    with Image.open(SAMPLES / "cat.jpg") as image:
        return image.convert("RGB")
