"""A world that most tests share, with members of their own; tests with kills or settings open their own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from playground.discord import page_hub
from tests.e2e import pictures
from tests.e2e.member import Member
from tests.e2e.world import World, open_world
from tests.engines import Databases

HERE = Path(__file__).parent

Join = Callable[..., Awaitable[Member]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder in one event loop, which the shared world lives in."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the bots' logs with a failure."""
    report = yield
    if report.failed:
        for number, world in enumerate(World.opened, 1):
            report.sections.append((f"the log of bot {number}", world.log()[-8000:]))
    return report


@pytest.fixture(scope="session", autouse=True)
def _databases(databases: Databases | None) -> Iterator[None]:
    World.databases = databases
    yield
    World.databases = None


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shared_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    with pytest.MonkeyPatch.context() as patch:
        # Hundreds of cards gather here: who joins late need not be shown all of them.
        patch.setattr(page_hub, "HELLO_MESSAGES", 30)
        async with open_world(tmp_path_factory.mktemp("world")) as world:
            yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(shared_world: World) -> AsyncGenerator[World]:
    """The shared world: all switches at rest, and nothing left to do from the test before."""
    yield shared_world
    await shared_world.rest()


@pytest_asyncio.fixture(loop_scope="session")
async def join(world: World) -> AsyncGenerator[Join]:
    """Let somebody new join the shared world and open their page."""
    async with AsyncExitStack() as stack:

        async def come(**rights: list[str]) -> Member:
            member_id = await world.join(**rights)
            return await stack.enter_async_context(Member.at(world.discord.origin, member_id))

        yield come


@pytest_asyncio.fixture(loop_scope="session")
async def ann(join: Join) -> Member:
    return await join()


@pytest_asyncio.fixture(loop_scope="session")
async def ben(join: Join) -> Member:
    return await join()


@pytest_asyncio.fixture(loop_scope="session")
async def mod(join: Join) -> Member:
    return await join(roles=["Moderators"])


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of a few kilobytes, for tests in which the picture does not matter."""
    return pictures.small_photo(tmp_path_factory.mktemp("pictures") / "small.jpg")
